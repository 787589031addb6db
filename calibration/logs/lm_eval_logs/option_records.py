"""Options of one record of lm-eval after another, and what is known beside them."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ..group_columns import group_columns
from ..option_rows import OptionRow
from ..options import Normalize
from .document_texts import document_hash, options_of, question_of
from .exported_rows import exported_columns, exported_options, exported_row
from .gold import READINGS, gold_by_reading
from .record import Record, number

# The accuracy that the harness computes under each length.
ACCURACIES: dict[str, Normalize] = {"acc": "none", "acc_norm": "chars", "acc_bytes": "bytes"}

_LABEL = re.compile(r"\W?\w\W?")

_MUTUAL = "acc_mutual_info"


class DelimiterError(ValueError):
    """A continuation does not begin with the delimiter of the file's first one."""


@dataclass
class RecordFacts:
    """What is known of each record beside its row, in the same order."""

    doc_id: array[int] = field(default_factory=lambda: array("q"))
    gold: dict[str, array[int]] = field(default_factory=lambda: {name: array("q") for name in READINGS})
    accuracy: dict[str, array[float]] = field(default_factory=lambda: {name: array("d") for name in ACCURACIES})
    labels: list[str] = field(default_factory=list)
    n_tokens: array[int] = field(default_factory=lambda: array("q"))
    are_labels: bool = True
    one_context: bool = True
    one_continuation: bool = False
    lacks_options: bool = False
    is_exported: bool = False
    n_mutual: int = 0


def option_rows(
    records: Iterable[Record], facts: RecordFacts, delimiter: str, task: str, subject: str
) -> Iterator[OptionRow]:
    """A row a record; its other facts are noted.

    Raises
    ------
    DelimiterError
        For a continuation without the delimiter.
    """
    for record in records:
        n_options = _n_options(record, facts)
        contexts, continuations = record.contexts[:n_options], record.continuations[:n_options]
        # A file may hold the first request alone.
        known = len(continuations) == n_options
        options = _without(delimiter, continuations, record.name) if known else []
        facts.lacks_options |= not known
        facts.one_context &= len(set(contexts)) <= 1
        same = len(set(contexts)) > 1 and len(set(continuations)) == 1
        facts.one_continuation |= same
        labels = known and not same and all(map(_LABEL.fullmatch, options)) and len(set(options)) == n_options
        facts.are_labels &= labels
        for name, gold in gold_by_reading(record, [] if same else options, n_options).items():
            facts.gold[name].append(gold)
        for name, values in facts.accuracy.items():
            value = number(record.metrics.get(name))
            values.append(math.nan if value is None else value)
        facts.doc_id.append(record.doc_id)
        facts.n_tokens.extend(record.n_tokens)
        if not known:
            facts.labels.append(str(record.target))
        own, kept = record.doc.get("subject"), exported_row(record)
        facts.is_exported |= bool(kept)
        if kept:
            texts = exported_options(record, n_options)
        else:
            texts = (options_of(record.doc, options) if labels else None) or (list(contexts) if same else options)
        yield OptionRow(
            item=kept.get("item", f"{task}/{record.doc_id}"),
            subject=str(kept["subject"])
            if "subject" in kept
            else subject or (own if isinstance(own, str) and own else task),
            scores=record.likelihoods[:n_options],
            where=record.name,
            question=question_of(record),
            options=texts if known else None,
            content=kept.get("content", document_hash(record)),
            columns=exported_columns(kept) if kept else group_columns(record.doc),
        )


def _n_options(record: Record, facts: RecordFacts) -> int:
    """Number of options: half of the requests if the others have no context."""
    n_requests = len(record.likelihoods)
    half, odd = divmod(n_requests, 2)
    if odd or len(record.contexts) != n_requests:
        return n_requests
    alone = not any(record.contexts[half:]) and (any(record.contexts[:half]) or _MUTUAL in record.metrics)
    if not alone or record.continuations[:half] != record.continuations[half:]:
        return n_requests
    facts.n_mutual += 1
    return half


def _without(delimiter: str, continuations: Sequence[str], name: str) -> list[str]:
    if not all(text.startswith(delimiter) for text in continuations):
        raise DelimiterError(f"{name}: a continuation does not begin with {delimiter!r}")
    return [text[len(delimiter) :] for text in continuations]
