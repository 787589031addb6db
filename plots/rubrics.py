"""Bars of a rubric's classes, with several models side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from factuality.rubrics.class_rates import UNCLASSIFIED

from .bars import GROUP, draw_bars, draw_legend, lies_down, name_groups, series_handles, share_axis
from .figures import new_axes
from .model_names import model_names
from .theme import PAGE, SERIES, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from factuality.rubrics.classifications import Classifications


def rubric_bars(
    classifications: Sequence[Classifications],
    *,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    ax: Axes | None = None,
) -> Axes:
    """Share of answers in each class of a rubric, with models side by side.

    Parameters
    ----------
    classifications : sequence of Classifications
        One a model, in the order of the bars, by one rubric.
    labels : sequence of str, optional
        Names of the models; those of the classifications if omitted.
    level : float
        Coverage of the intervals.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure of page width if omitted.

    Returns
    -------
    matplotlib.axes.Axes
        Shares of all answers with Wilson's intervals, classes in the rubric's order; last the answers
        that the judge could not classify, if there are any.

    Raises
    ------
    ValueError
        For no classifications or more than eight, labels of another number, or several rubrics.

    References
    ----------
    OpenAI (2023), "GPT-4 Technical Report", arXiv:2303.08774, appendix F (a rubric of refusals, read by a model).

    Examples
    --------
    >>> from factuality import load_rubric, read_classifications
    >>> rubric = load_rubric("refusals.toml")  # doctest: +SKIP
    >>> sides = [read_classifications(f"runs/{name}", rubric, judge="j") for name in ("a", "b")]  # doctest: +SKIP
    >>> ax = rubric_bars(sides, labels=("before", "after"))  # doctest: +SKIP
    """
    names = model_names([result.model for result in classifications], labels, limit=26)
    if len({one.rubric.hash for one in classifications}) > 1:
        raise ValueError("all answers must be sorted by one rubric, got several")
    tables = [one.rates(level=level).frame for one in classifications]
    if ax is not None:
        return _draw(ax, tables, names)
    height = 0.5 * PAGE if not lies_down(tables[0].height) else 0.28 * tables[0].height + 0.8
    with style():
        ax = new_axes(PAGE, height)
        return _draw(ax, tables, names)


def _draw(ax: Axes, tables: Sequence[pl.DataFrame], names: Sequence[str]) -> Axes:
    if not any(table.filter(pl.col("class") == UNCLASSIFIED)["share"].item() for table in tables):
        tables = [table.filter(pl.col("class") != UNCLASSIFIED) for table in tables]
    lying, width = lies_down(tables[0].height), GROUP / len(tables)
    for k, table in enumerate(tables):
        drawn = [
            (float(position), {"share": row["share"], "share_low": row["low"], "share_high": row["high"]})
            for position, row in enumerate(table.iter_rows(named=True))
        ]
        draw_bars(ax, drawn, "share", (k - (len(tables) - 1) / 2) * width, width, SERIES[k], lying=lying)
    name_groups(ax, list(range(tables[0].height)), tables[0]["name"].to_list(), lying=lying)
    share_axis(ax, "Share of all answers", lying=lying)
    draw_legend(ax, series_handles(names))
    return ax
