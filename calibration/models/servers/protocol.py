"""The protocol of OpenAI's API: what is said of a model's distribution, in the forms in which servers say it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .. import Generated
from .errors import RefusedError

# Servers write this and less for a probability that they do not tell.
_UNTOLD = -1000.0
# Log-probabilities come rounded: this much above 0, or a sum this much above 1, is no fault.
_ROUNDING = 1e-3
# What rounding may leave of the mass that the given tokens do not have.
_LEAST_MASS = 1e-6
_TOKEN_ID = re.compile(r"token_id:(\d+)")


class NoLogprobsError(ValueError):
    """An answer without the log-probabilities that were asked for."""


@dataclass(frozen=True)
class TopTokens:
    """The likeliest next tokens, as many as a server tells.

    Attributes
    ----------
    by_text, by_id : mapping
        Natural log-probability of each by its exact text and, where the server numbers its tokens, by its number. NaN
        for a text that two tokens have.
    bound : float
        What the log-probability of any other token is at most: that of the least likely one that was given, or the
        logarithm of the mass that all of them leave, whichever is less.
    """

    by_text: Mapping[str, float]
    by_id: Mapping[int, float]
    bound: float

    @classmethod
    def of(cls, choice: Mapping[str, Any], asked: int) -> TopTokens:
        """Read the first token's alternatives, of which `asked` were asked for.

        Raises
        ------
        NoLogprobsError
            Where there are none, fewer than asked for, or numbers that are no log-probabilities.

        Examples
        --------
        >>> said = {"logprobs": {"top_logprobs": [{" A": -0.25, "A": -2.0}]}}
        >>> top = TopTokens.of(said, 2)
        >>> top.by_text[" A"], round(top.bound, 2)
        (-0.25, -2.45)
        """
        given = _alternatives(choice)
        known = sorted(
            ((logprob, text, number) for text, number, logprob in given if logprob > _UNTOLD),
            key=lambda entry: -entry[0],
        )[:asked]  # servers add the token that they drew, likely or not
        if not known or len(given) < _least(choice, asked):
            raise NoLogprobsError(f"{asked} log-probabilities were asked for, the server gives {len(given)}")
        mass = math.fsum(math.exp(min(logprob, 1.0)) for logprob, _, _ in known)
        if mass > 1 + _ROUNDING:
            raise NoLogprobsError(
                "log-probabilities must be at most 0 and their probabilities sum to at most 1; "
                f"the server's begin with {known[0][0]:g} and sum to {mass:.4g}"
            )
        by_text: dict[str, float] = {}
        for logprob, text, number in known:
            if number is None or text:
                by_text[text] = math.nan if text in by_text else min(logprob, 0.0)
        by_id = {number: min(logprob, 0.0) for logprob, _, number in known if number is not None}
        return cls(by_text, by_id, min(known[-1][0], math.log(max(1 - mass, 0.0) + _LEAST_MASS)))

    def logprob(self, text: str, number: int | None) -> tuple[float, bool]:
        """Log-probability of a token, and whether it is only what it is at most.

        Raises
        ------
        ValueError
            Where two tokens have the text and the server does not number them.
        """
        if number is not None and self.by_id:
            found = self.by_id.get(number)
        else:
            found = self.by_text.get(text)
            if found is not None and math.isnan(found):
                raise ValueError(f"the server spells two tokens as {text!r} and does not number them")
        return (self.bound, True) if found is None else (found, False)


def written(choice: Mapping[str, Any], stop: Sequence[str]) -> Generated:
    """The text that a server's model wrote.

    Where a server does not tell a stop text from the model's own end, an answer that ended before its time counts as
    stopped if there were stop texts.

    Raises
    ------
    NoLogprobsError
        Where its tokens have no log-probabilities.
    """
    message = choice.get("message")
    text = (message.get("content") if isinstance(message, dict) else choice.get("text")) or ""
    said = _said(choice)
    content = said.get("content")
    if isinstance(content, list):
        found = [entry.get("logprob") if isinstance(entry, dict) else None for entry in content]
    else:
        found = said.get("token_logprobs") or []
    logprobs = [_number(value) for value in found]
    if (text and not logprobs) or not all(math.isfinite(value) and value <= _ROUNDING for value in logprobs):
        raise NoLogprobsError("the text's tokens must have log-probabilities, the server gives none or other numbers")
    finish: Literal["end", "stop", "length"] = "length"
    if choice.get("finish_reason") != "length":
        stopped = isinstance(choice["stop_reason"], str) if "stop_reason" in choice else bool(stop)
        finish = "stop" if stopped else "end"
    # JSON may hold halves of characters, which no table takes.
    text = str(text).encode(errors="replace").decode()
    return Generated(text, tuple(min(value, 0.0) for value in logprobs), finish)


def echoed(answer: Mapping[str, Any], prompt: str) -> tuple[list[str], list[float]]:
    """Tokens of a prompt that was asked back, and the log-probability of each behind those before it (the first: NaN).

    Raises
    ------
    NoLogprobsError
        Where the server does not give the prompt back, and nothing else, with a log-probability a token.
    """
    (choice, *_) = answer["choices"]
    said = _said(choice)
    tokens, logprobs = said.get("tokens"), said.get("token_logprobs")
    if choice.get("text") != prompt or not isinstance(tokens, list) or not isinstance(logprobs, list) or not tokens:
        raise NoLogprobsError("the server does not give a prompt's own tokens back (`echo` with `logprobs`)")
    found = [_number(value) for value in logprobs]
    if len(found) != len(tokens) or not all(-math.inf < value <= _ROUNDING for value in found[1:]):
        raise NoLogprobsError(
            f"each of a prompt's {len(tokens)} tokens but the first must have a log-probability at most 0"
        )
    return [str(token) for token in tokens], [math.nan, *(min(value, 0.0) for value in found[1:])]


def too_long(error: RefusedError) -> tuple[int, int] | None:
    """Tokens of a prompt and of the context window, where that is why a server refuses it."""
    tokens, window = error.details.get("n_prompt_tokens"), error.details.get("n_ctx")
    if isinstance(tokens, int) and isinstance(window, int):
        return tokens, window
    spoken = re.search(r"context length is (\d+) tokens.*?(\d+)", error.said)
    return (int(spoken[2]), int(spoken[1])) if spoken else None


def _said(choice: Mapping[str, Any]) -> Mapping[str, Any]:
    said = choice.get("logprobs")
    return said if isinstance(said, dict) else {}


def _alternatives(choice: Mapping[str, Any]) -> list[tuple[str, int | None, float]]:
    """Text, number where it is known, and log-probability of each alternative to the first token."""
    said = _said(choice)
    for entries in (said.get("content"), said.get("top_logprobs")):
        first = entries[0] if isinstance(entries, list) and entries else None
        if isinstance(first, dict):
            break
    else:
        return []
    given = first.get("top_logprobs", []) if isinstance(said.get("content"), list) else first
    if isinstance(given, dict):
        given = [{"token": text, "logprob": logprob} for text, logprob in given.items()]
    if not isinstance(given, list):
        return []
    return [_entry(entry) for entry in given if isinstance(entry, dict)]


def _entry(entry: Mapping[str, Any]) -> tuple[str, int | None, float]:
    text, number = str(entry.get("token", "")), entry.get("id")
    if named := _TOKEN_ID.fullmatch(text):
        text, number = "", int(named[1])
    return text, number if isinstance(number, int) else None, _number(entry.get("logprob"))


def _least(choice: Mapping[str, Any], asked: int) -> int:
    """How many alternatives there must be: a table by text has lost those that are spelt like another."""
    return asked if isinstance(_said(choice).get("content"), list) else asked // 2


def _number(value: object) -> float:
    """A number, or what no log-probability is."""
    if value is None:
        return -math.inf
    if isinstance(value, int):
        value = float(max(min(value, 1), -(2**53)))
    return float(value) if isinstance(value, float) and not math.isnan(value) else math.inf
