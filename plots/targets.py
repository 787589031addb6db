"""Confidence targets: mean scores in which wrong answers cost points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.ticker import MaxNLocator

from .figures import new_axes
from .model_names import model_names
from .theme import COLUMN, INK, SERIES, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from factuality.confidence.targets import ConfidenceTargets

# Markers and dashes beside colours, for grey print.
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_DASHES = ("solid", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (5, 1.5, 1.2, 1.5)))
# A score may fall without end as the target nears 1; the panel ends here.
_FLOOR = -1.0


def confidence_targets(
    results: Sequence[ConfidenceTargets], *, labels: Sequence[str] | None = None, ax: Axes | None = None
) -> Axes:
    """Confidence-target scores of models against the target t, with intervals.

    Parameters
    ----------
    results : sequence of ConfidenceTargets
        From `factuality.confidence_target_score`, one a model.
    labels : sequence of str, optional
        Names of the models; those of the results if omitted.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure of column width if omitted.

    Returns
    -------
    matplotlib.axes.Axes
        One line a model over a band of its intervals, and a line at 0, the score of abstaining always.
        The panel ends at −1; scores below it leave it.

    Raises
    ------
    ValueError
        For no results or more than eight, or labels of another number.

    References
    ----------
    Kalai, Nachum, Vempala and Zhang (2025), "Why language models hallucinate", arXiv:2509.04664.

    Examples
    --------
    >>> from factuality import Question, Responses, grade
    >>> from factuality.confidence.targets import confidence_target_score
    >>> asked = [Question("sun", "science", "What colour is the Sun?", ("white",), ("yellow",))]
    >>> judgments = grade(Responses.from_texts({"sun": "Yellow."}, asked), grader="match")
    >>> ax = confidence_targets([confidence_target_score(judgments, targets=(0, 0.5), by="prompt")], labels=["after"])
    >>> ax.lines[-1].get_ydata().tolist()
    [0.0, -1.0]
    """
    names = model_names([result.model for result in results], labels, limit=36 // _columns(len(results)))
    if ax is not None:
        return _draw(ax, results, names)
    with style():
        # The names of the models are above the panel.
        ax = new_axes(COLUMN, COLUMN * 0.75 + 0.16 * math.ceil(len(names) / _columns(len(names))))
        return _draw(ax, results, names)


def _columns(n_names: int) -> int:
    return 1 if n_names < 3 else 2


def _draw(ax: Axes, results: Sequence[ConfidenceTargets], names: Sequence[str]) -> Axes:
    ax.axhline(0, color=INK, linewidth=0.6, zorder=1)
    lowest, furthest = 0.0, 0.0
    for k, (result, name) in enumerate(zip(results, names, strict=True)):
        table = result.frame.sort("target")
        target, score, low, high = (table[column].to_numpy() for column in ("target", "score", "low", "high"))
        ax.fill_between(target, low, high, color=SERIES[k], alpha=0.15, linewidth=0, zorder=1)
        ax.plot(
            target, score, color=SERIES[k], linestyle=_DASHES[k % len(_DASHES)], marker=_MARKERS[k], markersize=3,
            linewidth=1.2, label=name, zorder=2,
        )  # fmt: skip
        lowest, furthest = min(lowest, float(low.min())), max(furthest, float(target.max()))
    ax.set(xlabel="Confidence target t", ylabel="Mean score, wrong answers −t / (1 − t)")
    ax.set_xlim(0, min(1.0, max(furthest, 0.1) * 1.02))
    ax.set_ylim(max(lowest, _FLOOR) - 0.05, 1)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.01), borderaxespad=0, ncols=_columns(len(names)))
    return ax
