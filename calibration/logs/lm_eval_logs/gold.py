"""Right options of samples: which reading of targets holds for a whole file."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...items.item import LETTERS
from ...metrics.arrays import FloatArray, IntArray
from .record import Record, number

NOT_DEFINED = -1
SEVERAL = -2

# Metrics that lm-eval logs with the index of the right option in front.
_WITH_INDEX = ("brier_score", "likelihood", "f1", "mcc")
# All orders of so many options are tried.
_MOST_LABELS = 5
READINGS = ("told", "text", "index", "letter")


def gold_by_reading(record: Record, options: Sequence[str], n_options: int) -> dict[str, int]:
    """Index of the right option under each reading of a record's target.

    `NOT_DEFINED` where the reading says nothing, `SEVERAL` if it names several options.
    """
    target = record.target
    text = target.strip() if isinstance(target, str) else "" if target is None else str(target)
    by_text = _index_of(options, target if isinstance(target, str) else text)
    by_index = _by_index(text, n_options)
    letter = text.strip("() .")
    by_letter = LETTERS.find(letter) if len(letter) == 1 and letter.isupper() else NOT_DEFINED
    return {
        "told": _by_metric(record.metrics, n_options) if record.gold is None else record.gold,
        "text": by_text,
        "index": by_index if by_text == NOT_DEFINED or by_index != SEVERAL else NOT_DEFINED,
        "letter": by_letter if by_letter < n_options else NOT_DEFINED,
    }


def decided_gold(
    readings: Mapping[str, IntArray],
    predicted: IntArray,
    right: FloatArray | None,
    *,
    n_options: IntArray,
    from_accuracy: bool,
    labels: Sequence[str],
    where: Callable[[int], str],
) -> tuple[str, IntArray]:
    """The reading of targets that holds for a whole file, and the right options.

    Parameters
    ----------
    readings : mapping
        Index of the right option of each record under each reading.
    predicted : array of int
        The first likeliest option, as the logged accuracy counts it.
    right : array or None
        The logged accuracy, 0 or 1, NaN of a record without one; None without any.
    n_options : array of int
        Options of each record.
    from_accuracy : bool
        Whether the accuracy may tell which of two options is right: targets then name none.
    labels : sequence of str
        Targets, if the log lacks the options: they may be names that mean the same option everywhere.
    where : callable
        Names a record, for messages.

    Raises
    ------
    ValueError
        If no reading holds for all records, or two that differ do.
    """
    defined = {name: gold for name, gold in readings.items() if (gold >= 0).all()}
    several = next((gold for gold in readings.values() if (gold == SEVERAL).any()), None)
    if several is not None and not defined:
        row = int(np.argmax(several == SEVERAL))
        raise ValueError(f"{where(row)}: several options are right, and a run holds items with one")
    holding = {name: gold for name, gold in defined.items() if right is None or _agrees(gold, predicted, right).all()}
    if "told" in holding:
        _refuse_other_target(readings, holding["told"], where)
        return "told", holding["told"]
    if holding:
        return _only(holding, where)
    if defined:
        name, gold = next(iter(defined.items()))
        row = int(np.argmin(_agrees(gold, predicted, np.zeros(0) if right is None else right)))
        raise ValueError(
            f"{where(row)}: the right option, read as {name}, is {gold[row]}, and option {predicted[row]} is the "
            f"likeliest, but the log counts it as {'right' if right is not None and right[row] else 'wrong'}"
        )
    if right is not None and labels:
        named = _named_options(labels, predicted, right, n_options)
        if named is not None:
            return "name", named
    if right is not None and (n_options == 2).all() and (from_accuracy or not _any(readings)):
        if np.isnan(right).any():
            raise ValueError(
                f"{where(int(np.argmax(np.isnan(right))))}: there must be an accuracy, which alone tells the right one "
                "of two options where targets name none"
            )
        return "accuracy", np.where(right == 1, predicted, 1 - predicted)
    best = max(readings.values(), key=lambda gold: int((gold >= 0).sum()))
    row = int(np.argmax(best < 0))
    raise ValueError(
        f"{where(row)}: the target must name one of the {n_options[row]} options by its text, index or letter; it does "
        f"not in {int((best < 0).sum())} of {len(best)} records"
    )


def _agrees(gold: IntArray, predicted: IntArray, right: FloatArray) -> NDArray[np.bool_]:
    """Whether each right option is what the accuracy counts, if there is one."""
    return np.asarray(np.isnan(right) | ((gold == predicted) == (right == 1)))


def _refuse_other_target(readings: Mapping[str, IntArray], by_metrics: IntArray, where: Callable[[int], str]) -> None:
    """Raise for a target that names another option than the metrics tell.

    Only a reading by which most targets name the same is one.
    """
    agreeing = {name: int((gold == by_metrics).sum()) for name, gold in readings.items() if name != "told"}
    name = max(agreeing, key=agreeing.__getitem__, default="")
    if name and len(by_metrics) / 2 < agreeing[name] < len(by_metrics):
        row = int(np.argmax(readings[name] != by_metrics))
        raise ValueError(
            f"{where(row)}: the target, read as {name} as in other records, is not option {by_metrics[row]}, which the "
            "record's own metrics name"
        )


def _any(readings: Mapping[str, IntArray]) -> bool:
    return any((gold >= 0).any() for gold in readings.values())


def _only(holding: Mapping[str, IntArray], where: Callable[[int], str]) -> tuple[str, IntArray]:
    """The only reading, or one of several that say the same."""
    (name, gold), *others = holding.items()
    for other, another in others:
        if (another != gold).any():
            row = int(np.argmax(another != gold))
            raise ValueError(
                f"{where(row)}: the targets may be read as {name} or as {other}, and both agree with what the log "
                f"counts as right; here they name options {gold[row]} and {another[row]}"
            )
    return name, gold


def _named_options(
    labels: Sequence[str], predicted: IntArray, right: FloatArray, n_options: IntArray
) -> IntArray | None:
    """Right options if one meaning alone of the targets fits the accuracy."""
    names = sorted(set(labels))
    width = int(n_options.max())
    if not 1 < len(names) <= width <= _MOST_LABELS or (n_options != width).any():
        return None
    rows = np.array([names.index(label) for label in labels])
    fitting = [
        gold
        for order in permutations(range(width), len(names))
        if _agrees(gold := np.array(order)[rows], predicted, right).all()
    ]
    return fitting[0] if len(fitting) == 1 else None


def _by_metric(metrics: Mapping[str, Any], n_options: int) -> int:
    for name in _WITH_INDEX:
        value = metrics.get(name)
        if isinstance(value, list) and value:
            index = number(value[0])
            if index is not None and index.is_integer() and 0 <= index < n_options:
                return int(index)
    return NOT_DEFINED


def _by_index(text: str, n_options: int) -> int:
    if text.startswith("["):
        several = _literal(text)
        if isinstance(several, list) and several:
            return _by_index(str(several[0]), n_options) if len(several) == 1 else SEVERAL
    if text in {"True", "False"}:
        return int(text == "True")
    digits = text.removesuffix(".0")
    return int(digits) if digits.isascii() and digits.isdigit() and int(digits) < n_options else NOT_DEFINED


def _index_of(options: Sequence[str], text: str) -> int:
    if text in options:
        return list(options).index(text)
    stripped = [option.strip() for option in options]
    return stripped.index(text.strip()) if text.strip() in stripped else NOT_DEFINED


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
