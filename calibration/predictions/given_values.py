"""Scores and right options as a caller gives them, checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..items.answer_keys import Key, answer_indices
from ..items.item import LETTERS
from ..metrics.arrays import IntArray
from ..metrics.validation import plain_array
from .letter_scores import Kind


def given_scores(logprobs: Any, probabilities: Any, answer: Any) -> tuple[str, Any, Kind]:
    """The given scores, with their name and kind."""
    if answer is None:
        raise TypeError("answer must be given: the index, or the letter, of each item's right option")
    if (logprobs is None) == (probabilities is None):
        raise TypeError("exactly one of logprobs (logits or log-probabilities) and probabilities must be given")
    if probabilities is None:
        return "logprobs", logprobs, "logits"
    return "probabilities", probabilities, "probabilities"


def refuse_columns_in_disorder(name: str, scores: Any) -> None:
    """Raise for a table whose letter columns are out of order."""
    columns = [str(column).strip() for column in getattr(scores, "columns", ())]
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
        keys = [
            Key(value, f"row {row} (item {names[row]})", int(n_options[row]))
            for row, value in enumerate(answer.tolist())
        ]
        letters: Literal["from-zero", "letters"] = "letters" if any(key.is_letter for key in keys) else "from-zero"
        return np.asarray(answer_indices(keys, letters, source="answer"), dtype=np.int64)
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
