"""Links from the bars of a reliability diagram to the items in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes._base import _AxesBase
    from matplotlib.figure import Figure

# Bins of the diagrams, all as wide.
_BINS = 10


def bin_address(run: int, index: int) -> str:
    """Address of the items in a bin, in the item browser of the page.

    Parameters
    ----------
    run : int
        Which run, from 0.
    index : int
        Which bin, from 0.

    Examples
    --------
    >>> bin_address(1, 9)
    '#items?bin=2-10'
    """
    return f"#items?bin={run + 1}-{index + 1}"


def with_links(draw: Callable[[], Figure]) -> Figure:
    """A drawing with a diagram a run, whose bars link to their items."""
    figure = draw()
    for run, ax in enumerate(figure.axes):
        for panel in (ax, *ax.child_axes):
            _link(panel, run)
    return figure


def _link(ax: _AxesBase, run: int) -> None:
    for container in ax.containers:
        for bar in getattr(container, "patches", ()):
            bar.set_url(bin_address(run, int((bar.get_x() + bar.get_width() / 2) * _BINS)))
