"""Forest plots: one change a row, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon

from calibration import Change, signed_gap, subject_changes
from calibration.predictions.predictions import View
from calibration.predictions.scored_runs import GivenRun
from calibration.uncertainty.measure_table import Metric, axis_label

from .figures import new_axes
from .theme import BLUE, GREY, INK, PAGE, VERMILION, literal, shorten, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# False discovery rate at which a subject is named.
_NAMED = 0.05
# Inches a row, and for the axis and legend.
_ROW, _AROUND = 0.145, 0.95


def by_subject(
    before: GivenRun,
    after: GivenRun,
    *,
    metric: Metric | str = signed_gap,
    view: View = "top",
    labels: tuple[str, str] = ("before", "after"),
    level: float = 0.95,
    seed: int = 0,
    ax: Axes | None = None,
) -> Axes:
    """Forest plot of a metric's change by subject, the largest increase on top.

    Parameters
    ----------
    before, after : Predictions, Pairs, Verdicts, or pair of arrays
        Two runs of one kind on the same items.
    metric, view, level, seed
        As in `calibration.subject_changes`.
    labels : pair of str
        Names of the runs, for the label of the axis.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; if omitted, a new figure as high as the subjects need.

    Returns
    -------
    matplotlib.axes.Axes
        Filled points: subjects named at a false discovery rate of 5 %, orange for more and blue for less. The last row
        is all subjects together: the diamond for these subjects, the line through it for new ones.

    Examples
    --------
    >>> from calibration import Predictions
    >>> logits = [[1.0, 0.0], [0.4, 0.0], [0.0, 1.0], [2.0, 0.0], [0.0, 0.7], [0.9, 0.0]]
    >>> subject = ["art"] * 3 + ["law"] * 3
    >>> before = Predictions.from_arrays(logits, [0, 1, 1, 0, 0, 0], subject=subject)
    >>> after = Predictions.from_arrays([[3 * a, 3 * b] for a, b in logits], [0, 1, 1, 0, 0, 0], subject=subject)
    >>> ax = by_subject(before, after)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['art (3)', 'law (3)', 'all subjects (6)']
    """
    changes = subject_changes(before, after, metric, view=view, level=level, seed=seed)
    table = changes.frame.sort("change", descending=True, nulls_last=True)
    label = f"Change of {axis_label(changes.measure)}\n{shorten(labels[1], 28)} − {shorten(labels[0], 28)}"
    if ax is not None:
        return _draw(ax, table, changes.overall, label)
    with style():
        ax = new_axes(0.75 * PAGE, _AROUND + _ROW * (table.height + 1))
        return _draw(ax, table, changes.overall, label)


def _draw(ax: Axes, table: pl.DataFrame, overall: Change, label: str) -> Axes:
    ax.axvline(0, color=INK, linewidth=0.6, zorder=1)
    ax.axvline(overall.value, color=GREY, linestyle=(0, (4, 3)), linewidth=0.9, zorder=1)
    names = []
    for row, values in enumerate(table.iter_rows(named=True)):
        change, named = values["change"], values["q_value"] is not None and values["q_value"] < _NAMED
        color = (VERMILION if change > 0 else BLUE) if named else GREY
        name = literal(values["subject"].replace("_", " "), 36) or "no subject"
        names.append(f"{name} ({values['n_items']})" + (": none" if change is None else ""))
        if change is None:
            continue
        if values["low"] is not None:
            ax.plot([values["low"], values["high"]], [row, row], color=color, linewidth=1.1, zorder=2)
        ax.plot(
            change, row, "o", color=color if named else "white", markeredgecolor=color, markeredgewidth=0.9,
            markersize=3.8, zorder=3,
        )  # fmt: skip
    last = table.height + 0.3
    names.append(f"all subjects ({table['n_items'].sum()})")
    if overall.clustered is not None and overall.clustered.known:
        ax.plot([overall.clustered.low, overall.clustered.high], [last, last], color=INK, linewidth=1.1, zorder=2)
    low, high = (overall.low, overall.high) if overall.known else (overall.value, overall.value)
    corners = [(low, last), (overall.value, last - 0.38), (high, last), (overall.value, last + 0.38)]
    ax.add_patch(Polygon(corners, facecolor=INK, edgecolor=INK, linewidth=0.6, zorder=3))
    ax.axhline(last - 0.65, color=GREY, linewidth=0.5, zorder=1)
    ax.set_yticks(np.append(np.arange(table.height), last), names)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(last + 0.75, -0.75)
    ax.set_xlabel(label, loc="right")
    ax.locator_params(axis="x", nbins=6)
    ax.margins(x=0.03)
    ax.spines["left"].set_visible(False)
    ax.legend(handles=_legend(overall), loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderaxespad=0.2)
    return ax


def _legend(overall: Change) -> list[Line2D]:
    dots = [
        Line2D([], [], color=color, marker="o", markersize=3.8, markerfacecolor=fill, linewidth=1.1, label=label)
        for color, fill, label in (
            (VERMILION, VERMILION, "more (q < 0.05)"),
            (BLUE, BLUE, "less (q < 0.05)"),
            (GREY, "white", "q ≥ 0.05, or too few"),
        )
    ]
    wide = overall.clustered is not None and overall.clustered.known
    label = "all (line: new subjects)" if wide else "all"
    return [*dots, Line2D([], [], color=INK, marker="D", markersize=4, linewidth=1.1 if wide else 0, label=label)]
