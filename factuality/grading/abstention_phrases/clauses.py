"""Clauses of an answer, and the kinds that they are of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from .clause_wording import SUBJECT, UNFINISHED

ClauseKind = Literal["declines", "denies", "refuses", "answers", "neither"]

DECLINING: tuple[ClauseKind, ...] = ("declines", "denies", "refuses")
"""Kinds that decline, from weak to strong.

Behind a clause that only declines, any content answers; behind one that denies, what is known to answer; behind one
that refuses, nothing without a ``but``.
"""

_INSERTED_WORDS = 7


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of an answer between two signs of punctuation.

    Attributes
    ----------
    text : str
        Its words in lower case, contractions written out, without articles.
    sentence : int
        Number of its sentence, from 0.
    asked : bool
        Whether the sentence ends with a question mark.
    contrast : bool
        Whether ``but``, ``however`` or the like precedes it.
    source : str
        The words as written, with the punctuation behind them.
    """

    text: str
    sentence: int = 0
    asked: bool = False
    contrast: bool = False
    source: str = ""


def without_insertions(clauses: Sequence[Clause]) -> list[Clause]:
    """Clauses with insertions between commas joined in.

    ``I cannot, in good faith, name one`` is one clause.
    """
    joined: list[Clause] = []
    index = 0
    while index < len(clauses):
        clause = clauses[index]
        pieces = clauses[index + 1 : index + 3]
        if (
            len(pieces) == 2
            and UNFINISHED.fullmatch(clause.text)
            and len(pieces[0].text.split()) <= _INSERTED_WORDS
            and not SUBJECT.match(pieces[1].text)
            and not pieces[0].contrast
            and not pieces[1].contrast
            and clause.sentence == pieces[1].sentence
        ):
            clause = replace(
                clause,
                text=f"{clause.text} {pieces[1].text}",
                source=" ".join(part.source for part in (clause, *pieces)),
            )
            index += 2
        joined.append(clause)
        index += 1
    return joined
