"""Settings of figures for papers, slides and posters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.font_manager import FontProperties

from .theme import INK

Context = Literal["paper", "slides", "poster"]
Width = Literal["column", "text"]

COLUMN = 3.35
"""Width of a paper's column, in inches."""
PAGE = 6.9
"""Width of a paper's text, in inches."""
PAPER_SIZE = 8.0
"""Font size of a paper's figures, in points; all lengths in points here are for it."""

# Font size in points, and inches of a column and of the text: half of a slide of 16:9 and all of it; a column of a
# poster of A0, and two.
_CONTEXTS: dict[Context, tuple[float, dict[Width, float]]] = {
    "paper": (PAPER_SIZE, {"column": COLUMN, "text": PAGE}),
    "slides": (14.0, {"column": 6.1, "text": 12.5}),
    "poster": (24.0, {"column": 10.1, "text": 20.7}),
}
_TRUETYPE: Any = {"pdf.fonttype": 42, "ps.fonttype": 42}
# Settings whose keys are texts here.
_params: Any = mpl.rcParams
_defaults: Any = mpl.rcParamsDefault


@dataclass(frozen=True, kw_only=True)
class _Block:
    """What was asked of a block, and the settings it made."""

    width: float | None = None
    font_size: float | None = None
    family: str | None = None
    context: Context = "paper"
    made: dict[str, Any] = field(default_factory=dict)


# The blocks that are open, the innermost last.
_open: list[_Block] = []


def style(
    width: Width | float | None = None,
    *,
    font_size: float | None = None,
    family: str | None = None,
    context: Context | None = None,
) -> AbstractContextManager[None]:
    """Settings of this package's figures, for a ``with`` block.

    What was set by you before (``rcParams``, style sheets, bundles of tueplots) stays: a setting is made only where it
    is matplotlib's default, or an outer block's. Of a ``figure.figsize`` of yours figures take the width; their height
    follows from what they hold. Outside the block all settings stay as they are.

    Figures that this package makes need no block. Figures of your own, with panels from here on their axes, are made
    in one: they look alike then, and their letters are TrueType fonts in PDF and PostScript, also when they are saved
    after it.

    Parameters
    ----------
    width : {"column", "text"} or float, optional
        Of all figures in the block: of a column or of the whole text, or in inches. If omitted, each has its own.
    font_size : float, optional
        In points, before your own; other sizes follow from it.
    family : str, optional
        Of fonts, such as ``"serif"``, before your own.
    context : {"paper", "slides", "poster"}, optional
        What the figures are for: sizes of fonts, lines, columns. If omitted, that of an outer block, or a paper.

    Raises
    ------
    ValueError
        For another context, a width that is no name and no positive number, and a font size that is not positive.

    Examples
    --------
    >>> import matplotlib
    >>> with style():
    ...     matplotlib.rcParams["font.size"]
    8.0
    >>> with style("column", font_size=7, family="serif"):
    ...     matplotlib.rcParams["font.size"], matplotlib.rcParams["font.family"]
    (7.0, ['serif'])
    """
    if context is not None and context not in _CONTEXTS:
        raise ValueError(f"context must be one of {', '.join(_CONTEXTS)}, got {context!r}")
    if font_size is not None and not font_size > 0:
        raise ValueError(f"font_size must be above 0, in points, got {font_size}")
    if isinstance(width, str) and width not in get_args(Width):
        raise ValueError(f"width must be 'column', 'text' or a number of inches, got {width!r}")
    if not isinstance(width, str) and width is not None and not width > 0:
        raise ValueError(f"width must be above 0, in inches, got {width}")
    return _block(width, font_size, family, context)


