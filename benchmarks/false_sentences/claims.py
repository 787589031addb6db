"""Claims of a page's sentences, each held against what is true."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from calibration import Diagnosis
from calibration.recalibration.diagnosis import StepName
from veracal.report.decisions import KEPT

from .truths import NOTHING, Truth

# Words that name a direction, a size or calibration; a sentence with one must be known.
_CLAIMING = re.compile(
    r"\b(above|below|better|calibrated|fell|favoured|higher|improved|larger|less|lowered|made|miscalibrated|more|"
    r"nearly|over-confiden\w+|raised|reduced|rose|smaller|stayed|took|turned|under-confiden\w+|within|worse|worst)\b"
)
_SIGN = {
    "over": 1, "under": -1, "above": 1, "below": -1, "rose": 1, "fell": -1, "raised": 1, "lowered": -1,
    "more": -1, "better": -1, "less": 1, "worse": 1,
}  # fmt: skip
"""Direction of a word; of *more reliable* and *better* calibration that of the ECE."""
_KEYS = {
    "accuracy": "accuracy", "confidence − accuracy": "signed_gap", "gap": "signed_gap", "signed gap": "signed_gap",
    "the signed gap": "signed_gap", "the ECE": "ece_top", "the ECE (choices)": "ece_choices",
    "right answers": "correct", "wrong answers": "incorrect", "abstentions": "abstained",
    "common misconceptions among them": "tempted",
}  # fmt: skip
_STEPS: tuple[StepName, ...] = ("temperature", "letter bias", "both")

# What a wording claims is false of a truth; beside it the diagnosis of the run after, for its corrections.
_IsFalse = Callable[[re.Match[str], Truth, Diagnosis | None], bool]


def _wrong(change: float, sign: int) -> bool:
    """Whether a change has another direction, or none."""
    return change * sign <= NOTHING


def _key(name: str) -> str:
    """Key of a measure that a sentence names; a variant of scores by likelihood stands at its end."""
    variant = re.search(r"\((mc1|mc2|binary)\)$", name)
    return variant[1] if variant else _KEYS[name.removesuffix(" (top)")]


def _made(match: re.Match[str], truth: Truth, _: Diagnosis | None) -> bool:
    side, how = _SIGN[match[2]], match[1]
    was_so = how is None and truth.gap("before") * side > KEPT
    moved = -side if how == "less " else side
    return was_so or _wrong(truth.gap(), side) or _wrong(truth.change("signed_gap"), moved)


def _leans(match: re.Match[str], truth: Truth, _: Diagnosis | None) -> bool:
    side = _SIGN[match[2]]
    return _wrong(truth.gap(), side) or (match[1] is not None and _wrong(truth.gap("before"), side))


def _turned(match: re.Match[str], truth: Truth, _: Diagnosis | None) -> bool:
    side, grown = _SIGN[match[1]], abs(truth.gap()) > abs(truth.gap("before"))
    wrong_size = match[2] is not None and grown != (match[2] == "larger ")
    return wrong_size or _wrong(truth.gap("before"), side) or _wrong(truth.gap(), -side)


def _taken(match: re.Match[str], truth: Truth, _: Diagnosis | None) -> bool:
    side = _SIGN[match[2]]
    left = match[1] == "took away" and abs(truth.gap()) > KEPT
    return left or _wrong(truth.gap("before"), side) or _wrong(truth.change("signed_gap"), -side)


def _groups(match: re.Match[str], truth: Truth, _: Diagnosis | None) -> bool:
    change = truth.change(_key(match[1]))
    return (match[2] != "0" and _wrong(change, 1)) or (match[3] != "0" and _wrong(change, -1))


def _correction(*steps: StepName, at_most: bool = False) -> _IsFalse:
    """Whether corrections take less off the population's ECE than is said, or more."""

    def is_false(match: re.Match[str], truth: Truth, diagnosis: Diagnosis | None) -> bool:
        stated = int(next(number for number in match.groups() if number)) / 100
        shares = [_share_off(truth, diagnosis, step) for step in steps]
        return max(shares) > stated if at_most else min(shares) < stated

    return is_false


def _share_off(truth: Truth, diagnosis: Diagnosis | None, step: StepName) -> float:
    if diagnosis is None or diagnosis.temperature is None or diagnosis.temperature_both is None:
        raise ValueError("a page tells of a correction that it does not have")
    temperatures = {"temperature": diagnosis.temperature.value, "both": diagnosis.temperature_both.value}
    column = {"letter bias": "bias", "both": "bias_both"}.get(step)
    bias = np.zeros(diagnosis.letters.height) if column is None else diagnosis.letters[column].to_numpy()
    return truth.share_off(temperatures.get(step, 1.0), bias)


def _beside(match: re.Match[str], truth: Truth, _: Diagnosis | None) -> bool:
    """Whether a measure differs otherwise from that of the reference than a clause on several runs says."""
    change, found = truth.change(_OF_SEVERAL.get(match[1], match[1])), match[2]
    higher, lower, same = (word in found for word in ("higher in", "lower in", "the same to within"))
    return (higher and _wrong(change, 1)) or (lower and _wrong(change, -1)) or (same and abs(change) > KEPT)


def _never(_match: re.Match[str], _truth: Truth, _: Diagnosis | None) -> bool:
    """In all populations letters, and groups, are alike."""
    return True


