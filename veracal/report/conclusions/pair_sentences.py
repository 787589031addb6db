"""Conclusions on two runs of predictions; each sentence is true wherever it is used."""

from __future__ import annotations

from calibration import Change, Comparison, Diagnosis, Estimate, Summary

from .remedy import remedy
from .signs import KEPT, above_floor, direction, kept, lean

# Fewest items for a conclusion on calibration: with fewer the noise floor alone is as high as most models' error, and
# the coverage of the intervals was not simulated.
_FEWEST = 100


def predictions_conclusions(
    comparison: Comparison,
    *,
    diagnosis: Diagnosis | None = None,
    subject: str = "Post-training",
) -> list[str]:
    """Changes between two runs, in sentences; the first is a summary.

    Parameters
    ----------
    comparison : Comparison
        Both runs and what changed.
    diagnosis : Diagnosis, optional
        Of the run after, for what a temperature or a correction of the letters undoes.
    subject : str
        What the first sentence is about.
    """
    if comparison.before.point("n_items") < _FEWEST:
        return [_too_few(comparison, subject), *_scope(comparison), _gap(comparison)]
    headline = f"{subject} {_accuracy(comparison)} and {_calibration(comparison)}"
    correction = remedy(comparison, diagnosis)
    sentences = [f"{headline}; {correction}." if correction else f"{headline}.", *_scope(comparison), _gap(comparison)]
    return [*sentences, *_ranking(comparison), *_letters(comparison, diagnosis)]


def _too_few(comparison: Comparison, subject: str) -> str:
    """Conclusion on few items: at most that accuracy changed."""
    eces = f"ECE over choices {_arrow(comparison, 'ece_choices')}, {_floors(comparison)}"
    change = comparison.change.get("accuracy")
    if change is not None and direction(change):
        few = f"{_count(comparison.after)} items are too few to tell what became of calibration"
        return f"{subject} {_accuracy(comparison)}; {few}: {eces}."
    cause = subject[0].lower() + subject[1:]
    numbers = f"accuracy {_arrow(comparison, 'accuracy')}, {eces}"
    return (
        f"{_count(comparison.after)} items are too few to tell what {cause} did to accuracy or calibration: {numbers}."
    )


def _accuracy(comparison: Comparison) -> str:
    numbers = f"({_arrow(comparison, 'accuracy')})"
    change = comparison.change.get("accuracy")
    if change is None or not change.known:
        return f"moved accuracy by an unknown amount {numbers}"
    moved = direction(change)
    if moved:
        return f"{'raised' if moved > 0 else 'lowered'} accuracy {numbers}"
    if kept(change):
        return f"left accuracy as it was {numbers}"
    return f"changed accuracy within noise {numbers}"


def _calibration(comparison: Comparison) -> str:
    before, after = comparison.before, comparison.after
    numbers = f"ECE over choices {_arrow(comparison, 'ece_choices')}, {_floors(comparison)}"
    if not above_floor(before) and not above_floor(after):
        return (
            f"left calibration within the noise: {numbers}, so that {_count(after)} items tell neither model from a "
            "perfectly calibrated one"
        )
    return f"{_what_became(comparison)}: {numbers}"


def _floors(comparison: Comparison) -> str:
    floors = [f"{side.point('ece_choices_null95'):.3f}" for side in (comparison.before, comparison.after)]
    return f"noise floor {floors[0]}" if floors[0] == floors[1] else f"noise floors {floors[0]} and {floors[1]}"


def _what_became(comparison: Comparison) -> str:
    after = comparison.after
    if not comparison.change["ece_choices"].known:
        return f"moved calibration by an unknown amount, {_tail(after)}"
    moved, last = direction(comparison.change["ece_choices"]), lean(after)
    if moved == 0:
        if kept(comparison.change["ece_choices"]):
            return f"left calibration as it was, within noise, {_tail(after)}"
        return f"changed calibration within noise, {_tail(after)}"
    if moved > 0:
        return _worse(comparison) if above_floor(after) else "raised the ECE, which stays within its noise floor"
    if above_floor(after):
        return _better(comparison)
    if lean(comparison.before) and not last and _gap_moved(comparison):
        return f"took away the model's {_NOUN[lean(comparison.before)]}"
    return "brought calibration within its noise floor"


_ADJECTIVE = {1: "over-confident", -1: "under-confident"}
_NOUN = {1: "over-confidence", -1: "under-confidence"}


def _worse(comparison: Comparison) -> str:
    """Less reliable probabilities: the way the model leans now, as far as known."""
    first, last, moved = lean(comparison.before), lean(comparison.after), _gap_moved(comparison)
    if last == 0:
        return f"made the probabilities less reliable, {_tail(comparison.after)}"
    if first == -last:
        return f"turned {_NOUN[first]} into {'larger ' if _is_larger(comparison) else ''}{_NOUN[last]}"
    if moved == last:
        return f"made the model {'more ' if first else ''}{_ADJECTIVE[last]}"
    return f"made calibration worse, the model {'still ' if first else ''}{_ADJECTIVE[last]} on average"


