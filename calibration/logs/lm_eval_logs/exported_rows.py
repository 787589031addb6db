"""What an export keeps in the document of a row of lm-eval's samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..option_rows import Cell
from .record import Record

EXPORTED = "veracal"
"""Name in a document under which an export keeps id, subject, further columns and the like."""

_TEXTS = frozenset({"item", "subject", "content", "category", "grade", "reason", "grader"})


def exported_row(record: Record) -> Mapping[str, Any]:
    """What an export kept of a row; empty for other logs."""
    kept = record.doc.get(EXPORTED)
    if not isinstance(kept, dict) or not isinstance(kept.get("item"), str):
        return {}
    return {name: value for name, value in kept.items() if _fits(name, value)}


def exported_columns(kept: Mapping[str, Any]) -> dict[str, Cell]:
    """Further columns of an exported row."""
    columns = kept.get("columns", {})
    return {name: cell for name, cell in columns.items() if cell is None or isinstance(cell, str | int | float)}


def exported_options(record: Record, n_options: int) -> list[str] | None:
    """Texts of the options of an exported row; None if they are unknown."""
    texts = record.doc.get("choices")
    fits = isinstance(texts, list) and len(texts) == n_options and all(isinstance(text, str) for text in texts)
    return texts if fits else None


def _fits(name: str, value: Any) -> bool:
    if name in _TEXTS:
        return isinstance(value, str)
    if name == "references":
        return isinstance(value, list) and all(isinstance(text, str) for text in value)
    return isinstance(value, float | None) if name == "confidence" else isinstance(value, dict)
