"""Statements of a verdict in a text: the grades left open, and positions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from calibration.predictions.grades import GRADE_WORDS, NO_SIGNS, YES_SIGNS, Grade

from .prose import HALF_WORDS, REACH, prose_verdicts, words_in_front
from .texts import plain_text, split_objects
from .vocabulary import (
    CLOSE,
    EVERYDAY_WORDS,
    KEY_MEANINGS,
    OPEN,
    SPACE,
    STRONG_LABELS,
    WEAK_LABELS,
    Grades,
    declared_pattern,
    declared_word,
    folded,
    phrase_pattern,
)

_WORDS = phrase_pattern(GRADE_WORDS)
_ONE_WORD = re.compile(_WORDS, re.IGNORECASE)

# Options that are listed are no verdict: "correct / incorrect", "CORRECT, INCORRECT or NOT_ATTEMPTED".
_OPTIONS = re.compile(
    rf"{_WORDS}(?:[\"')\]]?{SPACE}(?:,?{SPACE}(?:\bor\b|\bvs\b\.?)|[,/|]|[(\[]\w[)\]]){SPACE}[\"'(\[]?{_WORDS})+",
    re.IGNORECASE,
)

# A name with its value. Behind "-", "(", ",", ";", "|", "is" and a gap only a bare yes or no counts as its value.
_KEY = re.compile(phrase_pattern(KEY_MEANINGS), re.IGNORECASE)
_ASKED_OF = r"(?:\s(?:answers?|responses?|solution)(?=\s?\?))?"
# What may be written, as in "correct (yes/no): no", is not the value.
_MAY_BE = rf"(?:{SPACE}[(\[][^()\[\]\n]{{1,60}}[)\]](?={SPACE}[:=?→]))?"
_SEPARATOR = re.compile(
    rf"{_ASKED_OF}{CLOSE}{_MAY_BE}(?:{SPACE}(?:[:=?→,;(\[|–—-]|\.{{2,5}}|\bis\b)){{1,3}}{SPACE}", re.IGNORECASE
)
# Behind a gap the value is all that stands on its line.
_GAP = re.compile(rf"{CLOSE}\s{{1,9}}")
_ALONE = re.compile(
    rf"{OPEN}(?:(?P<no>no|nope|false|0|[{NO_SIGNS}])|yes|yep|true|1|[{YES_SIGNS}]){CLOSE}[.!]?\s*$", re.IGNORECASE
)
_DECIDED_BY_VALUE = re.compile("[:=?→]")
_VALUE_BELOW = re.compile(r"(?:[^\S\n]{0,9}\n){0,2}[^\S\n]{0,9}")
_VALUE_ENDS = (
    rf"{CLOSE}{SPACE}(?:$|[.,](?!\d)|[;:!?()\]|→]|[-–—](?!\w)"
    r"|(?:because|since|as|for|it|this|that|the|they|he|she|i|we)\b)"
)
_YES = re.compile(rf"{OPEN}(?:(?:yes|yep|true|1(?:\.0)?|[{YES_SIGNS}]){_VALUE_ENDS}|[yt]\.?\s*$)", re.IGNORECASE)
_NO = re.compile(rf"{OPEN}(?:(?:no|nope|false|0(?:\.0)?|[{NO_SIGNS}]){_VALUE_ENDS}|[nf]\.?\s*$)", re.IGNORECASE)
_WORD_VALUE = re.compile(rf"{OPEN}{_WORDS}{_VALUE_ENDS}", re.IGNORECASE)
_BARE_NOT = re.compile(rf"{OPEN}not{CLOSE}[.!]?\s*$", re.IGNORECASE)
# Another name with a value of its own on the same line.
_NEXT_KEY = re.compile(
    rf"{phrase_pattern(KEY_MEANINGS)}{_ASKED_OF}{CLOSE}{_MAY_BE}(?:{SPACE}[:=?→]){{1,3}}{SPACE}"
    rf"{OPEN}(?:yes|no|true|false|[01{YES_SIGNS}{NO_SIGNS}]){_VALUE_ENDS}",
    re.IGNORECASE | re.MULTILINE,
)
_FALSE_SIGN, _TRUE_SIGN = re.compile(f"[{NO_SIGNS}]"), re.compile(f"[{YES_SIGNS}]")
# Behind a name these words begin half a value; other long texts are an explanation.
_HEDGES = re.compile(
    r"\W*(?:yes|no|true|false|not|never|none|null|nil|nan|n/a|na|maybe|perhaps|possibly|probably|likely|only|hardly"
    r"|barely|partially|partly|partial|half|mostly|almost|nearly|largely|somewhat|unknown|unclear|unsure|\d)(?!\w)",
    re.IGNORECASE,
)
_LONGEST_VALUE = 300
# A shorter text behind "correct:" may be the correct answer itself.
_LEAST_EXPLANATION = 4

# A contradiction behind a value: "yes, but incorrect".
_BUT = re.compile(r"\b(?:but|although|though|however|yet|except)\b")

# What revises or concludes: the statements behind it count, if others differ from them.
_CONCLUSIONS = re.compile(
    r"\b(?:so|therefore|thus|hence|overall|ultimately|finally|final|in (?:conclusion|sum|summary|short|total)"
    r"|on (?:reflection|balance|second thoughts?)|upon (?:review|reflection)|wait|actually|correction|revised)\b|→",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement in a text, and the grades that it leaves open.

    Attributes
    ----------
    grades : frozenset of {"correct", "incorrect", "abstained", "ungraded"}
        The grades that it leaves open: ``correct: no`` is incorrect or abstained. None if it cannot be read.
    position : int
        Its position in the plain text.
    """

    grades: Grades
    position: int = 0


