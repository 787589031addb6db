"""The terminal: progress and messages on stderr, results on stdout."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

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
    TimeRemainingColumn,
)
from rich.style import Style
from rich.table import Table
from rich.text import Text

from calibration.control_characters import escaped, escaped_json, escaped_line
from calibration.models.protocol import PromptView


class Terminal(Console):
    """A console that shows texts on one line, control characters written out.

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
    """A line of another library's log."""

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
    """A progress bar with the time left, and items a second if `rate`.

    It is for the `progress` argument of long work.
    """
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
def late_progress(label: str, *, seconds: float = 2.0) -> Iterator[Callable[[int, int], None]]:
    """A progress bar of work that lasts longer than some seconds, on a terminal.

    It moves to and fro until it is told how far the work is, and is gone at its end.
    """
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=ERR, transient=True)
    task = bar.add_task(escaped_line(label), total=None)
    timer = threading.Timer(seconds, bar.start)
    timer.daemon = True
    if ERR.is_terminal:
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
    with ERR.status(Text(escaped_line(label))):
        yield


def say(message: str) -> None:
    """A line for the reader, on stderr."""
    ERR.print(message, soft_wrap=True)


def show_prompt(view: PromptView) -> None:
    """The end of the first prompt and notes on it, dim, on stderr."""
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


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, texts: bool = False, wrap: bool = False
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
    """
    if title:
        print_line(title)
    table = Table(box=None, pad_edge=False)
    for index, name in enumerate(columns):
        holds_numbers = index > 0 and not texts
        table.add_column(name, justify="right" if holds_numbers else "left", no_wrap=holds_numbers and not wrap)
    for row in rows:
        table.add_row(*row)
    OUT.print(table)
