"""The first rows of a browser, which stand in the page itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from calibration.items.item import LETTERS

from .pieces import WholeNumbers

# As many as the script shows at once, and as much of each text.
_ROWS, _SHORT = 50, 300


@dataclass(frozen=True)
class Cell:
    """A cell of a row.

    Attributes
    ----------
    text : str
        What stands in it.
    kind : {"", "number", "subject", "text"}
        How it is laid out.
    outcome : bool or None
        Whether it is right or wrong; None if it is neither.
    grade : str
        What stands below the text.
    """

    text: str
    kind: Literal["", "number", "subject", "text"] = ""
    outcome: bool | None = None
    grade: str = ""


@dataclass(frozen=True)
class FirstRows:
    """The first rows of a browser, shown until the script runs, and without it.

    Attributes
    ----------
    columns : tuple of Cell
        Headings.
    rows : tuple of tuple of Cell
        As many cells as columns; the first names the row.
    """

    columns: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


def first_items(
    names: Sequence[str],
    subjects: Sequence[str],
    texts: Mapping[str, Sequence[Any]],
    columns: Mapping[str, WholeNumbers],
    parts: int,
) -> FirstRows:
    """The first items, from what is packed of all."""
    questions = texts.get("question")
    asked = [Cell("Question", "text")] if questions is not None else []
    answers = [Cell(name, "number") for name in names]

    def row(index: int) -> tuple[Cell, ...]:
        subject, key = subjects[columns["subject"][index]], columns["key"][index]
        cells = [Cell(texts["id"][index].removeprefix(f"{subject}/")), Cell(subject.replace("_", " "), "subject")]
        if questions is not None:
            cells.append(Cell(_short(questions[index]), "text"))
        cells.append(Cell(LETTERS[key]))
        for number in range(len(names)):
            letter, confidence = columns[f"predicted-{number}"][index], columns[f"confidence-{number}"][index] / parts
            cells.append(Cell(f"{LETTERS[letter]} {confidence:.3f}", "number", bool(letter == key)))
        return tuple(cells)

    headings = (Cell("Item"), Cell("Subject", "subject"), *asked, Cell("Correct"), *answers)
    return FirstRows(headings, tuple(map(row, range(min(_ROWS, len(texts["id"]))))))


def first_answers(
    names: Sequence[str],
    categories: Sequence[str],
    grades: Sequence[str],
    texts: Mapping[str, Sequence[Any]],
    columns: Mapping[str, WholeNumbers],
) -> FirstRows:
    """The first answers, from what is packed of all."""

    def row(index: int) -> tuple[Cell, ...]:
        cells = [
            Cell(texts["id"][index]),
            Cell(_short(texts["question"][index]), "text"),
            Cell(categories[columns["category"][index]], "subject"),
        ]
        for number in range(len(names)):
            grade = grades[columns[f"grade-{number}"][index]]
            outcome = {"correct": True, "incorrect": False}.get(grade)
            cells.append(Cell(_short(texts["response"][index][number]), "text", outcome, grade))
        return tuple(cells)

    headings = (Cell("Id"), Cell("Question", "text"), Cell("Category", "subject"))
    rows = tuple(map(row, range(min(_ROWS, len(texts["id"])))))
    return FirstRows((*headings, *(Cell(name, "text") for name in names)), rows)


def _short(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[:_SHORT]} …"
