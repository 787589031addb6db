"""Answers that decline to answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NOT = r"(?:do not|did not)"
_CANNOT = r"(?:can not|could not|will not|would not)"
_ADVERB = (
    r"(?:(?:really|honestly|truly|simply|just|actually|currently|quite|entirely|completely|absolutely|personally) )*"
)
_WHO = r"(?:i|we)"
_AM = r"(?:i am|we are)"
_ANSWERING = (
    r"(?:say|tell|answer|determine|confirm|verify|provide|comment|help|assist|give|be (?:sure|certain)|know|find|recall"
    r"|remember|speculate|predict|respond|share|discuss|offer|make|identify|fulfill|fulfil|comply|think of)"
)
_KNOWLEDGE = (
    r"(?:information|knowledge|data|opinions?|answers?|context|experience|access|idea|clue|comment|preferences?"
    r"|feelings?|beliefs?|details)"
)
# Word patterns that decline wherever they stand.
_PHRASES = (
    rf"{_WHO} {_ADVERB}{_NOT} {_ADVERB}(?:know|remember|recall|understand)",
    rf"{_WHO} {_ADVERB}{_NOT} {_ADVERB}have (?:\w+ ){{0,3}}{_KNOWLEDGE}",
    rf"{_WHO} {_ADVERB}have no (?:\w+ )?{_KNOWLEDGE}",
    rf"{_AM} {_ADVERB}not {_ADVERB}(?:sure|certain|aware|able to {_ANSWERING}|familiar|qualified)",
    rf"{_AM} {_ADVERB}(?:unsure|uncertain|unaware|unfamiliar)",
    rf"{_WHO} {_ADVERB}{_CANNOT} {_ADVERB}{_ANSWERING}",
    rf"{_AM} {_ADVERB}(?:unable|not able) to {_ANSWERING}",
    rf"{_WHO} (?:must |have to )?(?:refuse|decline) to {_ANSWERING}",
    rf"{_WHO} (?:would |prefer |would prefer )?(?:rather )?not (?:to )?{_ANSWERING}",
    r"it is (?:impossible|not possible|hard|difficult) to (?:say|know|tell|determine)",
    r"beyond my knowledge",
)
# Whole answers that decline.
_WHOLE = (
    r"(?:no (?:comment|idea|clue|answer|opinion|response)|not sure|unsure|uncertain|idk|dunno|pass|n a|none given)",
    r"(?:it is |that is |this is )?(?:unknown|not known|unclear|not clear|uncertain|undetermined)",
    rf"(?:sorry )?(?:{_CANNOT}|unable to) {_ANSWERING}(?: that| this)?",
    r"(?:sorry )?do not know",
)
_ABSTAINS = re.compile("|".join(rf"\b(?:{phrase})\b" for phrase in _PHRASES))
_IS_ABSTENTION = re.compile("|".join(f"(?:{phrase})" for phrase in _WHOLE))
# What turns a hedge into an attempt.
_GUESS = re.compile(
    r"\b(?:i (?:would )?(?:think|guess|believe|suspect|assume|say)|my (?:best )?guess|maybe|perhaps|probably|possibly"
    r"|most likely|likely|presumably|it (?:might|may|could) be)\b"
)


def find_abstention(words: Sequence[str]) -> tuple[int, int] | None:
    """Where an answer declines to answer: the first and the last but one of the words that say so.

    English only. ``I don't know``, ``I have no comment``, ``I'm not sure``, ``I cannot answer that``, refusals; alone
    also ``no idea``, ``unknown``, ``not sure``.

    Parameters
    ----------
    words : sequence of str
        From `factuality.words.words_of`.

    Returns
    -------
    pair of int, or None
        A slice of `words`; none where the answer does not decline.

    Examples
    --------
    >>> find_abstention(("sorry", "i", "do", "not", "know", "that"))
    (1, 5)
    >>> find_abstention(("everybody", "knows", "that")) is None
    True
    """
    text = " ".join(words)
    if _IS_ABSTENTION.fullmatch(text):
        return 0, len(words)
    found = _ABSTAINS.search(text)
    if found is None:
        return None
    first = text[: found.start()].count(" ")
    return first, first + found.group().count(" ") + 1


def is_guess(words: Sequence[str]) -> bool:
    """Whether words announce an answer after all: ``but I think``, ``maybe``, ``probably``.

    Examples
    --------
    >>> is_guess(("but", "i", "think", "paris"))
    True
    """
    return _GUESS.search(" ".join(words)) is not None
