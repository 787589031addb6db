"""Calibration of free answers under people's labels, from a grader and few of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from calibration.metrics.bins import Strategy, assign_bins, bin_edges
from calibration.metrics.validation import confidence_pair, level_in_range
from calibration.result_tables.named_values import NamedValues
from calibration.result_tables.result_table import ResultTable
from calibration.result_tables.shown_result import ShownResult
from calibration.uncertainty.estimates import Estimate

from .alike_answers import too_few_questions
from .corrected_measures import (
    corrected_accuracies,
    corrected_brier,
    corrected_ece,
    corrected_gap,
    judged_brier,
    judged_ece,
    judged_gap,
)
from .judged_gaps import JudgedGaps
from .label_tables import corrected_table, curve_table
from .labelled_scores import checked_labels, question_index

# With labels on fewer questions no interval was found to hold.
FEWEST_LABELS = 20


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class CorrectedCalibration(ShownResult, NamedValues[Estimate]):
    """Calibration of free answers, under a grader's verdicts and under people's labels.

    A corrected measure is ``calibration.corrected["ece"]`` or ``calibration.ece``. Printed, it is tables; in a notebook
    tables of HTML.

    Attributes
    ----------
    corrected : dict of str to Estimate
        ``ece``, ``signed_gap`` (mean confidence − rate of right answers) and ``brier`` as people would have them.
    judged : dict of str to Estimate
        The same of the grader's verdicts, as if they were right.
    curve : polars.DataFrame
        One row a bin that holds answers: ``lower``, ``upper``, ``count``, ``labels``, ``confidence`` (mean),
        ``judged_accuracy``, ``accuracy`` (corrected), ``low`` and ``high`` of it; null in a bin without a label.
    n_answers, n_labels, n_questions : int
        Answers, those of them with a label, and the questions that they are to.
    disagreements : int
        Labels against the verdict.
    """

    holding = ("corrected",)
    corrected: dict[str, Estimate]
    judged: dict[str, Estimate]
    curve: pl.DataFrame
    n_answers: int
    n_labels: int
    n_questions: int
    disagreements: int

    @property
    def table(self) -> ResultTable:
        """A row a measure, by the grader and corrected."""
        return corrected_table(self.corrected, self.judged, n_labels=self.n_labels)

    @property
    def tables(self) -> tuple[ResultTable, ...]:
        """Measures, and the reliability curve."""
        return self.table, curve_table(self.curve)

    @property
    def frame(self) -> pl.DataFrame:
        """One row a measure and method.

        Columns: ``measure``, ``method`` (``corrected``, ``judged``), ``value``, ``low``, ``high`` (null without an
        interval), ``level``.
        """
        rows = [
            {"measure": key, "method": method, **{name: getattr(estimate, name) for name in _NUMBERS}}
            for key in self.corrected
            for method, estimate in (("corrected", self.corrected[key]), ("judged", self.judged[key]))
        ]
        return pl.DataFrame(rows).fill_nan(None)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "corrected": {key: estimate.to_dict() for key, estimate in self.corrected.items()},
            "judged": {key: estimate.to_dict() for key, estimate in self.judged.items()},
            "curve": self.curve.to_dicts(),
            "n": self.n_answers,
            "n_labels": self.n_labels,
            "n_questions": self.n_questions,
            "disagreements": self.disagreements,
        }


_NUMBERS = ("value", "low", "high", "level")


def calibration_from_labels(
    confidence: ArrayLike,
    judged: ArrayLike,
    label: ArrayLike,
    *,
    score: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    question: ArrayLike | None = None,
    bins: int = 10,
    strategy: Strategy = "uniform",
    level: float = 0.95,
    seed: int = 0,
) -> CorrectedCalibration:
    r"""Reliability curve, ECE, signed gap and Brier score, corrected by few labels.

    With an expected label :math:`m` of each answer and the labels :math:`y` of some, whose weights :math:`w` add up to
    the number :math:`N` of all, the signed gap of bin *b* is

    .. math:: N g_b = \sum_{i \in b} (c_i - m_i) - \sum_{i \in b, \text{labelled}} w_i (y_i - m_i).

    Parameters
    ----------
    confidence : array_like, shape (n_answers,)
        Of the model in each answer, in [0, 1].
    judged : array_like of 0 and 1, shape (n_answers,)
        The grader's verdicts.
    label : array_like, shape (n_answers,)
        1 right to people, 0 wrong, NaN without a label.
    score : array_like, shape (n_answers,), optional
        The grader's probability that each answer is right; its verdict if omitted.
    weight : array_like, shape (n_answers,), optional
        Number of answers that each labelled one represents: one over its chance of being chosen. If omitted, all are
        the same.
    question : array_like, shape (n_answers,), optional
        What each answer is to; if omitted, each is to a question of its own.
    bins, strategy
        As in `calibration.ece`.
    level : float
        Coverage of the intervals.
    seed : int
        Same seed, same digits.

    Returns
    -------
    CorrectedCalibration

    Raises
    ------
    ValueError
        For other shapes and values, fewer than two labels.

    Notes
    -----
    Which answers people label must be by chance, with known weights; what the grader is worth only decides the width.
    The expected label is the grader's score, moved by a ridge regression on score and confidence that leaves out the
    labels of the question itself. So a grader that errs more where the model is sure biases nothing, which a
    correction by the grader's overall error rates (Rogan–Gladen) does not allow for.

    Intervals are for new questions, each with all its answers: the covariance of the gaps is that of sums over
    questions, in which labelled answers count with their weights. Each bin has one label more, a fair coin's; a bin
    without labels is known by that alone. With fewer than 5 labels against the verdict (Brier score: fewer than 10, or
    fewer than 10 labels of either kind) the interval reaches as far from that of the verdicts as wrong ones that were
    not seen could (Clopper and Pearson's limit of their share): a grader that never erred on 60 labels may err on 6 %
    of the answers. In the curve the noise of a bin with few labels of one kind is drawn towards that of labels without
    a grader. The signed gap joins the limits
    of the mean confidence and of the corrected rate of `rate_from_labels`. With labels on fewer than 20 questions, or
    several answers to each of fewer than 10, there is no interval.

    References
    ----------
    Angelopoulos et al. (2023), arXiv:2301.09633 (prediction-powered inference). Zrnic and Candès (2024),
    arXiv:2309.16598 (expected labels fitted on the labels themselves). Armstrong and Kolesár (2018),
    doi:10.3982/ECTA14434 (intervals with a bounded bias).

    Examples
    --------
    >>> confidence, judged = np.tile([0.9, 0.7], 100), np.tile([1, 1, 1, 0], 50)
    >>> label = np.where(np.arange(200) % 5 == 0, judged, np.nan)
    >>> label[[0, 20, 40, 60, 80]] = 0  # of 40 labels, five say that the grader passed a wrong answer
    >>> corrected = calibration_from_labels(confidence, judged, label)
    >>> print(corrected.judged["signed_gap"])
    0.050 [-0.004, 0.104]
    >>> print(corrected.corrected["signed_gap"])
    0.175 [0.069, 0.294]
    """
    level_in_range(level)
    confidences, verdicts = confidence_pair(confidence, judged)
    scores, labels, weights = checked_labels(verdicts if score is None else score, label, weight)
    if scores.shape != confidences.shape:
        raise ValueError(f"confidence and label must be of one length, got {confidences.shape} and {scores.shape}")
    edges = bin_edges(confidences, bins=bins, strategy=strategy)
    answers = JudgedGaps(
        confidence=np.asarray(confidences, dtype=np.float64),
        score=scores,
        judged=np.asarray(verdicts == 1),
        labels=labels,
        weights=weights,
        question=question_index(question, len(scores)),
        bin_index=assign_bins(confidences, edges),
        n_bins=len(edges) - 1,
    )
    corrected = {
        "ece": corrected_ece(answers, level=level, seed=seed),
        "signed_gap": corrected_gap(answers, level=level),
        "brier": corrected_brier(answers, level=level),
    }
    judged_measures = {
        "ece": judged_ece(answers, level=level, seed=seed),
        "signed_gap": judged_gap(answers, level=level),
        "brier": judged_brier(answers, level=level),
    }
    few = too_few_questions(answers.question)
    seldom = few or _too_few_labels(answers)
    return CorrectedCalibration(
        corrected=_withheld(corrected, seldom),
        judged=_withheld(judged_measures, few),
        curve=_curve(answers, edges, level, shown=seldom is None),
        n_answers=len(labels),
        n_labels=int(answers.known.sum()),
        n_questions=int(answers.question.max()) + 1,
        disagreements=answers.disagreements,
    )


def _too_few_labels(answers: JudgedGaps) -> str | None:
    labelled = answers.n_labelled_questions
    if labelled >= FEWEST_LABELS:
        return None
    return f"an interval needs labels on at least {FEWEST_LABELS} questions, got {labelled}"


def _withheld(estimates: dict[str, Estimate], reason: str | None) -> dict[str, Estimate]:
    if reason is None:
        return estimates
    return {key: replace(one, low=math.nan, high=math.nan, reason=reason) for key, one in estimates.items()}


def _curve(answers: JudgedGaps, edges: Any, level: float, *, shown: bool) -> pl.DataFrame:
    accuracy, low, high = corrected_accuracies(answers, level=level)
    if not shown:
        low = high = np.full(answers.n_bins, np.nan)
    with np.errstate(invalid="ignore"):
        confidence, judged = (
            np.bincount(answers.bin_index, weights=values, minlength=answers.n_bins) / answers.count
            for values in (answers.confidence, answers.judged)
        )
    table = pl.DataFrame(
        {
            "lower": edges[:-1], "upper": edges[1:], "count": answers.count, "labels": answers.n_labels,
            "confidence": confidence, "judged_accuracy": judged, "accuracy": accuracy, "low": low, "high": high,
        }
    )  # fmt: skip
    return table.filter(pl.col("count") > 0).fill_nan(None)
