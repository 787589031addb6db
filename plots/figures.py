"""Figures that notebooks show once and journals accept."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from io import StringIO
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from .style_blocks import style, truetype
from .tex_texts import as_tex, is_drawn_by_tex

if TYPE_CHECKING:
    from typing import IO

    from matplotlib.artist import Artist
    from matplotlib.backend_bases import RendererBase
    from matplotlib.transforms import Bbox


class ResultFigure(Figure):
    """A figure of this package."""

    _is_escaped = False

    def savefig(
        self, fname: str | os.PathLike[str] | IO[Any], *, transparent: bool | None = None, **options: Any
    ) -> None:
        """As `matplotlib.figure.Figure.savefig`, with TrueType fonts in PDF and PostScript.

        A book of several figures (``PdfPages``) holds the fonts that are set where it is closed: open it in
        ``with plots.style():``.
        """
        is_written_here = isinstance(fname, str | os.PathLike) or hasattr(fname, "write")
        with truetype() if is_written_here else nullcontext():
            super().savefig(fname, transparent=transparent, **options)

    def draw(self, renderer: RendererBase) -> None:
        """As `matplotlib.figure.Figure.draw`; texts are escaped where TeX draws them."""
        with self._escaped(renderer):
            super().draw(renderer)

    def get_tightbbox(
        self, renderer: RendererBase | None = None, *, bbox_extra_artists: Iterable[Artist] | None = None
    ) -> Bbox:
        """As `matplotlib.figure.Figure.get_tightbbox`, of texts as they are drawn."""
        with self._escaped(renderer):
            return super().get_tightbbox(renderer, bbox_extra_artists=bbox_extra_artists)

    @contextmanager
    def _escaped(self, renderer: RendererBase | None) -> Iterator[None]:
        if self._is_escaped:
            yield
            return
        self._is_escaped = True
        try:
            with as_tex(self, everything=is_drawn_by_tex(renderer)):
                yield
        finally:
            self._is_escaped = False

    def _ipython_display_(self) -> None:
        """Leave the drawing to IPython, and make pyplot forget the figure.

        Otherwise it would be shown twice.

        A notebook shows the value of a cell's last line, and at the end of the cell every figure that pyplot knows.
        """
        if "inline" in (mpl.get_backend(auto_select=False) or ""):
            plt.close(self)
        raise NotImplementedError  # IPython then shows the figure as it shows every other


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
