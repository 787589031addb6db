"""Bars of a rubric's classes, with several models side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from factuality.rubrics.class_rates import UNCLASSIFIED
from factuality.rubrics.classifications import Classifications

from .bars import GROUP, draw_bars, lies_down, lying_height, name_groups, series_handles, share_axis
from .legends import legend_above
from .panels import Size, one_panel, room
from .series import members, own_name, series_colors, series_names
from .style_blocks import PAGE

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def rubric_bars(
    classifications: Classifications | Sequence[Classifications] | Mapping[str, Classifications],
    *,
    labels: Sequence[str] | str | None = None,
    level: float = 0.95,
    colors: Sequence[str] | str | None = None,
    title: str | None = None,
    figsize: Size | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Share of answers in each class of a rubric, with models side by side.

    Parameters
    ----------
    classifications : Classifications, or sequence or mapping of them
        One a model, in the order of the bars, by one rubric.
    labels : sequence of str, optional
        Names of the models; those of the classifications if omitted.
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
        Shares of all answers with Wilson's intervals, classes in the rubric's order; last the answers
        that the judge could not classify, if there are any.

    Raises
    ------
    TypeError
        For anything but classifications.
    ValueError
        For none or more than eight, labels or colours of another number, or several rubrics.

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
    results, keys = members(classifications, (Classifications,), drawn="classifications by a rubric")
    names = series_names(keys or [own_name(result) for result in results], labels, limit=26)
    if len({result.rubric.hash for result in results}) > 1:
        raise ValueError("all answers must be sorted by one rubric, got several")
    tables = [result.rates(level=level).frame for result in results]
    chosen, n_classes = series_colors(colors, len(results)), tables[0].height

    def height(width: float) -> float:
        is_lying = lies_down(n_classes, len(results), width)
        return lying_height(n_classes, len(results)) if is_lying else max(0.5 * width, 0.34 * PAGE)

    with one_panel(ax, width=PAGE, height=height, figsize=figsize, title=title) as panel:
        _draw(panel, tables, names, chosen)
    return panel


def _draw(ax: Axes, tables: Sequence[pl.DataFrame], names: Sequence[str], colors: Sequence[str]) -> None:
    if not any(table.filter(pl.col("class") == UNCLASSIFIED)["share"].item() for table in tables):
        tables = [table.filter(pl.col("class") != UNCLASSIFIED) for table in tables]
    lying, width = lies_down(tables[0].height, len(tables), room(ax)), GROUP / len(tables)
    for k, table in enumerate(tables):
        drawn = [
            (float(position), {"share": row["share"], "share_low": row["low"], "share_high": row["high"]})
            for position, row in enumerate(table.iter_rows(named=True))
        ]
        draw_bars(ax, drawn, "share", (k - (len(tables) - 1) / 2) * width, width, colors[k], order=k, lying=lying)
    name_groups(ax, list(range(tables[0].height)), tables[0]["name"].to_list(), lying=lying)
    share_axis(ax, "Share of all answers", lying=lying)
    legend_above(ax, series_handles(names, colors))
