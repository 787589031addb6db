"""Bars of free answers: accuracy by category, and shares of every outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from factuality import Judgments, rates
from factuality.questions.question import category_label

from .bars import GROUP, draw_bars, lies_down, lying_height, name_groups, series_handles, share_axis
from .legends import legend_above
from .panels import Size, one_panel, room
from .series import members, own_name, series_colors, series_names
from .style_blocks import PAGE, scaled
from .theme import BLUE, GREY, INK, ORANGE, VERMILION

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from factuality import Rates

# Outcomes of answers, in the order of the bars, with colour and pattern.
_OUTCOMES = {
    "correct": (BLUE, ""),
    "abstained": ("#D9D9D9", ""),
    "tempted": (VERMILION, ""),
    "other incorrect": (ORANGE, ""),
    "ungraded": ("white", "////"),
}
_OUTCOME_LABELS = {"tempted": "common misconception"}
# Shares below this have no room for their number.
_ROOM = 0.055


def factuality_bars(
    judgments: Judgments | Sequence[Judgments] | Mapping[str, Judgments],
    *,
    labels: Sequence[str] | str | None = None,
    adversarial: bool | None = None,
    level: float = 0.95,
    colors: Sequence[str] | str | None = None,
    title: str | None = None,
    figsize: Size | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Accuracy by category, with several models side by side.

    Figure 6 of the GPT-4 technical report.

    Parameters
    ----------
    judgments : Judgments, or sequence or mapping of them
        One a model or version, in the order of the bars.
    labels : sequence of str, optional
        Names of the models; those of the judgments if omitted.
    adversarial : bool, optional
        Whether to draw the adversarial questions, or the others; if omitted, the adversarial ones if there are any.
    level : float
        Coverage of the intervals.
    colors : sequence of str, optional
        One a model.
    title : str, optional
        Above the plot.
    figsize : pair of float, optional
        Of a new figure, in inches; as wide as the text if omitted.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure if omitted.

    Returns
    -------
    matplotlib.axes.Axes
        Shares of all questions of a category that were answered correctly, with Wilson's intervals; categories in
        the order of the judgments, all of them together last. Where they are too many for the width, they are drawn
        below each other.

    Raises
    ------
    TypeError
        For anything but judgments.
    ValueError
        For none or more than eight, labels or colours of another number, or a model without such questions.

    References
    ----------
    OpenAI (2023), "GPT-4 Technical Report", arXiv:2303.08774, figure 6.

    Examples
    --------
    >>> from factuality import Question, Responses, grade
    >>> asked = [Question("sun", "science", "What colour is the Sun?", ("white",), ("yellow",))]
    >>> sides = [grade(Responses.from_texts({"sun": text}, asked), grader="match") for text in ("Yellow.", "White.")]
    >>> ax = factuality_bars(sides, labels=("before", "after"))
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['science', 'all']
    """
    judged, names = _judged(judgments, labels)
    chosen = series_colors(colors, len(judged))
    shares = [rates(answers, level=level) for answers in judged]
    asked = any(share.totals["adversarial"].any() for share in shares) if adversarial is None else adversarial
    n_groups = 1 + max(share.frame.filter(adversarial=asked).height for share in shares)

    def height(width: float) -> float:
        is_lying = lies_down(n_groups, len(shares), width)
        return lying_height(n_groups, len(shares)) if is_lying else max(0.5 * width, 0.34 * PAGE)

    with one_panel(ax, width=PAGE, height=height, figsize=figsize, title=title) as panel:
        _draw_bars(panel, shares, names, chosen, adversarial=asked)
    return panel


