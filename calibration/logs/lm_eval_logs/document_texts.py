"""Question, options and groups of an item, from the document of a log."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from .record import Record

_QUESTIONS = (
    "question", "query", "goal", "problem", "question_stem", "stem", "sentence", "premise", "input", "prompt", "ctx",
    "text", "instruction",
)  # fmt: skip
_OPTIONS = ["choices", "options", "endings", "answer_choices", "answers", "candidates"]
_LETTERED = ("{}", "option_{}", "choice_{}", "op{}")
_DIGITS = 16
TEXTS = frozenset({*_QUESTIONS, *_OPTIONS, "answer", "correct_answers", "target", "label", "gold", "solution", "id"})
"""Usual names, in small letters, of question, options and right answers of a document."""


def question_of(record: Record) -> str | None:
    """The question alone; None if the document has none by a usual name."""
    by_name = {str(name).lower(): value for name, value in record.doc.items()}
    texts = (by_name.get(name) for name in _QUESTIONS)
    return next((text for text in texts if isinstance(text, str) and text.strip()), None)


def options_of(doc: Mapping[str, Any], labels: Sequence[str]) -> list[str] | None:
    """Texts behind labels such as letters, under a usual name; otherwise None."""
    by_name = {str(name).lower(): value for name, value in doc.items()}
    for name in _OPTIONS:
        given = by_name.get(name)
        if isinstance(given, dict):  # ARC: {"text": […], "label": […]}
            given = given.get("text")
        if isinstance(given, list) and _are_texts(given, labels):
            return [str(text) for text in given]
    for form in _LETTERED:
        lettered = [by_name.get(form.format(letter)) for letter in "abcdefghijklmnopqrstuvwxyz"[: len(labels)]]
        if _are_texts(lettered, labels):
            return [str(text) for text in lettered]
    return None


def document_hash(record: Record) -> str:
    """Hash of the document, as lm-eval writes it from version 0.4.3 on."""
    if record.doc_hash or not record.doc:
        return record.doc_hash[:_DIGITS]
    text = json.dumps(record.doc, indent=2, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def _are_texts(given: list[Any], labels: Sequence[str]) -> bool:
    return (
        len(given) == len(labels)
        and all(isinstance(text, str) and text.strip() for text in given)
        and given != list(labels)
    )
