"""Hidden characters that a terminal, browser or spreadsheet obeys, written out."""

from __future__ import annotations

import json
import re

# Controls (C0 without tab and line feed, DEL, C1); soft hyphens; marks, embeddings, overrides, isolates of direction;
# characters without width; separators of lines and paragraphs; tags; lone surrogates. The two joiners (U+200C, U+200D)
# stay: Persian and many emoji are spelt with them.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_HIDDEN_OR_BREAK = re.compile(f"[\t\n]|{_HIDDEN.pattern}")


def escaped(text: str) -> str:
    r"""A text with its control characters written out as in Python.

    Tabs and line feeds stay.

    Examples
    --------
    >>> print(escaped("red\x1b[31m\u202e"))
    red\x1b[31m\u202e
    """
    return _HIDDEN.sub(_written_out, text)


def escaped_line(text: str) -> str:
    r"""A text on one line, with tabs and line feeds written out too.

    Examples
    --------
    >>> print(escaped_line("law\nSaved."))
    law\nSaved.
    """
    return _HIDDEN_OR_BREAK.sub(_written_out, text)


def escaped_json(text: str) -> str:
    r"""JSON with control characters in strings as escapes.

    It means the same.

    Examples
    --------
    >>> print(escaped_json('{"model": "m\u202e"}'))
    {"model": "m\u202e"}
    """
    return _HIDDEN.sub(lambda match: json.dumps(match[0])[1:-1], text)


def _written_out(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()
