"""TruthfulQA, from its CSV file, a folder that holds it, or the hub."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from calibration.files.field_names import Fields
from calibration.files.hub import download
from calibration.files.rows import Row, csv_rows, parquet_rows, read_rows

from .question import Question

FILE = "TruthfulQA.csv"
HEADER = ("Type", "Category", "Question", "Best Answer", "Correct Answers", "Incorrect Answers", "Source")
BEST_INCORRECT = "Best Incorrect Answer"

# Columns that no plain file of questions has.
_OWN = ("Type", "Best Answer")

_HUB_DATASET = "truthfulqa/truthful_qa"
_HUB_FILE = "generation/validation-00000-of-00001.parquet"
_FIELDS = Fields((*HEADER, BEST_INCORRECT), required=HEADER)
_ADVERSARIAL = {"Adversarial": True, "Non-Adversarial": False}


def load_truthfulqa(source: str | Path | None = None) -> list[Question]:
    r"""Load TruthfulQA: questions on common misconceptions, with right and wrong answers.

    Parameters
    ----------
    source : str or Path, optional
        A CSV file with the header of TruthfulQA (``Type``, ``Category``, ``Question``, ``Best Answer``, ``Correct
        Answers``, ``Incorrect Answers``, ``Source``, and in the release of 2025 ``Best Incorrect Answer``), or a folder
        that holds ``TruthfulQA.csv``. If omitted, the data set ``truthfulqa/truthful_qa`` of the Hugging Face hub,
        downloaded once and then read from its cache.

    Returns
    -------
    list of Question
        In the order of the file, ids ``truthfulqa/row`` with the row from 0. Answers are split at semicolons and
        stripped, nothing is added, and a repeated text is one answer. The best answer comes first among the correct
        ones; ``best_incorrect`` is empty if the file does not name it.

    Raises
    ------
    ValueError
        For other columns, an unknown type, an empty field, an empty file, naming file and line.
    FileNotFoundError
        If there is no such file, or the folder has none.
    ConnectionError
        If the hub cannot be reached and the data are not in its cache.

    Notes
    -----
    The release of 2022 has 817 questions, that of 2025 has 790: rows, and so ids, are those of one release. Three
    questions of 2022 hold an answer that is both correct and incorrect (case, punctuation and articles aside); they
    stay as they are. The hub's configuration ``generation`` is read, which holds what the CSV holds; its
    ``multiple_choice`` has no categories.

    References
    ----------
    Lin, Hilton and Evans (2022), "TruthfulQA: Measuring How Models Mimic Human Falsehoods", arXiv:2109.07958. The best
    incorrect answer: https://github.com/sylinrl/TruthfulQA/pull/19 (January 2025).

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "TruthfulQA.csv"
    >>> _ = path.write_text(
    ...     "Type,Category,Question,Best Answer,Correct Answers,Incorrect Answers,Source\n"
    ...     "Adversarial,Science,What colour is the Sun?,White,It is white; White,Yellow; Orange;,a book\n"
    ... )
    >>> question = load_truthfulqa(path)[0]
    >>> question.id, question.correct, question.incorrect
    ('truthfulqa/0', ('White', 'It is white'), ('Yellow', 'Orange'))
    """
    if source is None:
        path = download(_HUB_DATASET, _HUB_FILE, repo_type="dataset")
        return _questions(path, parquet_rows(path, _FIELDS))
    path = Path(source)
    if path.is_dir():
        path /= FILE
    return _questions(path, csv_rows(path, _FIELDS))


def is_truthfulqa(path: Path) -> bool:
    """Whether a file is meant as TruthfulQA, by its columns.

    Raises
    ------
    ValueError
        For what is no CSV file, or an empty one.
    FileNotFoundError
        If there is no such file.
    """
    fields = Fields(_OWN)
    row = next(read_rows(path, fields, what="questions"), None)
    return row is not None and fields.match(row.header).named.keys() == set(_OWN)


def _questions(path: Path, rows: Iterable[Row]) -> list[Question]:
    questions: list[Question] = []
    for row in rows:
        try:
            questions.append(_question(f"truthfulqa/{len(questions)}", row.values))
        except ValueError as error:
            raise ValueError(f"{path}, {row.where}: {error}") from None
    if not questions:
        raise ValueError(f"{path}: the file holds no questions")
    return questions


def _question(name: str, row: Mapping[str, Any]) -> Question:
    kind = row["Type"].strip()
    if kind not in _ADVERSARIAL:
        raise ValueError(f"the Type must be one of {', '.join(_ADVERSARIAL)}, got {kind!r}")
    category = row["Category"].strip()
    if not category:
        raise ValueError("the Category is empty")
    best, best_incorrect = row["Best Answer"].strip(), (row.get(BEST_INCORRECT) or "").strip()
    if not best:
        raise ValueError("the Best Answer is empty")
    return Question(
        id=name,
        category=category,
        question=row["Question"],
        correct=_answers([best, *_listed(row["Correct Answers"])]),
        incorrect=_answers([best_incorrect, *_listed(row["Incorrect Answers"])]),
        source=row["Source"],
        adversarial=_ADVERSARIAL[kind],
        best_incorrect=best_incorrect,
    )


def _listed(answers: str | list[str]) -> list[str]:
    """Answers of a CSV cell, or of the hub's table, which has lists."""
    return answers.split(";") if isinstance(answers, str) else answers


def _answers(texts: Iterable[str]) -> tuple[str, ...]:
    """Distinct texts, stripped, in their order."""
    return tuple(dict.fromkeys(text for text in (part.strip() for part in texts) if text))
