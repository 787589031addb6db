"""What a terminal shows: progress, tables and one-line messages, all on stderr but results."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from calibration import Comparison, Estimate, Summary
from factuality import Rates

ERR = Console(stderr=True, highlight=False)
OUT = Console(highlight=False)

LABELS = {
    "n_items": "items",
    "accuracy": "accuracy",
    "accuracy_ties_split": "accuracy, ties ½",
    "mean_confidence": "mean confidence",
    "signed_gap": "signed gap",
    "ece_top": "ECE, top",
    "ece_top_null95": "  noise floor",
    "ece_choices": "ECE, choices",
    "ece_choices_null95": "  noise floor",
    "brier": "Brier score",
    "nll": "log loss",
    "auroc": "AUROC",
    "temperature": "best temperature",
    "letter_mass": "letter mass",
    "tie_rate": "tie rate",
}


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f} items/s" if task.speed else "")


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar with items a second and the time left, for the `progress` argument of long work."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=ERR) as bar:
        task = bar.add_task(label, total=None)

        def show(done: int, total: int) -> None:
            if bar.tasks[task].total is None:
                # What an earlier run left is no speed of this one.
                bar.reset(task, total=total, completed=done)
            else:
                bar.update(task, completed=done, total=total)

        yield show


@contextmanager
def waiting(label: str) -> Iterator[None]:
    """A sign of life during work whose length is not known."""
    with ERR.status(label):
        yield


def say(message: str) -> None:
    """A line for the reader, on stderr."""
    ERR.print(message, markup=False, soft_wrap=True)


def print_json(data: Any) -> None:
    """Results for machines: on stdout, nothing else beside them."""
    sys.stdout.write(json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def print_summary(title: str, summary: Summary) -> None:
    """Measures of one run as a table on stdout."""
    table = Table(title=Text(title), title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    table.add_column("value", justify="right")
    table.add_column("95 % interval", justify="right")
    for key in summary:
        value = summary[key]
        if isinstance(value, Estimate):
            table.add_row(LABELS[key], f"{value.value:.4f}", f"[{value.low:.4f}, {value.high:.4f}]")
        else:
            table.add_row(LABELS[key], str(value) if isinstance(value, int) else f"{value:.4f}", "")
    OUT.print(table)
    for note in summary.notes:
        OUT.print(f"Note: {note}.", markup=False, soft_wrap=True)


def print_comparison(names: tuple[str, str], comparison: Comparison) -> None:
    """Measures of two runs and their change as a table on stdout."""
    OUT.print(f"Before: {names[0]}\nAfter:  {names[1]}\n", markup=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for column in ("before", "after", "change", "these subjects", "new subjects"):
        table.add_column(column, justify="right", no_wrap=True)
    for key in comparison.before:
        if key not in comparison.after:
            continue
        row = [LABELS[key], *(_number(side, key) for side in (comparison.before, comparison.after))]
        if key in comparison.change:
            value = comparison.change[key]
            row += [f"{value.value:+.3f}", f"[{value.low:+.3f}, {value.high:+.3f}]"]
            if value.clustered is not None:
                row.append(f"[{value.clustered.low:+.3f}, {value.clustered.high:+.3f}]")
        table.add_row(*(Text(cell) for cell in row))
    OUT.print(table)
    for name, side in zip(names, (comparison.before, comparison.after), strict=True):
        for note in side.notes:
            OUT.print(f"Note on {name}: {note}.", markup=False, soft_wrap=True)


def print_rates(title: str, rates: Rates) -> None:
    """Shares of answers by category in per cent, with their intervals, as a table on stdout."""
    measures = ("correct", "abstained", "incorrect", "tempted", "ungraded")
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for name in ("n", *measures):
        table.add_column(name, justify="right")
    totals = [rates.overall(adversarial=bool(flag)) for flag in rates.totals["adversarial"]]
    for row in (*rates.frame().iter_rows(named=True), *totals):
        name = row["category"] + (", calm" if not row["adversarial"] and row not in totals else "")
        # Without a space inside, an interval that finds no room goes to the next line whole.
        cells = [
            f"{100 * row[key]:.0f} [{100 * row[f'{key}_low']:.0f}–{100 * row[f'{key}_high']:.0f}]" for key in measures
        ]
        table.add_row(*(Text(cell) for cell in (name, str(row["n"]), *cells)))
    OUT.print(title, markup=False, soft_wrap=True)
    OUT.print(table)


def print_rows(title: str, columns: list[str], rows: list[list[str]]) -> None:
    """A plain table on stdout."""
    table = Table(title=Text(title), title_justify="left", box=None, pad_edge=False)
    for name in columns:
        table.add_column(name)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    OUT.print(table)


def _number(summary: Summary, key: str) -> str:
    value = summary[key]
    return str(value) if isinstance(value, int) else f"{summary.point(key):.3f}"
