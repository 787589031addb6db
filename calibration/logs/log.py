"""What a log of another tool holds: answers of one model to one task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from ..predictions.further_columns import joined
from ..predictions.pairs import Pairs
from ..predictions.predictions import Predictions
from ..predictions.verdicts import Verdicts
from ..runs.item_texts import TEXT_COLUMNS
from .answer_likelihoods import AnswerLikelihoods
from .graded_answers import BareAnswers, GradedAnswers

Content = Predictions | Pairs | Verdicts | GradedAnswers | BareAnswers | AnswerLikelihoods

# What each kind of content is called.
CONTENTS: dict[type, str] = {
    Predictions: "items",
    Pairs: "confidences",
    Verdicts: "verdicts",
    GradedAnswers: "graded answers",
    BareAnswers: "answers without verdicts",
    AnswerLikelihoods: "questions with likelihoods of answers",
}

# The same of a log that holds one.
SINGLE_CONTENTS: dict[type, str] = {
    Predictions: "item",
    Pairs: "confidence",
    Verdicts: "verdict",
    GradedAnswers: "graded answer",
    BareAnswers: "answer without a verdict",
    AnswerLikelihoods: "question with likelihoods of answers",
}


@dataclass(frozen=True, kw_only=True)
class Log:
    """Answers of one model to one task, as another tool recorded them.

    Attributes
    ----------
    format : str
        Name of the format that it was read as.
    task : str
        Name of the task; empty if the log names none.
    model : str
        Name of the model; the file's if the log names none.
    date : str
        When the run began or ended, as the log writes it; empty if it does not.
    content : Predictions, Pairs, Verdicts, GradedAnswers, BareAnswers or AnswerLikelihoods
        Options with log-likelihoods; a confidence with right or wrong; right or wrong alone; free answers with
        verdicts, or without; likelihoods of true and false answers (TruthfulQA).
    items : polars.DataFrame or None
        Texts and further columns of what was asked: ``item``, where they are known ``question`` and ``options``, and
        columns that can group; these become further columns of the content.
    settings : mapping
        Choices that decide the numbers, by name: ``normalize``, ``filter``, ``scorer``, ``epoch``, …
    origin : mapping
        What is kept of where it comes from: harness and its version, shots, template, counts. No names of people,
        hosts, keys or paths.
    remarks : tuple of str
        What a reader must know: records that were left out, the accuracy that the log itself states and why it differs.
    files : tuple of Path
        Files that its numbers come from, whose digest tells it from others; all of the format's files if left empty.
    """

    format: str
    task: str
    model: str
    content: Content
    date: str = ""
    items: pl.DataFrame | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    origin: Mapping[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        content = self.content
        if isinstance(content, Predictions | Pairs | Verdicts):
            frame = joined(content.frame, self.items, key="item", besides=TEXT_COLUMNS)
            if frame is not content.frame:
                object.__setattr__(self, "content", type(content)(frame))
