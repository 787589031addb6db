"""Several methods of recalibration on one run, each scored on held-out items."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from calibration import recalibrate
from calibration.predictions.scored_runs import ScoredRun
from calibration.recalibration.cross_fitting import FoldKind
from calibration.recalibration.methods import method_fit
from calibration.recalibration.recalibrated_run import Recalibration

# Into how many parts a run is split, unless another number is asked for.
N_FOLDS = 5


def known_methods(methods: Sequence[str]) -> tuple[str, ...]:
    """The methods, each named once.

    Raises
    ------
    ValueError
        For an unknown method, with the known ones.

    Examples
    --------
    >>> known_methods(["temperature", "netcal:ENIR", "temperature"])
    ('temperature', 'netcal:ENIR')
    """
    for method in methods:
        method_fit(method)
    return tuple(dict.fromkeys(methods))


def recalibrations(
    run: ScoredRun,
    methods: Sequence[str],
    *,
    by: FoldKind,
    name: str,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Recalibration, ...]:
    """A recalibration by each method, cross-fitted in `N_FOLDS` folds.

    Parameters
    ----------
    run : Predictions or Pairs
        The run.
    methods : sequence of str
        As in `calibration.recalibrate`.
    by : {"items", "subjects"}
        What is split into folds.
    name : str
        What the run is called in messages.
    progress : function, optional
        Called with the number of folds that are done and of all, over all methods.

    Raises
    ------
    ValueError
        For a method that cannot be fitted on the run, with both names.

    Examples
    --------
    >>> import numpy as np
    >>> from calibration import Predictions
    >>> logits = np.random.default_rng(0).normal(size=(40, 4))
    >>> answer = np.where(np.arange(40) % 3, logits.argmax(axis=1), 0)
    >>> run = Predictions.from_arrays(logits, answer)
    >>> [result.method for result in recalibrations(run, ["temperature", "platt"], by="items", name="base")]
    ['temperature', 'platt']
    """
    results = []
    for done, method in enumerate(methods):
        part = None if progress is None else _method_progress(progress, done * N_FOLDS, len(methods) * N_FOLDS)
        results.append(_recalibrated(run, method, by, name, part))
    return tuple(results)


def _method_progress(progress: Callable[[int, int], None], before: int, total: int) -> Callable[[int, int], None]:
    """The progress of one method among several."""
    return lambda done, _: progress(before + done, total)


def cross_fitting(by: FoldKind, n_folds: int = N_FOLDS) -> str:
    """The cross-fitting of a recalibration, in words.

    Examples
    --------
    >>> cross_fitting("subjects")
    'cross-fitted in 5 folds of subjects'
    """
    return f"cross-fitted in {n_folds} folds of {by}"


def _recalibrated(
    run: ScoredRun, method: str, by: FoldKind, name: str, progress: Callable[[int, int], None] | None
) -> Recalibration:
    try:
        return recalibrate(run, method, by=by, n_folds=N_FOLDS, progress=progress)
    except ValueError as error:
        reason = str(error).removeprefix(f"{method}: ")
        raise ValueError(f"{name} cannot be recalibrated by {method}: {reason}") from error
