"""TruthfulQA's files: read as they stand, or refused by file and line."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from factuality.questions.truthfulqa import BEST_INCORRECT, HEADER, load_truthfulqa
from tests.fake_hub import fake_hub, hub_used

GOOD = {
    "Type": "Adversarial",
    "Category": "Science",
    "Question": " What colour is the Sun? ",
    "Best Answer": "White ",
    "Correct Answers": "It is white; White;; Of all colours ",
    "Incorrect Answers": " Yellow;Orange; Yellow; ",
    "Source": "https://example.org/sun",
}
CALM = {**GOOD, "Type": "Non-Adversarial", "Category": "Law", "Best Answer": "Unknown", "Incorrect Answers": "unknown."}


def write(path: Path, *rows: dict[str, str], header: Sequence[str] = HEADER) -> Path:
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, header)
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_answers_are_split_and_stripped_and_nothing_is_added(tmp_path: Path) -> None:
    first, second = load_truthfulqa(write(tmp_path / "any.csv", GOOD, CALM))
    assert (first.id, first.category, first.adversarial) == ("truthfulqa/0", "Science", True)
    assert first.question == " What colour is the Sun? "
    assert first.correct == ("White", "It is white", "Of all colours")
    assert first.incorrect == ("Yellow", "Orange")
    assert (first.source, first.best_incorrect) == ("https://example.org/sun", "")
    assert (second.id, second.adversarial) == ("truthfulqa/1", False)
    assert (second.correct[0], second.incorrect) == ("Unknown", ("unknown.",))  # both, as the file has it


def test_a_folder_holds_the_file(tmp_path: Path) -> None:
    write(tmp_path / "TruthfulQA.csv", GOOD)
    assert load_truthfulqa(str(tmp_path)) == load_truthfulqa(tmp_path / "TruthfulQA.csv")


def test_the_release_of_2025_names_the_best_incorrect_answer(tmp_path: Path) -> None:
    header = [*HEADER[:4], BEST_INCORRECT, *HEADER[4:]]
    rows = [{**GOOD, BEST_INCORRECT: best} for best in (" Orange", "Green", "")]
    named, other, none = load_truthfulqa(write(tmp_path / "new.csv", *rows, header=header))
    assert (named.best_incorrect, named.incorrect) == ("Orange", ("Orange", "Yellow"))
    assert (other.best_incorrect, other.incorrect) == ("Green", ("Green", "Yellow", "Orange"))
    assert (none.best_incorrect, none.incorrect) == ("", ("Yellow", "Orange"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Type": "Friendly"}, "line 3: the Type must be one of Adversarial, Non-Adversarial, got 'Friendly'"),
        ({"Best Answer": " "}, "line 3: the Best Answer is empty"),
        ({"Question": ""}, "line 3: question truthfulqa/1: the question is empty"),
        ({"Category": " "}, "line 3: the Category is empty"),
        ({"Incorrect Answers": " ; "}, "line 3: question truthfulqa/1: an adversarial question must have at least one"),
        ({"Correct Answers": "?"}, "line 3: question truthfulqa/1: an answer must hold at least one word"),
    ],
)
def test_a_bad_row_is_refused_by_line(change: dict[str, str], message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=rf"any\.csv, {message}"):
        load_truthfulqa(write(tmp_path / "any.csv", GOOD, {**GOOD, **change}))


def test_copies_of_a_spreadsheet_are_the_same_questions(tmp_path: Path) -> None:
    original = write(tmp_path / "any.csv", {**GOOD, "Question": "What colour\nis the Sun?"}, CALM)
    expected = load_truthfulqa(original)
    assert expected[0].question == "What colour\nis the Sun?"
    for end in ("\r\n", "\r"):
        text = original.read_text(encoding="utf-8").replace("\r\n", "\n").replace("\n", end)
        (tmp_path / "copy.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
        assert load_truthfulqa(tmp_path / "copy.csv") == expected
    table = csv.reader(original.read_text(encoding="utf-8").splitlines(keepends=True))
    with (tmp_path / "semicolons.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(table)
    assert load_truthfulqa(tmp_path / "semicolons.csv") == expected
    (tmp_path / "latin.csv").write_bytes((",".join(HEADER) + "\nAdversarial,Café\n").encode("latin-1"))
    with pytest.raises(
        ValueError, match=r"latin\.csv, line 2: must be UTF-8, .* it is probably Latin-1 or Windows-1252"
    ):
        load_truthfulqa(tmp_path / "latin.csv")


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no such file: .*TruthfulQA\.csv"):
        load_truthfulqa(tmp_path)
    with pytest.raises(ValueError, match="the file holds no questions"):
        load_truthfulqa(write(tmp_path / "none.csv"))
    few = write(tmp_path / "few.csv", {"Question": "What?"}, header=["Question"])
    with pytest.raises(
        ValueError,
        match=r"few\.csv, line 1: there must be the fields 'Type', 'Category', 'Best Answer', .*; the file has 'Que",
    ):
        load_truthfulqa(few)


def test_the_hub_holds_what_the_csv_holds(tmp_path: Path) -> None:
    folder = tmp_path / "hub" / "datasets" / "truthfulqa" / "truthful_qa" / "generation"
    folder.mkdir(parents=True)
    rows = [
        {
            name.lower().replace(" ", "_"): text.split(";") if name.endswith("Answers") else text
            for name, text in row.items()
        }
        for row in (GOOD, CALM)
    ]
    pl.DataFrame(rows).write_parquet(folder / "validation-00000-of-00001.parquet")
    expected = load_truthfulqa(write(tmp_path / "same.csv", GOOD, CALM))
    with fake_hub(tmp_path / "hub") as endpoint, hub_used(endpoint, tmp_path / "home"):
        assert load_truthfulqa() == expected
    with hub_used("http://127.0.0.1:9", tmp_path / "home"):
        assert load_truthfulqa() == expected


@pytest.mark.real
def test_the_whole_of_truthfulqa(data: Path) -> None:
    questions = load_truthfulqa(data / "truthfulqa")
    assert (len(questions), len({question.category for question in questions})) == (817, 38)
    assert sum(question.adversarial for question in questions) == 437
    assert len({question.id for question in questions}) == 817
    assert all(question.incorrect and not question.best_incorrect for question in questions)
    first = questions[0]
    assert first.ideal == "The watermelon seeds pass through your digestive system"
    assert (len(first.correct), len(first.incorrect)) == (5, 7)
    both = [question.id for question in questions if set(question.correct) & set(question.incorrect)]
    assert both == ["truthfulqa/347", "truthfulqa/354"]
