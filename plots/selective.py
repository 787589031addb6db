"""Risk–coverage curves: error rates of the most confident answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.ticker import FuncFormatter, MaxNLocator

import calibration
from calibration.metrics.risk_coverage import RiskCoverage
from calibration.predictions.scored_runs import WHAT_RUNS_HOLD, GivenRun, scored_run
from calibration.predictions.verdicts import Verdicts

from .figures import new_axes
from .theme import COLUMN, SERIES, shorten, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Dashes beside colours, for grey print.
_DASHES = ("solid", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (5, 1.5, 1.2, 1.5)))
# Below this coverage a curve depends on few answers and may leave the panel.
_STEADY = 0.05


def risk_coverage(
    curves: Sequence[RiskCoverage | GivenRun], *, labels: Sequence[str] | None = None, ax: Axes | None = None
) -> Axes:
    """Risk–coverage curves: error rate against the share of questions answered, the most confident first.

    Parameters
    ----------
    curves : sequence of RiskCoverage, Predictions, Pairs, or pair of arrays
        One a model: from `calibration.risk_coverage`, or runs, whose curves are then made; ``(confidence, correct)`` in
        place of one. Of weighted pairs there is no such curve.
    labels : sequence of str, optional
        Names of the models, for a legend with each AURC and AUGRC; if omitted, no legend.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure of column width if omitted.

    Returns
    -------
    matplotlib.axes.Axes
        One line a curve, which ends at the error rate of all answers; the point at its left end is the first answer, or
        all those of equal, highest confidence. The panel is as high as the curves beyond 5 % coverage: one wrong answer
        among the first can be a risk of 100 %.

    Raises
    ------
    ValueError
        For no curves or more than eight, or labels of another number.

    Examples
    --------
    >>> import calibration
    >>> ax = risk_coverage([calibration.risk_coverage([0.9, 0.8, 0.3], [1, 1, 0])], labels=["tiny"])
    >>> ax.get_ylabel()
    'Error rate of the answers given'
    """
    if not 1 <= len(curves) <= len(SERIES):
        raise ValueError(f"there must be 1 to {len(SERIES)} curves, got {len(curves)}")
    if labels is not None and len(labels) != len(curves):
        raise ValueError(f"there must be one label a curve: {len(curves)} curves, got {len(labels)} labels")
    drawn = [curve if isinstance(curve, RiskCoverage) else _curve(curve) for curve in curves]
    if ax is not None:
        return _draw(ax, drawn, labels)
    with style():
        ax = new_axes(COLUMN, COLUMN * 0.85)
        return _draw(ax, drawn, labels)


def _curve(data: GivenRun) -> RiskCoverage:
    run = scored_run(data)
    if isinstance(run, Verdicts):
        raise ValueError(f"a risk–coverage curve needs confidences; {WHAT_RUNS_HOLD[Verdicts]}")
    if run.weights is not None:
        raise ValueError("a risk–coverage curve has no form for weighted pairs: a few heavy ones would be its left end")
    return calibration.risk_coverage(run.confidence, run.correct)


def _draw(ax: Axes, curves: Sequence[RiskCoverage], labels: Sequence[str] | None) -> Axes:
    names = [""] * len(curves) if labels is None else [shorten(name, 22) for name in labels]
    for k, (curve, name) in enumerate(zip(curves, names, strict=True)):
        label = f"{name}: AURC {curve.aurc:.3f}, AUGRC {curve.augrc:.3f}"
        dashes = _DASHES[k % len(_DASHES)]
        ax.plot(curve.coverage, curve.risk, color=SERIES[k], linestyle=dashes, linewidth=1.3, label=label, zorder=2)
        ax.plot(curve.coverage[0], curve.risk[0], "o", color=SERIES[k], markersize=3, zorder=3, clip_on=False)
    ax.set(xlim=(0, 1), xlabel="Share of questions answered", ylabel="Error rate of the answers given")
    highest = max(float(curve.risk[curve.coverage >= _STEADY].max()) for curve in curves)
    ax.set_ylim(0, 1.1 * highest or 1.0)
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.4g}%"))
    if labels is not None:
        ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.01), borderaxespad=0, alignment="right")
    return ax
