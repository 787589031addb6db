"""Prediction-powered rate: scores of all answers, corrected by few labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import betaincinv, expit, logit

from calibration.metrics.arrays import FloatArray
from calibration.metrics.validation import level_in_range
from calibration.number_texts import interval_text
from calibration.result_tables.result_table import ResultTable, result_columns
from calibration.result_tables.shown_result import ShownResult
from calibration.uncertainty.estimates import Estimate
from calibration.uncertainty.intervals import wilson_interval

from .alike_answers import drawn_share, too_few_questions, withheld
from .labelled_scores import checked_labels, question_index
from .rogan_gladen import rogan_gladen

# How far the slope of a calibrated grader is from 1, as a standard deviation: what a few labels are weighed against.
_SLOPE_SPREAD = 0.3
# Scores of exactly 0 and 1 have no log-odds.
_CERTAIN = 0.002


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class CorrectedRate(ShownResult):
    """A rate of right answers with an interval valid for any grader.

    Attributes
    ----------
    estimate : Estimate
        Prediction-powered: the grader's scores, corrected by the labels.
    labels_alone : Estimate
        From the labels only.
    rogan_gladen : Estimate or None
        The grader's verdicts, corrected by its error rates among the labels; None if the labels hold only right or
        only wrong answers.
    grader_rate : float
        Mean score, not corrected.
    slope : float
        Weight of a score: 1 as a calibrated probability, 0 not at all.
    n_answers, n_labels : int
        Answers with a score, and those of them with a label.
    """

    estimate: Estimate
    labels_alone: Estimate
    rogan_gladen: Estimate | None
    grader_rate: float
    slope: float
    n_answers: int
    n_labels: int

    @property
    def table(self) -> ResultTable:
        """The rate by the grader, and corrected."""
        interval = f"{100 * self.estimate.level:g} % interval"
        title = f"Rate of right answers, {self.n_answers:,} by the grader, {self.n_labels:,} of them labelled by people"
        known = {
            "corrected by the labels": self.estimate,
            "labels alone": self.labels_alone,
            "Rogan–Gladen": self.rogan_gladen,
        }
        rows = [
            (name, f"{value.value:.3f}", interval_text(value.low, value.high, form=".3f"))
            for name, value in known.items()
            if value is not None
        ]
        reasons = dict.fromkeys(value.reason for value in known.values() if value is not None and value.reason)
        return ResultTable(
            columns=result_columns(("", "value", interval)),
            rows=(("by the grader", f"{self.grader_rate:.3f}", ""), *rows),
            heading=(title,),
            notes=tuple(f"Note: {reason}." for reason in reasons),
            caption=f"{title}, with {interval}s for new questions.",
        )

    @property
    def frame(self) -> pl.DataFrame:
        """One row a method: ``method``, ``value``, ``low``, ``high``, ``level``."""
        methods = {
            "prediction-powered": self.estimate,
            "labels alone": self.labels_alone,
            "Rogan–Gladen": self.rogan_gladen,
        }
        return pl.DataFrame(
            [{"method": name, **estimate.to_dict()} for name, estimate in methods.items() if estimate is not None]
        )


def rate_from_labels(
    score: ArrayLike,
    label: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    question: ArrayLike | None = None,
    finite: bool = True,
    level: float = 0.95,
) -> CorrectedRate:
    r"""Prediction-powered rate.

    With labels :math:`y` of a sample :math:`L` of the answers and scores :math:`f` of all,

    .. math:: \hat p = \bar y_L + \lambda (\bar f - \bar f_L), \qquad
              \operatorname{Var} \hat p = \left( \frac{1}{n} - \frac{1}{N} \right) \operatorname{Var}(y - \lambda f).

    Parameters
    ----------
    score : array_like, shape (n_answers,)
        The grader's probability that each answer is right; NaN if it has none.
    label : array_like, shape (n_answers,)
        1 right, 0 wrong, NaN without a label.
    weight : array_like, shape (n_answers,), optional
        Number of answers that each labelled one represents: one over its chance of being chosen. They are scaled to
        add up to the number of answers. If omitted, all are the same.
    question : array_like, shape (n_answers,), optional
        What each answer is to. Without `finite` questions are drawn anew, each with all its answers; if omitted, each
        answer is to one of its own.
    finite, level
        As in `corrected_rate`.

    Returns
    -------
    CorrectedRate

    Raises
    ------
    ValueError
        For other shapes and values, fewer than two labels, a labelled answer whose weight is not positive, naming the
        row.

    Notes
    -----
    First the log-odds of all scores are moved together until their mean is the rate of the labels (a prior shift: how
    often answers are right changes between models, what tells right from wrong changes less). The slope
    :math:`\lambda` is tuned as in PPI++, drawn towards 1, what it is for a calibrated grader, by a prior with
    standard deviation 0.3. So a poor grader is given no weight, and at 100 labels a good one loses nothing to the
    noise of the slope.

    The interval is Wilson's with the number of labels that would be worth as much, :math:`n / ((1 - n/N)\, r)`, where
    :math:`r` is the variance of :math:`y - \lambda f` (residuals corrected for their leverage, HC2) over that of
    :math:`y`, drawn towards that of a useless grader with the weight of one answer of the rarer kind. It never leaves
    out what is certain from the labels, nor bounds a rate near 0 or 1 more closely than a one-sided test of the labels
    would. With weights, variances are Hájek's. Without `finite` the variance of the answers themselves is added,
    :math:`p (1 - p) / N` times :math:`1 + \hat\rho (\sum m^2 / N - 1)` for questions of *m* answers whose correlation
    is estimated from the labels, drawn towards 1 where few of them are to one question.

    Rogan–Gladen counts an answer as right if its score is above 0.5 and inverts the test of
    :math:`q = p\, \mathrm{se} + (1 - p)(1 - \mathrm{sp})`, with the noise of both error rates in it.

    References
    ----------
    Angelopoulos et al. (2023), arXiv:2301.09633 (prediction-powered inference). Angelopoulos, Duchi and Zrnic (2023),
    arXiv:2311.01453 (tuned slope). Saerens, Latinne and Decaestecker (2002), doi:10.1162/089976602753284446 (prior
    shift). Särndal, Swensson and Wretman (1992), doi:10.1007/978-1-4612-4378-6 (regression estimator, finite
    populations). Wilson (1927), doi:10.1080/01621459.1927.10502953. Korn and Graubard (1998) (effective sample size).
    Brown, Cai and DasGupta (2001), doi:10.1214/ss/1009213286 (the limits near 0). Rogan and Gladen (1978),
    doi:10.1093/oxfordjournals.aje.a112510.

    Examples
    --------
    >>> score = np.repeat([0.9, 0.2, 0.1], [30, 30, 40])
    >>> label = np.full(100, np.nan)
    >>> label[::4] = [1] * 7 + [0, 1] + [0] * 16
    >>> corrected = rate_from_labels(score, label)
    >>> print(corrected.estimate, corrected.labels_alone)
    0.305 [0.216, 0.411] 0.320 [0.187, 0.490]
    """
    level_in_range(level)
    scores, labels, weights = checked_labels(score, label, weight)
    questions = question_index(question, len(scores))
    known = ~np.isnan(labels)
    y, w = labels[known], weights[known]
    n_labels, n_answers = len(y), len(scores)
    rate = float(np.average(y, weights=w))
    if n_labels == n_answers:
        slope, value, noise, noise_alone = 0.0, rate, 1.0, 1.0
    else:
        x = _shifted(scores, (w @ y + 0.5 * w.mean()) / (w.sum() + w.mean()))
        slope, residual = _tuned(x[known], y, w)
        unseen = w - 1  # number of unlabelled answers that each labelled one represents
        open_rate = np.average(y, weights=unseen) + slope * (x[~known].mean() - np.average(x[known], weights=unseen))
        value = (y.sum() + (n_answers - n_labels) * float(open_rate)) / n_answers
        noise, noise_alone = _noise(residual, y, w), _noise(y - rate, y, w)
    drawn = 0.0 if finite else drawn_share(questions, labels, weights, level=level)
    limits = _Limits(n_labels, n_answers, int(y.sum()), finite, drawn, level)
    few = None if finite else too_few_questions(questions)
    return CorrectedRate(
        estimate=withheld(limits.of(value, noise), few),
        labels_alone=withheld(limits.of(rate, noise_alone), few),
        rogan_gladen=withheld(rogan_gladen(scores, labels, weights, None if finite else questions, level=level), few),
        grader_rate=float(scores.mean()),
        slope=slope,
        n_answers=n_answers,
        n_labels=n_labels,
    )


def _shifted(scores: FloatArray, rate: float) -> FloatArray:
    """The scores with their log-odds moved so that their mean is the rate."""
    odds = logit(np.clip(scores, _CERTAIN, 1 - _CERTAIN))
    reach = 1 + float(np.abs(odds).max()) + abs(float(logit(rate)))
    move = brentq(lambda by: float(expit(odds + by).mean()) - rate, -reach, reach, xtol=1e-10)
    return np.asarray(expit(odds + move))


def _tuned(x: FloatArray, y: FloatArray, w: FloatArray) -> tuple[float, FloatArray]:
    """Slope of labels on scores, drawn towards 1, and residuals.

    Residuals are corrected for their leverage.
    """
    weight = w * (w - 1)  # of a squared residual in the variance
    x, y = (values - np.average(values, weights=w - 1) for values in (x, y))
    spread = weight * x**2
    prior = weight.mean() * float(np.average(y**2, weights=w)) / _SLOPE_SPREAD**2
    total = float(spread.sum()) + prior
    if total == 0:
        return 0.0, y
    slope = (float((weight * x) @ y) + prior) / total
    leverage = np.minimum(spread / total, 1 - 1e-9)
    return slope, (y - slope * x) / np.sqrt(1 - leverage)


def _noise(residual: FloatArray, y: FloatArray, w: FloatArray) -> float:
    """Variance relative to that of as many random labels without a grader."""
    weight = w * (w - 1)
    n_labels, n_answers = len(y), w.sum()
    useless = n_labels * weight.sum() / (n_answers * (n_answers - n_labels))
    rarer = min(y.sum(), n_labels - y.sum())
    if rarer == 0:
        return float(useless)
    rate = np.average(y, weights=w)
    relative = useless * np.average(residual**2, weights=weight) / (rate * (1 - rate))
    return float((rarer * relative + useless) / (rarer + 1))


@dataclass(frozen=True)
class _Limits:
    """Score intervals of a rate within the bounds that the labels set."""

    n_labels: int
    n_answers: int
    n_right: int
    finite: bool
    drawn: float  # variance of the rate of all answers over new questions
    level: float

    def of(self, value: float, noise: float) -> Estimate:
        """Estimate with its interval.

        `noise`: variance of the value, in units of that of the labels alone.
        """
        least, most = 0.0, 1.0
        if self.finite:
            least, most = self.n_right / self.n_answers, 1 - (self.n_labels - self.n_right) / self.n_answers
        value = float(np.clip(value, least, most))
        variance = noise * (1 / self.n_labels - 1 / self.n_answers) + self.drawn  # in units of p (1 − p)
        if variance == 0:
            return Estimate(value=value, low=value, high=value, level=self.level)
        count = 1 / variance
        interval = wilson_interval(value, count, level=self.level)
        low, high = interval.low, interval.high
        right, wrong = value * count, (1 - value) * count
        if right > 0:
            low = min(low, float(betaincinv(right, wrong + 1, 1 - self.level)))
        if wrong > 0:
            high = max(high, float(1 - betaincinv(wrong, right + 1, 1 - self.level)))
        return Estimate(value=value, low=max(low, least), high=min(high, most), level=self.level)
