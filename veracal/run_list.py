"""Run folders below a folder: whose, of what, how far, and their headlines."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

import calibration
import factuality
from calibration.number_texts import counted
from calibration.runs.folder import Run
from calibration.runs.manifests import RUN_FILE
from factuality.answers.responses import RESPONSES
from factuality.grading.grading import list_graders, own_verdicts
from factuality.multiple_choice.scores import VARIANTS

from .headlines import Headline, choice_headline, headline_text, judged_headline, scored_headline


@dataclass(frozen=True, kw_only=True)
class ListedRun:
    """A run folder in a list.

    Attributes
    ----------
    path : Path
        The folder.
    kind, model, task : str
        What it holds, of which model, on what and how it was asked.
    n_items, n_done : int
        Items, questions or answers that are asked (of a shard its own), and how many are done.
    state : {"complete", "unfinished", "unreadable"}
        How far it is.
    headline : dict
        Its numbers, see `veracal.headlines`.
    note : str
        Why there are no numbers.
    """

    path: Path
    kind: str = ""
    model: str = ""
    task: str = ""
    n_items: int = 0
    n_done: int = 0
    state: str = "unreadable"
    headline: Headline = field(default_factory=dict)
    note: str = ""

    @property
    def counts(self) -> str:
        """How many of how many."""
        if not self.kind:
            return ""
        return f"{self.n_done:,} of {self.n_items:,}" if self.state == "unfinished" else f"{self.n_items:,}"

    @property
    def shown(self) -> str:
        """Its numbers in a line, or why there are none."""
        return headline_text(self.headline, intervals=False) or self.note

    def to_dict(self) -> dict[str, Any]:
        """The run as JSON."""
        fields = {
            "run": str(self.path), "kind": self.kind, "model": self.model, "task": self.task, "n_items": self.n_items,
            "n_done": self.n_done, "state": self.state, "headline": self.headline, "note": self.note,
        }  # fmt: skip
        return fields if self.kind else {name: fields[name] for name in ("run", "state", "note")}


def list_runs(folder: str | Path) -> list[ListedRun]:
    """The runs in a folder and below it, in the order of their paths.

    Hidden folders are not looked into. A run that cannot be read is listed with the reason.

    Parameters
    ----------
    folder : str or Path
        Where to look; a run folder is listed alone.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    """
    root = Path(folder)
    if not root.is_dir():
        raise FileNotFoundError(f"no such folder: {root}")
    return [_listed(path) for path in _run_folders(root)]


def listed_frame(listed: Sequence[ListedRun]) -> pl.DataFrame:
    """One row a run, with its headline as a text."""
    rows = [{**run.to_dict(), "headline": headline_text(run.headline, intervals=False)} for run in listed]
    columns = {"run": pl.String, "kind": pl.String, "model": pl.String, "task": pl.String, "n_items": pl.Int64,
               "n_done": pl.Int64, "state": pl.String, "headline": pl.String, "note": pl.String}  # fmt: skip
    return pl.DataFrame(rows, schema=columns)


def _run_folders(root: Path) -> Iterator[Path]:
    for path, folders, names in os.walk(root):
        if RUN_FILE in names:
            folders.clear()
            yield Path(path)
        folders[:] = sorted(name for name in folders if not name.startswith("."))


def _listed(path: Path) -> ListedRun:
    try:
        manifest = Run(path).manifest
    except (ValueError, OSError) as error:
        return ListedRun(path=path, note=_reason(path, error))
    kind, settings, shard = manifest["kind"], manifest["settings"], manifest.get("shard", {})
    n_items, n_done = shard.get("n_items", manifest["n_items"]), manifest["n_done"]
    called = manifest.get("name") or settings["model"]
    listed = ListedRun(
        path=path, kind=kind, model=called, task=_task(settings, shard, None), n_items=n_items,
        n_done=n_done, state="complete" if n_done >= n_items else "unfinished",
    )  # fmt: skip
    if not n_done:
        return _changed(listed, note="no answers yet")
    try:
        # What is odd about a run is told by the command that shows it.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame, headline, note = _content(path, kind)
    except (ValueError, OSError) as error:
        return _changed(listed, state="unreadable", note=_reason(path, error))
    return _changed(listed, task=_task(settings, shard, frame), headline=headline, note=note)


def _changed(listed: ListedRun, **changes: Any) -> ListedRun:
    return ListedRun(**{**vars(listed), **changes})


def _content(path: Path, kind: str) -> tuple[pl.DataFrame | None, Headline, str]:
    """Table with the groups of a run, its headline, and why there is none."""
    if kind == RESPONSES.name:
        graders = list_graders(path)
        grader = own_verdicts(path) or (graders[0] if len(graders) == 1 else None)
        if grader is None:
            note = f"graded by {', '.join(graders)}" if graders else "not graded"
            return Run(path, RESPONSES).items(), {}, note
        judgments = factuality.read_judgments(path, grader=grader)
        return judgments.frame, judged_headline(judgments), ""
    if kind == "multiple-choice":
        scores: dict[str, factuality.MultipleChoice] = {
            name: factuality.read_multiple_choice(path, variant=name) for name in VARIANTS
        }
        return next(iter(scores.values())).frame, choice_headline(scores), ""
    run = calibration.read_scored_run(path)
    return run.frame, scored_headline(run), ""


def _task(settings: dict[str, Any], shard: dict[str, Any], frame: pl.DataFrame | None) -> str:
    """What was asked, and how."""
    asked = str(settings.get("task") or "") or _groups(frame) or str(settings.get("source") or "")
    style, primer, shots = (settings.get(name) for name in ("style", "primer", "shots"))
    how = [
        str(style) if style and style != "completion" else "",
        counted(shots, "shot") if isinstance(shots, int) and shots else "",
        str(primer) if primer and primer != "none" else "",
        "rotated" if settings.get("permutations") == "cyclic" else "",
        f"shard {shard['number']}/{shard['of']}" if shard else "",
    ]
    return ", ".join(text for text in (asked, *how) if text)


def _groups(frame: pl.DataFrame | None) -> str:
    """The only subject or category, or how many there are."""
    for name, plural in (("subject", "subjects"), ("category", "categories")):
        if frame is not None and name in frame.columns:
            groups = frame[name].unique()
            return f"{len(groups)} {plural}" if len(groups) > 1 else str(groups[0])
    return ""


def _reason(path: Path, error: Exception) -> str:
    """What an error says, without the folder that the row names."""
    return " ".join(str(error).removeprefix(f"{path}: ").replace(f"{path}{os.sep}", "").split())
