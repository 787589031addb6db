"""Figures inside the page: vector, in the page's colours, with ids that no other figure has."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from plots.theme import BLUE, GREY, INK, ORANGE, VERMILION, to_svg

from .download import Download

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

# Colours of the figures that follow the page between light and dark; page.css gives each name both of its values.
_FOLLOWING = {
    INK: "ink",
    GREY: "grey",
    BLUE: "before",
    VERMILION: "after",
    ORANGE: "orange",
    "#d9d9d9": "pale",
    "#ffffff": "ground",
    "#000000": "ink",
}


@dataclass(frozen=True)
class Figure:
    """A figure of the page.

    Attributes
    ----------
    name : str
        Its id in the page.
    title : str
        Heading and first words of the text that stands for it where it cannot be seen.
    text : str
        What it shows, in words, for a reader who cannot see it.
    caption : str
        How to read it.
    svg : Markup
        The drawing.
    download : Download
        The numbers that it was drawn from.
    """

    name: str
    title: str
    text: str
    caption: str
    svg: Markup
    download: Download


def drawing_of(ax: Axes) -> Drawing:
    """The figure that a one-panel plot made for itself."""
    drawing = ax.get_figure(root=True)
    assert drawing is not None  # noqa: S101
    return drawing


def inline(drawing: Drawing, name: str) -> Markup:
    """The drawing as an SVG element of the page; `name` goes before each of its ids."""
    with warnings.catch_warnings():
        # Names in scripts that the font of figures lacks are boxes there; the page itself has them as text.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        text = to_svg(drawing)
    # The metadata name other sites, a style element inside a drawing would rule the whole page, and comments repeat
    # every label.
    text = re.sub(r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>|<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="([^"]*)"', rf'id="{name}-\1"', text)
    text = re.sub(r'href="#([^"]*)"', rf'href="#{name}-\1"', text)
    text = re.sub(r"url\(#([^)]*)\)", rf"url(#{name}-\1)", text)
    for colour, word in _FOLLOWING.items():
        text = re.sub(rf"(?<=: ){colour}\b", f"var(--figure-{word})", text, flags=re.IGNORECASE)
    # Drawn for paper; on a wide screen text of eight points may be half as large again, and no larger.
    width = re.search(r'<svg [^>]*?width="([0-9.]+)pt"', text)
    limit = f' style="max-width: {1.5 * float(width[1]):.0f}pt"' if width else ""
    # What the figure shows is said beside it; its paths say nothing to a screen reader.
    return Markup(text.replace("<svg ", f'<svg aria-hidden="true" focusable="false"{limit} ', 1))  # noqa: S704
