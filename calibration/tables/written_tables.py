"""Tables handed out: as files, and as frames of pandas."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import polars as pl

from ..files.atomic import write_bytes
from .stored_tables import RUN_NOTE, text_cells

if TYPE_CHECKING:
    import pandas as pd

WRITTEN_SUFFIXES = (".parquet", ".arrow", ".jsonl", ".csv")


def write_table(frame: pl.DataFrame, path: str | Path, *, own: Mapping[str, Any]) -> None:
    """Write a table as a file, by its suffix.

    Parameters
    ----------
    frame : polars.DataFrame
        The table.
    path : str or Path
        The file; what it holds is replaced.
    own : mapping of str to type
        Types of its own columns, as `calibration.tables.stored_tables.text_cells` needs them.

    Raises
    ------
    ValueError
        For another suffix than .parquet, .arrow, .jsonl and .csv.
    """
    target = Path(path)
    if target.suffix not in WRITTEN_SUFFIXES:
        raise ValueError(
            f"{target}: a table is saved as {', '.join(WRITTEN_SUFFIXES)}, got {target.suffix or 'no suffix'}"
        )
    file = BytesIO()
    write_rows(frame, file, suffix=target.suffix, own=own)
    write_bytes(file.getvalue(), target)


def write_rows(frame: pl.DataFrame, file: IO[bytes], *, suffix: str, own: Mapping[str, Any], note: str = "") -> None:
    """Write a table into an open file, as one with this suffix.

    A note stands in the metadata of a Parquet file, or in the first cell of a last column (`RUN_NOTE`).

    Raises
    ------
    ValueError
        For a note beside a column of that name.
    """
    if note and RUN_NOTE in frame.columns:
        raise ValueError(f"a further column must not be called {RUN_NOTE!r}")
    if note and suffix != ".parquet":
        frame = frame.with_columns(pl.Series(RUN_NOTE, [note, *[None] * (frame.height - 1)], dtype=pl.String))
        own = {**own, RUN_NOTE: pl.String()}
    if suffix == ".parquet":
        frame.write_parquet(file, metadata={RUN_NOTE: note} if note else None)
    elif suffix == ".arrow":
        frame.write_ipc(file)
    elif suffix == ".jsonl":
        frame.write_ndjson(file)
    else:
        text_cells(frame, own).write_csv(file)


def pandas_frame(frame: pl.DataFrame) -> pd.DataFrame:
    """A table as a frame of pandas, without pyarrow.

    Missing numbers are NaN, whole numbers with missing ones of pandas' own type ``Int64``.

    Raises
    ------
    ImportError
        Without pandas.
    """
    import pandas as pd

    def values(column: pl.Series) -> object:
        if column.dtype.is_integer() and column.null_count():
            return pd.array(column.to_list(), dtype="Int64")
        if column.dtype.is_float():
            return column.fill_null(np.nan).to_numpy()
        if (column.dtype.is_integer() or column.dtype == pl.Boolean) and not column.null_count():
            return column.to_numpy()
        return column.to_list()

    return pd.DataFrame({column.name: values(column) for column in frame})
