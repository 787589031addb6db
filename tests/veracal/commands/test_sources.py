"""`veracal sources`: the names that are taken, with what they hold."""

from __future__ import annotations

import json

import pytest

from tests.veracal.command_line import run
from veracal.sources import ITEM_NAMES, QUESTION_NAMES, read_items, read_questions


def test_every_name_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("sources", "--json") == 0
    data = json.loads(capsys.readouterr().out)
    listed = {option: data[option] for option in ("items", "questions")}
    names = {option: [source["name"] for source in sources] for option, sources in listed.items()}
    assert names == {"items": [*ITEM_NAMES, "FILE"], "questions": [*QUESTION_NAMES, "FILE"]}


def test_sizes_of_what_travels_along_are_those_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("sources", "--json") == 0
    data = json.loads(capsys.readouterr().out)
    listed = {option: data[option] for option in ("items", "questions")}
    sizes = {(option, one["name"]): one.get("size") for option, sources in listed.items() for one in sources}
    assert sizes["items", "demo"] == len(read_items("demo"))
    assert {name: sizes["questions", name] for name in ("adversarial", "demo")} == {
        name: len(read_questions(name)) for name in ("adversarial", "demo")
    }


def test_the_table_fits_its_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("sources") == 0
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert max(map(len, lines)) <= 80
    assert len(lines) == len(ITEM_NAMES) + len(QUESTION_NAMES) + 7  # nothing wraps
