"""Rows of files: where each begins, what stands between cells, and what is refused by line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from calibration.files.field_names import Fields
from calibration.files.rows import read_rows

FIELDS = Fields(("id", "answer"), required=("answer",), lettered={"scores": ("logit",)})


def rows(path: Path, text: str) -> list[tuple[str, dict[str, Any]]]:
    path.write_text(text, encoding="utf-8")
    return [(row.where, row.values) for row in read_rows(path, FIELDS, what="rows")]


def test_a_row_is_named_by_the_line_that_it_begins_at(tmp_path: Path) -> None:
    text = 'id,answer,note\n\n"a\nb",A,x\n , ,\nc,B,"y\n\nz"\nd,C,\n'
    expected = [
        ("line 3", {"id": "a\nb", "answer": "A"}),
        ("line 6", {"id": "c", "answer": "B"}),
        ("line 9", {"id": "d", "answer": "C"}),
    ]
    assert rows(tmp_path / "i.csv", text) == expected
    assert rows(tmp_path / "i.tsv", "sep=,\n" + text) == [
        (f"line {int(where.split()[1]) + 1}", values) for where, values in expected
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_shows_the_fields(delimiter: str, tmp_path: Path) -> None:
    # A header may hold other delimiters, in names that are of no use.
    header = delimiter.join(("Id", '"x,y;z|w\t"', "logit_a", "Logit B", "label"))
    line = delimiter.join(("q1", '"1,5;2"', "1", "2", "B"))
    assert rows(tmp_path / "i.csv", f"{header}\n{line}\n") == [
        ("line 2", {"id": "q1", "answer": "B", "scores": ["1", "2"]})
    ]


def test_objects_and_tables_have_the_same_rows(tmp_path: Path) -> None:
    pl.DataFrame({"ID": ["a", "b"], "answer": [None, None], "Gold": [1, 0]}).write_parquet(tmp_path / "i.parquet")
    table = [row.values for row in read_rows(tmp_path / "i.parquet", FIELDS, what="rows")]
    lines = rows(tmp_path / "i.ndjson", '{"ID": "a", "answer": null, "Gold": 1}\n\n{"Gold": 0, "ID": "b"}')
    assert [values for _, values in lines] == table == [{"id": "a", "answer": 1}, {"id": "b", "answer": 0}]
    assert [where for where, _ in lines] == ["line 1", "line 3"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("i.csv", "id,answer\na,A\nb\n", r"i\.csv, line 3: every row must have the 2 columns of the header, got 1"),
        ("i.csv", "id,answer\na,A,\n", r"i\.csv, line 2: every row must have the 2 columns of the header, got 3"),
        ("i.csv", 'id,answer\na,"A"x\n', r"i\.csv, line 2: ',' expected after '\"'"),
        (
            "i.csv",
            'id,answer\na,A\n"b,B\nc,C\n',
            r"i\.csv, line 3: unexpected end of data \(a quote is opened here and",
        ),
        ("i.csv", "id,ID ,answer\n", r"i\.csv, line 1: 'id' and 'ID' both mean 'id'"),
        ("i.csv", "other,answer,other\n", r"i\.csv: the columns of the header must differ, 'other' occurs twice"),
        (
            "i.csv",
            "\n\nname,text\nx,y\n",
            r"i\.csv, line 3: there must be a field 'answer' .*; the file has 'name', 'text'",
        ),
        (
            "i.jsonl",
            '{"answer": 1}\n{"id": 1}\n',
            r"i\.jsonl, line 2: there must be a field 'answer' .* the file has 'id'",
        ),
        ("i.jsonl", '{"answer": 1}\n{"answer": 1,}\n', r"i\.jsonl, line 2: not JSON"),
        ("i.jsonl", '{"answer": 1, "answer": 2}\n', r"i\.jsonl, line 1: the field 'answer' occurs twice in an object"),
        ("i.parquet", "PAR1", r"i\.parquet: not a readable Parquet file"),
        ("i.json", "[]", r"i\.json: rows must be a \.jsonl, \.csv or \.parquet file, got \.json"),
        ("i.ods", "", r"got \.ods; save the sheet as \"CSV UTF-8\""),
    ],
)
def test_what_is_refused(name: str, text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        rows(tmp_path / name, text)
