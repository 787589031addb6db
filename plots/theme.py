"""Sizes, colours and fonts of figures.

Sizes are for a journal column; colours survive colour blindness and grey print.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from io import StringIO
from typing import TYPE_CHECKING

import matplotlib as mpl
import matplotlib.pyplot as plt

from calibration.control_characters import escaped, escaped_line

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
    """Settings of this package's figures, for a ``with`` block.

    The settings outside it stay as they are.

    Figures that this package makes need no block. Figures of your own, with panels from here on their axes, are made
    and saved in one: they look alike then, and their letters are TrueType fonts in PDF and PostScript.

    Examples
    --------
    >>> import matplotlib
    >>> with style():
    ...     matplotlib.rcParams["font.size"]
    8.0
    """
    # A notebook's backend turns interactive mode on when the first figure loads it. Loaded in the block, that would be
    # undone at its end, and no later figure would be shown.
    plt.draw_if_interactive()  # type: ignore[no-untyped-call]
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
            "ps.fonttype": 42,
        }
    )


def truetype() -> AbstractContextManager[None]:
    """Settings for TrueType fonts in PDF and PostScript.

    Journals refuse matplotlib's usual Type 3.
    """
    return mpl.rc_context({"pdf.fonttype": 42, "ps.fonttype": 42})


def to_svg(figure: Figure) -> str:
    """The figure as an SVG element for a page, the same bytes each time.

    The figure is closed.
    """
    buffer = StringIO()
    with style():
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    plt.close(figure)
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def literal(text: str, limit: int = 44) -> str:
    r"""A name from data as drawn text: one line, shortened, without formulas.

    Dollar signs are drawn as such.

    Examples
    --------
    >>> print(literal("tax in $,\nnot in $\x1b"))
    tax in \$,\nnot in \$\x1b
    """
    return shorten(escaped_line(text), limit).replace("$", r"\$")


def shorten(text: str, limit: int = 44) -> str:
    """A label of at most `limit` characters, its middle left out.

    Control characters are written out.

    Examples
    --------
    >>> shorten("checkpoint-of-a-very-long-name", 12)
    'check…g-name'
    """
    text = escaped(text)
    return text if len(text) <= limit else f"{text[: limit // 2 - 1]}…{text[-(limit // 2) :]}"
