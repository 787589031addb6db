"""A band that holds the whole calibration curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike
from scipy.special import expit, logit

from ..errors import UndefinedMeasure
from ..metrics.arrays import FloatArray
from ..metrics.smooth_curves import smooth_curve
from ..metrics.validation import level_in_range
from ..number_texts import counted
from ..predictions.scored_runs import WHAT_RUNS_HOLD, GivenRun, scored_run
from ..predictions.verdicts import Verdicts
from ..result_tables.preview import preview
from ..result_tables.result_table import ResultTable
from ..result_tables.shown_result import Shown
from .drawn_units import Scheme, run_sampling
from .few_errors import fewest
from .kinds.coefficient import even_freedom, unit_moves
from .kinds.curve_distance import FEWEST_ERRORS
from .recalibration_measures import top_logits

_N_POINTS, _N_DRAWS = 101, 4_000


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class CalibrationBand(Shown):
    """A smooth calibration curve, and a band that holds all of it at once.

    Attributes
    ----------
    confidence : ndarray, shape (n_points,)
        From the least to the largest confidence, evenly in log-odds, between .001 and .999.
    accuracy, low, high : ndarray, shape (n_points,)
        The curve, and the ends of the band.
    level : float
        Probability with which the band holds the curve of the population everywhere.
    """

    confidence: FloatArray
    accuracy: FloatArray
    low: FloatArray
    high: FloatArray
    level: float

    @property
    def holds_diagonal(self) -> bool:
        """Whether a calibrated model is possible: confidence lies in the band everywhere."""
        return bool(((self.low <= self.confidence) & (self.confidence <= self.high)).all())

    @property
    def table(self) -> ResultTable:
        """Its first points."""
        return preview(
            self.frame, heading=f"Smooth calibration curve with a band, {counted(len(self.confidence), 'point')}"
        )

    @property
    def frame(self) -> pl.DataFrame:
        """One row a point: confidence, accuracy, low, high."""
        return pl.DataFrame({name: getattr(self, name) for name in ("confidence", "accuracy", "low", "high")})


def calibration_band(
    run: GivenRun | ArrayLike,
    correct: ArrayLike | None = None,
    *,
    sampling: Scheme = "items",
    level: float = 0.95,
    seed: int = 0,
) -> CalibrationBand:
    """Band of the calibration curve, for all confidences at once.

    Parameters
    ----------
    run : Predictions, Pairs, or array_like, shape (n,)
        The run; or confidences, with `correct` beside them.
    correct : array_like of 0 and 1, shape (n,)
        Beside confidences alone.
    sampling : {"items", "strata", "clusters", "subjects"}
        What is drawn anew, as in `estimate`.
    level : float
        Coverage of the whole band.
    seed : int
        Same seed, same digits.

    Raises
    ------
    UndefinedMeasure
        As `ici`, and for fewer than 20 wrong answers, or right ones.
    ValueError
        For a run without confidences.

    Notes
    -----
    The curve is that of `ici`. At each confidence the band reaches as many standard errors of its log-odds to both
    sides, those of the jackknife: the quantile of the largest of Student's t along the curve, in 4,000 draws. It is of
    the best curve of this form, whose knots are where the confidences of this run have them.

    References
    ----------
    Ruppert, Wand and Carroll (2003), doi:10.1017/CBO9780511755453, section 6.5 (simultaneous bands by simulation).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> confidence = rng.uniform(0.3, 0.95, 300)
    >>> band = calibration_band(confidence, rng.random(300) < confidence)
    >>> band.holds_diagonal, bool((band.low < band.high).all())
    (True, True)
    """
    level_in_range(level)
    given = scored_run(run, correct)
    if isinstance(given, Verdicts):
        raise ValueError(f"a calibration curve needs a confidence in each answer; {WHAT_RUNS_HOLD[Verdicts]}")
    few = fewest(given.correct)
    if 0 < few < FEWEST_ERRORS:
        raise UndefinedMeasure(f"fewer than {FEWEST_ERRORS} wrong (or right) answers say too little of a curve: {few}")
    odds, drawn_anew = top_logits(given), run_sampling(sampling, given)
    curve = smooth_curve(odds, given.correct.astype(np.float64), given.weights)
    surest = float(logit(0.999))
    points = np.linspace(max(float(odds.min()), -surest), min(float(odds.max()), surest), _N_POINTS)
    columns, moves = curve.columns(points), unit_moves(curve.fit, drawn_anew)
    covariance = moves.T @ moves
    error = np.sqrt(np.einsum("ij,jk,ik->i", columns, covariance, columns))
    freedom, rng = even_freedom(curve.fit, drawn_anew), np.random.default_rng(seed)
    normal = rng.multivariate_normal(np.zeros(len(covariance)), covariance, _N_DRAWS, method="eigh")
    scale = np.sqrt(rng.chisquare(freedom, _N_DRAWS) / freedom)
    largest = np.quantile((np.abs(normal @ columns.T) / error).max(axis=1) / scale, level)
    middle = columns @ curve.fit.coefficients
    return CalibrationBand(
        confidence=expit(points), accuracy=expit(middle), low=expit(middle - largest * error),
        high=expit(middle + largest * error), level=level,
    )  # fmt: skip
