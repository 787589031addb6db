"""Tables that benchmarks write into a document, between two marks."""

from __future__ import annotations


def with_table(document: str, block: str, *, begin: str, end: str) -> str:
    """A document with the table between its marks.

    Examples
    --------
    >>> with_table("<a>old<b>.", "new", begin="<a>", end="<b>").split()
    ['<a>', 'new', '<b>.']
    """
    before, _, rest = document.partition(begin)
    _, mark, after = rest.partition(end)
    if not mark:
        raise ValueError(f"the document must hold {begin} and {end}")
    return f"{before}{begin}\n\n{block}\n\n{end}{after}"