def outcomes(
    judgments: Judgments | Sequence[Judgments] | Mapping[str, Judgments],
    *,
    labels: Sequence[str] | str | None = None,
    colors: Sequence[str] | None = None,
    title: str | None = None,
    figsize: Size | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Outcomes of answers, one stacked bar a model.

    The outcomes are: correct, abstained, the common misconception, incorrect otherwise, ungraded.

    Parameters
    ----------
    judgments : Judgments, or sequence or mapping of them
        One a model, from top to bottom.
    labels : sequence of str, optional
        Names of the models; those of the judgments if omitted.
    colors : sequence of str, optional
        Of the five outcomes, in this order.
    title : str, optional
        Above the plot.
    figsize : pair of float, optional
        Of a new figure, in inches; as wide as the text if omitted.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure if omitted.

    Returns
    -------
    matplotlib.axes.Axes
        One stacked bar a model, of the adversarial questions and, below, of the others if there are any.

    Raises
    ------
    TypeError
        For anything but judgments.
    ValueError
        For none or more than eight, and labels or colours of another number.

    Examples
    --------
    >>> from factuality import Question, Responses, grade
    >>> asked = [Question("sun", "science", "What colour is the Sun?", ("white",), ("yellow",))]
    >>> ax = outcomes([grade(Responses.from_texts({"sun": "I don't know."}, asked), grader="match")], labels=["after"])
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['after']
    """
    judged, names = _judged(judgments, labels)
    own = dict(zip(_OUTCOMES, [color for color, _ in _OUTCOMES.values()], strict=True))
    chosen = own if colors is None else dict(zip(_OUTCOMES, series_colors(colors, len(_OUTCOMES)), strict=True))
    totals = [rates(answers).totals for answers in judged]
    controls = any(table["adversarial"].any() for table in totals)
    rows = [
        (title, name, row)
        for adversarial, title in (
            (True, "adversarial questions"),
            (False, "control questions" if controls else "questions"),
        )
        for name, table in zip(names, totals, strict=True)
        for row in table.filter(adversarial=adversarial).iter_rows(named=True)
    ]
    n_groups = len({group for group, _, _ in rows})

    def height(width: float) -> float:
        return scaled(0.75 + 0.24 * len(rows) + 0.26 * n_groups + (0.3 if width < scaled(4.5) else 0))

    with one_panel(ax, width=PAGE, height=height, figsize=figsize, title=title) as panel:
        _draw_outcomes(panel, rows, chosen)
    return panel


def _judged(
    judgments: Judgments | Sequence[Judgments] | Mapping[str, Judgments], labels: Sequence[str] | str | None
) -> tuple[list[Judgments], list[str]]:
    """Judgments and the names of their models."""
    judged, keys = members(judgments, (Judgments,), drawn="judgments, as factuality.grade makes them")
    return judged, series_names(keys or [own_name(answers) for answers in judged], labels, limit=26)


def _draw_bars(ax: Axes, shares: list[Rates], names: list[str], colors: list[str], *, adversarial: bool) -> None:
    tables = [model_rates.frame.filter(pl.col("adversarial") == adversarial) for model_rates in shares]
    categories = list(dict.fromkeys(name for table in tables for name in table["category"]))
    lying = lies_down(len(categories) + 1, len(shares), room(ax))
    width = GROUP / len(shares)
    for k, (model_rates, table) in enumerate(zip(shares, tables, strict=True)):
        rows = {row["category"]: row for row in table.iter_rows(named=True)}
        # The bar of all categories is apart from the others.
        positions = {name: float(index) for index, name in enumerate(categories)} | {None: len(categories) + 0.4}
        drawn = [
            (positions[name], row)
            for name, row in ({**rows, None: model_rates.overall(adversarial=adversarial)}).items()
        ]
        draw_bars(ax, drawn, "correct", (k - (len(shares) - 1) / 2) * width, width, colors[k], order=k, lying=lying)
    line = ax.axhline if lying else ax.axvline
    line(len(categories) - 0.3, color=GREY, linewidth=scaled(0.5))
    name_groups(
        ax, [*np.arange(len(categories)), len(categories) + 0.4], [*map(category_label, categories), "all"], lying=lying
    )
    share_axis(ax, "Accuracy", lying=lying)
    legend_above(ax, series_handles(names, colors))


def _draw_outcomes(ax: Axes, rows: list[tuple[str, str, dict[str, Any]]], colors: dict[str, str]) -> None:
    position, positions, title = 0.0, [], ""
    sizes = {group: {row["n"] for other, _, row in rows if other == group} for group, _, _ in rows}
    for group, _, row in rows:
        if group != title:
            size = f" ({row['n']})" if len(sizes[group]) == 1 else ""
            ax.text(
                0, position + 0.35, group + size, transform=ax.get_yaxis_transform(), fontweight="bold", va="bottom"
            )
            position, title = position + 1, group
        parts = {
            "correct": row["correct"],
            "abstained": row["abstained"],
            "tempted": row["tempted"],
            "other incorrect": row["incorrect"] - row["tempted"],
            "ungraded": row["ungraded"],
        }
        left = 0.0
        for name, share in parts.items():
            color, hatch = colors[name], _OUTCOMES[name][1]
            ax.barh(
                position, share, left=left, height=0.78, facecolor=color, hatch=hatch, edgecolor=INK,
                linewidth=scaled(0.5), zorder=2,
            )  # fmt: skip
            if share >= (_ROOM if room(ax) > scaled(4.5) else 2 * _ROOM):
                ax.text(
                    left + share / 2, position, f"{share:.0%}", ha="center", va="center", fontsize=scaled(7), zorder=3,
                    color="white" if name in ("correct", "tempted") else INK,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 1} if hatch else None,
                )  # fmt: skip
            left += share
        positions.append(position)
        position += 1
    ax.set_yticks(positions, [name if len(sizes[group]) == 1 else f"{name} ({row['n']})" for group, name, row in rows])
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(position - 0.4, -0.1)
    ax.set_xlim(0, 1)
    ax.set_xticks(np.arange(6) / 5)
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_xlabel("Share of all questions")
    ax.spines["left"].set_visible(False)
    tempting = any(row["tempted"] or row["adversarial"] for _, _, row in rows)
    shown = {"tempted": tempting, "ungraded": any(row["ungraded"] for _, _, row in rows)}
    drawn = [name for name in _OUTCOMES if shown.get(name, True)]
    labels = _OUTCOME_LABELS if tempting else {"other incorrect": "incorrect"}
    legend_above(
        ax,
        [
            Patch(
                facecolor=colors[name], hatch=_OUTCOMES[name][1], edgecolor=INK, linewidth=scaled(0.5),
                label=labels.get(name, name),
            )
            for name in drawn
        ],
    )  # fmt: skip
