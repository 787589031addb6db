"""What a terminal shows: progress, tables and one-line messages, all on stderr but results."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import polars as pl
from rich.console import Console, HighlighterType, JustifyMethod, OverflowMethod
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.style import Style
from rich.table import Table
from rich.text import Text

from calibration import Change, Comparison, Estimate, Summary
from calibration.analysis.label_noise import LabelNoise
from calibration.analysis.position_bias import PositionBias
from calibration.analysis.summary import blank_notes, new_subjects_notes
from calibration.control_characters import escaped, escaped_json, escaped_line
from calibration.models.protocol import PromptView
from calibration.recalibration.recalibration import Recalibration
from calibration.uncertainty.intervals import Interval
from calibration.uncertainty.measure_table import row_label
from factuality import Rates
from factuality.questions.question import category_label


class Terminal(Console):
    """A console that shows every text as it is written, on one line and with its control characters written out.

    Texts come from models, servers and other people's files: what they say must not move the cursor, colour the
    screen, look like a message of this program, or be taken for markup.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, emoji=False, highlight=False)

    def render_str(
        self,
        text: str,
        *,
        style: str | Style = "",
        justify: JustifyMethod | None = None,
        overflow: OverflowMethod | None = None,
        emoji: bool | None = None,
        markup: bool | None = None,
        highlight: bool | None = None,
        highlighter: HighlighterType | None = None,
    ) -> Text:
        """The text as rich lays it out, in tables and outside."""
        return super().render_str(
            escaped_line(text), style=style, justify=justify, overflow=overflow, emoji=emoji, markup=markup,
            highlight=highlight, highlighter=highlighter,
        )  # fmt: skip


class LogRecord(logging.LogRecord):
    """A line of another library's log, which reaches the screen by that library's own means."""

    def getMessage(self) -> str:  # noqa: N802 (the name that `logging` calls)
        """The line with its control characters written out."""
        return escaped(super().getMessage())


ERR = Terminal(stderr=True)
OUT = Terminal()


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f} items/s" if task.speed else "")


@contextmanager
def progress(label: str, *, rate: bool = True) -> Iterator[Callable[[int, int], None]]:
    """A progress bar with the time left, and items a second if `rate`, for the `progress` argument of long work."""
    description = TextColumn("{task.description}", markup=False)
    speed = [_Rate()] if rate else []
    with Progress(description, BarColumn(), MofNCompleteColumn(), *speed, TimeRemainingColumn(), console=ERR) as bar:
        task = bar.add_task(escaped_line(label), total=None)

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
    with ERR.status(Text(escaped_line(label))):
        yield


def say(message: str) -> None:
    """A line for the reader, on stderr."""
    ERR.print(message, soft_wrap=True)


def show_prompt(view: PromptView) -> None:
    """How the first prompt ends, in a dim line, and what must be known of it, on stderr."""
    if view.end:
        ERR.print(Text(f"The first prompt ends with {view.end}", style="dim"), soft_wrap=True)
    for note in view.notes:
        ERR.print(Text(f"Note: {note}.", style="dim"), soft_wrap=True)


def print_line(text: str = "") -> None:
    """A line of results, on stdout."""
    OUT.print(text, soft_wrap=True)


def print_json(data: Any) -> None:
    """Results for machines: on stdout, nothing else beside them."""
    sys.stdout.write(escaped_json(json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False)) + "\n")


def print_summary(title: str, summary: Summary) -> None:
    """Measures of one run as a table on stdout."""
    print_line(title)
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    table.add_column("value", justify="right")
    table.add_column("95 % interval", justify="right")
    for key in summary:
        value = summary[key]
        if isinstance(value, Estimate):
            interval = f"[{value.low:.4f}, {value.high:.4f}]" if value.known else ""
            table.add_row(row_label(key), f"{value.value:.4f}", interval)
        else:
            table.add_row(row_label(key), str(value) if isinstance(value, int) else f"{value:.4f}", "")
    OUT.print(table)
    for note in summary.notes:
        print_line(f"Note: {note}.")


