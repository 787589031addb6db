"""Which estimators stand behind each measure, by the functions whose docstrings name their sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from calibration.metrics import (
    calibration_errors,
    logistic_recalibration,
    ranking,
    risk_coverage,
    scoring_rules,
    smoothing,
    squared_error,
)
from calibration.metrics.curves import wilson
from calibration.metrics.logistic_fits import LogisticFit
from calibration.metrics.temperature import optimal_temperature
from calibration.uncertainty.absolute_gaps import absolute_gaps_interval
from calibration.uncertainty.changes import change
from calibration.uncertainty.drawn_units import Sampling
from calibration.uncertainty.few_errors import gap_of_few_errors, mean_with_one_more, mid_p_limits
from calibration.uncertainty.intervals import FEWEST_CLUSTERS
from calibration.uncertainty.kinds.mean_like import plain_mean
from calibration.uncertainty.kinds.rare_errors import ENOUGH_ERRORS
from calibration.uncertainty.run_noise_floor import null_ece
from calibration.uncertainty.squared_error_intervals import squared_error_interval
from calibration.uncertainty.standard_errors import mean_interval, studentised_interval
from calibration.uncertainty.tango import tango_interval


@dataclass(frozen=True)
class Sentence:
    """A sentence on what was done, without full stop.

    Attributes
    ----------
    text : str
        The sentence.
    behind : tuple
        Functions and classes whose docstrings name the sources.
    """

    text: str
    behind: tuple[object, ...] = ()


# Measures that one sentence tells: their keys, the sentence, the estimators of value and interval.
_MEASURES: tuple[tuple[tuple[str, ...], str, tuple[object, ...]], ...] = (
    (("accuracy", "accuracy_ties_split"), "Accuracy has Wilson's score interval", (wilson,)),
    (
        ("accuracy_by_subject_mean", "mean_confidence", "signed_gap"),
        "Intervals of {} are Student's t, corrected for skewness", (mean_interval,),
    ),
    (
        ("ece_top", "ece_choices"),
        "The expected calibration error (ECE) of {views} is over 10 bins of equal width",
        (calibration_errors.ece,),
    ),
    (("smooth_ece",), "The smooth ECE smooths the residuals with a kernel", (smoothing.smooth_ece,)),
    (
        ("ece_top", "ece_choices", "smooth_ece"),
        "Intervals of {} allow for the bias of absolute gaps, and each stands beside its noise floor, the 95 % "
        "quantile of what a calibrated model would score on as many items",
        (absolute_gaps_interval, null_ece),
    ),
    (
        ("debiased_ce2",), "The debiased squared calibration error over the same bins has saddle point limits",
        (squared_error.debiased_ce2, squared_error_interval),
    ),
    (("brier", "brier_top"), "The Brier score is {brier}", (scoring_rules.brier_score, mean_interval)),
    (("nll", "nll_top"), "The log loss is in nats", (scoring_rules.log_loss, mean_interval)),
    (
        ("auroc",), "The AUROC of confidence has DeLong's variance, on the logit scale",
        (ranking.auroc, ranking.placements),
    ),
    (
        ("aurc",), "The area under the risk–coverage curve (AURC) has the variance of its influences",
        (risk_coverage.risk_coverage, risk_coverage.aurc_influence),
    ),
    (("temperature",), "The best temperature minimises the log loss", (optimal_temperature,)),
    (
        ("calibration_slope", "calibration_intercept"),
        "Calibration slope and intercept are those of a logistic regression on the logit of confidence, with "
        "heteroskedasticity-consistent errors",
        (logistic_recalibration.calibration_slope, logistic_recalibration.calibration_intercept, LogisticFit.moves),
    ),
)  # fmt: skip
_NAMES = {
    "accuracy_by_subject_mean": "the mean of the subjects' accuracies", "mean_confidence": "mean confidence",
    "signed_gap": "signed gap", "ece_top": "the ECE", "ece_choices": "the ECE", "smooth_ece": "the smooth ECE",
}  # fmt: skip
_VIEWS = {"ece_top": "the predicted letter (top)", "ece_choices": "every letter, right or not (choices)"}
KEYS = tuple(dict.fromkeys(key for keys, *_ in _MEASURES for key in keys))


def measure_sentences(keys: Sequence[str], *, whole: bool) -> Iterable[Sentence]:
    """How measures are estimated, by their keys.

    Parameters
    ----------
    keys : sequence of str
        Those that are reported.
    whole : bool
        Whether they are of distributions over all options.

    Examples
    --------
    >>> [sentence.text for sentence in measure_sentences(["accuracy", "nll"], whole=True)]
    ["Accuracy has Wilson's score interval", 'The log loss is in nats']
    """
    views = dict(_VIEWS) if whole else {"ece_top": "confidence"}
    brier = "summed over the options (0 to 2)" if whole else "that of confidence (0 to 1)"
    for known, text, behind in _MEASURES:
        reported = [key for key in known if key in keys]
        if reported:
            named = list(dict.fromkeys(_NAMES.get(key, key) for key in reported))
            seen = " and of ".join(views[key] for key in reported if key in views)
            yield Sentence(text.format(listed(named), views=seen, brier=brier), behind)


def change_sentences(keys: Sequence[str], *, n_subjects: int) -> Iterable[Sentence]:
    """How changes on the same items are estimated."""
    yield Sentence("Changes are paired by item; their intervals are for new items of the same subjects")
    if {"accuracy", "accuracy_ties_split"} & set(keys):
        yield Sentence("That of accuracy is Tango's score interval, whose test is McNemar's", (change, tango_interval))
    if n_subjects >= FEWEST_CLUSTERS:
        text = (
            "Intervals for new subjects draw subjects anew with all their items, with Student's t, as far as after "
            "a transformation that takes out skewness"
        )
        yield Sentence(text, (Sampling.mean_freedom, studentised_interval))


def few_errors_sentences(keys: Sequence[str]) -> Iterable[Sentence]:
    """What is done with fewer than 20 wrong, or right, answers."""
    behind: list[object] = []
    behind += [mid_p_limits, gap_of_few_errors] if "signed_gap" in keys else []
    behind += [mean_with_one_more] if {"brier", "nll", "brier_top", "nll_top"} & set(keys) else []
    if behind:
        text = f"With fewer than {ENOUGH_ERRORS} wrong or right answers, limits allow for errors that were not seen"
        yield Sentence(text, tuple(behind))


def cluster_sentence() -> Sentence:
    """Intervals of items that lie in clusters."""
    return Sentence(
        "Items of one cluster are not independent: clusters are drawn whole",
        (Sampling.mean_freedom, studentised_interval),
    )


def weight_sentence() -> Sentence:
    """Means of items that count by weights."""
    return Sentence("Items count by their weights", (plain_mean,))


def listed(names: Sequence[str]) -> str:
    """Names with commas and *and*.

    Examples
    --------
    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
