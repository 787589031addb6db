"""What a command prints as a document: every line and table, in each format."""

from __future__ import annotations

import polars as pl
import pytest

from calibration.result_tables.result_table import ResultTable, result_columns
from veracal.output_document import DocumentFormat, OutputDocument

TABLE = ResultTable(
    columns=result_columns(["", "value", "95 % interval", "95 % interval"]),
    rows=(("accuracy", "0.500", "[0.4, 0.6]", ""),),
    heading=("my_model",),
    caption="my_model on 10 items",
)
FRAME = pl.DataFrame({"measure": ["accuracy"], "value": [0.123456789], "low": [float("nan")]})


def document(form: DocumentFormat) -> OutputDocument:
    made = OutputDocument(form)
    made.add_line("Before: a|b")
    made.add_line("")
    made.add_table(TABLE, FRAME)
    return made


@pytest.mark.parametrize(
    ("form", "line", "row"),
    [
        ("md", r"Before: a\|b", "| accuracy | 0.500 |"),
        ("latex", r"Before: a$|$b", "accuracy & 0.500 &"),
        ("html", "<p>Before: a|b</p>", '<th scope="row" class="text">accuracy</th><td>0.500</td>'),
    ],
)
def test_lines_and_tables_are_written_in_their_order(form: DocumentFormat, line: str, row: str) -> None:
    text = document(form).text
    assert text.index(line) < text.index(row)


def test_csv_has_the_numbers_of_a_table_alone() -> None:
    assert document("csv").text == "measure,value,low\naccuracy,0.123456789,"


def test_csv_of_several_tables_names_them_in_a_column() -> None:
    made = document("csv")
    made.add_table(TABLE)
    lines = made.text.splitlines()
    assert lines[0] == "table,measure,value,low,name,95 % interval 2,95 % interval 3"
    assert lines[1] == "my_model,accuracy,0.123456789,,,,"
    assert lines[2] == 'my_model,,0.500,,accuracy,"[0.4, 0.6]",'


def test_a_page_of_html_tells_how_it_is_encoded() -> None:
    assert document("html").text.startswith('<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">')


@pytest.mark.parametrize("form", ["md", "latex", "csv"])
def test_nothing_is_written_of_nothing(form: DocumentFormat) -> None:
    assert OutputDocument(form).text == ""
