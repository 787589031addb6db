"""Two recorded runs that diagrams are drawn from, and what is read off them."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.axes._base import _AxesBase
from matplotlib.container import BarContainer


def bars(ax: _AxesBase) -> BarContainer:
    """The bars of a diagram."""
    return next(found for found in ax.containers if isinstance(found, BarContainer))


def legend_of(ax: Axes) -> list[str]:
    """Texts of a legend."""
    legend = ax.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]
