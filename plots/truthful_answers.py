"""Truthful answers, and those among them that inform: InstructGPT's chart for several versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.patches import Patch

from factuality import Judgments, rates

from .bars import draw_bars, lies_down, lying_height, name_groups, share_axis
from .legends import legend_above
from .panels import Size, one_panel, room
from .series import members, own_name, series_colors, series_names
from .style_blocks import PAGE, scaled
from .theme import BLUE, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PALE = "#D9D9D9"
# Share of a model's room that its bars take, and by how much the inner bar is narrower.
_WIDTH, _INNER = 0.62, 0.6


def truthful_bars(
    judgments: Judgments | Sequence[Judgments] | Mapping[str, Judgments],
    *,
    labels: Sequence[str] | str | None = None,
    adversarial: bool | None = None,
    level: float = 0.95,
    colors: str | None = None,
    title: str | None = None,
    figsize: Size | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Shares of truthful answers, and of truthful and informative ones.

    Figure 6 of the InstructGPT paper.

    Parameters
    ----------
    judgments : Judgments, or sequence or mapping of them
        One a model or version, from left to right.
    labels : sequence of str, optional
        Names of the models; those of the judgments if omitted.
    adversarial : bool, optional
        Whether to draw the adversarial questions, or the others; if omitted, the adversarial ones if there are any.
    level : float
        Coverage of the intervals.
    colors : str, optional
        Of the informing answers.
    title : str, optional
        Above the plot.
    figsize : pair of float, optional
        Of a new figure, in inches; half of the text if omitted.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure if omitted.

    Returns
    -------
    matplotlib.axes.Axes
        Grey bars: all answers but the incorrect ones, so that abstaining counts as truthful; within them coloured
        bars: correct answers. Both with Wilson's intervals. Models that are too many for the width are drawn below each
        other.

    Raises
    ------
    TypeError
        For anything but judgments.
    ValueError
        For none, labels of another number, or a model without such questions.

    References
    ----------
    Ouyang et al. (2022), "Training language models to follow instructions with human feedback", arXiv:2203.02155,
    figure 6 (TruthfulQA).

    Examples
    --------
    >>> from factuality import Question, Responses, grade
    >>> asked = [Question(name, "science", "What colour is the Sun?", ("white",), ("yellow",)) for name in "ab"]
    >>> graded = grade(Responses.from_texts({"a": "White.", "b": "I don't know."}, asked), grader="match")
    >>> ax = truthful_bars(graded, labels="after")
    >>> [float(bar.get_height()) for bar in ax.patches]
    [1.0, 0.5]
    """
    judged, keys = members(judgments, (Judgments,), drawn="judgments, as factuality.grade makes them")
    names = series_names(keys or [own_name(answers) for answers in judged], labels, limit=26, most=None)
    (color,) = series_colors(colors or BLUE, 1)
    rows = [rates(answers, level=level).overall(adversarial=adversarial) for answers in judged]

    def height(width: float) -> float:
        return lying_height(len(rows), 2) if lies_down(len(rows), 2, width) else max(0.6 * width, 0.34 * PAGE)

    with one_panel(ax, width=0.5 * PAGE, height=height, figsize=figsize, title=title) as panel:
        _draw(panel, rows, names, color)
    return panel


def _draw(ax: Axes, rows: Sequence[dict[str, Any]], names: list[str], color: str) -> None:
    lying = lies_down(len(rows), 2, room(ax))
    drawn = [(float(position), row | _truthful(row)) for position, row in enumerate(rows)]
    draw_bars(ax, drawn, "truthful", 0, _WIDTH, _PALE, lying=lying)
    # The bars lie in each other, their error bars beside each other.
    draw_bars(ax, drawn, "correct", 0.16 * _WIDTH, _INNER * _WIDTH, color, lying=lying)
    name_groups(ax, list(np.arange(len(rows), dtype=float)), names, lying=lying)
    share_axis(ax, "Share of all answers", lying=lying)
    look: dict[str, Any] = {"edgecolor": INK, "linewidth": scaled(0.5)}
    legend_above(
        ax,
        [
            Patch(facecolor=_PALE, **look, label="truthful: no falsehood"),
            Patch(facecolor=color, **look, label="truthful and informative: correct"),
        ],
    )


def _truthful(row: Mapping[str, Any]) -> dict[str, float]:
    """The share of answers that are not incorrect.

    Its interval is that of the incorrect ones turned around.
    """
    return {
        "truthful": 1 - row["incorrect"],
        "truthful_low": 1 - row["incorrect_high"],
        "truthful_high": 1 - row["incorrect_low"],
    }