@dataclass(frozen=True, slots=True)
class Statements:
    """Statements of a text, the more explicit ones apart.

    Attributes
    ----------
    strong : tuple of Statement
        Values behind names, verdicts behind labels or alone on a line.
    weak : tuple of Statement
        Everyday words alone on a line or behind ``Answer:``, and verdicts in running text.
    conclusions : tuple of int
        Positions of words that conclude or revise.
    """

    strong: tuple[Statement, ...]
    weak: tuple[Statement, ...]
    conclusions: tuple[int, ...]


def statements_in(text: str) -> Statements:
    """Find the statements of a verdict in a text.

    Examples
    --------
    >>> [sorted(one.grades) for one in statements_in("correct: no").strong]
    [['abstained', 'incorrect']]
    """
    objects, text = split_objects(text)
    strong = [
        statement for _, values in objects for pair in values if (statement := _object_statement(*pair)) is not None
    ]
    text = _OPTIONS.sub(_without_options, plain_text(text))
    keyed, text = _keyed(text)
    declared, everyday = _declared(text)
    weak = [*everyday, *(Statement(grades, position) for grades, position in prose_verdicts(text))]
    conclusions = tuple(match.start() for match in _CONCLUSIONS.finditer(text))
    return Statements((*strong, *keyed, *declared), tuple(weak), conclusions)


def _without_options(match: re.Match[str]) -> str:
    grades = {GRADE_WORDS[folded(word[0])] for word in _ONE_WORD.finditer(match[0])}
    return match[0] if len(grades) == 1 else " "


_KEY_IN_OBJECT = re.compile(
    rf"(?:(?:is|was|are|the|it|final|overall|model|answer|response|student|prediction|does|did)\s)*"
    rf"{phrase_pattern(KEY_MEANINGS)}"
)
_CORRECT_ANSWER = re.compile(r"(?:is|was) (?:an? |the )?correct (?:answer|response)")
_LABEL_IN_OBJECT = re.compile(rf"(?:.*\s)?{STRONG_LABELS}s?|(?:(?:final|my|the|your)\s)?{WEAK_LABELS}s?")


def _object_statement(key: str, value: Any) -> Statement | None:
    """Statement of a value in an object; None if its key names no verdict."""
    text = plain_text(str(value)).strip()
    match = _KEY_IN_OBJECT.fullmatch(key)
    word = folded(match[1]) if match else "correct" if _CORRECT_ANSWER.fullmatch(key) else None
    if word is not None:
        return Statement(_grades_of_value(word, text) or frozenset())
    if _LABEL_IN_OBJECT.fullmatch(key):
        named = _WORD_VALUE.match(text)
        # Numbers are points of an unknown scale here.
        return Statement(frozenset({GRADE_WORDS[folded(named[1])]})) if named else None
    return None


