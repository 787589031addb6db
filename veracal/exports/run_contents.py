"""What a run folder holds, for exports: rows, texts and what its manifest says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from calibration import Pairs, Predictions, Verdicts
from calibration.logs.answer_likelihoods import AnswerLikelihoods
from calibration.runs.folder import Run
from calibration.runs.run_kinds import PAIRS, PREDICTIONS, VERDICTS
from factuality import Judgments, read_judgments, read_responses
from factuality.answers.responses import RESPONSES
from factuality.grading.grading import own_verdicts
from factuality.logs.answer_likelihoods import likelihoods_of
from factuality.multiple_choice.likelihoods import MULTIPLE_CHOICE, read_questions
from factuality.questions.question import question_table

Content = Predictions | Pairs | Verdicts | Judgments | AnswerLikelihoods

KINDS: tuple[str, ...] = tuple(kind.name for kind in (PREDICTIONS, PAIRS, VERDICTS, RESPONSES, MULTIPLE_CHOICE))
"""Names of all kinds of runs."""

SCORED_KINDS = tuple(name for name in KINDS if name != MULTIPLE_CHOICE.name)
"""Kinds of runs whose answers are right or wrong, each once."""


@dataclass(frozen=True, kw_only=True)
class RunContent:
    """A run, read.

    Attributes
    ----------
    path : Path
        Its folder.
    content : Predictions, Pairs, Verdicts, Judgments or AnswerLikelihoods
        Its rows; predictions in every order of the options.
    measured : Predictions, Pairs, Verdicts, Judgments or AnswerLikelihoods
        What its numbers are of: the mean over the orders.
    model : str
        Name of the model.
    texts : polars.DataFrame or None
        Items, or questions, with their texts.
    manifest : dict
        What ``run.json`` says.
    """

    path: Path
    content: Content
    measured: Content
    texts: pl.DataFrame | None
    manifest: dict[str, Any]
    model: str

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of the run."""
        return dict(self.manifest.get("settings", {}))

    @property
    def kind(self) -> str:
        """What kind of run it is."""
        return str(self.manifest["kind"])

    @property
    def n_rows(self) -> int:
        """Number of rows: items in each order of their options, or answers."""
        return self.content.frame.height

    @cached_property
    def texts_by_item(self) -> dict[str, dict[str, Any]]:
        """Texts by the id of the item or question."""
        if self.texts is None:
            return {}
        key = "question" if isinstance(self.content, Judgments) else "item"
        return {str(row[key]): row for row in self.texts.iter_rows(named=True)}


def read_content(path: Path, *, grader: str | None = None) -> RunContent:
    """Read a run folder of any kind that can be exported.

    Parameters
    ----------
    path : Path
        The folder.
    grader : str, optional
        Of free answers: whose judgments; if omitted, those that the run was imported with, or the only ones.

    Raises
    ------
    FileNotFoundError
        If there is no run, or no judgments of its answers.
    ValueError
        For a run of another kind, one that cannot be read, a grader of items, and several graders of which none is
        named.
    """
    manifest = Run(path).manifest
    kind = manifest["kind"]
    if kind == RESPONSES.name:
        judgments = read_judgments(path, grader=own_verdicts(path) if grader is None else grader)
        texts = question_table(read_responses(path).questions)
        return RunContent(
            path=path, content=judgments, measured=judgments, texts=texts, manifest=manifest, model=judgments.model
        )  # fmt: skip
    if grader is not None:
        raise ValueError(f"{path}: a grader is of free answers; this run holds {kind}")
    if kind == PREDICTIONS.name:
        run = Run(path)
        predictions = run.predictions()
        return RunContent(
            path=path, content=predictions, measured=run.averaged(), texts=run.items(), manifest=manifest,
            model=predictions.model,
        )  # fmt: skip
    if kind == MULTIPLE_CHOICE.name:
        frame, asked = Run(path, MULTIPLE_CHOICE).ordered(), question_table(read_questions(path))
        likelihoods = likelihoods_of(frame, asked)
        return RunContent(
            path=path, content=likelihoods, measured=likelihoods, texts=asked, manifest=manifest,
            model=str(frame["model"][0]),
        )  # fmt: skip
    if kind not in (PAIRS.name, VERDICTS.name):
        raise ValueError(f"{path}: runs of {kind} cannot be exported")
    folder = Run(path, PAIRS if kind == PAIRS.name else VERDICTS)
    rows: Pairs | Verdicts = Pairs(folder.ordered()) if kind == PAIRS.name else Verdicts(folder.ordered())
    return RunContent(
        path=path, content=rows, measured=rows, texts=folder.items(), manifest=manifest, model=rows.model
    )  # fmt: skip
