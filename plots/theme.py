"""Colours, marks and names of what figures show.

They survive colour blindness and grey print.
"""

from __future__ import annotations

from calibration.control_characters import escaped, escaped_line

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
HATCHES = ("", "////", "....", "xxxx", "\\\\\\\\", "----", "oo", "++")
"""Patterns of their bars, for grey print."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
"""Their markers."""
DASHES = ("solid", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (5, 1.5, 1.2, 1.5)), (0, (8, 2)))
"""Dashes of their lines."""


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
