"""Tables of one row, in which a number shows itself in a notebook."""

from __future__ import annotations

from collections.abc import Sequence

from ..number_texts import p_value
from ..result_tables.result_table import ResultTable, result_columns
from .measure_names import text_label


def number_table(
    measure: str, cells: Sequence[tuple[str, str]], *, p: float | None, n_items: int | None, notes: Sequence[str | None]
) -> ResultTable:
    """A row with what is known of a number.

    Columns without anything are left out.

    Parameters
    ----------
    measure : str
        Its key; empty if it is not known.
    cells : sequence of (str, str)
        Headings, and what stands under each.
    p : float or None
        Its p-value.
    n_items : int or None
        Number of items.
    notes : sequence of str or None
        What must be told beside it.

    Examples
    --------
    >>> number_table("ece_top", [("value", "0.042")], p=1e-9, n_items=1000, notes=[None]).rows
    (('ECE (top)', '0.042', '< .001', '1,000'),)
    """
    all_cells = [*cells, ("p", p_value(p)), ("items", "" if n_items is None else f"{n_items:,}")]
    shown = [(heading, text) for heading, text in all_cells if text]
    return ResultTable(
        columns=result_columns(["", *(heading for heading, _ in shown)]),
        rows=((text_label(measure) if measure else "", *(text for _, text in shown)),),
        notes=tuple(f"Note: {note}." for note in notes if note),
    )
