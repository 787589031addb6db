"""What people are expected to say of an answer, fitted on few labels."""

from __future__ import annotations

import numpy as np

from calibration.metrics.arrays import FloatArray, IntArray

# What each slope is drawn towards 0 with, in labels; the level of all is held less.
_PRIOR, _PRIOR_OF_LEVEL = 4.0, 1.0


def expected_labels(
    score: FloatArray, confidence: FloatArray, labels: FloatArray, weights: FloatArray, question: IntArray
) -> FloatArray:
    """Expected label of each answer, fitted on those of other questions, shape (n_answers,).

    The grader's score, moved by a ridge regression of what labels differ from it on score, confidence and their
    product: a grader may err more where the model is sure. Of a labelled answer it is fitted without the labels of its
    question, so that what is left over is as large as for one that nobody labelled. It may leave [0, 1].

    Parameters
    ----------
    score, confidence : ndarray, shape (n_answers,)
        In [0, 1].
    labels, weights : ndarray, shape (n_answers,)
        NaN and 0 where people gave none.
    question : ndarray of int, shape (n_answers,)

    References
    ----------
    Zrnic and Candès (2024), arXiv:2309.16598 (a model fitted on the labels themselves, with some held out).

    Examples
    --------
    >>> score, labels = np.array([0.9, 0.9, 0.1, 0.1]), np.array([1.0, np.nan, 0.0, np.nan])
    >>> weights = np.array([2.0, 0.0, 2.0, 0.0])
    >>> expected_labels(score, np.full(4, 0.8), labels, weights, np.arange(4)).round(2).tolist()
    [0.88, 0.95, 0.12, 0.05]
    """
    known = ~np.isnan(labels)
    features = np.column_stack([score, confidence, score * confidence])
    spread = features.std(axis=0)
    rows = np.column_stack([np.ones(len(score)), (features - features.mean(axis=0)) / np.where(spread > 0, spread, 1)])
    seen, mass, differs = rows[known], weights[known] / weights[known].mean(), (labels - score)[known]
    inverse = np.linalg.inv((seen * mass[:, None]).T @ seen + np.diag([_PRIOR_OF_LEVEL, *[_PRIOR] * 3]))
    expected = score + rows @ (inverse @ (seen.T @ (mass * differs)))
    left = labels[known] - expected[known]
    weighted, own = seen * mass[:, None], question[known]
    _, index, several = np.unique(own, return_inverse=True, return_counts=True)
    left /= np.where(several[index] == 1, 1 - ((seen @ inverse) * weighted).sum(axis=1), 1.0)
    for name in np.flatnonzero(several > 1):
        mine = np.flatnonzero(index == name)
        left[mine] = np.linalg.solve(np.eye(len(mine)) - seen[mine] @ inverse @ weighted[mine].T, left[mine])
    expected[known] = labels[known] - left
    return np.asarray(expected)
