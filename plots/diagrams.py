"""Reliability diagrams: one run, or before and after side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from calibration import CalibrationBand, Predictions, ReliabilityCurve, calibration_band, null_ece, reliability_curve
from calibration.metrics.bins import Strategy, assign_bins, bin_edges, wanted_bins
from calibration.metrics.isotonic import IsotonicCurve
from calibration.predictions.predictions import View
from calibration.predictions.scored_runs import WHAT_RUNS_HOLD, GivenRun, ScoredRun, scored_run
from calibration.predictions.verdicts import Verdicts

from .figures import new_axes, new_figure
from .theme import BLUE, COLUMN, GREY, INK, PAGE, VERMILION, shorten, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Kind = Literal["bars", "points"]

_X_LABEL = {
    "top": "Confidence in the predicted answer",
    "choices": "Probability of each answer, right or wrong",
}
# Top of the histogram above the diagram, in heights of the diagram.
_HISTOGRAM_TOP = 0.16
LEGEND = -0.17
"""Middle of a legend below the diagram, in heights of the diagram."""
# So many confidences of an isotonic curve are drawn as points too.
_FEW = 25


def reliability(
    data: ReliabilityCurve | GivenRun,
    *,
    view: View | None = None,
    bins: int | None = None,
    n_bins: int | None = None,
    strategy: Strategy = "uniform",
    kind: Kind = "bars",
    band: CalibrationBand | bool = False,
    color: str = BLUE,
    ax: Axes | None = None,
) -> Axes:
    """Reliability diagram: accuracy against confidence, the share of answers in each bin on top.

    Parameters
    ----------
    data : ReliabilityCurve, Predictions, Pairs, or pair of arrays
        A curve from `calibration.reliability_curve`, or a run, whose curve is then made with `view`, `bins` and
        `strategy`; ``(confidence, correct)`` in place of one.
    view : {"choices", "top"}, optional
        Every letter pooled (figure 8 of the GPT-4 report), or the predicted letters only. If omitted, the former; of
        pairs, which have no other, and with a band, the latter.
    bins, n_bins, strategy
        As in `calibration.reliability_curve`.
    kind : {"bars", "points"}
        Bars over the bins, or points at each bin's mean confidence.
    band : CalibrationBand or bool
        A smooth calibration curve with its band, drawn over the bins: from `calibration.calibration_band`, or with True
        that of the run, of its predicted letters.
    color : str
        Of bars or points.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure of column width if omitted.

    Returns
    -------
    matplotlib.axes.Axes
        With the accuracy of each bin, its interval and the diagonal. The histogram is its first child axes.

    Raises
    ------
    ValueError
        For a band without a run, or beside all letters pooled.
    UndefinedMeasure
        For a band of too few wrong answers, or right ones.

    Examples
    --------
    >>> from calibration import reliability_curve
    >>> ax = reliability(reliability_curve([0.2, 0.7, 0.9], [0, 1, 1]))
    >>> ax.get_ylabel()
    'Accuracy'
    """
    if kind not in ("bars", "points"):
        raise ValueError(f"kind must be 'bars' or 'points', got {kind!r}")
    label, smooth = "Confidence", band if isinstance(band, CalibrationBand) else None
    if isinstance(data, ReliabilityCurve):
        curve = data
        if band is True:
            raise ValueError("a band is that of a run; beside a curve give what calibration.calibration_band returns")
    else:
        shown = view or ("top" if band else None)
        curve, label = _curve(data, shown, wanted_bins(bins, n_bins), strategy)
        if band is True:
            smooth = calibration_band(data)
        if smooth is not None:
            _refuse_band(shown)
    if ax is not None:
        return _draw(ax, curve, kind, color, label, smooth)
    with style():
        ax = new_axes(COLUMN, COLUMN * (1.12 if smooth is None else 1.2))
        return _draw(ax, curve, kind, color, label, smooth)


def isotonic_reliability(curve: IsotonicCurve, *, color: str = BLUE, ax: Axes | None = None) -> Axes:
    """CORP reliability diagram: isotonic accuracy against confidence, without bins, over its consistency band.

    Parameters
    ----------
    curve : IsotonicCurve
        From `calibration.isotonic_curve`.
    color : str
        Of the curve.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure of column width if omitted.

    Returns
    -------
    matplotlib.axes.Axes
        With the curve, the band in which a calibrated model's curve lies point by point, the diagonal, and the three
        parts of the squared error. The histogram, in tenths of confidence, is its first child axes.

    References
    ----------
    Dimitriadis, Gneiting and Jordan (2021), doi:10.1073/pnas.2016191118, figure 2.

    Examples
    --------
    >>> from calibration.metrics.isotonic import isotonic_curve
    >>> ax = isotonic_reliability(isotonic_curve([0.2, 0.4, 0.6, 0.8], [0, 1, 0, 1]))
    >>> ax.texts[0].get_text().splitlines()
    ['miscalibration 0.075', 'discrimination 0.125', 'uncertainty 0.250']
    """
    if ax is not None:
        return _draw_isotonic(ax, curve, color)
    with style():
        ax = new_axes(COLUMN, COLUMN * 1.12)
        return _draw_isotonic(ax, curve, color)


def before_after(
    before: GivenRun,
    after: GivenRun,
    *,
    view: View | None = None,
    labels: tuple[str, str] = ("Before", "After"),
    bins: int | None = None,
    n_bins: int | None = None,
    strategy: Strategy = "uniform",
    kind: Kind = "bars",
    band: tuple[CalibrationBand, CalibrationBand] | bool = False,
) -> Figure:
    """Two reliability diagrams side by side, for any two runs.

    Figure 8 of the GPT-4 technical report.

    Parameters
    ----------
    before, after : Predictions, Pairs, or pair of arrays
        The runs, such as a pretrained and a post-trained model; ``(confidence, correct)`` in place of one.
    view : {"choices", "top"}, optional
        Every letter pooled, as in the report, or the predicted letters only. If omitted, the former; of pairs, which
        have no other, the latter.
    labels : pair of str
        Titles of the panels.
    bins, n_bins, strategy, kind
        As in `reliability`.
    band : pair of CalibrationBand, or bool
        As in `reliability`, of each run.

    Returns
    -------
    matplotlib.figure.Figure
        Each panel with its ECE and the noise floor: the 95 % quantile of a calibrated model's ECE.

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
        figure = new_figure(PAGE, PAGE * 0.63)
        axes = figure.subplots(1, 2, sharex=True, sharey=True)
        number, shown = wanted_bins(bins, n_bins), view or ("top" if band else None)
        bands = band if isinstance(band, tuple) else _bands((before, after), wanted=band)
        if band is not False:
            _refuse_band(shown)
        panels = zip(axes, (before, after), labels, (BLUE, VERMILION), bands, strict=True)
        for ax, data, title, color, own in panels:
            run = scored_run(data)
            curve, label = _curve(run, shown, number, strategy)
            _draw(ax, curve, kind, color, label, own)
            floor = null_ece(run, view=_view(run, shown), bins=number, strategy=strategy)
            text = f"ECE {floor.observed:.3f}, noise floor {floor.quantile95:.3f}, accuracy {run.accuracy:.3f}"
            # Above the diagram, where it hides no bar.
            ax.text(0.5, 1.02 + _HISTOGRAM_TOP, text, transform=ax.transAxes, ha="center", va="bottom", fontsize=7)
            ax.set_title(shorten(title), y=1 + _HISTOGRAM_TOP, pad=18)
        axes[1].set_ylabel("")
    return figure


