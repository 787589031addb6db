"""Parameters of requests that a server refuses, and substitutes for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Any

from ...errors import RefusedError
from .answers import too_long

# What a request holds beside what it asks, in the order in which it is given up where several are named.
# None: left out. A name: sent under that one.
_INSTEAD: Mapping[str, str | None] = {
    "return_tokens_as_token_ids": None,
    "top_k": None,
    "min_p": None,
    "repetition_penalty": None,
    "top_p": None,
    "seed": None,
    "stop": None,
    "max_tokens": "max_completion_tokens",
    "temperature": None,
}
NEUTRAL: Mapping[str, Any] = {"top_p": 1.0, "temperature": 1.0}
"""Values that say the same as leaving the parameter out."""

_OWN = "its own setting stays in force, if it has one"
LEFT_OUT: Mapping[str, str] = {
    "seed": "the same seed may give other answers the next time",
    "temperature": "it is the server's own, usually 1, at which answers are drawn",
    "top_k": _OWN,
    "min_p": _OWN,
    "repetition_penalty": _OWN,
}
"""What leaving a parameter out means for what is written; for those that are not named, nothing."""

_UNSUITED = (400, 422)
_UNKNOWN = (
    "max_completion_tokens|unsupported|not supported|n[o']t support|unknown|unrecogni[sz]ed|unexpected|not permitted"
    "|not allowed|extra|forbidden|deprecated"
)
_REFUSAL = re.compile(
    rf"{_UNKNOWN}|parameter|argument|field|property|must|should|cannot|invalid|validation", re.IGNORECASE
)
# A length has values that a server takes: only if the name itself is refused there is another.
_UNKNOWN_NAME = re.compile(_UNKNOWN, re.IGNORECASE)


class Parameters:
    """Parameters that a server refuses on one route."""

    def __init__(self) -> None:
        self._refused: dict[str, str] = {}
        self._lock = Lock()

    @property
    def refused(self) -> dict[str, str]:
        """Names of the parameters that are not sent, with the server's words."""
        with self._lock:
            return dict(self._refused)

    def remember(self, refused: Mapping[str, str]) -> None:
        """Leave parameters out from now on: without them a request was answered."""
        with self._lock:
            self._refused.update(refused)


def changed(body: Mapping[str, Any], refused: Mapping[str, str]) -> dict[str, Any]:
    """A request without the parameters that are refused, or with their other names.

    Examples
    --------
    >>> changed({"prompt": "Hi", "max_tokens": 4, "top_p": 1.0}, {"max_tokens": "unsupported", "top_p": "below 1"})
    {'prompt': 'Hi', 'max_completion_tokens': 4}
    """
    instead = {name: _INSTEAD[name] if name in refused else name for name in _INSTEAD}
    return {other: value for name, value in body.items() if (other := instead.get(name, name)) is not None}


def refused_parameter(error: RefusedError, body: Mapping[str, Any]) -> str | None:
    """Dispensable parameter that a server refuses; none if it refuses something else.

    Read are: the member ``param`` of an error (OpenAI), ``loc`` in lists of errors (pydantic: vLLM, Mistral), and the
    message (text-generation-inference, llama.cpp, and whoever names the parameter).

    Examples
    --------
    >>> said = "Input validation error: `top_p` must be > 0.0 and < 1.0"
    >>> error = RefusedError(said, status=422, reason=said, details={"error": said})
    >>> refused_parameter(error, {"messages": [], "top_p": 1.0, "max_tokens": 4})
    'top_p'
    """
    if error.status not in _UNSUITED or too_long(error):
        return None
    text = _message(error)
    candidates = [
        name for name in _INSTEAD if name in body and (name != "max_tokens" or _UNKNOWN_NAME.search(text) is not None)
    ]
    param = str(error.details.get("param") or "").rpartition(".")[2]
    if param in body:
        return param if param in candidates else None
    located = set(_located(error.details))
    for is_named in (
        located.__contains__,
        lambda name: re.search(rf"[`'\"“‘]{name}[`'\"”’]", text),
        lambda name: _REFUSAL.search(text) and re.search(rf"(?<![\w.-]){name}(?![\w-])", text, re.IGNORECASE),
    ):
        if named := next((name for name in candidates if is_named(name)), None):
            return named
    return None


def _message(error: RefusedError) -> str:
    words = (error.details.get(name) for name in ("message", "error", "detail"))
    return " ".join(str(word) for word in (*words, error.details.get("code"), error.reason) if word)


def _located(content: object) -> Iterator[str]:
    """The last part of every ``loc`` within an error."""
    if isinstance(content, dict):
        location = content.get("loc")
        if isinstance(location, list) and location:
            yield str(location[-1])
        for value in content.values():
            yield from _located(value)
    elif isinstance(content, list):
        for value in content:
            yield from _located(value)
