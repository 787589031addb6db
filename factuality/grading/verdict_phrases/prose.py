"""Verdicts in running text, without supposed, quoted and unrelated ones."""

from __future__ import annotations

import re
from collections.abc import Iterator

from calibration.predictions.grades import GRADE_WORDS

from .vocabulary import DENIED, PROSE_WORDS, Grades, folded, phrase_pattern

# Running text: the words of the same sentence in front, and those that make a verdict a part of a phrase.
_SENTENCE = re.compile(r"[.!?;\n]")
_DETERMINERS = frozenset({"the", "a", "an", "any", "no", "one", "its", "their", "this", "that", "what", "which"})
_PART_OF_A_PHRASE = re.compile(
    r"\s+(?:answers?|responses?|references?|ones?|options?|facts?|verdicts?|if|that|is|was|would)\b|\?", re.IGNORECASE
)
_SUPPOSED = frozenset({"if", "whether", "would", "could", "might", "may", "should", "unless", "when"})
_GRADING = r"(?:grade|mark|rate|judge|call|say|consider|classif|label|score|deem|conclude|assess|evaluate)"
# "I would grade this as incorrect" supposes nothing.
_POLITE = re.compile(rf"\b(?:(?:i|we)(?: would|'d)|should be)\s(?=\w{{0,9}}\s?{_GRADING})", re.IGNORECASE)
HALF_WORDS = frozenset(
    {"partially", "partly", "partial", "half", "mostly", "almost", "nearly", "largely", "somewhat", "hardly"}
    | {"neither", "nor", "barely", "scarcely"}
    # No longer, far from, nowhere near, anything but, by no means, fails to be.
    | {"longer", "far", "nowhere", "anything", "means", "fails", "failed"}
    # Less than correct; non-correct, in correct.
    | {"than", "non"}
)
_DENIALS = frozenset({"not", "never", "cannot"})
# "I cannot say that it is correct" gives no verdict, however far in front the denial is.
_WITHHELD = re.compile(
    r"\b(?:not|never|cannot|hard to|difficult to)\s(?:\w{1,20}ly\s)?"
    r"(?:say|claim|call|think|believe|conclude|agree|confirm|accept|consider|grade|mark|rate|see|find|certain|sure)\b",
    re.IGNORECASE,
)
# Words in front of a verdict among which a denial is looked for.
REACH = 3
_QUOTED = re.compile(r"\"[^\"\n]*\"|(?<!\w)'[^'\n]*'(?!\w)")
_REFUSAL = re.compile(
    r"\b(?:model|response|assistant|answer|student|candidate|ai|it|system|chatbot|llm|respondent|submission|bot)"
    r"(?:,?\s(?:has|also|simply|just|then|but|and|is|was|correct|incorrect|wrong|\w{1,20}ly)){0,4}"
    r"\s(?:refus(?:es|ed)|declin(?:es|ed)|abstain(?:s|ed)|(?:does|did) not (?:attempt|answer)"
    r"|(?:gives|gave|provides|provided|offers|contains) no answer)\b",
    re.IGNORECASE,
)

_PROSE = re.compile(phrase_pattern(PROSE_WORDS), re.IGNORECASE)


def prose_verdicts(text: str) -> Iterator[tuple[Grades, int]]:
    """Grades that each verdict in running text leaves open, and its position.

    Half a verdict leaves no grade open.

    Examples
    --------
    >>> list(prose_verdicts("The correct answer is Paris, so Lyon is wrong."))
    [(frozenset({'incorrect'}), 40)]
    """
    text = _POLITE.sub(lambda match: " " * len(match[0]), text)
    text = _QUOTED.sub(lambda match: " " * len(match[0]), text)
    for match in _PROSE.finditer(text):
        in_front = words_in_front(text, match.start())
        shouted = match[0].isupper()
        attributive = bool(_DETERMINERS & set(in_front[-1:])) or _PART_OF_A_PHRASE.match(text, match.end())
        if not _SUPPOSED.isdisjoint(in_front) or (attributive and not shouted):
            continue
        grade = GRADE_WORDS[folded(match[0])]
        near = in_front[-REACH:]
        if _DENIALS & set(near[-1:]):
            grades = DENIED[grade]
        elif near[-1:] == ["in"] or _WITHHELD.search(" ".join(in_front)):
            grades = frozenset()
        else:
            grades = frozenset({grade}) if (_DENIALS | HALF_WORDS).isdisjoint(near) else frozenset()
        yield grades, match.start()
    for match in _REFUSAL.finditer(text):
        if _SUPPOSED.isdisjoint(words_in_front(text, match.start())):
            yield frozenset({"abstained"}), match.start()


def words_in_front(text: str, end: int) -> list[str]:
    """Words of the same sentence in front of a position, the nearest last.

    A sentence of more than 200 characters is cut.
    """
    sentence = _SENTENCE.split(text[max(0, end - 200) : end])[-1]
    return re.findall(r"\w+", sentence.casefold())