def _view(run: ScoredRun, view: View | None) -> View:
    """The view of a run that is drawn."""
    return view or ("choices" if isinstance(run, Predictions) else "top")


def _curve(data: GivenRun, view: View | None, bins: int, strategy: Strategy) -> tuple[ReliabilityCurve, str]:
    """The curve of a run, and what its confidence is of."""
    run = scored_run(data)
    chosen = _view(run, view)
    if isinstance(run, Predictions):
        confidence, correct, item = run.view(chosen)
        curve = reliability_curve(confidence, correct, bins=bins, strategy=strategy, item=item)
        return curve, _X_LABEL[chosen]
    if isinstance(run, Verdicts) or chosen == "choices":
        raise ValueError(f"a reliability diagram of the view {chosen!r} needs more; {WHAT_RUNS_HOLD[type(run)]}")
    return reliability_curve(run, bins=bins, strategy=strategy), "Confidence"


def _bands(runs: tuple[GivenRun, GivenRun], *, wanted: bool) -> tuple[CalibrationBand | None, CalibrationBand | None]:
    """Bands of two runs, if they are wanted."""
    return (calibration_band(runs[0]), calibration_band(runs[1])) if wanted else (None, None)


def _refuse_band(view: View | None) -> None:
    if view == "choices":
        raise ValueError("a band is of the curve of the predicted answers: draw it with view='top'")


