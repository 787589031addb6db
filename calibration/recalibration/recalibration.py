"""Recalibration of a run, scored on items that it was not fitted on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..metrics.arrays import FloatArray
from ..predictions.held_out import refuse_shared_items
from ..predictions.pairs import Pairs
from ..predictions.predictions import Predictions
from ..predictions.scored_runs import WHAT_RUNS_HOLD, GivenRun, ScoredRun, refuse_two_kinds, scored_run
from ..predictions.verdicts import Verdicts
from ..uncertainty.changes import measure_changes
from ..uncertainty.drawn_units import unit_sampling
from ..uncertainty.estimates import Estimate, measure_estimates
from ..uncertainty.kinds.protocol import Measure
from ..uncertainty.measure_names import text_label
from ..uncertainty.noise_floor import NullECE
from .cross_fitting import FoldKind, cross_fitted, deal_folds, with_letters
from .methods import Method, method_fit
from .netcal_methods import is_netcal
from .recalibrated_run import Recalibration
from .top_view import TopView, top_and_letter_floors, top_and_letter_measures

# Stands for the logarithm of 0, below that of every positive number.
_LOG_OF_NOTHING = -750.0


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
        before=_estimates(before, floors_before, run, level=level, seed=seed),
        after=_estimates(after, floors_after, run, level=level, seed=seed),
        floors_before={key: floor.quantile95 for key, floor in floors_before.items()},
        floors_after={key: floor.quantile95 for key, floor in floors_after.items()},
        change=measure_changes(
            before, after, run.subject, these=unit_sampling(run), weight=run.weights, level=level, seed=seed
        ),
        level=level,
        notes=(*(f"before, {note}" for note in missing), *(f"after, {note}" for note in missing_after)),
    )


def _estimates(
    measures: Mapping[str, Measure], floors: Mapping[str, NullECE], run: ScoredRun, *, level: float, seed: int
) -> dict[str, Estimate]:
    estimates = measure_estimates(measures, floors, unit_sampling(run), level=level, seed=seed)
    return {key: estimate.of_items(key, run.n_items) for key, estimate in estimates.items()}


def _data(run: Predictions | Pairs, *, of_letters: bool) -> tuple[FloatArray, NDArray[Any]]:
    if of_letters and isinstance(run, Predictions):
        return run.log_probabilities, run.answer
    return run.confidence, run.correct
