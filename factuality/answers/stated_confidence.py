"""Stated confidence, read from the text of an answer and never guessed."""

from __future__ import annotations

import math
import re

from calibration.models.tokenizing.thoughts import answer_in

_MARKS = r"[*_`]{0,3}"


def _pattern(verbose: str) -> re.Pattern[str]:
    """A pattern with bounded white space, so that matching takes linear time."""
    bounded = verbose.replace(r"\s*", r"\s{0,4}").replace(r"\s+", r"\s{1,4}")
    return re.compile(bounded, re.VERBOSE | re.IGNORECASE | re.MULTILINE)


_VALUE = r"""
    (?P<bound> (?: not | n't | never | less\s+than | more\s+than | over | under | above | below | at\s+(?:least|most)
        | up\s+to | almost | nearly | between | from | [<>≤≥] | [0-9]\s*%?\s*(?:[-–—]|to|and|or) ) \s* )?
    (?: (?: about | around | approximately | approx\.? | roughly | ~ | ≈ ) \s* )?
    [\[{<(]? \s* (?<![0-9]) (?<![0-9][.,])
    (?P<number> [-−+]? (?: [0-9]{1,9} (?:\.[0-9]{1,9})? | \.[0-9]{1,9} ) )
    (?: \s* (?P<percent> % | ％ | per\s?cent\b | pct\b ) | \s* (?: / | out\s+of ) \s* (?P<scale> [0-9]{1,9} ) )?
    # The number ends here, and is not the first of a range.
    (?! [.,]?[0-9] ) (?! [^\W_] | \s*[‰‱] ) (?P<range> \s* (?: [-–—] | to\b | or\b | / ) \s* [0-9] )?
    [\]}>]?
"""
# "Confidence: 85%", with what surrounds it where it is bracketed, emphasised or a half-sentence.
_LABELLED = _pattern(
    rf"""
    (?: [,;–—-]\s* )? (?: [(\[]\s* )? {_MARKS} (?<![^\W_])
    (?: (?: and | with | my | the | a | an | overall | level\s+of ) [ \t]{{1,4}} ){{0,4}}
    (?: confidence | certainty )
    (?: \s+ (?: level | score | rating | estimate | percentage | in\s+(?:this|that|my|the)\s+answer ) ){{0,3}}
    (?: \s* \( [^()\n]{{0,40}} \) )? {_MARKS} \s*
    (?P<separator> [:=] | \b(?:is|of|at)\b | [-–—](?=\s) )? \s* {_MARKS} \s*
    {_VALUE}
    {_MARKS} \s* [)\]]? {_MARKS} \.?
    """
)
# "I'm 85% sure." Said of oneself, or at the beginning of a clause; else it is somebody else who is sure.
_SURE = _pattern(
    rf"""
    (?P<lead> (?: ^ | (?<=[.!?\n]) | [,;:(\[–—] ) \s* (?: and\s+ )?
        (?: (?: I\s+am | I['’]?m | I(?:\s+would|['’]d)\s+(?:say|be)(?:\s+I(?:\s+am|['’]m))? | with | a )\s+ ){{0,2}}
      | (?: \band\s+ )? \b (?: I\s+am | I['’]?m | I(?:\s+would|['’]d)\s+(?:say|be) ) \s+
    )?
    {_VALUE}
    \s+ (?: sure | confident | certain | confidence | certainty ) \b
    (?! \s+ (?: interval | level | limit | band | region | bound )s? \b )
    (?P<tail> (?: \s+ (?:of|about|in)\s+ (?: this | that | it | (?:my|the)\s+answer ) )?
        \s* [)\]]? (?: [.,] | $ ) )?
    """
)
_ALONE = _pattern(rf"{_MARKS} {_VALUE} \s* \.? {_MARKS}")
# A bare number up to here may be meant out of ten; above, it can only be per cent.
_TEN = 10
_SCALES = frozenset({"1", "10", "100"})


