"""MMLU from a folder in the original layout."""

from __future__ import annotations

from pathlib import Path

import pytest

from calibration import Item, load_mmlu


def folder(root: Path, **subjects: str) -> Path:
    (root / "test").mkdir(parents=True)
    for name, text in subjects.items():
        (root / "test" / f"{name}_test.csv").write_text(text, encoding="utf-8")
    return root


def test_items_are_read_as_they_stand(tmp_path: Path) -> None:
    root = folder(
        tmp_path, law='" Why, ""oh why""? ",1, two ,3,4,C\nWhen?,a,b,c,d,A\n', art="Q\nQ,1,2,3,4,D".replace("\n", " ")
    )
    items = load_mmlu(root)
    assert [item.id for item in items] == ["art/0", "law/0", "law/1"]
    assert items[1] == Item("law/0", "law", ' Why, "oh why"? ', ("1", " two ", "3", "4"), 2)
    assert [item.id for item in load_mmlu(root, subjects=["law"])] == ["law/0", "law/1"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Q,1,2,3,4\n", r"law_test\.csv, line 1: a row must have 6 columns \(question, four options, letter\), got 5"),
        ("Q,1,2,3,4,A\nQ,1,2,3,4,E\n", r"line 2: the answer must be a letter from A to D, got 'E'"),
        ("", r"law_test\.csv: the file is empty"),
        ("\n \n", r"law_test\.csv: the subject is empty, the file holds no items"),
        ("Q,1,2,3,4,A\nQ,,2,3,4,A\n", r"law_test\.csv, line 2: item law/1: option A is empty, got ''"),
        ("Q,1,2,3, ,A\n", r"law_test\.csv, line 1: item law/0: option D is empty, got ' '"),
        ("Q,x,y,z,w,1\nQ,x,y,z,w,A\n", r"got letters and digits: 'A' \(line 2\) and '1' \(line 1\)"),
        ("Q,x,y,z,w,1\nQ,x,y,z,w,4\n", r"law_test\.csv: the answers are digits and never 0, from '1' .* to '4' "),
        (" ,1,2,3,4,A\n", r"line 1: item law/0: the question is empty"),
        ('"Q,1,2,3,4,A\n', r"line 1: unexpected end of data"),
    ],
)
def test_a_bad_file_is_refused_by_line(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        load_mmlu(folder(tmp_path, law=text))


def test_copies_of_a_spreadsheet_are_the_same_items(tmp_path: Path) -> None:
    text = '"Why?\nBecause, or?",a,"b\nc",d,None,D\nWhen?,a,b,c,d,A\n'
    plain = load_mmlu(folder(tmp_path / "plain", law=text))
    assert plain[0].options == ("a", "b\nc", "d", "None")
    for number, end in enumerate(("\r\n", "\r", "\n")):
        root = tmp_path / str(number)
        for split, name in (("test", "test"), ("dev", "dev"), ("val", "val")):
            (root / split).mkdir(parents=True)
            (root / split / f"law_{name}.csv").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", end).encode())
        assert load_mmlu(root) == load_mmlu(root, split="dev") == load_mmlu(root, split="validation") == plain
        assert [item.content for item in load_mmlu(root)] == [item.content for item in plain]
    semicolons = folder(tmp_path / "semicolons", law="Why, why; why?;a;b;c;d;D".replace("; why", "") + "\n")
    assert load_mmlu(semicolons)[0].options == ("a", "b", "c", "d")


def test_answers_that_count_from_one(tmp_path: Path) -> None:
    root = folder(tmp_path, law="Q,x,y,z,w,1\nQ,x,y,z,w,4\n")
    assert [item.answer for item in load_mmlu(root, answers="from-one")] == [0, 3]


def test_other_refusals(tmp_path: Path) -> None:
    root = folder(tmp_path, law="Q,1,2,3,4,A\n")
    with pytest.raises(FileNotFoundError, match=r"must hold dev/SUBJECT_dev\.csv files, none was found"):
        load_mmlu(root, split="dev")
    with pytest.raises(ValueError, match="no file for the subject 'lore'; there are: law"):
        load_mmlu(root, subjects=["lore"])
    with pytest.raises(ValueError, match="the split must be one of dev, validation, test, got 'train'"):
        load_mmlu(root, split="train")  # type: ignore[arg-type]


@pytest.mark.real
def test_the_whole_of_mmlu(data: Path) -> None:
    items, dev = load_mmlu(data / "mmlu"), load_mmlu(data / "mmlu", split="dev")
    assert (len(items), len({item.subject for item in items})) == (14_042, 57)
    assert (len(dev), len({item.subject for item in dev})) == (285, 57)
    outer = sum(any(option != option.strip() for option in item.options) for item in items)
    assert outer > 0  # options keep their outer white space
    assert len({(item.subject, item.content, item.answer) for item in items}) == 14_042 - 27
