"""The terminal: progress and messages on stderr, results on stdout."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from typing import Any

import polars as pl
from rich.console import Console, HighlighterType, JustifyMethod, OverflowMethod
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.style import Style
from rich.table import Table
from rich.text import Text

from calibration.control_characters import escaped, escaped_line
from calibration.models.protocol import PromptView
from calibration.result_tables.result_table import ResultTable, result_columns

from .json_output import json_text
from .notebook_bar import in_notebook
from .output_document import OutputDocument
from .progress_log import ProgressLog, rate_text, times_text


class Terminal(Console):
    """A console that shows texts on one line, control characters written out.

    Texts come from models, servers and other people's files: what they say must not move the cursor, colour the
    screen, look like a message of this program, or be taken for markup.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        # In a notebook rich would show lines of HTML.
        super().__init__(stderr=stderr, markup=False, emoji=False, highlight=False, force_jupyter=False)

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
    """A line of another library's log."""

    def getMessage(self) -> str:  # noqa: N802 (the name that `logging` calls)
        """The line with its control characters written out."""
        return escaped(super().getMessage())


ERR = Terminal(stderr=True)
OUT = Terminal()


@dataclass
class Shown:
    """What is shown beside results, warnings and errors.

    Attributes
    ----------
    notes : bool
        Lines for the reader.
    progress : bool
        Progress bars, and lines of progress in a log.
    foreign : bool
        Bars of transformers, and what the hub says.
    document : OutputDocument or None
        What takes results in place of the terminal.
    """

    notes: bool = True
    progress: bool = True
    foreign: bool = False
    document: OutputDocument | None = None


SHOWN = Shown()


def has_bars() -> bool:
    """Whether bars are drawn: on a terminal, unless they are not wanted."""
    # A notebook's kernel says that it is one.
    return SHOWN.progress and ERR.is_terminal and not ERR.is_dumb_terminal and not in_notebook()


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(rate_text(task.completed - task.fields["first"], task.elapsed or 0.0))


class _Times(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(times_text(task.elapsed or 0.0, task.time_remaining))


@contextmanager
def progress(label: str, *, rate: bool = True) -> Iterator[Callable[[int, int], None]]:
    """A progress bar with the time gone and left.

    It is for the `progress` argument of long work. In a notebook it is one line of plain text, without a terminal a
    line a minute and one at the end.

    Parameters
    ----------
    label : str
        What is done.
    rate : bool
        Whether items a second are told too.

    Examples
    --------
    >>> with progress("Extracting") as show:
    ...     show(1, 2)
    """
    if not SHOWN.progress:
        yield lambda _done, _total: None
        return
    if not has_bars():
        log = ProgressLog(label, say, rate=rate)
        try:
            yield log.show
        finally:
            log.write()
        return
    description = TextColumn("{task.description}", markup=False)
    speed = [_Rate()] if rate else []
    columns = (description, BarColumn(bar_width=20), MofNCompleteColumn(), *speed, _Times())
    with Progress(*columns, console=ERR) as bar:
        task = bar.add_task(escaped_line(label), total=None, first=0)

        def show(done: int, total: int) -> None:
            if bar.tasks[task].total is None:
                # What an earlier run left is no speed of this one.
                bar.reset(task, total=total, completed=done, first=done)
            else:
                bar.update(task, completed=done, total=total)

        yield show


@contextmanager
def late_progress(label: str, *, seconds: float = 2.0) -> Iterator[Callable[[int, int], None]]:
    """A progress bar of work that lasts longer than some seconds, on a terminal.

    It moves to and fro until it is told how far the work is, and is gone at its end.
    """
    if not has_bars():
        yield lambda _done, _total: None
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=ERR, transient=True)
    task = bar.add_task(escaped_line(label), total=None)
    timer = threading.Timer(seconds, bar.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda done, total: bar.update(task, completed=done, total=total)
    finally:
        timer.cancel()
        if timer.is_alive():
            timer.join()
        bar.stop()


@contextmanager
def waiting(label: str) -> Iterator[None]:
    """A sign of life during work whose length is not known."""
    if not SHOWN.progress:
        yield
        return
    with ERR.status(Text(escaped_line(label))):
        yield


def say(message: str) -> None:
    """A line for the reader, on stderr; none if notes are not wanted."""
    if SHOWN.notes:
        alert(message)


def alert(message: str) -> None:
    """A line that is always shown, on stderr: an error or a warning."""
    ERR.print(message, soft_wrap=True)


def show_prompt(view: PromptView) -> None:
    """The end of the first prompt and notes on it, dim, on stderr."""
    if not SHOWN.notes:
        return
    if view.end:
        ERR.print(Text(f"The first prompt ends with {view.end}", style="dim"), soft_wrap=True)
    for note in view.notes:
        ERR.print(Text(f"Note: {note}.", style="dim"), soft_wrap=True)


def print_line(text: str = "") -> None:
    """A line of results, on stdout."""
    if SHOWN.document:
        SHOWN.document.add_line(text)
    else:
        OUT.print(text, soft_wrap=True)


def print_json(schema: str, data: Mapping[str, Any]) -> None:
    """Results for machines, of a schema: on stdout, nothing else beside them."""
    _write(json_text(schema, data))


def print_document() -> None:
    """Results in the format of choice: on stdout, nothing else beside them."""
    if SHOWN.document and SHOWN.document.parts:
        _write(SHOWN.document.text)


def print_whole(text: str) -> None:
    """A text that is results as it stands: on stdout, nothing else beside it."""
    _write(text)


def _write(text: str) -> None:
    if isinstance(sys.stdout, TextIOWrapper) and not sys.stdout.isatty():  # a file or pipe, for another program
        sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.write(text + "\n")


def print_table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    texts: bool = False,
    wrap: bool = False,
    caption: str = "",
    frame: pl.DataFrame | None = None,
) -> None:
    """A table under its title, on stdout.

    Parameters
    ----------
    title : str
        A line above it; none if empty.
    columns : sequence of str
        Headings; the first column holds names, the others numbers.
    rows : iterable of sequence of str
        Cells.
    texts : bool
        Whether all columns hold texts.
    wrap : bool
        Whether cells of numbers may wrap in a narrow terminal; names and texts always may.
    caption : str
        That of a paper; if empty, the title.
    frame : polars.DataFrame, optional
        Its numbers at full precision.
    """
    shown = ResultTable(
        columns=result_columns(columns, texts=texts), rows=tuple(map(tuple, rows)),
        heading=(title,) if title else (), caption=caption or title,
    )  # fmt: skip
    show_table(shown, wrap=wrap, frame=frame)


def show_table(shown: ResultTable, *, wrap: bool = False, frame: pl.DataFrame | None = None) -> None:
    """A table of results on stdout, between its lines.

    `wrap` and `frame` as in `print_table`.
    """
    if SHOWN.document:
        SHOWN.document.add_table(shown, frame)
        return
    for line in shown.heading:
        print_line(line)
    table = Table(box=None, pad_edge=False)
    for column in shown.columns:
        justify: JustifyMethod = "right" if column.holds_numbers else "left"
        table.add_column(column.heading, justify=justify, no_wrap=column.holds_numbers and not wrap)
    for row in shown.rows:
        table.add_row(*row)
    OUT.print(table)
    for note in shown.notes:
        print_line(note)
