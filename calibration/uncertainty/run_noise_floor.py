"""Noise floor of the ECE of a run or of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..metrics.bins import Strategy, wanted_bins
from ..metrics.validation import plain_array, probability_pair
from ..predictions.predictions import Predictions, View
from ..predictions.scored_runs import WHAT_RUNS_HOLD, GivenRun, scored_run
from ..predictions.verdicts import Verdicts
from .noise_floor import NullECE, null_distribution
from .stated_noise_floor import stated_null_distribution


def null_ece(
    probabilities: ArrayLike | GivenRun,
    answer: ArrayLike | None = None,
    *,
    view: View = "top",
    bins: int | None = None,
    n_bins: int | None = None,
    strategy: Strategy = "uniform",
    draws: int = 1000,
    seed: int = 0,
) -> NullECE:
    """Noise floor of the ECE, by redrawing every answer from the model's own probabilities.

    Parameters
    ----------
    probabilities : array_like, shape (n_items, n_options) or (n,), or a run
        A distribution a row; confidences in [0, 1]; or `calibration.Predictions` or `calibration.Pairs`, and nothing
        beside it.
    answer : array_like of int, shape (n_items,), or of 0 and 1, shape (n,)
        Index of the right option; whether each confidence came true.
    view : {"top", "choices"}
        Predicted letters, or all letters pooled.
    bins, n_bins, strategy
        As in `ece`.
    draws : int
        How many sets of answers to draw.
    seed : int
        Same seed, same digits.

    Returns
    -------
    NullECE

    Raises
    ------
    ValueError
        As `brier_score`, and for an unknown view, one that the run does not hold, or fewer than one draw.

    Notes
    -----
    Above 2,000 items the sums of redrawn answers in the bins are drawn from the normal distribution with the same mean
    and covariance.

    References
    ----------
    Bröcker and Smith (2007), doi:10.1175/WAF993.1 (consistency resampling). Vaicenavicius et al. (2019),
    arXiv:1902.06977.

    Examples
    --------
    >>> sharp = np.tile([0.7, 0.3], (1000, 1))
    >>> floor = null_ece(sharp, np.zeros(1000, dtype=int))
    >>> round(floor.observed, 3), floor.quantile95 < 0.04, floor.p_value < 0.01
    (0.3, True, True)
    >>> round(null_ece([0.9, 0.6, 0.8], [1, 0, 1]).observed, 3)
    0.3
    """
    given: Any = probabilities
    options: dict[str, Any] = {"bins": wanted_bins(bins, n_bins), "strategy": strategy, "draws": draws, "seed": seed}
    if answer is not None and plain_array("probabilities", given).ndim != 1:
        rows, right = probability_pair(given, answer)
        return null_distribution(rows, right, np.ones(rows.shape, dtype=bool), view=view, **options)
    run = scored_run(given, answer)
    if isinstance(run, Predictions):
        return null_distribution(run.probabilities, run.answer, run.present, view=view, **options)
    if isinstance(run, Verdicts) or view != "top":
        raise ValueError(f"a noise floor in the view {view!r} needs more; {WHAT_RUNS_HOLD[type(run)]}")
    return stated_null_distribution(run, **options)
