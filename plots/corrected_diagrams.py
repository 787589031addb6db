"""Reliability of free answers under a grader's verdicts and under people's labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from factuality.people.calibration_from_labels import CorrectedCalibration

from .diagram_parts import draw_diagonal, draw_frame, draw_note, draw_shares
from .legends import legend_below
from .panels import Size, one_panel
from .series import members, series_colors
from .style_blocks import COLUMN, scaled
from .theme import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def corrected_reliability(
    calibration: CorrectedCalibration,
    *,
    label: str | None = None,
    colors: str | None = None,
    title: str | None = None,
    figsize: Size | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Reliability diagram of free answers, corrected by people's labels.

    Parameters
    ----------
    calibration : CorrectedCalibration
        From `factuality.corrected_calibration` or `factuality.calibration_from_labels`.
    label : str, optional
        Name of the model, in front of the numbers.
    colors : str, optional
        Of what is corrected.
    title : str, optional
        Above the diagram.
    figsize : pair of float, optional
        Of a new figure, in inches; a column's if omitted.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure if omitted.

    Returns
    -------
    matplotlib.axes.Axes
        At the mean confidence of each bin an open circle, the share of answers that are right to the grader, and a
        square with its interval, the share that is right to people; no square in a bin without a label. The histogram
        of all answers is its first child axes; above stand both ECEs.

    Raises
    ------
    TypeError
        For what is no corrected calibration.

    Examples
    --------
    >>> from factuality import calibration_from_labels
    >>> confidence, judged = np.tile([0.9, 0.7], 50), np.tile([1, 1, 1, 0], 25)
    >>> label = np.where(np.arange(100) % 2, judged, np.nan)
    >>> ax = corrected_reliability(calibration_from_labels(confidence, judged, label))
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['right to people, 95 %', 'right to the grader']
    """
    members(calibration, (CorrectedCalibration,), drawn="what factuality.corrected_calibration returns")
    (color,) = series_colors(colors, 1)
    with one_panel(ax, width=COLUMN, height=lambda width: 1.33 * width, figsize=figsize, title=title) as panel:
        _draw(panel, calibration, color, label)
    return panel


def _draw(ax: Axes, calibration: CorrectedCalibration, color: str, label: str | None) -> None:
    curve = calibration.curve
    draw_diagonal(ax)
    (judged,) = ax.plot(
        curve["confidence"], curve["judged_accuracy"], "o", markerfacecolor="none", markeredgecolor=INK,
        markeredgewidth=scaled(0.9), markersize=scaled(6.5), zorder=5, clip_on=False,
    )  # fmt: skip
    known = curve.filter(pl.col("accuracy").is_not_null())
    x, y = (_column(known, name) for name in ("confidence", "accuracy"))
    reach = np.abs(np.vstack([_column(known, "low") - y, _column(known, "high") - y]))
    corrected = ax.errorbar(
        x, y, yerr=np.nan_to_num(reach), fmt="s", color=color, markeredgecolor=INK, markeredgewidth=scaled(0.4),
        markersize=scaled(3.6), ecolor=INK, elinewidth=scaled(0.9), capsize=scaled(1.8), capthick=scaled(0.9),
        zorder=4, clip_on=False,
    )  # fmt: skip
    draw_frame(ax, "Confidence")
    level = calibration.corrected["ece"].level
    legend_below(ax, [corrected, judged], [f"right to people, {100 * level:g} %", "right to the grader"])
    edges, count = _histogram(curve)
    draw_shares(ax, edges, count / count.sum(), color)
    people, grader = (values["ece"].value for values in (calibration.corrected, calibration.judged))
    numbers = (f"corrected ECE {people:.3f}", f"the grader's {grader:.3f}")
    draw_note(ax, numbers if label is None else (f"{label}: {numbers[0]}", numbers[1]))


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
