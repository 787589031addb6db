"""Questions and their file: right or refused, by file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from factuality import Question, load_questions
from factuality.questions.question import question_table, questions_from, select, unique_questions
from tests.factuality import sets

GOOD: dict[str, Any] = {
    "id": "sun/0",
    "category": "science",
    "question": "What colour is the Sun?",
    "ideal": "white",
    "incorrect": ["yellow"],
}


def write(tmp_path: Path, *rows: object) -> Path:
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_every_field_is_read(tmp_path: Path) -> None:
    full = {**GOOD, "id": 7, "aliases": ["white light", "white"], "source": "a book", "adversarial": False}
    first, second = load_questions(write(tmp_path, GOOD, full))
    assert first == Question("sun/0", "science", "What colour is the Sun?", ("white",), ("yellow",))
    assert (first.ideal, first.source, first.adversarial) == ("white", "", True)
    assert (second.id, second.correct) == ("7", ("white", "white light"))
    assert (second.source, second.adversarial) == ("a book", False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": 1.5}, "the field 'id' must be a text, got 1.5"),
        ({"category": 3}, "the field 'category' must be a text, got 3"),
        ({"question": ""}, "question sun/0: the question is empty"),
        ({"ideal": None}, "the field 'ideal' must be a text, got None"),
        ({"ideal": " "}, "question sun/0: an answer must hold at least one word, got ' '"),
        ({"aliases": ["?"]}, r"question sun/0: an answer must hold at least one word, got '\?'"),
        ({"incorrect": [1]}, r"the field 'incorrect' must be a list of texts, got \[1\]"),
        (
            {"incorrect": ["yellow", "The WHITE."]},
            "must not be both correct and incorrect, got 'white' and 'The WHITE.'",
        ),
        (
            {"incorrect": [], "adversarial": True},
            "question sun/0: an adversarial question must have at least one incorrect answer",
        ),
        ({"incorrect": ["yellow", None]}, r"the field 'incorrect' must be a list of texts, got \['yellow', None\]"),
        ({"incorrect": "[yellow"}, r"the field 'incorrect' must be a JSON list, got '\[yellow'"),
        ({"incorrect": {"a": "b"}}, "the field 'incorrect' must be a list of texts, got {'a': 'b'}"),
        ({"ideal": []}, r"the field 'ideal' must be a text, got \[\]"),
        ({"ideal": True}, "the field 'ideal' must be a text, got True"),
        ({"answer": "gold"}, "'answer' and 'ideal' both mean 'ideal'|'ideal' and 'answer' both mean 'ideal'"),
        ({"source": 3}, "the field 'source' must be a text, got 3"),
        ({"adversarial": "no"}, "the field 'adversarial' must be true or false, got 'no'"),
        ({"ideal": "\ud800"}, "a text must be valid Unicode"),
    ],
)
def test_a_wrong_field_is_refused_by_file_and_line(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = write(tmp_path, {**GOOD, "id": "other"}, {**GOOD, **change})
    with pytest.raises(ValueError, match=rf"questions\.jsonl, line 2: .*{message}"):
        load_questions(path)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no such file: .*none\.jsonl"):
        load_questions(tmp_path / "none.jsonl")
    (tmp_path / "questions.txt").touch()
    with pytest.raises(ValueError, match=r"questions must be a \.jsonl, \.csv or \.parquet file, got \.txt"):
        load_questions(tmp_path / "questions.txt")
    with pytest.raises(ValueError, match=r"there must be a field 'ideal' \(or answer, .*; the file has 'question'"):
        load_questions(write(tmp_path, {"question": "What?"}))
    with pytest.raises(ValueError, match=r"questions\.jsonl: the file is empty"):
        load_questions(write(tmp_path))
    (tmp_path / "questions.jsonl").write_text("\n \n")
    with pytest.raises(ValueError, match="the file holds no questions"):
        load_questions(tmp_path / "questions.jsonl")
    with pytest.raises(ValueError, match="line 2: ids must be unique, sun/0 is at line 1 too"):
        load_questions(write(tmp_path, GOOD, GOOD))
    with pytest.raises(ValueError, match=r"line 1: must be a JSON object, got list"):
        load_questions(write(tmp_path, []))


def test_names_of_other_sets_and_copies_of_other_systems(tmp_path: Path) -> None:
    expected = load_questions(write(tmp_path, GOOD))
    names = {"ideal": "Best Answer", "incorrect": "incorrect_answers", "question": "prompt"}
    renamed = {names.get(name, name): value for name, value in GOOD.items()}
    (tmp_path / "copy.jsonl").write_bytes(b"\xef\xbb\xbf" + json.dumps(renamed).encode() + b"\r\n\r\n")
    assert load_questions(tmp_path / "copy.jsonl") == expected
    (tmp_path / "wide.jsonl").write_bytes(json.dumps(GOOD).encode("utf-16"))
    with pytest.raises(ValueError, match=r"wide\.jsonl: must be UTF-8, this is UTF-16"):
        load_questions(tmp_path / "wide.jsonl")


PLAIN = [
    Question("0", "", "What colour is the Sun?", ("white",), (), adversarial=False),
    Question("1", "", "In which year did people land on the Moon?", ("1969",), (), adversarial=False),
]


@pytest.mark.parametrize("absent", [{}, dict.fromkeys(["id", "category", "aliases", "incorrect", "source"])])
def test_question_and_answer_are_enough(absent: dict[str, None], tmp_path: Path) -> None:
    rows = [{"question": one.question, "answer": one.ideal} | absent for one in PLAIN]
    assert load_questions(write(tmp_path, *rows)) == PLAIN
    numbered = [{**row, "answer": int(row["answer"])} if row["answer"] == "1969" else row for row in rows]
    assert load_questions(write(tmp_path, *numbered)) == PLAIN
    pl.DataFrame(rows).write_parquet(tmp_path / "questions.parquet")
    assert load_questions(tmp_path / "questions.parquet") == PLAIN
    for separator in ",;\t":
        pl.DataFrame(rows).write_csv(tmp_path / "questions.csv", separator=separator)
        assert load_questions(tmp_path / "questions.csv") == PLAIN


def test_ids_of_rows_without_one_are_row_numbers_and_unique(tmp_path: Path) -> None:
    rows = [{"id": name, "question": "What?", "answer": "this"} for name in ("", "a", None)]
    assert [question.id for question in load_questions(write(tmp_path, *rows))] == ["0", "a", "2"]
    with pytest.raises(ValueError, match="line 2: ids must be unique, 1 is at line 1 too"):
        load_questions(write(tmp_path, {**rows[0], "id": "1"}, {"question": "What?", "answer": "this"}))


@pytest.mark.parametrize("cell", ["yellow; orange;", '["yellow", "orange"]', "['yellow', 'orange']"])
def test_lists_in_cells(cell: str, tmp_path: Path) -> None:
    row = {"question": "What colour is the Sun?", "answer": "white", "incorrect": cell, "adversarial": " TRUE "}
    pl.DataFrame([row]).write_csv(tmp_path / "questions.csv")
    expected = Question("0", "", "What colour is the Sun?", ("white",), ("yellow", "orange"))
    assert load_questions(tmp_path / "questions.csv") == [expected]


def test_right_answers_under_the_name_of_correct(tmp_path: Path) -> None:
    row = {"question": "What colour is the Sun?", "ideal": "white", "correct": ["white", "white light"]}
    path = tmp_path / "questions.jsonl"
    path.write_text(json.dumps(row))
    assert load_questions(path)[0].correct == ("white", "white light")
    path.write_text(json.dumps({**row, "correct": [None]}))
    with pytest.raises(ValueError, match=r"line 1: the field 'aliases' must be a list of texts, got \[None\]"):
        load_questions(path)


def test_several_answers_are_the_ideal_one_and_aliases(tmp_path: Path) -> None:
    row = {"question": "What colour is the Sun?", "answer": ["white", "all colours"], "aliases": ["white light"]}
    assert load_questions(write(tmp_path, row))[0].correct == ("white", "all colours", "white light")


def test_a_calm_question_needs_no_wrong_answer() -> None:
    assert Question("a", "b", "What?", ("this",), (), adversarial=False).incorrect == ()
    with pytest.raises(ValueError, match="there must be at least one correct answer"):
        Question("a", "b", "What?", (), ("that",))


def test_ids_of_a_list_are_checked() -> None:
    asked = sets.questions(3)
    assert unique_questions(asked) == tuple(asked)
    with pytest.raises(ValueError, match="ids must be unique: q0 is at questions 0 and 3"):
        unique_questions([*asked, asked[0]])
    with pytest.raises(ValueError, match="there must be at least one question"):
        unique_questions([])


def test_the_table_beside_the_parts_gives_the_questions_back() -> None:
    asked = tuple(sets.questions())
    assert questions_from(question_table(asked)) == asked


def test_a_limit_counts_adversarial_and_calm_questions_of_a_category_apart() -> None:
    asked = sets.questions(16)
    kept = select(asked, limit=2)
    groups = [(question.category, question.adversarial) for question in kept]
    assert {group: groups.count(group) for group in groups} == {
        ("rivers", True): 2,
        ("law", True): 2,
        ("law", False): 2,
    }
    assert select(asked) == asked
    with pytest.raises(ValueError, match="the limit must be at least 1, got 0"):
        select(asked, limit=0)
