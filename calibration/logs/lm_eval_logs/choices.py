"""Options with log-likelihoods, from lm-eval's samples."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from ...metrics.arrays import FloatArray, IntArray
from ..group_columns import group_columns
from ..option_rows import OptionKind, OptionRow, fits_one_context, option_table, score_matrix
from ..options import Normalize
from .document_texts import document_hash, options_of, question_of
from .exported_rows import exported_columns, exported_options, exported_row
from .gold import READINGS, decided_gold, gold_by_reading
from .record import Record, number

# The accuracy that the harness computes under each length.
ACCURACIES: dict[str, Normalize] = {"acc": "none", "acc_norm": "chars", "acc_bytes": "bytes"}
_LABEL = re.compile(r"\W?\w\W?")
_MUTUAL = "acc_mutual_info"


class DelimiterError(ValueError):
    """A continuation does not begin with the delimiter of the file's first one."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """The options of a file, with their log-likelihoods and the right one.

    Attributes
    ----------
    table : polars.DataFrame
        As from `option_table`, in the order of the documents.
    kind : {"log-probabilities", "log-likelihoods"}
        Of letters in one context, or of texts.
    normalize : {"none", "chars", "bytes"}
        Length that the log-likelihoods are divided by.
    accuracy : float or None
        The logged accuracy under that length; None without.
    stated : mapping
        Means of all accuracies that the records log, by metric.
    disagreeing : mapping
        Number of records whose logged accuracy is another, by metric; None if its length is not known.
    remarks : tuple of str
        What a reader must know.
    """

    table: pl.DataFrame
    kind: OptionKind
    normalize: Normalize
    accuracy: float | None
    stated: dict[str, float]
    disagreeing: dict[str, int | None]
    remarks: tuple[str, ...]


@dataclass
class _Facts:
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


def read_choices(
    records: Iterable[Record],
    delimiter: str,
    *,
    path: str,
    task: str,
    subject: str,
    normalize: Normalize | None,
    numbered: bool = True,
) -> Choices:
    """Options of the records of a file.

    Parameters
    ----------
    records : iterable of Record
        Read once.
    delimiter : str
        What stands in front of each option in the continuations.
    path, task, subject : str
        The file for messages; prefix of the ids; group of the items.
    normalize : {"none", "chars", "bytes", "tokens"}, optional
        Length that log-likelihoods are divided by.
    numbered : bool
        Whether documents are numbered from 0, so that gaps tell of a choice of them.

    Raises
    ------
    DelimiterError
        For a continuation without the delimiter.
    ValueError
        For targets that name no option, or none that fits the logged accuracy; lengths that the log does not tell.
    """
    facts = _Facts()
    table = option_table(_rows(records, facts, delimiter, task, subject))
    if table.is_empty():
        raise ValueError(f"{path}: holds no records")
    scores, n_options = score_matrix(table)

    def where(row: int) -> str:
        return f"{path}, {table['where'][row]}"

    unknown = np.isnan(scores).any(axis=1)
    if unknown.any():
        row = int(np.argmax(unknown))
        raise ValueError(f"{where(row)}: log-likelihoods must be numbers, got {scores[row, : n_options[row]].tolist()}")
    accuracies = _accuracies(facts, where)
    taken = "none" if normalize is None or (facts.are_labels and normalize != "tokens") else normalize
    by_length = _by_length(table, scores, facts)
    checked = next((metric for metric in ACCURACIES if metric in accuracies and ACCURACIES[metric] in by_length), None)
    right = None if checked is None else accuracies[checked]
    predicted = np.argmax(by_length["none" if checked is None else ACCURACIES[checked]], axis=1)
    reading, gold = decided_gold(
        {name: np.array(indices, dtype=np.int64) for name, indices in facts.gold.items()},
        predicted,
        right,
        n_options=n_options,
        from_accuracy=facts.one_continuation,
        labels=facts.labels if facts.lacks_options else (),
        where=where,
    )
    if normalize == "tokens" and "tokens" not in by_length:
        raise ValueError(f"{path}: log-likelihoods cannot be divided by tokens: the log has no numbers of tokens")
    if taken not in by_length:
        raise ValueError(f"{path}: log-likelihoods cannot be divided by {taken}: the log holds no texts of the options")
    kind: OptionKind = "log-likelihoods"
    is_one = facts.are_labels and facts.one_context and not facts.lacks_options
    if is_one and fits_one_context(table):
        kind = "log-probabilities"
    table = table.with_columns(answer=pl.Series(gold), scores=_lists(by_length[taken], n_options))
    order = np.argsort(np.array(facts.doc_id), kind="stable")
    own = next((metric for metric, length in ACCURACIES.items() if length == taken and metric in accuracies), None)
    return Choices(
        table=table[order],
        kind=kind,
        normalize=taken,
        accuracy=None if own is None else float(accuracies[own].mean()),
        stated={metric: float(values.mean()) for metric, values in accuracies.items()},
        disagreeing=_disagreeing(accuracies, by_length, gold),
        remarks=(
            *_reading_remarks(facts, reading, is_letters=is_one and kind == "log-likelihoods"),
            *(_order_remarks(facts) if numbered else ()),
        ),
    )


def accuracy_remarks(choices: Sequence[Choices]) -> Iterator[str]:
    """Which length each logged accuracy used, and whether it agrees in every record.

    Of several parts, over all their items.
    """
    n_items = sum(part.table.height for part in choices)
    for metric, length in ACCURACIES.items():
        if not choices or not all(metric in part.stated for part in choices):
            continue
        mean = sum(part.stated[metric] * part.table.height for part in choices) / n_items
        others = [part.disagreeing[metric] for part in choices]
        known = [count for count in others if count is not None]
        if len(known) < len(others):
            yield f"the log's {metric} is {mean:.4f}; it cannot be checked without the texts of the options"
            continue
        agrees = f"but for {sum(known)} of {n_items} records" if any(known) else "in every record"
        taken = ", which is taken" if all(part.normalize == length for part in choices) else ""
        yield f"the log's {metric} is {mean:.4f}, that of --normalize {length}{taken}; it agrees {agrees}"


def _rows(records: Iterable[Record], facts: _Facts, delimiter: str, task: str, subject: str) -> Iterator[OptionRow]:
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


def _n_options(record: Record, facts: _Facts) -> int:
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


def _accuracies(facts: _Facts, where: Callable[[int], str]) -> dict[str, FloatArray]:
    """Accuracies that all records log, as 0 and 1."""
    accuracies = {}
    for name, values in facts.accuracy.items():
        logged = np.array(values)
        if np.isnan(logged).any():
            continue
        other = (logged != 0) & (logged != 1)
        if other.any():
            row = int(np.argmax(other))
            raise ValueError(
                f"{where(row)}: {name} must be 0 or 1 where one option is right, got {logged[row]:g}; a task that "
                "scores the mass of several options has none that is right"
            )
        accuracies[name] = logged
    return accuracies


def _by_length(table: pl.DataFrame, scores: FloatArray, facts: _Facts) -> dict[str, FloatArray]:
    """Scores under each length that the log tells."""
    n_options = table["scores"].list.len().to_numpy()
    present = np.arange(scores.shape[1])[None, :] < n_options[:, None]
    by_length = {"none": scores}
    if len(facts.n_tokens) == int(present.sum()) and min(facts.n_tokens) > 0:
        tokens = np.ones_like(scores)
        tokens[present] = np.array(facts.n_tokens)
        by_length["tokens"] = scores / tokens
    if facts.are_labels:  # all of one length
        return by_length | dict.fromkeys(("chars", "bytes"), scores)
    if facts.lacks_options or facts.one_continuation or facts.is_exported:  # which a length has divided already
        return by_length
    texts = pl.col("options").list
    lengths = {
        "chars": texts.eval(pl.element().str.len_chars()),
        "bytes": texts.eval(pl.element().str.len_bytes()),
    }
    for name, length in lengths.items():
        counts = np.ones_like(scores)
        counts[present] = table.select(length.alias("n"))["n"].explode(empty_as_null=False).to_numpy()
        if (counts > 0).all():
            by_length[name] = scores / counts
    return by_length


def _lists(scores: FloatArray, n_options: IntArray) -> pl.Series:
    flat = scores[np.arange(scores.shape[1])[None, :] < n_options[:, None]]
    ends = np.cumsum(n_options)
    rows = pl.DataFrame({"row": np.repeat(np.arange(len(ends)), n_options), "scores": flat})
    return rows.group_by("row", maintain_order=True).agg("scores")["scores"]


def _reading_remarks(facts: _Facts, reading: str, *, is_letters: bool) -> Iterator[str]:
    if reading == "accuracy":
        yield "targets name no option: which of two is right is told by the logged accuracy"
    if reading == "name":
        yield "the log lacks the options: one meaning alone of its targets fits its accuracy"
    if not facts.one_context:
        yield "the options stand in different contexts: their probabilities are shares of what the harness compares"
    if facts.n_mutual:
        yield f"requests without a context were left out in {facts.n_mutual} items (mutual information)"
    if is_letters:
        yield "log-likelihoods of the letters sum to more than 1 in some item: they are kept as shares, without a mass"


def _disagreeing(
    accuracies: dict[str, FloatArray], by_length: dict[str, FloatArray], gold: IntArray
) -> dict[str, int | None]:
    """Number of records whose accuracy differs; None if its length is not known."""
    return {
        metric: int(((np.argmax(by_length[length], axis=1) == gold) != (logged == 1)).sum())
        if (length := ACCURACIES[metric]) in by_length
        else None
        for metric, logged in accuracies.items()
    }


def _order_remarks(facts: _Facts) -> Iterator[str]:
    ids = np.array(facts.doc_id)
    n_missing = int(ids.max()) + 1 - len(np.unique(ids))
    if n_missing > 0:
        yield (
            f"documents are numbered up to {ids.max()}, and {n_missing} numbers are missing: if they were chosen by "
            "--samples in another order than ascending, lm-eval numbers them wrongly"
        )
