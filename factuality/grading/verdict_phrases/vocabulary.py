"""Vocabulary of verdicts: words for each grade, meanings of yes and no."""

from __future__ import annotations

import re
from collections.abc import Collection

from calibration.predictions.grades import GRADE_WORDS, Grade

Grades = frozenset[Grade]

# Words that answer a question as often as they are a verdict.
EVERYDAY_WORDS = frozenset({"yes", "no", "true", "false", "right"})
# Words that are a verdict in running text too.
PROSE_WORDS = frozenset(
    {"correct", "not correct", "incorrect", "wrong", "inaccurate", "not attempted", "did not attempt", "abstained"}
)

DENIED: dict[Grade, Grades] = {
    "correct": frozenset({"incorrect", "abstained"}),
    "incorrect": frozenset({"correct", "abstained"}),
    "abstained": frozenset({"correct", "incorrect"}),
    "ungraded": frozenset(),
}
# The grades that yes and no leave open behind a name.
KEY_MEANINGS: dict[str, tuple[Grades, Grades]] = {
    **{
        word: (frozenset({grade}), DENIED[grade])
        for word, grade in GRADE_WORDS.items()
        if grade != "ungraded" and word not in {"yes", "no"}
    },
    **dict.fromkeys(("correctness", "truthfulness"), (frozenset[Grade]({"correct"}), DENIED["correct"])),
    **dict.fromkeys(("attempted", "answered"), (DENIED["abstained"], frozenset[Grade]({"abstained"}))),
}

# Names of a verdict; the weak ones may also name what is judged.
STRONG_LABELS = (
    r"(?:verdict|grade|grading|judge?ment|evaluation|assessment|classification|decision|conclusion|score|rating|ruling"
    r"|status|outcome)"
)
WEAK_LABELS = r"(?:class|category|label|answer|result|response|output)"

# Signs around a verdict, and the space between. Repetitions are bounded, so that no text takes long to read.
OPEN, CLOSE, SPACE = r"[\"'(\[]{0,4}", r"[\"')\]]{0,4}", r"[^\S\n]{0,9}"


def phrase_pattern(phrases: Collection[str]) -> str:
    """A regular expression for phrases as whole words, in one group.

    Longer phrases come first.
    """
    longest_first = sorted(phrases, key=len, reverse=True)
    joined = "|".join(SPACE.replace("{0", "{1").join(map(re.escape, phrase.split())) for phrase in longest_first)
    return rf"(?<!\w)({joined})(?!\w)"


def folded(text: str) -> str:
    """A text in lower case with single spaces."""
    return " ".join(text.casefold().split())


# Behind a declared verdict its line ends, or something else begins; a word makes it a part of a phrase.
_ENDS = r"$|[.:!(\[|→✓✗]|[-–—](?!\w)|(?:because|since|as|for)\b"
# Signs at the beginning of a line, and a letter or number, as in "- B: INCORRECT".
_BEGINNING = rf"^[^\w\n]{{0,20}}(?:\w{SPACE}[).:\]–-]{SPACE})?{OPEN}"
_BEHIND_LABEL = rf"{CLOSE}{SPACE}(?:(?:[:=|→–—-]|is\b){SPACE}){{1,3}}{OPEN}"
_STRONG_LABEL = rf"\b{STRONG_LABELS}s?\b{_BEHIND_LABEL}"
_WEAK_LABEL = rf"^[^\w\n]{{0,20}}(?:(?:final|my|the|your){SPACE}){{0,2}}{WEAK_LABELS}\b(?P<link>{_BEHIND_LABEL})"


def declared_pattern(words: Collection[str]) -> re.Pattern[str]:
    """A pattern for declared words: behind a label, or alone on their line.

    The groups ``strong`` and ``weak`` hold the label, ``link`` the signs between a weak label and its verdict.
    """
    word = phrase_pattern(words)
    return re.compile(
        # A comma may follow a label's verdict ("Verdict: no, ..."); "No, it is ..." begins an argument.
        rf"(?:(?P<strong>{_STRONG_LABEL})|(?P<weak>{_WEAK_LABEL})){word}{CLOSE}{SPACE}(?:{_ENDS}|[,;])"
        rf"|{_BEGINNING}{word}{CLOSE}{SPACE}(?:{_ENDS})",
        re.IGNORECASE | re.MULTILINE,
    )


def declared_word(match: re.Match[str]) -> str:
    """The word that a match of `declared_pattern` declares."""
    return str(match[match.lastindex or 0])
