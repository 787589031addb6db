"""Recorded letters in CSV: columns of logits, probabilities or log-probabilities."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np

from ..files.field_names import Fields
from ..files.rows import CsvTable, read_cells, read_csv
from ..items.answer_keys import Answers, Key, answer_indices
from ..items.item import LETTERS
from ..items.item_files import plain_values
from ..predictions.further_columns import further_columns
from ..predictions.letter_scores import Kind, letter_scores, padded
from ..predictions.letter_table import SCHEMA, letter_table
from ..predictions.predictions import Predictions
from ..runs.item_texts import TEXT_COLUMNS
from .format import Format
from .log import Log
from .options import LogOptions
from .source import Source

# Prefixes of the letter in the names of columns.
_PREFIXES: dict[str, tuple[str, ...]] = {
    "logits": ("logit",),
    "probabilities": ("prob", "probability", "p"),
    "log-probabilities": ("logprob", "log_probability"),
}
_FIELDS = Fields(("subject", "index", "id", "answer", "model"), required=("answer",), lettered=_PREFIXES)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_SUFFIXES = (".csv", ".tsv")
# Differences of logits must stay finite.
_LARGEST = 1e30


def _is_csv(source: Source) -> bool:
    """Whether it is a CSV file with columns of letters."""
    if source.path.suffix.lower() not in _SUFFIXES or source.is_zip or source.is_parquet:
        return False
    try:
        header = read_cells(source.path, _FIELDS).header
        lettered = Fields((), lettered=_PREFIXES).match(header).lettered
    except ValueError:  # no readable header, as the reader says
        return True
    return any(len(columns) > 1 for columns in lettered.values())


def _read(sources: Sequence[Source], options: LogOptions) -> list[Log]:
    logs = []
    for source in sources:
        if options.answers == "text":
            raise ValueError("answers must be letters, from-zero or from-one: a log holds no texts of options")
        model = options.model or source.path.stem
        predictions = read_letters(source.path, model, options.answers)
        logs.append(Log(format="csv", task="", model=model, content=predictions, settings=options.choices))
    return logs


def read_letters(path: Path, model: str, answers: Answers | None) -> Predictions:
    """Predictions from the columns of letters in a CSV file.

    Raises
    ------
    ValueError
        For everything that `calibration.import_log` refuses, naming file and line.
    """
    cells: list[list[str]] = []
    keys: list[Key] = []
    items: list[str] = []
    subjects: list[str] = []
    further: list[dict[str, Any]] = []
    lines: dict[str, str] = {}
    models: dict[str, str] = {}
    table = read_csv(path, _FIELDS)
    kind = _kind(table, path)
    for row in table.rows:
        try:
            filled = _filled(row.values[kind])
            item, subject = _identity(row.values, len(items))
            if item in lines:
                raise ValueError(f"ids must be unique: {item} is at {lines[item]} too")
        except ValueError as error:
            raise ValueError(f"{path}, {row.where}: {error}") from None
        lines[item] = row.where
        models.setdefault(str(row.values.get("model", "")).strip(), row.where)
        if len(models) > 1:
            (first, first_line), (second, second_line) = models.items()
            raise ValueError(
                f"{path}: the rows must be of one model, got {first!r} ({first_line}) and {second!r} ({second_line}); "
                "import each from a file of its own"
            )
        cells.append(filled)
        keys.append(Key(row.values["answer"], row.where, len(filled)))
        items.append(item)
        subjects.append(subject)
        further.append(plain_values(row.further_values))
    if not items:
        raise ValueError(f"{path}: the file holds no rows under its header")
    where = [key.where for key in keys]
    indices = answer_indices(keys, answers, source=str(path))
    values, n_options = padded(kind, _numbers(cells, _PREFIXES[kind][0], [f"{path}, {line}" for line in where]))
    try:
        scores = letter_scores(values, n_options, kind, where=where.__getitem__)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    letters = letter_table(scores, np.array(indices), items, subjects, model=model)
    return Predictions(letters.with_columns(further_columns(further, besides=(*SCHEMA, *TEXT_COLUMNS))))


def _kind(table: CsvTable, path: Path) -> Kind:
    """Kind of the scores in a file's columns; exactly one is allowed."""
    kinds = [kind for kind in get_args(Kind) if len(table.columns.lettered.get(kind, ())) > 1]
    if len(kinds) != 1:
        raise ValueError(
            f"{path}: the header must have either logit_A, logit_B, … or prob_A, … or logprob_A, …, got "
            f"{', '.join(map(repr, table.header))}"
        )
    kind: Kind = kinds[0]
    return kind


def _filled(cells: Sequence[str]) -> list[str]:
    filled = [cell.strip() for cell in cells if cell.strip()]
    if any(cell.strip() for cell in cells[len(filled) :]) or len(filled) < 2:
        raise ValueError(f"the first two letters must be given, and only the last ones may be empty; got {list(cells)}")
    return filled


def _numbers(cells: Sequence[Sequence[str]], name: str, where: Sequence[str]) -> list[list[float]]:
    """Numbers of a file, with decimal points or decimal commas throughout."""
    commas = not any("." in cell for row in cells for cell in row)
    rows = []
    for row, line in zip(cells, where, strict=True):
        numbers = []
        for letter, cell in zip(LETTERS, row, strict=False):
            text = cell.replace(",", ".") if commas and cell.count(",") == 1 else cell
            try:
                value = float(text)
            except ValueError:
                raise ValueError(f"{line}: {name}_{letter} must be a number, got {cell!r}") from None
            if not math.isfinite(value) or abs(value) > _LARGEST:
                raise ValueError(
                    f"{line}: {name}_{letter} must be a finite number, at most {_LARGEST:g} in size, got {cell!r}"
                )
            if not _NUMBER.fullmatch(text):
                raise ValueError(f"{line}: {name}_{letter} must be a number in plain digits, got {cell!r}")
            numbers.append(value)
        rows.append(numbers)
    return rows


def _identity(row: Mapping[str, str], number: int) -> tuple[str, str]:
    subject = row.get("subject", "")
    if "subject" in row and not subject.strip():
        raise ValueError("the subject is empty")
    if "subject" in row and "index" in row:
        index = row["index"].strip()
        if not (index.isascii() and index.isdigit()):
            raise ValueError(f"index must be a row number from 0, got {row['index']!r}")
        return f"{subject}/{int(index)}", subject
    if "id" in row:
        if not row["id"].strip():
            raise ValueError("the id is empty")
        return row["id"], subject
    return str(number), subject


CSV = Format(
    name="csv",
    what="a CSV with answer and columns logit_A, prob_A or logprob_A, …",
    recognises=_is_csv,
    read=_read,
    options=("answers",),
)