def _grades_of_value(word: str, text: str) -> Grades | None:
    """Grades that a value leaves open behind a name.

    Empty if the value cannot be read, None if it is an explanation.
    """
    affirmed, denied = KEY_MEANINGS[word]
    if match := _YES.match(text):
        return _unless_contradicted(affirmed, text[match.end() :])
    if match := _NO.match(text):
        return _unless_contradicted(denied, text[match.end() :])
    if match := _WORD_VALUE.match(text):
        grade = GRADE_WORDS[folded(match[1])]
        return frozenset({grade}) if "correct" in affirmed or grade in affirmed else frozenset()
    own = "correct" not in affirmed
    determiner = own and re.match(r"no\s\w", text, re.IGNORECASE)
    if determiner or (not _HEDGES.match(text) and (own or len(text.split()) >= _LEAST_EXPLANATION)):
        return None
    return frozenset()


def _unless_contradicted(grades: Grades, rest: str) -> Grades:
    but = _BUT.search(rest)
    if but is None:
        return grades
    others = {GRADE_WORDS[folded(match[1])] for match in _ONE_WORD.finditer(rest, but.end())}
    return grades if others <= grades else frozenset()


def _keyed(text: str) -> tuple[list[Statement], str]:
    """Statements by a name and its value, and the text with spaces for them."""
    statements, kept, end = [], [], 0
    for key in _KEY.finditer(text):
        value = _find_value(key, text) if key.start() >= end else None
        if value is None:
            continue
        start, stop, grades = value
        if not HALF_WORDS.isdisjoint(words_in_front(text, key.start())[-REACH:]):
            grades = frozenset()
        statements.append(Statement(grades, key.start()))
        kept += [text[end : key.start()], " " * (start - key.start())]
        end = stop
        kept.append(" " * (end - start))
    return statements, "".join([*kept, text[end:]])


def _find_value(key: re.Match[str], text: str) -> tuple[int, int, Grades] | None:
    """Start and end of a name's value, and the grades it leaves open.

    None if the name has no value.
    """
    separator = _SEPARATOR.match(text, key.end())
    if separator is None:
        return _value_behind_gap(key, text)
    start = separator.end()
    decided = bool(_DECIDED_BY_VALUE.search(separator[0]))
    if decided and (below := _VALUE_BELOW.match(text, start)):
        start = below.end()
    stop = _line_end(text, start)
    if following := _NEXT_KEY.search(text, start, stop):
        stop = following.start() or stop
    value = text[start:stop][:_LONGEST_VALUE].rstrip(" \t,;|(&/")
    grades = _grades_of_value(folded(key[1]), value)
    if not decided and _BARE_NOT.match(value):
        return start, stop, KEY_MEANINGS[folded(key[1])][1]
    if grades is None or (not decided and not (grades and (_YES.match(value) or _NO.match(value)))):
        return None
    return start, stop, grades


def _value_behind_gap(key: re.Match[str], text: str) -> tuple[int, int, Grades] | None:
    """The value of a name behind blanks alone, as `_find_value`.

    A denial on the next line may be of something else.
    """
    gap = _GAP.match(text, key.end())
    if gap is None:
        return None
    start, stop = gap.end(), _line_end(text, gap.end())
    alone = _ALONE.match(text[start:stop])
    if alone is None or ("\n" in gap[0] and alone["no"] is None):
        return None
    grades = frozenset[Grade]() if "\n" in gap[0] else KEY_MEANINGS[folded(key[1])][alone["no"] is not None]
    return start, stop, grades


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


_DECLARED = declared_pattern(GRADE_WORDS)


def _declared(text: str) -> tuple[list[Statement], list[Statement]]:
    """Verdicts behind labels and alone on their lines.

    The explicit ones come first, then the everyday words.
    """
    strong: list[Statement] = []
    weak: list[Statement] = []
    for match in _DECLARED.finditer(text):
        word = folded(declared_word(match))
        grade, line = GRADE_WORDS[word], _line_around(text, match.start(match.lastindex or 0))
        opposed = {"correct": _FALSE_SIGN, "incorrect": _TRUE_SIGN}.get(grade)
        grades = frozenset[Grade]() if opposed is not None and opposed.search(line) else frozenset({grade})
        statement = Statement(grades, match.start(match.lastindex or 0))
        everyday, is_said = word in EVERYDAY_WORDS, "is" in (match["link"] or "").casefold()
        if match["strong"] is None and (everyday or is_said):
            # "The answer is no" is as likely to quote what is judged.
            weak += [] if everyday and is_said else [statement]
        else:
            strong.append(statement)
    return strong, weak


def _line_around(text: str, position: int) -> str:
    return text[text.rfind("\n", 0, position) + 1 : _line_end(text, position)]
