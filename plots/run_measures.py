"""Measures of several runs beside each other, with intervals, noise floors and tests."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from calibration import RunsComparison, compare_runs
from calibration.predictions.scored_runs import GivenRun
from calibration.uncertainty.measure_names import axis_label, is_known, named_keys
from factuality import Judgments, compare_judgments

from .legends import figure_legend, legend_height
from .panels import Size, room, several_panels, whole_figure
from .series import own_name, runs_or, series_colors, series_names
from .style_blocks import PAGE, font_points, scaled
from .theme import BLUE, GREY, INK, literal
from .wrapping import fitted, text_width, wrapped

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# What is drawn unless something else is asked for, of what the runs hold.
_CHIEF = ("accuracy", "correct", "incorrect", "abstained", "mc1", "mc2", "binary", "signed_gap", "ece_top")
# False discovery rate at which a run is named to differ from the reference.
_NAMED = 0.05
_DRAWN = "a comparison of runs, runs of one kind, or judgments"
# Inches a run, and for the axis below and the name above.
_ROW, _AROUND = 0.19, 0.7
# Widest share of the panel that names take.
_NAMES = 0.42


def runs(
    data: RunsComparison | Sequence[GivenRun | Judgments] | Mapping[str, GivenRun | Judgments],
    *,
    measures: Sequence[str] | str | None = None,
    reference: str | None = None,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    seed: int = 0,
    colors: str | None = None,
    title: str | None = None,
    figsize: Size | None = None,
    axes: Iterable[Axes] | None = None,
) -> Figure:
    """Measures of several runs, with intervals, noise floors and tests.

    Parameters
    ----------
    data : RunsComparison, or sequence or mapping of runs
        From `calibration.compare_runs`, `factuality.compare_judgments` or `factuality.compare_multiple_choice`; or two
        or more runs of one kind, or judgments, of which all pairs are then compared.
    measures : sequence of str, optional
        Keys, a panel each, such as ``["accuracy", "ece_top"]``; if omitted, accuracy, signed gap and top ECE, or what
        the runs have of these (of graded answers the rates of right, wrong and abstained ones too).
    reference : str, optional
        Name of the run that the others are tested against, of runs that are compared here; the first if omitted.
    labels : sequence of str, optional
        Names of the runs; those of their models if omitted.
    level, seed
        As in `calibration.compare_runs`, of runs that are compared here.
    colors : str, optional
        Of the points.
    title : str, optional
        Of the whole figure.
    figsize : pair of float, optional
        Of a new figure, in inches; as wide as the text if omitted.
    axes : iterable of matplotlib.axes.Axes, optional
        Axes to draw on, one a measure; those of a new figure if omitted.

    Returns
    -------
    matplotlib.figure.Figure
        A panel a measure and a row a run, from top to bottom. Grey bands reach from 0 to the noise floor of an ECE. The
        dashed line is at the reference's value; points of runs that differ from it at a false discovery rate of 5 %,
        over all tests of the comparison, are filled. Where all pairs were compared, runs with a common letter on the
        right are not shown to differ (all pairs together at `level`, Holm), which is no proof that they are alike.

    Raises
    ------
    TypeError
        For what is no run.
    ValueError
        For fewer than two runs, an unknown measure, labels of another number, and as `calibration.compare_runs`.

    Examples
    --------
    >>> from calibration import Pairs
    >>> right = [index % 10 < 8 for index in range(100)]
    >>> three = [Pairs.from_arrays([sure] * 100, right, model=f"at {sure}") for sure in (0.6, 0.8, 0.9)]
    >>> figure = runs(three, measures=["mean_confidence", "ece_top"])
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['at 0.6', 'at 0.8', 'at 0.9']
    """
    comparison = data if isinstance(data, RunsComparison) else _compared(data, labels, reference, level, seed)
    names = series_names(list(comparison.summaries), labels, limit=44, most=None)
    keys = _keys(comparison, measures)
    (color,) = series_colors(colors or BLUE, 1)

    entries = [str(handle.get_label()) for handle in _handles(comparison, names, keys, color)]

    def height(width: float, n_rows: int, _: int) -> float:
        return n_rows * scaled(_AROUND + _ROW * len(names)) + legend_height(entries, width)

    with several_panels(axes, len(keys), width=PAGE, height=height, least=2.1, figsize=figsize, title=title) as panels:
        for index, (ax, key) in enumerate(zip(panels, keys, strict=True)):
            spec = ax.get_subplotspec()
            named = index == 0 or spec is None or spec.is_first_col()
            _draw(ax, comparison, key, names if named else None, color)
        figure = whole_figure(panels)
        figure_legend(figure, _handles(comparison, names, keys, color))
    return figure


def _compared(
    data: Any, labels: Sequence[str] | None, reference: str | None, level: float, seed: int
) -> RunsComparison:
    given, keys = runs_or(data, (Judgments,), drawn=_DRAWN)
    # Names that are drawn may be shortened, and runs are told apart by whole ones.
    own = keys or series_names([own_name(run) for run in given], None, limit=10**6, most=None)
    names = own if labels is None else [str(label) for label in labels]
    if len(names) != len(given):
        raise ValueError(f"there must be one label a run: {len(given)} runs, got {len(names)} labels")
    options: dict[str, Any] = {"labels": names, "reference": reference, "level": level, "seed": seed}
    n_judged = sum(isinstance(run, Judgments) for run in given)
    if n_judged not in (0, len(given)):
        raise TypeError("runs that are compared must hold the same; got judgments beside runs of another kind")
    return (compare_judgments if n_judged else compare_runs)(given, **options, all_pairs=True)


def _keys(comparison: RunsComparison, measures: Sequence[str] | str | None) -> list[str]:
    held = list(dict.fromkeys(key for summary in comparison.summaries.values() for key in summary))
    values = [key for key in held if not key.endswith(("_null95", "_within")) and key not in ("n_items", "n_clusters")]
    if measures is None:
        return [key for key in _CHIEF if key in values]
    asked = [measures] if isinstance(measures, str) else measures
    return list(dict.fromkeys(key for name in asked for key in named_keys(name, values)))


def _draw(ax: Axes, comparison: RunsComparison, key: str, names: Sequence[str] | None, color: str) -> None:
    letters = _letters(comparison, key)
    rates = comparison.q_values
    for row, (name, summary) in enumerate(comparison.summaries.items()):
        if key not in summary:
            continue
        value = summary.point(key)
        low, high = (float(getattr(summary[key], end, math.nan)) for end in ("low", "high"))
        floor = f"{key}_null95"
        if floor in summary:
            ax.plot(
                [0, summary.point(floor)], [row, row], color=GREY, linewidth=scaled(7), alpha=0.4, zorder=1,
                solid_capstyle="butt",
            )  # fmt: skip
        ax.plot([low, high], [row, row], color=color, linewidth=scaled(1.2), zorder=2)
        rate = rates.get((comparison.reference, name, key))
        differs = rate is not None and rate < _NAMED
        ax.plot(
            value, row, "D" if name == comparison.reference else "o", color=color if differs else "white",
            markeredgecolor=color, markeredgewidth=scaled(1), markersize=scaled(4.2), zorder=3,
        )  # fmt: skip
        if name == comparison.reference:
            ax.axvline(value, color=INK, linestyle=(0, (4, 3)), linewidth=scaled(0.7), zorder=1.5)
        if letters:
            ax.text(
                1.02, row, letters.get(name, ""), transform=ax.get_yaxis_transform(), va="center", ha="left",
                fontsize=font_points("ytick.labelsize"),
            )  # fmt: skip
    _frame(ax, comparison, key, names)


def _letters(comparison: RunsComparison, key: str) -> dict[str, str]:
    n_runs = len(comparison.summaries)
    all_pairs = len(comparison.changes) == n_runs * (n_runs - 1) // 2 and n_runs > 2
    return comparison.groups(key) if all_pairs and key in comparison.tested else {}


def _frame(ax: Axes, comparison: RunsComparison, key: str, names: Sequence[str] | None) -> None:
    size = font_points("axes.labelsize")
    whole = axis_label(key) if is_known(key) else literal(comparison.label(key))
    label = f"{whole[:1].upper()}{whole[1:]}"
    points, inches = font_points("ytick.labelsize"), _NAMES * room(ax)
    ticks = ["" if names is None else fitted(name, inches, points) for name in names or comparison.summaries]
    beside = max(text_width(tick, points) for tick in ticks)
    ax.set_xlabel(wrapped(label, room(ax) - beside - scaled(0.3), size))
    ax.set_yticks(range(len(comparison.summaries)), ticks)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(comparison.summaries) - 0.4, -0.6)
    ax.locator_params(axis="x", nbins=4)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="y", color=GREY, linewidth=scaled(0.3), alpha=0.5)
    ax.set_axisbelow(True)


def _handles(comparison: RunsComparison, names: Sequence[str], keys: Sequence[str], color: str) -> list[Artist]:
    first = names[list(comparison.summaries).index(comparison.reference)]
    look: dict[str, Any] = {
        "color": color, "markeredgecolor": color, "markersize": scaled(4.2), "markeredgewidth": scaled(1),
        "linewidth": scaled(1.2),
    }  # fmt: skip
    handles: list[Artist] = [
        Line2D([], [], marker="D", markerfacecolor="white", **look, label=f"{first}, the reference (dashed line)"),
        Line2D([], [], marker="o", markerfacecolor=color, **look, label=f"differs from it (q < {_NAMED:g})"),
        Line2D([], [], marker="o", markerfacecolor="white", **look, label="not shown to differ from it"),
    ]
    if any(f"{key}_null95" in summary for summary in comparison.summaries.values() for key in keys):
        handles.append(Patch(facecolor=GREY, alpha=0.4, linewidth=0, label="up to the noise floor"))
    if any(_letters(comparison, key) for key in keys):
        handles.append(Line2D([], [], linestyle="", label="a common letter: not shown to differ"))
    return handles
