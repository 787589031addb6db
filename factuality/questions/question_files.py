"""Files of open questions: JSONL, CSV and Parquet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from calibration.files.field_names import Fields
from calibration.files.rows import read_rows
from calibration.items.item_files import list_in_text, plain_values

from .question import Question, answer_words

_FIELDS = Fields(
    ("id", "category", "question", "ideal", "aliases", "incorrect", "source", "adversarial"),
    required=("question", "ideal"),
)
_TRUTH = {"true": True, "false": False}


def load_questions(path: str | Path) -> list[Question]:
    r"""Load questions from a JSONL, CSV or Parquet file.

    Parameters
    ----------
    path : str or Path
        A file with the fields ``question`` and ``ideal`` or ``answer`` (the ideal answer; a list: further right ones
        behind it) and, if there are any, ``id``, ``category``, ``aliases`` (further right answers), ``incorrect``
        (distractors), ``source`` and ``adversarial``. Without ``id`` the row number, from 0, is the id.
        Without ``adversarial`` a question is adversarial if it has wrong answers. Null and empty cells are absent.
        Lists in cells are written as JSON, or with semicolons between the answers. Every other field that holds one
        text, number, truth value or date stays with the question (`Question.columns`), and can group the answers.

    Returns
    -------
    list of Question
        In the order of the file.

    Raises
    ------
    ValueError
        For a missing or wrong field, an answer that is both correct and incorrect (case, punctuation and articles
        aside), and repeated ids, naming file and line.
    FileNotFoundError
        If there is no such file.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "questions.jsonl"
    >>> _ = path.write_text('{"question": "What colour is the Sun?", "answer": "white", "incorrect": ["yellow"]}\n')
    >>> question = load_questions(path)[0]
    >>> question.id, question.ideal, question.incorrect
    ('0', 'white', ('yellow',))
    """
    path = Path(path)
    questions: list[Question] = []
    lines: dict[str, str] = {}
    for row in read_rows(path, _FIELDS, what="questions"):
        try:
            question = _question(row.values, len(questions))
            if question.id in lines:
                raise ValueError(f"ids must be unique, {question.id} is at {lines[question.id]} too")
            _refuse_overlap(question)
        except ValueError as error:
            raise ValueError(f"{path}, {row.where}: {error}") from None
        lines[question.id] = row.where
        questions.append(replace(question, columns=plain_values(row.further_values)))
    if not questions:
        raise ValueError(f"{path}: the file holds no questions")
    return questions


def _question(values: Mapping[str, Any], number: int) -> Question:
    # Blank cells of a CSV file are what null is in the others.
    given = {
        field: value
        for field, value in values.items()
        if value is not None and not (isinstance(value, str) and not value.strip())
    }
    name = given.get("id", number)
    if not isinstance(name, (str, int)) or isinstance(name, bool):
        raise ValueError(f"the field 'id' must be a text, got {name!r}")
    right = _ideals(given["ideal"] if "ideal" in given else values["ideal"])
    wrong = tuple(dict.fromkeys(_listed(given, "incorrect")))
    return Question(
        id=str(name),
        category=_text("category", given.get("category", "")),
        question=_text("question", values["question"]),
        # An ideal answer that is repeated among the aliases is one answer.
        correct=tuple(dict.fromkeys([*right, *_listed(given, "aliases")])),
        incorrect=wrong,
        source=_text("source", given.get("source", "")),
        adversarial=_truth("adversarial", given.get("adversarial", bool(wrong))),
    )


def _refuse_overlap(question: Question) -> None:
    right = {answer_words(answer): answer for answer in question.correct}
    for answer in question.incorrect:
        same = right.get(answer_words(answer))
        if same is not None:
            raise ValueError(
                f"question {question.id}: an answer must not be both correct and incorrect, got {same!r} and {answer!r}"
            )


def _ideals(value: Any) -> list[str]:
    """The ideal answer, with further right ones behind it if a file lists them."""
    if isinstance(value, list) and value and all(isinstance(text, str) for text in value):
        return value
    # Years and counts stand as numbers in JSON.
    return [_text("ideal", str(value) if isinstance(value, int) and not isinstance(value, bool) else value)]


def _listed(given: Mapping[str, Any], field: str) -> list[str]:
    value = given.get(field, [])
    if isinstance(value, str):
        is_list = value.lstrip().startswith("[")
        value = list_in_text(field, value) if is_list else [text.strip() for text in value.split(";") if text.strip()]
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValueError(f"the field {field!r} must be a list of texts, got {value!r}")
    return value


def _text(field: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"the field {field!r} must be a text, got {value!r}")
    return value


def _truth(field: str, value: Any) -> bool:
    value = _TRUTH.get(value.strip().casefold(), value) if isinstance(value, str) else value
    if not isinstance(value, bool):
        raise ValueError(f"the field {field!r} must be true or false, got {value!r}")
    return value
