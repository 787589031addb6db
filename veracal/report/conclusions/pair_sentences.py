"""Conclusions on two runs of predictions, with directions where they are shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from calibration import Comparison, Decision, Diagnosis, Estimate, Summary, decide
from calibration.decisions.decision import needed_text
from calibration.uncertainty.q_values import shown_together

from ..decisions import KEPT, decided, numbers_text
from .directions import (
    AFTER,
    BEFORE,
    above_floor,
    decided_change,
    decided_error,
    direction,
    error_claim,
    is_even,
    lean,
    lean_claim,
)
from .pair_claims import FAVOURED, is_enough, pair_claims
from .remedy import remedy


def predictions_conclusions(
    comparison: Comparison,
    *,
    diagnosis: Diagnosis | None = None,
    subject: str = "Post-training",
    shown: Collection[str] | None = None,
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
    shown : collection of str, optional
        Which of `pair_claims` are shown; if omitted, those that are by themselves.
    """
    if shown is None:
        shown = shown_together(pair_claims(comparison, diagnosis))
    if not is_enough(comparison):
        return [_too_few(comparison, subject, shown), *_scope(comparison, shown), _gap(comparison)]
    headline = f"{subject} {' and '.join(_merged(_accuracy(comparison, shown), _calibration(comparison, shown)))}"
    correction = remedy(comparison, diagnosis, shown)
    return [
        f"{headline}; {correction}." if correction else f"{headline}.",
        *_scope(comparison, shown),
        _gap(comparison),
        *_ranking(comparison, shown),
        *_letters(diagnosis, shown),
    ]


_NOT_SHOWN = "is not shown to have changed"


def _merged(accuracy: str, calibration: str) -> Iterator[str]:
    """Two clauses; the second without words that both begin with."""
    yield accuracy
    both = accuracy.startswith(_NOT_SHOWN) and calibration.startswith(_NOT_SHOWN)
    yield calibration.removeprefix(f"{_NOT_SHOWN} ") if both else calibration


def _too_few(comparison: Comparison, subject: str, shown: Collection[str]) -> str:
    """Conclusion on few items: at most that accuracy changed."""
    eces = f"ECE over choices {_arrow(comparison, 'ece_choices')}, {_floors(comparison)}"
    few = f"{_items(comparison.after)} too few to tell"
    if direction("accuracy", comparison.change, shown):
        return f"{subject} {_accuracy(comparison, shown)}; {few} what became of calibration: {eces}."
    cause = subject[0].lower() + subject[1:]
    return f"{few} what {cause} did to accuracy or calibration: accuracy {_arrow(comparison, 'accuracy')}, {eces}."


def _accuracy(comparison: Comparison, shown: Collection[str]) -> str:
    numbers = f"({_arrow(comparison, 'accuracy')})"
    change = comparison.change.get("accuracy")
    if change is None or not change.known:
        return f"moved accuracy by an unknown amount {numbers}"
    decision = decided(change, "accuracy", shown="accuracy" in shown)
    if decision.side:
        return f"{'raised' if decision.side > 0 else 'lowered'} accuracy {numbers}"
    if decision.word == "within":
        return f"left accuracy within {KEPT} of what it was {numbers}"
    return f"{_NOT_SHOWN} accuracy ({_arrow(comparison, 'accuracy')}{_needed(decision)})"


def _calibration(comparison: Comparison, shown: Collection[str]) -> str:
    decision = decided_error(comparison, shown)
    numbers = f"ECE over choices {_arrow(comparison, 'ece_choices')}, {_floors(comparison)}{_needed(decision)}"
    return f"{_what_became(comparison, decision, shown)}: {numbers}"


def _needed(decision: Decision) -> str:
    needed = needed_text(decision)
    return f"; {needed}" if needed else ""


def _floors(comparison: Comparison) -> str:
    floors = [f"{side.point('ece_choices_null95'):.3f}" for side in (comparison.before, comparison.after)]
    return f"noise floor {floors[0]}" if floors[0] == floors[1] else f"noise floors {floors[0]} and {floors[1]}"


def _what_became(comparison: Comparison, decision: Decision, shown: Collection[str]) -> str:
    after = comparison.after
    if not comparison.change["ece_choices"].known:
        return f"moved calibration by an unknown amount, {_tail(after, shown)}"
    if not decision.side:
        within = decision.word == "within"
        what = f"left the ECE within {KEPT} of what it was" if within else f"{_NOT_SHOWN} calibration"
        of_sides = (claim(side) for claim in (lean_claim, error_claim) for side in (BEFORE, AFTER))
        if not any(claim in shown for claim in of_sides):
            return f"{what}, and {_count(after)} items do not show that either model is miscalibrated"
        return f"{what}, {_tail(after, shown)}"
    if decision.word == "worse":
        return _worse(comparison, shown) if above_floor(after) else "raised the ECE, which is within its noise floor"
    if above_floor(after):
        return _better(comparison, shown)
    first = lean(comparison.before, BEFORE, shown)
    if first and is_even(after) and direction("signed_gap", comparison.change, shown) == -first:
        return f"took away the model's {_NOUN[first]} on average"
    return "lowered the ECE, which is now within its noise floor"


