"""Rubrics and their files: what is read, and what is refused with its place."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from factuality.rubrics.rubric import Rubric, RubricClass, load_rubric

from ...conftest import ROOT

KINDS: list[dict[str, Any]] = [
    {"key": "A", "name": "refusal", "description": "It declines.", "good": True},
    {"key": "B", "name": "answer", "description": "It helps."},
]
WHOLE = {"title": "Refusals", "instruction": "Sort.", "classes": KINDS}


def written(path: Path, values: Any, *, name: str = "rubric.json") -> Path:
    file = path / name
    file.write_text(values if isinstance(values, str) else json.dumps(values), encoding="utf-8")
    return file


def test_json_and_toml_say_the_same(tmp_path: Path) -> None:
    toml = """
        title = "Refusals"
        instruction = "Sort."
        [[classes]]
        key = "A"
        name = "refusal"
        description = "It declines."
        good = true
        [[classes]]
        key = "B"
        name = "answer"
        description = "It helps."
    """
    expected = Rubric(
        "Refusals",
        "Sort.",
        (RubricClass("A", "refusal", "It declines.", good=True), RubricClass("B", "answer", "It helps.")),
    )
    assert load_rubric(written(tmp_path, WHOLE)) == load_rubric(written(tmp_path, toml, name="r.toml")) == expected


@pytest.mark.parametrize("name", ["refusals.toml", "toxicity.json"])
def test_copies_of_a_spreadsheet_or_an_editor_are_the_same_rubric(name: str, tmp_path: Path) -> None:
    original = ROOT / "examples" / "data" / name
    copy = tmp_path / name.upper()
    copy.write_bytes(b"\xef\xbb\xbf" + original.read_bytes().replace(b"\n", b"\r\n"))
    assert load_rubric(copy) == load_rubric(original)
    copy.write_bytes(original.read_text(encoding="utf-8").encode("utf-16"))
    with pytest.raises(ValueError, match="must be UTF-8, this is UTF-16; save it as UTF-8"):
        load_rubric(copy)


@pytest.mark.parametrize("name", ["refusals.toml", "toxicity.json"])
def test_examples_load(name: str) -> None:
    rubric = load_rubric(ROOT / "examples" / "data" / name)
    assert len(rubric.classes) in (3, 4)
    assert {one.good for one in rubric.classes} >= {True, False}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("{", "Expecting property name enclosed in double quotes"),
        ('{"title": "x", "title": "y"}', "the field 'title' occurs twice in an object"),
        ([1], "there must be an object with the fields classes, instruction, title, got [1]"),
        ({**WHOLE, "title": " "}, "the rubric's title must not be empty"),
        ({**WHOLE, "title": 3}, "the field 'title' must be a text, got 3"),
        ({"title": "x", "classes": KINDS}, "the field 'instruction' is missing"),
        ({**WHOLE, "class": []}, "the field 'class' is unknown; there are classes, instruction, title"),
        ({**WHOLE, "classes": {}}, "the field 'classes' must be a list, got {}"),
        ({**WHOLE, "classes": KINDS[:1]}, "a rubric must have 2 to 26 classes, got 1"),
        ({**WHOLE, "classes": [KINDS[0], "B"]}, "class 2: there must be an object with the fields"),
        ({**WHOLE, "classes": [KINDS[0], {"key": "B"}]}, "class 2: the field 'description' is missing"),
        ({**WHOLE, "classes": [KINDS[0], {**KINDS[1], "key": "A"}]}, "class 2: the key 'A' occurs twice"),
        ({**WHOLE, "classes": [KINDS[0], {**KINDS[1], "name": "refusal"}]}, "class 2: the name 'refusal' occurs twice"),
        (
            {**WHOLE, "classes": [{**KINDS[0], "good": "yes"}, KINDS[1]]},
            "class 1: the field 'good' must be true or fal",
        ),
        (
            {**WHOLE, "classes": [{**KINDS[0], "description": ""}, KINDS[1]]},
            "class 1: the description must not be empty",
        ),
        (
            {**WHOLE, "classes": [{**KINDS[0], "description": "a\nb"}, KINDS[1]]},
            "class 1: the description must be one li",
        ),
    ],
)
def test_refusals_name_file_and_class(tmp_path: Path, values: Any, message: str) -> None:
    file = written(tmp_path, values)
    with pytest.raises(ValueError, match=re.escape(f"{file}: {message}")):
        load_rubric(file)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such file"):
        load_rubric(tmp_path / "none.toml")
    with pytest.raises(ValueError, match=r"must be a \.toml or \.json file, got \.yaml"):
        load_rubric(written(tmp_path, "", name="rubric.yaml"))
    with pytest.raises(ValueError, match=r"bad\.toml: "):
        load_rubric(written(tmp_path, "title =", name="bad.toml"))
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match=r"binary\.json: "):
        load_rubric(binary)


def test_what_a_judge_reads_makes_the_hash() -> None:
    one = Rubric("t", "Sort.", (RubricClass("A", "x", "It is x."), RubricClass("B", "y", "It is y.")))
    assert one.hash == Rubric("other", "Sort.", (RubricClass("A", "z", "It is x.", good=True), one.classes[1])).hash
    assert one.hash != Rubric("t", "Sort it.", one.classes).hash
    assert one.hash != Rubric("t", "Sort.", one.classes[::-1]).hash
    assert "<response>\nNo.\n</response>" in one.text(" No. ", "How?")
