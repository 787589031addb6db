"""Bars of free answers: accuracy by category, and shares of every outcome."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from matplotlib.patches import Patch

from factuality import rates
from factuality.questions.question import category_label

from .bars import GROUP, draw_bars, draw_legend, lies_down, name_groups, series_handles, share_axis
from .figures import new_axes
from .model_names import model_names
from .theme import BLUE, GREY, INK, ORANGE, PAGE, SERIES, VERMILION, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from factuality import Judgments, Rates

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
    judgments: Sequence[Judgments],
    *,
    labels: Sequence[str] | None = None,
    adversarial: bool | None = None,
    level: float = 0.95,
    ax: Axes | None = None,
) -> Axes:
    """Accuracy by category, with several models side by side.

    Figure 6 of the GPT-4 technical report.

    Parameters
    ----------
    judgments : sequence of Judgments
        One a model, in the order of the bars.
    labels : sequence of str, optional
        Names of the models; those of the judgments if omitted.
    adversarial : bool, optional
        Whether to draw the adversarial questions, or the others; if omitted, the adversarial ones if there are any.
    level : float
        Coverage of the intervals.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure of page width if omitted.

    Returns
    -------
    matplotlib.axes.Axes
        Shares of all questions of a category that were answered correctly, with Wilson's intervals; categories in
        the order of the judgments, all of them together last. More than 16 categories are drawn below each other.

    Raises
    ------
    ValueError
        For no judgments or more than eight, labels of another number, or a model without such questions.

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
    names = model_names([judged.model for judged in judgments], labels, limit=26)
    shares = [rates(one, level=level) for one in judgments]
    if adversarial is None:
        adversarial = any(one.totals["adversarial"].any() for one in shares)
    if ax is not None:
        return _draw_bars(ax, shares, names, adversarial=adversarial)
    with style():
        n_categories = max(one.frame.filter(adversarial=adversarial).height for one in shares)
        tall = 0.8 + n_categories * max(0.15, 0.05 * len(shares) + 0.03)
        ax = new_axes(PAGE, tall if lies_down(n_categories) else 0.5 * PAGE)
        return _draw_bars(ax, shares, names, adversarial=adversarial)


def outcomes(judgments: Sequence[Judgments], *, labels: Sequence[str] | None = None, ax: Axes | None = None) -> Axes:
    """Outcomes of answers, one stacked bar a model.

    The outcomes are: correct, abstained, the common misconception, incorrect otherwise, ungraded.

    Parameters
    ----------
    judgments : sequence of Judgments
        One a model, from top to bottom.
    labels : sequence of str, optional
        Names of the models; those of the judgments if omitted.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure of page width if omitted.

    Returns
    -------
    matplotlib.axes.Axes
        One stacked bar a model, of the adversarial questions and, below, of the others if there are any.

    Raises
    ------
    ValueError
        For no judgments or more than eight, or labels of another number.

    Examples
    --------
    >>> from factuality import Question, Responses, grade
    >>> asked = [Question("sun", "science", "What colour is the Sun?", ("white",), ("yellow",))]
    >>> ax = outcomes([grade(Responses.from_texts({"sun": "I don't know."}, asked), grader="match")], labels=["after"])
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['after']
    """
    names = model_names([judged.model for judged in judgments], labels, limit=26)
    totals = [rates(one).totals for one in judgments]
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
    if ax is not None:
        return _draw_outcomes(ax, rows)
    n_titles = len({title for title, _, _ in rows})
    with style():
        ax = new_axes(PAGE, 0.75 + 0.24 * len(rows) + 0.26 * n_titles)
        return _draw_outcomes(ax, rows)


def _draw_bars(ax: Axes, shares: list[Rates], names: list[str], *, adversarial: bool) -> Axes:
    tables = [model_rates.frame.filter(pl.col("adversarial") == adversarial) for model_rates in shares]
    categories = list(dict.fromkeys(name for table in tables for name in table["category"]))
    lying = lies_down(len(categories))
    width = GROUP / len(shares)
    for k, (model_rates, table) in enumerate(zip(shares, tables, strict=True)):
        rows = {row["category"]: row for row in table.iter_rows(named=True)}
        # The bar of all categories is apart from the others.
        positions = {name: float(index) for index, name in enumerate(categories)} | {None: len(categories) + 0.4}
        drawn = [
            (positions[name], row)
            for name, row in ({**rows, None: model_rates.overall(adversarial=adversarial)}).items()
        ]
        draw_bars(ax, drawn, "correct", (k - (len(shares) - 1) / 2) * width, width, SERIES[k], lying=lying)
    line = ax.axhline if lying else ax.axvline
    line(len(categories) - 0.3, color=GREY, linewidth=0.5)
    name_groups(
        ax, [*np.arange(len(categories)), len(categories) + 0.4], [*map(category_label, categories), "all"], lying=lying
    )
    share_axis(ax, "Accuracy", lying=lying)
    draw_legend(ax, series_handles(names))
    return ax


def _draw_outcomes(ax: Axes, rows: list[tuple[str, str, dict[str, Any]]]) -> Axes:
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
            color, hatch = _OUTCOMES[name]
            ax.barh(
                position, share, left=left, height=0.78, facecolor=color, hatch=hatch, edgecolor=INK, linewidth=0.5,
                zorder=2,
            )  # fmt: skip
            if share >= _ROOM:
                ax.text(
                    left + share / 2, position, f"{share:.0%}", ha="center", va="center", fontsize=7, zorder=3,
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
    ax.set_xticks(np.arange(6) / 5, [f"{tick:.0%}" for tick in np.arange(6) / 5])
    ax.set_xlabel("Share of all questions")
    ax.spines["left"].set_visible(False)
    tempting = any(row["tempted"] or row["adversarial"] for _, _, row in rows)
    shown = {"tempted": tempting, "ungraded": any(row["ungraded"] for _, _, row in rows)}
    drawn = [name for name in _OUTCOMES if shown.get(name, True)]
    labels = _OUTCOME_LABELS if tempting else {"other incorrect": "incorrect"}
    draw_legend(
        ax,
        [
            Patch(
                facecolor=_OUTCOMES[name][0], hatch=_OUTCOMES[name][1], edgecolor=INK, linewidth=0.5,
                label=labels.get(name, name),
            )
            for name in drawn
        ],
    )  # fmt: skip
    return ax
