"""Tables of results as HTML that takes the colours of the page around it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..control_characters import escaped_line
from .result_table import ResultTable

# Colours are those of the notebook or page, light or dark; what a notebook's own style does to tables is undone.
_STYLE = """\
<style>
.veracal-result { color: inherit; line-height: 1.25; max-height: 40em; overflow: auto; }
@media print { .veracal-result { max-height: none; } }
.veracal-result table { border-collapse: collapse; color: inherit; background: transparent; margin: 0.3em 0; \
font-variant-numeric: tabular-nums; }
.veracal-result :is(th, td) { color: inherit; background: transparent; padding: 0.1em 0.7em; text-align: right; \
font-weight: normal; border: 0; white-space: nowrap; }
.veracal-result thead th { border-bottom: 1px solid currentColor; font-weight: bold; }
.veracal-result table tr > .text { text-align: left; }
.veracal-result p { margin: 0.2em 0; max-width: 60em; }
.veracal-result table ~ p:has(> strong) { margin-top: 0.9em; }
.veracal-result .note { font-size: 0.9em; opacity: 0.8; }
</style>
"""
# A page is as long as its tables.
_PAGE_STYLE = """\
<style>
:root { color-scheme: light dark; font-family: sans-serif; }
.veracal-result { max-height: none !important; }
</style>
"""
# More would not fit on a screen under the longest table; a click shows them.
_N_SHOWN_NOTES = 3
_N_ROWS_OF_A_SCREEN = 20


def as_html(*tables: ResultTable) -> str:
    """Tables as a piece of HTML, lines above and below each as paragraphs.

    What is longer than a screen is scrolled.

    Examples
    --------
    >>> from calibration.result_tables.result_table import result_columns
    >>> html = as_html(ResultTable(columns=result_columns(["", "value"]), rows=(("ECE", "0.042"),)))
    >>> '<th scope="row" class="text">ECE</th><td>0.042</td>' in html
    True
    """
    return f"{_STYLE}{_body(*tables)}"


def html_page(parts: Sequence[ResultTable | str], *, title: str) -> str:
    r"""A page of tables and lines of text.

    Examples
    --------
    >>> print(html_page(["1 < 2"], title="Notes").rpartition("</style>\n")[2])
    <div class="veracal-result"><p>1 &lt; 2</p></div>
    """
    body = "\n".join(
        f'<div class="veracal-result"><p>{_text(part)}</p></div>' if isinstance(part, str) else _body(part)
        for part in parts
    )
    head = f'<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{_text(title)}</title>\n'
    return f"{head}{_PAGE_STYLE}{_STYLE}{body}"


def _body(*tables: ResultTable) -> str:
    # What is scrolled must be reached with a keyboard.
    scrolled = ' tabindex="0"' if sum(len(table.rows) for table in tables) > _N_ROWS_OF_A_SCREEN else ""
    return f'<div class="veracal-result"{scrolled}>\n{"".join(map(_table, tables))}</div>'


def _table(table: ResultTable) -> str:
    classes = ["" if column.holds_numbers else ' class="text"' for column in table.columns]
    head = "".join(
        f'<th scope="col"{kind}>{_text(column.heading)}</th>' if column.heading else "<td></td>"
        for column, kind in zip(table.columns, classes, strict=True)
    )
    rows = []
    for name, *cells in table.rows:
        values = "".join(f"<td{kind}>{_text(cell)}</td>" for cell, kind in zip(cells, classes[1:], strict=True))
        rows.append(f'<tr><th scope="row"{classes[0]}>{_indented(name)}</th>{values}</tr>\n')
    above = "".join(f"<p><strong>{_text(line)}</strong></p>\n" for line in table.heading if line)
    return (
        f"{above}<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{''.join(rows)}</tbody>\n</table>\n"
        f"{_notes(table.notes)}"
    )


def _notes(notes: tuple[str, ...]) -> str:
    paragraphs = [f'<p class="note">{_text(note)}</p>\n' for note in notes]
    shown, folded = paragraphs[:_N_SHOWN_NOTES], paragraphs[_N_SHOWN_NOTES:]
    if folded:
        shown.append(f'<details class="note"><summary>{len(folded)} more</summary>\n{"".join(folded)}</details>\n')
    return "".join(shown)


def _indented(cell: str) -> str:
    name = cell.lstrip(" ")
    return "&emsp;" * ((len(cell) - len(name)) // 2) + _text(name)


def _text(text: str) -> str:
    return escape(escaped_line(text))
