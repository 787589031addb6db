"""Rows of a browser in pieces, each compressed on its own."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

WholeNumbers = NDArray[np.integer[Any]]

# Characters of texts in a piece, about: few enough to be unpacked and searched in some milliseconds.
_PIECE = 250_000
_MOST_ROWS = 1_000
# Two cores are rarely absent.
_THREADS = 2


@dataclass(frozen=True)
class Piece:
    """A piece of the data of a browser.

    Attributes
    ----------
    key : str
        What it holds: ``about``, a column, or texts or letters of some rows.
    data : str
        Gzip, base64.
    """

    key: str
    data: str


def packed(content: bytes) -> str:
    """Data for the page's script: gzip, base64; the same text each time.

    Examples
    --------
    >>> gzip.decompress(base64.b64decode(packed(b"[1]")))
    b'[1]'
    """
    return base64.b64encode(gzip.compress(content, 6, mtime=0)).decode()


def json_bytes(data: Any) -> bytes:
    """JSON in UTF-8, without blanks.

    Examples
    --------
    >>> json_bytes({"a": [1, 2]})
    b'{"a":[1,2]}'
    """
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def packed_rows(
    about: Mapping[str, Any],
    columns: Mapping[str, WholeNumbers],
    texts: Mapping[str, Sequence[Any]],
    letters: Callable[[slice], WholeNumbers] | None = None,
) -> tuple[Piece, ...]:
    """Rows as the page's script takes them.

    Parameters
    ----------
    about : mapping
        What holds of all rows.
    columns : mapping of str to array
        Whole numbers from 0, one a row: what rows are filtered and sorted by.
    texts : mapping of str to sequence
        One text, or list of texts, a row.
    letters : function, optional
        Whole numbers below 65,536 of some rows, of which rows may have different numbers.
    """
    n_rows = len(next(iter(columns.values())))
    rows = _piece_rows(texts, n_rows)
    sizes = {key: _bytes_a_number(column) for key, column in columns.items()}
    heading = {**about, "count": n_rows, "pieceRows": rows, "columns": [*sizes.items()]}
    contents: list[tuple[str, Callable[[], bytes]]] = [("about", lambda: json_bytes(heading))]
    contents += [(key, _column(column, sizes[key])) for key, column in columns.items()]
    for number, first in enumerate(range(0, n_rows, rows)):
        here = slice(first, min(first + rows, n_rows))
        contents.append((f"rows-{number}", _texts(texts, here)))
        if letters is not None:
            contents.append((f"letters-{number}", _letters(letters, here)))
    with ThreadPoolExecutor(_THREADS) as pool:
        data = pool.map(lambda content: packed(content()), (make for _, make in contents))
        return tuple(Piece(key, text) for (key, _), text in zip(contents, data, strict=True))


def _column(column: WholeNumbers, size: int) -> Callable[[], bytes]:
    return lambda: column.astype(f"<u{size}").tobytes()


def _texts(texts: Mapping[str, Sequence[Any]], rows: slice) -> Callable[[], bytes]:
    return lambda: json_bytes({key: values[rows] for key, values in texts.items()})


def _letters(letters: Callable[[slice], WholeNumbers], rows: slice) -> Callable[[], bytes]:
    return lambda: letters(rows).astype("<u2").tobytes()


def _bytes_a_number(column: WholeNumbers) -> int:
    most = int(column.max(initial=0))
    return 1 if most < 1 << 8 else 2 if most < 1 << 16 else 4


def _piece_rows(texts: Mapping[str, Sequence[Any]], n_rows: int) -> int:
    length = sum(map(_length, (value for values in texts.values() for value in values)))
    return int(np.clip(n_rows * _PIECE // max(length, 1), 10, _MOST_ROWS))


def _length(value: str | Iterable[str]) -> int:
    return len(value) if isinstance(value, str) else sum(map(len, value))
