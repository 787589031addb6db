"""Numbers of one run of predictions, beside those of every run of confidences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from calibration.recalibration.cross_fitting import FoldKind
from calibration.recalibration.recalibrated_run import Recalibration

from ..recalibrations import recalibrations
from .inputs import SingleRun
from .letter_statistics import letter_shares, letter_statistics


@dataclass(frozen=True, kw_only=True)
class SingleResults:
    """Numbers of one run of predictions that need its letters.

    Attributes
    ----------
    run : SingleRun
        The run.
    letters, letter_shares : polars.DataFrame
        As in `letter_statistics` and `letter_shares`.
    recalibrations : dict of tuple of Recalibration
        By method; each of the one run.
    by : {"items", "subjects"}
        What the recalibrations split into folds.
    """

    run: SingleRun
    letters: pl.DataFrame
    letter_shares: pl.DataFrame
    recalibrations: dict[str, tuple[Recalibration, ...]]
    by: FoldKind


def single_results(run: SingleRun, methods: Sequence[str], by: FoldKind) -> SingleResults:
    """Numbers of one run of predictions that need its letters.

    Raises
    ------
    ValueError
        For a method of recalibration that cannot be fitted on the run.
    """
    predictions = run.predictions
    fitted = recalibrations(predictions, methods, by=by, name=run.source.name)
    return SingleResults(
        run=run,
        letters=letter_statistics([predictions], [run.source.name]),
        letter_shares=letter_shares([predictions]),
        recalibrations={method: (result,) for method, result in zip(methods, fitted, strict=True)},
        by=by,
    )
