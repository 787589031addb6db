"""Clauses of an answer, and whether they decline, answer, or do neither."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Literal

from .clause_wording import (
    ASKED_FOR,
    CHOOSES,
    CONDITION,
    DATE,
    FRAME,
    GUESSES,
    LEAD,
    NEITHER,
    NEITHER_INSIDE,
    PREMISE,
    QUESTION,
    REASONS,
    ROLE,
    SHARED,
    SOURCE_TELLS,
    SUBJECT,
    SUBORDINATE,
    UNFINISHED,
)
from .context import (
    ASKS_BACK,
    CUT_OFF,
    HOLDS_BACK,
    KIND_OF_MACHINE,
    LACKS,
    MACHINE,
    MARKERS,
    OWN_LIFE,
    PENDING,
    POLARITY,
    UNSETTLED,
)
from .deferrals import DEFERS
from .limits import LOOSELY_DECLINES, NAMES_LIMIT
from .wording import IMPERSONALLY_DECLINES, REFUSES, SPEAKER_DECLINES, SPEAKER_DECLINES_INSIDE

ClauseKind = Literal["declines", "refuses", "answers", "neither"]


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


_MOST_LEADS = 6
_LIST_WORDS = 4
_INSERTED_WORDS = 7


def kinds_of(clauses: Sequence[Clause]) -> list[ClauseKind]:
    """Kind of each clause of an answer.

    Examples
    --------
    >>> kinds_of([Clause("i do not know why people think that"), Clause("sun is white", 1)])
    ['declines', 'answers']
    """
    kinds: list[ClauseKind] = []
    declined: ClauseKind | None = None
    for index, clause in enumerate(clauses):
        kind = _kind(clause, declined)
        if kind != "refuses" and index and _declines_behind(clauses[index - 1], clause):
            kind = "declines"
        if kind == "answers" and (_is_listed(clauses, index, kinds) or _is_apposed(clauses, index)):
            kind = "neither"
        kinds.append(kind)
        if kind == "refuses" or (kind == "declines" and declined is None):
            declined = kind
    if {*kinds} == {"neither"}:
        kinds = ["declines" if _loosely_declines(_without_leads(clause.text)) else "neither" for clause in clauses]
    for index in range(len(clauses)):
        if kinds[index] == "answers" and _is_settled_behind(clauses, kinds, index):
            kinds[index] = "neither"
        elif kinds[index] != "neither":
            break
    return kinds


def _is_settled_behind(clauses: Sequence[Clause], kinds: Sequence[ClauseKind], index: int) -> bool:
    """Whether an opening is no answer, because the next clause declines.

    ``No. I can't help``, ``Why, I don't know``.
    """
    text = clauses[index].text
    if POLARITY.fullmatch(text):
        return "refuses" in kinds
    behind = clauses[index + 1 : index + 2]
    return (
        ASKED_FOR.match(text) is not None
        and bool(behind)
        and behind[0].sentence == clauses[index].sentence
        and not behind[0].contrast
        and kinds[index + 1] in ("declines", "refuses")
    )


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


def _declines_behind(front: Clause, clause: Clause) -> bool:
    """Whether a clause declines only together with the clause in front.

    A machine and a thing that it lacks; a cut-off date and a question that it leaves open.
    """
    if MACHINE.fullmatch(front.text) and LACKS.match(clause.text):
        return True
    return CUT_OFF.fullmatch(front.text) is not None and PENDING.match(clause.text) is not None


def _is_apposed(clauses: Sequence[Clause], index: int) -> bool:
    """Whether a clause describes the machine of the clause in front.

    ``As Gemma, an open assistant, ...``.
    """
    return (
        index > 0
        and MACHINE.fullmatch(clauses[index - 1].text) is not None
        and KIND_OF_MACHINE.fullmatch(clauses[index].text) is not None
    )


def _kind(clause: Clause, declined: ClauseKind | None) -> ClauseKind:
    """Kind of a clause behind others that refused or declined, if any did."""
    text = clause.text
    if not text or CONDITION.match(text):
        return "neither"
    if MARKERS.fullmatch(text):
        return "declines"
    if SHARED.match(text):
        return "answers"
    for _ in range(_MOST_LEADS):
        kind = _kind_of_beginning(text)
        if kind is not None:
            return kind
        text = DATE.sub("", text)
        lead = LEAD.match(text)
        if lead is None:
            break
        text = text[lead.end() :].strip()
    return _kind_of_rest(replace(clause, text=text), declined)


def _kind_of_beginning(text: str) -> ClauseKind | None:
    """Kind of a clause by its first words; None if they do not decide.

    Lead-ins may come in front of the words that count.
    """
    if match := _declining_match(text):
        content = OWN_LIFE.search(text) or GUESSES.search(text[match.end() :])
        return "answers" if content else _declining(text)
    if (role := ROLE.match(text)) is not None:
        rest = text[role.end() :]
        if DEFERS.match(rest) or (MACHINE.fullmatch(role.group().strip()) and LACKS.match(rest)):
            return _declining(text)
    frame = FRAME.match(text)
    if frame is not None and _declining_match(text[frame.end() :]) and not OWN_LIFE.search(text):
        return _declining(text)
    if not DATE.match(text) and SUBORDINATE.match(text):
        return _declining(text) if SPEAKER_DECLINES_INSIDE.search(text) else "neither"
    return None


def _kind_of_rest(clause: Clause, declined: ClauseKind | None) -> ClauseKind:
    """Kind of a clause whose first words neither decline nor depend on another."""
    text = clause.text
    if HOLDS_BACK.match(text) and not OWN_LIFE.search(text) and not GUESSES.search(text):
        return _declining(text)
    if (clause.asked and ASKS_BACK.match(text)) or (PREMISE.match(text) and SPEAKER_DECLINES_INSIDE.search(text)):
        return "declines"
    if CHOOSES.match(text) or (clause.contrast and SOURCE_TELLS.match(text)):
        return "answers"
    if not text or any(pattern.match(text) for pattern in (NEITHER, UNSETTLED)) or NEITHER_INSIDE.search(text):
        return "neither"
    if MACHINE.fullmatch(text) or (clause.asked and (QUESTION.match(text) or declined is None)):
        return "neither"
    reason = not clause.contrast and (declined == "refuses" or (declined is not None and REASONS.search(text)))
    return "neither" if reason else "answers"


def _declining_match(text: str) -> re.Match[str] | None:
    patterns = (SPEAKER_DECLINES, IMPERSONALLY_DECLINES, DEFERS, NAMES_LIMIT)
    return next((match for pattern in patterns if (match := pattern.match(text))), None)


def _loosely_declines(text: str) -> bool:
    return LOOSELY_DECLINES.match(text) is not None and OWN_LIFE.search(text) is None


def _without_leads(text: str) -> str:
    for _ in range(_MOST_LEADS):
        lead = LEAD.match(text)
        if lead is None:
            break
        text = text[lead.end() :].strip()
    return text


def _declining(text: str) -> ClauseKind:
    return "refuses" if REFUSES.search(text) else "declines"


def _is_listed(clauses: Sequence[Clause], index: int, kinds: Sequence[ClauseKind]) -> bool:
    """Whether a clause continues a list of the clause in front.

    ``feelings, beliefs, or opinions``.
    """
    clause = clauses[index]
    behind = takewhile(lambda other: other.sentence == clause.sentence, clauses[index + 1 : index + 9])
    return (
        index > 0
        and clauses[index - 1].sentence == clause.sentence
        and kinds[-1] != "answers"
        and not clause.contrast
        and len(clause.text.split()) <= _LIST_WORDS
        and (
            re.match(r"(?:and|or|nor)\b", clause.text) is not None
            or any(re.match(r"(?:and|or|nor)\b", other.text) for other in behind)
        )
    )
