"""Bars of shares side by side, with their intervals, names and legend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from .panels import room
from .style_blocks import font_points, scaled
from .theme import GREY, HATCHES, INK, literal
from .wrapping import text_width

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

# Inches that a group of bars needs to be beside others, and each bar in it; narrower ones are drawn below each other.
_GROUP, _BAR = 0.36, 0.055
# Share of the figure that is beside the bars: ticks and label of the other axis.
_BESIDE = 0.75
# Widest share of a category that its bars take.
GROUP = 0.8


def lies_down(n_groups: int, n_series: int, inches: float) -> bool:
    """Whether groups of bars are too many to be beside each other."""
    return n_groups * scaled(max(_GROUP, _BAR * n_series)) > inches - scaled(_BESIDE)


def lying_height(n_groups: int, n_series: int) -> float:
    """Height in inches of a figure whose groups are drawn below each other."""
    return scaled(0.8 + n_groups * max(0.15, 0.05 * n_series + 0.03))


def draw_bars(
    ax: Axes,
    drawn: Sequence[tuple[float, dict[str, Any]]],
    key: str,
    shift: float,
    width: float,
    color: str,
    *,
    order: int = 0,
    lying: bool = False,
) -> None:
    """A series of bars with error bars from `KEY_low` to `KEY_high`.

    Each is at its position plus the shift. The pattern follows the order of the series.
    """
    position = np.array([position for position, _ in drawn]) + shift
    share, low, high = (np.array([row[name] for _, row in drawn]) for name in (key, f"{key}_low", f"{key}_high"))
    # The interval holds the share; rounding must not turn its error bars around.
    errors = np.maximum([share - low, high - share], 0)
    cap = min(scaled(1.8), 18 * width / max(1.0, position.max() - position.min()))
    looks: dict[str, Any] = {
        "facecolor": color,
        "hatch": HATCHES[order % len(HATCHES)],
        "edgecolor": INK,
        "linewidth": scaled(0.5),
        "zorder": 2,
    }
    lines: dict[str, Any] = {
        "fmt": "none",
        "ecolor": INK,
        "elinewidth": scaled(0.8),
        "capthick": scaled(0.8),
        "zorder": 3,
    }
    if lying:
        ax.barh(position, share, height=width, **looks)
        ax.errorbar(share, position, xerr=errors, capsize=cap, **lines)
    else:
        ax.bar(position, share, width=width, **looks)
        ax.errorbar(position, share, yerr=errors, capsize=cap, **lines)


def name_groups(ax: Axes, positions: Sequence[float], names: list[str], *, lying: bool = False) -> None:
    """Names of groups, under or beside their bars.

    Names that do not fit are slanted. Beside lying bars they go from top to bottom.
    """
    limit = 26 if room(ax) > scaled(4.5) else 20
    shown = [literal(name.replace("_", " "), limit) for name in names]
    if lying:
        ax.set_yticks(positions, shown)
        ax.tick_params(axis="y", length=0, labelsize=scaled(6))
        ax.set_ylim(positions[-1] + 0.6, positions[0] - 0.6)
        return
    ax.set_xticks(positions, shown)
    ax.tick_params(axis="x", length=0)
    widest = max(text_width(name, font_points("xtick.labelsize")) for name in shown)
    if 1.1 * widest * len(names) > room(ax) - scaled(_BESIDE):
        for label in ax.get_xticklabels():
            label.set(rotation=35, ha="right", rotation_mode="anchor")
    ax.set_xlim(positions[0] - 0.6, positions[-1] + 0.6)


def share_axis(ax: Axes, name: str, *, lying: bool = False) -> None:
    """The axis of shares in per cent, from 0 to 1."""
    axis = ax.xaxis if lying else ax.yaxis
    if lying:
        ax.set(xlim=(0, 1), xlabel=name)
    else:
        ax.set(ylim=(0, 1), ylabel=name)
    axis.set_ticks(np.arange(6) / 5)
    axis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.grid(axis="x" if lying else "y", color=GREY, linewidth=scaled(0.3), alpha=0.6)
    ax.set_axisbelow(True)


def series_handles(names: Sequence[str], colors: Sequence[str]) -> list[Artist]:
    """Entries of a legend: a colour and pattern a name, in order."""
    return [
        Patch(facecolor=color, hatch=HATCHES[order % len(HATCHES)], edgecolor=INK, linewidth=scaled(0.5), label=name)
        for order, (name, color) in enumerate(zip(names, colors, strict=True))
    ]
