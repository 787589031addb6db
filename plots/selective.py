"""Risk–coverage curves: error rates of the most confident answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.ticker import MaxNLocator, PercentFormatter

import calibration
from calibration.metrics.risk_coverage import RiskCoverage
from calibration.predictions.scored_runs import WHAT_RUNS_HOLD, GivenRun, ScoredRun
from calibration.predictions.verdicts import Verdicts

from .legends import legend_above
from .panels import Size, one_panel
from .series import own_name, runs_or, series_colors, series_names
from .style_blocks import COLUMN, scaled
from .theme import DASHES, MARKERS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DRAWN = "runs, risk–coverage curves, or pairs of arrays (confidence, correct)"
# Below this coverage a curve depends on few answers and may leave the panel.
_STEADY = 0.05


def risk_coverage(
    curves: RiskCoverage | GivenRun | Sequence[RiskCoverage | GivenRun] | Mapping[str, Any],
    *,
    labels: Sequence[str] | str | None = None,
    colors: Sequence[str] | str | None = None,
    title: str | None = None,
    figsize: Size | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Risk–coverage curves: error rate against the share of questions answered, the most confident first.

    Parameters
    ----------
    curves : RiskCoverage, Predictions, Pairs, or pair of arrays; a sequence or mapping of them
        One a model: from `calibration.risk_coverage`, or runs, whose curves are then made; ``(confidence, correct)`` in
        place of one. Of weighted pairs there is no such curve.
    labels : sequence of str, optional
        Names of the models, in front of the AURC and AUGRC of each; if omitted, those of the runs.
    colors : sequence of str, optional
        One a model.
    title : str, optional
        Above the plot.
    figsize : pair of float, optional
        Of a new figure, in inches; a column's if omitted.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure if omitted.

    Returns
    -------
    matplotlib.axes.Axes
        One line a curve, which ends at the error rate of all answers; the point at its left end is the first answer, or
        all those of equal, highest confidence. The panel is as high as the curves beyond 5 % coverage: one wrong answer
        among the first can be a risk of 100 %.

    Raises
    ------
    TypeError
        For what is neither run nor curve.
    ValueError
        For none or more than eight, labels or colours of another number, and runs without such a curve.

    Examples
    --------
    >>> import calibration
    >>> ax = risk_coverage(calibration.risk_coverage([0.9, 0.8, 0.3], [1, 1, 0]), labels="tiny")
    >>> ax.get_ylabel()
    'Error rate of the answers given'
    """
    given, keys = runs_or(curves, (RiskCoverage,), drawn=_DRAWN)
    own = keys or [own_name(run) for run in given]
    names = series_names(own, labels, limit=22)
    drawn = [curve if isinstance(curve, RiskCoverage) else _curve(curve) for curve in given]
    chosen = series_colors(colors, len(drawn))

    def height(width: float) -> float:
        return max(0.75 * width, scaled(0.7 * COLUMN)) + scaled(0.14 * len(drawn))

    with one_panel(ax, width=COLUMN, height=height, figsize=figsize, title=title) as panel:
        # A single curve of a model without a name needs none.
        _draw(panel, drawn, names if labels is not None or len(drawn) > 1 or any(own) else [""], chosen)
    return panel


def _curve(run: ScoredRun) -> RiskCoverage:
    if isinstance(run, Verdicts):
        raise ValueError(f"a risk–coverage curve needs confidences; {WHAT_RUNS_HOLD[Verdicts]}")
    if run.weights is not None:
        raise ValueError("a risk–coverage curve has no form for weighted pairs: a few heavy ones would be its left end")
    return calibration.risk_coverage(run.confidence, run.correct)


def _draw(ax: Axes, curves: Sequence[RiskCoverage], names: Sequence[str], colors: Sequence[str]) -> None:
    lines = []
    for k, (curve, name, color) in enumerate(zip(curves, names, colors, strict=True)):
        numbers = f"AURC {curve.aurc:.3f}, AUGRC {curve.augrc:.3f}"
        lines += ax.plot(
            curve.coverage, curve.risk, color=color, linestyle=DASHES[k % len(DASHES)], linewidth=scaled(1.3),
            marker=MARKERS[k], markersize=scaled(3), markevery=(0.06 + 0.02 * k, 0.18),
            label=f"{name}: {numbers}" if name else numbers, zorder=2,
        )  # fmt: skip
        ax.plot(curve.coverage[0], curve.risk[0], "o", color=color, markersize=scaled(3), zorder=3, clip_on=False)
    ax.set(xlim=(0, 1), xlabel="Share of questions answered", ylabel="Error rate of the answers given")
    highest = max(float(curve.risk[curve.coverage >= _STEADY].max()) for curve in curves)
    ax.set_ylim(0, 1.1 * highest or 1.0)
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1))
    legend_above(ax, lines)
