"""The verdict of the report: sentences made from its numbers, each true in every case it is written for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from calibration import Change, Comparison, Estimate, Summary
from factuality import Judgments, RateChanges, rates

if TYPE_CHECKING:
    import polars as pl

    from calibration import Diagnosis

# An interval of a change that includes 0 and stays within this says that the measure was kept.
KEPT = 0.03

# How much of the excess over the noise floor a correction undoes -> the words for it, from the largest share down.
_UNDOES = (
    (0.9, "undoes nearly all"),
    (0.6, "undoes most"),
    (0.4, "undoes about half"),
    (0.15, "undoes some"),
)


# Items below which nothing is said of calibration: the noise floor alone is as high as most models' error, and no
# simulation says how often the intervals hold.
_FEWEST = 100

# Beyond this temperature next to nothing is left of what the letters said.
_FLAT = 10


def verdict(
    comparison: Comparison,
    *,
    diagnosis: Diagnosis | None = None,
    subject: str = "Post-training",
) -> list[str]:
    """What happened, in sentences, the first of which says it all.

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
    remedy = _remedy(comparison, diagnosis)
    sentences = [f"{headline}; {remedy}." if remedy else f"{headline}.", *_scope(comparison), _gap(comparison)]
    return [*sentences, *_ranking(comparison), *_letters(comparison, diagnosis)]


def answers_verdict(names: Sequence[str], judgments: Sequence[Judgments], changes: RateChanges | None) -> list[str]:
    """How often runs answer right and state falsehoods, or what changed from the first to the second.

    Parameters
    ----------
    names : sequence of str
        What the runs are called.
    judgments : sequence of Judgments
        Theirs.
    changes : RateChanges, optional
        From the first to the second run.
    """
    if changes is not None:
        return rate_words(changes.frame)
    found = [(name, row) for name, one in zip(names, judgments, strict=True) for row in _totals(one)]
    return [
        f"{name} answers {_between(row, 'correct')} of {row['n']:,} {kind} questions correctly, states something "
        f"false in {_between(row, 'incorrect')}, and withholds an answer in {_between(row, 'abstained')}."
        for name, (kind, row) in found
    ]


def _totals(judgments: Judgments) -> list[tuple[str, dict[str, Any]]]:
    totals = rates(judgments).totals
    return [(row["category"].removeprefix("all "), row) for row in totals.iter_rows(named=True)]


def _between(row: dict[str, Any], key: str) -> str:
    return f"{row[key]:.2f} [{row[f'{key}_low']:.2f}, {row[f'{key}_high']:.2f}]"


def direction(change: Change) -> int:
    """Where a measure went: 1 up, −1 down, 0 within noise (on these subjects)."""
    return int(change.low > 0) - int(change.high < 0)


def lean(summary: Summary) -> int:
    """1 for an over-confident model, −1 for an under-confident one, 0 where the items do not tell."""
    gap = summary.values["signed_gap"]
    if not isinstance(gap, Estimate):
        return 0
    return int(gap.low > 0) - int(gap.high < 0)


def above_floor(summary: Summary) -> bool:
    """Whether the ECE over choices says anything at all."""
    return summary.point("ece_choices") > summary.point("ece_choices_null95")


def _too_few(comparison: Comparison, subject: str) -> str:
    """What so few items tell: whether accuracy changed, at most."""
    eces = f"ECE over choices {_arrow(comparison, 'ece_choices')}, {_floors(comparison)}"
    change = comparison.change.get("accuracy")
    if change is not None and direction(change):
        few = f"{_count(comparison.after)} items are too few to tell what became of calibration"
        return f"{subject} {_accuracy(comparison)}; {few}: {eces}."
    what = subject[0].lower() + subject[1:]
    numbers = f"accuracy {_arrow(comparison, 'accuracy')}, {eces}"
    return (
        f"{_count(comparison.after)} items are too few to tell what {what} did to accuracy or calibration: {numbers}."
    )


def _accuracy(comparison: Comparison) -> str:
    numbers = f"({_arrow(comparison, 'accuracy')})"
    change = comparison.change.get("accuracy")
    if change is None or not change.known:
        return f"moved accuracy by an unknown amount {numbers}"
    moved = direction(change)
    if moved:
        return f"{'raised' if moved > 0 else 'lowered'} accuracy {numbers}"
    if _kept(change):
        return f"kept accuracy {numbers}"
    return f"changed accuracy by no more than noise {numbers}"


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
        if _kept(comparison.change["ece_choices"]):
            return f"left calibration as it was, within noise, {_tail(after)}"
        return f"changed calibration by no more than noise, {_tail(after)}"
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
    """Of probabilities that became less reliable: which way the model leans now, as far as its change is known."""
    first, last, moved = lean(comparison.before), lean(comparison.after), _gap_moved(comparison)
    if last == 0:
        return f"made the probabilities less reliable, {_no_lean(comparison.after)}"
    if first == -last:
        return f"turned {_NOUN[first]} into {'larger ' if _is_larger(comparison) else ''}{_NOUN[last]}"
    if moved == last:
        return f"made the model {'more ' if first else ''}{_ADJECTIVE[last]}"
    return f"made calibration worse, the model {'still ' if first else ''}{_ADJECTIVE[last]} on average"


def _better(comparison: Comparison) -> str:
    """Of probabilities that became more reliable, and are not calibrated yet."""
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
    """Whether the whole interval of the signed gap is near 0."""
    gap = summary.values["signed_gap"]
    return isinstance(gap, Estimate) and gap.low >= -KEPT and gap.high <= KEPT


