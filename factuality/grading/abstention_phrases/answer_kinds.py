"""Kinds of the clauses of an answer, which depend on one another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from .clause_kinds import declines_alone, kind_of, without_leads
from .clause_wording import ASKED_FOR, HAS_SUBJECT, QUESTION
from .clauses import DECLINING, Clause, ClauseKind
from .context import CUT_OFF, KIND_OF_MACHINE, LACKS, MACHINE, PENDING, POLARITY
from .evidence import HAS_NUMBER
from .referrals import TURNS_BACK
from .silences import FOLLOWS_OPEN

_PLAIN_NO = frozenset({"no", "never", "not ever"})
_LIST_WORDS = 4
_REMARK_WORDS = 3
_NEARBY_CLAUSES = 12
_INTRODUCES = re.compile(r"^(?!no comment\b).*(?:[:;]|\bso)\s*$", re.IGNORECASE | re.DOTALL)
_SO = re.compile(r"\bso\s*$", re.IGNORECASE)
_CONCLUDES = re.compile(r"(?:so|therefore|hence|thus|which means|and so|and|but)\b")
_OWN = re.compile(r"(?:i|my)\b")


def kinds_of(clauses: Sequence[Clause]) -> list[ClauseKind]:
    """Kind of each clause of an answer.

    Examples
    --------
    >>> kinds_of([Clause("i do not know why people think that"), Clause("sun is white", 1)])
    ['declines', 'answers']
    >>> kinds_of([Clause("i can not see your screen"), Clause("screens differ", 1), Clause("it is blue", 2)])
    ['denies', 'neither', 'answers']
    """
    kinds: list[ClauseKind] = []
    declined: ClauseKind | None = None
    turned = False
    for index, clause in enumerate(clauses):
        turned = _turns(clauses, index, kinds) or (turned and clause.sentence == clauses[index - 1].sentence)
        kind = kind_of(
            replace(clause, contrast=turned),
            declined,
            introduced=index > 0 and _introduces(clauses[index - 1]),
            continues=index > 0 and _goes_on(clauses[index - 1], clause),
        )
        if index > 0 and kind not in ("refuses", "denies"):
            kind = _kind_behind(clauses[index - 1], clause, kind)
        if kind == "answers" and (_is_listed(clauses, index, kinds) or _is_apposed(clauses, index)):
            kind = "neither"
        kinds.append(kind)
        if kind in DECLINING and (declined is None or DECLINING.index(kind) > DECLINING.index(declined)):
            declined = kind
    if {*kinds} == {"neither"}:
        kinds = _kinds_alone(clauses)
    return _without_openings(clauses, _without_remarks(clauses, kinds))


def _kinds_alone(clauses: Sequence[Clause]) -> list[ClauseKind]:
    """Kinds of clauses none of which declines or answers by itself."""
    kinds: list[ClauseKind] = ["declines" if declines_alone(clause) else "neither" for clause in clauses]
    if clauses and clauses[-1].asked and not clauses[0].asked and QUESTION.match(without_leads(clauses[-1].text)):
        kinds[-1] = "declines"
    return kinds


def _introduces(front: Clause) -> bool:
    """Whether a clause ends with a colon, a semicolon or ``so``."""
    return _INTRODUCES.search(front.source) is not None and not TURNS_BACK.match(without_leads(front.text))


def _goes_on(front: Clause, clause: Clause) -> bool:
    """Whether a clause may share the subject of another in front."""
    return front.sentence == clause.sentence and HAS_SUBJECT.match(front.text) is not None


def _without_openings(clauses: Sequence[Clause], kinds: Sequence[ClauseKind]) -> list[ClauseKind]:
    kinds = list(kinds)
    for index in range(len(clauses)):
        if kinds[index] == "answers" and _is_settled_behind(clauses, kinds, index):
            kinds[index] = "neither"
        elif kinds[index] != "neither":
            break
    return kinds


def _without_remarks(clauses: Sequence[Clause], kinds: Sequence[ClauseKind]) -> list[ClauseKind]:
    """Kinds of clauses, where remarks in front of a speaker's denial are no answers.

    ``Religion is personal, and I take no position``.
    """
    kinds = list(kinds)
    denial = next((index for index, kind in enumerate(kinds) if _is_own_denial(clauses[index], kind)), None)
    if denial is None or "answers" in kinds[denial:]:
        return kinds
    fronts = [index for index in range(denial) if kinds[index] == "answers"]
    if kinds[denial] == "refuses":
        fronts = [index for index in fronts if not POLARITY.fullmatch(clauses[index].text)]
    if all(_is_remark(clauses[index]) for index in fronts):
        for index in fronts:
            kinds[index] = "neither"
    return kinds


def _is_own_denial(clause: Clause, kind: ClauseKind) -> bool:
    return kind in ("denies", "refuses") and _OWN.match(without_leads(clause.text)) is not None


def _is_remark(clause: Clause) -> bool:
    """Whether a clause is a sentence without a number or a name."""
    words = clause.source.split()
    return (
        len(words) >= _REMARK_WORDS
        and HAS_NUMBER.search(clause.text) is None
        and POLARITY.match(clause.text) is None
        and not any(word[:1].isupper() for word in words[1:])
        and not clause.contrast
    )


def _turns(clauses: Sequence[Clause], index: int, kinds: Sequence[ClauseKind]) -> bool:
    """Whether a contrast is one with a denial, not between its reasons."""
    clause = clauses[index]
    if not clause.contrast:
        return False
    nearby = range(max(0, index - _NEARBY_CLAUSES), index)
    before = [kinds[other] for other in nearby if clauses[other].sentence == clause.sentence]
    return not before or any(kind in DECLINING for kind in before) or "refuses" not in kinds


def _is_settled_behind(clauses: Sequence[Clause], kinds: Sequence[ClauseKind], index: int) -> bool:
    """Whether an opening is no answer, because the next clause declines.

    ``No. I can't help``, ``Why, I don't know``, ``It lists the rest, so that can't be told``.
    """
    text = clauses[index].text
    if _CONCLUDES.match(_opening(clauses, index + 1)) and _denies_behind(clauses, kinds, index):
        return True
    if POLARITY.fullmatch(text):
        return "refuses" in kinds or (text not in _PLAIN_NO and kinds[index + 1 : index + 2] == ["denies"])
    behind = clauses[index + 1 : index + 2]
    return (
        ASKED_FOR.match(text) is not None
        and bool(behind)
        and behind[0].sentence == clauses[index].sentence
        and not behind[0].contrast
        and kinds[index + 1] in DECLINING
    )


def _opening(clauses: Sequence[Clause], index: int) -> str:
    """Words of a clause that continues a sentence, its conjunction in front."""
    if index >= len(clauses) or clauses[index].sentence != clauses[index - 1].sentence:
        return ""
    if _SO.search(clauses[index - 1].source):
        return f"so {clauses[index].text}"
    return f"but {clauses[index].text}" if clauses[index].contrast else clauses[index].text


def _denies_behind(clauses: Sequence[Clause], kinds: Sequence[ClauseKind], index: int) -> bool:
    return kinds[index + 1] in ("denies", "refuses") and len(clauses[index].text.split()) > _REMARK_WORDS


def _kind_behind(front: Clause, clause: Clause, kind: ClauseKind) -> ClauseKind:
    """Kind of a clause together with the one in front.

    What follows from it is left open; a machine lacks a thing; a question is open at a cut-off date.
    """
    if _introduces(front) and _SO.search(front.source) and FOLLOWS_OPEN.match(clause.text):
        return "denies"
    if MACHINE.fullmatch(front.text) and LACKS.match(clause.text):
        return "declines"
    return "declines" if CUT_OFF.fullmatch(front.text) and PENDING.match(clause.text) else kind


def _is_apposed(clauses: Sequence[Clause], index: int) -> bool:
    """Whether a clause describes the machine of the clause in front.

    ``As Gemma, an open assistant, ...``.
    """
    return (
        index > 0
        and MACHINE.fullmatch(clauses[index - 1].text) is not None
        and KIND_OF_MACHINE.fullmatch(clauses[index].text) is not None
    )


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
