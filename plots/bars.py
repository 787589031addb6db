"""Bars of shares side by side, with their intervals, names and legend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.patches import Patch

from .theme import GREY, INK, SERIES, literal

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

# Characters of names that fit side by side in an inch; more are slanted.
_FLAT = 15.5
# More groups than this are drawn below each other.
_MOST_BESIDE = 16
# Characters in a row of a legend.
_LEGEND = 105
# Widest share of a category that its bars take.
GROUP = 0.8


def lies_down(n_groups: int) -> bool:
    """Whether groups of bars are drawn below each other, as they are too many."""
    return n_groups > _MOST_BESIDE


def draw_bars(
    ax: Axes,
    drawn: Sequence[tuple[float, dict[str, Any]]],
    key: str,
    shift: float,
    width: float,
    color: str,
    *,
    lying: bool = False,
) -> None:
    """A series of bars with error bars from `KEY_low` to `KEY_high`.

    Each is at its position plus the shift.
    """
    position = np.array([position for position, _ in drawn]) + shift
    share, low, high = (np.array([row[name] for _, row in drawn]) for name in (key, f"{key}_low", f"{key}_high"))
    # The interval holds the share; rounding must not turn its error bars around.
    errors = np.maximum([share - low, high - share], 0)
    cap = min(1.8, 18 * width / max(1.0, position.max() - position.min()))
    looks: dict[str, Any] = {"facecolor": color, "edgecolor": INK, "linewidth": 0.5, "zorder": 2}
    lines: dict[str, Any] = {"fmt": "none", "ecolor": INK, "elinewidth": 0.8, "capthick": 0.8, "zorder": 3}
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
    shown = [literal(name.replace("_", " "), 26) for name in names]
    if lying:
        ax.set_yticks(positions, shown)
        ax.tick_params(axis="y", length=0, labelsize=6)
        ax.set_ylim(positions[-1] + 0.6, positions[0] - 0.6)
        return
    ax.set_xticks(positions, shown)
    ax.tick_params(axis="x", length=0)
    if max(map(len, names)) * len(names) > _FLAT * ax.bbox.width / ax.figure.dpi:
        for label in ax.get_xticklabels():
            label.set(rotation=35, ha="right", rotation_mode="anchor")
    ax.set_xlim(positions[0] - 0.6, positions[-1] + 0.6)


def share_axis(ax: Axes, name: str, *, lying: bool = False) -> None:
    """The axis of shares in per cent, from 0 to 1."""
    ticks = np.arange(6) / 5
    texts = [f"{tick:.0%}" for tick in ticks]
    if lying:
        ax.set(xlim=(0, 1), xlabel=name)
        ax.set_xticks(ticks, texts)
    else:
        ax.set(ylim=(0, 1), ylabel=name)
        ax.set_yticks(ticks, texts)
    ax.grid(axis="x" if lying else "y", color=GREY, linewidth=0.3, alpha=0.6)
    ax.set_axisbelow(True)


def series_handles(names: Sequence[str]) -> list[Artist]:
    """Entries of a legend: one colour a name, in the order of the series."""
    return [
        Patch(facecolor=color, edgecolor=INK, linewidth=0.5, label=name)
        for color, name in zip(SERIES, names, strict=False)
    ]


def draw_legend(ax: Axes, handles: list[Artist]) -> None:
    """A legend above the axes, in as few rows as fit."""
    # A row of the page holds so many characters; rows are filled evenly.
    room = sum(len(str(handle.get_label())) + 7 for handle in handles)
    columns = math.ceil(len(handles) / math.ceil(room / _LEGEND))
    ax.legend(handles=handles, loc="lower right", bbox_to_anchor=(1.0, 1.02), ncols=columns, borderaxespad=0)
