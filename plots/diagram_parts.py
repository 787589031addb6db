"""Parts of reliability diagrams: frame, histogram, band, and what is written around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from calibration import CalibrationBand

from .panels import ABOVE, room
from .style_blocks import font_points, scaled
from .theme import GREY, INK
from .wrapping import listed, wrapped

if TYPE_CHECKING:
    from matplotlib.artist import Artist

# Top of the histogram above the diagram, in heights of the diagram, and the space between the two.
_HISTOGRAM_TOP, _SPACE = 0.16, 0.03
_HISTOGRAM = "histogram"
BAND = "band"
"""Mark (gid) of a band, which stands for it in a legend."""


def draw_diagonal(ax: Axes) -> None:
    """The line of perfect calibration, drawn once."""
    if not any(line.get_gid() == "diagonal" for line in ax.lines):
        ax.plot([0, 1], [0, 1], color=GREY, linestyle=(0, (4, 3)), linewidth=scaled(0.9), zorder=2.5, gid="diagonal")


def draw_frame(ax: Axes, label: str) -> None:
    """Limits, ticks and labels of a square diagram."""
    ax.set(xlim=(0, 1), ylim=(0, 1), ylabel="Accuracy", box_aspect=1)
    size = font_points("axes.labelsize")
    # Names and labels begin beside the axes; the square is narrower than its panel by them.
    ax.set_xlabel(wrapped(label, 0.95 * room(ax) - scaled(0.45), size))
    ticks = np.arange(6) / 5 if room(ax) > scaled(1.8) else np.array([0, 0.5, 1])
    ax.set_xticks(ticks)
    ax.set_yticks(ticks)


def draw_shares(
    ax: Axes, edges: NDArray[np.float64], share: NDArray[np.float64], color: str, *, dashes: Any = None
) -> None:
    """The histogram on top: the share of all values in each bin.

    Bars, or an outline if there are dashes.

    Histograms of several runs share it.
    """
    earlier = [inset for inset in ax.child_axes if inset.get_gid() == _HISTOGRAM]
    histogram: Any = earlier[0] if earlier else ax.inset_axes((0, 1 + _SPACE, 1, _HISTOGRAM_TOP - _SPACE), sharex=ax)
    histogram.set_gid(_HISTOGRAM)
    if dashes is None:
        width = np.maximum(np.diff(edges), 0.006)
        histogram.bar(
            edges[:-1], share, width=width, align="edge", facecolor=color, edgecolor=INK, linewidth=scaled(0.4),
            alpha=0.55,
        )  # fmt: skip
    else:
        histogram.stairs(share, edges, color=color, linestyle=dashes, linewidth=scaled(0.9))
    highest = max(float(share.max()), histogram.get_ylim()[1] / 1.05 if earlier else 0.0)
    histogram.set_ylim(0, max(1.05 * highest, 1e-9))
    histogram.tick_params(labelbottom=False, bottom=False)
    histogram.set_yticks([highest], [f"{highest:.0%}"])
    histogram.spines[["top", "right"]].set_visible(False)


def draw_band(ax: Axes, band: CalibrationBand, color: str = INK) -> Artist:
    """The smooth curve and its band; returns a patch for a legend.

    Its edges are seen without colours.
    """
    shade = ax.fill_between(
        band.confidence, band.low, band.high, color=GREY, alpha=0.35, linewidth=0, zorder=2.2,
        label=f"{100 * band.level:g} % band of the curve", gid=BAND,
    )  # fmt: skip
    for end in (band.low, band.high):
        ax.plot(band.confidence, end, color=color, linewidth=scaled(0.5), zorder=2.3)
    ax.plot(band.confidence, band.accuracy, color=color, linewidth=scaled(1.2), zorder=2.7)
    return shade


def draw_note(ax: Axes, parts: Sequence[str]) -> None:
    """Numbers above the histogram, where they hide no bar."""
    size = scaled(7)
    ax.text(
        0.5, 1.02 + _HISTOGRAM_TOP, listed(parts, room(ax) - scaled(0.5), size), transform=ax.transAxes,
        ha="center", va="bottom", fontsize=size, gid=ABOVE,
    )  # fmt: skip
