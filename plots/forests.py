"""Forest plots: one group a row, with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon

from calibration import GroupChanges, GroupMeasures, signed_gap, subject_changes
from calibration.predictions.predictions import View
from calibration.predictions.scored_runs import GivenRun
from calibration.uncertainty.measure_table import Metric

from .forest_rows import Forest, forest_of_changes, forest_of_measures
from .legends import legend_above
from .panels import Size, one_panel, room
from .series import members, own_name, run_or, series_colors, series_names
from .style_blocks import PAGE, font_points, scaled
from .theme import BLUE, GREY, INK, VERMILION, literal
from .wrapping import fitted, text_width, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Inches a row, and for the axis and legend, which need more in a figure that is narrower than `_WIDE`.
_ROW, _AROUND, _WIDE = 0.145, 0.95, 4.5
# Widest share of the panel that the names of groups take, and their characters.
_NAMES, _LONGEST = 0.4, 36


def by_subject(
    before: GivenRun,
    after: GivenRun,
    *,
    metric: Metric | str = signed_gap,
    view: View = "top",
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    seed: int = 0,
    colors: Sequence[str] | None = None,
    title: str | None = None,
    figsize: Size | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Forest plot of a metric's change by subject, the largest increase on top.

    Parameters
    ----------
    before, after : Predictions, Pairs, Verdicts, or pair of arrays
        Two runs of one kind on the same items.
    metric, view, level, seed
        As in `calibration.subject_changes`.
    labels : pair of str, optional
        Names of the runs, for the label of the axis; if omitted, those of the models.
    colors : pair of str, optional
        Of less and of more.
    title : str, optional
        Above the plot.
    figsize : pair of float, optional
        Of a new figure, in inches; if omitted, as high as the subjects need.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure if omitted.

    Returns
    -------
    matplotlib.axes.Axes
        Filled points: subjects named at a false discovery rate of 5 %, orange for more and blue for less. The last row
        is all subjects together: the diamond for these subjects, the line through it for new ones.

    Raises
    ------
    TypeError
        For what is no run.
    ValueError
        As `calibration.subject_changes`, and for labels or colours of another number.

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
    runs = [run_or(run, (), drawn="runs, or pairs of arrays (confidence, correct)") for run in (before, after)]
    own = [own_name(run) for run in runs]
    names = series_names(own, labels, limit=28) if labels is not None or all(own) else None
    changes = subject_changes(runs[0], runs[1], metric, view=view, level=level, seed=seed)
    return by_group(changes, labels=names, colors=colors, title=title, figsize=figsize, ax=ax)


def by_group(
    groups: GroupMeasures | GroupChanges,
    *,
    labels: Sequence[str] | None = None,
    most: int = 1_000,
    colors: Sequence[str] | None = None,
    title: str | None = None,
    figsize: Size | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Forest plot of a measure, or of its change, in each group.

    Parameters
    ----------
    groups : GroupMeasures or GroupChanges
        From `calibration.by_group` or `calibration.group_changes`.
    labels : pair of str, optional
        Names of the runs of a change, for the label of the axis; "before" and "after" if omitted. Of a measure, the
        name of the run.
    most : int
        How many groups are drawn: of more those with the smallest p-values.
    colors : pair of str, optional
        Of less and of more.
    title : str, optional
        Above the plot.
    figsize : pair of float, optional
        Of a new figure, in inches; if omitted, as high as the groups need.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure if omitted.

    Returns
    -------
    matplotlib.axes.Axes
        The largest is on top. Filled points: groups named at a false discovery rate of 5 %, of one run those that
        differ from all other items (of an ECE, those where the model cannot be calibrated); orange for more and blue
        for less. Ticks: the noise floors of an ECE. The last row is all items together: the diamond for these items,
        the line through it for a new group (of changes by subject, the mean over new subjects).

    Raises
    ------
    TypeError
        For anything but these results.
    ValueError
        For labels or colours of another number.

    Examples
    --------
    >>> from calibration import Predictions, by_group as measured
    >>> logits = [[1.0, 0.0], [0.4, 0.0], [0.0, 1.0], [2.0, 0.0], [0.0, 0.7], [0.9, 0.0]]
    >>> run = Predictions.from_arrays(logits, [0, 1, 1, 0, 0, 0], subject=["art"] * 3 + ["law"] * 3)
    >>> ax = by_group(measured(run, "subject", "accuracy"))
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['art (3)', 'law (3)', 'all subjects (6)']
    """
    drawn = "what calibration.by_group or calibration.group_changes returns"
    members(groups, (GroupMeasures, GroupChanges), drawn=drawn)
    if isinstance(groups, GroupChanges):
        forest = forest_of_changes(groups, series_names(["before", "after"], labels, limit=28), most)
    else:
        forest = forest_of_measures(groups, "" if labels is None else series_names([""], labels, limit=28)[0], most)
    less, more = (BLUE, VERMILION) if colors is None else series_colors(colors, 2)
    n_rows = len(forest.rows) + 1

    def height(width: float) -> float:
        return scaled(_AROUND + _ROW * n_rows + (0.3 if width < scaled(_WIDE) else 0))

    with one_panel(ax, width=0.75 * PAGE, height=height, figsize=figsize, title=title) as panel:
        _draw(panel, forest, less, more)
    return panel


