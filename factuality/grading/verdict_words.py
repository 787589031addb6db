"""Reading of verdicts that a judge or a person wrote."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from calibration.models.tokenizing.thoughts import answer_in
from calibration.predictions.grades import GRADE_WORDS, Grade

from .verdict_phrases.statements import Statement, Statements, statements_in
from .verdict_phrases.texts import plain_text
from .verdict_phrases.vocabulary import declared_pattern, declared_word, folded, phrase_pattern

__all__ = ["GRADE_WORDS", "Reading", "read_grade", "read_verdict", "speaks_of_verdict", "verdict_of"]

_LONGEST_QUOTE = 120
_ANY_WORD = re.compile(phrase_pattern(GRADE_WORDS), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """A verdict as read, or the reason why there is none.

    Attributes
    ----------
    grade : {"correct", "incorrect", "abstained", "ungraded"}
        ``ungraded`` if the text gives no verdict, or more than one.
    problem : str
        Reason why a text with words for a grade gives none, with the text quoted; empty otherwise.
    """

    grade: Grade
    problem: str = ""


def verdict_of(text: str) -> Grade:
    """The grade that a judge or a person wrote out.

    Parameters
    ----------
    text : str
        A cell of a table, or the whole text of a judge: ``CORRECT``, ``**Verdict:** not attempted``, ``correct: no``,
        ``{"is_correct": false}``, ``<verdict>incorrect</verdict>``.

    Returns
    -------
    {"correct", "incorrect", "abstained", "ungraded"}
        See `read_grade`.

    Examples
    --------
    >>> [verdict_of(text) for text in ("CORRECT", "correct: no", "NOT_ATTEMPTED", "")]
    ['correct', 'incorrect', 'abstained', 'ungraded']
    >>> verdict_of("It names Lyon; the correct answer is Paris. Verdict: **Incorrect**.")
    'incorrect'
    """
    return read_grade(text).grade


def read_grade(text: str) -> Reading:
    r"""The grade that a text gives, or the problem if it gives none.

    Parameters
    ----------
    text : str
        Text of a judge or a person.

    Returns
    -------
    Reading
        The value behind a name decides (``correct: no``, ``Correct? No.``, ``refused: true``). Values, verdicts behind
        ``Verdict:``, ``Grade:`` and the like, and verdicts alone on their line come before running text, in which
        quotations, suppositions and verdicts on something else do not count. Statements that contradict each
        other are ``ungraded``, unless the later one concludes or revises (``so``, ``wait``, ``on reflection``).
        The meaning of letters depends on the question to the judge, so only `read_verdict` reads them.

    Examples
    --------
    >>> read_grade("correct: yes\nVerdict: incorrect")
    Reading(grade='ungraded', problem="more than one verdict in 'correct: yes\\nVerdict: incorrect'")
    """
    text = answer_in(text) or ""  # thoughts of a judge are no verdict
    grade, n_readings = _decided(statements_in(text))
    if grade is not None:
        return Reading(grade)
    if n_readings == 0 and not speaks_of_verdict(text):
        return Reading("ungraded")
    quoted = text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "…"
    return Reading("ungraded", f"{'more than one' if n_readings > 1 else 'no plain'} verdict in {quoted!r}")


def speaks_of_verdict(text: str) -> bool:
    """Whether a text holds any word for a grade.

    The word may be denied, half a verdict, or one of several.

    Examples
    --------
    >>> speaks_of_verdict("partially correct"), speaks_of_verdict("corect")
    (True, False)
    """
    return _ANY_WORD.search(plain_text(text)) is not None


def _decided(statements: Statements) -> tuple[Grade | None, int]:
    """The grade, or None, and the number of statements behind it."""
    chosen = statements.strong or statements.weak
    readable = [statement for statement in chosen if statement.grades]
    if not readable or (not statements.strong and not chosen[-1].grades):
        return None, min(len(chosen), 1)
    grade = _common(readable)
    if grade is None and len(readable) > 1:
        grade = _common(_concluding(readable, statements.conclusions))
    return grade, len(readable)


def _common(statements: Sequence[Statement]) -> Grade | None:
    """The only grade that all statements leave open."""
    grades = frozenset.intersection(*(statement.grades for statement in statements))
    # Behind "correct: no" an answer is incorrect as long as nothing says that it was refused.
    if grades == {"incorrect", "abstained"}:
        return "incorrect"
    return next(iter(grades)) if len(grades) == 1 else None


def _concluding(statements: Sequence[Statement], conclusions: Sequence[int]) -> Sequence[Statement]:
    """Statements behind the last conclusion that is followed by any."""
    last = max(statement.position for statement in statements)
    start = max((position for position in conclusions if position <= last), default=0)
    return [statement for statement in statements if statement.position >= start]


def read_verdict(text: str, verdicts: Collection[str]) -> str | None:
    r"""The verdict that a text declares, among given words or letters.

    Parameters
    ----------
    text : str
        Text of a judge.
    verdicts : collection of str
        Words, phrases or letters; their case does not count, and a space stands for ``_`` and ``-`` too.

    Returns
    -------
    str or None
        The **last** verdict declared: alone on its line or behind ``Verdict:``, ``Grade:`` and the like, in any
        markup, first in its line before an explanation. None if there is none.

    Examples
    --------
    >>> read_verdict("I compared both.\n\n**Verdict: B**", ["A", "B", "C"])
    'B'
    >>> read_verdict("A river runs there.", ["A", "B"]) is None
    True
    """
    words = {folded(plain_text(verdict)): verdict for verdict in verdicts}
    declared = [declared_word(match) for match in declared_pattern(words).finditer(plain_text(answer_in(text) or ""))]
    return words.get(folded(declared[-1])) if declared else None
