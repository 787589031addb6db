"""Numbers of two runs of predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

import calibration
from calibration import Comparison, Diagnosis, GroupChanges, Predictions
from calibration.predictions.predictions import View
from calibration.recalibration.cross_fitting import FoldKind
from calibration.recalibration.recalibrated_run import Recalibration

from ..recalibrations import recalibrations
from .inputs import PredictionPair
from .letter_statistics import letter_shares, letter_statistics

# Items below which nothing can be fitted on some folds and tried on another.
_FEWEST = 10

_VIEWS: tuple[View, ...] = ("choices", "top")


@dataclass(frozen=True, kw_only=True)
class PairResults:
    """Numbers of two runs of predictions.

    Attributes
    ----------
    runs : PredictionPair
        The runs.
    comparison : Comparison
        Every measure of both, and its change.
    bins : dict of polars.DataFrame
        Bins of the reliability diagrams, by view; ``run`` names the run.
    diagnoses : pair of Diagnosis or None
        Of both runs; None if there are too few items for folds.
    subjects : GroupChanges or None
        Change of the signed gap by subject; None if there is one subject.
    letters, letter_shares : polars.DataFrame
        As in `letter_statistics` and `letter_shares`.
    recalibrations : dict of tuple of Recalibration
        Of both runs, by method.
    by : {"items", "subjects"}
        What the recalibrations split into folds.
    """

    runs: PredictionPair
    comparison: Comparison
    bins: dict[View, pl.DataFrame]
    diagnoses: tuple[Diagnosis, Diagnosis] | None
    subjects: GroupChanges | None
    letters: pl.DataFrame
    letter_shares: pl.DataFrame
    recalibrations: dict[str, tuple[Recalibration, ...]]
    by: FoldKind


def pair_recalibrations(
    pair: PredictionPair, methods: Sequence[str], by: FoldKind
) -> dict[str, tuple[Recalibration, ...]]:
    """Recalibrations of both runs, by method.

    Raises
    ------
    ValueError
        For a method that cannot be fitted on one of them.
    """
    before, after = (
        recalibrations(run, methods, by=by, name=name)
        for name, run in zip(pair.names, (pair.before, pair.after), strict=True)
    )
    return dict(zip(methods, zip(before, after, strict=True), strict=True))


def pair_results(
    pair: PredictionPair,
    recalibrated: dict[str, tuple[Recalibration, ...]],
    by: FoldKind,
    *,
    comparison: Comparison,
    diagnoses: tuple[Diagnosis, Diagnosis] | None,
) -> PairResults:
    """Every number of two runs of predictions, with what was computed of them before."""
    before, after = pair.before, pair.after
    one_subject = len(set(before.subject.tolist())) < 2
    return PairResults(
        runs=pair,
        comparison=comparison,
        bins=bins_of(dict(zip(pair.names, (before, after), strict=True))),
        diagnoses=diagnoses,
        subjects=None if one_subject else calibration.subject_changes(before, after),
        letters=letter_statistics((before, after), pair.names),
        letter_shares=letter_shares((before, after)),
        recalibrations=recalibrated,
        by=by,
    )


def pair_alone(pair: PredictionPair, recalibrated: dict[str, tuple[Recalibration, ...]], by: FoldKind) -> PairResults:
    """Every number of two runs of predictions, with what was recalibrated before."""
    first, second = diagnosed(pair.before), diagnosed(pair.after)
    return pair_results(
        pair,
        recalibrated,
        by,
        comparison=replace(calibration.compare(pair.before, pair.after), items=pair.overlap),
        diagnoses=None if first is None or second is None else (first, second),
    )


def diagnosed(run: Predictions) -> Diagnosis | None:
    """Causes of a run's miscalibration; None for too few items for folds."""
    return None if run.n_items < _FEWEST else calibration.diagnose(run)


def bins_of(runs: Mapping[str, Predictions]) -> dict[View, pl.DataFrame]:
    """Bins of the reliability diagrams of runs, by view; ``run`` names the run."""
    return {view: pl.concat(_bins(name, run, view) for name, run in runs.items()) for view in _VIEWS}


def _bins(name: str, run: Predictions, view: View) -> pl.DataFrame:
    confidence, correct, item = run.view(view)
    curve = calibration.reliability_curve(confidence, correct, item=item)
    return curve.frame.select(pl.lit(name).alias("run"), pl.all())
