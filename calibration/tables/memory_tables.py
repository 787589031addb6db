"""Tables in memory: frames of any library, and dicts of arrays."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..metrics.ids import is_missing
from ..metrics.validation import plain_array
from .given_table import Column, GivenTable


def table_in_memory(data: object) -> GivenTable:
    """A table from a frame of any library or a mapping.

    Parameters
    ----------
    data : frame or mapping
        What has ``__arrow_c_stream__`` or ``__dataframe__`` (polars, pandas, DuckDB, pyarrow); a dict of arrays, lists
        or tensors.

    Raises
    ------
    TypeError
        For anything else.
    ValueError
        For columns of different lengths, repeated names and no rows.

    Examples
    --------
    >>> table_in_memory({"confidence": [0.9, 0.4], "correct": [1, 0]}).names
    ('confidence', 'correct')
    """
    if isinstance(data, pl.LazyFrame):
        data = data.collect()
    if isinstance(data, Mapping):
        return GivenTable({str(name): _column(str(name), values) for name, values in data.items()})
    if type(data).__module__.partition(".")[0] == "pandas" and hasattr(data, "columns"):
        return GivenTable(_pandas_columns(data))
    if isinstance(data, pl.DataFrame):
        frame = data
    elif hasattr(data, "__arrow_c_stream__"):
        frame = pl.DataFrame(data)
    elif hasattr(data, "__dataframe__"):
        frame = _exchanged(data)
    else:
        raise TypeError(
            "a table must be a frame (polars, pandas, pyarrow, DuckDB), a dict of arrays or a path, got "
            f"{type(data).__name__}"
        )
    return GivenTable({name: _plain(frame[name]) for name in frame.columns})


def _exchanged(data: object) -> pl.DataFrame:
    """A frame of the interchange protocol, which pyarrow reads."""
    try:
        exchange = importlib.import_module("pyarrow.interchange")
    except ImportError:
        raise TypeError(
            f"a table of {type(data).__name__} has __dataframe__ alone, which pyarrow reads: install it, or give a "
            "dict of arrays"
        ) from None
    return pl.DataFrame(exchange.from_dataframe(data))


def _plain(column: pl.Series) -> pl.Series:
    """A column without categories and decimals."""
    if column.dtype in (pl.Categorical, pl.Enum):
        return column.cast(pl.String)
    return column.cast(pl.Float64) if column.dtype.is_decimal() else column


def _pandas_columns(frame: Any) -> dict[str, Column]:
    """Columns of a pandas frame, which need no pyarrow.

    A level of its index that has a name is one.
    """
    named = [name for name in frame.index.names if name is not None and name not in frame.columns]
    if named:
        frame = frame.reset_index(level=named)
    columns: dict[str, Column] = {}
    for index, name in enumerate(map(str, frame.columns)):
        if name in columns:
            raise ValueError(f"the columns of a table must differ, {name!r} occurs twice")
        columns[name] = _pandas_column(frame.iloc[:, index])
    return columns


def _pandas_column(column: Any) -> Column:
    """Numbers as an array, anything else as a list, None for missing ones."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biuf":
        array: NDArray[Any] = column.to_numpy()
        return array
    return [None if not isinstance(value, list | np.ndarray) and is_missing(value) else value for value in column]


def _column(name: str, values: Any) -> Column:
    """A column of a mapping."""
    if isinstance(values, pl.Series):
        return _plain(values)
    if hasattr(values, "detach"):  # a tensor
        return plain_array(name, values)
    if type(values).__module__.partition(".")[0] == "pandas" and hasattr(values, "dtype"):
        return _pandas_column(values)
    if isinstance(values, np.ndarray) and values.ndim and values.dtype.kind in "biuf":
        return values
    if isinstance(values, str | bytes | Mapping) or not hasattr(values, "__len__"):
        raise ValueError(f"a column of a table must be a list or an array, {name!r} is {type(values).__name__}")
    return list(values)
