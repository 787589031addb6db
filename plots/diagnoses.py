"""Causes of miscalibration: favoured letters, and errors that corrections remove."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from calibration import Diagnosis, Predictions, diagnose

from .figures import new_figure
from .theme import BLUE, GREY, INK, PAGE, VERMILION, shorten, style

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_STEPS = {
    "as is": "as is",
    "letter bias": "letter bias\nremoved",
    "temperature": "one\ntemperature",
    "both": "both",
}
_TITLES = {"ece_choices": "Choices ECE", "ece_top": "Top ECE"}
_COLORS = (BLUE, VERMILION)
# So many letters have room for their names.
_MOST_NAMED = 14
# Distance of a run from the middle of its row, and of folds of subjects from folds of items.
_APART, _BESIDE = 0.2, 0.16


def diagnosis(
    before: Diagnosis | Predictions,
    after: Diagnosis | Predictions,
    *,
    labels: tuple[str, str] = ("Before", "After"),
) -> Figure:
    """Favoured letters, and the calibration error that each correction removes.

    Parameters
    ----------
    before, after : Diagnosis or Predictions
        Results of `calibration.diagnose`, or runs, which are then diagnosed.
    labels : pair of str
        Names of the runs.

    Returns
    -------
    matplotlib.figure.Figure
        First panel: each letter's share of predictions (bars), its mean probability (diamonds) and its share of the
        right answers (thick lines). The other two: the ECE as it is and after each correction, on held-out items
        (filled points) and held-out subjects (hollow points), with intervals; the grey line of a run ends at its noise
        floor.

    Examples
    --------
    >>> from calibration import Predictions
    >>> logits = [[1.0, 0.0], [0.4, 0.0], [0.0, 1.0], [2.0, 0.0], [0.0, 0.7], [0.9, 0.0]]
    >>> before = Predictions.from_arrays(logits, [0, 1, 1, 0, 0, 0])
    >>> after = Predictions.from_arrays([[3 * a, 3 * b] for a, b in logits], [0, 1, 1, 0, 0, 0])
    >>> [ax.get_title() for ax in diagnosis(before, after).axes]
    ['Letters', 'Choices ECE', 'Top ECE']
    """
    diagnoses = [run if isinstance(run, Diagnosis) else diagnose(run) for run in (before, after)]
    with style():
        figure = new_figure(PAGE, 0.42 * PAGE)
        letters, choices, top = figure.subplots(1, 3, width_ratios=(1.15, 1, 1))
        _draw_letters(letters, diagnoses)
        for ax, key in ((choices, "ece_choices"), (top, "ece_top")):
            _draw_steps(ax, diagnoses, key)
        top.sharey(choices)
        top.tick_params(axis="y", labelleft=False)
        right = max(ax.get_xlim()[1] for ax in (choices, top))
        for ax in (choices, top):
            ax.set_xlim(0, right)
        figure.legend(handles=_legend(diagnoses, labels), loc="outside lower center", ncols=3)
    return figure


def _draw_letters(ax: Axes, diagnoses: list[Diagnosis]) -> None:
    for run, color, side in zip(diagnoses, _COLORS, (-_APART, _APART), strict=True):
        table = run.letters
        position = np.arange(table.height) + side
        ax.bar(
            position, table["predicted"], width=2 * _APART, facecolor=color, edgecolor=INK, linewidth=0.5, alpha=0.55,
            zorder=2,
        )  # fmt: skip
        ax.hlines(table["key"], position - _APART, position + _APART, color=INK, linewidth=1.6, zorder=3)
        ax.plot(
            position, table["mean_probability"], "D", color=color, markeredgecolor="white", markeredgewidth=0.6,
            markersize=4.2, zorder=4,
        )  # fmt: skip
    names = max((run.letters["letter"].to_list() for run in diagnoses), key=len)
    every = 1 if len(names) <= _MOST_NAMED else 2
    ax.set_xticks(np.arange(len(names))[::every], names[::every])
    ax.tick_params(axis="x", length=0)
    ax.set(title="Letters", ylabel="Share")


def _draw_steps(ax: Axes, diagnoses: list[Diagnosis], key: str) -> None:
    for run, color, side in zip(diagnoses, _COLORS, (-_APART, _APART), strict=True):
        for step in run.steps:
            if step.folds == "subjects" and step.name == "as is":  # no folds are made for it
                continue
            row = list(_STEPS).index(step.name) + side + (_BESIDE if step.folds == "subjects" else 0)
            value = step.values[key]
            if step.folds == "items":
                ax.plot(
                    [0, step.floors[key]],
                    [row, row],
                    color=GREY,
                    linewidth=5,
                    alpha=0.45,
                    zorder=1,
                    solid_capstyle="butt",
                )
            ax.plot([value.low, value.high], [row, row], color=color, linewidth=1.1, zorder=2)
            ax.plot(
                value.value, row, "o", color=color if step.folds == "items" else "white", markeredgecolor=color,
                markeredgewidth=0.9, markersize=4, zorder=3, clip_on=False,
            )  # fmt: skip
    for line in np.arange(len(_STEPS) - 1) + 0.5:
        ax.axhline(line + _BESIDE / 2, color=GREY, linewidth=0.3, zorder=0)
    ax.set_yticks(np.arange(len(_STEPS)) + _BESIDE / 2, list(_STEPS.values()))
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(_STEPS) - 0.5 + _BESIDE / 2, -0.5 + _BESIDE / 2)
    ax.locator_params(axis="x", nbins=4)
    ax.set_title(_TITLES[key])
    ax.set_xlim(left=0)


def _legend(diagnoses: list[Diagnosis], labels: tuple[str, str]) -> list[Artist]:
    runs: list[Artist] = [
        Patch(facecolor=color, alpha=0.55, edgecolor=INK, linewidth=0.5, label=shorten(label))
        for color, label in zip(_COLORS, labels, strict=True)
    ]
    folds = [Line2D([], [], color=INK, marker="o", markersize=4, linewidth=1.1, label="fitted on other items")]
    if any(step.folds == "subjects" for run in diagnoses for step in run.steps):
        folds.append(
            Line2D(
                [], [], color=INK, marker="o", markersize=4, markerfacecolor="white", linewidth=1.1,
                label="fitted on other subjects",
            )
        )  # fmt: skip
    return [
        *runs,
        Line2D([], [], color=INK, linewidth=1.6, label="share of right answers"),
        Line2D([], [], color=INK, marker="D", markersize=4, linestyle="", label="mean probability"),
        *folds,
        Line2D([], [], color=GREY, linewidth=5, alpha=0.45, solid_capstyle="butt", label="noise floor"),
    ]
