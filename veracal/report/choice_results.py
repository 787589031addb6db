"""Numbers of TruthfulQA's multiple choice by likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

import factuality
from calibration import Estimate
from calibration.uncertainty.overlap import Overlap
from factuality.multiple_choice.common_questions import common_scores
from factuality.multiple_choice.likelihoods import read_multiple_choice, run_variants
from factuality.multiple_choice.scores import MultipleChoice, Variant
from factuality.outcomes.common_questions import questions_of_all

from .inputs import Inputs, Source
from .several_results import SeveralResults, several_results


@dataclass(frozen=True, kw_only=True)
class ChoiceResults:
    """Numbers of TruthfulQA's multiple choice by likelihood.

    Attributes
    ----------
    sources : tuple of Source
        The runs.
    scores : dict of tuple of MultipleChoice
        Scores of every run, by variant; of before and after those on the common questions alone, if only these are
        compared.
    estimates : dict of tuple of Estimate
        Mean score of every run, by variant.
    n_asked : tuple of int
        Number of questions in each run.
    overlap : Overlap or None
        Questions of before and after; None if nothing is left out.
    reference : str
        Name of the run that the others are compared with.
    changes : dict of str to dict of dict
        Change from the reference to each other run over all questions, by its name and by variant; empty if the page
        has no two on the same questions.
    several : SeveralResults or None
        All runs compared, of three or more.
    """

    sources: tuple[Source, ...]
    scores: dict[Variant, tuple[MultipleChoice, ...]]
    estimates: dict[Variant, tuple[Estimate, ...]]
    n_asked: tuple[int, ...]
    overlap: Overlap | None
    reference: str
    changes: dict[str, dict[Variant, dict[str, Any]]]
    several: SeveralResults | None = None

    @property
    def main(self) -> Variant:
        """The variant that is drawn: mc1 if it is known."""
        return next(iter(self.scores))


def choice_results(inputs: Inputs, *, all_pairs: bool = False) -> ChoiceResults:
    """Every number of runs by likelihood; with `all_pairs` of them those of all pairs.

    Raises
    ------
    ValueError
        If two runs have no question in common, and only these are compared; for scores in memory of several variants.
    """
    sources = inputs.multiple_choice
    scores = {variant: [_scores(source, variant) for source in sources] for variant in _variants(sources)}
    n_asked = tuple(score.n_questions for score in next(iter(scores.values())))
    overlap, pairs, pair = None, inputs.compared(sources), inputs.before_and_after(sources)
    if inputs.items == "common" and pair:
        before, after = pair
        common, overlap = common_scores({variant: (row[before], row[after]) for variant, row in scores.items()})
        for variant, row in scores.items():
            row[before], row[after] = common[variant]
    several = _several(inputs, scores, all_pairs=all_pairs) if len(pairs) > 1 else None
    if several is not None and inputs.items == "common":
        scores = _on_common_questions(scores)
    return ChoiceResults(
        sources=sources,
        scores={variant: tuple(row) for variant, row in scores.items()},
        estimates={variant: tuple(score.estimate() for score in row) for variant, row in scores.items()},
        n_asked=n_asked,
        overlap=overlap,
        reference=inputs.reference,
        changes={
            sources[after].name: changes for before, after in pairs if (changes := _changes(scores, before, after))
        },
        several=several,
    )


def _several(inputs: Inputs, scores: dict[Variant, list[MultipleChoice]], *, all_pairs: bool) -> SeveralResults:
    names = [source.name for source in inputs.multiple_choice]
    by_name = {name: [row[number] for row in scores.values()] for number, name in enumerate(names)}
    return several_results(
        "likelihood-all-runs",
        "By likelihood: all runs",
        lambda every: factuality.compare_multiple_choice(
            by_name, reference=inputs.reference, all_pairs=every, items=inputs.items
        ),
        n_runs=len(names),
        all_pairs=all_pairs,
    )


def _on_common_questions(scores: dict[Variant, list[MultipleChoice]]) -> dict[Variant, list[MultipleChoice]]:
    tables = {str(number): score.frame for number, score in enumerate(next(iter(scores.values())))}
    common = questions_of_all(tables)
    return {
        variant: [MultipleChoice(score.frame.filter(pl.col("question").is_in(common))) for score in row]
        for variant, row in scores.items()
    }


def _changes(scores: dict[Variant, list[MultipleChoice]], before: int, after: int) -> dict[Variant, dict[str, Any]]:
    """Changes over all questions, if both were asked the same."""
    questions = [{*row[side].frame["question"]} for row in scores.values() for side in (before, after)]
    if any(asked != questions[0] for asked in questions):
        return {}
    pairs = {variant: (row[before], row[after]) for variant, row in scores.items()}
    return {
        variant: factuality.multiple_choice_change(*pair).frame.row(-1, named=True) for variant, pair in pairs.items()
    }


def _variants(sources: Sequence[Source]) -> tuple[Variant, ...]:
    """Variants that every run has."""
    read = [source for source in sources if source.scores is None]
    known = run_variants([source.path for source in read]) if read else ()
    given = {source.scores.variant for source in sources if source.scores is not None}
    if len(given) > 1 or (read and not given <= {*known}):
        raise ValueError(f"all scores by likelihood must be of one variant, got {' and '.join(sorted(given))}")
    return tuple(given) or known


def _scores(source: Source, variant: Variant) -> MultipleChoice:
    return read_multiple_choice(source.path, variant=variant) if source.scores is None else source.scores
