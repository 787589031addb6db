"""Sums over bins of answers that a grader judged and people labelled in part."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import betaincinv

from calibration.metrics.arrays import BoolArray, FloatArray, IntArray

from .expected_labels import expected_labels


@dataclass(frozen=True, eq=False, kw_only=True)
class JudgedGaps:
    """Answers with confidence and verdict, some of them with a label.

    Attributes
    ----------
    confidence, score : ndarray, shape (n_answers,)
        In [0, 1].
    judged : ndarray of bool, shape (n_answers,)
        The grader's verdict.
    labels, weights : ndarray, shape (n_answers,)
        NaN and 0 where people gave none; weights add up to the number of answers.
    question : ndarray of int, shape (n_answers,)
    bin_index : ndarray of int, shape (n_answers,)
    n_bins : int
    """

    confidence: FloatArray
    score: FloatArray
    judged: BoolArray
    labels: FloatArray
    weights: FloatArray
    question: IntArray
    bin_index: IntArray
    n_bins: int

    @cached_property
    def known(self) -> BoolArray:
        """Whether each answer has a label."""
        return np.asarray(~np.isnan(self.labels))

    @cached_property
    def expected(self) -> FloatArray:
        """Expected label of each."""
        return expected_labels(self.score, self.confidence, self.labels, self.weights, self.question)

    @cached_property
    def rest(self) -> FloatArray:
        """Label less what was expected; 0 without a label."""
        return np.where(self.known, np.nan_to_num(self.labels) - self.expected, 0.0)

    @cached_property
    def members(self) -> FloatArray:
        """1 in the bin of each answer, shape (n_answers, n_bins)."""
        return np.eye(self.n_bins)[self.bin_index]

    @cached_property
    def count(self) -> IntArray:
        """Answers in each bin."""
        return np.bincount(self.bin_index, minlength=self.n_bins)

    @cached_property
    def n_labels(self) -> IntArray:
        """Labels in each bin."""
        return np.bincount(self.bin_index[self.known], minlength=self.n_bins)

    @cached_property
    def rarer_labels(self) -> IntArray:
        """Labels of the rarer kind, right or wrong, in each bin."""
        right = np.bincount(self.bin_index[self.known & (self.labels == 1)], minlength=self.n_bins)
        return np.asarray(np.minimum(right, self.n_labels - right), dtype=np.int64)

    @property
    def fewest_labels(self) -> int:
        """Labels of the rarer kind, right or wrong."""
        right = int((self.labels == 1).sum())
        return min(right, int(self.known.sum()) - right)

    @cached_property
    def n_labelled_questions(self) -> int:
        """Questions that have an answer with a label."""
        return len(np.unique(self.question[self.known]))

    @cached_property
    def disagreements(self) -> int:
        """Labels that differ from the verdict."""
        return int((self.known & (self.judged != (self.labels == 1))).sum())

    def wrong_verdicts_up_to(self, level: float) -> float:
        """Upper limit of the share of wrong verdicts.

        Clopper and Pearson's, of the effective number of labels.

        References
        ----------
        Korn and Graubard (1998) (effective sample size).
        """
        effective = min(self.weights.sum() ** 2 / float(np.square(self.weights).sum()), self.n_labelled_questions)
        share = float(self.weights[self.known & (self.judged != (self.labels == 1))].sum()) / len(self.labels)
        if share >= 1:
            return 1.0
        return float(betaincinv(share * effective + 1, (1 - share) * effective, level))

    def corrected_mean(self, fixed: FloatArray, slope: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean of fixed + slope × label, and what answers move it by.

        Parameters
        ----------
        fixed, slope : ndarray, shape (n_answers, m)

        Returns
        -------
        tuple of ndarray, shapes (m,) and (n_answers, m)
            The second adds up to 0; over the number of answers it is a difference of the mean.
        """
        guessed = fixed + slope * self.expected[:, None]
        left = slope * self.rest[:, None]
        correction = self.weights @ left / len(left)
        moves = guessed - guessed.mean(axis=0) + self.weights[:, None] * (left - self.known[:, None] * correction)
        return np.asarray(guessed.mean(axis=0) + correction), np.asarray(moves)

    def over_questions(self, moves: FloatArray) -> FloatArray:
        """Covariance of means over new questions, of what answers move them by."""
        n_questions = int(self.question.max()) + 1
        sums = np.zeros((n_questions, moves.shape[1]))
        np.add.at(sums, self.question, moves)
        return np.asarray(sums.T @ sums / len(moves) ** 2 * n_questions / (n_questions - 1))

    def over_labels(self, slope: FloatArray) -> FloatArray:
        """Variance of a mean for want of labels, shape (m,)."""
        left = slope * self.rest[:, None]
        left = (left - self.weights @ left / len(left)) * self.known[:, None]
        unseen = np.maximum(self.weights * (self.weights - 1), 0.0)
        return np.asarray(unseen @ np.square(left) / len(left) ** 2)

    def with_coins(self, covariance: FloatArray, size: FloatArray) -> FloatArray:
        """A covariance over bins with one more label each, a fair coin's.

        `size` is what the label of all answers in a bin moves its mean by, shape (n_bins,).
        """
        weight = self.n_labels / (self.n_labels + 1.0)
        coins = np.square(size) / 4 / (self.n_labels + 1.0)
        return np.asarray(covariance * np.sqrt(np.outer(weight, weight)) + np.diag((1 - weight) * coins))
