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
from .. import answer_likelihoods
from ..answer_likelihoods import AnswerLikelihoods
from ..graded_answers import OF_ANSWERS, OF_QUESTIONS, OF_VERDICTS, GradedAnswers
from ..stored_answers import CREDIT, JUDGED, REFERENCES, graded_answers_of
from .records import GRADE, KIND, ROW, Record

Rows = Predictions | Pairs | Verdicts
Content = Rows | GradedAnswers | AnswerLikelihoods

_KINDS: dict[str, tuple[type[Rows], pl.Schema]] = {
    "predictions": (Predictions, SCHEMA),
    "pairs": (Pairs, pairs.SCHEMA),
    "verdicts": (Verdicts, verdicts.SCHEMA),
}
_ANSWERS, _LIKELIHOODS = "responses", "multiple-choice"
# Columns that the record itself has.
_OWN = ("model", "item")
_OF_ANSWERS = {"model": "model", "question": "item", "text": "question", "response": "response"}


def row_metadata(content: Rows, row: Mapping[str, Any]) -> dict[str, str]:
    """Metadata from which a row is read back to the last digit."""
    (kind,) = (name for name, (type_, _) in _KINDS.items() if type_ is type(content))
    return _metadata(kind, {name: value for name, value in row.items() if name not in _OWN})


def answer_metadata(row: Mapping[str, Any]) -> dict[str, str]:
    """Metadata of the record of a judged answer, without its texts."""
    kept = {
        name: value for name, value in row.items() if name not in {*_OF_ANSWERS, "references"} and value is not None
    }
    return {GRADE: row["grade"], **_metadata(_ANSWERS, kept)}


def likelihood_metadata(row: Mapping[str, Any]) -> dict[str, str]:
    """Metadata of the record of a question with likelihoods of its answers."""
    return _metadata(_LIKELIHOODS, {name: value for name, value in row.items() if name not in {*_OWN, "question"}})


def _metadata(kind: str, row: Mapping[str, Any]) -> dict[str, str]:
    return {KIND: kind, ROW: json.dumps(row, separators=(",", ":"), ensure_ascii=False, default=str)}


def exported_rows(records: Sequence[Record]) -> Content | None:
    """The content that all records hold a row of; otherwise None.

    Raises
    ------
    ValueError
        If what they hold is not what was exported, naming the record.
    """
    kinds = {record.metadata.get(KIND, "") for record in records}
    if len(kinds) != 1 or not kinds <= {*_KINDS, _ANSWERS, _LIKELIHOODS}:
        return None
    kind = kinds.pop()
    rows = []
    for record in records:
        try:
            values = json.loads(record.metadata[ROW])
            rows.append(_row(kind, dict(values), record))
        except (ValueError, TypeError, KeyError):
            raise ValueError(f"{record.where}: the metadata {ROW!r} must be as exported") from None
    try:
        return _content(kind, rows)
    except (pl.exceptions.PolarsError, TypeError, ValueError) as error:
        raise ValueError(f"{records[0].where}: {str(error).splitlines()[0]}") from None


def _row(kind: str, values: dict[str, Any], record: Record) -> dict[str, Any]:
    """A row with what the record itself has."""
    if kind == _ANSWERS:
        own = {name: getattr(record, attribute) for name, attribute in _OF_ANSWERS.items()}
        return {**{name: values.get(name) for name in JUDGED}, **values, **own, "references": list(record.references)}
    if kind == _LIKELIHOODS:
        row = {**values, "model": record.model, "item": record.item, "question": record.question}
        return {**row, **{name: row[name] for name in answer_likelihoods.SCHEMA}}
    later = dict.fromkeys(verdicts.CREDIT) if kind == "verdicts" else {}
    row = {**later, **values}
    row |= {name: row[name] for name in _KINDS[kind][1] if name not in _OWN}
    return {**row, "model": record.model, "item": record.item}


def _content(kind: str, rows: Sequence[Mapping[str, Any]]) -> Content:
    if kind == _ANSWERS:
        further = {**REFERENCES, **CREDIT, **OF_QUESTIONS, **OF_ANSWERS, **OF_VERDICTS}
        names = {**JUDGED, **{name: type_ for name, type_ in further.items() if any(name in row for row in rows)}}
        complete = [{**dict.fromkeys(names), **row} for row in rows]
        return graded_answers_of(pl.DataFrame(complete, schema=names))
    if kind == _LIKELIHOODS:
        types = {**answer_likelihoods.SCHEMA, **answer_likelihoods.KNOWN_TOO}
        frame = pl.DataFrame(rows, schema_overrides=types, infer_schema_length=None)
        return AnswerLikelihoods(frame, "mc1")
    type_, schema = _KINDS[kind]
    return type_(pl.DataFrame(rows, schema_overrides=schema, infer_schema_length=None))
