"""Choice of the answers that people should label next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from calibration.metrics.arrays import FloatArray, IntArray
from calibration.metrics.bins import assign_bins, bin_edges
from calibration.metrics.validation import float_array, unit_interval
from calibration.number_texts import counted
from calibration.result_tables.preview import preview
from calibration.result_tables.result_table import ResultTable
from calibration.result_tables.shown_result import Shown

from ..grading.judgments import Judgments

# Labels that a stratum gets on average, at the least, and the most strata there are.
_A_STRATUM, _MOST_STRATA = 4, 10
# Share of the labels that is spread evenly: whatever the grader is worth, no answer stands for more than about twice as
# many as in a random sample.
_EVEN = 0.5


@dataclass(frozen=True, eq=False, repr=False)
class ChosenAnswers(Shown):
    """Answers for people to label.

    Attributes
    ----------
    frame : polars.DataFrame
        One row an answer, in the order of the judgments.

        Columns: ``question``, ``sample``, ``category``, ``text``, ``response``, ``ideal``, ``score``, ``stratum``,
        ``weight`` (how many answers this one stands for) and ``grade``, empty: filled in and written to a CSV file, the
        table is what the grader ``human`` reads, and its weights are what `corrected_rate` takes.
    """

    frame: pl.DataFrame

    @property
    def table(self) -> ResultTable:
        """How many there are, and the first ones."""
        columns = self.frame.select("text", "response", "score", "weight")
        return preview(columns, heading=f"{counted(self.n_answers, 'answer')} to label")

    @property
    def n_answers(self) -> int:
        """Number of chosen answers."""
        return self.frame.height


def choose_to_label(judgments: Judgments, n_labels: int, *, seed: int = 0) -> ChosenAnswers:
    r"""Choose answers whose labels say most about the rate of right answers.

    Parameters
    ----------
    judgments : Judgments
        Of all answers, by one grader.
    n_labels : int
        Number of answers to label.
    seed : int
        Same seed, same answers.

    Returns
    -------
    ChosenAnswers
        With the weights that `corrected_rate` takes.

    Raises
    ------
    ValueError
        For fewer than two labels, or more than there are answers.

    Notes
    -----
    Stratified by the grader's score: up to ten strata of about as many answers each, one of their own for answers
    without a score. In a stratum of mean score :math:`s` labels differ with a standard deviation of about
    :math:`\sqrt{s (1 - s)}`, so half of the labels go to strata in proportion to their size times that (Neyman's
    allocation), the other half in proportion to their size alone: a wrong score can then not hide answers. Numbers are
    whole by Wright's rule, at least two a stratum.

    References
    ----------
    Neyman (1934), doi:10.2307/2342192. Wright (2012), doi:10.1080/00031305.2012.733679 (whole numbers). Fisch et al.
    (2024), arXiv:2406.04291 (stratified prediction-powered inference).

    Examples
    --------
    >>> from factuality import Question, Responses, grade
    >>> asked = [Question(str(n), "science", "What colour is the Sun?", ("white",), ("yellow",)) for n in range(50)]
    >>> texts = {str(n): "White." if n < 20 else "Yellow." for n in range(50)}
    >>> chosen = choose_to_label(grade(Responses.from_texts(texts, asked), grader="match"), 10).frame
    >>> chosen.height, chosen["weight"].sum(), chosen["grade"].unique().to_list()
    (10, 50.0, [''])
    """
    frame = judgments.frame
    rows, stratum, weight = stratified_sample(frame["score"].fill_null(np.nan).to_numpy(), n_labels, seed=seed)
    columns = ["question", "sample", "category", "text", "response", "ideal", "score"]
    return ChosenAnswers(
        frame[rows].select(
            *columns, pl.Series("stratum", stratum), pl.Series("weight", weight), pl.lit("").alias("grade")
        )
    )


def stratified_sample(score: ArrayLike, n_labels: int, *, seed: int = 0) -> tuple[IntArray, IntArray, FloatArray]:
    """Rows that `choose_to_label` picks from scores.

    Parameters
    ----------
    score : array_like, shape (n_answers,)
        From 0 to 1; NaN if there is none.
    n_labels, seed
        As in `choose_to_label`.

    Returns
    -------
    tuple of ndarray, shape (n_labels,)
        Row numbers in ascending order, the stratum of each, and its weight.

    Examples
    --------
    >>> rows, stratum, weight = stratified_sample(np.repeat([0.0, 0.5], [60, 40]), 20)
    >>> np.bincount(stratum).tolist(), sorted(set(weight.round(3).tolist()))
    ([6, 14], [2.857, 10.0])
    """
    scores = unit_interval(float_array("score", score))
    if scores.ndim != 1:
        raise ValueError(f"score must be 1-d, got {scores.shape}")
    if not ((scores >= 0) & (scores <= 1) | np.isnan(scores)).all():
        raise ValueError(f"a score must be in [0, 1] or NaN, got {scores[(scores < 0) | (scores > 1)].tolist()[:3]}")
    if not 2 <= n_labels <= len(scores):
        raise ValueError(f"n_labels must be from 2 to the number of answers, {len(scores)}, got {n_labels}")
    stratum = _strata(scores, min(_MOST_STRATA, max(n_labels // _A_STRATUM, 1)))
    size = np.bincount(stratum)
    spread = np.sqrt([_mean_variance(scores[stratum == index]) for index in range(len(size))])
    neyman = size * spread / (size @ spread) if size @ spread > 0 else size / size.sum()
    counts = _whole_numbers(_EVEN * size / size.sum() + (1 - _EVEN) * neyman, size, n_labels)
    rng = np.random.default_rng(seed)
    rows = np.sort(
        np.concatenate(
            [rng.choice(np.flatnonzero(stratum == index), count, replace=False) for index, count in enumerate(counts)]
        )
    )
    return rows, stratum[rows], (size / counts)[stratum[rows]]


def _strata(scores: FloatArray, n_strata: int) -> IntArray:
    """Stratum of each answer, from 0 without gaps; those without a score come last."""
    known = ~np.isnan(scores)
    stratum = np.full(len(scores), n_strata)
    if known.any():
        stratum[known] = assign_bins(scores[known], bin_edges(scores[known], bins=n_strata, strategy="quantile"))
    return np.asarray(np.unique(stratum, return_inverse=True)[1])


def _mean_variance(scores: FloatArray) -> float:
    """Variance of labels with these probabilities; 0.25 if they are unknown."""
    if np.isnan(scores).all():
        return 0.25
    mean = float(scores.mean())
    return mean * (1 - mean)


def _whole_numbers(share: FloatArray, size: IntArray, total: int) -> IntArray:
    """Numbers of answers to take from each stratum.

    Two from each that has them, then one by one from the stratum that lowers the variance most.
    """
    counts = np.minimum(size, 2)
    if counts.sum() > total:  # more strata than there are pairs of labels
        counts = np.minimum(size, 1)
    while counts.sum() < total:
        gain = np.where(counts < size, share**2 / (counts * (counts + 1)), -1.0)
        counts[int(np.argmax(gain))] += 1
    return counts