def print_comparison(names: tuple[str, str], comparison: Comparison) -> None:
    """Measures of two runs and their change as a table on stdout."""
    _print_names(names)
    print_line()
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for column in ("before", "after", "change", "these subjects", "new subjects"):
        table.add_column(column, justify="right", no_wrap=True)
    for key in comparison.before:
        if key not in comparison.after:
            continue
        row = [row_label(key), *(_number(side, key) for side in (comparison.before, comparison.after))]
        if key in comparison.change:
            value = comparison.change[key]
            row.append(f"{value.value:+.3f}")
            row += [_signed_interval(value), _signed_interval(value.clustered)]
        table.add_row(*row)
    OUT.print(table)
    for name, side in zip(names, (comparison.before, comparison.after), strict=True):
        for note in side.notes:
            print_line(f"Note on {name}: {note}.")
    for note in comparison.notes:
        print_line(f"Note on the changes: {note}.")


def _signed_interval(interval: Change | Interval | None) -> str:
    """An interval of a change; nothing if it is left blank."""
    return "" if interval is None or not interval.known else f"[{interval.low:+.3f}, {interval.high:+.3f}]"


def print_recalibration(title: str, found: Recalibration) -> None:
    """Measures of a run before and after recalibration and their change as a table on stdout."""
    rows = []
    for row in found.frame.iter_rows(named=True):
        values = ["" if row[side] is None else f"{row[side]:.3f}" for side in ("before", "after")]
        change = "" if row["change"] is None else f"{row['change']:+.3f}"
        intervals = [
            "" if row[f"{name}_low"] is None else f"[{row[f'{name}_low']:+.3f}, {row[f'{name}_high']:+.3f}]"
            for name in ("change", "new_subjects")
        ]
        rows.append([row_label(row["measure"]), *values, change, *intervals])
        if row["before_null95"] is not None or row["after_null95"] is not None:
            floors = ["" if row[key] is None else f"{row[key]:.3f}" for key in ("before_null95", "after_null95")]
            rows.append(["  noise floor", *floors, "", "", ""])
    _print_numbers(title, ["before", "after", "change", "these subjects", "new subjects"], rows)
    these = blank_notes((key, change.reason) for key, change in found.change.items())
    for note in (*found.notes, *these, *new_subjects_notes(found.change)):
        print_line(f"Note: {note}.")


def print_position_bias(bias: PositionBias) -> None:
    """What the place of an option does to the answers, as a table and a line on stdout."""
    print_line()
    print_line("Position bias: each letter over all rotations; as expected where the place of an option means nothing.")
    table = Table(box=None, pad_edge=False)
    for name in ("", "expected", "mean probability", "predicted"):
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    for row in bias.frame.iter_rows(named=True):
        shares = [_share(row, key) for key in ("mean_probability", "predicted")]
        table.add_row(row["letter"], f"{row['expected']:.3f}", *shares)
    OUT.print(table)
    single = ", ".join(f"{value:.3f}" for value in bias.orders["accuracy"])
    print_line(
        f"The answer changes with the order for {bias.flip_rate} of the items. "
        f"Accuracy by rotation: {single}; of their mean: {bias.accuracy}."
    )


def print_label_noise(noise: LabelNoise) -> None:
    """Measures with and without faulty items and with corrected keys, what that changes, and the faults, on stdout."""
    sets = (noise.as_keyed, noise.without_faulty, noise.corrected)
    values = [[row_label(key), *(_number(one, key) if key in one else "" for one in sets)] for key in noise.as_keyed]
    _print_numbers("Annotated items", ["as keyed", "without faulty", "corrected keys"], values)
    effects = [
        [row_label(key), *(_effect(found.get(key)) for found in (noise.dropping, noise.correcting))]
        for key in noise.dropping
    ]
    title = "What dropping faulty items changes, and what correcting keys changes on the same items"
    _print_numbers(title, ["dropping", "correcting"], effects)
    types = [
        [
            row["error_type"],
            str(row["n_items"]),
            _share(row, "accuracy"),
            f"{row['mean_confidence']:.3f}",
            f"{row['accuracy_rekeyed']:.3f} of {row['n_rekeyed']}" if row["n_rekeyed"] else "",
        ]
        for row in noise.types.iter_rows(named=True)
    ]
    _print_numbers("By error type", ["items", "accuracy", "confidence", "corrected key"], types)
    for note in noise.notes:
        print_line(f"Note: {note}.")


