"""Texts of logs without halves of characters, which no table can hold."""

from __future__ import annotations


def whole_text(text: str) -> str:
    r"""The text with halves of characters, as cut answers have them, replaced.

    Examples
    --------
    >>> whole_text("wei\udcc3")
    'wei\ufffd'
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
