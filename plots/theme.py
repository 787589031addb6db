"""How figures look: sizes for a journal column, colours that survive colour blindness and grey print."""

from __future__ import annotations

from contextlib import AbstractContextManager
from io import StringIO
from typing import TYPE_CHECKING

import matplotlib as mpl
import matplotlib.pyplot as plt

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe and Ito's palette (2008), in an order that also differs in lightness.
BLUE = "#0072B2"
VERMILION = "#D55E00"
GREEN = "#009E73"
ORANGE = "#E69F00"
SKY = "#56B4E9"
PURPLE = "#CC79A7"
YELLOW = "#F0E442"
INK = "#222222"
GREY = "#8A8A8A"

SERIES = (BLUE, VERMILION, GREEN, ORANGE, SKY, PURPLE, YELLOW, GREY)
"""Colours of the models of a figure, in the order in which they are given."""

COLUMN = 3.35
"""Width of a journal column, in inches."""
PAGE = 6.9
"""Width of both columns, in inches."""


def style() -> AbstractContextManager[None]:
    """Settings of this package's figures, for a ``with`` block; the settings outside it stay as they are.

    Examples
    --------
    >>> import matplotlib
    >>> with style():
    ...     matplotlib.rcParams["font.size"]
    8.0
    """
    return mpl.rc_context(
        {
            "font.size": 8,
            "axes.titlesize": 9,
            "axes.labelsize": 8,
            "axes.edgecolor": INK,
            "axes.linewidth": 0.6,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "xtick.labelsize": 7,
            "ytick.labelsize": 7,
            "xtick.major.width": 0.6,
            "ytick.major.width": 0.6,
            "legend.fontsize": 7,
            "legend.frameon": False,
            "figure.dpi": 150,
            "savefig.dpi": 300,
            "figure.constrained_layout.use": True,
            "svg.hashsalt": "veracal",
            "pdf.fonttype": 42,
        }
    )


def to_svg(figure: Figure) -> str:
    """The figure as an SVG element for a page, the same bytes each time; the figure is closed."""
    buffer = StringIO()
    with style():
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    plt.close(figure)
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def shorten(text: str, limit: int = 44) -> str:
    """A name that fits: its middle left out where it is longer than `limit`.

    Examples
    --------
    >>> shorten("checkpoint-of-a-very-long-name", 12)
    'check…g-name'
    """
    return text if len(text) <= limit else f"{text[: limit // 2 - 1]}…{text[-(limit // 2) :]}"
