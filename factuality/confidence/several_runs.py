"""Graded answers of several models: each by itself, and what changed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import polars as pl

from calibration import Estimate, RunsComparison, Summary
from calibration.analysis.named_runs import chosen_reference, distinct_names, own_names, pairs_of_runs
from calibration.analysis.several_runs import compare_named
from calibration.predictions.pairing import ItemChoice, refuse_item_choice
from calibration.uncertainty.change_table import change_of_cells
from calibration.uncertainty.changes import Change

from ..grading.judgments import Judgments
from ..outcomes.by_category import MEASURES, Rates, rates
from ..outcomes.changes import LABELS, total_rate_changes
from ..outcomes.common_questions import questions_of_all
from ..outcomes.shares import refuse_other_graders
from .confidences import KEY, ConfidencePairs, scored_confidences

Value = TypeVar("Value")
# Of answers attempted with a confidence, and so no accuracy of the model.
_NOT_SHOWN = ("n_items", "n_clusters", "accuracy", "accuracy_by_subject_mean")


def compare_judgments(
    runs: Sequence[Judgments] | Mapping[str, Judgments],
    *,
    reference: str | None = None,
    labels: Sequence[str] | None = None,
    all_pairs: bool = False,
    items: ItemChoice = "same",
    level: float = 0.95,
    seed: int = 0,
) -> RunsComparison:
    """Rates of several models' graded answers to the same questions, and their changes.

    Parameters
    ----------
    runs : sequence or mapping of str to Judgments
        Two or more, graded by one grader; joined on the ids of their questions.
    reference : str, optional
        Name of the run that the others are compared with; the first if omitted.
    labels : sequence of str, optional
        One name a run, in place of the models' names.
    all_pairs : bool
        Whether all pairs are compared, which `RunsComparison.groups` needs.
    items : {"same", "common"}
        Whether all must hold the same questions, or those that all hold are compared.
    level : float
        Coverage of the intervals.
    seed : int
        Same seed, same digits.

    Returns
    -------
    RunsComparison
        The measures of `rates`, and their changes as `rate_change` has them, over all categories: of adversarial
        questions, and of control questions under ``control_…`` if there are both. Where all runs have confidences of
        one kind, also the measures of `calibration.compare_runs`, of the answers that all runs gave right or wrong.

    Raises
    ------
    ValueError
        For fewer than two runs, labels of another number, two equal names, a run given twice, an unknown reference,
        questions that only some runs have, and several graders.

    Examples
    --------
    >>> from factuality import Question, Responses, grade
    >>> asked = [Question(n, "science", "What colour is the Sun?", ("white",), ("yellow",)) for n in "0123"]
    >>> texts = {"base": "Yellow.", "sft": "I don't know.", "rl": "It is white."}
    >>> runs = {name: Responses.from_texts(dict.fromkeys("0123", text), asked) for name, text in texts.items()}
    >>> comparison = compare_judgments({name: grade(run, grader="match") for name, run in runs.items()})
    >>> print(comparison.change("rl", "correct"))
    +1.000 [0.020, 1.000]
    """
    given = list(runs.values()) if isinstance(runs, Mapping) else list(runs)
    own = list(runs) if isinstance(runs, Mapping) else own_names([run.model for run in given])
    names = distinct_names(own, [[run.frame] for run in given], labels=labels)
    named = dict(zip(names, given, strict=True))
    first = chosen_reference(names, reference)
    refuse_item_choice(items)
    refuse_other_graders(*given)
    n_common = None
    if items == "common":
        common = questions_of_all({name: run.frame for name, run in named.items()})
        n_common = len(common)
        named = {name: Judgments(run.frame.filter(pl.col("question").is_in(common))) for name, run in named.items()}
    pairs = pairs_of_runs(names, first, all_pairs=all_pairs)
    shown = _shown(list(named.values()))
    changes = {pair: _changes(named, pair, shown, level) for pair in pairs}
    summaries = {name: _summary(run, shown, level) for name, run in named.items()}
    calibrated, remarks = _of_confidences(named, first, all_pairs=all_pairs, level=level, seed=seed)
    if calibrated is not None:
        summaries = {name: _joined(summary, calibrated.summaries[name]) for name, summary in summaries.items()}
        changes = {pair: changed | _without(calibrated.changes[pair]) for pair, changed in changes.items()}
    return RunsComparison(
        summaries=summaries,
        reference=first,
        changes=changes,
        level=level,
        n_common=n_common,
        what="questions",
        labels={key: label for key, (_, _, label) in shown.items()},
        remarks=(*_kinds_of_questions(summaries[first], shown), *remarks),
    )


def _shown(runs: Sequence[Judgments]) -> dict[str, tuple[str, bool, str]]:
    """Measure, kind of question and label of each key.

    What only adversarial questions can have is left out without any, unless some answer has it.
    """
    frame = runs[0].frame
    kinds = frame["adversarial"].unique().sort(descending=True).to_list()
    tempting = kinds[0] or any(run.frame["tempted"].any() for run in runs)
    shown = {}
    for kind in kinds:
        is_control = len(kinds) > 1 and not kind
        for measure in MEASURES:
            if measure == "tempted" and not tempting:
                continue
            label = LABELS.get(measure, measure)
            key = f"control_{measure}" if is_control else measure
            shown[key] = (measure, kind, f"{label} (control questions)" if is_control else label)
    return shown


def _kinds_of_questions(summary: Summary, shown: Mapping[str, tuple[str, bool, str]]) -> tuple[str, ...]:
    """Which questions rates are of, if there are both kinds."""
    if "control_correct" not in shown:
        return ()
    n_questions = summary.values["n_items"]
    return (f"rates are of the adversarial ones among {n_questions:,} questions unless their names say control",)


def _summary(judgments: Judgments, shown: Mapping[str, tuple[str, bool, str]], level: float) -> Summary:
    table = rates(judgments, level=level)
    numbers: dict[str, int | float | Estimate] = {"n_items": int(table.totals["n"].sum())}
    for key, (measure, adversarial, _) in shown.items():
        row = table.overall(adversarial=adversarial)
        if row[measure] is not None:
            numbers[key] = _estimate(row, measure, table)
    return Summary(numbers, table.notes, judgments.model)


def _estimate(row: Mapping[str, Any], measure: str, table: Rates) -> Estimate:
    low, high = row[f"{measure}_low"], row[f"{measure}_high"]
    known = low is not None and high is not None
    return Estimate(
        value=row[measure],
        low=low if known else math.nan,
        high=high if known else math.nan,
        level=table.level,
        reason=None if known else "there are too few questions",
    )


def _changes(
    named: Mapping[str, Judgments], pair: tuple[str, str], shown: Mapping[str, tuple[str, bool, str]], level: float
) -> dict[str, Change]:
    try:
        rows = total_rate_changes(named[pair[0]], named[pair[1]], level=level)
    except ValueError as error:
        raise ValueError(f"{' and '.join(pair)}: {error}") from None
    by_kind = {(row["measure"], row["adversarial"]): change_of_cells(row, level=level) for row in rows}
    changes = {key: by_kind.get((measure, adversarial)) for key, (measure, adversarial, _) in shown.items()}
    return {key: change for key, change in changes.items() if change is not None}


def _of_confidences(
    named: Mapping[str, Judgments], first: str, *, all_pairs: bool, level: float, seed: int
) -> tuple[RunsComparison | None, tuple[str, ...]]:
    """Calibration of answers that are right or wrong in all runs, with a note."""
    own = {name: scored_confidences(run) for name, run in named.items()}
    scored = {name: pairs for name, pairs in own.items() if pairs is not None}
    if not scored:
        return None, ()
    left_out = "calibration of the answers is left out: "
    if len(scored) < len(own):
        missing = ", ".join(name for name in own if name not in scored)
        return None, (f"{left_out}{missing} has too few right or wrong answers with confidences of one kind",)
    kinds = {pairs.kind for pairs in scored.values()}
    if len(kinds) > 1:
        return None, (f"{left_out}the confidences are of several kinds ({', '.join(sorted(kinds))})",)
    on_common = _on_common_answers(named)
    if on_common is None:
        return None, (f"{left_out}too few answers are right or wrong, with a confidence, in all runs",)
    runs = {name: pairs.pairs for name, pairs in on_common.items()}
    n_answers = next(iter(runs.values())).n_items
    compared = compare_named(runs, first, all_pairs=all_pairs, items="same", level=level, seed=seed)
    return compared, (
        f"calibration is that of the {n_answers:,} answers that all runs gave right or wrong, with a confidence "
        f"({kinds.pop()})",
    )


def _on_common_answers(named: Mapping[str, Judgments]) -> dict[str, ConfidencePairs] | None:
    """Confidences of answers scored in all runs; None for too few."""
    scored = pl.col("grade").is_in(["correct", "incorrect"]) & pl.col("confidence").is_not_null()
    kept = [run.frame.filter(scored).select(KEY) for run in named.values()]
    common = kept[0]
    for other in kept[1:]:
        common = common.join(other, on=KEY, how="semi", maintain_order="left")
    if common.is_empty():
        return None
    pairs = {
        name: scored_confidences(Judgments(common.join(run.frame, on=KEY, how="left", maintain_order="left")))
        for name, run in named.items()
    }
    known = {name: pair for name, pair in pairs.items() if pair is not None}
    return known if len(known) == len(pairs) else None


def _joined(summary: Summary, calibrated: Summary) -> Summary:
    """Rates, and the calibration of the answers behind them."""
    return Summary(summary.values | _without(calibrated.values), (*summary.notes, *calibrated.notes), summary.model)


def _without(numbers: Mapping[str, Value]) -> dict[str, Value]:
    return {key: number for key, number in numbers.items() if key not in _NOT_SHOWN}
