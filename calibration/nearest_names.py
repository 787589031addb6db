"""Names that come near to one that is not known, for messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a message: the known name that comes nearest, or nothing if none comes near.

    Examples
    --------
    >>> nearest("mmlU", ["demo", "mmlu"]), nearest("arc", ["demo", "mmlu"])
    ("; the nearest: 'mmlu'", '')
    """
    by_key = {other.casefold(): other for other in known}
    close = difflib.get_close_matches(name.casefold(), by_key, n=1, cutoff=0.6)
    return f"; the nearest: {by_key[close[0]]!r}" if close else ""
