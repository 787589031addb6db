"""What the abbreviations of tables and figures mean, in a sentence where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable

_MEANINGS = {
    "ECE": "expected calibration error, the mean distance between confidence and accuracy",
    "CE²": "squared calibration error",
    "AUROC": "area under the ROC curve, the chance that a right answer has more confidence than a wrong one",
    "AURC": "area under the risk–coverage curve, the mean error rate of the surest answers",
    "AUGRC": "area under the generalised risk–coverage curve, the same with the wrong answers given as a share of all",
    "top": "of the predicted letter",
    "choices": "of all letters",
    "ties ½": "a tie of letters counts as half",
    "nats": "the unit of natural logarithms",
    "mc1": "share of questions whose best answer is likelier than every false one",
    "mc2": "probability of the true answers among all",
    "binary": "share of questions whose best answer is likelier than the best false one",
    "p": "how often chance alone would show as much",
    "q": "p corrected for the number of groups",
}

# Names that begin with a small letter in a sentence too.
_KEPT = re.compile(r"\w\d?:|mc")


def meanings(texts: Iterable[str]) -> str:
    """A sentence on the abbreviations in texts; empty if there are none.

    Examples
    --------
    >>> meanings(["CE², top", "Accuracy"])
    'CE²: squared calibration error. Top: of the predicted letter.'
    >>> meanings(["mc1"])
    'mc1: share of questions whose best answer is likelier than every false one.'
    """
    words = {word for text in texts for word in _words(text)}
    sentences = [f"{short}: {meaning}" for short, meaning in _MEANINGS.items() if short in words]
    return " ".join(f"{text if _KEPT.match(text) else text[:1].upper() + text[1:]}." for text in sentences)


def _words(text: str) -> list[str]:
    return ["ties ½"] * ("ties ½" in text) + re.findall(r"[\w²½]+", text)
