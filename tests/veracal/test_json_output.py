"""JSON of every command: what the schemas in docs/schema say, with finite numbers alone.

Every JSON that any test of the application prints is held against its schema (`json_of_published_schemas`).
"""

from __future__ import annotations

import importlib
import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import ValidationError  # type: ignore[import-untyped]

from tests.conftest import KEPT, ROOT
from tests.veracal.command_line import run
from tests.veracal.published_schemas import FOLDER, refuse_other_json, validator
from veracal.json_output import SCHEMA_VERSION, json_text

PUBLISHED = sorted(FOLDER.iterdir())


def printed(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    assert run(*arguments, "--json") == 0
    data: dict[str, Any] = json.loads(capsys.readouterr().out)
    refuse_other_json(data)
    return data


def test_the_published_schemas_are_those_of_the_code() -> None:
    made = importlib.import_module("docs.json_schemas.files").files()
    assert {path.name: path.read_text(encoding="utf-8") for path in PUBLISHED} == made


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_a_schema_is_one_and_stands_alone(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert validator(path).schema["properties"]["schema_version"] == {"const": SCHEMA_VERSION}
    assert all(name in validator(path).schema["$defs"] for name in re.findall(r'"\$ref": "#/\$defs/(\w+)"', text))


def test_every_schema_is_of_a_command_and_every_command_has_a_schema() -> None:
    paths = (ROOT / "veracal" / "commands").glob("*.py")
    code = "".join(path.read_text(encoding="utf-8") for path in paths)
    named = set(re.findall(r'print_json\(\s*"([\w-]+)"', code)) | set(re.findall(r'"(\w+-changes)"', code))
    assert named | {"comparison"} == {path.stem for path in PUBLISHED}


@pytest.mark.parametrize(
    ("schema", "arguments"),
    [
        ("summary", ["summarize", KEPT / "letters", "--by", "subject"]),
        ("summary", ["summarize", KEPT / "letters-rotated", "--recalibrate", "temperature"]),
        ("comparison", ["compare", KEPT / "letters", KEPT / "letters-half", "--items", "common", "--margin", "0.1"]),
        ("runs-comparison", ["compare", KEPT / "letters", KEPT / "letters-after", "--labels", "a,b", "--all-pairs"]),
        ("score-changes", ["compare", KEPT / "truthfulqa", KEPT / "truthfulqa"]),
        ("rates", ["grade", KEPT / "graded", "--grader", "match", "--by", "category"]),
        ("run-list", ["runs", KEPT]),
        ("sources", ["sources"]),
        ("formats", ["import", "--list"]),
    ],
)
def test_outputs_are_what_their_schema_says(
    schema: str, arguments: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    data = printed(capsys, *arguments)
    assert (data["schema"], data["schema_version"]) == (schema, SCHEMA_VERSION)


def test_a_field_that_no_schema_names_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    data = printed(capsys, "sources")
    with pytest.raises(ValidationError, match="surprise"):
        refuse_other_json(data | {"surprise": 1})


def test_a_renamed_measure_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    data = printed(capsys, "summarize", KEPT / "imported")
    data["top_ece"] = data.pop("ece_top")
    with pytest.raises(ValidationError, match="top_ece"):
        refuse_other_json(data)


def test_what_is_no_number_is_null_and_told() -> None:
    data = json.loads(json_text("plan", {"rows": [{"a/b": math.nan}, {"c": (1.0, math.inf)}], "n": 2}))
    assert data["rows"] == [{"a/b": None}, {"c": [1.0, None]}]
    assert data["undefined"] == {
        "/rows/0/a~1b": "not a number: undefined of these items",
        "/rows/1/c/1": "infinite",
    }


def test_finite_results_have_no_word_on_undefined_ones() -> None:
    assert "undefined" not in json.loads(json_text("plan", {"n": 2}))
