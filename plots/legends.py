"""Legends beside the axes, in as few rows as fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from .panels import room
from .style_blocks import font_points, scaled
from .wrapping import text_width, wrapped

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.container import Container

# Width of the sign in front of an entry and of the spaces around it, in sizes of the font.
_SIGN = 5.0


def legend_above(ax: Axes, handles: Sequence[Artist]) -> None:
    """A legend above the axes, in as few rows as fit, these evenly filled."""
    size = font_points("legend.fontsize")
    entries = _entries(handles, room(ax), size)
    ax.legend(
        list(handles), entries, loc="lower right", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.3, handlelength=2.2,
        ncols=n_columns(entries, room(ax), size), columnspacing=1.2, frameon=False, fontsize=size,
    )  # fmt: skip


def legend_below(ax: Axes, handles: Sequence[Artist | Container], labels: Sequence[str] | None = None) -> None:
    """A legend under the label of the horizontal axis.

    It has room there whatever the size of the axes.
    """
    size = font_points("legend.fontsize")
    ticks, label = font_points("xtick.labelsize"), font_points("axes.labelsize")
    n_lines = ax.get_xlabel().count("\n") + 1
    # Ticks, their labels, the axis's own label, and the spaces between them, in points.
    depth = scaled(3.5 + 3.5 + 4) + 1.25 * ticks + n_lines * 1.3 * label + scaled(2)
    entries = _entries(handles, room(ax) - scaled(0.5), size, labels)
    ax.legend(
        list(handles), entries, loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=depth / size,
        handlelength=2.6, frameon=False, fontsize=size,
    )  # fmt: skip


def figure_legend(figure: Figure, handles: Sequence[Artist]) -> None:
    """A legend below all panels of a figure."""
    size = font_points("legend.fontsize")
    width = float(figure.get_figwidth())
    entries = _entries(handles, width, size)
    figure.legend(
        list(handles), entries, loc="outside lower center", ncols=n_columns(entries, width, size), fontsize=size,
        frameon=False, handlelength=2.2, columnspacing=1.2,
    )  # fmt: skip


def legend_height(entries: Sequence[str], inches: float) -> float:
    """Height in inches of a legend of a width with these entries.

    Examples
    --------
    >>> legend_height(["base", "sft"], 6.9) < legend_height(["a very long entry of a legend"] * 2, 3.3)
    True
    """
    size = font_points("legend.fontsize")
    lines = [wrapped(entry, inches - _SIGN * size / 72, size) for entry in entries]
    rows = -(-len(lines) // n_columns(lines, inches, size)) + sum(line.count("\n") for line in lines)
    return (1.55 * rows + 1) * size / 72


def n_columns(entries: Sequence[str], inches: float, size: float) -> int:
    """Columns of a legend, so that its rows are few and evenly filled.

    Examples
    --------
    >>> n_columns(["base", "sft", "rl"], 6.9, 7), n_columns(["a long name of a model"] * 3, 3.3, 7)
    (3, 2)
    """
    widest = max(text_width(line, size) for entry in entries for line in entry.split("\n")) + _SIGN * size / 72
    most = max(1, int(inches / widest))
    n_rows = -(-len(entries) // most)
    return -(-len(entries) // n_rows)


def _entries(
    handles: Sequence[Artist | Container], inches: float, size: float, labels: Sequence[str] | None = None
) -> list[str]:
    own = [str(handle.get_label()) for handle in handles] if labels is None else list(labels)
    return [wrapped(entry, inches - _SIGN * size / 72, size) for entry in own]
