"""Scores and right options as a caller gives them, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..items.answer_keys import answer_indices, distinct_keys
from ..items.item import LETTERS
from ..metrics.arrays import FloatArray, IntArray
from ..metrics.precision import carried_precision, known_to
from ..metrics.validation import plain_array
from .letter_scores import Kind, Where
from .numbered_names import numbers_of

KINDS: dict[str, Kind] = {"logits": "logits", "logprobs": "log-probabilities", "probabilities": "probabilities"}
"""Kind of scores by the keyword that they are given with."""


def given_scores(scores: Any, named: Mapping[str, Any], answer: Any) -> tuple[str, Any, Kind]:
    """The given scores, with their name and kind.

    Raises
    ------
    TypeError
        Unless scores of exactly one kind are given, and answers.
    """
    if answer is None:
        raise TypeError("answer must be given: the index, or the letter, of each item's right option")
    given = {name: values for name, values in (("scores", scores), *named.items()) if values is not None}
    if len(given) != 1:
        raise TypeError(
            "exactly one of logits, logprobs and probabilities must be given (scores without a name are logits or "
            f"log-probabilities), got {' and '.join(given) or 'none'}"
        )
    ((name, values),) = given.items()
    return name, values, KINDS.get(name, "logits")


def counted_options(
    kind: Kind, values: FloatArray, n_options: IntArray, *, where: Where
) -> tuple[FloatArray, IntArray]:
    """Scores with −inf for options that do not exist, and how many do.

    NaN or −inf behind the last number of a row marks an option that does not exist.

    Raises
    ------
    ValueError
        For NaN or −inf in front of a number, naming the row.
    """
    plain = np.asarray(values)
    width = np.arange(plain.shape[1])
    absent = np.isnan(plain) | (plain == -np.inf)
    if not absent.any():
        return values, n_options
    n_present = np.where(absent.all(axis=1), 0, plain.shape[1] - np.argmin(absent[:, ::-1], axis=1))
    inner = (absent & (width < n_present[:, None])).any(axis=1)
    if inner.any():
        row = int(np.argmax(inner))
        unknown = "; an unknown log-probability is written as -9999" if kind == "log-probabilities" else ""
        raise ValueError(
            f"{kind} must be finite; NaN or -inf marks an option that does not exist, behind the last one that does: "
            f"{where(row)} has {plain[row].tolist()}{unknown}"
        )
    filled = np.where(absent, -np.inf, plain)
    return known_to(filled, carried_precision(values)), np.minimum(n_options, n_present).astype(np.int64)


def scaled_probabilities(kind: Kind, values: FloatArray, scale: float, *, what: str) -> FloatArray:
    """Probabilities divided by a scale, such as 100 for per cent.

    Parameters
    ----------
    kind : {"logits", "probabilities", "log-probabilities"}
        What the values are.
    values : array, shape (n_items, widest)
        The values, −inf beyond an item's options.
    scale : float
        What they are divided by.
    what : str
        Where they stand, for messages.

    Raises
    ------
    ValueError
        For scores that are no probabilities, and for values that are probabilities already.
    """
    if kind != "probabilities":
        raise ValueError(f"{what}: scale (--scale) divides probabilities, got {kind}")
    if not (np.isfinite(scale) and scale > 0):
        raise ValueError(f"scale must be a positive number, got {scale}")
    plain = np.asarray(values)
    known = plain[np.isfinite(plain)]
    if scale > 1 and known.any() and (known <= 1).all():
        raise ValueError(
            f"{what}: the values are at most {known.max():g}, which are no parts of {scale:g}; leave scale (--scale) "
            "out"
        )
    return known_to(plain / scale, carried_precision(values))


def refuse_columns_in_disorder(name: str, scores: Any) -> None:
    """Raise for a table whose columns of letters or numbers are out of order."""
    columns = [str(column).strip() for column in getattr(scores, "columns", ())]
    numbers = numbers_of(columns)
    if numbers and list(numbers) != sorted(numbers):
        raise ValueError(f"the columns of {name} must be in the order of their numbers, got {', '.join(columns)}")
    letters = [column[-1:].upper() for column in columns]
    if letters != sorted(letters) and "".join(sorted(letters)) == LETTERS[: len(letters)]:
        raise ValueError(f"the columns of {name} must be in the order of their letters, got {', '.join(columns)}")


def answer_array(answer: Any) -> NDArray[Any]:
    """Answers as an array of numbers, or of objects for letters."""
    if not hasattr(answer, "detach"):  # no tensor holds letters
        array = np.asarray(answer, dtype=None if hasattr(answer, "dtype") else object)
        if array.dtype.kind in "OUT" and any(isinstance(value, str) for value in array.flat):
            return array
    return plain_array("answer", answer)


def right_options(answer: NDArray[Any], n_options: IntArray, names: Sequence[str | None]) -> IntArray:
    """Indices of right options that are given as indices from 0 or as letters."""
    if answer.dtype.kind in "OUT":
        keys, number = distinct_keys(
            answer.tolist(), n_options.tolist(), where=lambda row: f"row {row} (item {names[row]})"
        )
        letters: Literal["from-zero", "letters"] = "letters" if any(key.is_letter for key in keys) else "from-zero"
        return np.asarray(answer_indices(keys, letters, source="answer"), dtype=np.int64)[number]
    if not np.issubdtype(answer.dtype, np.integer):
        raise ValueError(f"answer must hold option indices (integers), or letters, got {answer.dtype}")
    broken = (answer < 0) | (answer >= n_options)
    if broken.any():
        row = int(np.argmax(broken))
        raise ValueError(
            f"the answer must be one of the letters, row {row} (item {names[row]}) has "
            f"{answer[row]} of {n_options[row]}"
        )
    return answer.astype(np.int64)
