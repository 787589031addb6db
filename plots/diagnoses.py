"""Causes of miscalibration: favoured letters, and errors that corrections remove."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from calibration import Diagnosis, Predictions, diagnose

from .legends import figure_legend, legend_height
from .panels import Size, room, several_panels, whole_figure
from .series import members, own_name, pair_names, series_colors, series_names
from .style_blocks import PAGE, scaled
from .theme import GREY, HATCHES, INK, MARKERS

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_Diagnosed = Diagnosis | Predictions

_STEPS = {
    "as is": "as is",
    "letter bias": "letter bias\nremoved",
    "temperature": "one\ntemperature",
    "both": "both",
}
_TITLES = {"ece_choices": "Choices ECE", "ece_top": "Top ECE"}
# More runs have no room in a row.
_MOST = 5
# Share of a row that its runs take, and of a run's part of it the distance of folds of subjects from folds of items.
_FILLED, _BESIDE = 0.8, 0.4
# Inches that a letter needs for its name.
_LETTER = 0.11


def diagnosis(
    before: _Diagnosed | Sequence[_Diagnosed] | Mapping[str, _Diagnosed],
    after: _Diagnosed | None = None,
    *,
    labels: Sequence[str] | None = None,
    colors: Sequence[str] | None = None,
    title: str | None = None,
    figsize: Size | None = None,
    axes: Iterable[Axes] | None = None,
) -> Figure:
    """Favoured letters, and the calibration error that each correction removes.

    Parameters
    ----------
    before, after : Diagnosis or Predictions
        Results of `calibration.diagnose`, or runs, which are then diagnosed. Or one of them, or a sequence or mapping
        by name of up to five, alone.
    labels : sequence of str, optional
        Names of the runs; if omitted, those of the models, or "Before" and "After" of two without names.
    colors : sequence of str, optional
        One a run.
    title : str, optional
        Of the whole figure.
    figsize : pair of float, optional
        Of a new figure, in inches; as wide as the text if omitted.
    axes : iterable of matplotlib.axes.Axes, optional
        Three axes to draw on; those of a new figure if omitted.

    Returns
    -------
    matplotlib.figure.Figure
        First panel: each letter's share of predictions (bars), its mean probability (diamonds) and its share of the
        right answers (thick lines). The other two: the ECE as it is and after each correction, on held-out items
        (filled points) and held-out subjects (hollow points), with intervals; the grey line of a run ends at its noise
        floor.

    Raises
    ------
    TypeError
        For anything else.
    ValueError
        For none or more than five, labels or colours of another number, and as `calibration.diagnose`.

    Examples
    --------
    >>> from calibration import Predictions
    >>> logits = [[1.0, 0.0], [0.4, 0.0], [0.0, 1.0], [2.0, 0.0], [0.0, 0.7], [0.9, 0.0]]
    >>> before = Predictions.from_arrays(logits, [0, 1, 1, 0, 0, 0])
    >>> after = Predictions.from_arrays([[3 * a, 3 * b] for a, b in logits], [0, 1, 1, 0, 0, 0])
    >>> [ax.get_title() for ax in diagnosis(before, after).axes]
    ['Letters', 'Choices ECE', 'Top ECE']
    """
    given: Any = before if after is None else [before, after]
    results, keys = members(given, (Diagnosis, Predictions), drawn="diagnoses, or runs of predictions")
    own = keys or pair_names([own_name(result) for result in results])
    names = series_names(own, labels, limit=44, most=_MOST)
    diagnoses = [result if isinstance(result, Diagnosis) else diagnose(result) for result in results]
    chosen = series_colors(colors, len(diagnoses))

    entries = [str(handle.get_label()) for handle in _handles(diagnoses, names, chosen)]

    def height(width: float, n_rows: int, _: int) -> float:
        return n_rows * scaled(2.2 + 0.25 * max(0, len(diagnoses) - 2)) + legend_height(entries, width)

    with several_panels(axes, 3, width=PAGE, height=height, least=2.1, figsize=figsize, title=title) as panels:
        letters, choices, top = panels
        _draw_letters(letters, diagnoses, chosen)
        for ax, key in ((choices, "ece_choices"), (top, "ece_top")):
            _draw_steps(ax, diagnoses, key, chosen)
        spec, beside = top.get_subplotspec(), choices.get_subplotspec()
        if spec is not None and beside is not None and spec.rowspan == beside.rowspan:
            top.tick_params(axis="y", labelleft=False)
        right = max(ax.get_xlim()[1] for ax in (choices, top))
        for ax in (choices, top):
            ax.set_xlim(0, right)
        figure = whole_figure(panels)
        figure_legend(figure, _handles(diagnoses, names, chosen))
    return figure


def _sides(n_runs: int, filled: float) -> list[tuple[float, float]]:
    """Distance of runs from the middle of their row, and their width."""
    width = filled / n_runs
    return [((index - (n_runs - 1) / 2) * width, width) for index in range(n_runs)]


def _draw_letters(ax: Axes, diagnoses: list[Diagnosis], colors: list[str]) -> None:
    for k, (run, color, (side, width)) in enumerate(zip(diagnoses, colors, _sides(len(diagnoses), 0.8), strict=True)):
        table = run.letters
        position = np.arange(table.height) + side
        ax.bar(
            position, table["predicted"], width=width, facecolor=color, hatch=HATCHES[k], edgecolor=INK,
            linewidth=scaled(0.5), alpha=0.55, zorder=2,
        )  # fmt: skip
        ax.hlines(table["key"], position - width / 2, position + width / 2, color=INK, linewidth=scaled(1.6), zorder=3)
        ax.plot(
            position, table["mean_probability"], "D", color=color, markeredgecolor="white",
            markeredgewidth=scaled(0.6), markersize=scaled(4.2), zorder=4,
        )  # fmt: skip
    names = max((run.letters["letter"].to_list() for run in diagnoses), key=len)
    every = 1 if len(names) * scaled(_LETTER) <= room(ax) - scaled(0.6) else 2
    ax.set_xticks(np.arange(len(names))[::every], names[::every])
    ax.tick_params(axis="x", length=0)
    ax.set(title="Letters", ylabel="Share")


def _draw_steps(ax: Axes, diagnoses: list[Diagnosis], key: str, colors: list[str]) -> None:
    sides = _sides(len(diagnoses), _FILLED)
    for k, (run, color, (side, width)) in enumerate(zip(diagnoses, colors, sides, strict=True)):
        for step in run.steps:
            if step.folds == "subjects" and step.name == "as is":  # no folds are made for it
                continue
            row = list(_STEPS).index(step.name) + side + (_BESIDE * width if step.folds == "subjects" else 0)
            value = step.values[key]
            if step.folds == "items":
                ax.plot(
                    [0, step.floors[key]],
                    [row, row],
                    color=GREY,
                    linewidth=scaled(5),
                    alpha=0.45,
                    zorder=1,
                    solid_capstyle="butt",
                )
            ax.plot([value.low, value.high], [row, row], color=color, linewidth=scaled(1.1), zorder=2)
            ax.plot(
                value.value, row, MARKERS[k], color=color if step.folds == "items" else "white", markeredgecolor=color,
                markeredgewidth=scaled(0.9), markersize=scaled(4), zorder=3, clip_on=False,
            )  # fmt: skip
    middle = _BESIDE * _FILLED / len(diagnoses) / 2
    for line in np.arange(len(_STEPS) - 1) + 0.5:
        ax.axhline(line + middle, color=GREY, linewidth=scaled(0.3), zorder=0)
    ax.set_yticks(np.arange(len(_STEPS)) + middle, list(_STEPS.values()))
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(_STEPS) - 0.5 + middle, -0.5 + middle)
    ax.locator_params(axis="x", nbins=4)
    ax.set_title(_TITLES[key])
    ax.set_xlim(left=0)


def _handles(diagnoses: list[Diagnosis], names: list[str], colors: list[str]) -> list[Artist]:
    points: dict[str, Any] = {"color": INK, "marker": "o", "markersize": scaled(4), "linewidth": scaled(1.1)}
    runs: list[Artist] = [
        Patch(facecolor=color, hatch=hatch, alpha=0.55, edgecolor=INK, linewidth=scaled(0.5), label=name)
        for color, hatch, name in zip(colors, HATCHES, names, strict=False)
    ]
    folds = [Line2D([], [], **points, label="fitted on other items")]
    if any(step.folds == "subjects" for run in diagnoses for step in run.steps):
        folds.append(Line2D([], [], **points, markerfacecolor="white", label="fitted on other subjects"))
    return [
        *runs,
        Line2D([], [], color=INK, linewidth=scaled(1.6), label="share of right answers"),
        Line2D([], [], color=INK, marker="D", markersize=scaled(4), linestyle="", label="mean probability"),
        *folds,
        Line2D([], [], color=GREY, linewidth=scaled(5), alpha=0.45, solid_capstyle="butt", label="noise floor"),
    ]
