"""What an export keeps of a run beside its rows: settings, origin and remarks."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..tables.stored_tables import RUN_NOTE
from .log import Log

# They are of the run's own files, or name hosts.
_LEFT = frozenset(
    {"model", "source", "format", "file", "n_items", "items", "questions", "prompts", "address", "server"}
)


@dataclass(frozen=True, kw_only=True)
class ExportedRun:
    """Settings of a run that was exported.

    Attributes
    ----------
    task, date : str
        Of its log; empty if it has none.
    settings : mapping
        What decides its numbers.
    origin : mapping
        What is kept of where it comes from.
    remarks : tuple of str
        What a reader must know.
    """

    task: str = ""
    date: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    origin: Mapping[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def over(self, log: Log) -> Log:
        """The log with what is kept here in place of what its files say."""
        return replace(
            log, task=self.task or log.task, date=self.date, settings={**log.settings, **self.settings},
            origin=self.origin, remarks=self.remarks,
        )  # fmt: skip


def exported_text(manifest: Mapping[str, Any], *, task: str | None = None, besides: Collection[str] = ()) -> str:
    """What an export keeps of a manifest, as JSON.

    Parameters
    ----------
    manifest : mapping
        Of the run.
    task : str, optional
        A name of the task in place of its own.
    besides : collection of str
        Settings that are not true of what is exported.

    Examples
    --------
    >>> exported_text({"settings": {"model": "m", "task": "arc", "shots": 5}, "remarks": ["20 of 30 items"]})
    '{"settings": {"task": "arc", "shots": 5}, "remarks": ["20 of 30 items"]}'
    """
    settings = {name: value for name, value in manifest.get("settings", {}).items() if name not in {*_LEFT, *besides}}
    if task is not None:
        settings["task"] = task
    kept = {"settings": settings, **{name: manifest.get(name) for name in ("origin", "remarks")}}
    return json.dumps({name: value for name, value in kept.items() if value}, ensure_ascii=False)


def exported_run(text: Any, where: str) -> ExportedRun | None:
    """What `exported_text` kept; None of a missing text.

    Raises
    ------
    ValueError
        If it is not as it was written.

    Examples
    --------
    >>> run = exported_run('{"settings": {"task": "arc", "shots": 5}}', "file")
    >>> run.task, run.settings
    ('arc', {'shots': 5})
    """
    if text is None or text == "":
        return None
    try:
        kept = json.loads(text)
        settings, origin, remarks = kept.get("settings", {}), kept.get("origin", {}), kept.get("remarks", [])
        task, date = settings.get("task", ""), settings.get("date", "")
        texts = [task, date, *remarks]
        fits = isinstance(remarks, list) and isinstance(origin, dict) and all(isinstance(part, str) for part in texts)
    except (ValueError, TypeError, AttributeError, RecursionError):
        fits = False
    if not fits:
        raise ValueError(f"{where}: {RUN_NOTE!r} must hold what veracal export writes, got {str(text)[:80]!r}")
    settings = {name: value for name, value in settings.items() if name not in {"task", "date", *_LEFT}}
    return ExportedRun(task=task, date=date, settings=settings, origin=origin, remarks=tuple(remarks))
