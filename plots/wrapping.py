"""Texts that are broken into lines of a width."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import lru_cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from .theme import shorten


def wrapped(text: str, inches: float, size: float) -> str:
    """A text in lines that fit a width; its own lines stay.

    Examples
    --------
    >>> print(wrapped("Confidence in the predicted answer", 1.2, 8))
    Confidence in the
    predicted answer
    """
    return "\n".join(line for part in text.split("\n") for line in _lines(part.split(" "), inches, size))


def listed(parts: Sequence[str], inches: float, size: float) -> str:
    """Parts with commas between them, none broken, in lines of a width.

    Examples
    --------
    >>> print(listed(["ECE 0.042", "noise floor 0.013", "accuracy 0.612"], 1.9, 8))
    ECE 0.042, noise floor 0.013,
    accuracy 0.612
    """
    marked = [f"{part}," for part in parts[:-1]] + list(parts[-1:])
    return "\n".join(_lines(marked, inches, size))


def fitted(name: str, inches: float, size: float) -> str:
    """A name that fits a width, its middle left out if it must be.

    Examples
    --------
    >>> fitted("checkpoint-of-a-very-long-name", 1, 8)
    'check…g-name'
    """
    limit = len(name)
    while limit > 6 and text_width(shorten(name, limit), size) > inches:
        limit -= 1
    return shorten(name, limit)


def text_width(text: str, size: float) -> float:
    """Width of a line in inches, in the font that is set.

    Examples
    --------
    >>> text_width("wide", 16) == 2 * text_width("wide", 8) > 0
    True
    """
    return sum(_width(character) for character in text) * size / _SAMPLE / 72


def _lines(words: Sequence[str], inches: float, size: float) -> list[str]:
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= inches:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


# Points at which characters are measured.
_SAMPLE = 100.0


@lru_cache(maxsize=4096)
def _width(character: str) -> float:
    if character == "\n":
        return 0.0
    with warnings.catch_warnings():
        # A character that the font lacks is a box, as wide as any.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        width: float = text_to_path.get_text_width_height_descent(
            character, FontProperties(size=_SAMPLE), ismath=False
        )[0]
    return width
