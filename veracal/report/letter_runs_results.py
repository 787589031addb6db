"""Numbers of three runs of predictions or more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

import calibration
from calibration import Comparison, Diagnosis
from calibration.predictions.pairing import are_paired_by_rows
from calibration.predictions.predictions import View
from calibration.recalibration.cross_fitting import FoldKind
from calibration.recalibration.recalibrated_run import Recalibration

from ..recalibrations import recalibrations
from .inputs import FEW, PredictionRuns
from .letter_statistics import letter_shares, letter_statistics
from .pair_results import PairResults, bins_of, diagnosed, pair_results
from .several_results import MOST_PAIRS_OF, SeveralResults, several_results


@dataclass(frozen=True, kw_only=True)
class LetterRunsResults:
    """Numbers of three runs of predictions or more.

    Attributes
    ----------
    runs : PredictionRuns
        The runs.
    several : SeveralResults
        All of them, compared.
    comparisons : dict of str to Comparison
        From the reference to each other run, by its name.
    diagnoses : dict of str to Diagnosis
        By name; empty for many runs, or too few items for folds.
    pairs : tuple of PairResults
        From the reference to each other run; empty for more than a few.
    bins : dict of polars.DataFrame
        Bins of the reliability diagrams, by view; ``run`` names the run.
    letters, letter_shares : polars.DataFrame
        As in `letter_statistics` and `letter_shares`.
    recalibrations : dict of tuple of Recalibration
        Of every run, by method.
    by : {"items", "subjects"}
        What the recalibrations split into folds.
    """

    runs: PredictionRuns
    several: SeveralResults
    comparisons: dict[str, Comparison]
    diagnoses: dict[str, Diagnosis]
    pairs: tuple[PairResults, ...]
    bins: dict[View, pl.DataFrame]
    letters: pl.DataFrame
    letter_shares: pl.DataFrame
    recalibrations: dict[str, tuple[Recalibration, ...]]
    by: FoldKind


def letter_runs_results(
    runs: PredictionRuns, methods: Sequence[str], by: FoldKind, *, all_pairs: bool
) -> LetterRunsResults:
    """Every number of three runs of predictions or more.

    Raises
    ------
    ValueError
        For a run that is given twice, and a method that cannot be fitted on one of them.
    """
    names, predictions = [*runs.predictions], [*runs.predictions.values()]
    # What a run may refuse comes before what takes long.
    fitted = [recalibrations(run, methods, by=by, name=name) for name, run in runs.predictions.items()]
    several = several_results(
        "all-runs",
        "All runs",
        lambda every: calibration.compare_runs(
            runs.predictions,
            reference=runs.reference,
            all_pairs=every,
            items="same" if runs.n_common is None else "common",
        ),
        n_runs=len(names),
        all_pairs=all_pairs,
    )
    comparisons = {name: _comparison(runs, several, name) for name in several.others}
    known = {name: diagnosed(run) for name, run in runs.predictions.items()} if len(names) <= MOST_PAIRS_OF else {}
    return LetterRunsResults(
        runs=runs,
        several=several,
        comparisons=comparisons,
        diagnoses={name: diagnosis for name, diagnosis in known.items() if diagnosis is not None},
        pairs=tuple(
            pair_results(runs.pair(name), {}, by, comparison=comparison, diagnoses=None)
            for name, comparison in comparisons.items()
            if len(names) <= FEW
        ),
        bins=bins_of(runs.predictions),
        letters=letter_statistics(predictions, names),
        letter_shares=letter_shares(predictions),
        recalibrations=dict(zip(methods, zip(*fitted, strict=True), strict=True)),
        by=by,
    )


def _comparison(runs: PredictionRuns, several: SeveralResults, name: str) -> Comparison:
    """The reference and another run as two runs."""
    summaries, reference = several.comparison.summaries, several.reference
    by_row = are_paired_by_rows(runs.predictions[reference], runs.predictions[name])
    return Comparison(summaries[reference], summaries[name], several.changes(name), None, by_row)