_TOLD = r"(?:, |; |questions )([^,;]+?)"
_OF_SEVERAL = {
    "the ECE over choices": "ece_choices", "confidence − accuracy": "signed_gap", "the ECE": "ece_top",
    "the AUROC": "auroc", "the share of wrong answers": "incorrect", "that of right answers": "correct",
    "that of abstentions": "abstained", "that of common misconceptions": "tempted",
}  # fmt: skip
_RULES: tuple[tuple[str, _IsFalse], ...] = (
    (r"\b(raised|lowered) accuracy\b", lambda match, truth, _: _wrong(truth.change("accuracy"), _SIGN[match[1]])),
    (r"\bleft accuracy within [\d.]+ of", lambda _, truth, __: abs(truth.change("accuracy")) > KEPT),
    (r"\bleft the ECE within [\d.]+ of", lambda _, truth, __: abs(truth.change("ece_choices")) > KEPT),
    (
        r"\b(raised|lowered) the ECE, which is (?:now )?within its noise floor",
        lambda match, truth, _: _wrong(truth.change("ece_choices"), _SIGN[match[1]]),
    ),
    (
        r"\bmade (?:the probabilities (?=\w+ reliable)|calibration )(less|more|worse|better)",
        lambda match, truth, _: _wrong(truth.change("ece_choices"), _SIGN[match[1]]),
    ),
    (r"\bmade the model (more |less )?(over|under)-confident", _made),
    (r"\bthe model (still )?(over|under)-confident", _leans),
    (
        r"\bits confidence within [\d.]+ of its accuracy|\bis within [\d.]+ of that on average",
        lambda _, truth, __: abs(truth.gap()) > KEPT,
    ),
    (r"\bturned (over|under)-confidence into (larger |smaller )?(?:over|under)-confidence", _turned),
    (r"\b(took away|reduced) the model's (over|under)-confidence on average", _taken),
    (
        r"\banswers (better|less) (?:well )?than before",
        lambda match, truth, _: _wrong(truth.change("auroc"), -_SIGN[match[1]]),
    ),
    (r"\banswers as well as before to within", lambda _, truth, __: abs(truth.change("auroc")) > KEPT),
    (r"\bletter \w is favoured", _never),
    (
        r"\bone temperature, [\d.]+, (?:takes )?at least (\d+) %|(?<=ECE), one temperature, [\d.]+, at least (\d+) %",
        _correction("temperature"),
    ),
    (r"\bcorrecting its letter bias takes at least (\d+) %", _correction("letter bias")),
    (r"\btogether (?:with a correction of its letter bias|take) at least (\d+) %", _correction("both")),
    (r"\bneither one temperature nor .+ takes more than (\d+) %", _correction(*_STEPS, at_most=True)),
    (r"\bconfidence is (above|below) that on average", lambda match, truth, _: _wrong(truth.gap(), _SIGN[match[1]])),
    (r"\bis not calibrated: it has an ECE", lambda _, truth, __: truth.after["ece_top"] <= NOTHING),
    (
        _TOLD + r" (rose|fell) \([^()]*\)",
        lambda match, truth, _: _wrong(truth.change(_key(match[1])), _SIGN[match[2]]),
    ),
    (
        _TOLD + r" stayed within [\d.]+(?: of what it was)? \([^()]*\)",
        lambda match, truth, _: abs(truth.change(_key(match[1]))) > KEPT,
    ),
    (r"^The (.+) rose in ([\d,]+) of [\d,]+ \w+ and fell in ([\d,]+), at q", _groups),
    (r"differs from that of all other items in [1-9][\d,]* of", _never),
    (r"^The ECE.* is above what noise explains in", lambda _, truth, __: truth.after["ece_top"] <= NOTHING),
    (r"^Worst of [\d,]+ by .+?: [^;]+$", _never),
    (
        r"(?:[Cc]ompared with \w+, |; )([^;,]+?) is "
        r"((?:higher|lower|the same to within [\d.]+|not shown to differ) in [^;]*)",
        _beside,
    ),
)
_NEUTRAL = (
    r"not shown to|No change of .+ is shown|no change of .+ is shown|confidence shown",
    r"too few to tell|no interval for|is left out|do not show that either model is miscalibrated",
    r"within its noise floor \(|as good as certain|groups have fewer than 20 items",
    r"^Mean confidence in the predicted answer minus accuracy was",
    r"^These subjects show it; other subjects might not",
    r"^(AUROC|ECE|CE²|p|q|Brier|AURC|mc1)[ :]|^(Lower|Higher) is better:|^q is a p-value",
    r"^Worst of .+; it may as well be|^Over the \d+ groups",
    r"^Whether the letters that were read|^Miscalibration has parts|^Fitted on other items",
    r"^A model that is right more often|^The comparisons below|^Two calibrated models change by 0",
    r"^Changes are from|^Group: runs without|^Which runs differ from each other|^Fitted on other subjects",
    r"^Free-form answers to|^Nothing is generated here|^Not known here|^The same holds of",
)
"""Sentences that explain, or say that nothing is shown."""


def false_claims(sentences: Sequence[str], truth: Truth, diagnosis: Diagnosis | None) -> list[str]:
    """Sentences of which a claim is false.

    Raises
    ------
    ValueError
        For a sentence that names a direction or a size, and is none of the known ones.
    """
    wrong = []
    for sentence in sentences:
        claims = [(is_false, match) for wording, is_false in _RULES for match in re.finditer(wording, sentence)]
        neutral = any(re.search(wording, sentence) for wording in _NEUTRAL)
        if not claims and not neutral and _CLAIMING.search(sentence):
            raise ValueError(f"no rule knows what this claims: {sentence}")
        if any(is_false(match, truth, diagnosis) for is_false, match in claims):
            wrong.append(sentence)
    return wrong
