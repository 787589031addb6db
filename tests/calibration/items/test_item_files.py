"""Items from files: what is read, and what is refused with file and line."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from calibration import Item, load_items

ROWS: list[dict[str, Any]] = [
    {"id": "a", "subject": "history", "question": "When?", "options": ["then", "now"], "answer": "B"},
    {"id": "b", "subject": "law", "question": 'Why, "exactly"?', "options": ["x, y", "z", "w"], "answer": "A"},
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
    path = write(tmp_path / "items.csv", "question,A,B,C,answer\nOne?,x,y,,B\nTwo?,x,y,z,C\n")
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
        (
            "i.jsonl",
            '{"question": "Q", "options": ["a", "b"], "answer": null}',
            r"line 1: the answer must be .* got None",
        ),
        ("i.jsonl", '{"question": "Q", "options": ["a", "b"]}', r"line 1: there must be a field 'answer' \(or label, "),
        ("i.jsonl", '{"question": " ", "options": ["a", "b"], "answer": "A"}', r"item 0: the question is empty"),
        ("i.jsonl", '{"options": ["a", "b"], "answer": "A"}', r"there must be a field 'question' \(or prompt, "),
        ("i.jsonl", '{"question": null, "options": [], "answer": 0}', r"the field 'question' must be a text, got None"),
        (
            "i.jsonl",
            '{"question": "Q", "answer": "A", "Optoins": []}',
            r"field 'options' .*; the nearest: 'Optoins', or",
        ),
        ("i.jsonl", '{"question": "Q", "question": "R"}', r"line 1: the field 'question' occurs twice in an object"),
        (
            "i.jsonl",
            '{"question": "Q", "options": ["a", "b"], "A": "a", "B": "b", "answer": "A"}',
            r"line 1: options must be given once, got the field 'options' and columns A, B, …",
        ),
        ("i.jsonl", '{"question": "Q", "options": ["a"], "answer": "A"}', r"2 to 26 options, got 1"),
        ("i.jsonl", '{"question": "Q", "options": ["a", 2], "answer": "A"}', r"a list of texts, option 2 is 2"),
        ("i.jsonl", "{\n", r"line 1: not JSON"),
        ("i.jsonl", "[1]\n", r"line 1: must be a JSON object, got list"),
        ("i.jsonl", "\n", r"the file holds no items"),
        (
            "i.csv",
            "question,options,answer\nQ,\"['a' 'b', 'c']\",A\n",
            r"line 2: the field 'options' must be a JSON list",
        ),
        ("i.csv", "question,options,answer\nQ,nonsense,A\n", r"line 2: the field 'options' must be a JSON list"),
        ("i.csv", "question,A,B,answer\nQ,a,b,A,extra\n", r"line 2: every row must have the 4 columns of the header"),
        ("i.csv", 'question,A,B,answer\n"Q,a,b,A\n', r"i\.csv, line 2: unexpected end of data \(a quote is opened"),
        ("i.parquet", "no parquet", r"i\.parquet: not a readable Parquet file"),
        ("i.csv", "question,A,A,answer\nQ,a,b,A\n", r"i\.csv: the columns of the header must differ"),
        ("i.csv", "question,A,B,C,answer\nQ,a,,c,A\n", r"line 2: only the last of the columns A, B, … may be empty"),
        ("i.jsonl", '{"id": {}, "question": "Q", "options": ["a", "b"], "answer": 0}', r"'id' must be a text, got {}"),
        ("i.jsonl", '{"question": "\\ud800", "options": ["a", "b"], "answer": 0}', r"a text must be valid Unicode"),
        ("i.jsonl", "[" * 100_000, r"line 1: not JSON"),
        ("i.csv", "question,A,B,answer\nQ,a,b,A\nQ,a,b,A\nQ,a,b\n", r"line 4: every row must have the 4 .*, got 3"),
        ("i.xlsx", "x", r"got \.xlsx; save the sheet as \"CSV UTF-8\""),
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
    with pytest.raises(ValueError, match=r"twice\.jsonl, line 2: ids must be unique, a is at line 1 too"):
        load_items(twice)


LEMON = Item("0", "", "Which colour has a ripe lemon?", ("red", "yellow"), 1)


@pytest.mark.parametrize(
    "text",
    [
        "question;A;B;answer\n{};red;yellow;B\n",
        "Question\tA\tB\tAnswer\n{}\tred\tyellow\tB\n",
        "QUESTION|a|b|Ground Truth\n{}|red|yellow|B\n",
        "question, A, B, answer\n{}, red, yellow, B\n",
        'question , option_a , option_b , gold \n"{}",red,yellow, B \n',
        "sep=;\nquestion;A;B;answer\n{};red;yellow;B\n",
        "prompt,Choice A,Choice B,answerKey\n{},red,yellow,b\n",
        ',question,A,B,answer\n0,"{}",red,yellow,B\n',
        "question,A,B,answer,,\n{},red,yellow,B,,\n,,,,,\n",
        'question,choices,correct_answer\n{},"[""red"", ""yellow""]",B\n',
        "question,choices,correct_answer\n{},\"['red', 'yellow']\",yellow\n",
        'question,choices,answerKey\n{},"{{""text"": [""red"", ""yellow""], ""label"": [""1"", ""2""]}}",2\n',
    ],
)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_tables_of_spreadsheets_are_read_as_what_they_are(text: str, mark: str, end: str, tmp_path: Path) -> None:
    raw = (mark + text.format(LEMON.question)).replace("\n", end)
    (tmp_path / "i.csv").write_bytes(raw.encode())
    assert load_items(tmp_path / "i.csv") == [LEMON]


def test_copies_with_other_line_ends_are_the_same_items(tmp_path: Path) -> None:
    text = 'question,A,B,answer\n"Which colour has\na ripe lemon?",red,"dark\nyellow",B\n'
    (tmp_path / "unix.csv").write_bytes(text.encode())
    (tmp_path / "windows.csv").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    (tmp_path / "mac.csv").write_bytes(text.replace("\n", "\r").encode())
    unix, windows, mac = (load_items(tmp_path / f"{name}.csv") for name in ("unix", "windows", "mac"))
    assert unix == windows == mac
    assert (unix[0].question, unix[0].options) == ("Which colour has\na ripe lemon?", ("red", "dark\nyellow"))
    assert {items[0].content for items in (unix, windows, mac)} == {unix[0].content}


@pytest.mark.parametrize(
    "row",
    [
        {"question": LEMON.question, "choices": ["red", "yellow"], "label": "B"},
        {"question": LEMON.question, "choices": {"text": ["red", "yellow"], "label": ["A", "B"]}, "answerKey": "B"},
        {"question": LEMON.question, "choices": {"text": ["red", "yellow"], "label": ["1", "2"]}, "answerKey": "2"},
        {"question_stem": LEMON.question, "choices": [{"text": "red", "label": "A"}, {"text": "yellow", "label": "B"}],
         "answerKey": "B"},
        {"question": {"stem": LEMON.question, "choices": [{"text": "red", "label": "1"}, {"text": "yellow",
         "label": "2"}]}, "answerKey": "2"},
        {"question": LEMON.question, "options": ["red", "yellow"], "label": "B", "answer": None},
        {"Question": LEMON.question, "A": "red", "B": "yellow", "C": None, "gold": "yellow"},
    ],
)  # fmt: skip
def test_fields_of_other_data_sets_are_known(row: dict[str, Any], tmp_path: Path) -> None:
    assert load_items(write(tmp_path / "i.jsonl", json.dumps(row))) == [LEMON]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"choices": {"text": ["x", "y"], "label": ["1", "1"]}}, "each option must have a label of its own, got"),
        ({"choices": {"text": ["x", "y"], "label": ["1"]}}, "each option must have a label of its own, got"),
        ({"choices": {"text": ["x", "y"], "label": ["1", None]}}, "label of option 2 is empty, got null"),
        (
            {"choices": {"text": ["x", "y"], "label": ["B", "C"]}},
            "the answer must be one of the labels 'B', 'C', got 'A'",
        ),
        ({"choices": {"texts": ["x", "y"]}}, "a field 'options' with a list of texts, got {'texts'"),
        ({"choices": ["x", "y"], "options": ["x", "y"]}, "'options' and 'choices' both mean 'options': rename or rem"),
        ({"choices": ["x", "y"], "label": "B"}, "'answerKey' both mean 'answer'"),
        ({"choices": None}, "the field 'options' must be a list of texts, got null"),
        ({"choices": ["x", None]}, "option 2 is empty, got null"),
        ({"choices": ["", "y"]}, "item 0: option A is empty, got ''"),
        ({"choices": ["x", " \u200b"]}, r"item 0: option B is empty, got ' \\u200b'"),
        ({"A": None, "B": "x", "C": "y"}, "only the last of the columns A, B, … may be empty, option A is empty"),
        ({"A": "x", "B": "y", "D": "z"}, "columns of letters must run from A without a gap, C is missing before 'D'"),
        (
            {"A": "x", "C": "y"},
            "a field 'options' .*; the file has 'question', 'answerKey', 'A', 'C', or columns A, B, ",
        ),
    ],
)
def test_options_that_are_none(row: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = write(tmp_path / "i.jsonl", json.dumps({"question": "Q", "answerKey": "A", **row}))
    with pytest.raises(ValueError, match=rf"i\.jsonl, line 1: .*{message}"):
        load_items(path)


def test_words_for_nothing_are_options_in_every_format(tmp_path: Path) -> None:
    options = ["None", "NaN", "null", "N/A"]
    rows = [{"question": "Which?", "options": options, "answer": "A"}]
    write(tmp_path / "i.jsonl", json.dumps(rows[0]))
    pl.DataFrame(rows).write_parquet(tmp_path / "i.parquet")
    write(tmp_path / "i.csv", f"question,A,B,C,D,answer\nWhich?,{','.join(options)},A\n")
    for suffix in ("jsonl", "parquet", "csv"):
        assert load_items(tmp_path / f"i.{suffix}")[0].options == tuple(options)


def test_lost_options_are_refused_in_every_format(tmp_path: Path) -> None:
    table = {"question": ["Which?"], "A": ["x"], "B": [None], "C": ["y"], "answer": ["A"]}
    pl.DataFrame(table, schema=dict.fromkeys(table, pl.String)).write_parquet(tmp_path / "columns.parquet")
    with pytest.raises(ValueError, match=r"columns\.parquet, row 0: only the last .* may be empty, option B is empty"):
        load_items(tmp_path / "columns.parquet")
    pl.DataFrame([{"question": "Which?", "options": ["x", None], "answer": 0}]).write_parquet(tmp_path / "l.parquet")
    with pytest.raises(ValueError, match=r"l\.parquet, row 0: option 2 is empty, got null"):
        load_items(tmp_path / "l.parquet")
    last = write(tmp_path / "last.csv", "question,A,B,C,answer\nQ,x,y, ,C\n")
    with pytest.raises(ValueError, match=r"last\.csv, line 2: the answer must be a letter from A to B, got 'C'"):
        load_items(last)


def test_labels_of_a_row_decide_beside_any_convention(tmp_path: Path) -> None:
    labels = {"text": ["x", "y", "z"], "label": ["1", "2", "3"]}
    rows = [
        {"question": "One?", "choices": labels, "answerKey": "1"},
        {"question": "Two?", "choices": {**labels, "label": ["A", "B", "C"]}, "answerKey": "C"},
    ]
    path = write(tmp_path / "arc.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert [item.answer for item in load_items(path)] == [0, 2]
    assert load_items(path, answers="from-zero") == load_items(path)


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_answers_are_read_by_one_convention_for_the_whole_file(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"i.{suffix}"
    table = pl.DataFrame({"question": ["One?", "Two?"], **{name: [name.lower()] * 2 for name in "ABC"}})

    def written(*answers: str) -> Path:
        frame = table.with_columns(pl.Series("answer", answers))
        if suffix == "csv":
            frame.write_csv(path)
        elif suffix == "parquet":
            frame.write_parquet(path)
        else:
            path.write_text("".join(json.dumps(row) + "\n" for row in frame.to_dicts()), encoding="utf-8")
        return path

    assert [item.answer for item in load_items(written("0", "2"))] == [0, 2]
    assert [item.answer for item in load_items(written("1", "3"), answers="from-one")] == [0, 2]
    with pytest.raises(
        ValueError, match=r"i\.\w+: the answers are digits and never 0, from '1' .* to '3' .* --answers"
    ):
        load_items(written("1", "3"))
    with pytest.raises(ValueError, match=r"got letters and digits: 'A' \(\w+ \d\) and '1' \(\w+ \d\); say what the d"):
        load_items(written("1", "A"))


def test_labels_of_the_hub_count_from_zero(tmp_path: Path) -> None:
    rows = {"question": ["One?", "Two?"], "choices": [["x", "y"], ["1", "0"]], "label": [1, 0]}
    pl.DataFrame(rows).write_parquet(tmp_path / "hub.parquet")
    assert [item.answer for item in load_items(tmp_path / "hub.parquet")] == [1, 0]


def test_exact_duplicates_of_a_text_are_no_error(tmp_path: Path) -> None:
    same = [{**ROWS[0], "id": "a"}, {**ROWS[0], "id": "b"}]
    items = load_items(write(tmp_path / "same.jsonl", "".join(json.dumps(row) + "\n" for row in same)))
    assert items[0].content == items[1].content


@pytest.mark.parametrize("name", ["article", "Passage", "context"])
def test_a_passage_in_a_field_of_its_own_is_told(name: str, tmp_path: Path) -> None:
    row = {name: "Long ago.", "question": "When?", "options": ["then", "now"], "answer": "A"}
    path = write(tmp_path / "items.jsonl", json.dumps(row))
    with pytest.warns(
        UserWarning, match=f"items.jsonl: '{name}' is not part of the prompts: a passage that a question"
    ):
        (item,) = load_items(path)
    assert item.question == "When?"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_in_texts_are_the_same_in_every_format(end: str, tmp_path: Path) -> None:
    question, options = f"Which?{end}Choose.", [f"a{end}b", "c"]
    row = {"id": "q", "subject": "s", "question": question, "options": options, "answer": "A"}
    (tmp_path / "q.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    pl.DataFrame([row]).write_parquet(tmp_path / "q.parquet")
    with (tmp_path / "q.csv").open("w", encoding="utf-8", newline="") as file:
        file.write(f'id,subject,question,A,B,answer\nq,s,"{question}","{options[0]}",{options[1]},A\n')
    items = {load_items(tmp_path / f"q.{suffix}")[0] for suffix in ("jsonl", "parquet", "csv")}
    assert items == {Item("q", "s", "Which?\nChoose.", ("a\nb", "c"), 0)}


def test_other_fields_stay_with_the_item(tmp_path: Path) -> None:
    row = {"question": "Is fire cold?", "options": ["yes", "no"], "answer": "B"}
    more = {"language": "de", "year": 2020, "hard": True, "tags": ["a"], "note": None, "empty": "", "half": "\ud800"}
    lines = write(tmp_path / "items.jsonl", json.dumps({**row, **more}))
    assert load_items(lines)[0].columns == {"language": "de", "year": 2020, "hard": True, "half": "?"}
    cells = write(tmp_path / "items.csv", "question,A,B,answer,language,\nOne?,x,y,B,fr,1\nTwo?,x,y,A,,2\n")
    assert [item.columns for item in load_items(cells)] == [{"language": "fr"}, {}]
    table = tmp_path / "items.parquet"
    pl.DataFrame([{**row, "language": "de", "day": date(2020, 1, 2)}]).write_parquet(table)
    assert load_items(table)[0].columns == {"language": "de", "day": date(2020, 1, 2)}
