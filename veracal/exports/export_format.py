"""A format of exports: its name, and what writes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO

from .run_contents import RunContent


@dataclass(frozen=True, kw_only=True)
class ExportOptions:
    """What a format needs to know that is in no run.

    None is not given.

    Attributes
    ----------
    task : str, optional
        Name of the evaluation, in place of the run's.
    dataset : str, optional
        Id of the data set on the hub.
    dataset_task : str, optional
        Id of the task within that data set.
    organization : str, optional
        Who provides the results.
    source : str, optional
        Address of a page about them.
    variant : str, optional
        Which score of TruthfulQA's multiple choice it is: mc1, mc2 or binary.
    replace : bool
        Whether a file that exists is replaced.
    """

    task: str | None = None
    dataset: str | None = None
    dataset_task: str | None = None
    organization: str | None = None
    source: str | None = None
    variant: str | None = None
    replace: bool = False

    def refuse_idle(self, format: str, taken: tuple[str, ...]) -> None:
        """Raise for an option that the format has no use for.

        Raises
        ------
        ValueError
            Naming the option.
        """
        for option in fields(self):
            if getattr(self, option.name) not in (None, False) and option.name not in ("replace", *taken):
                raise ValueError(f"--{option.name.replace('_', '-')} says nothing in the format {format}")

    def refuse_existing(self, path: Path) -> None:
        """Raise for a folder, and for a file that must not be replaced.

        Raises
        ------
        FileExistsError
            Naming it.
        """
        if path.is_dir():
            raise FileExistsError(f"{path}: must be a file to write, got a folder")
        if not self.replace and (path.exists() or path.is_symlink()):
            raise FileExistsError(f"{path}: exists already; remove it, or say --replace (replace=True in Python)")


@dataclass(frozen=True, kw_only=True)
class ExportFormat:
    """A format of exports.

    Attributes
    ----------
    name : str
        What ``--format`` calls it.
    what : str
        Which files, in a line.
    write : callable
        Writes a run, to a file or a folder; gives the files written.
    kinds : tuple of str
        Kinds of runs that it can hold, by name.
    options : tuple of str
        Names of the `ExportOptions` that mean something to it.
    suffix : str
        Suffix of a file by which the format is known if none is named; empty if it is not.
    stream : callable, optional
        Writes a run into an open file; None if it becomes several files.
    holds_rows : bool
        Whether it holds each row, and not only scores.
    holds_dates, holds_infinite : bool
        Whether it keeps the types of dates and times, and numbers that are infinite or NaN, of further columns.
    """

    name: str
    what: str
    write: Callable[[RunContent, Path, ExportOptions], list[Path]]
    kinds: tuple[str, ...]
    options: tuple[str, ...] = ()
    suffix: str = ""
    stream: Callable[[RunContent, IO[bytes]], None] | None = None
    holds_rows: bool = True
    holds_dates: bool = False
    holds_infinite: bool = True
