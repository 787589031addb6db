"""A million rows of four options: import, summary and comparison, against a user of pandas.

    python -m benchmarks.million [--items 1000000]

Each step runs in a process of its own, imports included. The user of pandas reads the same CSV and writes it as
Parquet; and computes accuracy, ECE, Brier score and log loss from that, without any interval. What counts is the
ratio: machines differ and are shared.
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
_READ = """
import sys, pandas
pandas.read_csv(sys.argv[1]).to_parquet(sys.argv[2])
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
        command = [sys.executable, "-m", "veracal"]
        runs = [str(folder / run) for run in ("before", "after")]
        tables = [f"{run}.parquet" for run in runs]
        for run, table in zip(runs, tables, strict=True):  # the second run's cost is that of the first
            ours = _run([*command, "import", f"{run}.csv", "--out", run])
            theirs = _run([sys.executable, "-c", _READ, f"{run}.csv", table])
        print(f"{n_items:,} items of four options: seconds of processor time, peak GB, and over pandas")
        _print("import", ours, theirs)
        _print("summarize", _run([*command, "summarize", runs[0]]), _run([sys.executable, "-c", _MEASURE, tables[0]]))
        _print("compare", _run([*command, "compare", *runs]), _run([sys.executable, "-c", _MEASURE, *tables]))


def _print(name: str, ours: tuple[float, float], theirs: tuple[float, float]) -> None:
    print(
        f"  {name:<10} {ours[0]:6.1f} s {ours[1]:5.2f} GB   pandas {theirs[0]:5.1f} s {theirs[1]:5.2f} GB   "
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


if __name__ == "__main__":
    started = time.perf_counter()
    main()
    print(f"{time.perf_counter() - started:.0f} s in all")
