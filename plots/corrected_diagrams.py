"""Reliability of free answers under a grader's verdicts and under people's labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from .diagrams import LEGEND, draw_frame, draw_shares
from .figures import new_axes
from .theme import BLUE, COLUMN, GREY, INK, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from factuality import CorrectedCalibration


def corrected_reliability(calibration: CorrectedCalibration, *, color: str = BLUE, ax: Axes | None = None) -> Axes:
    """Reliability diagram of free answers, corrected by people's labels.

    Parameters
    ----------
    calibration : CorrectedCalibration
        From `factuality.corrected_calibration` or `factuality.calibration_from_labels`.
    color : str
        Of what is corrected.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure of column width if omitted.

    Returns
    -------
    matplotlib.axes.Axes
        At the mean confidence of each bin an open circle, the share of answers that are right to the grader, and a
        square with its interval, the share that is right to people; no square in a bin without a label. The histogram
        of all answers is its first child axes.

    Examples
    --------
    >>> from factuality import calibration_from_labels
    >>> confidence, judged = np.tile([0.9, 0.7], 50), np.tile([1, 1, 1, 0], 25)
    >>> label = np.where(np.arange(100) % 2, judged, np.nan)
    >>> ax = corrected_reliability(calibration_from_labels(confidence, judged, label))
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['right to people, 95 %', 'right to the grader']
    """
    if ax is not None:
        return _draw(ax, calibration, color)
    with style():
        return _draw(new_axes(COLUMN, COLUMN * 1.2), calibration, color)


def _draw(ax: Axes, calibration: CorrectedCalibration, color: str) -> Axes:
    curve = calibration.curve
    ax.plot([0, 1], [0, 1], color=GREY, linestyle=(0, (4, 3)), linewidth=0.9, zorder=2)
    (judged,) = ax.plot(
        curve["confidence"], curve["judged_accuracy"], "o", markerfacecolor="none", markeredgecolor=INK,
        markeredgewidth=0.9, markersize=6.5, zorder=5, clip_on=False,
    )  # fmt: skip
    known = curve.filter(pl.col("accuracy").is_not_null())
    x, y = (_column(known, name) for name in ("confidence", "accuracy"))
    reach = np.abs(np.vstack([_column(known, "low") - y, _column(known, "high") - y]))
    corrected = ax.errorbar(
        x, y, yerr=np.nan_to_num(reach), fmt="s", color=color, markeredgecolor=INK, markeredgewidth=0.4,
        markersize=3.6, ecolor=INK, elinewidth=0.9, capsize=1.8, capthick=0.9, zorder=4, clip_on=False,
    )  # fmt: skip
    draw_frame(ax, "Confidence")
    level = calibration.corrected["ece"].level
    ax.legend(
        [corrected, judged], [f"right to people, {100 * level:g} %", "right to the grader"], loc="center", ncols=2,
        bbox_to_anchor=(0.5, LEGEND), borderaxespad=0, columnspacing=1.2,
    )  # fmt: skip
    edges, count = _histogram(curve)
    draw_shares(ax, edges, count / count.sum(), color)
    return ax


def _histogram(curve: pl.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Edges of adjoining bins, gaps among them, and the number of answers in each."""
    edges, count = [float(curve["lower"][0])], []
    for row in curve.iter_rows(named=True):
        if row["lower"] > edges[-1]:
            edges.append(row["lower"])
            count.append(0.0)
        edges.append(row["upper"])
        count.append(row["count"])
    return np.array(edges), np.array(count, dtype=np.float64)


def _column(table: pl.DataFrame, name: str) -> NDArray[np.float64]:
    return table[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
