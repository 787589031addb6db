"""Answers that decline to answer."""

from __future__ import annotations

from calibration.models.tokenizing.thoughts import answer_in

from .abstention_phrases.answer_kinds import kinds_of
from .abstention_phrases.answer_text import AnswerText, read_answer
from .abstention_phrases.clauses import DECLINING
from .abstention_phrases.second_opinion import word_weights


def declines(response: str) -> bool:
    """Whether an answer declines to answer and does not answer all the same.

    English only, by its structure: some clause says that the speaker does not know, cannot or will not answer, that
    the source or the question does not allow an answer, or that nobody knows; and no clause answers. Apologies,
    reasons, remarks on the question and offers of help do neither, quotations and titles are names, and what other
    people do not know (``scientists do not know what causes it``) is an answer. An answer without words declines;
    thoughts that did not come to an answer do not. Where the wording of an answer of 4 to 40 words is that of the
    opposite with a probability of at least .7 (abstentions) or .9 (answers), by weights fitted on labelled answers,
    these decide (`factuality.grading.abstention_phrases.second_opinion`).

    Examples
    --------
    >>> declines("I'm sorry, but I can't help with that. I can suggest a book."), declines("")
    (True, True)
    >>> declines("I'm not sure, but it is about 300 km."), declines("It is Paris, though I cannot verify that.")
    (False, False)
    >>> declines("I don't know why people believe that; the Sun is white.")
    False
    """
    answer = answer_in(response)
    if answer is None:
        return False
    read = read_answer(answer)
    return not read.clauses or word_weights().abstains(read, ruled=_ruled(read))


def declines_by_rules(response: str) -> bool:
    """Whether an answer declines by the rules alone.

    Where an answer names a reference, that weighs more than the second opinion, and less than the rules.

    Examples
    --------
    >>> declines_by_rules("I don't know."), declines_by_rules("I do not have kids")
    (True, False)
    """
    answer = answer_in(response)
    return answer is not None and _ruled(read_answer(answer))


def answering_part(response: str) -> str:
    """The answering part of an answer, without thoughts and declining clauses.

    Declining clauses are dropped only if other clauses answer.

    Things that a speaker does not know beside the answer are not compared with references. An answer in which no
    clause declines, or none answers, stays as it is.

    Examples
    --------
    >>> answering_part("I don't know why people believe that; the Sun is white.")
    'the Sun is white.'
    >>> answering_part("It is Paris, though I cannot verify that."), answering_part("I don't know.")
    ('It is Paris, though', "I don't know.")
    """
    answer = answer_in(response) or ""
    clauses = read_answer(answer).clauses
    kinds = kinds_of(clauses)
    if "answers" not in kinds or not any(kind in DECLINING for kind in kinds):
        return answer
    kept = [clause.source for clause, kind in zip(clauses, kinds, strict=True) if kind not in DECLINING]
    return " ".join(kept)


def _ruled(answer: AnswerText) -> bool:
    kinds = kinds_of(answer.clauses)
    return not kinds or ("answers" not in kinds and any(kind in DECLINING for kind in kinds))
