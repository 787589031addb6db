"""Decompositions of proper scores into miscalibration, discrimination and uncertainty."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr

from .arrays import FloatArray
from .isotonic import pooled, tally
from .scoring_rules import brier_score, log_loss
from .ties import level_ties
from .validation import probability_pair


@dataclass(frozen=True)
class ScoreDecomposition:
    """A score as miscalibration − discrimination + uncertainty, in the units of the score.

    Attributes
    ----------
    score : float
        The score itself; lower is better.
    miscalibration : float
        What an isotonic recalibration of each option's probability takes off it, at least 0; infinite where the score
        is.
    discrimination : float
        What the recalibrated probabilities are better by than the frequencies of the options, at least 0.
    uncertainty : float
        Score of stating the frequencies of the options every time, whatever the model says.
    """

    score: float
    miscalibration: float
    discrimination: float
    uncertainty: float

    @property
    def refinement(self) -> float:
        """Score after recalibration: uncertainty − discrimination; with miscalibration it is the score."""
        return self.uncertainty - self.discrimination

    @property
    def frame(self) -> pl.DataFrame:
        """One row: ``score``, ``miscalibration``, ``discrimination``, ``uncertainty``, ``refinement``."""
        return pl.DataFrame([asdict(self) | {"refinement": self.refinement}])


def brier_decomposition(probabilities: ArrayLike, answer: ArrayLike) -> ScoreDecomposition:
    r"""Brier score as miscalibration − discrimination + uncertainty (CORP), summed over the options.

    With :math:`p_k` the probability of option k, :math:`y_k` whether it is right, :math:`a_k` the isotonic regression
    of :math:`y_k` on :math:`p_k` and :math:`\bar y_k` the frequency of option k,

    .. math:: \sum_k \left[ \overline{(p_k - y_k)^2} - \overline{(a_k - y_k)^2} \right]
              - \sum_k \overline{(a_k - \bar y_k)^2} + \sum_k \bar y_k (1 - \bar y_k) .

    Parameters
    ----------
    probabilities : array_like, shape (n_items, n_options)
        A distribution a row.
    answer : array_like of int, shape (n_items,)
        Index of the right option.

    Returns
    -------
    ScoreDecomposition
        Its score is that of `brier_score`, from 0 to 2.

    Raises
    ------
    ValueError
        As `brier_score`.

    Notes
    -----
    Each option is recalibrated by itself, so that this is class-wise calibration: a weaker demand than calibration of
    whole distributions. Recalibrated probabilities of a row need not sum to 1. The miscalibration is biased upwards, as
    each curve bends to the noise of the sample. For the predicted options alone, see `isotonic_curve`.

    References
    ----------
    Murphy (1973), doi:10.1175/1520-0450(1973)012<0595:ANVPOT>2.0.CO;2. Dimitriadis, Gneiting and Jordan (2021),
    doi:10.1073/pnas.2016191118.

    Examples
    --------
    >>> parts = brier_decomposition([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8], [0.2, 0.8]], [0, 1, 1, 1])
    >>> [round(part, 3) for part in (parts.score, parts.miscalibration, parts.discrimination, parts.uncertainty)]
    [0.45, 0.2, 0.125, 0.375]
    """
    rows, right = probability_pair(probabilities, answer)
    frequency = np.bincount(right, minlength=rows.shape[1]) / len(right)
    refined = 0.0
    for option in range(rows.shape[1]):
        share, mean, accuracy = _recalibrated(rows[:, option], right == option)
        refined += float(share @ (accuracy * (accuracy - 2 * mean) + mean))
    return _decomposition(brier_score(rows, right), refined, float((frequency * (1 - frequency)).sum()))


def log_loss_decomposition(probabilities: ArrayLike, answer: ArrayLike) -> ScoreDecomposition:
    r"""Log loss as miscalibration − discrimination + uncertainty (CORP), in nats.

    The log loss is a sum over options of :math:`d(y_k, p_k) = y_k \log (y_k / p_k) - y_k + p_k`, as the probabilities
    of a row sum to 1, and each :math:`d` is least, among functions of :math:`p_k` that never fall, for the same
    isotonic regression :math:`a_k` as the squared error. With :math:`\bar y_k` the frequency of option k and y the
    right option,

    .. math:: \left[ \overline{-\log p_y} - \overline{-\log a_y} \right]
              - \left[ H(\bar y) - \overline{-\log a_y} \right] + H(\bar y), \qquad
              H(\bar y) = -\sum_k \bar y_k \log \bar y_k .

    Parameters
    ----------
    probabilities, answer
        As in `brier_decomposition`.

    Returns
    -------
    ScoreDecomposition
        Its score is that of `log_loss`. Where a right option has probability 0 the score and the miscalibration are
        infinite; discrimination and uncertainty, and so the refinement, never are.

    Raises
    ------
    ValueError
        As `log_loss`.

    Notes
    -----
    As for `brier_decomposition`.

    References
    ----------
    Dimitriadis, Gneiting and Jordan (2021), doi:10.1073/pnas.2016191118 (isotonic regression is best for every proper
    score at once). Bröcker (2009), doi:10.1002/qj.456.

    Examples
    --------
    >>> parts = log_loss_decomposition([[0.5, 0.5], [0.5, 0.5], [1.0, 0.0]], [0, 1, 1])
    >>> parts.miscalibration, round(parts.discrimination, 4), round(parts.uncertainty, 4)
    (inf, 0.0, 0.6365)
    """
    rows, right = probability_pair(probabilities, answer)
    frequency = np.bincount(right, minlength=rows.shape[1]) / len(right)
    refined = 0.0
    for option in range(rows.shape[1]):
        share, mean, accuracy = _recalibrated(rows[:, option], right == option)
        # Where nothing came true there is nothing to score, be the accuracy 0 or not.
        refined -= float(share[mean > 0] @ (mean[mean > 0] * np.log(accuracy[mean > 0])))
    return _decomposition(log_loss(rows, right), refined, float(entr(frequency).sum()))


def _recalibrated(stated: FloatArray, hit: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Share of items, accuracy and recalibrated accuracy of each distinct probability of one option."""
    stated = np.asarray(level_ties(stated))
    order = np.argsort(stated)
    _, count, hits = tally(stated[order], hit[order].astype(np.float64))
    mean = hits / count
    return count / len(stated), mean, pooled(mean, count)


def _decomposition(score: float, refined: float, uncertainty: float) -> ScoreDecomposition:
    # Both parts are at least 0; rounding must not push them below.
    return ScoreDecomposition(score, max(score - refined, 0.0), max(uncertainty - refined, 0.0), uncertainty)
