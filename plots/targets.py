"""Confidence targets: mean scores in which wrong answers cost points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from matplotlib.ticker import MaxNLocator

from factuality import Judgments
from factuality.confidence.targets import ConfidenceTargets, confidence_target_score

from .legends import legend_above
from .panels import Size, one_panel
from .series import members, own_name, series_colors, series_names
from .style_blocks import COLUMN, scaled
from .theme import DASHES, INK, MARKERS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_Scored = ConfidenceTargets | Judgments

# A score may fall without end as the target nears 1; the panel ends here.
_FLOOR = -1.0


def confidence_targets(
    results: _Scored | Sequence[_Scored] | Mapping[str, _Scored],
    *,
    labels: Sequence[str] | str | None = None,
    colors: Sequence[str] | str | None = None,
    title: str | None = None,
    figsize: Size | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Confidence-target scores of models against the target t, with intervals.

    Parameters
    ----------
    results : ConfidenceTargets or Judgments, or sequence or mapping of them
        One a model: from `factuality.confidence_target_score`, or judgments with confidences, whose scores are then
        made.
    labels : sequence of str, optional
        Names of the models; those of the results if omitted.
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
        One line a model over a band of its intervals, and a line at 0, the score of abstaining always.
        The panel ends at −1; scores below it leave it.

    Raises
    ------
    TypeError
        For anything else.
    ValueError
        For none or more than eight, and labels or colours of another number.

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
    drawn = "scores at confidence targets, or judgments"
    given, keys = members(results, (ConfidenceTargets, Judgments), drawn=drawn)
    names = series_names(keys or [own_name(result) for result in given], labels, limit=30)
    scores = [result if isinstance(result, ConfidenceTargets) else confidence_target_score(result) for result in given]
    chosen = series_colors(colors, len(scores))

    def height(width: float) -> float:
        return max(0.75 * width, scaled(0.7 * COLUMN)) + scaled(0.14 * len(scores))

    with one_panel(ax, width=COLUMN, height=height, figsize=figsize, title=title) as panel:
        _draw(panel, scores, names, chosen)
    return panel


def _draw(ax: Axes, results: Sequence[ConfidenceTargets], names: Sequence[str], colors: Sequence[str]) -> None:
    ax.axhline(0, color=INK, linewidth=scaled(0.6), zorder=1)
    lines, lowest, furthest = [], 0.0, 0.0
    for k, (result, name, color) in enumerate(zip(results, names, colors, strict=True)):
        table = result.frame.sort("target")
        target, score, low, high = (table[column].to_numpy() for column in ("target", "score", "low", "high"))
        ax.fill_between(target, low, high, color=color, alpha=0.15, linewidth=0, zorder=1)
        lines += ax.plot(
            target, score, color=color, linestyle=DASHES[k % len(DASHES)], marker=MARKERS[k], markersize=scaled(3),
            linewidth=scaled(1.2), label=name, zorder=2,
        )  # fmt: skip
        lowest, furthest = min(lowest, float(low.min())), max(furthest, float(target.max()))
    ax.set(xlabel="Confidence target t", ylabel="Mean score, wrong answers −t / (1 − t)")
    ax.set_xlim(0, min(1.0, max(furthest, 0.1) * 1.02))
    ax.set_ylim(max(lowest, _FLOOR) - 0.05, 1)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    legend_above(ax, lines)