def _better(comparison: Comparison) -> str:
    """More reliable probabilities that are not calibrated yet."""
    first, last, moved = lean(comparison.before), lean(comparison.after), _gap_moved(comparison)
    if last == 0:
        if first and moved:
            took = "took away" if _is_small(comparison.after) else "reduced"
            return f"{took} the model's {_NOUN[first]} on average"
        return "made the model better calibrated"
    if first == -last:
        return f"turned {_NOUN[first]} into {'' if _is_larger(comparison) else 'smaller '}{_NOUN[last]}"
    if first == last and moved == -last:
        return f"made the model less {_ADJECTIVE[last]}"
    return f"made calibration better, {_tail(comparison.after)}"


def _gap_moved(comparison: Comparison) -> int:
    """Where the signed gap went: 1 towards over-confidence, −1 towards under-confidence, 0 within noise."""
    change = comparison.change.get("signed_gap")
    return direction(change) if change else 0


def _is_larger(comparison: Comparison) -> bool:
    return abs(comparison.after.point("signed_gap")) > abs(comparison.before.point("signed_gap"))


def _is_small(summary: Summary) -> bool:
    """True if the whole interval of the signed gap is near 0."""
    gap = summary.values["signed_gap"]
    return isinstance(gap, Estimate) and gap.low >= -KEPT and gap.high <= KEPT


def _tail(summary: Summary) -> str:
    side = lean(summary)
    if side:
        return f"the model {_ADJECTIVE[side]}"
    return f"the model neither over- nor under-confident {'on average' if _is_small(summary) else 'beyond noise'}"


def _scope(comparison: Comparison) -> list[str]:
    """Which of the changes other subjects might not show."""
    doubtful = []
    for key, name in (("accuracy", "accuracy"), ("ece_choices", "ECE over choices")):
        change = comparison.change.get(key)
        wide = change.clustered if change else None
        if change and wide and direction(change) and wide.low <= 0 <= wide.high:
            doubtful.append(f"{name} [{wide.low:+.3f}, {wide.high:+.3f}]")
    if not doubtful:
        return []
    return [
        f"These subjects show it; other subjects might not: for them the interval of the change includes 0, "
        f"{' and '.join(doubtful)}."
    ]


def _gap(comparison: Comparison) -> str:
    first, last = (side.values["signed_gap"] for side in (comparison.before, comparison.after))
    if not (isinstance(first, Estimate) and isinstance(last, Estimate)):
        return f"{_count(comparison.after)} item gives no interval, so that nothing follows from it."
    both = [f"{gap.value:+.3f}" + (f" [{gap.low:+.3f}, {gap.high:+.3f}]" if gap.known else "") for gap in (first, last)]
    return f"Mean confidence in the predicted answer minus accuracy was {both[0]} before and is {both[1]} after."


def _ranking(comparison: Comparison) -> list[str]:
    change = comparison.change.get("auroc")
    if change is None:
        return []
    numbers = f"(AUROC {_arrow(comparison, 'auroc')}, change {_interval(change)})"
    if not change.known:
        return [
            f"The items are too few to tell whether confidence separates right from wrong answers better {numbers}."
        ]
    moved = direction(change)
    if moved:
        how = "better than before" if moved > 0 else "less well than before"
    else:
        how = "about as well as before" if kept(change) else "as before, within noise"
    return [f"Confidence separates right from wrong answers {how} {numbers}."]


def _letters(comparison: Comparison, diagnosis: Diagnosis | None) -> list[str]:
    """The most favoured letter, if it is far more than noise."""
    if diagnosis is None or not above_floor(comparison.after):
        return []
    letter = diagnosis.letters.sort("excess", descending=True).row(0, named=True)
    if letter["excess_low"] <= 0 or letter["excess"] < KEPT:
        return []
    return [
        f"After it, letter {letter['letter']} is favoured: mean probability {letter['mean_probability']:.3f}, "
        f"right answer in {letter['key']:.3f} of the items, predicted in {letter['predicted']:.3f}."
    ]


def _arrow(comparison: Comparison, key: str) -> str:
    return f"{comparison.before.point(key):.3f} → {comparison.after.point(key):.3f}"


def _interval(change: Change) -> str:
    return f"{change.value:+.3f}" + (f" [{change.low:+.3f}, {change.high:+.3f}]" if change.known else "")


def _count(summary: Summary) -> str:
    return f"{int(summary.point('n_items')):,}"
