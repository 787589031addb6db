"""Where items and questions come from: names, files, and what is said of what is neither."""

from __future__ import annotations

from pathlib import Path

import pytest

from factuality.questions.truthfulqa import HEADER
from veracal.sources import HELP, QUESTIONS_HELP, read_items, read_questions


@pytest.mark.parametrize("name", ["arc", "nowhere/arc.jsonl"])
def test_unknown_items_are_told_what_there_is(name: str) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        read_items(name)
    assert str(caught.value) == f"no such file: {name}; items are {HELP}"


def test_unknown_questions_are_told_what_there_is() -> None:
    with pytest.raises(FileNotFoundError) as caught:
        read_questions("simpleqa")
    assert str(caught.value) == f"no such file: simpleqa; questions are {QUESTIONS_HELP}"


def test_the_nearest_name_or_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "items.jsonl").touch()
    for name, near in (("mmul", "mmlu"), ("Demo", "demo"), (str(tmp_path / "items.json"), "items.jsonl")):
        with pytest.raises(FileNotFoundError, match=rf"; the nearest: '{near}'$"):
            read_items(name)
    with pytest.raises(FileNotFoundError, match=r"; the nearest: 'truthfulqa'$"):
        read_questions("TruthfulQ")


def test_a_folder_holds_no_items(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"is a folder, which items are not read from; they are mmlu .* mmlu:FOLDER"):
        read_items(str(tmp_path))


def test_a_csv_file_is_truthfulqas_by_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "questions.csv"
    path.write_text(f"{','.join(HEADER)}\nNon-Adversarial,Science,Why?,So,So,Not so,a book\n")
    assert [(one.id, one.adversarial) for one in read_questions(str(path))] == [("truthfulqa/0", False)]
    path.write_text("Type,Question,Best Answer\nAdversarial,Why?,So\n")
    with pytest.raises(ValueError, match=r"there must be the fields 'Category', 'Correct Answers', .*'Source'"):
        read_questions(str(path))
    path.write_text("question;best answer\nWhy?;So\n")
    assert [(one.id, one.category, one.ideal) for one in read_questions(str(path))] == [("0", "", "So")]
