"""Parts of a model's miscalibration: letter bias, sharpness, and the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import polars as pl

from ..metrics.arrays import FloatArray, IntArray
from ..predictions.predictions import Predictions
from ..result_tables.result_table import ResultTable
from ..result_tables.shown_result import ShownResult
from ..uncertainty.changes import Change, measure_changes
from ..uncertainty.defined_measures import defined_measures
from ..uncertainty.estimates import Estimate, measure_estimate, measure_estimates, measure_floors
from ..uncertainty.kinds.protocol import Measure
from ..uncertainty.measure_table import MEASURES
from ..uncertainty.standard_errors import critical
from .cross_fitting import FoldKind, cross_fitted, deal_folds, with_letters
from .diagnosis_tables import corrections_table, letters_table
from .favoured_letters import favoured_letters
from .letter_maps import Correction, fit_correction

StepName = Literal["as is", "letter bias", "temperature", "both"]

_MEASURES = ("ece_top", "ece_choices", "signed_gap", "nll", "accuracy", "auroc")
# A standard error of log T beyond this bounds no temperature.
_WIDEST = 1.0
_ECES = ("ece_top", "ece_choices")


@dataclass(frozen=True, kw_only=True)
class Step:
    """A run after one correction, on items that the correction was not fitted on.

    Attributes
    ----------
    name : {"as is", "letter bias", "temperature", "both"}
        Which correction.
    folds : {"items", "subjects"}
        Whether it was fitted on other items, or on items of other subjects.
    values : dict of str to Estimate
        ``ece_top``, ``ece_choices``, ``signed_gap``, ``nll`` (nats), ``accuracy``, ``auroc``.
    floors : dict of str to float
        Noise floors of the two ECEs: 95 % quantiles of what a calibrated model would score.
    change : dict of str to Change
        What the correction changed each measure by; empty for the run as it is.
    """

    name: StepName
    folds: FoldKind
    values: dict[str, Estimate]
    floors: dict[str, float]
    change: dict[str, Change]


@dataclass(frozen=True, kw_only=True, repr=False)
class Diagnosis(ShownResult):
    """Components of a run's miscalibration.

    Printed, it is tables of corrections and of letters; in a notebook tables of HTML.

    Attributes
    ----------
    steps : tuple of Step
        Four with folds of items and, where there are enough subjects, four with folds of subjects.
    letters : polars.DataFrame
        One row a letter: ``letter``; ``key`` (share of right answers), ``predicted`` (share of predictions, ties
        split), ``mean_probability``; ``excess`` (mean probability − key) with ``excess_low``, ``excess_high``;
        ``bias`` (that corrects the letter, in nats; they sum to 0) with ``bias_error``; the same beside a temperature,
        ``bias_both`` and ``bias_both_error``. Fitted on all items.
    temperature, temperature_both : Estimate or None
        The best one temperature on all items, alone (as in `summarize`) and beside the letter biases. None where the
        letters say too little about the answers to know it.
    n_items, n_folds : int
        How many items, and how many folds they were split into.
    level : float
        Coverage of every interval.
    notes : tuple of str
        What could not be measured, and why.
    """

    steps: tuple[Step, ...]
    letters: pl.DataFrame
    temperature: Estimate | None
    temperature_both: Estimate | None
    n_items: int
    n_folds: int
    level: float
    notes: tuple[str, ...]

    def step(self, name: StepName, *, folds: FoldKind = "items") -> Step:
        """The step of a name, with folds of items or of subjects.

        Raises
        ------
        KeyError
            If there is none, such as folds of subjects for a run of one subject.
        """
        for step in self.steps:
            if (step.name, step.folds) == (name, folds):
                return step
        raise KeyError(f"there is no step {name!r} with folds of {folds}")

    @property
    def table(self) -> ResultTable:
        """What each correction leaves."""
        temperatures = {"alone": self.temperature, "beside letter biases": self.temperature_both}
        return corrections_table(
            self.frame, self.notes, temperatures=temperatures, n_items=self.n_items,
            level=self.level,
        )  # fmt: skip

    @property
    def tables(self) -> tuple[ResultTable, ...]:
        """What each correction leaves, and the shares of letters."""
        return self.table, letters_table(self.letters, level=self.level)

    @property
    def frame(self) -> pl.DataFrame:
        """One row a step and kind of folds.

        ``folds``, ``step``, then for each measure its value, ``…_low``, ``…_high``, ``…_change`` from the run as it
        is, ``…_change_low``, ``…_change_high``, and for an ECE ``…_null95``. The intervals of a change are for new
        items with folds of items, for new subjects with folds of subjects. Null if there is none.
        """
        rows = []
        for step in self.steps:
            row: dict[str, str | float | None] = {"folds": step.folds, "step": step.name}
            for key in _MEASURES:
                value, change = step.values.get(key), step.change.get(key)
                interval = change.clustered if change and step.folds == "subjects" else change
                row |= {
                    key: value.value if value else None,
                    f"{key}_low": value.low if value else None,
                    f"{key}_high": value.high if value else None,
                    f"{key}_change": change.value if change else None,
                    f"{key}_change_low": interval.low if interval else None,
                    f"{key}_change_high": interval.high if interval else None,
                }
                if key in _ECES:
                    row[f"{key}_null95"] = step.floors[key]
            rows.append(row)
        names = list(rows[0])
        schema = dict.fromkeys(names[:2], pl.String) | dict.fromkeys(names[2:], pl.Float64)
        return pl.DataFrame(rows, schema=schema).fill_nan(None)

    def split(self) -> pl.DataFrame:
        """Each ECE and the log loss as sums of three parts.

        One row a kind of folds and a measure.

        ``folds``, ``measure``, ``letter_prior``, ``sharpness``, ``rest``, ``total``. The rest is the measure after both
        corrections; of a log loss it is mostly what the model does not know. A correction's part is what it takes off,
        as the mean of taking it first and taking it second (its Shapley value), since the two overlap: an ECE that
        pools the letters cannot see which letter is favoured, so that a temperature hides part of a letter bias from
        it. The log loss tells the two apart. A part below 0 makes things worse.
        """
        rows = []
        for folds in dict.fromkeys(step.folds for step in self.steps):
            for key in (*_ECES, "nll"):
                total, no_prior, no_sharpness, rest = (
                    self.step(name, folds=folds).values[key].value for name in get_args(StepName)
                )
                prior = (total - no_prior + no_sharpness - rest) / 2
                sharpness = (total - no_sharpness + no_prior - rest) / 2
                rows.append((folds, key, prior, sharpness, rest, total))
        names = ("folds", "measure", "letter_prior", "sharpness", "rest", "total")
        return pl.DataFrame(rows, schema=list(names), orient="row")


def diagnose(predictions: Predictions, *, n_folds: int = 5, level: float = 0.95, seed: int = 0) -> Diagnosis:
    r"""Parts of a run's miscalibration: letter bias, sharpness, and the rest.

    Three corrections are fitted: a *letter bias* :math:`b` (one number a letter, added to its log-probability), a
    *temperature* :math:`T` (all log-probabilities divided by it), and *both*,
    :math:`\mathrm{softmax}(x / T + b)`. Each is fitted on all folds but one and applied to that one, so that every
    item is corrected by what was learnt elsewhere; measures are those of the items so corrected, pooled.

    Parameters
    ----------
    predictions : Predictions
        The run.
    n_folds : int
        Into how many parts items, and subjects, are split.
    level : float
        Coverage of the intervals.
    seed : int
        Of the folds and of the draws; same seed, same digits, whatever the order of rows.

    Returns
    -------
    Diagnosis

    Raises
    ------
    ValueError
        For fewer than two folds, or fewer items than folds.

    Notes
    -----
    *Folds of items*: would the correction help on new questions of these subjects? *Folds of subjects*: would it help
    on other subjects? The second is left out, with a note, where there are fewer subjects than folds.

    Fits are by maximum likelihood with a weak prior, so that a letter which is never right in a fold, or a fold
    without a wrong answer, has a finite correction (see `calibration.recalibration.letter_maps.fit_correction`). Items
    may have different numbers of options. Intervals take the corrections as given: they hold the noise of the items
    scored, not that of the items fitted on.

    References
    ----------
    Guo et al. (2017), arXiv:1706.04599 (temperature and vector scaling). Zheng et al. (2024), arXiv:2309.03882 (prior
    bias for option letters). Zhao et al. (2021), arXiv:2102.09690.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> honest = rng.normal(size=(2000, 2))
    >>> answer = (rng.random(2000) < 1 / (1 + np.exp(honest[:, 0] - honest[:, 1]))).astype(int)
    >>> diagnosis = diagnose(Predictions.from_arrays(3 * honest, answer))
    >>> print(diagnosis.temperature)
    2.967 [2.704, 3.255]
    >>> [f"{step.name} {step.values['ece_choices'].value:.2f}" for step in diagnosis.steps]
    ['as is 0.15', 'letter bias 0.15', 'temperature 0.02', 'both 0.02']
    """
    folds: dict[FoldKind, IntArray] = {"items": deal_folds(predictions, "items", n_folds, seed)}
    notes = []
    n_subjects = len(np.unique(predictions.subject))
    if n_subjects >= n_folds:
        folds["subjects"] = deal_folds(predictions, "subjects", n_folds, seed)
    else:
        notes.append(f"there are no folds of subjects: {n_folds} folds need as many subjects, got {n_subjects}")

    wanted = {key: MEASURES[key] for key in _MEASURES}
    measures, left_out = defined_measures(predictions, {"temperature": MEASURES["temperature"], **wanted})
    notes += left_out
    temperature = measures.pop("temperature", None)

    def step(name: StepName, folds: FoldKind, run: Predictions, later: dict[str, Measure]) -> Step:
        floors = measure_floors(run, later, seed=seed)
        estimates = measure_estimates(later, floors, level=level, seed=seed)
        return Step(
            name=name,
            folds=folds,
            values={key: estimate.of_items(key, run.n_items) for key, estimate in estimates.items()},
            floors={key: floor.quantile95 for key, floor in floors.items()},
            change=(
                {}
                if later is measures
                else measure_changes(measures, later, predictions.subject, level=level, seed=seed)
            ),
        )

    as_is = step("as is", "items", predictions, measures)
    letters, answer = predictions.log_probabilities, predictions.answer
    bias, both = (_fitter(name)(letters, answer) for name in ("letter bias", "both"))
    steps = []
    for kind, fold in folds.items():
        steps.append(replace(as_is, folds=kind))
        for name in get_args(StepName)[1:]:
            corrected = with_letters(predictions, cross_fitted(letters, answer, fold, _fitter(name)))
            steps.append(step(name, kind, corrected, defined_measures(corrected, wanted)[0]))

    temperature_both = _temperature(both, level)
    if temperature_both is None:
        notes.append("the temperature beside the letter biases is left out: the letters say too little to know it")
    return Diagnosis(
        steps=tuple(steps),
        letters=favoured_letters(predictions, bias, both, level),
        temperature=None if temperature is None else measure_estimate(temperature, level=level),
        temperature_both=temperature_both,
        n_items=predictions.n_items,
        n_folds=n_folds,
        level=level,
        notes=tuple(notes),
    )


def _fitter(name: StepName) -> Callable[[FloatArray, IntArray], Correction]:
    return lambda log_probabilities, answer: fit_correction(
        log_probabilities, answer, bias=name != "temperature", sharpness=name != "letter bias"
    )


def _temperature(correction: Correction, level: float) -> Estimate | None:
    """Interval on the log scale, from the sandwich variance of 1/T.

    None if it would span powers of ten.
    """
    value = correction.temperature
    error = float(np.sqrt(correction.covariance[0, 0])) / correction.sharpness
    if error > _WIDEST:
        return None
    half = critical(level, None) * error
    return Estimate(value=value, low=float(value * np.exp(-half)), high=float(value * np.exp(half)), level=level)
