"""Kind of one clause: whether it declines, answers, or does neither."""

from __future__ import annotations

import re
from dataclasses import replace

from .clause_wording import (
    CHOOSES,
    CONDITION,
    DATE,
    FILLERS,
    FRAME,
    GUESSES,
    LEAD,
    NEITHER,
    NEITHER_INSIDE,
    NO_SUBJECT,
    PREMISE,
    QUESTION,
    REASONS,
    ROLE,
    SHARED,
    SOURCE_TELLS,
    SUBORDINATE,
)
from .clauses import Clause, ClauseKind
from .context import ASKS_BACK, HOLDS_BACK, LACKS, MACHINE, MARKERS, OWN_LIFE, UNSETTLED
from .deferrals import DEFERS
from .denials import DENIES, WILL_NOT
from .evidence import ANSWERS, HAS_NUMBER, NAMES, PARTIAL
from .limits import LOOSELY_DECLINES, NAMES_LIMIT
from .referrals import POINTS, TURNS_BACK, WILL_KNOW, WONDERS
from .silences import LEAVES_OPEN
from .wording import IMPERSONALLY_DECLINES, REFUSES, SPEAKER_DECLINES, SPEAKER_DECLINES_INSIDE

_MOST_LEADS = 6
_GUESSED_WORDS = 2


def kind_of(clause: Clause, declined: ClauseKind | None, *, introduced: bool, continues: bool) -> ClauseKind:
    """Kind of a clause behind others.

    The strongest of them declined so, if any did. A colon or ``so`` may introduce it; it may continue a clause that has
    a subject of its own.
    """
    text = FILLERS.sub("", clause.text) or clause.text
    if not text or CONDITION.match(text):
        return "neither"
    if MARKERS.fullmatch(text):
        return "declines"
    if SHARED.match(text):
        return "answers"
    for _ in range(_MOST_LEADS):
        if continues and NO_SUBJECT.match(text):
            break
        kind = _kind_of_beginning(text)
        if kind is not None:
            return kind
        text = DATE.sub("", text)
        lead = LEAD.match(text)
        if lead is None:
            break
        text = text[lead.end() :].strip()
        if MARKERS.fullmatch(text):
            return "declines"
    kind = _kind_of_rest(replace(clause, text=text), declined)
    if kind == "answers" and declined is not None and WILL_KNOW.match(text):
        return "neither"
    if kind == "answers" and declined == "denies" and not clause.contrast and not introduced:
        return "answers" if _is_content(clause, text) else "neither"
    return kind


def _is_content(clause: Clause, text: str) -> bool:
    """Whether a clause behind a denial is known to answer."""
    return (
        ANSWERS.match(text) is not None
        or HAS_NUMBER.search(clause.text) is not None
        or NAMES.search(clause.source) is not None
    )


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
    if clause.asked and declined is not None and _is_guess(text):
        return "answers"
    if CHOOSES.match(text) or (clause.contrast and SOURCE_TELLS.match(text)):
        return "answers"
    if not text or any(pattern.match(text) for pattern in (NEITHER, UNSETTLED, POINTS)) or NEITHER_INSIDE.search(text):
        return "neither"
    if MACHINE.fullmatch(text) or (clause.asked and (QUESTION.match(text) or declined is None)):
        return "neither"
    reason = not clause.contrast and (declined == "refuses" or (declined is not None and REASONS.search(text)))
    return "neither" if reason else "answers"


def _is_guess(text: str) -> bool:
    return len(text.split()) <= _GUESSED_WORDS and not QUESTION.match(text) and not NEITHER.match(text)


def _declining_match(text: str) -> re.Match[str] | None:
    patterns = (SPEAKER_DECLINES, IMPERSONALLY_DECLINES, DEFERS, NAMES_LIMIT, DENIES, LEAVES_OPEN, TURNS_BACK)
    return next((match for pattern in patterns if (match := pattern.match(text))), None)


def declines_alone(clause: Clause) -> bool:
    """Whether a clause declines where no other declines or answers."""
    text = without_leads(clause.text)
    if POINTS.match(text) or WONDERS.match(text):
        return True
    return LOOSELY_DECLINES.match(text) is not None and OWN_LIFE.search(text) is None


def without_leads(text: str) -> str:
    """The words of a clause without what leads up to them."""
    for _ in range(_MOST_LEADS):
        lead = LEAD.match(text)
        if lead is None:
            break
        text = text[lead.end() :].strip()
    return text


def _declining(text: str) -> ClauseKind:
    if REFUSES.search(text) or WILL_NOT.match(text):
        return "refuses"
    return "declines" if PARTIAL.search(text) else "denies"
