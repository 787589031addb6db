"""Choices of an answer: the one that was asked for, and errors among them."""

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


def error_inside(answer: Mapping[str, Any]) -> object:
    """Error of an answer or of a choice in it; None if without.

    Gateways answer with status 200 and hand on the fault of the model behind them, with half a text.

    Examples
    --------
    >>> error_inside({"choices": [{"index": 0, "text": "It", "error": {"code": 502, "message": "gone"}}]})
    {'code': 502, 'message': 'gone'}
    >>> error_inside({"choices": [{"index": 0, "text": "It is.", "error": None}], "error": None}) is None
    True
    """
    choices = answer.get("choices")
    holders = [answer, *(choices if isinstance(choices, list) else ())]
    errors = [holder["error"] for holder in holders if isinstance(holder, Mapping) and holder.get("error")]
    errors += [
        "the text ends with an error"
        for holder in holders
        if isinstance(holder, Mapping) and holder.get("finish_reason") == "error"
    ]
    return errors[0] if errors else None