@contextmanager
def _block(
    width: Width | float | None, font_size: float | None, family: str | None, context: Context | None
) -> Iterator[None]:
    # A notebook's backend turns interactive mode on when the first figure loads it. Loaded in the block, that would be
    # undone at its end, and no later figure would be shown.
    plt.draw_if_interactive()  # type: ignore[no-untyped-call]
    outer = _open[-1] if _open else _Block()
    # Another context has sizes of its own, beside those of the outer block.
    kept = outer if context in (None, outer.context) else replace(outer, width=None, font_size=None)
    chosen = context or outer.context
    inches = _CONTEXTS[chosen][1][width] if isinstance(width, str) else width
    block = _Block(
        width=kept.width if inches is None else float(inches),
        font_size=kept.font_size if font_size is None else float(font_size),
        family=outer.family if family is None else family,
        context=chosen,
    )
    # What was asked of this very block goes before what a reader set around it.
    given = {"font.size": font_size, "font.family": family, "figure.figsize": width}
    asked = {key for key, value in given.items() if value is not None}
    with mpl.rc_context():
        made = {
            key: value
            for key, value in _settings(block, asked, outer.made).items()
            if key in asked or _is_free(key, outer.made)
        }
        _params.update(made)
        _open.append(replace(block, made={key: _params[key] for key in made}))
        try:
            yield
        finally:
            _open.pop()


def _is_free(key: str, made: dict[str, Any]) -> bool:
    """Whether a setting is not a reader's own."""
    own = _params[key]
    if key in made:
        return bool(own == made[key])
    return not _open and bool(own == _defaults[key])


def _settings(block: _Block, asked: set[str], made: dict[str, Any]) -> dict[str, Any]:
    """What a block would set; sizes follow from the font's."""
    size = block.font_size or _CONTEXTS[block.context][0]
    if "font.size" not in asked and not _is_free("font.size", made):
        size = float(mpl.rcParams["font.size"])
    ratio = size / PAPER_SIZE
    return {
        "font.size": size,
        **({} if block.family is None else {"font.family": [block.family]}),
        **_figure_size(block, made),
        "axes.titlesize": 9 * ratio,
        "axes.labelsize": size,
        "axes.edgecolor": INK,
        "axes.linewidth": 0.6 * ratio,
        "axes.spines.top": False,
        "axes.spines.right": False,
        **{f"{axis}tick.{key}": value * ratio for axis in "xy" for key, value in _TICKS.items()},
        "legend.fontsize": 7 * ratio,
        "legend.frameon": False,
        "hatch.linewidth": 0.5 * ratio,
        "figure.dpi": 150,
        "savefig.dpi": 300,
        "figure.constrained_layout.use": True,
        "svg.hashsalt": "veracal",
        **_TRUETYPE,
    }


def _figure_size(block: _Block, made: dict[str, Any]) -> dict[str, Any]:
    """Size of a reader's own figures in a block with a width.

    That of an outer block ends in a block without one.
    """
    if block.width is not None:
        return {"figure.figsize": (block.width, 0.75 * block.width)}
    return {"figure.figsize": _defaults["figure.figsize"]} if "figure.figsize" in made else {}


_TICKS = {"labelsize": 7, "major.width": 0.6, "major.size": 3.5, "major.pad": 3.5}


def truetype() -> AbstractContextManager[None]:
    """Settings for TrueType fonts in PDF and PostScript.

    Journals refuse matplotlib's usual Type 3.
    """
    return mpl.rc_context(_TRUETYPE)


def in_block() -> bool:
    """Whether a block of `style` is open."""
    return bool(_open)


def font_points(key: str) -> float:
    """A font size of the settings, in points.

    Examples
    --------
    >>> with style():
    ...     font_points("xtick.labelsize")
    7.0
    """
    return float(FontProperties(size=_params[key]).get_size_in_points())


def scaled(length: float) -> float:
    """A length for text of eight points, for the text set.

    In points or inches.

    Examples
    --------
    >>> with style(font_size=16):
    ...     scaled(3.5)
    7.0
    """
    return length * float(mpl.rcParams["font.size"]) / PAPER_SIZE


def figure_width(width: float) -> float:
    """Inches of a figure that would be `width` wide in a paper.

    That of the block, of a reader's ``figure.figsize``, or its own in this context.

    Examples
    --------
    >>> with style(width=3.25):
    ...     figure_width(6.9)
    3.25
    """
    block = _open[-1] if _open else _Block()
    own, usual = (tuple(params["figure.figsize"]) for params in (mpl.rcParams, mpl.rcParamsDefault))
    is_asked = block.width is not None if "figure.figsize" in block.made else own != usual
    if is_asked:
        return float(own[0])
    return width * _CONTEXTS[block.context][1]["text"] / PAGE
