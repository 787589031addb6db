"""Likeliest next tokens of an answer, in the forms that servers list."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import NoLogprobsError
from ...metrics.letter_mass import largest_mass, mass_excess
from ...predictions.letter_scores import UNKNOWN
from .token_spellings import token_text, without_marks

ROUNDING = 1e-3
"""Log-probabilities come rounded: this much above 0 is no fault."""

# What rounding may leave of the mass that the given tokens do not have.
_LEAST_MASS = 1e-6
# Few tokens are enough if they have all but this share of the probability.
_SMALL_MASS = 0.01
# The fewest tokens of which the least likely bounds the others: one alone may be any token that was drawn.
_FEWEST = 2
# Two log-probabilities of one token differ by no more, however each was rounded.
_SAME = 0.01
_QUOTED_TOKENS = 8
# How families of models open a thought.
_THOUGHT = re.compile(r"\W*(think|thought|reason|analysis|channel)", re.IGNORECASE)


@dataclass(frozen=True)
class TopTokens:
    """The likeliest next tokens, as many as a server lists.

    Attributes
    ----------
    by_text, by_id : mapping
        Natural log-probability of each by its exact text and, if the server numbers its tokens, by its number. NaN
        for a text or number that two tokens have. They are lowered if rounding made their sum exceed 1.
    bound : float
        Upper bound of the log-probability of any other token: that of the least likely one that is listed, or the
        logarithm of the mass that all of them leave, whichever is less.
    listed : tuple of (str, float)
        Spelling and log-probability of each, the likeliest first.
    n_given : int
        How many the server listed.
    """

    by_text: Mapping[str, float]
    by_id: Mapping[int, float]
    bound: float
    listed: tuple[tuple[str, float], ...]
    n_given: int

    @classmethod
    def of(cls, choice: Mapping[str, Any], asked: int, *, usual: int | None = None) -> TopTokens:
        """Read the alternatives to the first token.

        Parameters
        ----------
        choice : mapping
            A choice of the server's answer.
        asked : int
            How many tokens were asked for.
        usual : int, optional
            How many the server lists as a rule. Fewer than half of them are refused unless they have nearly all of the
            probability; if omitted, fewer than two are.

        Raises
        ------
        NoLogprobsError
            If there are none, too few, or values that are no log-probabilities.

        Examples
        --------
        >>> choice = {"logprobs": {"top_logprobs": [{" A": -0.25, "A": -2.0}]}}
        >>> top = TopTokens.of(choice, 2)
        >>> top.by_text[" A"], round(top.bound, 2)
        (-0.25, -2.45)
        """
        entries, is_table = _entries(choice)
        spellings = [str(entry.get("token", "")) for entry in entries]
        values = [
            log_probability(entry.get("logprob"), spelling) for entry, spelling in zip(entries, spellings, strict=True)
        ]
        named = [token_text(entry) for entry in entries]
        texts = without_marks(text for text, _ in named)
        known = sorted(
            (
                (value, text, number, spelling)
                for value, text, (_, number), spelling in zip(values, texts, named, spellings, strict=True)
                if value > UNKNOWN
            ),
            key=lambda token: -token[0],
        )[:asked]  # servers add the token that they drew, likely or not
        listed = tuple((spelling, value) for value, _, _, spelling in known)
        mass = math.fsum(math.exp(value) for value, *_ in known)
        _refuse_few(listed, asked, min(_FEWEST, asked) if usual is None else max(usual // 2, 1), mass)
        most, excess = largest_mass([value for value, *_ in known]), float(mass_excess(mass))
        if mass > most:
            raise NoLogprobsError(
                "probabilities of different tokens must sum to at most 1, the log-probabilities that the server gives "
                f"have the sum {mass:.4g} ({quoted(listed)})"
            )
        known = [(value - excess, text, number, spelling) for value, text, number, spelling in known]
        by_text: dict[str, float] = {}
        by_id: dict[int, float] = {}
        for value, text, number, _ in known:
            if number is None or text:
                by_text[text] = math.nan if text in by_text else value
            if number is not None:
                by_id[number] = math.nan if number in by_id else value
        if is_table and usual is not None and len(entries) < usual:
            # Two tokens of one text have become one: was it that of the answer itself?
            text, value = _own_token(choice)
            if abs(by_text.get(text, value - excess) - value + excess) > _SAME:
                by_text[text] = math.nan
        # A mass that was rounded up says no more of the rest than its rounding does.
        rest = math.log(most) if excess else max(1 - mass, 0.0) + _LEAST_MASS
        bound = min(known[-1][0], math.log(rest))
        return cls(by_text, by_id, bound, listed, len(entries))

    @property
    def quoted(self) -> str:
        """The likeliest tokens as the server spells them, with their log-probabilities, for a message."""
        return quoted(self.listed)

    @property
    def opens_thought(self) -> bool:
        """Whether the likeliest token opens a thought."""
        return _THOUGHT.match(self.listed[0][0]) is not None

    def logprob(self, text: str, number: int | None) -> tuple[float, bool]:
        """Log-probability of a token, and whether it is only an upper bound.

        Raises
        ------
        NoLogprobsError
            If two tokens have the text or number.
        """
        by_number = number is not None and bool(self.by_id)
        value = self.by_id.get(number) if number is not None and self.by_id else self.by_text.get(text)
        if value is not None and math.isnan(value):
            what = f"have the number {number}" if by_number else f"are spelt {text!r}"
            raise NoLogprobsError(
                f"two tokens {what} in the server's list, which tells them by nothing else: {self.quoted}"
            )
        return (self.bound, True) if value is None else (value, False)


def log_probability(value: object, token: str) -> float:
    """Log-probability that a server gives, at most 0; minus infinity for ``null``.

    Values up to `ROUNDING` above 0 are rounding and become 0.

    Raises
    ------
    NoLogprobsError
        For NaN, infinities, greater values, and what is no number.
    """
    if value is None:
        return -math.inf
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    if not (number <= ROUNDING and number != -math.inf):
        shown = value if isinstance(value, int | float) else repr(value)
        raise NoLogprobsError(
            f"a log-probability must be a finite number at most 0, the server gives {str(shown)[:40]} for "
            f"{token[:40]!r}"
        )
    return float(min(max(number, -(2**53)), 0))


def quoted(listed: Sequence[tuple[str, float]]) -> str:
    """Tokens and their log-probabilities for a message, the first few.

    Examples
    --------
    >>> quoted([("<think>", -0.01), (" A", -5.25)])
    "'<think>' -0.01, ' A' -5.25"
    """
    shown = [f"{token[:40]!r} {value:.4g}" for token, value in listed[:_QUOTED_TOKENS]]
    return ", ".join([*shown, *(["…"] if len(listed) > _QUOTED_TOKENS else [])])


def without_letters(top: TopTokens) -> str:
    """Message that none of the likeliest tokens is a letter, with advice.

    Examples
    --------
    >>> choice = {"logprobs": {"top_logprobs": [{"<think>": -0.01, "The": -5.0}]}}
    >>> without_letters(TopTokens.of(choice, 2)).partition(";")[0]
    "none of the letters is among the 2 likeliest tokens that the server lists ('<think>' -0.01, 'The' -5)"
    """
    advice = "another style, few-shot examples or an instruct model may help"
    if top.opens_thought:
        advice = (
            "the model begins with a thought: switch that off, as its template names it "
            """(--template-args '{"enable_thinking": false}')"""
        )
    elif not any(top.by_text):
        advice = "the server numbers its tokens and has no tokenizer (/tokenize) that says which texts they are"
    what = f"none of the letters is among the {len(top.listed)} likeliest tokens that the server lists"
    return f"{what} ({top.quoted}); {advice}"


def logprob_fields(choice: Mapping[str, Any]) -> Mapping[str, Any]:
    """Field ``logprobs`` of a choice; empty without it."""
    fields = choice.get("logprobs")
    return fields if isinstance(fields, dict) else {}


def _refuse_few(listed: Sequence[tuple[str, float]], asked: int, least: int, mass: float) -> None:
    if not listed or (len(listed) < least and mass < 1 - _SMALL_MASS):
        given = f" ({quoted(listed)})" if listed else ""
        raise NoLogprobsError(f"{asked} log-probabilities were asked for, the server gives {len(listed)}{given}")


def _entries(choice: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], bool]:
    """Alternatives to the first token, and whether they were a table.

    Each has ``token`` and ``logprob``.
    """
    fields = logprob_fields(choice)
    for positions in (fields.get("content"), fields.get("top_logprobs")):
        first = positions[0] if isinstance(positions, list) and positions else None
        if isinstance(first, dict):
            break
    else:
        return [], False
    given = first.get("top_logprobs", []) if isinstance(fields.get("content"), list) else first
    if isinstance(given, dict):
        return [{"token": text, "logprob": logprob} for text, logprob in given.items()], True
    if not isinstance(given, list):
        return [], False
    return [entry for entry in given if isinstance(entry, dict)], False


def _own_token(choice: Mapping[str, Any]) -> tuple[str, float]:
    """Text and log-probability of the written token; empty and NaN if unknown."""
    fields = logprob_fields(choice)
    tokens, values = fields.get("tokens"), fields.get("token_logprobs")
    if not (isinstance(tokens, list) and isinstance(values, list) and tokens and values):
        return "", math.nan
    return str(tokens[0]), log_probability(values[0], str(tokens[0]))
