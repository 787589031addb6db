"""Rate of right answers, estimated from a grader and few labels."""

from __future__ import annotations

import numpy as np
import polars as pl

from ..grading.human_labels import HumanLabels
from ..grading.judgments import Judgments
from .paired_verdicts import Positive, paired_verdicts
from .prediction_powered import CorrectedRate, rate_from_labels


def corrected_rate(
    judgments: Judgments,
    labels: HumanLabels | Judgments,
    *,
    weights: pl.DataFrame | None = None,
    positive: Positive = "truthful",
    finite: bool = True,
    level: float = 0.95,
) -> CorrectedRate:
    """Estimate the rate of right answers from a grader and few labels.

    The grader judges all answers; people label some of them.

    Parameters
    ----------
    judgments : Judgments
        Of all answers, by one grader.
    labels : HumanLabels or Judgments
        Labels of people for some of them, or judgments of the grader ``human``. Answers that are missing, and those
        that people were not sure of, are without a label.
    weights : polars.DataFrame, optional
        ``question``, ``sample`` and ``weight`` of the answers that were chosen to be labelled, as `choose_to_label`
        gives them; if omitted, they were drawn at random, each with the same chance.
    positive : {"truthful", "correct"}
        Answers that count as right; see `validate_grader`.
    finite : bool
        Whether the rate is that of these answers (the interval shrinks to nothing as all are labelled), or that of the
        answers to all questions of this kind, each drawn anew with all its answers.
    level : float
        Coverage of the interval.

    Returns
    -------
    CorrectedRate
        See `rate_from_labels` for how it is computed.

    Raises
    ------
    ValueError
        For fewer than two labels, a labelled answer without a weight, judgments and labels of different answers.

    Examples
    --------
    >>> from factuality import Question, Responses, grade
    >>> asked = [Question(str(n), "science", "What colour is the Sun?", ("white",), ("yellow",)) for n in range(50)]
    >>> texts = {str(n): "White." if n < 20 else "Yellow." for n in range(50)}
    >>> graded = grade(Responses.from_texts(texts, asked), grader="match")
    >>> people = graded.frame.with_columns(  # the first of every five is labelled, one of them against the grader
    ...     grade=pl.Series(["ungraded" if n % 5 else "correct" if n < 25 else "incorrect" for n in range(50)]),
    ...     tempted=False,
    ... )
    >>> print(corrected_rate(graded, Judgments(people)).estimate)
    0.500 [0.325, 0.675]
    """
    both = paired_verdicts(judgments, labels, positive=positive)
    if weights is None:
        weight = None
    else:
        joined = both.join(weights.select("question", "sample", "weight"), on=["question", "sample"], how="left")
        weight = joined["weight"].to_numpy().astype(np.float64)
    score, label = (both[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in ("score", "label"))
    return rate_from_labels(
        score, label, weight=weight, question=both["question"].to_numpy(), finite=finite, level=level
    )
