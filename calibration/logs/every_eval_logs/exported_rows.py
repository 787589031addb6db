"""Rows of runs, exported into the metadata of instance records and read back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ...predictions import pairs, verdicts
from ...predictions.letter_table import SCHEMA
from ...predictions.pairs import Pairs
from ...predictions.predictions import Predictions
from ...predictions.verdicts import Verdicts
from .records import GRADE, KIND, ROW, Record

Rows = Predictions | Pairs | Verdicts

_KINDS: dict[str, tuple[type[Rows], pl.Schema]] = {
    "predictions": (Predictions, SCHEMA),
    "pairs": (Pairs, pairs.SCHEMA),
    "verdicts": (Verdicts, verdicts.SCHEMA),
}
# Columns that the record itself has.
_OWN = ("model", "item")


def row_metadata(content: Rows, row: Mapping[str, Any]) -> dict[str, str]:
    """Metadata from which a row is read back to the last digit."""
    (kind,) = (name for name, (type_, _) in _KINDS.items() if type_ is type(content))
    kept = {name: value for name, value in row.items() if name not in _OWN}
    return {KIND: kind, ROW: json.dumps(kept, separators=(",", ":"), ensure_ascii=False)}


def grade_metadata(grade: str) -> dict[str, str]:
    """Metadata of the record of a judged answer."""
    return {GRADE: grade}


def exported_rows(records: Sequence[Record]) -> Rows | None:
    """The table that all records hold a row of; otherwise None.

    Raises
    ------
    ValueError
        If what they hold is not what was exported, naming the record.
    """
    kinds = {record.metadata.get(KIND, "") for record in records}
    if len(kinds) != 1 or not kinds <= _KINDS.keys():
        return None
    type_, schema = _KINDS[kinds.pop()]
    rows = []
    for record in records:
        try:
            values = json.loads(record.metadata[ROW])
            row = {**values, **{name: values[name] for name in schema if name not in _OWN}}
        except (ValueError, TypeError, KeyError):
            raise ValueError(f"{record.where}: the metadata {ROW!r} must be as exported") from None
        rows.append({**row, "model": record.model, "item": record.item})
    try:
        return type_(pl.DataFrame(rows, schema_overrides=schema, infer_schema_length=None))
    except (pl.exceptions.PolarsError, TypeError, ValueError) as error:
        raise ValueError(f"{records[0].where}: {str(error).splitlines()[0]}") from None
