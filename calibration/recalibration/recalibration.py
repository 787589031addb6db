"""Recalibration of a run, scored on items that it was not fitted on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..metrics.arrays import BoolArray, FloatArray
from ..metrics.temperature import Temperature
from ..predictions.held_out import refuse_shared_items
from ..predictions.pairs import Pairs
from ..predictions.predictions import Predictions
from ..predictions.scored_runs import WHAT_RUNS_HOLD, GivenRun, refuse_two_kinds, scored_run
from ..predictions.verdicts import Verdicts
from ..uncertainty.changes import Change, measure_changes
from ..uncertainty.drawn_units import unit_sampling
from ..uncertainty.estimates import Estimate, measure_estimates
from ..uncertainty.measure_names import text_label
from .cross_fitting import FoldKind, cross_fitted, deal_folds, with_letters
from .methods import ConfidenceMap, LetterMap, Method, method_fit
from .netcal_methods import NetcalMap, is_netcal
from .top_view import TopView, top_and_letter_floors, top_and_letter_measures

# Stands for the logarithm of 0, below that of every positive number.
_LOG_OF_NOTHING = -750.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Recalibration:
    """A run before and after recalibration, on items that it was not fitted on.

    Attributes
    ----------
    method : str
        Which one.
    by : {"items", "subjects"} or None
        What was split into folds; None where it was fitted on another run.
    fitted : Temperature, Correction, VectorScaling, BetaMap, LinearMap, StepMap or NetcalMap
        What is learnt from all items (of the other run, where there is one), with its parameters as attributes and
        ``apply``, for use on new items.
    predictions : Predictions or None
        The recalibrated run; None for a method that gives nothing but the confidence of predicted letters.
    confidence, correct : ndarray, shape (n_items,)
        Recalibrated confidence in the predicted letter, and whether that is right.
    before, after : dict of str to Estimate
        ``ece_top``, ``signed_gap``, ``brier_top`` (squared error of that confidence, 0–1), ``nll_top`` (its log loss
        for being right or wrong, nats), ``accuracy``, ``auroc``; with whole rows also ``ece_choices``, ``brier`` and
        ``nll``, those of all letters.
    floors_before, floors_after : dict of str to float
        Noise floors of the ECEs: 95 % quantiles of what a calibrated model would score.
    change : dict of str to Change
        After − before, paired by item, for these and for new subjects.
    level : float
        Coverage of every interval.
    notes : tuple of str
        What could not be measured, and why.
    """

    method: str
    by: FoldKind | None
    fitted: LetterMap | ConfidenceMap | NetcalMap
    predictions: Predictions | None
    confidence: FloatArray
    correct: BoolArray
    before: dict[str, Estimate]
    after: dict[str, Estimate]
    floors_before: dict[str, float]
    floors_after: dict[str, float]
    change: dict[str, Change]
    level: float
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and dictionaries for JSON, without values that are None.

        Noise floors stand beside their measures, as ``ece_top_null95``; ``temperature`` where one was fitted.
        """
        temperature = self.fitted.temperature if isinstance(self.fitted, Temperature | NetcalMap) else None
        plain: dict[str, Any] = {
            "method": self.method,
            **({"by": self.by} if self.by else {}),
            "n_items": len(self.confidence),
            **({"temperature": temperature} if temperature is not None else {}),
        }
        for name, values, floors in (
            ("before", self.before, self.floors_before),
            ("after", self.after, self.floors_after),
        ):
            plain[name] = {key: value.to_dict() for key, value in values.items()}
            plain[name] |= {f"{key}_null95": floor for key, floor in floors.items()}
        plain["change"] = {key: value.to_dict() for key, value in self.change.items()}
        return plain | ({"notes": list(self.notes)} if self.notes else {})

    @property
    def frame(self) -> pl.DataFrame:
        """One row a measure.

        ``measure``; ``before`` and ``after``, each with ``…_low``, ``…_high`` and, for an ECE, ``…_null95``;
        ``change`` with ``change_low``, ``change_high``, ``change_p_value``, and the same for new subjects as
        ``new_subjects_low`` and so on. Null if there is none.
        """
        rows = []
        for key in dict.fromkeys([*self.before, *self.after]):
            row: dict[str, str | float | None] = {"measure": key}
            for name, values, floors in (
                ("before", self.before, self.floors_before),
                ("after", self.after, self.floors_after),
            ):
                estimate = values.get(key)
                row |= {
                    name: estimate.value if estimate else None,
                    f"{name}_low": estimate.low if estimate else None,
                    f"{name}_high": estimate.high if estimate else None,
                    f"{name}_null95": floors.get(key),
                }
            change = self.change.get(key)
            row["change"] = change.value if change else None
            for name, interval in (("change", change), ("new_subjects", change.clustered if change else None)):
                row |= {
                    f"{name}_low": interval.low if interval else None,
                    f"{name}_high": interval.high if interval else None,
                    f"{name}_p_value": interval.p_value if interval else None,
                }
            rows.append(row)
        schema = {"measure": pl.String} | dict.fromkeys(list(rows[0])[1:], pl.Float64)
        return pl.DataFrame(rows, schema=schema).fill_nan(None)


