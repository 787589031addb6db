"""Items with several answers, or partial credit, in place of independent answers."""

from __future__ import annotations

import numpy as np

from ..metrics.arrays import FloatArray
from .drawn_units import Sampling
from .standard_errors import critical, standard_error


def question_sampling(n_questions: int) -> Sampling:
    """Questions drawn anew, with all that was answered to them: means have Student's t."""
    return Sampling(clusters=np.arange(n_questions), unit="items")


def is_whole(shares: FloatArray) -> bool:
    """Whether all shares are 0 or 1, as those of single answers."""
    return bool(((shares == 0) | (shares == 1)).all())


def share_count(shares: FloatArray, *, level: float) -> float:
    """Number of independent answers behind a mean of shares, shape (n_questions,).

    That of the questions for single answers.
    """
    mean = shares.mean()
    return (
        float(len(shares)) if is_whole(shares) else independent_answers(shares - mean, mean * (1 - mean), level=level)
    )


def independent_answers(moved: FloatArray, spread: float, *, level: float) -> float:
    """Number of independent answers with the standard error of a mean over questions.

    Never fewer than questions: however alike the answers to one are, they say as much as a single one.

    Parameters
    ----------
    moved : ndarray, shape (n_questions,)
        Mean of what the answers to each question add to the measure, less the mean of all.
    spread : float
        Variance of what single answers add to it.
    level : float
        Coverage of the interval. Student's t makes it wider, which is that of fewer answers.

    References
    ----------
    Korn and Graubard (1998), Survey Methodology 24:193.

    Examples
    --------
    >>> halves = np.array([0.5, -0.5] * 20)
    >>> independent_answers(halves, 0.25, level=0.95), round(independent_answers(halves / 2, 0.25, level=0.95))
    (40.0, 146)
    """
    n_questions = len(moved)
    if n_questions < 2:
        return float(n_questions)
    sampling = question_sampling(n_questions)
    error = standard_error(moved, sampling)
    if error == 0:
        return float(n_questions)
    count = spread / error**2 * (critical(level, None) / critical(level, sampling.mean_freedom)) ** 2
    return float(max(count, n_questions))