_ADJECTIVE = {1: "over-confident", -1: "under-confident"}
_NOUN = {1: "over-confidence", -1: "under-confidence"}


def _worse(comparison: Comparison, shown: Collection[str]) -> str:
    """Less reliable probabilities: the way the model leans now, as far as shown."""
    first, last = lean(comparison.before, BEFORE, shown), lean(comparison.after, AFTER, shown)
    if last == 0:
        return f"made the probabilities less reliable, {_tail(comparison.after, shown)}"
    if first == -last:
        return _turned(comparison, first)
    if direction("signed_gap", comparison.change, shown) == last:
        more = "" if is_even(comparison.before) and not first else "more "
        return f"made the model {more}{_ADJECTIVE[last]}"
    return f"made calibration worse, the model {'still ' if first else ''}{_ADJECTIVE[last]} on average"


def _better(comparison: Comparison, shown: Collection[str]) -> str:
    """More reliable probabilities that are not calibrated yet."""
    first, last = lean(comparison.before, BEFORE, shown), lean(comparison.after, AFTER, shown)
    back = first != 0 and direction("signed_gap", comparison.change, shown) == -first
    if last == 0:
        if back:
            return f"{'took away' if is_even(comparison.after) else 'reduced'} the model's {_NOUN[first]} on average"
        return f"made the probabilities more reliable, {_tail(comparison.after, shown)}"
    if first == -last:
        return _turned(comparison, first)
    if back:
        return f"made the model less {_ADJECTIVE[last]}"
    return f"made calibration better, {_tail(comparison.after, shown)}"


def _turned(comparison: Comparison, first: int) -> str:
    """One leaning turned into the other; which is larger, as far as known."""
    least, largest = _sizes(comparison.before)
    gap = comparison.after.estimate("signed_gap")
    larger, smaller = (decide(gap, measure="signed_gap", bound=-first * end).side for end in (largest, least))
    size = "larger " if larger == -first else "smaller " if smaller == first else ""
    return f"turned {_NOUN[first]} into {size}{_NOUN[-first]}"


def _sizes(summary: Summary) -> tuple[float, float]:
    """Least and largest absolute signed gap in an interval that leaves out 0."""
    gap = summary.estimate("signed_gap")
    least, largest = sorted((abs(gap.low), abs(gap.high)))
    return least, largest


def _tail(summary: Summary, shown: Collection[str]) -> str:
    side = lean(summary, AFTER, shown)
    if side:
        return f"the model {_ADJECTIVE[side]}"
    if is_even(summary):
        return f"its confidence within {KEPT} of its accuracy on average"
    return "neither over- nor under-confidence shown"


def _scope(comparison: Comparison, shown: Collection[str]) -> list[str]:
    """Which of the changes other subjects might not show."""
    doubtful = []
    for key, name in (("accuracy", "accuracy"), ("ece_choices", "ECE over choices")):
        if not direction(key, comparison.change, shown):
            continue
        wide = comparison.change[key].clustered
        if wide and wide.low <= 0 <= wide.high:
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


def _ranking(comparison: Comparison, shown: Collection[str]) -> list[str]:
    change = comparison.change.get("auroc")
    if change is None:
        return []
    decision = decided_change("auroc", comparison.change, shown)
    numbers = f"(AUROC {_arrow(comparison, 'auroc')}, change {numbers_text(decision)})"
    if not change.known:
        return [
            f"The items are too few to tell whether confidence separates right from wrong answers better {numbers}."
        ]
    how = {
        "better": "separates right from wrong answers better than before",
        "worse": "separates right from wrong answers less well than before",
        "within": f"separates right from wrong answers as well as before to within {KEPT}",
    }
    not_shown = "is not shown to separate right from wrong answers better or less well than before"
    return [f"Confidence {how.get(decision.word, not_shown)} {numbers}."]


def _letters(diagnosis: Diagnosis | None, shown: Collection[str]) -> Iterable[str]:
    """The most favoured letter, if it is far more than noise."""
    if diagnosis is None or FAVOURED not in shown:
        return
    letter = diagnosis.letters.sort("excess", descending=True).row(0, named=True)
    excess = Estimate(
        value=letter["excess"], low=letter["excess_low"], high=letter["excess_high"], level=diagnosis.level
    )
    if decide(excess, bound=0.0).side > 0 and letter["excess"] >= KEPT:
        yield (
            f"After it, letter {letter['letter']} is favoured: mean probability {letter['mean_probability']:.3f}, "
            f"right answer in {letter['key']:.3f} of the items, predicted in {letter['predicted']:.3f}."
        )


def _arrow(comparison: Comparison, key: str) -> str:
    return f"{comparison.before.point(key):.3f} → {comparison.after.point(key):.3f}"


def _items(summary: Summary) -> str:
    return f"{_count(summary)} item{'s are' if summary.point('n_items') != 1 else ' is'}"


def _count(summary: Summary) -> str:
    return f"{int(summary.point('n_items')):,}"