def print_rates(title: str, rates: Rates) -> None:
    """Shares of answers by category in per cent, with their intervals, as a table on stdout."""
    measures = ("correct", "abstained", "incorrect", "tempted", "ungraded")
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for name in ("n", *measures):
        table.add_column(name, justify="right")
    totals = [rates.overall(adversarial=bool(flag)) for flag in rates.totals["adversarial"]]
    for row in (*rates.frame.iter_rows(named=True), *totals):
        name = category_label(row["category"]) + (", calm" if not row["adversarial"] and row not in totals else "")
        # Without a space inside, an interval that finds no room goes to the next line whole.
        cells = [
            f"{100 * row[key]:.0f} [{100 * row[f'{key}_low']:.0f}–{100 * row[f'{key}_high']:.0f}]" for key in measures
        ]
        table.add_row(name, str(row["n"]), *cells)
    print_line(title)
    OUT.print(table)
    for row in totals:
        if row["correct_attempted"] is not None:
            parts = [
                f"{label} {row[key]:.3f} [{row[f'{key}_low']:.3f}, {row[f'{key}_high']:.3f}]"
                for key, label in (("correct_attempted", "accuracy when attempted"), ("f", "F"))
            ]
            print_line(f"{row['category']}: {', '.join(parts)}.")


def print_changes(names: tuple[str, str], changes: pl.DataFrame, key: str) -> None:
    """Changes by category, a block for each measure or variant, as tables on stdout.

    Columns: ``category``, ``adversarial`` where there is such, ``n``, ``before``, ``after``, ``change``, ``low``,
    ``high``, ``p_value``, ``q_value``, and what `key` names.
    """
    _print_names(names)
    for (name,), part in changes.group_by(key, maintain_order=True):
        rows = []
        for row in part.iter_rows(named=True):
            if row["change"] is None:
                continue
            calm = row.get("adversarial") is False and not row["category"].startswith("all ")
            interval = "" if row["low"] is None else f"[{row['low']:+.3f}, {row['high']:+.3f}]"
            tests = [_p_value(row[test]) for test in ("p_value", "q_value")]
            values = [f"{row['before']:.3f}", f"{row['after']:.3f}", f"{row['change']:+.3f}", interval, *tests]
            rows.append([category_label(row["category"]) + ", calm" * calm, str(row["n"]), *values])
        columns = ["n", "before", "after", "change", "95 % interval", "p", "q"]
        _print_numbers(str(name).replace("_", " "), columns, rows)


def print_rows(title: str, columns: list[str], rows: list[list[str]]) -> None:
    """A plain table on stdout."""
    print_line(title)
    table = Table(box=None, pad_edge=False)
    for name in columns:
        table.add_column(name)
    for row in rows:
        table.add_row(*row)
    OUT.print(table)


def _print_names(names: tuple[str, str]) -> None:
    print_line(f"Before: {names[0]}")
    print_line(f"After:  {names[1]}")


def _print_numbers(title: str, columns: list[str], rows: list[list[str]]) -> None:
    print_line()
    print_line(title)
    table = Table(box=None, pad_edge=False)
    table.add_column("", no_wrap=True)
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    OUT.print(table)


def _effect(effect: Change | float | None) -> str:
    if effect is None:
        return ""
    return str(effect) if isinstance(effect, Change) else f"{effect:+.3f}"


def _p_value(value: float | None) -> str:
    if value is None:
        return ""
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def _share(row: dict[str, Any], key: str) -> str:
    interval = "" if row[f"{key}_low"] is None else f" [{row[f'{key}_low']:.3f}, {row[f'{key}_high']:.3f}]"
    return f"{row[key]:.3f}{interval}"


def _number(summary: Summary, key: str) -> str:
    value = summary[key]
    return str(value) if isinstance(value, int) else f"{summary.point(key):.3f}"
