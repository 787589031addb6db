"""Questions with right answers and distractors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar

import polars as pl

from calibration.predictions.further_columns import further_columns

from ..words import split_words

TEXTS = pl.Schema(
    {
        "question": pl.String(),
        "category": pl.String(),
        "text": pl.String(),
        "correct": pl.List(pl.String()),
        "incorrect": pl.List(pl.String()),
        "source": pl.String(),
        "adversarial": pl.Boolean(),
        "best_incorrect": pl.String(),
    }
)


@dataclass(frozen=True, slots=True)
class Question:
    """An open question.

    Attributes
    ----------
    id : str
        Pairs the question between runs.
    category : str
        The group that it belongs to; empty if none.
    question : str
        The question, as it is asked.
    correct : tuple of str
        Right answers; the first is the ideal one, the others aliases and further right answers.
    incorrect : tuple of str
        Distractors: wrong answers that suggest themselves; at least one if the question is adversarial.
    source : str
        Where the ideal answer can be checked.
    adversarial : bool
        Whether the question invites a common misconception (TruthfulQA's "Type"). In a control question truth and
        popular belief agree.
    best_incorrect : str
        The wrong answer set against the ideal one if a question has two options (TruthfulQA's "Best Incorrect Answer");
        empty if the source names none.
    columns : mapping
        Further columns of the file: texts, numbers, truth values and dates, by which questions can be grouped.

    Raises
    ------
    ValueError
        If a field breaks these rules; the message names the question.

    Examples
    --------
    >>> question = Question("sun/0", "science", "What colour is the Sun?", ("white",), ("yellow",))
    >>> question.ideal
    'white'
    """

    id: str
    category: str
    question: str
    correct: tuple[str, ...]
    incorrect: tuple[str, ...]
    source: str = ""
    adversarial: bool = True
    best_incorrect: str = ""
    columns: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)

    answerable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("a question's id must not be empty")
        for text in (self.id, self.category, self.question, self.source, *self.correct, *self.incorrect):
            try:
                text.encode()
            except UnicodeEncodeError:
                raise ValueError(f"question {self.id!a}: a text must be valid Unicode, got {text[:40]!a}") from None
        if not self.question.strip():
            raise ValueError(f"question {self.id}: the question is empty")
        if self.answerable and not self.correct:
            raise ValueError(f"question {self.id}: there must be at least one correct answer, got none")
        if self.adversarial and not self.incorrect:
            raise ValueError(f"question {self.id}: an adversarial question must have at least one incorrect answer")
        for answer in (*self.correct, *self.incorrect):
            if not answer_words(answer):
                raise ValueError(f"question {self.id}: an answer must hold at least one word, got {answer!r}")
        if self.best_incorrect and self.best_incorrect not in self.incorrect:
            raise ValueError(
                f"question {self.id}: the best incorrect answer must be one of the incorrect ones, got "
                f"{self.best_incorrect!r}"
            )

    @property
    def ideal(self) -> str:
        """The answer that a careful person would give; empty if none is known."""
        return self.correct[0] if self.correct else ""


@dataclass(frozen=True, slots=True)
class BareQuestion(Question):
    """A question of which no right answer is known.

    Logs of other tools hold such: what their judge was told is not in them, or is no answer. Graders that compare
    answers with right ones leave it ungraded.
    """

    answerable: ClassVar[bool] = False


@lru_cache(maxsize=4096)
def answer_words(answer: str) -> tuple[str, ...]:
    """Words of a right or wrong answer; many questions have the same answers."""
    return split_words(answer)


def unique_questions(questions: Sequence[Question]) -> tuple[Question, ...]:
    """The questions, refused if there are none or an id is repeated.

    Raises
    ------
    ValueError
        Naming the first repeated id and both of its positions.
    """
    if not questions:
        raise ValueError("there must be at least one question, got none")
    seen: dict[str, int] = {}
    for number, question in enumerate(questions):
        if question.id in seen:
            raise ValueError(f"ids must be unique: {question.id} is at questions {seen[question.id]} and {number}")
        seen[question.id] = number
    return tuple(questions)


def category_label(category: str, *, controls: bool = True) -> str:
    """The name of a category, or of all together, in tables and figures.

    Parameters
    ----------
    category : str
        As in the tables of rates and changes.
    controls : bool
        Whether control questions stand beside adversarial ones: alone they control nothing.

    Examples
    --------
    >>> category_label("law"), category_label(""), category_label("all calm")
    ('law', 'no category', 'all control')
    >>> category_label("all calm", controls=False)
    'all'
    """
    return {"": "no category", "all calm": "all control" if controls else "all"}.get(category, category)


def select(questions: Sequence[Question], *, limit: int | None = None) -> list[Question]:
    """Keep the first questions of each category, adversarial and control questions counted apart.

    Raises
    ------
    ValueError
        For a limit below 1.
    """
    if limit is None:
        return list(questions)
    if limit < 1:
        raise ValueError(f"the limit must be at least 1, got {limit}")
    taken: dict[tuple[str, bool], int] = {}
    kept = []
    for question in questions:
        group = (question.category, question.adversarial)
        taken[group] = taken.get(group, 0) + 1
        if taken[group] <= limit:
            kept.append(question)
    return kept


def question_table(questions: Sequence[Question]) -> pl.DataFrame:
    """Questions as the table of a run folder, with further columns behind its own."""
    rows = [
        {
            "question": question.id,
            "category": question.category,
            "text": question.question,
            "correct": list(question.correct),
            "incorrect": list(question.incorrect),
            "source": question.source,
            "adversarial": question.adversarial,
            "best_incorrect": question.best_incorrect,
        }
        for question in questions
    ]
    further = further_columns([question.columns for question in questions], besides=TEXTS)
    return pl.DataFrame(rows, schema=TEXTS).with_columns(further)


def questions_from(texts: pl.DataFrame) -> tuple[Question, ...]:
    """The inverse of `question_table`."""
    further = [name for name in texts.columns if name not in TEXTS]
    cast = [pl.col(name).cast(kind) for name, kind in TEXTS.items()]
    return tuple(
        (Question if row["correct"] else BareQuestion)(
            row["question"], row["category"], row["text"], tuple(row["correct"]), tuple(row["incorrect"]),
            row["source"], row["adversarial"], row["best_incorrect"],
            {name: row[name] for name in further if row[name] is not None},
        )
        for row in texts.select(*TEXTS, *further).with_columns(cast).iter_rows(named=True)
    )  # fmt: skip
