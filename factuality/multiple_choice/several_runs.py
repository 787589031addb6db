"""Scores by likelihood of several models on the same questions, and what changed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import polars as pl

from calibration import Estimate, RunsComparison, Summary
from calibration.analysis.named_runs import chosen_reference, distinct_names, own_names, pairs_of_runs
from calibration.predictions.pairing import ItemChoice, refuse_item_choice
from calibration.uncertainty.change_table import change_of_cells
from calibration.uncertainty.changes import Change

from ..outcomes.common_questions import questions_of_all
from .changes import total_score_change
from .scores import MultipleChoice, Variant

GivenScores = MultipleChoice | Sequence[MultipleChoice]
"""A score of a model, or several of its scores."""

_LABELS = {
    "mc1": "mc1: the best answer is the likeliest",
    "mc2": "mc2: probability mass of the correct answers",
    "binary": "binary: the best answer is likelier than the best incorrect one",
}


def compare_multiple_choice(
    runs: Sequence[GivenScores] | Mapping[str, GivenScores],
    *,
    reference: str | None = None,
    labels: Sequence[str] | None = None,
    all_pairs: bool = False,
    items: ItemChoice = "same",
    level: float = 0.95,
) -> RunsComparison:
    """Scores by likelihood of several models on the same questions, and their changes.

    Parameters
    ----------
    runs : sequence or mapping of str to MultipleChoice or sequence of MultipleChoice
        Two or more, each one score of a model or several; joined on the ids of their questions.
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

    Returns
    -------
    RunsComparison
        The scores that all runs have, with the intervals of `MultipleChoice.estimate` and the changes of
        `multiple_choice_change` over all questions.

    Raises
    ------
    ValueError
        For fewer than two runs, labels of another number, two equal names, a run given twice, an unknown reference,
        questions that only some runs have, and runs without a score in common.

    Examples
    --------
    >>> columns = {"text": "?", "category": "Sun", "adversarial": True, "primer": "none", "variant": "mc1"}
    >>> scores = {"base": [0, 0, 0, 0], "sft": [1, 0, 0, 0], "rl": [1, 1, 1, 1]}
    >>> runs = [
    ...     MultipleChoice(pl.DataFrame({"model": name, "question": list("0123"), **columns, "score": won}))
    ...     for name, won in scores.items()
    ... ]
    >>> print(compare_multiple_choice(runs).change("rl", "mc1"))
    +1.000 [0.020, 1.000]
    """
    given = [
        (scores,) if isinstance(scores, MultipleChoice) else tuple(scores)
        for scores in (runs.values() if isinstance(runs, Mapping) else runs)
    ]
    own = list(runs) if isinstance(runs, Mapping) else own_names([_model(scores) for scores in given])
    names = distinct_names(own, [[score.frame for score in scores] for scores in given], labels=labels)
    named = {name: {score.variant: score for score in scores} for name, scores in zip(names, given, strict=True)}
    first = chosen_reference(names, reference)
    refuse_item_choice(items)
    variants = [name for name in named[first] if all(name in scores for scores in named.values())]
    if not variants:
        has = "; ".join(f"{name}: {', '.join(scores) or 'none'}" for name, scores in named.items())
        raise ValueError(f"the runs must have a score in common, got {has}")
    n_common = None
    if items == "common":
        common = questions_of_all({name: scores[variants[0]].frame for name, scores in named.items()})
        n_common = len(common)
        named = {
            name: {variant: MultipleChoice(score.frame.filter(pl.col("question").is_in(common)))
                   for variant, score in scores.items()}
            for name, scores in named.items()
        }  # fmt: skip
    return RunsComparison(
        summaries={name: _summary(scores, variants, level) for name, scores in named.items()},
        reference=first,
        changes={
            pair: _changes(named, pair, variants, level) for pair in pairs_of_runs(names, first, all_pairs=all_pairs)
        },
        level=level,
        n_common=n_common,
        what="questions",
        labels={variant: _LABELS[variant] for variant in variants},
    )


def _model(scores: Sequence[MultipleChoice]) -> str:
    return str(scores[0].frame["model"][0]) if scores else ""


def _summary(scores: Mapping[Variant, MultipleChoice], variants: Sequence[Variant], level: float) -> Summary:
    some = scores[variants[0]]
    numbers: dict[str, int | float | Estimate] = {"n_items": some.n_questions}
    return Summary(numbers | {variant: _estimate(scores[variant], level) for variant in variants}, (), _model([some]))


def _estimate(score: MultipleChoice, level: float) -> Estimate:
    if "low" in score.to_dict(level=level):
        return score.estimate(level=level)
    return Estimate(value=score.score, low=math.nan, high=math.nan, level=level, reason="there are too few questions")


def _changes(
    named: Mapping[str, Mapping[Variant, MultipleChoice]],
    pair: tuple[str, str],
    variants: Sequence[Variant],
    level: float,
) -> dict[str, Change]:
    first, second = (named[name] for name in pair)
    try:
        cells = {variant: total_score_change(first[variant], second[variant], level=level) for variant in variants}
    except ValueError as error:
        raise ValueError(f"{' and '.join(pair)}: {error}") from None
    changes = {variant: change_of_cells(row, level=level) for variant, row in cells.items()}
    return {variant: change for variant, change in changes.items() if change is not None}
