"""Tables of several builds: `python -m examples.tiny_pair.table FOLDER...` prints them as Markdown.

Each folder is what `build.py --out` wrote. Intervals are 95 % ones of `veracal summarize`, `compare` and `grade`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

import calibration
import factuality
from factuality.questions.question import category_label

from . import measurements
from .measurements import Stage


def letters_table(builds: Sequence[tuple[str, Sequence[Stage]]]) -> Iterator[str]:
    """Accuracy, calibration and letters of every stage."""
    yield "| world | stage | accuracy | ECE, choices | floor | ECE, top | floor | temperature | letter mass | A/B/C/D |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for world, stages in builds:
        for stage in stages:
            summary = calibration.summarize(stage.letters)
            numbers = [
                str(summary["accuracy"]),
                str(summary["ece_choices"]), f"{summary.point('ece_choices_null95'):.3f}",
                str(summary["ece_top"]), f"{summary.point('ece_top_null95'):.3f}",
                str(summary["temperature"]), f"{summary.point('letter_mass'):.3f}",
                " / ".join(f"{share:.2f}" for share in measurements.positions(stage)),
            ]  # fmt: skip
            yield f"| {world} | {stage.name} | " + " | ".join(numbers) + " |"


def changes_table(builds: Sequence[tuple[str, Sequence[Stage]]]) -> Iterator[str]:
    """What reinforcement changed against the pretrained model."""
    yield "| world | accuracy | ECE, choices | p | ECE, top | misconceptions | truth | abstentions |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for world, stages in builds:
        change = calibration.compare(stages[0].letters, stages[-1].letters).change
        open_ = factuality.rate_change(stages[0].answers, stages[-1].answers).frame
        moved = {
            row["measure"]: row for row in open_.filter(pl.col("category") == "all adversarial").iter_rows(named=True)
        }
        numbers = [
            _signed(change["accuracy"].value, change["accuracy"].low, change["accuracy"].high),
            _signed(change["ece_choices"].value, change["ece_choices"].low, change["ece_choices"].high),
            f"{change['ece_choices'].p_value:.4f}",
            _signed(change["ece_top"].value, change["ece_top"].low, change["ece_top"].high),
            *(
                _signed(row["change"], row["low"], row["high"])
                for row in (moved[name] for name in ("tempted", "correct", "abstained"))
            ),
        ]  # fmt: skip
        yield f"| {world} | " + " | ".join(numbers) + " |"


def answers_table(builds: Sequence[tuple[str, Sequence[Stage]]]) -> Iterator[str]:
    """Misconceptions, truth and abstentions by category, adversarial questions first, then control ones."""
    yield "| world | category | n | stage | misconceptions | truth | abstentions |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for world, stages in builds:
        tables = [
            pl.concat([rates.totals, rates.frame]) for rates in (factuality.rates(stage.answers) for stage in stages)
        ]
        for index in range(tables[0].height):
            for stage, table in zip(stages, tables, strict=True):
                row = table.row(index, named=True)
                kind = (
                    ""
                    if row["category"].startswith("all ")
                    else (", adversarial" if row["adversarial"] else ", control")
                )
                numbers = [_share(row, name) for name in ("tempted", "correct", "abstained")]
                yield (
                    f"| {world} | {category_label(row['category'])}{kind} | {row['n']} | {stage.name} | "
                    + " | ".join(numbers)
                    + " |"
                )


def _share(row: dict[str, float], name: str) -> str:
    return f"{row[name]:.3f} [{row[name + '_low']:.3f}, {row[name + '_high']:.3f}]"


def _signed(value: float, low: float, high: float) -> str:
    return f"{value:+.3f} [{low:+.3f}, {high:+.3f}]"


def main() -> None:
    """Print the tables of the folders that are named."""
    builds = [(Path(folder).name, measurements.read(Path(folder) / "runs")) for folder in sys.argv[1:]]
    for table in (letters_table, changes_table, answers_table):
        print("\n".join(table(builds)), end="\n\n")


if __name__ == "__main__":
    main()
