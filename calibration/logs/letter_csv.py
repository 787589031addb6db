"""Recorded letters in CSV: columns of logits, probabilities or log-probabilities."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import numpy as np
import polars as pl

from ..files.csv_columns import CsvColumns, read_csv_columns
from ..files.csv_layouts import csv_layout
from ..files.field_names import Fields
from ..items.answer_keys import Answers, Key, answer_indices
from ..items.item import LETTERS
from ..metrics.arrays import FloatArray, IntArray
from ..predictions.given_values import scaled_probabilities
from ..predictions.letter_cells import CELL_SCHEMA, read_stored_letters
from ..predictions.letter_scores import Kind, letter_scores
from ..predictions.letter_table import SCHEMA, letter_table
from ..predictions.numbered_names import numbered_answers, numbered_options
from ..predictions.predictions import Predictions
from ..predictions.stated_verdicts import refuse_other_verdicts, verdict_columns
from ..runs.item_texts import TEXT_COLUMNS
from ..tables.stored_tables import stored_names
from ..tables.table_kinds import CSV_SUFFIXES, table_kind
from .format import Format
from .log import Log
from .options import OWN_TABLE, LogOptions
from .source import Source

# Prefixes of the letter in the names of columns.
_PREFIXES: dict[str, tuple[str, ...]] = {
    "logits": ("logit",),
    "probabilities": ("prob", "probability", "p"),
    "log-probabilities": ("logprob", "log_probability"),
}
_FIELDS = Fields(("subject", "index", "id", "answer", "model"), required=("answer",), lettered=_PREFIXES)
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
# Digits in groups of three, unless a decimal comma stands in front of the last.
_GROUPED = r"^[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+$"
_SUFFIXES = (".csv", ".tsv")
# Differences of logits must stay finite.
_LARGEST = 1e30


def _is_csv(source: Source) -> bool:
    """Whether it is a CSV file with columns of letters."""
    if source.is_zip or source.is_parquet or table_kind(source.path) not in CSV_SUFFIXES:
        return False
    if set(CELL_SCHEMA) <= set(stored_names(source.path)):
        return False
    try:
        header = csv_layout(source.path, _FIELDS).header
        lettered = Fields((), lettered=_PREFIXES).match(header).lettered
    except ValueError:  # no readable header, as the reader says
        return source.path.suffix.lower() in _SUFFIXES
    return any(len(columns) > 1 for columns in lettered.values())


def _read(sources: Sequence[Source], options: LogOptions) -> list[Log]:
    logs = []
    for source in sources:
        if options.answers == "text":
            raise ValueError("answers must be letters, from-zero or from-one: a log holds no texts of options")
        model = options.model or source.path.stem
        predictions = read_letters(source.path, model, options.answers, scale=options.scale)
        logs.append(Log(format="csv", task="", model=model, content=predictions, settings=options.choices))
    return logs


def read_letters(path: Path, model: str, answers: Answers | None, *, scale: float | None = None) -> Predictions:
    """Predictions from the columns of letters in a CSV file.

    Raises
    ------
    ValueError
        For everything that `calibration.import_log` refuses, naming file and line.
    """
    stored = read_stored_letters(path)
    if stored is not None:
        LogOptions(answers=answers, scale=scale).refuse_without_use(("answers", "scale"), where=path, got=OWN_TABLE)
        return Predictions(stored.with_columns(model=pl.lit(model)))
    table = read_csv_columns(path, _FIELDS)
    kind = _kind(table, path)
    if not len(table.line):
        raise ValueError(f"{path}: the file holds no rows under its header")
    try:
        cells = [cell.str.strip_chars() for cell in table.lettered(kind)]
        n_options = _n_options(cells, table)
        items, subjects = _identities(table)
    except ValueError as error:
        raise ValueError(f"{path}, {error}") from None
    _refuse_several_models(table, path)
    indices = _answers(table, n_options, answers, path)
    try:
        values = _numbers(cells, _PREFIXES[kind][0], table)
        for name in verdict_columns(table.header, tuple(table.columns.named.values())):
            verdicts = table.cells[table.header.index(name)].to_list()
            refuse_other_verdicts(name, verdicts, np.nan_to_num(values, nan=-np.inf), indices, where=table.where)
    except ValueError as error:
        raise ValueError(f"{path}, {error}") from None
    if scale is not None:
        values = scaled_probabilities(kind, values, scale, what=str(path))
    try:
        scores = letter_scores(values, n_options, kind, where=table.where)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    letters = letter_table(scores, indices, items, subjects, model=model)
    return Predictions(letters.with_columns(table.further_columns(besides=(*SCHEMA, *TEXT_COLUMNS))))


def _kind(table: CsvColumns, path: Path) -> Kind:
    """Kind of the scores in a file's columns; exactly one is allowed."""
    kinds = [kind for kind in get_args(Kind) if len(table.columns.lettered.get(kind, ())) > 1]
    if len(kinds) != 1:
        raise ValueError(
            f"{path}: the header must have either logit_A, logit_B, … or prob_A, … or logprob_A, …, got "
            f"{', '.join(map(repr, table.header))}"
        )
    kind: Kind = kinds[0]
    return kind


def _n_options(cells: Sequence[pl.Series], table: CsvColumns) -> IntArray:
    """Number of options of each row, whose last letters alone may be empty."""
    filled = np.column_stack([(cell != "").to_numpy() for cell in cells])  # (n_rows, widest)
    n_options = filled.sum(axis=1)
    unfit = (n_options < 2) | (filled[:, :-1] < filled[:, 1:]).any(axis=1)
    if unfit.any():
        row = int(unfit.argmax())
        raise ValueError(
            f"{table.where(row)}: the first two letters must be given, and only the last ones may be empty; got "
            f"{[cell[row] for cell in cells]}"
        )
    return np.asarray(n_options)


