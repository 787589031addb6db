"""Frames of any library go into each class by `from_frame`, and give the same rows."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch

from calibration import Pairs, Predictions, Verdicts
from factuality import Judgments

Columns = dict[str, list[Any]]

PAIRS: Columns = {
    "id": ["a", "b", "c"],
    "confidence": [0.875, 0.25, 0.5],
    "correct": [True, False, True],
    "year": [1, 2, 3],
}
VERDICTS: Columns = {
    "id": ["a", "b", "c"],
    "verdict": ["correct", "incorrect", "abstained"],
    "language": ["de", "fr", "de"],
}
LETTERS: Columns = {
    "id": ["a", "b", "c"],
    "logit_A": [0.5, 1.0, -2.0],
    "logit_B": [0.25, 3.0, 1.5],
    "answer": ["A", "B", "A"],
}
JUDGED: Columns = {
    "question": ["Where?", "When?", "Who?"], "response": ["Here.", "Now.", "Me."], "verdict": ["yes", "no", "yes"],
    "confidence": [0.5, 0.25, 1.0],
}  # fmt: skip
CLASSES: list[tuple[Callable[..., Any], Columns]] = [
    (Pairs.from_frame, PAIRS),
    (Verdicts.from_frame, VERDICTS),
    (Predictions.from_frame, LETTERS),
    (Judgments.from_frame, JUDGED),
]
NAMES = ["pairs", "verdicts", "predictions", "judgments"]


def tensors(columns: Columns) -> dict[str, Any]:
    """Numbers and truth values as tensors, texts as lists."""
    return {name: values if isinstance(values[0], str) else torch.tensor(values) for name, values in columns.items()}


def arrow(columns: Columns) -> Any:
    return importlib.import_module("pyarrow").table(columns)


def relation(columns: Columns) -> Any:
    """A relation of DuckDB over the table."""
    duckdb: Any = importlib.import_module("duckdb")
    connection = duckdb.connect()
    connection.register("answers", arrow(columns))
    return connection.sql("select * from answers")


FRAMES: dict[str, Callable[[Columns], Any]] = {
    "a frame of polars": pl.DataFrame,
    "a lazy frame": lambda columns: pl.DataFrame(columns).lazy(),
    "a frame of pandas": pd.DataFrame,
    "pandas with its own types": lambda columns: pd.DataFrame(columns).convert_dtypes(dtype_backend="numpy_nullable"),
    "lists": dict,
    "arrays": lambda columns: {name: np.array(values) for name, values in columns.items()},
    "tensors": tensors,
    "series of pandas": lambda columns: {name: pd.Series(values) for name, values in columns.items()},
}
WITH_PYARROW: dict[str, Callable[[Columns], Any]] = {
    "a table of pyarrow": arrow,
    "a record batch": lambda columns: arrow(columns).to_batches()[0],
    "a reader of record batches": lambda columns: arrow(columns).to_reader(),
    "pandas with types of pyarrow": lambda columns: pd.DataFrame(columns).convert_dtypes(dtype_backend="pyarrow"),
    "a relation of DuckDB": relation,
    "a result of DuckDB": lambda columns: relation(columns).to_arrow_table(),
}


def same_rows(make: Callable[[Columns], Any], read: Callable[..., Any], columns: Columns) -> None:
    assert read(make(columns)).frame.equals(read(pl.DataFrame(columns)).frame)


@pytest.mark.parametrize(("read", "columns"), CLASSES, ids=NAMES)
@pytest.mark.parametrize("frame", FRAMES)
def test_frames_give_the_same_rows(frame: str, read: Callable[..., Any], columns: Columns) -> None:
    same_rows(FRAMES[frame], read, columns)


@pytest.mark.oracle  # needs pyarrow and DuckDB
@pytest.mark.parametrize(("read", "columns"), CLASSES, ids=NAMES)
@pytest.mark.parametrize("frame", WITH_PYARROW)
def test_frames_of_arrow_give_the_same_rows(frame: str, read: Callable[..., Any], columns: Columns) -> None:
    same_rows(WITH_PYARROW[frame], read, columns)


@pytest.mark.parametrize(("read", "columns"), CLASSES, ids=NAMES)
def test_what_is_no_frame_is_named(read: Callable[..., Any], columns: Columns) -> None:
    with pytest.raises(TypeError, match=r"a table must be a frame \(polars, pandas, pyarrow, DuckDB\), .* got list"):
        read([columns])