def _draw(ax: Axes, forest: Forest, less: str, more: str) -> None:
    if forest.zero:
        ax.axvline(0, color=INK, linewidth=scaled(0.6), zorder=1)
    if forest.overall is not None:
        ax.axvline(forest.overall, color=GREY, linestyle=(0, (4, 3)), linewidth=scaled(0.9), zorder=1)
    for number, row in enumerate(forest.rows):
        color = (more if row.more else less) if row.named else GREY
        if row.value is None:
            continue
        if row.ends is not None:
            ax.plot([*row.ends], [number, number], color=color, linewidth=scaled(1.1), zorder=2)
        if row.floor is not None:
            ax.plot([row.floor] * 2, [number - 0.32, number + 0.32], color=INK, linewidth=scaled(0.8), zorder=2)
        ax.plot(
            row.value, number, "o", color=color if row.named else "white", markeredgecolor=color,
            markeredgewidth=scaled(0.9), markersize=scaled(3.8), zorder=3,
        )  # fmt: skip
    last = len(forest.rows) + 0.3
    if forest.wide is not None:
        ax.plot([*forest.wide], [last, last], color=INK, linewidth=scaled(1.1), zorder=2)
    if forest.overall is not None:
        low, high = forest.ends or (forest.overall, forest.overall)
        corners = [(low, last), (forest.overall, last - 0.38), (high, last), (forest.overall, last + 0.38)]
        ax.add_patch(Polygon(corners, facecolor=INK, edgecolor=INK, linewidth=scaled(0.6), zorder=3))
    ax.axhline(last - 0.65, color=GREY, linewidth=scaled(0.5), zorder=1)
    ax.set_yticks(np.append(np.arange(len(forest.rows)), last), [*_shown_names(ax, forest), forest.total])
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(last + 0.75, -0.75)
    size = font_points("axes.labelsize")
    ax.set_xlabel(wrapped(forest.label, room(ax) - scaled(0.1), size), loc="right")
    ax.locator_params(axis="x", nbins=6 if room(ax) > scaled(_WIDE) else 4)
    ax.margins(x=0.03)
    ax.spines["left"].set_visible(False)
    legend_above(ax, _legend(forest, less, more))


def _shown_names(ax: Axes, forest: Forest) -> list[str]:
    """Names of the rows with their sizes, shortened to their room."""
    inches, size = _NAMES * room(ax), font_points("ytick.labelsize")
    return [
        f"{fitted(literal(row.name, _LONGEST), inches - text_width(f' {row.size}', size), size)} {row.size}"
        for row in forest.rows
    ]


def _legend(forest: Forest, less: str, more: str) -> list[Line2D]:
    dots = [
        Line2D(
            [],
            [],
            color=color,
            marker="o",
            markersize=scaled(3.8),
            markerfacecolor=fill,
            linewidth=scaled(1.1),
            label=label,
        )
        for color, fill, label in (
            (more, more, "more (q < 0.05)"),
            (less, less, "less (q < 0.05)"),
            (GREY, "white", "q ≥ 0.05, or too few"),
        )
    ]
    wide = forest.wide is not None
    label = f"all (line: {forest.wide_label})" if wide else "all"
    total = Line2D(
        [], [], color=INK, marker="D", markersize=scaled(4), linewidth=scaled(1.1) if wide else 0, label=label
    )
    floors = any(row.floor is not None for row in forest.rows)
    floor = Line2D([], [], color=INK, marker="|", markersize=scaled(6), linewidth=scaled(0), label="noise floor")
    return [*dots, total, *([floor] if floors else [])]