def stated_confidence(text: str) -> float | None:
    """Confidence that a text states, as a probability.

    Read are ``Confidence: 85%`` (also ``certainty``; per cent spelt out, ``85/100``, ``8.5 out of 10``, ``0.85``, a
    bare number above 10 as per cent), ``I'm 85% sure`` (confident, certain), and a text that is such a number and
    nothing else. Thoughts in front of the answer are not read. English.

    Parameters
    ----------
    text : str
        An answer, or the answer to how sure the model is.

    Returns
    -------
    float or None
        In [0, 1]. None if nothing is stated, or if it would have to be guessed: words without a number, a number
        out of range, a bound or a range (``at least 80%``, ``70-80%``), a bare number from 1 to 10, statements that
        contradict each other, somebody else's confidence.

    References
    ----------
    Tian et al. (2023), arXiv:2305.14975. Lin, Hilton and Evans (2022), arXiv:2205.14334.

    Examples
    --------
    >>> stated_confidence("70% of it is water. (Confidence: 85%)"), stated_confidence("0.85")
    (0.85, 0.85)
    >>> stated_confidence("It is 70%.") is None, stated_confidence("Confidence: 120%") is None
    (True, True)
    """
    text = answer_in(text) or ""  # thoughts state nothing
    alone = _ALONE.fullmatch(text.strip())
    if alone is not None:
        values = [_value(alone)]
    else:
        labelled, sure = _mentions(text)
        if not labelled and not all(match["lead"] is not None for match in sure):
            return None
        values = [_value(match) for match in (*labelled, *(match for match in sure if match["lead"] is not None))]
    first = next(iter(values), math.nan)
    # A number that is not one fails this comparison too.
    return first if all(abs(value - first) < 1e-9 for value in values) and values else None


def split_statement(text: str) -> tuple[str, float | None]:
    """An answer without the confidence that it states, and that confidence.

    A text that is a number and nothing else is an answer, whatever the number means. Thoughts are no part of it.

    Parameters
    ----------
    text : str
        The answer.

    Returns
    -------
    answer : str
        Without the statement if it is apart from the rest; stripped.
    confidence : float or None
        As `stated_confidence`.

    Examples
    --------
    >>> split_statement("About 70% of it. (Confidence: 85%)")
    ('About 70% of it.', 0.85)
    >>> split_statement("I'm 90% sure it's Paris."), split_statement("70%")
    (("I'm 90% sure it's Paris.", 0.9), ('70%', None))
    """
    text = answer_in(text) or ""
    if _ALONE.fullmatch(text.strip()):
        return text.strip(), None
    labelled, sure = _mentions(text)
    # A hedge ("I'm not 100% sure") is a part of the answer, for the grader to see.
    apart = [match for match in sure if match["lead"] is not None and match["tail"] is not None]
    spans = [match.span() for match in (*labelled, *(match for match in apart if not math.isnan(_value(match))))]
    pieces, behind = [], 0
    for start, end in sorted(spans):
        pieces.append(text[behind:start].strip())
        behind = end
    pieces.append(text[behind:].strip())
    return "\n".join(piece for piece in pieces if piece), stated_confidence(text)


def _mentions(text: str) -> tuple[list[re.Match[str]], list[re.Match[str]]]:
    """Statements with a label, and separate ones of being sure."""
    labelled = [
        match
        for match in _LABELLED.finditer(text)
        if match["separator"] is not None or match["percent"] is not None or match["scale"] is not None
    ]
    sure = [
        match
        for match in _SURE.finditer(text)
        if (match["percent"] is not None or match["scale"] is not None)
        and not any(statement.start() < match.end() and match.start() < statement.end() for statement in labelled)
    ]
    return labelled, sure


def _value(match: re.Match[str]) -> float:
    """The number as a probability; NaN if that would be a guess."""
    if match["bound"] is not None or match["range"] is not None:
        return math.nan
    number = float(match["number"].replace("−", "-"))
    if match["percent"] is not None:
        number /= 100
    elif match["scale"] is not None:
        number = number / float(match["scale"]) if match["scale"] in _SCALES else math.nan
    elif number > _TEN:
        number /= 100
    elif number and "." not in match["number"]:
        return math.nan
    return number if 0 <= number <= 1 else math.nan
