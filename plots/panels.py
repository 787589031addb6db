"""Axes that plots draw on: a reader's own, or those of a new figure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .figures import ResultFigure
from .style_blocks import figure_width, font_points, in_block, scaled, style
from .theme import shorten
from .wrapping import wrapped

Size = tuple[float, float]

ABOVE = "above the axes"
"""Mark (gid) of a text above the axes, over which a title goes."""


@contextmanager
def one_panel(
    ax: Axes | None,
    *,
    width: float,
    height: Callable[[float], float],
    figsize: Size | None = None,
    title: str | None = None,
) -> Iterator[Axes]:
    """The axes to draw on: those given, or those of a figure.

    For a ``with`` block.

    Parameters
    ----------
    ax : matplotlib.axes.Axes or None
        What was given. On axes of one's own the settings stay as they are.
    width : float
        Of a new figure in a paper, in inches, unless something else was asked for.
    height : callable
        Its height in inches by its width.
    figsize : pair of float, optional
        Width and height in place of both.
    title : str, optional
        Drawn above all else when the block ends.

    Raises
    ------
    TypeError
        For axes that are none.
    ValueError
        For `figsize` beside axes of one's own, and for a size that is not two positive numbers.
    """
    if ax is not None:
        if not isinstance(ax, Axes):
            raise TypeError(f"ax must be Axes of matplotlib, got {type(ax).__name__}")
        if figsize is not None:
            raise ValueError("figsize is of a new figure, and ax has one; give one of them")
        _keep_fonts(ax)
        yield ax
        if title is not None:
            draw_titles([ax], [title])
        return
    with style():
        made = _new_figure(figsize, width, lambda wide: height(wide) + _title_height(title, wide)).subplots()
        yield made
        if title is not None:
            draw_titles([made], [title])


@contextmanager
def several_panels(
    axes: Iterable[Axes] | None,
    n_panels: int,
    *,
    width: float,
    height: Callable[[float, int, int], float],
    least: float,
    figsize: Size | None = None,
    title: str | None = None,
) -> Iterator[list[Axes]]:
    """Axes of several panels: those given, or those of a figure.

    For a ``with`` block.

    Parameters
    ----------
    axes : iterable of matplotlib.axes.Axes, or None
        What was given, one a panel.
    n_panels : int
        How many there must be.
    width : float
        Of a new figure in a paper, in inches, unless something else was asked for.
    height : callable
        Its height in inches by its width and the numbers of its rows and columns.
    least : float
        Narrowest panel in inches; more rows are made before panels are narrower.
    figsize : pair of float, optional
        Width and height in place of both.
    title : str, optional
        Of a new figure.

    Raises
    ------
    TypeError
        For axes that are none.
    ValueError
        For axes of another number, for `figsize` or `title` beside axes of one's own, and for a size that is not two
        positive numbers.
    """
    if axes is not None:
        if figsize is not None or title is not None:
            raise ValueError("figsize and title are of a new figure, and axes have one")
        yield _own_axes(axes, n_panels)
        return
    with style():
        wide = figure_width(width) if figsize is None else _checked(figsize)[0]
        n_columns = max(1, min(n_panels, int(wide / scaled(least) + 0.01)))
        n_rows = math.ceil(n_panels / n_columns)
        n_columns = math.ceil(n_panels / n_rows)
        figure = _new_figure(figsize, width, lambda wide: height(wide, n_rows, n_columns) + _title_height(title, wide))
        made = figure.subplots(n_rows, n_columns, squeeze=False).flatten().tolist()
        for spare in made[n_panels:]:
            spare.remove()
        yield made[:n_panels]
        if title is not None:
            size = font_points("axes.titlesize")
            figure.suptitle(wrapped(shorten(title, 200), figure.get_figwidth(), size), fontsize=size)


def whole_figure(axes: Sequence[Axes]) -> Figure:
    """The figure of some panels."""
    figure = axes[0].get_figure(root=True)
    assert figure is not None  # noqa: S101 (it was just drawn on)
    return figure


def draw_titles(axes: Sequence[Axes], titles: Sequence[str]) -> None:
    """Titles above what else is drawn above the axes."""
    whole_figure(axes).draw_without_rendering()  # only then is it known how high the texts above the axes are
    for ax, title in zip(axes, titles, strict=True):
        _draw_title(ax, title)


def _draw_title(ax: Axes, title: str) -> None:
    figure = whole_figure([ax])
    above = [*ax.child_axes, *(text for text in ax.texts if text.get_gid() == ABOVE)]
    legend = ax.get_legend()
    boxes = [artist.get_window_extent() for artist in ([*above, legend] if legend is not None else above)]
    heights = [box.y1 - ax.bbox.y1 for box in boxes if box.y1 > ax.bbox.y1]
    size = font_points("axes.titlesize")
    pad = max(heights, default=0.0) / figure.dpi * 72 + scaled(6)
    ax.set_title(wrapped(shorten(title, 120), room(ax) - scaled(0.5), size), pad=pad, fontsize=size)


def room(ax: Axes) -> float:
    """Inches that text above or below the axes may take.

    Their share of the figure.
    """
    figure = whole_figure([ax])
    spec = ax.get_subplotspec()
    if spec is None:
        return float(ax.bbox.width / figure.dpi)
    top = spec.get_topmost_subplotspec()
    return 0.97 * float(figure.get_figwidth()) / top.get_gridspec().ncols * len(top.colspan)


def _title_height(title: str | None, inches: float) -> float:
    """Inches that a title adds to the height of a figure."""
    if title is None:
        return 0.0
    size = font_points("axes.titlesize")
    return 1.35 * size / 72 * (1 + wrapped(shorten(title, 200), inches, size).count("\n"))


def _own_axes(axes: Iterable[Axes], n_panels: int) -> list[Axes]:
    own = [axes] if isinstance(axes, Axes) else list(getattr(axes, "flat", axes))
    wrong = next((ax for ax in own if not isinstance(ax, Axes)), None)
    if wrong is not None:
        raise TypeError(f"axes must be Axes of matplotlib, got {type(wrong).__name__} among them")
    if len(own) != n_panels:
        raise ValueError(f"axes must be one a panel: {n_panels} panels, got {len(own)} axes")
    for ax in own:
        _keep_fonts(ax)
    return own


def _checked(figsize: Size) -> Size:
    try:
        wide, high = (float(length) for length in figsize)
    except (TypeError, ValueError):
        wide = high = 0.0
    if not (0 < wide < math.inf and 0 < high < math.inf):
        raise ValueError(f"figsize must be width and height in inches, both above 0, got {figsize!r}")
    return wide, high


def _new_figure(figsize: Size | None, width: float, height: Callable[[float], float]) -> Figure:
    if figsize is None:
        wide = figure_width(width)
        figsize = wide, height(wide)
    return plt.figure(figsize=_checked(figsize), FigureClass=ResultFigure, layout="constrained")


def _keep_fonts(ax: Axes) -> None:
    """Give a plain figure this package's way to draw and save.

    So it is in a block of settings, and where TeX draws.
    """
    figure = whole_figure([ax])
    if (in_block() or mpl.rcParams["text.usetex"]) and type(figure) is Figure:
        figure.__class__ = ResultFigure
