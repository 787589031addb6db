"""Calibration of judged answers, corrected by people's labels."""

from __future__ import annotations

import numpy as np
import polars as pl

from calibration.metrics.bins import Strategy

from ..grading.human_labels import HumanLabels
from ..grading.judgments import Judgments
from ..people.calibration_from_labels import CorrectedCalibration, calibration_from_labels
from ..people.paired_verdicts import Positive, paired_verdicts
from .confidences import confidence_pairs


def corrected_calibration(
    judgments: Judgments,
    labels: HumanLabels | Judgments,
    *,
    weights: pl.DataFrame | None = None,
    positive: Positive = "correct",
    bins: int = 10,
    strategy: Strategy = "uniform",
    level: float = 0.95,
    seed: int = 0,
) -> CorrectedCalibration:
    """Calibration of free answers under people's labels, from a grader and few of them.

    Parameters
    ----------
    judgments : Judgments
        Of all answers, by one grader, with confidences of one kind. Scored are those graded ``correct`` or
        ``incorrect`` that have a confidence, as in `confidence_pairs`.
    labels : HumanLabels or Judgments
        Labels of people for some of them, chosen by chance, or judgments of the grader ``human``. Answers that are
        missing, and those that people were not sure of, are without a label.
    weights : polars.DataFrame, optional
        ``question``, ``sample`` and ``weight`` of the answers that were chosen to be labelled, as `choose_to_label`
        gives them; if omitted, they were drawn at random, each with the same chance.
    positive : {"correct", "truthful"}
        Whether an answer in which people see an abstention counts as wrong or right.
    bins, strategy, level, seed
        As in `calibration_from_labels`, which says how it is computed.

    Returns
    -------
    CorrectedCalibration

    Raises
    ------
    ValueError
        For fewer than two labels of answers that are scored, a labelled answer without a weight, judgments and labels
        of different answers, confidences of several kinds.

    Examples
    --------
    >>> from factuality import Confidences, Question, Responses, grade, with_confidence
    >>> asked = [Question(str(n), "science", "What colour is the Sun?", ("white",), ("yellow",)) for n in range(100)]
    >>> texts = {str(n): "White." if n < 70 else "Yellow." for n in range(100)}
    >>> rows = {"question": list(texts), "sample": [0] * 100, "confidence": [0.9] * 100}
    >>> stated = Confidences(pl.DataFrame(rows).with_columns(confidence_kind=pl.lit("stated")))
    >>> graded = with_confidence(grade(Responses.from_texts(texts, asked), grader="match"), stated)
    >>> people = graded.frame.with_columns(  # every other one is labelled, ten of them against the grader
    ...     grade=pl.Series(["ungraded" if n % 2 else "correct" if n < 50 else "incorrect" for n in range(100)]),
    ...     tempted=False,
    ... )
    >>> calibration = corrected_calibration(graded, Judgments(people))
    >>> print(calibration.judged["ece"])
    0.200 [0.093, 0.310]
    >>> print(calibration.corrected["ece"])
    0.400 [0.259, 0.542]
    """
    frame = judgments.frame.filter(pl.col("grade").is_in(["correct", "incorrect"]), pl.col("confidence").is_not_null())
    pairs = confidence_pairs(judgments)
    both = paired_verdicts(Judgments(frame), labels, positive=positive)
    weight = None
    if weights is not None:
        joined = both.join(weights.select("question", "sample", "weight"), on=["question", "sample"], how="left")
        weight = joined["weight"].to_numpy().astype(np.float64)
    score, label = (both[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in ("score", "label"))
    return calibration_from_labels(
        pairs.confidence, pairs.correct, label,
        score=score, weight=weight, question=pairs.question, bins=bins, strategy=strategy, level=level, seed=seed,
    )  # fmt: skip