def _numbers(cells: Sequence[pl.Series], name: str, table: CsvColumns) -> FloatArray:
    """Numbers of a file, with points or commas throughout; NaN for an empty cell."""
    commas = not any(cell.str.contains(".", literal=True).any() for cell in cells)
    if commas:
        _refuse_thousands(cells, name, table)
    columns = []
    for letter, cell in zip(LETTERS, cells, strict=False):
        text = cell.str.replace(",", ".", literal=True) if commas else cell
        number = text.cast(pl.Float64, strict=False)
        given = cell != ""
        fit = number.is_finite() & (number.abs() <= _LARGEST) & text.str.contains(_NUMBER)
        unfit = given & ~fit.fill_null(value=False)
        if unfit.any():
            row = int(unfit.arg_max() or 0)
            raise ValueError(f"{table.where(row)}: {_unfit_number(f'{name}_{letter}', cell[row], text[row])}")
        columns.append(number.fill_null(float("nan")).to_numpy())
    return np.column_stack(columns)


def _refuse_thousands(cells: Sequence[pl.Series], name: str, table: CsvColumns) -> None:
    """Raise if every comma may stand between thousands."""
    with_comma = [cell.str.contains(",", literal=True) for cell in cells]
    if not any(mask.any() for mask in with_comma):
        return
    if all(cell.filter(mask).str.contains(_GROUPED).all() for cell, mask in zip(cells, with_comma, strict=True)):
        letter = next(number for number, mask in enumerate(with_comma) if mask.any())
        row = int(with_comma[letter].arg_max() or 0)
        raise ValueError(
            f"{table.where(row)}: {name}_{LETTERS[letter]} may have decimal commas or commas between thousands, got "
            f"{cells[letter][row]!r}; write it with a decimal point, or without commas"
        )


def _unfit_number(name: str, cell: str, text: str) -> str:
    """What a cell must hold that holds no number of plain digits."""
    try:
        value = float(text)
    except ValueError:
        return f"{name} must be a number, got {cell!r}"
    if not math.isfinite(value) or abs(value) > _LARGEST:
        return f"{name} must be a finite number, at most {_LARGEST:g} in size, got {cell!r}"
    return f"{name} must be a number in plain digits, got {cell!r}"


def _answers(table: CsvColumns, n_options: IntArray, answers: Answers | None, path: Path) -> IntArray:
    """Index of the right option of each row; every answer is decided once."""
    given = pl.DataFrame({"value": table.field("answer"), "n_options": n_options})
    distinct = given.with_row_index("row").unique(["value", "n_options"], keep="first", maintain_order=True)
    keys = [Key(value, table.where(row), n) for row, value, n in distinct.iter_rows()]
    numbers = numbered_options(table.header, int(n_options.max())) if answers is None else {}
    indices = numbered_answers(keys, numbers, source=str(path))
    if indices is None:
        indices = answer_indices(keys, answers, source=str(path))
    decided = distinct.select("value", "n_options", index=pl.Series(indices, dtype=pl.Int64))
    joined = given.join(decided, on=["value", "n_options"], how="left", maintain_order="left")
    return joined["index"].to_numpy()


def _identities(table: CsvColumns) -> tuple[pl.Series, pl.Series]:
    """Id and subject of each row."""
    n_rows = len(table.line)
    subject, index, item = table.field("subject"), table.field("index"), table.field("id")
    if subject is not None:
        _refuse_rows(subject.str.strip_chars() == "", "the subject is empty", table)
    if subject is not None and index is not None:
        digits = index.str.strip_chars()
        bad = ~digits.str.contains(r"^[0-9]{1,18}$")
        row = int(bad.arg_max() or 0)
        _refuse_rows(bad, f"index must be a row number from 0, got {index[row]!r}", table)
        number = digits.str.strip_chars_start("0").replace("", "0")
        item = (
            pl.DataFrame({"subject": subject, "number": number})
            .select(pl.concat_str("subject", pl.lit("/"), "number"))
            .to_series()
        )
    elif item is not None:
        _refuse_rows(item.str.strip_chars() == "", "the id is empty", table)
    else:
        item = pl.int_range(n_rows, eager=True).cast(pl.String)
    repeated = ~item.is_first_distinct()
    if repeated.any():
        row = int(repeated.arg_max() or 0)
        first = int((item == item[row]).arg_max() or 0)
        raise ValueError(f"{table.where(row)}: ids must be unique: {item[row]} is at {table.where(first)} too")
    return item, pl.repeat("", n_rows, eager=True) if subject is None else subject


def _refuse_several_models(table: CsvColumns, path: Path) -> None:
    models = table.field("model")
    if models is None:
        return
    names = models.str.strip_chars()
    others = names != names[0]
    if others.any():
        row = int(others.arg_max() or 0)
        raise ValueError(
            f"{path}: the rows must be of one model, got {names[0]!r} ({table.where(0)}) and "
            f"{names[row]!r} ({table.where(row)}); import each from a file of its own"
        )


def _refuse_rows(broken: pl.Series, message: str, table: CsvColumns) -> None:
    if broken.any():
        raise ValueError(f"{table.where(int(broken.arg_max() or 0))}: {message}")


CSV = Format(
    name="csv",
    what="a CSV with answer and columns logit_A, prob_A or logprob_A, …",
    recognises=_is_csv,
    read=_read,
    options=("answers", "scale"),
)
