"""The words of the report, made from its numbers."""

from __future__ import annotations

from dataclasses import dataclass

from calibration import Change, Comparison, Estimate
from veracal.console import LABELS


@dataclass(frozen=True)
class Row:
    """One line of the change table, as text."""

    label: str
    before: str
    after: str
    change: str
    these: str
    new: str
    p_value: str


def verdict(comparison: Comparison) -> list[str]:
    """What happened, in sentences: accuracy, calibration, and how much one temperature would explain."""
    before, after, change = comparison.before, comparison.after, comparison.change
    sentences = [
        f"Accuracy {_moved(change['accuracy'])}: {before.point('accuracy'):.3f} before, "
        f"{after.point('accuracy'):.3f} after (change {change['accuracy']}).",
        f"ECE over all choices {_moved(change['ece_choices'])}: {before.point('ece_choices'):.3f} before, "
        f"{after.point('ece_choices'):.3f} after (change {change['ece_choices']}; noise floor "
        f"{before.point('ece_choices_null95'):.3f} and {after.point('ece_choices_null95'):.3f}).",
    ]
    for name, side in (("Before", before), ("After", after)):
        gap = side.estimate("signed_gap")
        if gap.low > 0:
            kind = "over-confident"
        elif gap.high < 0:
            kind = "under-confident"
        else:
            kind = "neither over- nor under-confident on average, as far as these items can tell"
        words = f"{name}, the model is {kind}: mean confidence minus accuracy is {gap}"
        if "temperature" in side:
            words += f"; the temperature that fits these items best is {side.point('temperature'):.2f}"
        sentences.append(words + ".")
    return sentences


def change_rows(comparison: Comparison) -> list[Row]:
    """The change table: one row a measure that both runs have."""
    rows = []
    for key in comparison.before:
        if key not in comparison.after:
            continue
        change = comparison.change.get(key)
        wide = change.clustered if change else None
        rows.append(
            Row(
                LABELS[key].strip(),
                _number(comparison.before[key]),
                _number(comparison.after[key]),
                f"{change.value:+.4f}" if change else "",
                f"[{change.low:+.4f}, {change.high:+.4f}]" if change else "",
                f"[{wide.low:+.4f}, {wide.high:+.4f}]" if wide else "",
                _p_value(change.p_value) if change else "",
            )
        )
    return rows


def _moved(change: Change) -> str:
    if change.low <= 0 <= change.high:
        return "stayed within noise"
    moved = "rose" if change.low > 0 else "fell"
    wide = change.clustered
    if wide is not None and wide.low <= 0 <= wide.high:
        return f"{moved} on these subjects, within noise on new ones"
    return moved


def _number(value: float | Estimate) -> str:
    if isinstance(value, Estimate):
        return f"{value.value:.4f}"
    return str(value) if isinstance(value, int) else f"{value:.4f}"


def _p_value(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


DEFINITIONS = (
    (
        "Top and choices",
        "Two confidences that must not be mixed. Top: the probability of the predicted letter, one number "
        "an item. Choices: the probability of every letter, right or not, pooled. The 0.007 and 0.074 of the GPT-4 "
        "report are choices; choices ECE is the smaller of the two because most letters are wrong and known to be.",
    ),
    (
        "ECE",
        "Expected calibration error: |accuracy − mean confidence| in ten equal-width bins, weighted by the number of "
        "values in each (Naeini et al. 2015). It is biased upwards, so it stands beside its noise floor. Its interval "
        "is the basic one, from the covariance of per-bin sums between items.",
    ),
    (
        "Noise floor",
        "What a perfectly calibrated model with these very probabilities would score in 95 of 100 samples of "
        "this size or less: answers redrawn from the model's own probabilities. An ECE below it says nothing.",
    ),
    ("Signed gap", "Mean confidence minus accuracy; positive is over-confident. Unbiased."),
    (
        "Brier score",
        "Squared distance between the probabilities and the right answer, summed over the options: 0 to 2 "
        "(Brier 1950).",
    ),
    ("Log loss", "Mean negative log-probability of the right letter among the letters, in nats."),
    (
        "AUROC",
        "The chance that a right answer has more confidence than a wrong one; 0.5 where confidence says nothing.",
    ),
    (
        "Best temperature",
        "The T that minimises the log loss of logits / T on these very items; above 1 for a model that is "
        "too sharp. A description, not a promise for new items.",
    ),
    (
        "Letter mass",
        "The probability that the next token is one of the letters at all, in the form that was scored. Where "
        "it is low, the model would have written something else.",
    ),
    ("Tie rate", "Share of items whose largest letters are exactly equal; the first one counts as the prediction."),
    (
        "These subjects, new subjects",
        "Two questions. These subjects: would new items of the same subjects show the change? "
        "Paired by item. New subjects: would other subjects? Whole subjects are drawn together, and the interval is "
        "wider (Miller 2024). For accuracy the test is McNemar's and the interval Tango's.",
    ),
)
