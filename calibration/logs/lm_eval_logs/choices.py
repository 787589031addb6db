"""Options with log-likelihoods, from lm-eval's samples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from ...metrics.arrays import FloatArray, IntArray
from ..option_rows import OptionKind, fits_one_context, option_table, score_matrix
from ..options import Normalize
from .gold import decided_gold
from .option_records import ACCURACIES, RecordFacts, option_rows
from .record import Record


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
        Means of all accuracies that every record logs, by metric.
    disagreeing : mapping
        Number of records whose logged accuracy is another, by metric; None if its length is not known.
    n_unchecked : int
        Number of records without an accuracy that its right option can be checked by.
    remarks : tuple of str
        What a reader must know.
    """

    table: pl.DataFrame
    kind: OptionKind
    normalize: Normalize
    accuracy: float | None
    stated: dict[str, float]
    disagreeing: dict[str, int | None]
    n_unchecked: int
    remarks: tuple[str, ...]


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
    facts = RecordFacts()
    table = option_table(option_rows(records, facts, delimiter, task, subject))
    if table.is_empty():
        raise ValueError(f"{path}: holds no records")
    if 0 < facts.n_mutual < table.height:
        raise ValueError(
            f"{path}: requests without a context must stand behind the others in all records, or in none; they do in "
            f"{facts.n_mutual} of {table.height}"
        )
    scores, n_options = score_matrix(table)

    def where(row: int) -> str:
        return f"{path}, {table['where'][row]}"

    unknown = np.isnan(scores).any(axis=1)
    if unknown.any():
        row = int(np.argmax(unknown))
        raise ValueError(f"{where(row)}: log-likelihoods must be numbers, got {scores[row, : n_options[row]].tolist()}")
    logged = _accuracies(facts, where)
    accuracies = {metric: values for metric, values in logged.items() if not np.isnan(values).any()}
    taken = "none" if normalize is None or (facts.are_labels and normalize != "tokens") else normalize
    by_length = _by_length(table, scores, facts)
    predicted, right = _counted(logged, by_length)
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
        n_unchecked=table.height if right is None else int(np.isnan(right).sum()),
        remarks=(
            *_reading_remarks(facts, reading, is_letters=is_one and kind == "log-likelihoods"),
            *(_order_remarks(facts) if numbered else ()),
        ),
    )


def unchecked_remarks(choices: Sequence[Choices]) -> Iterator[str]:
    """How many right options no logged accuracy confirms."""
    n_unchecked = sum(part.n_unchecked for part in choices)
    if n_unchecked:
        n_items = sum(part.table.height for part in choices)
        yield (
            f"not every record logs an accuracy of the likeliest option: {n_unchecked} of {n_items} right options "
            f"{'is' if n_unchecked == 1 else 'are'} unchecked"
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


def _accuracies(facts: RecordFacts, where: Callable[[int], str]) -> dict[str, FloatArray]:
    """Accuracies that records log, as 0 and 1; NaN of a record without one."""
    accuracies = {}
    for name, values in facts.accuracy.items():
        logged = np.array(values)
        if np.isnan(logged).all():
            continue
        other = ~np.isnan(logged) & (logged != 0) & (logged != 1)
        if other.any():
            row = int(np.argmax(other))
            raise ValueError(
                f"{where(row)}: {name} must be 0 or 1 where one option is right, got {logged[row]:g}; a task that "
                "scores the mass of several options has none that is right"
            )
        accuracies[name] = logged
    return accuracies


def _counted(
    logged: Mapping[str, FloatArray], by_length: Mapping[str, FloatArray]
) -> tuple[IntArray, FloatArray | None]:
    """What each record counts as likeliest, and whether it is right.

    By the first accuracy that it logs and whose length is known; NaN without one, None if no record has one.
    """
    predicted = np.argmax(by_length["none"], axis=1)
    right = np.full(len(predicted), np.nan)
    checkable = [metric for metric in ACCURACIES if metric in logged and ACCURACIES[metric] in by_length]
    for metric in reversed(checkable):
        known = ~np.isnan(logged[metric])
        right[known] = logged[metric][known]
        predicted[known] = np.argmax(by_length[ACCURACIES[metric]], axis=1)[known]
    return predicted, right if checkable else None


def _by_length(table: pl.DataFrame, scores: FloatArray, facts: RecordFacts) -> dict[str, FloatArray]:
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


def _reading_remarks(facts: RecordFacts, reading: str, *, is_letters: bool) -> Iterator[str]:
    if reading == "accuracy":
        yield "targets name no option: which of two is right is told by the logged accuracy"
    if reading == "name":
        yield "the log lacks the options: one meaning alone of its targets fits its accuracy"
    if not facts.one_context:
        yield "the options stand in different contexts: their probabilities are shares of what the harness compares"
    if facts.n_mutual:
        items = "item" if facts.n_mutual == 1 else "items"
        yield f"requests without a context were left out in {facts.n_mutual} {items} (mutual information)"
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


def _order_remarks(facts: RecordFacts) -> Iterator[str]:
    ids = np.array(facts.doc_id)
    n_missing = int(ids.max()) + 1 - len(np.unique(ids))
    if n_missing > 0:
        yield (
            f"documents are numbered up to {ids.max()}, and {n_missing} numbers are missing: if they were chosen by "
            "--samples in another order than ascending, lm-eval numbers them wrongly"
        )
