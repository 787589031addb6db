"""Reliability diagrams of one run, or of several over each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from calibration import CalibrationBand, Predictions, ReliabilityCurve, calibration_band, null_ece, reliability_curve
from calibration.metrics.bins import Strategy, wanted_bins
from calibration.predictions.predictions import View
from calibration.predictions.scored_runs import WHAT_RUNS_HOLD, GivenRun, ScoredRun
from calibration.predictions.verdicts import Verdicts

from .diagram_parts import BAND, draw_band, draw_diagonal, draw_frame, draw_note, draw_shares
from .legends import legend_below
from .panels import ABOVE, Size, one_panel
from .series import own_name, runs_or, series_colors, series_names
from .style_blocks import COLUMN, scaled
from .theme import DASHES, INK, MARKERS

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

Kind = Literal["bars", "points", "lines"]

_X_LABEL = {
    "top": "Confidence in the predicted answer",
    "choices": "Probability of each answer, right or wrong",
}
# More curves over each other cannot be read.
_MOST = 5
_DRAWN = "runs, reliability curves, or pairs of arrays (confidence, correct)"
# Mark (gid) of what stands for a curve in a legend.
_CURVE = "reliability curve"


@dataclass(frozen=True, kw_only=True)
class Diagram:
    """What is drawn of a run: curve, axis, numbers, band."""

    curve: ReliabilityCurve
    axis: str
    numbers: tuple[str, ...]
    band: CalibrationBand | None = None


def reliability(
    data: ReliabilityCurve | GivenRun | Sequence[ReliabilityCurve | GivenRun] | Mapping[str, Any],
    *,
    view: View | None = None,
    bins: int | None = None,
    n_bins: int | None = None,
    strategy: Strategy = "uniform",
    kind: Kind | None = None,
    band: CalibrationBand | bool = False,
    label: str | Sequence[str] | None = None,
    colors: str | Sequence[str] | None = None,
    title: str | None = None,
    figsize: Size | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Reliability diagram: accuracy against confidence, the share of answers in each bin on top.

    Parameters
    ----------
    data : ReliabilityCurve, Predictions, Pairs, pair of arrays; a sequence or mapping of up to five
        A curve from `calibration.reliability_curve`, or a run, whose curve is then made with `view`, `bins` and
        `strategy`; ``(confidence, correct)`` in place of one. Several are drawn over each other.
    view : {"top", "choices"}, optional
        The predicted letters only, or every letter pooled (figure 8 of the GPT-4 report). If omitted, the former, as
        everywhere; the axis names it.
    bins, n_bins, strategy
        As in `calibration.reliability_curve`.
    kind : {"bars", "points", "lines"}, optional
        Bars over the bins, or points at each bin's mean confidence, with lines between them or without. If omitted,
        bars of one run, and lines of several.
    band : CalibrationBand or bool
        A smooth calibration curve with its band, drawn over the bins of one run: from `calibration.calibration_band`,
        or with True that of the run, of its predicted letters.
    label : str or sequence of str, optional
        Name of the run in a legend, or one a run. A diagram that is drawn on the axes of another has one always.
    colors : str or sequence of str, optional
        Of the run, or one a run.
    title : str, optional
        Above the diagram.
    figsize : pair of float, optional
        Of a new figure, in inches; a column's if omitted.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on, also those of another diagram; a new figure if omitted.

    Returns
    -------
    matplotlib.axes.Axes
        With the accuracy of each bin, its interval and the diagonal. Above stand the ECE, of a run also its noise floor
        (the 95 % quantile of a calibrated model's ECE) and the accuracy; of several runs they stand in the legend. The
        histogram is its first child axes.

    Raises
    ------
    TypeError
        For what is neither run nor curve.
    ValueError
        For a band without a run, or beside all letters pooled, or of several runs; more than five; labels or colours of
        another number.
    UndefinedMeasure
        For a band of too few wrong answers, or right ones.

    Examples
    --------
    >>> from calibration import reliability_curve
    >>> ax = reliability(reliability_curve([0.2, 0.7, 0.9], [0, 1, 1]))
    >>> ax.get_ylabel(), ax.texts[0].get_text()
    ('Accuracy', 'ECE 0.200')
    """
    if kind is not None and kind not in get_args(Kind):
        raise ValueError(f"kind must be one of {', '.join(map(repr, get_args(Kind)))}, got {kind!r}")
    given, keys = runs_or(data, (ReliabilityCurve,), drawn=_DRAWN)
    if len(given) > 1 and band is not False:
        raise ValueError(f"a band is drawn for one run, got {len(given)}; plots.before_after draws one for each")
    options: dict[str, Any] = {"view": view, "bins": wanted_bins(bins, n_bins), "strategy": strategy, "band": band}
    diagrams = [diagram_of(run, **options) for run in given]
    names = series_names(keys or [own_name(run) for run in given], label, limit=30, most=_MOST)
    n_entries = len(given) if len(given) > 1 or label is not None else int(band is not False)
    tall = 1.2 + 0.045 * n_entries + 0.05 * (n_entries > 0)
    with one_panel(ax, width=COLUMN, height=lambda width: tall * width, figsize=figsize, title=title) as panel:
        n_before = len(_handles(panel))
        chosen = series_colors(colors, len(given) if colors is not None else n_before + len(given))
        for index, (diagram, color) in enumerate(zip(diagrams, chosen[-len(given) :], strict=True)):
            order = n_before + index
            own = kind or ("lines" if order or len(given) > 1 else "bars")
            handle = draw_diagram(panel, diagram, kind=own, color=color, order=order)
            handle.set(gid=_CURVE, label=f"{names[index]}: {', '.join(diagram.numbers[:2])}")
        bands = [artist for artist in panel.collections if artist.get_gid() == BAND]
        if len(_handles(panel)) > 1 or label is not None:
            _clear_numbers(panel)
            legend_below(panel, [*_handles(panel), *bands])
        else:
            draw_note(panel, diagrams[0].numbers)
            if bands:
                legend_below(panel, bands)
    return panel