def _no_lean(summary: Summary) -> str:
    return f"with no lean to over- or under-confidence {'on average' if _is_small(summary) else 'beyond noise'}"


def _tail(summary: Summary) -> str:
    side = lean(summary)
    if side:
        return f"the model {_ADJECTIVE[side]}"
    return f"the model neither over- nor under-confident {'on average' if _is_small(summary) else 'beyond noise'}"


def _remedy(comparison: Comparison, diagnosis: Diagnosis | None) -> str:
    """What undoes the miscalibration after post-training, of what stands above the noise floor.

    Nothing where the ECE's whole interval does not: then most of what is undone may be noise.
    """
    error = comparison.after.values["ece_choices"]
    sure = isinstance(error, Estimate) and error.low > comparison.after.point("ece_choices_null95")
    if diagnosis is None or not sure:
        return ""
    now = diagnosis.step("as is").values["ece_choices"].value
    excess = now - diagnosis.step("as is").floors["ece_choices"]
    if excess <= 0:
        return ""
    temperature, letters, both = (
        (now - diagnosis.step(name).values["ece_choices"].value) / excess
        for name in ("temperature", "letter bias", "both")
    )
    worse = direction(comparison.change["ece_choices"]) > 0
    it = "of it" if worse else "of what there is"
    if diagnosis.temperature is None or diagnosis.temperature.value > _FLAT:
        what = "it" if worse else "what there is"
        return f"a temperature undoes {what} only by making all letters nearly equally likely"
    named = f"one temperature, {_temperature(diagnosis.temperature.value)},"
    if letters >= _UNDOES[2][0] and letters > temperature + 0.1:
        alone = f"correcting its letter prior {_undoes(letters)} {it}"
        if temperature < _UNDOES[-1][0]:
            return f"{alone}, one temperature next to none"
        return f"{alone}, {named} {_undoes(temperature).removeprefix('undoes ')}"
    if temperature >= _UNDOES[-1][0]:
        words = f"{named} {_undoes(temperature)} {it}"
        together = _undoes(both).removeprefix("undoes ")
        if both > temperature and together != _undoes(temperature).removeprefix("undoes "):
            words += f", {together} together with a correction of its letter prior"
        return words
    if both >= _UNDOES[2][0]:
        return f"neither one temperature nor a correction of its letter prior alone, but both {_undo(both)} {it}"
    return "neither one temperature nor a correction of its letter prior undoes much of it"


def _undoes(share: float) -> str:
    return next((words for least, words in _UNDOES if share >= least), "undoes next to none")


def _undo(share: float) -> str:
    return _undoes(share).replace("undoes", "undo", 1)


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
        return [f"The items are too few to tell whether confidence tells right from wrong answers better {numbers}."]
    moved = direction(change)
    if moved:
        how = "better than before" if moved > 0 else "less well than before"
    else:
        how = "about as well as before" if _kept(change) else "no differently from before beyond noise"
    return [f"Confidence tells right from wrong answers {how} {numbers}."]


def _letters(comparison: Comparison, diagnosis: Diagnosis | None) -> list[str]:
    """The letter that the model gives most beyond the key, where that is far more than noise."""
    if diagnosis is None or not above_floor(comparison.after):
        return []
    found = diagnosis.letters.sort("excess", descending=True).row(0, named=True)
    if found["excess_low"] <= 0 or found["excess"] < KEPT:
        return []
    return [
        f"After it, letter {found['letter']} is favoured: mean probability {found['mean_probability']:.3f}, "
        f"right answer in {found['key']:.3f} of the items, predicted in {found['predicted']:.3f}."
    ]


_RATES = {
    "incorrect": "wrong answers",
    "tempted": "the tempting misconceptions among them",
    "correct": "right answers",
    "abstained": "abstentions",
}


def rate_words(rates: pl.DataFrame) -> list[str]:
    """What changed in how often answers are right or wrong, from the frame of a `RateChanges`."""
    sentences = []
    for category, name in (("all adversarial", "adversarial"), ("all calm", "calm")):
        rows = {row["measure"]: row for row in rates.iter_rows(named=True) if row["category"] == category}
        parts = [_rate(rows[measure], words) for measure, words in _RATES.items() if measure in rows]
        if parts:
            sentences.append(f"On {name} questions " + "; ".join(parts) + ".")
    return sentences


def _rate(row: dict[str, float | None], words: str) -> str:
    numbers = f"{row['before']:.2f} → {row['after']:.2f}, change {row['change']:+.2f}"
    if row["low"] is None or row["high"] is None:
        return f"{words} {row['before']:.2f} → {row['after']:.2f}, too few to tell"
    numbers += f" [{row['low']:+.2f}, {row['high']:+.2f}]"
    moved = (row["low"] > 0) - (row["high"] < 0)
    return f"{words} {('stayed within noise', 'rose', 'fell')[moved]} ({numbers})"


def _kept(change: Change) -> bool:
    return change.low >= -KEPT and change.high <= KEPT


def _arrow(comparison: Comparison, key: str) -> str:
    return f"{comparison.before.point(key):.3f} → {comparison.after.point(key):.3f}"


def _interval(change: Change) -> str:
    return f"{change.value:+.3f}" + (f" [{change.low:+.3f}, {change.high:+.3f}]" if change.known else "")


def _temperature(value: float) -> str:
    return f"{value:.1f}" if value >= 1.5 else f"{value:.2f}"


def _count(summary: Summary) -> str:
    return f"{int(summary.point('n_items')):,}"
