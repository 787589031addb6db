"""What a run folder holds, for exports: rows, texts and what its manifest says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from calibration import Pairs, Predictions, Verdicts
from calibration.logs.answer_likelihoods import AnswerLikelihoods
from calibration.logs.graded_answers import BareAnswers
from calibration.runs.folder import Run
from calibration.runs.run_kinds import PAIRS, PREDICTIONS, VERDICTS
from factuality import Judgments
from factuality.answers.responses import RESPONSES
from factuality.logs.answer_likelihoods import likelihoods_of
from factuality.multiple_choice.likelihoods import MULTIPLE_CHOICE, read_questions
from factuality.questions.question import question_table

from .free_answers import free_answers

Content = Predictions | Pairs | Verdicts | Judgments | BareAnswers | AnswerLikelihoods

BARE, CLASSIFIED = "ungraded responses", "classified responses"
"""Names of runs of free answers without verdicts, and of those that a judge put into the classes of a rubric."""

KINDS: tuple[str, ...] = (
    *(kind.name for kind in (PREDICTIONS, PAIRS, VERDICTS, RESPONSES, MULTIPLE_CHOICE)), BARE, CLASSIFIED,
)  # fmt: skip
"""Names of all kinds of runs."""

SCORED_KINDS = tuple(kind.name for kind in (PREDICTIONS, PAIRS, VERDICTS, RESPONSES))
"""Kinds of runs whose answers are right or wrong, each once."""

LIKELIHOOD_KINDS = (MULTIPLE_CHOICE.name,)
"""Kinds of runs that are scored by a variant: mc1, mc2 or binary."""


@dataclass(frozen=True, kw_only=True)
class RunContent:
    """A run, read.

    Attributes
    ----------
    path : Path
        Its folder.
    content : Predictions, Pairs, Verdicts, Judgments, BareAnswers or AnswerLikelihoods
        Its rows; predictions in every order of the options.
    measured : Predictions, Pairs, Verdicts, Judgments, BareAnswers or AnswerLikelihoods
        What its numbers are of: the mean over the orders.
    model : str
        Name of the model.
    texts : polars.DataFrame or None
        Items, or questions, with their texts.
    manifest : dict
        What ``run.json`` says.
    answers : polars.DataFrame or None
        Of judgments: the answers as the run holds them, in the order of the judgments.
    left_out : tuple of str
        What the folder holds beside the content.
    """

    path: Path
    content: Content
    measured: Content
    texts: pl.DataFrame | None
    manifest: dict[str, Any]
    model: str
    answers: pl.DataFrame | None = None
    left_out: tuple[str, ...] = ()

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of the run."""
        return dict(self.manifest.get("settings", {}))

    @property
    def kind(self) -> str:
        """What kind of run it is, of `KINDS`."""
        if isinstance(self.content, BareAnswers):
            return CLASSIFIED if "class" in self.content.frame.columns else BARE
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
        key = "question" if isinstance(self.content, Judgments | BareAnswers) else "item"
        return {str(row[key]): row for row in self.texts.iter_rows(named=True)}


def read_content(path: Path, *, grader: str | None = None, rubric: str | None = None) -> RunContent:
    """Read a run folder of any kind that can be exported.

    Parameters
    ----------
    path : Path
        The folder.
    grader : str, optional
        Of free answers: whose judgments; if omitted, those that the run was imported with, or the only ones.
    rubric : str, optional
        Of free answers: title of the rubric whose classes are read instead.

    Raises
    ------
    FileNotFoundError
        If there is no run, or no such judgments or classes of its answers.
    ValueError
        For a run of another kind, one that cannot be read, a grader of items, and several graders of which none is
        named.
    """
    manifest = Run(path).manifest
    kind = manifest["kind"]
    if kind == RESPONSES.name:
        answers = free_answers(path, grader=grader, rubric=rubric)
        return RunContent(
            path=path, content=answers.content, measured=answers.content, texts=answers.texts, manifest=manifest,
            model=str(answers.content.frame["model"][0]) if isinstance(answers.content, Judgments) else answers.model,
            answers=answers.rows, left_out=answers.left_out,
        )  # fmt: skip
    for name, value in (("grader", grader), ("rubric", rubric)):
        if value is not None:
            raise ValueError(f"{path}: a {name} is of free answers; this run holds {kind}")
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