def diagram_of(
    run: ReliabilityCurve | ScoredRun,
    *,
    view: View | None,
    bins: int,
    strategy: Strategy,
    band: CalibrationBand | bool | None = None,
) -> Diagram:
    """What is drawn of a run or curve.

    Raises
    ------
    ValueError
        For a view that the run does not hold, and a band of a curve or of all letters pooled.
    UndefinedMeasure
        For a band of too few wrong answers, or right ones.
    """
    if band and view == "choices":
        raise ValueError("a band is of the curve of the predicted answers: draw it with view='top'")
    if isinstance(run, ReliabilityCurve):
        if band is True:
            raise ValueError("a band is that of a run; beside a curve give what calibration.calibration_band returns")
        return Diagram(curve=run, axis="Confidence", numbers=(f"ECE {run.ece:.3f}",), band=band or None)
    shown = view or "top"
    curve, axis = _curve(run, shown, bins, strategy)
    floor = null_ece(run, view=shown, bins=bins, strategy=strategy).quantile95
    name = f"{shown} ECE" if isinstance(run, Predictions) else "ECE"
    return Diagram(
        curve=curve,
        axis=axis,
        numbers=(f"{name} {curve.ece:.3f}", f"noise floor {floor:.3f}", f"accuracy {run.accuracy:.3f}"),
        band=calibration_band(run) if band is True else (band or None),
    )


def _curve(run: ScoredRun, view: View, bins: int, strategy: Strategy) -> tuple[ReliabilityCurve, str]:
    """The curve of a run, and what its confidence is of."""
    if isinstance(run, Predictions):
        confidence, correct, item = run.view(view)
        curve = reliability_curve(confidence, correct, bins=bins, strategy=strategy, item=item)
        return curve, _X_LABEL[view]
    if isinstance(run, Verdicts) or view == "choices":
        raise ValueError(f"a reliability diagram of the view {view!r} needs more; {WHAT_RUNS_HOLD[type(run)]}")
    return reliability_curve(run, bins=bins, strategy=strategy), "Confidence"


def draw_diagram(ax: Axes, diagram: Diagram, *, kind: Kind, color: str, order: int = 0) -> Artist:
    """Bars or points of a diagram; returns its entry in a legend.

    `order` is how many are on these axes already.
    """
    curve = diagram.curve
    filled = curve.count > 0
    x, y = curve.confidence[filled], curve.accuracy[filled]
    low, high = curve.low[filled], curve.high[filled]
    draw_diagonal(ax)
    handle: Artist
    if kind == "bars":
        width = (curve.upper - curve.lower)[filled]
        # Bins of one value have no width of their own.
        handle = ax.bar(
            curve.lower[filled], y, width=np.maximum(width, 0.006), align="edge",
            facecolor=color, edgecolor=INK, linewidth=scaled(0.6), alpha=0.55, zorder=2,
        )[0]  # fmt: skip
    else:
        (handle,) = ax.plot(
            x, y, MARKERS[order % len(MARKERS)], color=color, markeredgecolor=INK, markeredgewidth=scaled(0.4),
            markersize=scaled(4.5), linestyle=DASHES[order % len(DASHES)] if kind == "lines" else "none",
            linewidth=scaled(1.1), zorder=4, clip_on=False,
        )  # fmt: skip
    # Wilson's interval always holds the share; rounding must not turn its error bars around.
    errors = np.maximum([y - low, high - y], 0)
    ax.errorbar(
        x, y, yerr=errors, fmt="none", ecolor=color if kind == "lines" else INK, elinewidth=scaled(0.9),
        capsize=scaled(1.8), capthick=scaled(0.9), zorder=3, clip_on=False,
    )  # fmt: skip
    if diagram.band is not None:
        draw_band(ax, diagram.band)
    draw_frame(ax, diagram.axis)
    shares = curve.count / curve.count.sum() if curve.share is None else curve.share
    edges = np.append(curve.lower, curve.upper[-1])
    draw_shares(ax, edges, shares, color, dashes=DASHES[order % len(DASHES)] if kind == "lines" else None)
    return handle


def _handles(ax: Axes) -> list[Artist]:
    return [artist for artist in ax.get_children() if artist.get_gid() == _CURVE]


def _clear_numbers(ax: Axes) -> None:
    """Take the numbers above the axes away, which the legend has."""
    for text in [text for text in ax.texts if text.get_gid() == ABOVE]:
        text.remove()
