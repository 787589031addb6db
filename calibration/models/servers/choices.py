"""Choices of an answer: the one that was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import NoLogprobsError


def only_choice(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The choice of an answer to one prompt: that of index 0.

    Raises
    ------
    NoLogprobsError
        If there is none, or it cannot be told which one answers the prompt.

    Examples
    --------
    >>> only_choice({"choices": [{"index": 1, "text": "b"}, {"index": 0, "text": "a"}]})["text"]
    'a'
    """
    choices = answer.get("choices")
    if not isinstance(choices, list) or not choices or not all(isinstance(choice, dict) for choice in choices):
        raise NoLogprobsError(f"an answer must hold a choice, the server gives {str(choices)[:80]}")
    indices = [choice.get("index") for choice in choices]
    if indices == [None]:
        return dict(choices[0])
    first = [choice for choice, index in zip(choices, indices, strict=True) if index == 0 and index is not False]
    if len(first) != 1:
        raise NoLogprobsError(
            f"one choice was asked for, and must have the index 0; the server gives {len(choices)} with the indices "
            f"{str(indices)[:80]}"
        )
    return dict(first[0])
