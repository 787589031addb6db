"""Tables handed out: as files, and as frames of pandas."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from ..files.atomic import write_bytes

if TYPE_CHECKING:
    import pandas as pd

WRITTEN_SUFFIXES = (".parquet", ".arrow", ".jsonl", ".csv")


def write_table(frame: pl.DataFrame, path: str | Path) -> None:
    """Write a table as a file, by its suffix.

    Raises
    ------
    ValueError
        For another suffix than .parquet, .arrow, .jsonl and .csv, and for lists in CSV.
    """
    target = Path(path)
    file = BytesIO()
    nested = [name for name, dtype in frame.schema.items() if dtype.is_nested()]
    if target.suffix == ".parquet":
        frame.write_parquet(file)
    elif target.suffix == ".arrow":
        frame.write_ipc(file)
    elif target.suffix == ".jsonl":
        frame.write_ndjson(file)
    elif target.suffix == ".csv" and not nested:
        frame.write_csv(file)
    else:
        lists = f"; {nested[0]!r} holds lists, which CSV has not" if target.suffix == ".csv" else ""
        raise ValueError(
            f"{target}: a table is saved as {', '.join(WRITTEN_SUFFIXES)}, got {target.suffix or 'no suffix'}{lists}"
        )
    write_bytes(file.getvalue(), target)


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
