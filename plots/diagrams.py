"""Reliability diagrams: one run, or before and after side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import matplotlib.pyplot as plt
import numpy as np

from calibration import Predictions, ReliabilityCurve, null_ece, reliability_curve
from calibration.bins import Strategy
from calibration.predictions import View

from .theme import BLUE, COLUMN, GREY, INK, PAGE, VERMILION, shorten, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Kind = Literal["bars", "points"]

_X_LABEL = {
    "top": "Confidence in the predicted answer",
    "choices": "Probability of each answer, right or wrong",
}
# Top of the strip of shares above the diagram, in heights of the diagram.
_STRIP_TOP = 0.16


def reliability(
    data: ReliabilityCurve | Predictions,
    *,
    view: View = "choices",
    bins: int = 10,
    strategy: Strategy = "uniform",
    kind: Kind = "bars",
    color: str = BLUE,
    ax: Axes | None = None,
) -> Axes:
    """Reliability diagram: accuracy against confidence, the share of answers in each bin on top.

    Parameters
    ----------
    data : ReliabilityCurve or Predictions
        A curve from `calibration.reliability_curve`, or a run, whose curve is then made with `view`, `bins` and
        `strategy`.
    view : {"choices", "top"}
        Every letter pooled (figure 8 of the GPT-4 report), or the predicted letters only.
    bins, strategy
        As in `calibration.reliability_curve`.
    kind : {"bars", "points"}
        Bars over the bins, or points at each bin's mean confidence.
    color : str
        Of bars or points.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure of column width where absent.

    Returns
    -------
    matplotlib.axes.Axes
        With the accuracy of each bin, its interval and the diagonal. The strip of shares is its first child axes.

    Examples
    --------
    >>> from calibration import reliability_curve
    >>> ax = reliability(reliability_curve([0.2, 0.7, 0.9], [0, 1, 1]))
    >>> ax.get_ylabel()
    'Accuracy'
    """
    if kind not in ("bars", "points"):
        raise ValueError(f"kind must be 'bars' or 'points', got {kind!r}")
    label = "Confidence"
    if isinstance(data, Predictions):
        data, label = _curve(data, view, bins, strategy), _X_LABEL[view]
    if ax is not None:
        return _draw(ax, data, kind, color, label)
    with style():
        _, ax = plt.subplots(figsize=(COLUMN, COLUMN * 1.12))
        return _draw(ax, data, kind, color, label)


def before_after(
    before: Predictions,
    after: Predictions,
    *,
    view: View = "choices",
    labels: tuple[str, str] = ("Before", "After"),
    bins: int = 10,
    strategy: Strategy = "uniform",
    kind: Kind = "bars",
) -> Figure:
    """Two reliability diagrams side by side: figure 8 of the GPT-4 technical report, for any two runs.

    Parameters
    ----------
    before, after : Predictions
        The runs, such as a pretrained and a post-trained model.
    view : {"choices", "top"}
        Every letter pooled, as in the report, or the predicted letters only.
    labels : pair of str
        Titles of the panels.
    bins, strategy, kind
        As in `reliability`.

    Returns
    -------
    matplotlib.figure.Figure
        Each panel with its ECE and the noise floor: the 95 % quantile of what a calibrated model would score.

    References
    ----------
    OpenAI (2023), "GPT-4 Technical Report", arXiv:2303.08774, figure 8 (ECE 0.007 before, 0.074 after).

    Examples
    --------
    >>> from calibration import Predictions
    >>> before = Predictions.from_arrays([[1.0, 0.0], [0.0, 1.0]], answer=[0, 0])
    >>> after = Predictions.from_arrays([[4.0, 0.0], [0.0, 4.0]], answer=[0, 0])
    >>> len(before_after(before, after).axes)
    2
    """
    with style():
        figure, axes = plt.subplots(1, 2, figsize=(PAGE, PAGE * 0.6), sharex=True, sharey=True)
        for ax, run, title, color in zip(axes, (before, after), labels, (BLUE, VERMILION), strict=True):
            _draw(ax, _curve(run, view, bins, strategy), kind, color, _X_LABEL[view])
            floor = null_ece(run.probabilities, run.answer, view=view, bins=bins, strategy=strategy)
            text = f"ECE {floor.observed:.3f}\nnoise floor {floor.quantile95:.3f}\naccuracy {run.accuracy:.3f}"
            ax.text(
                0.04, 0.965, text, transform=ax.transAxes, va="top", linespacing=1.5,
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 2}, zorder=5,
            )  # fmt: skip
            ax.set_title(shorten(title), y=1 + _STRIP_TOP)
        axes[1].set_ylabel("")
    return figure


def _curve(run: Predictions, view: View, bins: int, strategy: Strategy) -> ReliabilityCurve:
    confidence, correct, item = run.view(view)
    return reliability_curve(confidence, correct, bins=bins, strategy=strategy, item=item)


def _draw(ax: Axes, curve: ReliabilityCurve, kind: Kind, color: str, label: str) -> Axes:
    filled = curve.count > 0
    x, y = curve.confidence[filled], curve.accuracy[filled]
    low, high = curve.low[filled], curve.high[filled]
    ax.plot([0, 1], [0, 1], color=GREY, linestyle=(0, (4, 3)), linewidth=0.9, zorder=2.5)
    if kind == "bars":
        width = (curve.upper - curve.lower)[filled]
        # Bins of one value have no width of their own.
        ax.bar(
            curve.lower[filled], y, width=np.maximum(width, 0.006), align="edge",
            facecolor=color, edgecolor=INK, linewidth=0.6, alpha=0.55, zorder=2,
        )  # fmt: skip
    else:
        ax.plot(
            x, y, "o", color=color, markeredgecolor=INK, markeredgewidth=0.4, markersize=4.5, zorder=4, clip_on=False
        )
    # Wilson's interval always holds the share; rounding must not turn its arms around.
    arms = np.maximum([y - low, high - y], 0)
    ax.errorbar(
        x, y, yerr=arms, fmt="none", ecolor=INK, elinewidth=0.9, capsize=1.8, capthick=0.9, zorder=3, clip_on=False
    )
    ax.set(xlim=(0, 1), ylim=(0, 1), xlabel=label, ylabel="Accuracy", box_aspect=1)
    ax.set_xticks(np.arange(6) / 5)
    ax.set_yticks(np.arange(6) / 5)
    _draw_shares(ax, curve, color)
    return ax


def _draw_shares(ax: Axes, curve: ReliabilityCurve, color: str) -> None:
    """The strip on top: what share of all values each bin holds."""
    strip = ax.inset_axes((0, 1.03, 1, _STRIP_TOP - 0.03), sharex=ax)
    share = curve.count / curve.count.sum()
    width = np.maximum(curve.upper - curve.lower, 0.006)
    strip.bar(curve.lower, share, width=width, align="edge", facecolor=color, edgecolor=INK, linewidth=0.4, alpha=0.55)
    strip.set_ylim(0, max(1.05 * float(share.max()), 1e-9))
    strip.tick_params(labelbottom=False, bottom=False)
    strip.set_yticks([float(share.max())], [f"{share.max():.0%}"])
    strip.spines[["top", "right"]].set_visible(False)
