"""What human labels buy: coverage and width of `corrected_rate`, with labels drawn at random and with chosen ones.

python docs/label_budget.py [FILE... --grader SPEC] [--times 2000] prints the tables. FILE is one whose answers people
have all judged (see `load_human_labels`), SPEC a grader, in which {other} stands for the next file, as in
combine:{other}. Without files only the simulated tables are printed.

A draw is 100 answers whose labels `corrected_rate` may see; the truth is the rate of the labels of the whole file.
Widths are means over draws, as ratios to that of the labels alone, drawn at random, in the same file.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from scipy.special import expit

from calibration.metrics.arrays import FloatArray
from factuality import grade
from factuality.grading.human_labels import load_human_labels
from factuality.people.grader_validation import validate_grader
from factuality.people.labelling import stratified_sample
from factuality.people.paired_verdicts import paired_verdicts
from factuality.people.prediction_powered import rate_from_labels

N_LABELS, N_ANSWERS = 100, 700
RATES = (0.01, 0.03, 0.22, 0.5, 0.97)
HEADER = (
    "| rate | labels alone | width | random | width | chosen | width | Rogan–Gladen | width |",
    "| --- |" + " --- |" * 8,
)


@dataclass(frozen=True)
class Found:
    """Coverage and mean width of an interval over draws."""

    coverage: float
    width: float


def simulate(score: FloatArray, label: FloatArray, times: int, *, choosing: bool, n_labels: int) -> dict[str, Found]:
    """Draws of labels from a file; `choosing`: by `choose_to_label` instead of at random."""
    truth, size = label.mean(), len(label)
    rows: dict[str, list[tuple[bool, float]]] = {}
    for seed in range(times):
        seen, weight = np.full(size, np.nan), np.ones(size)
        if choosing:
            drawn, _, weight_drawn = stratified_sample(score, n_labels, seed=seed)
            weight[drawn] = weight_drawn
        else:
            drawn = np.random.default_rng(seed).choice(size, n_labels, replace=False)
        seen[drawn] = label[drawn]
        for row in rate_from_labels(score, seen, weight=weight).frame.iter_rows(named=True):
            covers = row["low"] - 1e-12 <= truth <= row["high"] + 1e-12
            rows.setdefault(row["method"], []).append((covers, row["high"] - row["low"]))
    return {method: Found(*(float(mean) for mean in np.mean(values, axis=0))) for method, values in rows.items()}


def row_of(name: str, score: FloatArray, label: FloatArray, times: int) -> tuple[str, tuple[float, float]]:
    """A row of a table, and the widths of the intervals from random and from chosen labels."""
    random, chosen = (simulate(score, label, times, choosing=choosing, n_labels=N_LABELS) for choosing in (False, True))
    alone, powered, picked = random["labels alone"], random["prediction-powered"], chosen["prediction-powered"]
    inverted = random.get("Rogan–Gladen")
    cells = [f"{alone.coverage:.3f}", f"{alone.width:.3f}"]
    for one in (powered, picked):
        cells += [f"{one.coverage:.3f}", f"{one.width / alone.width:.3f}"]
    cells += ["", ""] if inverted is None else [f"{inverted.coverage:.3f}", f"{inverted.width / alone.width:.2f}"]
    return f"| {name} | " + " | ".join(cells) + " |", (powered.width / alone.width, picked.width / alone.width)


def of_files(files: Sequence[Path], grader: str, times: int) -> Iterator[str]:
    """Markdown: labelled files and a grader."""
    yield HEADER[0].replace("| rate |", f"| {grader} |")
    yield HEADER[1]
    widths = []
    for number, path in enumerate(files):
        people = load_human_labels(path).decided()
        other = files[(number + 1) % len(files)]
        judgments = grade(people.responses(), grader=grader.replace("{other}", str(other)))
        both = paired_verdicts(judgments, people, positive="truthful")
        score, label = (both[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in ("score", "label"))
        auroc = validate_grader(judgments, people).estimates["auroc"].value
        line, width = row_of(f"{path.stem}, AUROC {auroc:.3f}", score, label, times)
        widths.append(width)
        yield line
    random, chosen = np.mean(widths, axis=0)
    yield f"| mean width | | | | {random:.3f} | | {chosen:.3f} | | |"


def population(rate: float, rng: np.random.Generator, *, slope: float = 1.0) -> tuple[FloatArray, FloatArray]:
    """Answers with exactly this rate of right ones; `slope` says how much their log-odds differ."""
    odds = slope * rng.normal(size=N_ANSWERS)
    label = np.zeros(N_ANSWERS)
    label[np.argsort(-(odds + rng.gumbel(size=N_ANSWERS)))[: round(rate * N_ANSWERS)]] = 1
    return odds, label


def of_rates(kind: str, rates: Sequence[float], times: int) -> Iterator[str]:
    """Markdown: simulated answers at several rates, and one kind of grader."""
    yield from HEADER
    for rate in rates:
        rng = np.random.default_rng(0)
        odds, label = population(rate, rng, slope=1.2)
        # Calibrated for a file with a quarter of right answers, so at other rates its scores are far too high or low.
        score = {"good": expit(odds - 1.4), "useless": rng.random(N_ANSWERS), "reversed": expit(-odds - 1.4)}[kind]
        yield row_of(f"{rate}", score, label, times)[0]


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, help="files of judged answers")
    parser.add_argument("--grader", default="combined", help="a grader")
    parser.add_argument("--times", type=int, default=2000, help="draws of a cell")
    arguments = parser.parse_args()
    tables: dict[str, Iterator[str]] = {}
    if arguments.files:
        tables["Files of judged answers"] = of_files(arguments.files, arguments.grader, arguments.times)
    tables |= {
        f"Simulated answers, a {kind} grader": of_rates(kind, RATES, arguments.times)
        for kind in ("good", "useless", "reversed")
    }
    for title, lines in tables.items():
        print(f"\n**{title}**\n")
        for line in lines:
            print(line, flush=True)


if __name__ == "__main__":
    main()
