"""Answers that decline to answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .words import clauses_of

_NOT = r"(?:do not|did not)"
_CANNOT = r"(?:can not|could not|will not|would not)"
_ADVERB = (
    r"(?:(?:really|honestly|truly|simply|just|actually|currently|quite|entirely|completely|absolutely|personally|fully"
    r"|very|exactly|even|respectfully|politely|100 %|in good conscience) )*"
)
_WHO = r"(?:i|we)"
_AM = r"(?:i am|we are)"
_ANSWERING = (
    r"(?:say|tell|answer|determine|confirm|verify|provide|comment|help(?! but)|assist|give|be (?:sure|certain|able to)"
    r"|know|find|recall|remember|speculate|predict|respond|share|discuss|offer|make|identify|fulfill|fulfil|comply"
    r"|think of|guess|do (?:that|this|so)|look|check|access|take side|want to mislead)"
)
_INFORMATION = r"(?:information|context|details?|data)"
_KNOWLEDGE = (
    rf"(?:{_INFORMATION}|knowledge|opinions?|answers?|experience|access|idea|clue|comment|preferences?|feelings?"
    r"|beliefs?|ability|views?)"
)
# Word patterns that decline wherever they stand.
_PHRASES = (
    rf"{_WHO} {_ADVERB}{_NOT} {_ADVERB}(?:know|remember|recall|understand|feel comfortable|want to {_ANSWERING})",
    rf"{_WHO} {_ADVERB}{_NOT} {_ADVERB}think {_WHO} {_ADVERB}(?:know|can|could|should)",
    rf"(?:{_WHO} {_ADVERB}|ai and ){_NOT} {_ADVERB}(?:have|possess|hold) (?:\w+ ){{0,3}}{_KNOWLEDGE}",
    rf"{_WHO} {_ADVERB}have (?:no (?:\w+ )?{_KNOWLEDGE}|not {_ADVERB}(?:heard of|come across|got (?:clue|idea)))",
    rf"{_AM} {_ADVERB}not {_ADVERB}(?:sure|certain|aware|able to {_ANSWERING}|familiar|qualified|comfortable"
    rf"|in position to {_ANSWERING})",
    rf"{_AM} {_ADVERB}(?:unsure|uncertain|unaware|unfamiliar)",
    rf"{_WHO} {_ADVERB}{_CANNOT} {_ADVERB}{_ANSWERING}",
    rf"(?:{_AM}|{_WHO} (?:was|were)) {_ADVERB}(?:unable|not able) to {_ANSWERING}",
    rf"{_WHO} {_ADVERB}(?:must |have to )?{_ADVERB}(?:refuse|decline) to {_ANSWERING}",
    rf"(?:{_WHO}|{_AM} going to) (?:must|have to|will) {_ADVERB}(?:refuse|decline|pass)",
    rf"(?:i|we|id|wed) (?:would |prefer |would prefer )?(?:rather )?not (?:to )?{_ANSWERING}",
    rf"{_WHO} can neither confirm nor deny",
    rf"not something {_WHO} (?:can|could|will|am able|are able)",
    rf"it would (?:not be appropriate|be inappropriate) (?:for me )?to {_ANSWERING}",
    r"it is (?:impossible|not possible|hard|difficult) to (?:say|know|tell|determine)",
    rf"(?:not enough|insufficient) {_INFORMATION}(?: \w+){{0,4}} to {_ANSWERING}",
    rf"(?:question|prompt|request) {_ADVERB}(?:does not|do not) (?:provide|give|contain|include) (?:\w+ ){{0,3}}"
    rf"{_INFORMATION}",
    rf"{_WHO} (?:would )?(?:need|require|lack) (?:\w+ ){{0,2}}{_INFORMATION}",
    rf"(?:could|can|would) you (?:please )?(?:clarify|rephrase|(?:provide|give|share) (?:\w+ ){{0,3}}{_INFORMATION})",
    rf"please (?:clarify|rephrase|(?:provide|give|share) (?:\w+ ){{0,3}}{_INFORMATION})",
    rf"my (?:training )?data (?:does not|do not) include (?:\w+ ){{0,2}}{_INFORMATION}",
    r"(?:not (?:known|available)|unknown|unavailable) to me",
    r"(?:beyond|outside) (?:of )?(?:my (?:\w+ of )?(?:knowledge|expertise)|scope of what i (?:can|know))",
    r"your guess is as good as mine",
)
# Whole answers that decline.
_WHOLE = (
    r"(?:sorry |nope |well )?"
    r"(?:no (?:comment|idea|clue|answer|opinion|response)|not sure|unsure|uncertain|idk|dunno|pass|n a|none given)"
    r"(?: sorry)?",
    r"(?:it is |that is |this is )?(?:unknown|not known|unclear|not clear|uncertain|undetermined)",
    rf"(?:sorry )?(?:{_CANNOT}|unable to) {_ANSWERING}(?: that| this)?",
    r"(?:sorry )?do not know",
    r"(?:hard|difficult|impossible) to (?:say|know|tell)",
    r"beats me|who knows",
)
_ABSTAINS = re.compile("|".join(rf"\b(?:{phrase})\b" for phrase in _PHRASES))
_IS_ABSTENTION = re.compile("|".join(f"(?:{phrase})" for phrase in _WHOLE))
# What turns a hedge into an attempt.
_GUESS = re.compile(
    r"\b(?:i (?:would )?(?:think|guess|believe|suspect|assume|say)|my (?:best )?guess|maybe|perhaps|probably|possibly"
    r"|most likely|likely|presumably|it (?:might|may|could) be)\b"
)
# What leads up to a refusal and says nothing itself.
_PREFACE = re.compile(
    r"(?:i|we|my|as|at|based|because|due|for|given|if|regarding|since|sorry|to|unfortunately|unless|well|while|with"
    r"|without|although|though|hello|honestly|truthfully|frankly|please|nope|but|so|and)\b"
    r"|.*\b(?:question|request|topic|subject|matter|ai|assistant|language model|thanks?|sorry|apolog\w+)\b"
)
# A concession, behind which the answer comes.
_CONCEDES = re.compile(r"(?:while|although|though|even (?:if|though))\b")
_CONTRAST = re.compile(r"\b(?:but|however|yet|nevertheless|nonetheless|that said) ")
# What may follow a refusal instead of an answer.
_OFFER = re.compile(
    r"(?:(?:if|when) you|you (?:can|could|may|might|should|are welcome)|please|feel free|let (?:me|us)|here (?:is|are)"
    r"|(?:i|we) (?:am|are|can|could|will|would|hope|encourage|suggest|recommend)(?! (?:say|tell you)\b))\b"
)
_QUOTED = re.compile(r"[\"“”][^\"“”\n]+[\"“”]|(?<!\w)['‘](?:[^'‘’\n]|(?<=\w)['’](?=\w))+['’](?!\w)")


def declines(response: str) -> bool:
    """Whether an answer declines to answer and does not answer all the same.

    English only, by wording: `find_abstention` in what is said outside of quotation marks, with no answer in front of
    it and none behind it (a guess, what a ``but`` or ``however`` brings, the main clause of a concession; an offer of
    other help is none). An answer without words declines.

    Examples
    --------
    >>> declines("I'm sorry, but I can't help with that. I can suggest a book."), declines("")
    (True, True)
    >>> declines("I'm not sure, but it is about 300 km."), declines("It is Paris, though I cannot verify that.")
    (False, False)
    """
    said = response.strip(" \n.")
    if _QUOTED.fullmatch(said):
        said = said[1:-1]  # an answer that stands in quotation marks as a whole is said all the same
    clauses = clauses_of(_QUOTED.sub(" x ", said))
    if not clauses:
        return True
    words = [word for clause in clauses for word in clause]
    found = find_abstention(words)
    if found is None:
        return False
    first, behind = found
    before: list[str] = []
    n_words = 0
    for clause in clauses:
        if n_words + len(clause) > first:
            break
        before.append(" ".join(clause))
        n_words += len(clause)
    concedes = _CONCEDES.match(" ".join(words[n_words:first]))
    if (concedes and before) or not all(_PREFACE.match(clause) for clause in before):
        return False
    rest = " ".join(words[behind:])
    if concedes:
        return _OFFER.match(" ".join(_next_clause(clauses, behind))) is not None
    contrast = _CONTRAST.search(rest)
    return not is_guess(words[behind:]) and (contrast is None or _OFFER.match(rest, contrast.end()) is not None)


def _next_clause(clauses: Sequence[Sequence[str]], word: int) -> Sequence[str]:
    """The first clause that begins at this word or behind it; none where there is none."""
    start = 0
    for clause in clauses:
        if start >= word:
            return clause
        start += len(clause)
    return ()


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
