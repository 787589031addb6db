"""Spellings of tokens: how servers write them, and their texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ...errors import NoLogprobsError

# How vLLM names a token whose text would not tell it from another.
_TOKEN_ID = re.compile(r"token_id:([0-9]+)")
# How OpenAI and vLLM write bytes of a token in a text, the bytes in hexadecimal digits.
_WRITTEN_BYTES = re.compile(r"bytes:((?:\\x[0-9a-fA-F]{2}){1,64})")
# A space as byte-level and SentencePiece vocabularies write it inside.
_SPACE_MARKS = ("\u0120", "\u2581")


def token_text(entry: Mapping[str, Any]) -> tuple[str, int | None]:
    """Text and number of a token; the text is empty without one.

    Parameters
    ----------
    entry : mapping
        ``token`` (its text, its bytes, ``bytes:`` and they in hexadecimal digits, or ``token_id:65``), and ``bytes``
        and ``id`` if the server tells them.

    Raises
    ------
    NoLogprobsError
        If its token is neither.

    Examples
    --------
    >>> token_text({"token": "A"}), token_text({"token": " \ufffd", "bytes": [32, 65]})
    (('A', None), (' A', None))
    >>> token_text({"token": "token_id:65"}), token_text({"token": "A", "id": 65})
    (('', 65), ('A', 65))
    """
    token, number = entry.get("token", ""), entry.get("id")
    number = number if isinstance(number, int) and not isinstance(number, bool) else None
    text = token if isinstance(token, str) else _decoded(token)
    if text is None:
        raise NoLogprobsError(f"a token must be a text or bytes, the server gives {str(token)[:80]}")
    if named := _TOKEN_ID.fullmatch(text):
        text, number = "", int(named[1])
    elif written := _WRITTEN_BYTES.fullmatch(text):
        text = _decoded(list(bytes.fromhex(written[1].replace("\\x", "")))) or text
    # Bytes tell a text exactly, but some servers give those of the name that they made up.
    exact = _decoded(entry.get("bytes"))
    return (text if exact is None or _TOKEN_ID.fullmatch(exact) or _WRITTEN_BYTES.fullmatch(exact) else exact), number


def without_marks(texts: Iterable[str]) -> list[str]:
    """Texts of tokens with marks of spaces replaced.

    Unless the server writes spaces as such.

    Examples
    --------
    >>> without_marks(["\u0120A", "The"]), without_marks(["\u2581A", " The"])
    ([' A', 'The'], ['▁A', ' The'])
    """
    texts = list(texts)
    if any(text.startswith(" ") for text in texts):
        return texts
    for mark in _SPACE_MARKS:
        texts = [text.replace(mark, " ") for text in texts]
    return texts


def _decoded(content: Any) -> str | None:
    """Text of a list of bytes; none for anything else or half characters."""
    if not isinstance(content, list) or not content:
        return None
    try:
        return bytes(content).decode()
    except (TypeError, ValueError):
        return None
