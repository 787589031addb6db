"""A format of exports: its name, and what writes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

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
    """

    task: str | None = None
    dataset: str | None = None
    dataset_task: str | None = None
    organization: str | None = None
    source: str | None = None

    def refuse_idle(self, format: str, taken: tuple[str, ...]) -> None:
        """Raise for an option that the format has no use for.

        Raises
        ------
        ValueError
            Naming the option.
        """
        for option in fields(self):
            if getattr(self, option.name) is not None and option.name not in taken:
                raise ValueError(f"--{option.name.replace('_', '-')} says nothing in the format {format}")


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
    options : tuple of str
        Names of the `ExportOptions` that mean something to it.
    """

    name: str
    what: str
    write: Callable[[RunContent, Path, ExportOptions], list[Path]]
    options: tuple[str, ...] = ()
