"""The letter that an answer consists of, and the log-probabilities at its token."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...items.item import LETTERS
from ...predictions.letter_scores import UNKNOWN
from .sample import Sample

# "ANSWER: B" with whatever follows, or a letter alone; nothing else may stand in front.
_STATED = re.compile(r"\W*(?i:answer(?:\s+is)?)\W*([A-Z])(?!\w|[ ,]+[A-Z]\b)")
_ALONE = re.compile(r"\W*([A-Z])(?:[).:]|\W*\n|\W*$)")
# A certain token may come out this much above 0.
_ROUNDING = 1e-4
_MARKS = re.compile(r"[\W_]+")
# How tokenizers write a space and the end of a line.
_SPELT = str.maketrans({"Ġ": " ", "▁": " ", "Ċ": "\n"})


@dataclass(frozen=True, kw_only=True)
class AnswerLetter:
    """The letter of an answer, and log-probabilities of all in its place.

    Attributes
    ----------
    index : int
        Which option it is, from 0.
    confidence : float
        Probability of the token that was written.
    logprobs : tuple of float or None
        Log-probability of each option's letter, over all tokens that write it; None for a letter that is not among
        the likeliest tokens. Empty if the log lists no other tokens.
    most : float or None
        The least log-probability that is listed: letters that are not have no more.
    """

    index: int
    confidence: float
    logprobs: tuple[float | None, ...] = ()
    most: float | None = None

    @property
    def is_placeholder(self) -> bool:
        """Whether all is exactly 0, as servers write that give none."""
        return self.confidence == 1 and all(logprob in (None, 0) for logprob in self.logprobs)

    @property
    def is_likeliest(self) -> bool:
        """Whether no other letter is listed with more."""
        known = [logprob for logprob in self.logprobs if logprob is not None]
        return not known or self.logprobs[self.index] == max(known)


def letter_of(text: str, n_options: int) -> str:
    """The letter that an answer begins with; empty if it begins otherwise.

    Examples
    --------
    >>> letter_of("ANSWER: B", 4), letter_of(" C", 4), letter_of("I think B", 4), letter_of("E", 4)
    ('B', 'C', '', '')
    """
    match = _match(text)
    return match[1] if match and match[1] in LETTERS[:n_options] else ""


def answer_letter(sample: Sample, order: Sequence[int]) -> AnswerLetter | None:
    """The letter of an answer with its log-probabilities; None without them.

    Parameters
    ----------
    sample : Sample
        The answer.
    order : sequence of int
        Which option the model saw under each letter. What is written may name the option by its own letter.

    Raises
    ------
    ValueError
        For log-probabilities that are no numbers.
    """
    n_options = len(sample.choices)
    pieces = [str(token.get("token", "")).translate(_SPELT) for token in sample.tokens]
    match = _match("".join(pieces))
    letter = match[1] if match else ""
    if match is None or letter not in LETTERS[:n_options] or not letter:
        return None
    index = order[LETTERS.index(letter)]
    if letter_of(sample.answer, n_options) not in (letter, LETTERS[index]):
        return None
    ends = np.cumsum([len(piece) for piece in pieces])
    number = int(np.searchsorted(ends, match.start(1), side="right"))
    token = sample.tokens[number]
    if _MARKS.sub("", pieces[number]) != letter:
        return None
    logprob = _number(token.get("logprob"), sample.where)
    confidence = min(math.exp(logprob), 1.0)
    alternatives = [other for other in _list(token.get("top_logprobs")) if isinstance(other, dict)]
    if not alternatives:
        return AnswerLetter(index=index, confidence=confidence) if logprob > UNKNOWN else None
    listed = {str(other.get("token", "")): _number(other.get("logprob"), sample.where) for other in alternatives}
    known = [value for value in listed.values() if value > UNKNOWN]
    by_letter = _by_letter({str(token.get("token", "")): logprob} | listed, n_options)
    by_option = tuple(by_letter[order.index(option)] for option in range(n_options))
    if by_option[index] is None:
        return None
    return AnswerLetter(
        index=index,
        confidence=confidence,
        logprobs=by_option,
        most=min(known, default=None),
    )


def _match(text: str) -> re.Match[str] | None:
    return _STATED.match(text) or _ALONE.match(text)


def _by_letter(by_token: Mapping[str, float], n_options: int) -> tuple[float | None, ...]:
    """Log-probability of each letter, over all tokens that write it."""
    spelt: dict[str, list[float]] = {letter: [] for letter in LETTERS[:n_options]}
    for token, logprob in by_token.items():
        letter = _MARKS.sub("", token.translate(_SPELT))
        if letter in spelt and logprob > UNKNOWN:
            spelt[letter].append(logprob)
    return tuple(float(np.logaddexp.reduce(values)) if values else None for values in spelt.values())


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value) or value > _ROUNDING:
        raise ValueError(f"{where}: a log-probability must be a number that is not positive, got {value!r:.40}")
    return min(float(value), 0.0)
