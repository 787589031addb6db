"""Figures inside the page: vector, in its colours, with unique ids."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from plots.figures import to_svg
from plots.theme import BLUE, GREY, INK, ORANGE, SERIES, VERMILION, literal

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


MOST_DRAWN = len(SERIES)
"""So many runs can be told apart in one figure."""

# A figure of so many points can be read on a telephone, whole.
_NARROW = 250


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One of several small drawings of a figure.

    Attributes
    ----------
    title, text : str
        What it is of, and its chief numbers.
    draw : callable
        Draws it anew.
    """

    title: str
    text: str
    draw: Callable[[], Axes | Drawing]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure of the page.

    Attributes
    ----------
    name : str
        Its id in the page.
    title : str
        Its heading.
    text : str
        A description in words, for a reader who cannot see it.
    caption : str
        How to read it.
    draw : callable or None
        Draws it anew; None for a figure of panels.
    download : Download
        The numbers in it.
    panels : tuple of Panel
        Small drawings in place of one.
    """

    name: str
    title: str
    text: str
    caption: str
    draw: Callable[[], Axes | Drawing] | None = None
    download: Download
    panels: tuple[Panel, ...] = ()

    def svg(self) -> Markup:
        """The drawing as an SVG element of the page."""
        return Markup() if self.draw is None else _svg(self.draw, self.name)

    def panel_svg(self, number: int) -> Markup:
        """A panel as an SVG element of the page, counted from 1."""
        return _svg(self.panels[number - 1].draw, f"{self.name}-{number}")


def _svg(draw: Callable[[], Axes | Drawing], name: str) -> Markup:
    drawing = draw().get_figure(root=True)
    assert drawing is not None  # noqa: S101
    return inline(drawing, name)


def _with_own_ids(text: str, name: str) -> str:
    """A drawing whose ids start with a name.

    Marks of its artists, which stand in each of its panels, are left out where they come again.
    """
    known: set[str] = set()

    def own(match: re.Match[str]) -> str:
        given = match[1].replace(" ", "-")
        again = given in known
        known.add(given)
        return "" if again else f'id="{name}-{given}"'

    return re.sub(r'\bid="([^"]*)"', own, text)


def first_drawn(n_runs: int) -> str:
    """The end of a caption where more runs are than a figure has colours.

    Examples
    --------
    >>> first_drawn(3), first_drawn(20)
    ('', ' Drawn are the first 8 of 20 runs; all stand in the table.')
    """
    return f" Drawn are the first {MOST_DRAWN} of {n_runs} runs; all stand in the table." * (n_runs > MOST_DRAWN)


def drawn_names(names: tuple[str, str]) -> tuple[str, str]:
    """Names of before and after as figures draw them, letter by letter."""
    return literal(names[0]), literal(names[1])


def inline(drawing: Drawing, name: str) -> Markup:
    """A figure as an SVG element of the page.

    `name` prefixes each of its ids; the figure is closed.
    """
    with warnings.catch_warnings():
        # Names in scripts that the font of figures lacks are boxes there; the page itself has them as text.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        text = to_svg(drawing)
    # The metadata name other sites, a style element inside a drawing would rule the whole page, and comments repeat
    # every label.
    text = re.sub(r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>|<!--.*?-->", "", text, flags=re.DOTALL)
    text = _with_own_ids(text, name)
    text = re.sub(r'href="#(?!items\?)([^"]*)"', rf'href="#{name}-\1"', text)
    # Who cannot see the drawing has the table of bins: no link in it is reached by keyboard.
    text = re.sub(r'<a (xlink:href="[^"]*")(?: target="_blank")?', r'<a tabindex="-1" \1', text)
    text = re.sub(r"url\(#([^)]*)\)", rf"url(#{name}-\1)", text)
    for colour, variable in _FOLLOWING.items():
        text = re.sub(rf"(?<=: ){colour}\b", f"var(--figure-{variable})", text, flags=re.IGNORECASE)
    # Drawn for paper; on a wide screen text of eight points may be half as large again, and no larger.
    width = re.search(r'<svg [^>]*?width="([0-9.]+)pt"', text)
    limit = f' style="max-width: {1.5 * float(width[1]):.0f}pt"' if width else ""
    if width and float(width[1]) <= _NARROW:
        limit += ' class="narrow"'
    # A description in words goes beside the figure; its paths mean nothing to a screen reader.
    return Markup(text.replace("<svg ", f'<svg aria-hidden="true" focusable="false"{limit} ', 1))  # noqa: S704
