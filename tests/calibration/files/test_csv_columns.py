"""Columns of a CSV: the same cells and lines whichever way they are read."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.files.csv_columns import read_csv_columns
from calibration.files.field_names import Fields
from calibration.files.rows import csv_rows

FIELDS = Fields(("item", "answer"))
CELLS = st.text(st.sampled_from("ab .,1-é\ufeff"), max_size=4)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=6), st.booleans())
def test_columns_are_the_rows(rows: list[tuple[str, str, str]], quoted: bool) -> None:
    mark = '"' if quoted else ""
    lines = [";".join(f"{mark}{cell}{mark}" for cell in row) for row in rows]
    with TemporaryDirectory() as folder:
        path = Path(folder, "table.csv")
        path.write_text("\n".join(["item;answer;note", *lines]) + "\n", encoding="utf-8")
        table = read_csv_columns(path, FIELDS)
        expected = list(csv_rows(path, FIELDS))
        assert [table.where(row) for row in range(len(table.line))] == [row.where for row in expected]
        cells = [column.to_list() for column in table.cells]
        assert list(zip(*cells, strict=True)) == [
            (row.values["item"], row.values["answer"], row.further_values["note"]) for row in expected
        ]


@pytest.mark.parametrize("row", ["a;b", "a;b;c;d", 'a;"b";c;d'])
def test_a_row_of_another_width_is_named(row: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f"item;answer;note\n1;2;3\n{row}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"line 3: every row must have the 3 columns of the header, got [24]"):
        read_csv_columns(path, FIELDS)


def test_blank_rows_are_passed_over_and_lines_stay_right(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("item;answer;note\n1;2;3\n;;\n4;5;6\n", encoding="utf-8")
    table = read_csv_columns(path, FIELDS)
    assert [table.where(row) for row in range(2)] == ["line 2", "line 4"]
    assert [column.to_list() for column in table.cells] == [["1", "4"], ["2", "5"], ["3", "6"]]


@pytest.mark.parametrize("text", ["item;answer;note\n", "item;answer;note", "\n", '""\n'])
def test_a_file_without_rows_has_none(text: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    assert len(read_csv_columns(path, Fields(())).line) == 0
