"""Measures along the stages of a training."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from calibration import Diagnosis, Pairs, Predictions, diagnose, summarize
from calibration.predictions.scored_runs import GivenRun
from calibration.recalibration.diagnosis import StepName

from .panels import Size, room, several_panels, whole_figure
from .series import own_name, runs_or, series_colors, series_names
from .style_blocks import PAGE, font_points, scaled
from .theme import BLUE, GREY, INK
from .wrapping import fitted, text_width, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TITLES = {
    "ece_top": "Top ECE (grey: noise floor)",
    "signed_gap": "Signed gap: confidence − accuracy",
    "accuracy": "Accuracy",
    "letter bias": "Letter bias: log loss it costs (nats)",
    "temperature": "Sharpness: log loss that one temperature takes off (nats)",
    "auroc": "Ranking of answers (AUROC)",
}
_OF_RUN = ("ece_top", "signed_gap", "accuracy", "auroc")
_OF_CORRECTION: tuple[StepName, ...] = ("letter bias", "temperature")
# Measures at whose 0 a line is drawn.
_WITH_ZERO = ("signed_gap", *_OF_CORRECTION)
_DRAWN = "runs with confidences, or diagnoses"


@dataclass(frozen=True, kw_only=True)
class _Point:
    """A measure at a stage; NaN where there is none."""

    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    floor: float = math.nan


def stages(
    data: Sequence[Diagnosis | GivenRun] | Mapping[str, Diagnosis | GivenRun],
    *,
    labels: Sequence[str] | None = None,
    colors: str | None = None,
    title: str | None = None,
    figsize: Size | None = None,
    axes: Iterable[Axes] | None = None,
) -> Figure:
    """Calibration along the stages of a training, and its parts.

    Parameters
    ----------
    data : sequence or mapping of Predictions, Pairs, Diagnosis, or pair of arrays
        The stages in their order, two or more: runs, or what `calibration.diagnose` returns.
    labels : sequence of str, optional
        Names of the stages; those of the models if omitted.
    colors : str, optional
        Of the points.
    title : str, optional
        Of the whole figure.
    figsize : pair of float, optional
        Of a new figure, in inches; as wide as the text if omitted.
    axes : iterable of matplotlib.axes.Axes, optional
        Axes to draw on, one a panel; those of a new figure if omitted.

    Returns
    -------
    matplotlib.figure.Figure
        Panels of top ECE (grey bars up to the noise floor), signed gap, accuracy and AUROC with their intervals. Of
        runs with letters also what a letter bias costs, and what one temperature takes off: the log loss that each of
        the two corrections takes off alone, fitted on other items (`calibration.diagnose`), with its interval.

    Raises
    ------
    TypeError
        For what is neither run nor diagnosis.
    ValueError
        For a single stage, verdicts without confidences, labels of another number, and as `calibration.diagnose`.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> confidence = rng.uniform(0.5, 1, 200)
    >>> right = rng.random(200) < confidence
    >>> figure = stages({"base": (confidence, right), "RL": (np.sqrt(confidence), right)})
    >>> len(figure.axes)
    4
    """
    given, keys = runs_or(data, (Diagnosis,), drawn=_DRAWN)
    if len(given) < 2:
        raise ValueError("stages draws two stages or more, got one")
    names = series_names(keys or [own_name(stage) for stage in given], labels, limit=24, most=None)
    points = [_points(stage) for stage in given]
    shown = [key for key in _TITLES if any(key in stage for stage in points)]
    (color,) = series_colors(colors or BLUE, 1)

    def height(_: float, n_rows: int, __: int) -> float:
        return n_rows * scaled(1.85) + scaled(0.1)

    with several_panels(axes, len(shown), width=PAGE, height=height, least=1.6, figsize=figsize, title=title) as panels:
        for ax, key in zip(panels, shown, strict=True):
            _draw(ax, [stage.get(key, _Point()) for stage in points], key, names, color)
    return whole_figure(panels)


def _points(stage: Any) -> dict[str, _Point]:
    """All measures of a stage."""
    diagnosis = diagnose(stage) if isinstance(stage, Predictions) else stage
    if isinstance(diagnosis, Diagnosis):
        as_is = diagnosis.step("as is")
        points = {
            key: _Point(value=value.value, low=value.low, high=value.high, floor=as_is.floors.get(key, math.nan))
            for key, value in as_is.values.items()
            if key in _OF_RUN
        }
        for name in _OF_CORRECTION:
            change = diagnosis.step(name).change["nll"]
            # What is taken off is the change turned around.
            points[name] = _Point(value=-change.value, low=-change.high, high=-change.low)
        return points
    if not isinstance(stage, Pairs):
        raise ValueError("stages need confidences; verdicts are right or wrong without any")
    summary = summarize(stage)
    return {
        key: _Point(
            value=summary.point(key),
            low=float(getattr(summary[key], "low", math.nan)),
            high=float(getattr(summary[key], "high", math.nan)),
            floor=summary.point(f"{key}_null95") if f"{key}_null95" in summary else math.nan,
        )
        for key in _OF_RUN
        if key in summary
    }


def _draw(ax: Axes, points: Sequence[_Point], key: str, names: Sequence[str], color: str) -> None:
    position = np.arange(len(points))
    floors = np.array([point.floor for point in points])
    if np.isfinite(floors).any():
        ax.bar(position, floors, width=0.5, facecolor=GREY, alpha=0.4, linewidth=0, zorder=1)
    if key in _WITH_ZERO:
        ax.axhline(0, color=INK, linewidth=scaled(0.6), zorder=1)
    ax.plot(
        position, [point.value for point in points], "o-", color=color, markersize=scaled(4), linewidth=scaled(1.1),
        zorder=3,
    )  # fmt: skip
    for number, point in enumerate(points):
        ax.plot([number, number], [point.low, point.high], color=color, linewidth=scaled(1.2), zorder=2)
    size = font_points("axes.titlesize") * 0.9
    ax.set_title(wrapped(_TITLES[key], room(ax) - scaled(0.75), size), fontsize=size)
    ticks = font_points("xtick.labelsize")
    shown = [fitted(name, 0.5 * room(ax), ticks) for name in names]
    ax.set_xticks(position, shown)
    ax.set_xlim(-0.5, len(points) - 0.5)
    ax.locator_params(axis="y", nbins=5)
    if key == "ece_top":
        ax.set_ylim(bottom=0)
    widest = max(text_width(name, ticks) for name in shown)
    if 1.15 * widest * len(names) > room(ax) - scaled(0.45):
        for label in ax.get_xticklabels():
            label.set(rotation=35, ha="right", rotation_mode="anchor")