def recalibrate(
    predictions: GivenRun,
    method: Method | str | None = None,
    *,
    fit: GivenRun | None = None,
    by: FoldKind | None = None,
    n_folds: int | None = None,
    level: float = 0.95,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Recalibration:
    r"""A run recalibrated, with every measure before and after on held-out items.

    Parameters
    ----------
    predictions : Predictions, Pairs, or pair of arrays
        The run; ``(confidence, correct)`` in place of one.
    method : str, optional
        If omitted, ``temperature``; of pairs ``platt``, since they have the methods of one confidence alone. Of whole
        rows of letters: ``temperature``, ``vector scaling`` (a scale and a bias a letter), ``letter bias``.
        Of the confidence in the predicted letter, which stays the prediction: ``platt``, ``beta``, ``isotonic``,
        ``histogram`` (10 bins of equal size), ``bbq``. netcal's by their names, of whole rows as ``netcal:ENIR``,
        of the confidence in the predicted letter as ``netcal:ENIR:top``: ``BBQ``, ``ENIR``, ``HistogramBinning``,
        ``IsotonicRegression``, ``NearIsotonicRegression`` (with ``:top`` alone), ``LogisticCalibration``,
        ``BetaCalibration``, ``TemperatureScaling``.
    fit : Predictions or Pairs, optional
        A run on other items to fit on. If omitted, the run is split: each fold is recalibrated by what was learnt on
        the others.
    by : {"items", "subjects"}, optional
        What is split into folds, items (of pairs clusters) if omitted. *Items*: does it help on new questions of these
        subjects? *Subjects*: does it help on other subjects?
    n_folds : int, optional
        Into how many parts, 5 if omitted.
    level : float
        Coverage of the intervals.
    seed : int
        Of the folds and of the draws; same seed, same digits, whatever the order of rows.
    progress : function, optional
        Called with the number of folds that are done and of all.

    Returns
    -------
    Recalibration

    Raises
    ------
    ValueError
        For an unknown method, fewer than two folds or fewer items (subjects) than folds, a `fit` with another number
        of letters, with items of the run or beside `by` or `n_folds`, and where no temperature is best, such as in
        folds where every answer is right.

    Notes
    -----
    *Temperature* is the minimum of the log loss, and :math:`T` is what log-probabilities are divided by. *Letter bias*,
    *vector scaling*, *Platt* and *beta* minimise the log loss with a weak prior (see
    `calibration.recalibration.letter_maps`): they exist whatever the answers, and never raise the log loss on what they
    are fitted on. *Isotonic* and *histogram* may state 0 or 1; where that is wrong the log loss is infinite, and left
    out with a note. Letter bias and vector scaling may change predictions and with them the accuracy. The AUROC falls a
    little where steps tie items, and moves a little because folds are mapped apart.

    Choose between methods by Brier score or log loss. What one fold has too much of, the others have too little of, so
    that over all folds the signed gap of a method with an intercept is near 0 by construction, and an ECE near its
    noise floor reads lower than on fresh items: in simulations of 1,000 items 0.026–0.032 instead of 0.035–0.040, where
    the truth was 0.017–0.027. With `fit` it is not so. Intervals take what was learnt as given: they hold the noise of
    the items scored, not that of the items fitted on. Maps are fitted without weights, and measured with them.

    References
    ----------
    Guo et al. (2017), arXiv:1706.04599 (temperature and vector scaling). Zhao et al. (2021), arXiv:2102.09690 (letter
    bias). The others are in `calibration.recalibration.confidence_maps`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> honest = rng.normal(size=(2000, 2))
    >>> answer = (rng.random(2000) < 1 / (1 + np.exp(honest[:, 0] - honest[:, 1]))).astype(int)
    >>> cooled = recalibrate(Predictions.from_arrays(3 * honest, answer))
    >>> round(cooled.fitted.temperature, 2)
    2.97
    >>> print(cooled.before["ece_top"], "->", cooled.after["ece_top"])
    0.151 [0.128, 0.169] -> 0.022 [0.000, 0.036]
    """
    if fit is not None and (by is not None or n_folds is not None):
        raise ValueError(
            "by and n_folds have no effect beside fit, by which nothing is split into folds: leave them out"
        )
    run, other = scored_run(predictions), None if fit is None else scored_run(fit)
    if isinstance(run, Verdicts) or isinstance(other, Verdicts):
        raise ValueError(f"recalibration needs confidences; {WHAT_RUNS_HOLD[Verdicts]}")
    method = method or ("temperature" if isinstance(run, Predictions) else "platt")
    learn, of_letters = method_fit(method)
    letters = run if of_letters and isinstance(run, Predictions) else None
    if of_letters and letters is None:
        raise ValueError(
            f"{method} needs whole rows of letters, and {WHAT_RUNS_HOLD[Pairs]}; use platt, beta, isotonic, histogram, "
            "bbq, or netcal's with :top"
        )
    predicted = run.predicted if isinstance(run, Predictions) else None
    top = TopView(run.confidence, run.correct, run.weights, run.units, predicted)
    values, target = _data(run, of_letters=of_letters)
    if other is None:
        by = by or "items"
        fold = deal_folds(run, by, 5 if n_folds is None else n_folds, seed)
        fitted = learn(values, target)
        values = cross_fitted(values, target, fold, learn, progress=progress)
    else:
        refuse_two_kinds(other, run)
        widths = [int(both.n_options.max()) for both in (other, run) if isinstance(both, Predictions)]
        by_letter = method in ("vector scaling", "letter bias") or (of_letters and is_netcal(method))
        if by_letter and len(set(widths)) == 2:
            raise ValueError(f"fit must have as many letters as the run: {widths[1]}, got {widths[0]}")
        refuse_shared_items(run, other)
        fitted = learn(*_data(other, of_letters=of_letters))
        values = fitted.apply(values)
    n_impossible, recalibrated, after_top = 0, None, replace(top, confidence=values)
    if letters is not None:
        n_impossible = int(np.isneginf(values[np.arange(len(values)), letters.answer]).sum())
        values = np.where(np.isneginf(values) & letters.present, _LOG_OF_NOTHING, values)
        recalibrated = with_letters(letters, values)
        after_top = TopView(recalibrated.confidence, recalibrated.correct, predicted=recalibrated.predicted)

    before, missing = top_and_letter_measures(top, letters)
    after, missing_after = top_and_letter_measures(after_top, recalibrated)
    if n_impossible:
        after.pop("nll")
        share = f"{n_impossible} of {run.n_items} items"
        reason = f"it is infinite: the right letter has no probability in {share}"
        missing_after.append(f"{text_label('nll')} is left out: {reason}")
    floors_before = top_and_letter_floors(top, letters, before, seed)
    floors_after = top_and_letter_floors(after_top, recalibrated, after, seed)
    return Recalibration(
        method=method,
        by=by,
        fitted=fitted,
        predictions=recalibrated,
        confidence=after_top.confidence,
        correct=after_top.correct,
        before=measure_estimates(before, floors_before, unit_sampling(run), level=level, seed=seed),
        after=measure_estimates(after, floors_after, unit_sampling(run), level=level, seed=seed),
        floors_before={key: floor.quantile95 for key, floor in floors_before.items()},
        floors_after={key: floor.quantile95 for key, floor in floors_after.items()},
        change=measure_changes(
            before, after, run.subject, these=unit_sampling(run), weight=run.weights, level=level, seed=seed
        ),
        level=level,
        notes=(*(f"before, {note}" for note in missing), *(f"after, {note}" for note in missing_after)),
    )


def _data(run: Predictions | Pairs, *, of_letters: bool) -> tuple[FloatArray, NDArray[Any]]:
    if of_letters and isinstance(run, Predictions):
        return run.log_probabilities, run.answer
    return run.confidence, run.correct
