"""Reliability diagrams without bins: isotonic curves over their consistency bands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from calibration.metrics.bins import assign_bins, bin_edges
from calibration.metrics.isotonic import IsotonicCurve, isotonic_curve
from calibration.predictions.predictions import Predictions
from calibration.predictions.scored_runs import WHAT_RUNS_HOLD, GivenRun
from calibration.predictions.verdicts import Verdicts

from .diagram_parts import draw_diagonal, draw_frame, draw_note, draw_shares
from .panels import Size, one_panel
from .series import run_or, series_colors
from .style_blocks import COLUMN, scaled
from .theme import GREY, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# So many confidences of an isotonic curve are drawn as points too.
_FEW = 25


def isotonic_reliability(
    data: IsotonicCurve | GivenRun,
    *,
    label: str | None = None,
    colors: str | None = None,
    title: str | None = None,
    figsize: Size | None = None,
    ax: Axes | None = None,
) -> Axes:
    """CORP reliability diagram: isotonic accuracy against confidence, without bins, over its consistency band.

    Parameters
    ----------
    data : IsotonicCurve, Predictions, Pairs, or pair of arrays
        A curve from `calibration.isotonic_curve`, or a run, whose curve of the predicted answers is then made;
        ``(confidence, correct)`` in place of one.
    label : str, optional
        Name of the run, in front of the numbers.
    colors : str, optional
        Of the curve.
    title : str, optional
        Above the diagram.
    figsize : pair of float, optional
        Of a new figure, in inches; a column's if omitted.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure if omitted.

    Returns
    -------
    matplotlib.axes.Axes
        With the curve, the band in which a calibrated model's curve lies point by point, the diagonal, and above the
        three parts of the squared error. The histogram, in tenths of confidence, is its first child axes.

    Raises
    ------
    TypeError
        For what is neither run nor curve.
    ValueError
        For verdicts, and for weighted pairs, of which there is no such curve.

    References
    ----------
    Dimitriadis, Gneiting and Jordan (2021), doi:10.1073/pnas.2016191118, figure 2.

    Examples
    --------
    >>> from calibration.metrics.isotonic import isotonic_curve
    >>> ax = isotonic_reliability(isotonic_curve([0.2, 0.4, 0.6, 0.8], [0, 1, 0, 1]))
    >>> ax.texts[0].get_text().splitlines()
    ['miscalibration 0.075, discrimination 0.125,', 'uncertainty 0.250']
    """
    curve, axis = _curve(data)
    (color,) = series_colors(colors, 1)
    with one_panel(ax, width=COLUMN, height=lambda width: 1.24 * width, figsize=figsize, title=title) as panel:
        _draw(panel, curve, axis, color)
        parts = [f"{name} {getattr(curve, name):.3f}" for name in ("miscalibration", "discrimination", "uncertainty")]
        draw_note(panel, parts if label is None else [f"{label}: {parts[0]}", *parts[1:]])
    return panel


def _curve(data: IsotonicCurve | GivenRun) -> tuple[IsotonicCurve, str]:
    """The curve of a run, and what its confidence is of."""
    run = run_or(data, (IsotonicCurve,), drawn="runs, isotonic curves, or pairs of arrays (confidence, correct)")
    if isinstance(run, IsotonicCurve):
        return run, "Confidence"
    if isinstance(run, Verdicts):
        raise ValueError(f"an isotonic curve needs confidences; {WHAT_RUNS_HOLD[Verdicts]}")
    if run.weights is not None:
        raise ValueError("an isotonic curve counts all items alike; there is none of weighted pairs")
    axis = "Confidence in the predicted answer" if isinstance(run, Predictions) else "Confidence"
    return isotonic_curve(run.confidence, run.correct), axis


def _draw(ax: Axes, curve: IsotonicCurve, axis: str, color: str) -> None:
    draw_diagonal(ax)
    ax.fill_between(curve.confidence, curve.low, curve.high, color=GREY, alpha=0.3, linewidth=0, zorder=1)
    ax.plot(curve.confidence, curve.accuracy, color=color, linewidth=scaled(1.4), zorder=4, clip_on=False)
    if len(curve.confidence) <= _FEW:
        ax.vlines(curve.confidence, curve.low, curve.high, color=GREY, alpha=0.6, linewidth=scaled(2.5), zorder=2)
        ax.plot(
            curve.confidence, curve.accuracy, "o", color=color, markeredgecolor=INK, markeredgewidth=scaled(0.4),
            markersize=scaled(4.5), zorder=4, clip_on=False,
        )  # fmt: skip
    draw_frame(ax, axis)
    edges = bin_edges(curve.confidence)
    count = np.bincount(assign_bins(curve.confidence, edges), weights=curve.count, minlength=len(edges) - 1)
    draw_shares(ax, edges, count / count.sum(), color)
