"""Graded answers from the columns of a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ..files.digest import digest
from ..files.field_names import Fields
from ..tables.chosen_columns import chosen_columns
from ..tables.given_table import GivenTable
from .letter_columns import LETTER_FIELDS

GRADED_FIELDS = Fields(
    ("question", "response", "confidence", "correct", "row_id", "group", "references", "reason", "model"),
    lettered=LETTER_FIELDS.lettered,
)


def graded_columns(table: GivenTable, chosen: Mapping[str, str | None]) -> dict[str, str]:
    """Columns by field; ``answer`` is the response if nothing else is.

    Raises
    ------
    ValueError
        As `chosen_columns`.
    """
    named = chosen_columns(table, GRADED_FIELDS, chosen).named
    answer = next((name for name in table.names if name.strip().casefold() == "answer"), None)
    if "response" not in named and answer is not None and answer not in named.values():
        return {**named, "response": answer}
    return named


def question_ids(table: GivenTable, named: Mapping[str, str]) -> tuple[list[str], list[int]]:
    """Id of each row's question, and which answer to it the row is.

    Without a column of ids it is the hash of the question's text.
    """
    if "row_id" in named:
        items = table.texts(named["row_id"])
    else:
        items = [digest(text.strip()) for text in table.texts(named["question"])]
    seen: Counter[str] = Counter()
    samples = []
    for item in items:
        samples.append(seen[item])
        seen[item] += 1
    return items, samples


def optional_texts(table: GivenTable, column: str | None) -> Sequence[str]:
    """Texts of a column that may be missing, or have empty cells."""
    if column is None:
        return [""] * table.n_rows
    return ["" if value is None else str(value) for value in table.values(column)]
