"""What figures are made of, and what a reader sees at once: colliding texts, and texts that the page cuts."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from numpy.typing import NDArray


def x_of(line: Line2D) -> NDArray[np.float64]:
    """Where a line's points stand."""
    return np.array(line.get_xdata(), dtype=np.float64)


def y_of(line: Line2D) -> NDArray[np.float64]:
    """How high a line's points stand."""
    return np.array(line.get_ydata(), dtype=np.float64)


def dots(ax: Axes, marker: str = "o") -> list[Line2D]:
    """The points of a panel, each drawn on its own."""
    return [line for line in ax.lines if line.get_marker() == marker]


def ends(ax: Axes) -> set[tuple[float, ...]]:
    """Where the horizontal lines of a panel begin and end."""
    return {tuple(x_of(line).round(9).tolist()) for line in ax.lines}


def assert_nothing_collides(figure: Figure) -> None:
    """Every text lies on the page, and no two of them overlap."""
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    axes = [ax for ax in figure.findobj(Axes) if isinstance(ax, Axes)]
    hidden, shown = set(), set()
    for axis in (axis for ax in axes for axis in (ax.xaxis, ax.yaxis)):
        hidden |= {label for tick in (*axis.majorTicks, *axis.minorTicks) for label in (tick.label1, tick.label2)}
        if axis.axes.axison:
            # Ticks beyond the limits exist but are not drawn.
            shown |= {label for tick in axis._update_ticks() for label in (tick.label1, tick.label2)}  # type: ignore[union-attr]
    seen: dict[Text, Bbox] = {}
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        if text.get_text().strip() and text.get_visible() and (text in shown or text not in hidden):
            seen[text] = text.get_window_extent(renderer)
    page = figure.bbox
    for text, box in seen.items():
        inside = box.x0 >= page.x0 - 1 and box.x1 <= page.x1 + 1 and box.y0 >= page.y0 - 1 and box.y1 <= page.y1 + 1
        assert inside, f"{text.get_text()!r} leaves the page: {box} in {page}"
    for (first, one), (second, other) in combinations(seen.items(), 2):
        if first.get_rotation() % 90 or second.get_rotation() % 90:
            continue  # the box around a slanted text is larger than the text
        width = min(one.x1, other.x1) - max(one.x0, other.x0)
        height = min(one.y1, other.y1) - max(one.y0, other.y0)
        # Boxes hold ascenders and descenders that few letters have.
        assert width <= 1 or height <= 0.2 * min(one.height, other.height), (
            f"{first.get_text()!r} and {second.get_text()!r} overlap"
        )