def _draw(
    ax: Axes, curve: ReliabilityCurve, kind: Kind, color: str, label: str, band: CalibrationBand | None = None
) -> Axes:
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
    # Wilson's interval always holds the share; rounding must not turn its error bars around.
    errors = np.maximum([y - low, high - y], 0)
    ax.errorbar(
        x, y, yerr=errors, fmt="none", ecolor=INK, elinewidth=0.9, capsize=1.8, capthick=0.9, zorder=3, clip_on=False
    )
    if band is not None:
        _draw_band(ax, band)
    draw_frame(ax, label)
    shares = curve.count / curve.count.sum() if curve.share is None else curve.share
    draw_shares(ax, np.append(curve.lower, curve.upper[-1]), shares, color)
    return ax


def _draw_band(ax: Axes, band: CalibrationBand) -> None:
    """The smooth curve and its band, with edges that are seen without colours."""
    shade = ax.fill_between(band.confidence, band.low, band.high, color=GREY, alpha=0.35, linewidth=0, zorder=2.2)
    for end in (band.low, band.high):
        ax.plot(band.confidence, end, color=INK, linewidth=0.5, zorder=2.3)
    (line,) = ax.plot(band.confidence, band.accuracy, color=INK, linewidth=1.2, zorder=2.7)
    ax.legend(
        [(shade, line)], [f"{100 * band.level:g} % band of the curve"], loc="center",
        bbox_to_anchor=(0.5, LEGEND), borderaxespad=0,
    )  # fmt: skip


def _draw_isotonic(ax: Axes, curve: IsotonicCurve, color: str) -> Axes:
    ax.plot([0, 1], [0, 1], color=GREY, linestyle=(0, (4, 3)), linewidth=0.9, zorder=2.5)
    ax.fill_between(curve.confidence, curve.low, curve.high, color=GREY, alpha=0.3, linewidth=0, zorder=1)
    ax.plot(curve.confidence, curve.accuracy, color=color, linewidth=1.4, zorder=4, clip_on=False)
    if len(curve.confidence) <= _FEW:
        ax.vlines(curve.confidence, curve.low, curve.high, color=GREY, alpha=0.6, linewidth=2.5, zorder=2)
        ax.plot(
            curve.confidence, curve.accuracy, "o", color=color, markeredgecolor=INK, markeredgewidth=0.4,
            markersize=4.5, zorder=4, clip_on=False,
        )  # fmt: skip
    parts = [f"{name} {getattr(curve, name):.3f}" for name in ("miscalibration", "discrimination", "uncertainty")]
    ax.text(
        0.04, 0.965, "\n".join(parts), transform=ax.transAxes, va="top", linespacing=1.5,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 2}, zorder=5,
    )  # fmt: skip
    draw_frame(ax, "Confidence")
    edges = bin_edges(curve.confidence)
    count = np.bincount(assign_bins(curve.confidence, edges), weights=curve.count, minlength=len(edges) - 1)
    draw_shares(ax, edges, count / count.sum(), color)
    return ax


def draw_frame(ax: Axes, label: str) -> None:
    """Limits, ticks and labels of a square diagram."""
    ax.set(xlim=(0, 1), ylim=(0, 1), xlabel=label, ylabel="Accuracy", box_aspect=1)
    ax.set_xticks(np.arange(6) / 5)
    ax.set_yticks(np.arange(6) / 5)


def draw_shares(ax: Axes, edges: NDArray[np.float64], share: NDArray[np.float64], color: str) -> None:
    """The histogram on top: the share of all values in each bin."""
    histogram = ax.inset_axes((0, 1.03, 1, _HISTOGRAM_TOP - 0.03), sharex=ax)
    width = np.maximum(np.diff(edges), 0.006)
    histogram.bar(
        edges[:-1], share, width=width, align="edge", facecolor=color, edgecolor=INK, linewidth=0.4, alpha=0.55
    )
    histogram.set_ylim(0, max(1.05 * float(share.max()), 1e-9))
    histogram.tick_params(labelbottom=False, bottom=False)
    histogram.set_yticks([float(share.max())], [f"{share.max():.0%}"])
    histogram.spines[["top", "right"]].set_visible(False)
