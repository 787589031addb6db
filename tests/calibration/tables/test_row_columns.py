from typing import Any

import polars as pl
import pytest

from calibration.tables import row_columns
from calibration.tables.row_columns import RowColumns


@pytest.mark.parametrize("batch", [1, 2, 3, 10_000])
@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([0.5, None, 2.0], pl.Float64),
        ([None, None, 1], pl.Int64),
        (["a", None, ""], pl.String),
        ([True, False, None], pl.Boolean),
        ([1, 2.5, 3], None),
        ([1, True, 0], None),
        (["1", 1, None], None),
        ([2**63, 1, 2], None),
        ([[0.5, 1], None, []], None),
        ([{"a": 1}, None, "x"], None),
        (["half \ud800", "a", "b"], None),
        ([None, None, None], None),
    ],
)
def test_a_column_holds_the_values_of_its_rows_whatever_their_types(
    values: list[Any], kind: Any, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_columns, "_BATCH", batch)
    columns = RowColumns()
    for row, value in enumerate(values):
        columns.add({"item": row, "value": value})
    column = columns.whole()["value"]
    assert [(type(value), value) for value in column] == [(type(value), value) for value in values]
    assert getattr(column, "dtype", None) == kind


@pytest.mark.parametrize("batch", [1, 2, 10_000])
def test_names_that_come_later_or_stay_away_are_null_there(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_columns, "_BATCH", batch)
    columns = RowColumns()
    for row in ({"a": 1}, {"b": "x"}, {"b": "y", "a": 2}):
        columns.add(row)
    assert {name: list(column) for name, column in columns.whole().items()} == {
        "a": [1, None, 2],
        "b": [None, "x", "y"],
    }
    assert columns.n_rows == 3
