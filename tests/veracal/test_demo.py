"""The demo: its models, items and questions, and the command that puts them together."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import veracal.demo
from calibration import Item, read_run
from calibration.items.item import select
from calibration.models.protocol import Model
from calibration.runs.folder import Run
from factuality import Question, read_judgments
from veracal import sources
from veracal.cli import main
from veracal.demo import STAGES, load, stage_pair

FOLDER = Path(veracal.demo.__file__).parent


def test_each_stage_is_small_and_safe() -> None:
    for stage in STAGES:
        assert sorted(path.suffix for path in (FOLDER / stage).iterdir()) == [
            ".jinja", ".json", ".json", ".json", ".json", ".safetensors",
        ]  # fmt: skip
        assert (FOLDER / stage / "model.safetensors").stat().st_size < 4_000_000
    card = (FOLDER / "CARD.md").read_text(encoding="utf-8")
    assert all(word in card for word in ("What the world makes easy", "TRL", "seed"))


def test_items_and_questions_are_of_one_world() -> None:
    items, questions = sources.read_items("demo"), sources.read_questions("demo")
    assert len(items) == len(questions) >= 2400
    assert sum(question.adversarial for question in questions) >= 600
    assert sum(not question.adversarial for question in questions) >= 600
    assert len({question.category for question in questions}) == len({item.subject for item in items}) == 6
    keys = np.bincount([item.answer for item in items]) / len(items)
    assert (np.abs(keys - 0.25) < 0.03).all()
    for item, question in zip(items, questions, strict=True):
        assert (item.id, item.question) == (question.id, question.question)
        assert {question.ideal, *question.incorrect} == set(item.options)
        assert question.ideal == item.options[item.answer]


@pytest.mark.parametrize(
    ("given", "pair"),
    [((), ("base", "rl")), (("base",), ("base", "rl")), (("sft",), ("base", "sft")), (("sft", "rl"), ("sft", "rl")),
     (("rl", "base"), ("rl", "base"))],
)  # fmt: skip
def test_any_two_stages_are_a_pair(given: tuple[str, ...], pair: tuple[str, str]) -> None:
    assert stage_pair(given) == pair


@pytest.mark.parametrize("given", [("rl", "rl"), ("base", "sft", "rl"), ("dpo",), ("base", "dpo"), ("base", "base")])
def test_anything_else_is_refused(given: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="the demo compares two different stages of base, sft, rl, got"):
        stage_pair(given)
    with pytest.raises(ValueError, match="the stage must be one of base, sft, rl, got 'dpo'"):
        load("dpo")  # type: ignore[arg-type]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten items and questions of each subject, so that a test is short."""
    items, questions = sources.read_items("demo"), sources.read_questions("demo")
    kept = {item.id for item in select(items, limit=10)}

    def read_items(source: str) -> list[Item]:
        return [item for item in items if item.id in kept]

    def read_questions(source: str) -> list[Question]:
        return [question for question in questions if question.id in kept]

    monkeypatch.setattr(sources, "read_items", read_items)
    monkeypatch.setattr(sources, "read_questions", read_questions)


@pytest.mark.usefixtures("few")
def test_the_command_runs_the_whole_path_and_continues(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["demo", "--out", str(tmp_path), "--stage", "sft", "--stage", "rl"]
    with pytest.raises(SystemExit, match="0"):
        main([*command, "--json"])
    result = json.loads(capsys.readouterr().out)
    page = tmp_path / "report.html"
    assert result["page"] == str(page)
    assert set(result["change"]) >= {"accuracy", "ece_choices", "ece_top"}
    for stage in ("sft", "rl"):
        folder = tmp_path / f"{stage}-chat"
        assert read_run(folder).n_items == 60
        settings = Run(folder).manifest["settings"]
        assert (settings["model"], settings["dtype"], settings["letter_form"]) == (f"demo:{stage}", "float32", "space")
        judged = read_judgments(tmp_path / f"{stage}-chat-answers").frame
        assert judged.height == 60
        # Answers of an invented world can be graded by their words alone.
        assert judged.filter(pl.col("grade") == "ungraded").is_empty()
        assert Run(tmp_path / f"{stage}-chat-mc1").manifest["state"] == "complete"
    text = page.read_text(encoding="utf-8")
    assert "After SFT" in text
    assert "invented world" in text
    # A second start finds the finished runs and prints the table, and the page's path last.
    with pytest.raises(SystemExit, match="0"):
        main(command)
    assert capsys.readouterr().out.splitlines()[-1] == f"Report: {page}"


def test_runs_of_other_weights_are_not_continued(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, few: None
) -> None:
    command = ["demo", "--out", str(tmp_path), "--stage", "rl", "--stage", "sft"]
    with pytest.raises(SystemExit, match="0"):
        main(command)
    capsys.readouterr()
    honest = veracal.demo.load

    def other(stage: veracal.demo.Stage) -> Model:
        model = honest(stage)
        model.revision = "0123456789abcdef"
        return model

    monkeypatch.setattr(veracal.demo, "load", other)
    with pytest.raises(SystemExit, match="1"):
        main(command)
    assert "revision: " in capsys.readouterr().err


def test_two_stages_that_are_one_are_refused_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="1"):
        main(["demo", "--out", str(tmp_path / "out"), "--stage", "rl", "--stage", "rl"])
    assert capsys.readouterr().err == ("veracal: the demo compares two different stages of base, sft, rl, got rl, rl\n")
    assert not (tmp_path / "out").exists()
