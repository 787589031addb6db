"""Texts of a figure while TeX draws them: commands are escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from matplotlib.axis import Axis
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter

if TYPE_CHECKING:
    from matplotlib.backend_bases import RendererBase
    from matplotlib.figure import Figure

_COMMANDS = {
    "\\": r"\textbackslash{}", "%": r"\%", "_": r"\_", "#": r"\#", "&": r"\&", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"$<$", ">": r"$>$", "|": r"$|$",
    "−": r"$-$", "≥": r"$\geq$", "≤": r"$\leq$", "×": r"$\times$", "→": r"$\rightarrow$", "²": r"$^2$",
    "½": r"$\frac{1}{2}$", "–": "--", "…": r"\ldots{}", "“": "``", "”": "''", "·": r"$\cdot$", "$": r"\$",
}  # fmt: skip
_SPECIAL = re.compile(r"\\\$|[" + re.escape("".join(_COMMANDS)) + "]")
# Formulas, between dollar signs that are not escaped.
_FORMULA = re.compile(r"(?<!\\)(\$(?:\\.|[^$\\])*\$)")


def tex(text: str) -> str:
    r"""A text as TeX; formulas between dollar signs stay.

    Examples
    --------
    >>> print(tex("95 % band of base_v2, $x^2$ & q < 0.05"))
    95 \% band of base\_v2, $x^2$ \& q $<$ 0.05
    """
    if _is_formula(text):
        parts = _FORMULA.split(text)
        return "".join(part if index % 2 else _escaped(part) for index, part in enumerate(parts))
    return _escaped(text)


def _is_formula(text: str) -> bool:
    """Whether dollar signs that are not escaped come in pairs, as matplotlib reads them."""
    n_dollars = text.count("$") - text.count(r"\$")
    return n_dollars > 0 and n_dollars % 2 == 0


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda special: r"\$" if special[0] == r"\$" else _COMMANDS[special[0]], text)


def is_drawn_by_tex(renderer: RendererBase | None) -> bool:
    """Whether a renderer gives all texts to TeX, as that of ``pgf`` does."""
    inner: Any = getattr(renderer, "_renderer", renderer)  # of a mixed one, what draws now
    return "pgf" in type(inner).__module__


@contextmanager
def as_tex(figure: Figure, *, everything: bool) -> Iterator[None]:
    """Texts escaped for TeX, for a ``with`` block.

    Those that TeX draws, or all of them.

    Labels of ticks are escaped where they come from.
    """
    texts = [text for text in figure.findobj(Text) if isinstance(text, Text) and (everything or text.get_usetex())]
    written = [(text, text.get_text()) for text in texts if tex(text.get_text()) != text.get_text()]
    axes = [axis for axis in figure.findobj(Axis) if isinstance(axis, Axis)]
    named: list[tuple[Any, list[str]]] = []
    for axis in axes:
        formatter: Any = axis.get_major_formatter()
        if isinstance(formatter, FixedFormatter) and (everything or axis.label.get_usetex()):
            named.append((formatter, list(formatter.seq)))
    try:
        for text, plain in written:
            text.set_text(tex(plain))
        for formatter, plain_names in named:
            formatter.seq = [tex(name) for name in plain_names]
        yield
    finally:
        for text, plain in written:
            text.set_text(plain)
        for formatter, plain_names in named:
            formatter.seq = plain_names
