"""A million rows: import, summary and comparison, against a user of pandas.

    python -m benchmarks.million [--items 1000000]

First letters of four options, then confidences with right and wrong (`Pairs`), also by group. Each step runs in a
process of its own, imports included. The user of pandas reads the same file and writes it as Parquet; and computes
accuracy, ECE, Brier score and log loss from that, without any interval. What counts is the ratio: machines differ and
are shared.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

LETTERS = "ABCD"
_VERACAL = [sys.executable, "-m", "veracal"]
_READ = """
import sys, pandas
pandas.read_csv(sys.argv[1]).to_parquet(sys.argv[2])
"""
_READ_LINES = """
import sys, pandas
pandas.read_json(sys.argv[1], lines=True).to_parquet(sys.argv[2])
"""
_MEASURE_PAIRS = """
import sys, numpy, pandas
def numbers(frame):
    p, right = frame["confidence"].to_numpy(), frame["correct"].to_numpy()
    bins = pandas.Series(right - p).groupby(numpy.minimum((10 * p).astype(int), 9))
    loss = -numpy.log(numpy.where(right == 1, p, 1 - p)).mean()
    print(right.mean(), bins.sum().abs().sum() / len(p), ((p - right) ** 2).mean(), loss)
*paths, by = sys.argv[1:]
for path in paths:
    frame = pandas.read_parquet(path)
    for _, rows in frame.groupby(by) if by else [("", frame)]:
        numbers(rows)
"""
_MEASURE = """
import sys, numpy, pandas
for path in sys.argv[1:]:
    frame = pandas.read_parquet(path)
    p = numpy.exp(frame[[f"logprob_{letter}" for letter in "ABCD"]].to_numpy())
    p /= p.sum(axis=1, keepdims=True)
    answer = frame["answer"].map({letter: index for index, letter in enumerate("ABCD")}).to_numpy()
    top, right = p.max(axis=1), p.argmax(axis=1) == answer
    bins = pandas.Series(right - top).groupby(numpy.minimum((10 * top).astype(int), 9))
    truth = numpy.eye(4)[answer]
    hit = p[numpy.arange(len(p)), answer]
    print(right.mean(), bins.sum().abs().sum() / len(p), ((p - truth) ** 2).sum(axis=1).mean(), -numpy.log(hit).mean())
"""


def main() -> None:
    """Print seconds, peak memory and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=1_000_000)
    n_items = parser.parse_args().items
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for run, scale in (("before", 1.0), ("after", 2.0)):
            _write(folder / f"{run}.csv", n_items, scale)
            _write_pairs(folder / f"{run}_pairs.csv", n_items, scale)
        print(f"{n_items:,} items of four options: seconds of processor time, peak GB, and over pandas")
        runs, tables = _import([str(folder / run) for run in ("before", "after")])
        lines = str(folder / "before.jsonl")
        _run([*_VERACAL, "export", runs[0], "--format", "jsonl", "--out", lines])
        _print(
            "import jsonl",
            _run([*_VERACAL, "import", lines, "--out", f"{lines}_run"]),
            _run([sys.executable, "-c", _READ_LINES, lines, f"{lines}.parquet"]),
        )
        _print("summarize", _run([*_VERACAL, "summarize", runs[0]]), _run([sys.executable, "-c", _MEASURE, tables[0]]))
        _print("compare", _run([*_VERACAL, "compare", *runs]), _run([sys.executable, "-c", _MEASURE, *tables]))
        print(f"{n_items:,} confidences with right and wrong")
        runs, tables = _import([str(folder / f"{run}_pairs") for run in ("before", "after")])
        theirs = [sys.executable, "-c", _MEASURE_PAIRS]
        _print("summarize", _run([*_VERACAL, "summarize", runs[0]]), _run([*theirs, tables[0], ""]))
        by = ["--by", "language"]
        _print("  by group", _run([*_VERACAL, "summarize", runs[0], *by]), _run([*theirs, tables[0], "language"]))
        _print("compare", _run([*_VERACAL, "compare", *runs]), _run([*theirs, *tables, ""]))
        _print("  by group", _run([*_VERACAL, "compare", *runs, *by]), _run([*theirs, *tables, "language"]))


def _import(runs: list[str]) -> tuple[list[str], list[str]]:
    """Run folders of CSV files, and pandas' tables of them."""
    tables = [f"{run}.parquet" for run in runs]
    for run, table in zip(runs, tables, strict=True):
        ours = _run([*_VERACAL, "import", f"{run}.csv", "--out", run])
        theirs = _run([sys.executable, "-c", _READ, f"{run}.csv", table])
    _print("import", ours, theirs)  # the second run's cost is that of the first
    return runs, tables


def _print(name: str, ours: tuple[float, float], theirs: tuple[float, float]) -> None:
    print(
        f"  {name:<12} {ours[0]:6.1f} s {ours[1]:5.2f} GB   pandas {theirs[0]:5.1f} s {theirs[1]:5.2f} GB   "
        f"{ours[0] / theirs[0]:4.1f} times"
    )


def _run(command: Sequence[str]) -> tuple[float, float]:
    """Processor seconds and peak memory in GB of a command."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"failed: {' '.join(command)}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e9


def _write(path: Path, n_items: int, scale: float) -> None:
    """Letters of one model on the same items as a CSV, in 57 subjects."""
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(n_items, len(LETTERS)))
    answer = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)
    logits = scale * logits + 0.1 * (scale - 1) * rng.normal(size=logits.shape)
    logprobs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)) - 0.01
    number = np.arange(n_items)
    columns = {f"logprob_{letter}": logprobs[:, index] for index, letter in enumerate(LETTERS)}
    subject = pl.Series([f"subject_{row:02}" for row in range(57)]).gather(number % 57)
    letters = pl.Series(list(LETTERS)).gather(answer)
    pl.DataFrame({"subject": subject, "index": number // 57, **columns, "answer": letters}).write_csv(path)


def _write_pairs(path: Path, n_items: int, scale: float) -> None:
    """Confidences of one classifier on the same items as a CSV, in three languages."""
    rng = np.random.default_rng(0)
    logits = rng.normal(size=n_items)
    correct = rng.random(n_items) < 1 / (1 + np.exp(-logits))
    logits = scale * logits + 0.1 * (scale - 1) * rng.normal(size=n_items)
    language = pl.Series(["de", "en", "fr"]).gather(np.arange(n_items) % 3)
    item = pl.int_range(n_items, eager=True).cast(pl.String).str.pad_start(8, "0")
    columns = {"confidence": 1 / (1 + np.exp(-logits)), "correct": correct.astype(np.int64)}
    pl.DataFrame({"item": "q" + item, "language": language, **columns}).write_csv(path)


if __name__ == "__main__":
    started = time.perf_counter()
    main()
    print(f"{time.perf_counter() - started:.0f} s in all")
