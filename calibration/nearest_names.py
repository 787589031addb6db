"""Names nearest to an unknown one, for messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """End of a message with the nearest known name, if one comes near.

    Examples
    --------
    >>> nearest("mmlU", ["demo", "mmlu"]), nearest("arc", ["demo", "mmlu"])
    ("; the nearest: 'mmlu'", '')
    """
    by_key = {other.casefold(): other for other in known}
    close = difflib.get_close_matches(name.casefold(), by_key, n=1, cutoff=0.6)
    return f"; the nearest: {by_key[close[0]]!r}" if close else ""
