"""How many items a wanted precision needs."""

from __future__ import annotations

import math

from ..metrics.validation import level_in_range
from ..predictions.pairing import paired
from ..predictions.predictions import View
from ..predictions.scored_runs import GivenRun, scored_run
from .changes import Change
from .chosen_measures import choose_measure
from .estimates import measure_floor
from .measure_table import Metric


def required_n(
    predictions: GivenRun,
    metric: Metric | str,
    *,
    half_width: float,
    after: GivenRun | None = None,
    view: View = "top",
    level: float = 0.95,
    seed: int = 0,
) -> int:
    r"""Number of items for an interval of a wanted half-width, judged by a run.

    Parameters
    ----------
    predictions : Predictions
        A run on items like those that will be asked; the more it has, the better is the answer known.
    metric : function
        As in `estimate`.
    half_width : float
        Half of the interval's width, in the units of the metric.
    after : Predictions, optional
        A second run on the same items: the number is then that for the paired *change* between the two.
    view : {"top", "choices"}
        Predicted letters, or all letters pooled.
    level : float
        Coverage of the interval.
    seed : int
        Same seed, same digits.

    Returns
    -------
    int
        Items, drawn as those of the run were. For the ECE of one run also so many that its noise floor is no larger
        than `half_width`: below that an ECE cannot be told from that of a calibrated model.

    Raises
    ------
    ValueError
        For a half-width that is not above 0, and as `estimate` and `change`.

    Notes
    -----
    Standard errors shrink with :math:`1/\sqrt{n}`, so a mean needs :math:`n (z s / h)^2` items, with *s* the standard
    error on *n*. The interval of an ECE is that of its gaps with the noise of that many items.

    Examples
    --------
    >>> from calibration import Predictions, signed_gap
    >>> run = Predictions.from_arrays([[2.0, 0.0], [1.0, 0.0], [0.0, 1.5], [1.0, 0.0]] * 25, answer=[0, 1, 1, 0] * 25)
    >>> required_n(run, signed_gap, half_width=0.05)
    252
    """
    level_in_range(level)
    if not half_width > 0:
        raise ValueError(f"half_width must be above 0, got {half_width}")
    run = scored_run(predictions)
    if run.units is not None or run.weights is not None:
        raise ValueError("a required number of items is for items that count alike and are drawn one by one")
    chosen = choose_measure(metric, run, view=view)
    before = chosen.of_run(run)
    later = None if after is None else chosen.of_run(paired(run, scored_run(after)))
    times = before.times_as_many(later, half_width=half_width, level=level, seed=seed)
    if times is None:
        raise ValueError(f"{chosen.key} has no required number of items; ask for ece or signed_gap")
    if later is None and (floor := measure_floor(before, run, seed=seed)) is not None:
        times = max(times, (floor.quantile95 / half_width) ** 2)
    return max(2, math.ceil(run.n_items * times))


def items_that_show(change: Change, size: float | None = None) -> int | None:
    r"""Number of items that would show a change in 80 % of samples.

    So many, drawn as those of the change were, as :math:`n (v / d)^2` says, with *v* what *n* of them show and *d* the
    size. Where few answers are wrong or change it is more than are needed.

    Parameters
    ----------
    change : Change
        Of a measure, on a pilot.
    size : float, optional
        The change that is to be shown, up or down; the change itself if omitted.

    Returns
    -------
    int or None
        None for a size of 0 (no number shows that), and if nothing is known of the measure's noise.

    Examples
    --------
    >>> from calibration import Predictions, brier_score, change
    >>> before = Predictions.from_arrays([[1.5, 0.0], [0.0, 1.5], [1.5, 0.0]] * 20, answer=[0, 1, 1] * 20)
    >>> after = Predictions.from_arrays([[3.0, 0.0], [0.0, 3.0], [3.0, 0.0]] * 20, answer=[0, 1, 1] * 20)
    >>> items_that_show(change(before, after, brier_score), 0.1)
    54
    """
    size = abs(change.value if size is None else size)
    if change.visible is None or change.n_items is None or size == 0:
        return None
    return max(2, math.ceil(change.n_items * (change.visible / size) ** 2))
