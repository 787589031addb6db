"""Tables that have the columns of a schema, and are handed out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from .written_tables import pandas_frame, write_table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class SchemaTable:
    """A table of one model with the columns of a schema.

    Attributes
    ----------
    frame : polars.DataFrame
        The table.
    schema : polars.Schema
        Its own columns, one of them ``model``; by their types a file is read back. Further ones stand behind them.
    """

    schema: ClassVar[pl.Schema]
    frame: pl.DataFrame

    def to_pandas(self) -> pd.DataFrame:
        """The table as a frame of pandas, which needs no pyarrow."""
        return pandas_frame(self.frame)

    def save(self, path: str | Path) -> None:
        """Write the table as a file, which `from_frame` reads back.

        Raises
        ------
        ValueError
            For another suffix than .parquet, .arrow, .jsonl and .csv.
        """
        write_table(self.frame, path, own=self.schema)

    @property
    def model(self) -> str:
        """Name of the model."""
        return str(self.frame["model"][0])
