"""The grader ``human``: verdicts of people, from a table."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from calibration.files.digest import file_digest
from calibration.files.field_names import Fields
from calibration.files.rows import csv_rows
from calibration.models.tokenizing.thoughts import answer_in
from calibration.predictions.grades import Grade

from ...questions.question import Question
from ...words import split_words
from ..judgments import Verdict
from ..verdict_words import Reading, read_grade, speaks_of_verdict
from .raw_answers import behind_thoughts

_FIELDS = Fields(("question", "grade", "sample", "response"), required=("question", "grade"))
_LONGEST_QUOTE = 80


@dataclass(frozen=True)
class Human:
    r"""Verdicts that people gave.

    Attributes
    ----------
    path : str
        A CSV file with the columns ``question`` (its id), ``grade`` (``correct``, ``incorrect``, ``abstained``, or
        all that a judge wrote; empty if there is none) and, if a question has several answers, ``sample`` (which of
        them, from 0). If it has the answers too (``response``), they must be those that are graded. Other columns
        are ignored.
    grades : mapping
        Its grades by question and sample.
    problems : mapping
        Reasons why cells that are not empty are ``ungraded``, by question and sample: they give more than one verdict,
        or half a verdict.
    model_identity : str, optional
        Identity of the file beside its path: the hash of its content.
    responses : mapping
        The answers that were judged, by question and sample, if the file has them.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "grades.csv"
    >>> _ = path.write_text("question,grade\nsun,correct\n")
    >>> asked = [Question(name, "science", "What colour is it?", ("white",), ("yellow",)) for name in ("sun", "moon")]
    >>> [verdict.grade for verdict in Human.load(path).judge(["White.", "Grey."], asked)]
    ['correct', 'ungraded']
    """

    path: str
    grades: Mapping[tuple[str, int], Grade]
    problems: Mapping[tuple[str, int], str] = field(default_factory=dict)
    model_identity: str | None = None
    responses: Mapping[tuple[str, int], str] = field(default_factory=dict)

    needs_answers: ClassVar[bool] = False

    @classmethod
    def load(cls, path: str | Path) -> Human:
        """Read the table.

        Raises
        ------
        ValueError
            For missing columns, a grade that cannot be read, an answer that occurs twice, a file without rows, naming
            file and line.
        FileNotFoundError
            If there is no such file.
        """
        file = Path(path)
        readings: dict[tuple[str, int], Reading] = {}
        responses: dict[tuple[str, int], str] = {}
        for row in csv_rows(file, _FIELDS):
            try:
                key, reading = (row.values["question"], _sample(row.values)), _reading(row.values["grade"])
                if key in readings:
                    raise ValueError(f"each answer must occur once, question {key[0]}, sample {key[1]} occurs twice")
            except ValueError as error:
                raise ValueError(f"{file}, {row.where}: {error}") from None
            readings[key] = reading
            responses[key] = row.values.get("response", "")
        if not readings:
            raise ValueError(f"{file}: the file holds no grades")
        return cls(
            str(path),
            {key: reading.grade for key, reading in readings.items()},
            {key: reading.problem for key, reading in readings.items() if reading.problem},
            f"file {file_digest(file)}",
            {key: response for key, response in responses.items() if response.strip()},
        )

    @property
    def spec(self) -> str:
        """``human:`` and the file."""
        return f"human:{self.path}"

    @behind_thoughts
    def judge(self, responses: Sequence[str], questions: Sequence[Question]) -> list[Verdict]:
        """The verdict in the table for each answer; ``ungraded`` if there is none.

        Answers to the same question are its samples 0, 1, … in the order in which they are given.

        Raises
        ------
        ValueError
            If the table holds none of the answers, or verdicts on other answers than these.
        """
        seen: Counter[str] = Counter()
        keys = []
        for _, question in zip(responses, questions, strict=True):
            keys.append((question.id, seen[question.id]))
            seen[question.id] += 1
        if keys and not any(key in self.grades for key in keys):
            raise ValueError(
                f"{self.path}: none of the {len(keys)} answers has a row; the column question must hold the ids of "
                f"questions, as {keys[0][0]!r}"
            )
        for key, response in zip(keys, responses, strict=True):
            self._refuse_other_answer(key, response)
        return [
            Verdict(self.grades[key], reason=self.problems.get(key, "judged by a person")) if key in self.grades
            else Verdict("ungraded", reason="no row in the table")
            for key in keys
        ]  # fmt: skip

    def warn_of_other_questions(self, questions: Sequence[Question], *, stacklevel: int) -> None:
        """Warn if verdicts are on questions that are not among these.

        Parameters
        ----------
        questions : sequence of Question
            All that were asked.
        stacklevel : int
            As in `warnings.warn`, from the caller on.
        """
        asked = {question.id for question in questions}
        others = [name for name, _ in self.grades if name not in asked]
        if others:
            warnings.warn(
                f"{self.path}: {len(others)} of {len(self.grades)} verdicts are on questions that were not asked, such "
                f"as {others[0]!r}, and are left out: is it the table of another run?",
                stacklevel=stacklevel + 1,
            )

    def _refuse_other_answer(self, key: tuple[str, int], response: str) -> None:
        """Raise if a person judged another answer.

        Case, marks and blanks may differ, as spreadsheets change them.
        """
        judged = self.responses.get(key)
        if judged is None or not response:
            return
        answer = answer_in(judged) or judged
        # Spreadsheets are kept from formulas by an apostrophe in front.
        if split_words(response) in (split_words(answer), split_words(answer.removeprefix("'"))):
            return
        raise ValueError(
            f"{self.path}: a verdict must be on the answer that is graded; question {key[0]}, sample {key[1]} has "
            f"{judged[:_LONGEST_QUOTE]!r} in the table, {response[:_LONGEST_QUOTE]!r} in the run: is it the table of "
            "another run?"
        )


def _sample(row: Mapping[str, Any]) -> int:
    text = str(row.get("sample", "")).strip()
    if text and not text.isdecimal():
        raise ValueError(f"sample must be a number from 0, got {text!r}")
    return int(text or 0)


def _reading(text: str) -> Reading:
    reading = read_grade(text)
    # An empty cell waits for its grade; a word that names no grade is a slip.
    if reading.grade == "ungraded" and text.strip() and not speaks_of_verdict(text):
        raise ValueError(f"the grade must be correct, incorrect, abstained or ungraded, got {text!r}")
    return reading
