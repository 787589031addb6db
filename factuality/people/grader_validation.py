"""Validation of graders: agreement with the labels of people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from calibration.metrics.arrays import BoolArray, FloatArray
from calibration.metrics.bins import bin_edges
from calibration.metrics.curves import ReliabilityCurve, reliability_curve
from calibration.metrics.ranking import placements
from calibration.metrics.validation import level_in_range
from calibration.number_texts import counted, interval_text
from calibration.result_tables.named_values import NamedValues
from calibration.result_tables.result_table import ResultTable, result_columns
from calibration.result_tables.shown_result import ShownResult
from calibration.uncertainty.cells import Cells
from calibration.uncertainty.estimates import Estimate, measure_estimate
from calibration.uncertainty.kinds.mean_like import MeanLike
from calibration.uncertainty.kinds.share import Share
from calibration.uncertainty.kinds.squared import squared
from calibration.uncertainty.measure_names import text_label

from ..grading.human_labels import HumanLabels
from ..grading.judgments import Judgments
from .failures import failures
from .paired_verdicts import Positive, by_question, paired_verdicts

# An answer without a score takes no side.
_NO_SIDE = 0.5


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class GraderValidation(ShownResult, NamedValues[Estimate]):
    """Agreement of a grader with people.

    A measure is ``validation.estimates["kappa"]`` or ``validation.kappa``. Printed, it is a table; in a notebook a
    table of HTML.

    Attributes
    ----------
    estimates : dict of str to Estimate
        ``accuracy``, ``balanced_accuracy``, ``kappa``, ``auroc`` and ``debiased_ce2``, those that are defined here.
    curve : ReliabilityCurve or None
        Share of answers that are right to people, against the grader's score; None if no answer has a score.
    failures : polars.DataFrame
        Agreement by category and by style of answer, most certain failures first: ``group`` (``category``, ``style``),
        ``name``, ``n``, ``human_rate``, ``rate`` (share that the grader calls right), ``accuracy`` with ``low`` and
        ``high``, ``passed`` (share of all: wrong to people, right to the grader), ``failed`` (the other way round)
        and ``ungraded``.
    n_answers : int
        Answers with a verdict of people.
    n_ungraded : int
        Of these, answers that the grader could not grade.
    n_unlabelled : int
        Judged answers without a verdict of people; left out.
    """

    holding = ("estimates",)
    estimates: dict[str, Estimate]
    curve: ReliabilityCurve | None
    failures: pl.DataFrame
    n_answers: int
    n_ungraded: int
    n_unlabelled: int

    @property
    def table(self) -> ResultTable:
        """A row a measure."""
        level = next(iter(self.estimates.values())).level
        interval = f"{100 * level:g} % interval"
        title = (
            f"A grader against people: {counted(self.n_answers, 'answer')} with a verdict of people, "
            f"{self.n_ungraded:,} of them ungraded"
        )
        return ResultTable(
            columns=result_columns(("", "value", interval)),
            rows=tuple(
                (text_label(key), f"{value.value:.4f}", interval_text(value.low, value.high, form=".4f"))
                for key, value in self.estimates.items()
            ),
            heading=(title,),
            notes=tuple(
                f"Note: {text_label(key)}: {value.reason}." for key, value in self.estimates.items() if value.reason
            ),
            caption=f"{title}, with {interval}s.",
        )

    @property
    def frame(self) -> pl.DataFrame:
        """One row a measure.

        Columns: ``measure``, ``value``, ``low``, ``high`` (null if there is no interval), ``level``.
        """
        return pl.DataFrame(
            [
                {
                    "measure": key,
                    "value": estimate.value,
                    "low": estimate.low,
                    "high": estimate.high,
                    "level": estimate.level,
                }
                for key, estimate in self.estimates.items()
            ]
        ).fill_nan(None)


def validate_grader(
    judgments: Judgments, labels: HumanLabels | Judgments, *, positive: Positive = "truthful", level: float = 0.95
) -> GraderValidation:
    r"""Agreement of a grader with people.

    Parameters
    ----------
    judgments : Judgments
        Of the grader.
    labels : HumanLabels or Judgments
        Labels of people for the same answers, or judgments of the grader ``human``.
    positive : {"truthful", "correct"}
        Answers that count as right: *truthful* counts an abstention as right, as TruthfulQA does; *correct* does not.
    level : float
        Coverage of the intervals.

    Returns
    -------
    GraderValidation
        **accuracy**: share of answers with the same verdict of both. **balanced accuracy**: mean of that share among
        the right and among the wrong ones. **kappa**: Cohen's. **auroc**: the chance that a right answer has a higher
        score than a wrong one. **debiased_ce2** and the curve: calibration of the score itself.

    Raises
    ------
    ValueError
        If no answer has a verdict of people, or the two are of different answers.

    Notes
    -----
    An answer that the grader could not grade stays in: it agrees with nobody (accuracy, balanced accuracy and kappa,
    where it is a third kind of verdict that people never give), and in the AUROC it takes no side, a score of 0.5. The
    calibration of scores is that of the answers that have one. The score of an answer is the grader's probability;
    without one, 1 for answers that it calls right and 0 for those that it calls wrong.

    Intervals are for new questions: answers to one question are drawn together. Accuracy: Wilson. Balanced accuracy
    and AUROC: from influence functions (DeLong's for the AUROC), on the logit scale. Kappa: normal, with the delta
    method's variance. Measures that need right and wrong answers are left out if people found only one kind.

    References
    ----------
    Cohen (1960), doi:10.1177/001316446002000104. Fleiss, Cohen and Everitt (1969), doi:10.1037/h0028106 (its
    variance). DeLong et al. (1988), doi:10.2307/2531595. Lin, Hilton and Evans (2022), arXiv:2109.07958 (TruthfulQA).

    Examples
    --------
    >>> from factuality import Question, Responses, grade
    >>> asked = [Question(str(n), "science", "What colour is the Sun?", ("white",), ("yellow",)) for n in range(4)]
    >>> texts = {"0": "White.", "1": "Yellow.", "2": "It is yellow.", "3": "It is white."}
    >>> graded = grade(Responses.from_texts(texts, asked), grader="match")
    >>> people = graded.frame.with_columns(
    ...     grade=pl.Series(["correct", "incorrect", "correct", "incorrect"]), tempted=False, grader=pl.lit("human")
    ... )
    >>> validation = validate_grader(graded, Judgments(people))
    >>> print(validation.estimates["accuracy"], round(validation.estimates["kappa"].value, 3))
    0.500 [0.150, 0.850] 0.0
    """
    level_in_range(level)
    both = paired_verdicts(judgments, labels, positive=positive)
    known = both.filter(pl.col("label").is_not_null())
    if known.is_empty():
        raise ValueError(f"people must have judged at least one answer, none of the {both.height} has their verdict")
    label = known["label"].to_numpy()
    scored = known.filter(pl.col("score").is_not_null())
    curve, error = _calibration(scored, level)
    sampling = by_question(known)
    says_right, says_wrong = (known["said"].eq_missing(value).to_numpy() for value in (True, False))
    measures = _measures(label, says_right, says_wrong, known["score"].fill_null(_NO_SIDE).to_numpy())
    estimates = {key: measure_estimate(measure, sampling=sampling, level=level) for key, measure in measures}
    if "kappa" in estimates and estimates["kappa"].value == 1:
        # Perfect agreement bounds nothing by its own spread; that of the share bounds it.
        chance = float(label.mean() ** 2 + (1 - label.mean()) ** 2)
        low = (estimates["accuracy"].low - chance) / (1 - chance)
        estimates["kappa"] = replace(estimates["kappa"], low=low, high=1.0, reason=None)
    if error is not None:
        estimates["debiased_ce2"] = error
    return GraderValidation(
        estimates=estimates,
        curve=curve,
        failures=failures(known, level),
        n_answers=known.height,
        n_ungraded=known["said"].null_count(),
        n_unlabelled=both.height - known.height,
    )


def _measures(
    label: BoolArray, says_right: BoolArray, says_wrong: BoolArray, score: FloatArray
) -> Iterator[tuple[str, Share | MeanLike]]:
    agrees = np.where(label, says_right, says_wrong).astype(np.float64)
    yield "accuracy", Share(agrees)
    n_right, n_answers = int(label.sum()), len(label)
    size = np.where(label, n_right, n_answers - n_right)
    if size.min() >= 2 and n_right < n_answers:
        # Each class weighs the same; variances are those of two samples, and a standard error has n − 1 of its own.
        weight = np.sqrt(n_answers * (n_answers - 1) / (size * (size - 1.0)))
        recall = np.where(label, agrees[label].mean(), agrees[~label].mean())
        value = float(agrees[label].mean() + agrees[~label].mean()) / 2
        yield (
            "balanced_accuracy",
            MeanLike(value=value, influence=(agrees - recall) * weight / 2, scale="logit", count=float(size.min())),
        )
    kappa = _kappa(label, says_right, says_wrong, agrees)
    if kappa is not None:
        yield "kappa", kappa
    if size.min() >= 2 and n_right < n_answers:
        won = placements(score, label)
        area = float(won[label].mean())
        yield "auroc", MeanLike(value=area, influence=(won - area) * weight, scale="logit", count=float(size.min()))


def _kappa(label: BoolArray, says_right: BoolArray, says_wrong: BoolArray, agrees: FloatArray) -> MeanLike | None:
    """Cohen's kappa; None if chance alone would always agree."""
    rate, right, wrong = (float(np.mean(part)) for part in (label, says_right, says_wrong))
    observed, chance = float(agrees.mean()), rate * right + (1 - rate) * wrong
    if chance == 1:
        return None
    moves_chance = (label - rate) * (right - wrong) + rate * (says_right - right) + (1 - rate) * (says_wrong - wrong)
    influence = (agrees - observed) / (1 - chance) - moves_chance * (1 - observed) / (1 - chance) ** 2
    return MeanLike(value=(observed - chance) / (1 - chance), influence=influence, bounds=(-1.0, 1.0))


def _calibration(scored: pl.DataFrame, level: float) -> tuple[ReliabilityCurve | None, Estimate | None]:
    """Reliability curve and debiased squared calibration error of the scores.

    Both are None if no answer has a score.
    """
    if scored.is_empty():
        return None, None
    score, label = scored["score"].to_numpy(), scored["label"].to_numpy().astype(np.float64)
    several = scored["question"].is_duplicated().any()
    curve = reliability_curve(score, label, level=level, item=scored["question"].to_numpy() if several else None)
    edges = bin_edges(score)
    cells = Cells.of_top(score, label == 1, edges)
    if cells.units().max() < 2 or (score == label).all():  # no noise to tell from an error, or none at all
        return curve, None
    return curve, measure_estimate(squared(cells), sampling=by_question(scored), level=level)
