r"""Tables of results in LaTeX: rules of booktabs, numbers in columns of siunitx."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..control_characters import escaped_line
from .result_table import ResultTable

_NUMBER = re.compile(r"(?P<sign>[+-]?)(?P<whole>\d+|\d{1,3}(?:,\d{3})+)(?:\.(?P<decimals>\d+))?")
_INTERVALS = re.compile(r"[-+\d.,\[\] <>±]*\d[-+\d.,\[\] <>±]*")
_INTERVAL = re.compile(r"\[(?P<low>\S+), (?P<sign>[+-]?)(?P<whole>\d+)(?P<rest>\.?\d*)\]")
# Signs of a row beyond which a table is set small, to stay within the lines of a page.
_WIDEST = 60
# The last letter of Latin Extended-A; later ones stop pdfLaTeX.
_LAST_OF_PDFLATEX = "\u017f"
# What TeX would read as a command, or sets as another sign; signs that the fonts of pdfLaTeX have in formulas alone.
_SIGNS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": "$<$", ">": "$>$", "|": "$|$", '"': "{''}",
    "[": "{[}", "]": "{]}", "*": "{*}", "\u00a0": "~", "\u202f": r"\,",
    "\u2212": "$-$", "±": r"$\pm$", "×": r"$\times$", "²": "$^2$", "½": r"$\frac{1}{2}$", "≤": r"$\le$",
    "≥": r"$\ge$", "→": r"$\to$", "·": r"$\cdot$", "…": r"\ldots{}",
    "\u2013": "--", "\u2014": "---", "“": "``", "”": "{''}", "‘": "`", "’": "'",
}  # fmt: skip


def as_latex(table: ResultTable, *, caption: str | None = None, label: str | None = None) -> str:
    r"""A table of LaTeX in an environment of its own.

    Parameters
    ----------
    table : ResultTable
        The table. Its lines above are left out, for the caption has what they tell; its notes follow it.
    caption : str, optional
        LaTeX in place of its own caption.
    label : str, optional
        For ``\ref``.

    Examples
    --------
    >>> from calibration.result_tables.result_table import result_columns
    >>> rows = (("ECE", "0.042"), ("  noise floor", "0.012"))
    >>> print(as_latex(ResultTable(columns=result_columns(["", "value"]), rows=rows, caption="100 % of it")))
    % needs \usepackage{booktabs} and \usepackage{siunitx}
    \begin{table}
      \centering
      \caption{100 \% of it}
      \begin{tabular}{lS[table-format=1.3]}
        \toprule
         & {value} \\
        \midrule
        ECE & 0.042 \\
        \quad noise floor & 0.012 \\
        \bottomrule
      \end{tabular}
    \end{table}
    """
    cells = list(zip(*table.rows, strict=True)) or [() for _ in table.columns]
    formats = [
        _number_format(column_cells) if column.holds_numbers else None
        for column, column_cells in zip(table.columns, cells, strict=True)
    ]
    kinds = "".join(
        f"S[{form}]" if form else "r" if column.holds_numbers else "l"
        for form, column in zip(formats, table.columns, strict=True)
    )
    head = [
        f"{{{latex_text(column.heading)}}}" if form else latex_text(column.heading)
        for form, column in zip(formats, table.columns, strict=True)
    ]
    columns = [
        [_cell(cell, in_number_column=True) for cell in column] if form else _aligned(column)
        for column, form in zip(cells, formats, strict=True)
    ]
    rows = list(zip(*columns, strict=True))
    written = latex_text(table.caption) if caption is None else caption
    lines = [
        r"% needs \usepackage{booktabs} and \usepackage{siunitx}",
        *_other_engines([written, *(text for line in (head, *rows) for text in line), *table.notes]),
        r"\begin{table}",
        r"  \centering",
        *([r"  \footnotesize\setlength{\tabcolsep}{4pt}"] if _is_wide(table) else []),
        *([rf"  \caption{{{written}}}"] if written else []),
        *([rf"  \label{{{label}}}"] if label else []),
        rf"  \begin{{tabular}}{{{kinds}}}",
        r"    \toprule",
        rf"    {' & '.join(head)} \\",
        r"    \midrule",
        *(rf"    {' & '.join(row)} \\" for row in rows),
        r"    \bottomrule",
        r"  \end{tabular}",
        *([rf"  \par\smallskip\parbox{{\linewidth}}{{\footnotesize {_notes(table.notes)}}}"] if table.notes else []),
        r"\end{table}",
    ]
    return "\n".join(lines)


def latex_text(text: str) -> str:
    r"""A text in which nothing is a command of LaTeX.

    Examples
    --------
    >>> print(latex_text("50 % of my_model: CE² < 0.1"))
    50 \% of my\_model: CE$^2$ $<$ 0.1
    """
    return "".join(_SIGNS.get(sign, sign) for sign in escaped_line(text))


def _notes(notes: tuple[str, ...]) -> str:
    return r" \par ".join(latex_text(note) for note in notes)


def _cell(text: str, *, in_number_column: bool) -> str:
    if in_number_column:
        return text.replace(",", "")
    if _INTERVALS.fullmatch(text):
        return f"${_in_formula(text)}$"
    name = text.lstrip(" ")
    return r"\quad " * ((len(text) - len(name)) // 2) + latex_text(name)


def _aligned(cells: Iterable[str]) -> list[str]:
    """Cells of a column, upper limits of intervals below each other."""
    given = list(cells)
    intervals = [_INTERVAL.fullmatch(cell) for cell in given]
    known = [interval for interval in intervals if interval]
    digits = max((len(interval["whole"]) for interval in known), default=0)
    signed = any(interval["sign"] for interval in known)
    return [
        f"$[{interval['low']}, {_upper(interval, digits, signed=signed)}]$"
        if interval
        else _cell(cell, in_number_column=False)
        for cell, interval in zip(given, intervals, strict=True)
    ]


def _upper(interval: re.Match[str], digits: int, *, signed: bool) -> str:
    blank = r"\phantom{-}" if signed and not interval["sign"] else ""
    blank += r"\phantom{0}" * (digits - len(interval["whole"]))
    sign = f"{{{interval['sign']}}}" if blank and interval["sign"] else interval["sign"]  # a sign, no difference
    return f"{blank}{sign}{interval['whole']}{interval['rest']}"


def _is_wide(table: ResultTable) -> bool:
    lines = [[column.heading for column in table.columns], *table.rows]
    return sum(max(map(len, column)) + 1 for column in zip(*lines, strict=True)) > _WIDEST


def _other_engines(texts: Iterable[str]) -> list[str]:
    """A comment where a text holds letters that pdfLaTeX does not set; none otherwise."""
    letters = "".join(sorted({sign for text in texts for sign in latex_text(text) if sign > _LAST_OF_PDFLATEX}))
    if not letters:
        return []
    return [f"% needs XeLaTeX or LuaLaTeX with a font that has {letters}: pdfLaTeX stops at them"]


def _in_formula(text: str) -> str:
    """Numbers and intervals in a formula, where a minus is one."""
    spaced = re.sub(r"(?<!,) (?=\[)", r"\\ ", text)
    return re.sub(r"(?<=\d),(?=\d)", "{,}", spaced).replace("±", r"\pm ")


def _number_format(cells: Iterable[str]) -> str | None:
    """Room that a column of numbers needs, for siunitx; None for other columns."""
    numbers = [_NUMBER.fullmatch(cell) for cell in cells if cell]
    if not numbers or None in numbers:
        return None
    matches = [number for number in numbers if number is not None]
    signs = {number["sign"] for number in matches} - {""}
    sign = "" if not signs else "+" if "+" in signs else "-"
    whole = max(len(number["whole"].replace(",", "")) for number in matches)
    decimals = max(len(number["decimals"] or "") for number in matches)
    form = f"table-format={sign}{whole}" + (f".{decimals}" if decimals else "")
    return f"{form},retain-explicit-plus" if sign == "+" else form
