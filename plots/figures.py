"""Figures that notebooks show once and journals accept."""

from __future__ import annotations

import os
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from .theme import truetype

if TYPE_CHECKING:
    from typing import IO

    from matplotlib.axes import Axes


class ResultFigure(Figure):
    """A figure of this package."""

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

    def _ipython_display_(self) -> None:
        """Leave the drawing to IPython, and make pyplot forget the figure.

        Otherwise it would be shown twice.

        A notebook shows the value of a cell's last line, and at the end of the cell every figure that pyplot knows.
        """
        if "inline" in (mpl.get_backend(auto_select=False) or ""):
            plt.close(self)
        raise NotImplementedError  # IPython then shows the figure as it shows every other


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, in inches."""
    return plt.figure(figsize=(width, height), FigureClass=ResultFigure)


def new_axes(width: float, height: float) -> Axes:
    """The axes of a figure with one panel, in inches."""
    return new_figure(width, height).subplots()
