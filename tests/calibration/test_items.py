"""Items from files: what is read, and what is refused with file and row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from calibration import Item, load_items
from calibration.items import select

ROWS: list[dict[str, Any]] = [
    {"id": "a", "subject": "history", "question": "When?", "options": ["then", "now"], "answer": "B"},
    {"id": "b", "subject": "law", "question": 'Why, "exactly"?', "options": ["x, y", "z", "w"], "answer": 0},
]
EXPECTED = [
    Item("a", "history", "When?", ("then", "now"), 1),
    Item("b", "law", 'Why, "exactly"?', ("x, y", "z", "w"), 0),
]


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_three_formats_give_the_same_items(tmp_path: Path) -> None:
    lines = write(tmp_path / "items.jsonl", "".join(json.dumps(row) + "\n\n" for row in ROWS))
    table = tmp_path / "items.parquet"
    pl.DataFrame([{**row, "answer": str(row["answer"])} for row in ROWS]).write_parquet(table)
    text = pl.DataFrame([{**row, "options": json.dumps(row["options"]), "answer": str(row["answer"])} for row in ROWS])
    text.write_csv(tmp_path / "items.csv")
    assert load_items(lines) == load_items(table) == load_items(tmp_path / "items.csv") == EXPECTED


def test_csv_may_have_a_column_a_letter_and_rows_with_fewer_options(tmp_path: Path) -> None:
    path = write(tmp_path / "items.csv", "question,A,B,C,answer\nOne?,x,y,,B\nTwo?,x,y,z,2\n")
    assert load_items(path) == [Item("0", "", "One?", ("x", "y"), 1), Item("1", "", "Two?", ("x", "y", "z"), 2)]


def test_two_to_twenty_six_options(tmp_path: Path) -> None:
    row: dict[str, Any] = {"question": "Which?", "options": [str(number) for number in range(26)], "answer": "Z"}
    assert load_items(write(tmp_path / "i.jsonl", json.dumps(row)))[0].letter == "Z"
    row["options"] = [*row["options"], "26"]
    with pytest.raises(ValueError, match=r"i\.jsonl, line 1: there must be 2 to 26 options, got 27"):
        load_items(write(tmp_path / "i.jsonl", json.dumps(row)))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "i.jsonl",
            '{"question": "Q", "options": ["a", "b"], "answer": "C"}',
            r"line 1: the answer must be a letter from A to B",
        ),
        ("i.jsonl", '{"question": "Q", "options": ["a", "b"], "answer": true}', r"index from 0 to 1, got True"),
        ("i.jsonl", '{"question": "Q", "options": ["a", "b"], "answer": -1}', r"index from 0 to 1, got -1"),
        ("i.jsonl", '{"question": "Q", "options": ["a", "b"]}', r"line 1: the answer must be .* got None"),
        ("i.jsonl", '{"question": " ", "options": ["a", "b"], "answer": "A"}', r"item 0: the question is empty"),
        ("i.jsonl", '{"options": ["a", "b"], "answer": "A"}', r"the field 'question' must be a text, got None"),
        ("i.jsonl", '{"question": "Q", "options": ["a"], "answer": "A"}', r"2 to 26 options, got 1"),
        ("i.jsonl", '{"question": "Q", "options": ["a", 2], "answer": "A"}', r"a field 'options' with a list of texts"),
        ("i.jsonl", "{\n", r"line 1: not JSON"),
        ("i.jsonl", "[1]\n", r"line 1: must be a JSON object, got list"),
        ("i.jsonl", "\n", r"the file holds no items"),
        ("i.csv", "question,options,answer\nQ,nonsense,A\n", r"line 2: the field 'options' must be a JSON list"),
        ("i.csv", "question,A,B,answer\nQ,a,b,A,extra\n", r"line 2: every row must have the 4 columns of the header"),
        ("i.csv", 'question,A,B,answer\n"Q,a,b,A\n', r"i\.csv, line \d: unexpected end of data"),
        ("i.parquet", "no parquet", r"i\.parquet: not a readable Parquet file"),
        ("i.csv", "question,A,A,answer\nQ,a,b,A\n", r"i\.csv: the columns of the header must differ"),
        ("i.csv", "question,A,B,C,answer\nQ,a,,c,A\n", r"line 2: only the last of the columns A, B, … may be empty"),
        ("i.jsonl", '{"id": {}, "question": "Q", "options": ["a", "b"], "answer": 0}', r"'id' must be a text, got {}"),
        ("i.jsonl", '{"question": "\\ud800", "options": ["a", "b"], "answer": 0}', r"a text must be valid Unicode"),
        ("i.jsonl", "[" * 100_000, r"line 1: not JSON"),
        ("i.txt", "x", r"must be a \.jsonl, \.csv or \.parquet file, got \.txt"),
    ],
)
def test_a_bad_file_is_refused_by_place(name: str, text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        load_items(write(tmp_path / name, text))


def test_other_refusals(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no such file: .*missing\.jsonl"):
        load_items(tmp_path / "missing.jsonl")
    (tmp_path / "latin.jsonl").write_bytes('{"question": "é"}'.encode("latin-1"))
    with pytest.raises(ValueError, match="must be UTF-8"):
        load_items(tmp_path / "latin.jsonl")
    twice = write(tmp_path / "twice.jsonl", "".join(json.dumps({**row, "id": "a"}) + "\n" for row in ROWS))
    with pytest.raises(ValueError, match=r"twice\.jsonl, line 2: ids must be unique, a stands at line 1 too"):
        load_items(twice)


def test_exact_duplicates_of_a_text_are_no_error(tmp_path: Path) -> None:
    same = [{**ROWS[0], "id": "a"}, {**ROWS[0], "id": "b"}]
    items = load_items(write(tmp_path / "same.jsonl", "".join(json.dumps(row) + "\n" for row in same)))
    assert items[0].content == items[1].content


def test_content_hash_sees_where_one_option_ends() -> None:
    assert Item("0", "", "Q", ("ab", "c"), 0).content != Item("0", "", "Q", ("a", "bc"), 0).content


def test_select() -> None:
    items = [Item(f"{subject}/{number}", subject, "Q", ("a", "b"), 0) for number in range(3) for subject in ("x", "y")]
    assert [item.id for item in select(items, subjects=["y"], limit=2)] == ["y/0", "y/1"]
    assert select(items) == items
    with pytest.raises(ValueError, match="no item has the subject 'z'; there are: x, y"):
        select(items, subjects=["z"])
    with pytest.raises(ValueError, match="the limit must be at least 1, got 0"):
        select(items, limit=0)
