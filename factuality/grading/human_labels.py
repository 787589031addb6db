"""Human labels: answers that people have judged, from a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from calibration.files.digest import digest
from calibration.files.field_names import Fields
from calibration.files.rows import csv_rows
from calibration.models.tokenizing.thoughts import answer_in
from calibration.predictions.grades import Grade

from ..answers.responses import RESPONSES, Responses
from ..questions.question import Question
from ..words import split_words
from .verdict_words import read_grade, speaks_of_verdict

SCHEMA = pl.Schema(
    {
        "question": pl.String(),
        "sample": pl.Int32(),
        "category": pl.String(),
        "text": pl.String(),
        "model": pl.String(),
        "response": pl.String(),
        "label": pl.Boolean(),
    }
)
_COLUMNS = (
    "category", "question", "model", "model_answer", "human_truthful", "best_answer", "correct_answers",
    "incorrect_answers",
)  # fmt: skip
_FIELDS = Fields(_COLUMNS, required=_COLUMNS)
_LABELS: dict[Grade, bool] = {"correct": True, "incorrect": False}
# Base models that were shown examples of this form repeat it in front of what they say.
_PREFIX = re.compile(r"^[\s_]*A:\s*")


@dataclass(frozen=True, eq=False)
class HumanLabels:
    """Answers that people have judged, with the references of their questions.

    Attributes
    ----------
    frame : polars.DataFrame
        One row an answer: ``question`` (its id, a hash of the question's text: the same in every file), ``sample``
        (which of the answers to the question, from 0), ``category``, ``text`` (the question), ``model``,
        ``response``, ``label`` (true: truthful; null: unclear, also to people).
    questions : tuple of Question
        Each question once, in the order of the file.

    Raises
    ------
    ValueError
        For an empty table, a repeated answer, or a question without references, by its id.

    Examples
    --------
    >>> question = Question("sun", "science", "What colour is the Sun?", ("white",), ("yellow",))
    >>> rows = {"question": ["sun"], "sample": [0], "category": ["science"], "text": [question.question]}
    >>> answers = {"model": ["m"], "response": ["White."], "label": [True]}
    >>> labels = HumanLabels(pl.DataFrame(rows | answers), (question,))
    >>> labels.n_answers, labels.n_unclear, labels.responses().frame["response"].to_list()
    (1, 0, ['White.'])
    """

    frame: pl.DataFrame
    questions: tuple[Question, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "frame", self.frame.select(list(SCHEMA)).cast(SCHEMA))
        self.responses()

    @property
    def n_answers(self) -> int:
        """Number of answers, with those whose label is unclear."""
        return self.frame.height

    @property
    def n_unclear(self) -> int:
        """Number of answers that were unclear to people."""
        return self.frame["label"].null_count()

    def decided(self) -> HumanLabels:
        """The answers whose label is clear, with the questions that they answer.

        Raises
        ------
        ValueError
            If there is none.
        """
        frame = self.frame.filter(pl.col("label").is_not_null())
        if frame.is_empty():
            raise ValueError(f"there must be at least one clear label, all {self.n_answers} are unclear")
        kept = set(frame["question"])
        return HumanLabels(frame, tuple(question for question in self.questions if question.id in kept))

    def responses(self) -> Responses:
        """The answers as those of a run, in the order of the table."""
        frame = self.frame.with_columns(
            pl.lit("").alias("revision"),
            pl.lit("").alias("prompt"),
            *(pl.lit(None).alias(name) for name in ("logprob", "n_tokens", "token_logprobs", "finish", "thoughts")),
        )
        return Responses(frame.select(list(RESPONSES.schema)), self.questions)


def load_human_labels(path: str | Path) -> HumanLabels:
    r"""Load answers that people have judged.

    Parameters
    ----------
    path : str or Path
        A CSV file with the columns ``category``, ``question``, ``model``, ``model_answer``, ``human_truthful``
        (``true``, ``false`` or ``unclear``, or words of the same meaning), ``best_answer``, ``correct_answers`` and
        ``incorrect_answers`` (each separated by ``;``); others are ignored. There may be several answers to one
        question; if their references differ, the question has those of all of them.

    Returns
    -------
    HumanLabels
        In the order of the file. Thoughts and an ``A:`` in front of an answer are taken off.

    Raises
    ------
    ValueError
        For missing columns and wrong fields, naming file and line.
    FileNotFoundError
        If there is no such file.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "labels.csv"
    >>> _ = path.write_text(
    ...     "category,question,model,model_answer,human_truthful,best_answer,correct_answers,incorrect_answers\n"
    ...     "science,What colour is the Sun?,m,A: It is white.,true,White,White; All of them,Yellow; Orange\n"
    ... )
    >>> labels = load_human_labels(path)
    >>> labels.frame["response"].to_list(), labels.frame["label"].to_list(), labels.questions[0].incorrect
    (['It is white.'], [True], ('Yellow', 'Orange'))
    """
    path = Path(path)
    rows: list[dict[str, Any]] = []
    questions: dict[str, Question] = {}
    samples: dict[str, int] = {}
    for line in csv_rows(path, _FIELDS):
        row = line.values
        try:
            question, label = _question(row), _label(row)
        except ValueError as error:
            raise ValueError(f"{path}, {line.where}: {error}") from None
        name = question.id
        questions[name] = _joined(questions[name], question) if name in questions else question
        samples[name] = samples.get(name, -1) + 1
        written = row["model_answer"]
        answer = _PREFIX.sub("", answer_in(written) or written).strip()
        values = (name, samples[name], question.category, question.question, row["model"], answer, label)
        rows.append(dict(zip(SCHEMA, values, strict=True)))
    if not rows:
        raise ValueError(f"{path}: the file holds no answers")
    return HumanLabels(pl.DataFrame(rows, schema=SCHEMA), tuple(questions.values()))


def _question(row: Mapping[str, Any]) -> Question:
    text = row["question"].strip()
    incorrect = _references(row["incorrect_answers"])
    return Question(
        id=digest(text),
        category=row["category"].strip(),
        question=text,
        correct=_unique([row["best_answer"].strip()], _references(row["correct_answers"])),
        incorrect=incorrect,
        adversarial=bool(incorrect),
    )


def _references(field: str) -> tuple[str, ...]:
    return _unique([part.strip() for part in field.split(";") if split_words(part)])


def _unique(*parts: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for part in parts for text in part))


def _joined(first: Question, second: Question) -> Question:
    incorrect = _unique(first.incorrect, second.incorrect)
    return Question(
        first.id, first.category, first.question, _unique(first.correct, second.correct), incorrect,
        adversarial=bool(incorrect),
    )  # fmt: skip


def _label(row: Mapping[str, Any]) -> bool | None:
    text = row["human_truthful"]
    reading = read_grade(text)
    unclear = reading.grade == "ungraded" and text.strip() and not reading.problem and speaks_of_verdict(text)
    if reading.grade not in _LABELS and not unclear:
        raise ValueError(f"human_truthful must be true, false or unclear, got {text!r}")
    return _LABELS.get(reading.grade)
