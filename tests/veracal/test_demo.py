"""The demo: its models, items and questions, and the command that puts them together."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
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
from tests.veracal.command_line import run
from veracal import sources
from veracal.demo import STAGES, load, stage_pair

FOLDER = Path(veracal.demo.__file__).parent
PAIR = ("--stage", "sft", "--stage", "rl")


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


@contextmanager
def few() -> Iterator[None]:
    """Ten items and questions of each subject, so that a test is short."""
    items, questions = sources.read_items("demo"), sources.read_questions("demo")
    kept = {item.id for item in select(items, limit=10)}

    def read_items(source: str) -> list[Item]:
        return [item for item in items if item.id in kept]

    def read_questions(source: str) -> list[Question]:
        return [question for question in questions if question.id in kept]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "read_items", read_items)
        patch.setattr(sources, "read_questions", read_questions)
        yield


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a demo of two stages, and what the command printed."""
    folder, stdout = tmp_path_factory.mktemp("demo"), io.StringIO()
    with few(), redirect_stdout(stdout):
        assert run("demo", "--out", folder, *PAIR, "--json") == 0
    return folder, stdout.getvalue()


def test_the_command_runs_the_whole_path(shown: tuple[Path, str]) -> None:
    folder, printed = shown
    result = json.loads(printed)
    page = folder / "report.html"
    assert result["page"] == str(page)
    assert set(result["change"]) >= {"accuracy", "ece_choices", "ece_top"}
    for stage in ("sft", "rl"):
        assert read_run(folder / f"{stage}-chat").n_items == 60
        settings = Run(folder / f"{stage}-chat").manifest["settings"]
        assert (settings["model"], settings["dtype"], settings["letter_form"]) == (f"demo:{stage}", "float32", "space")
        judged = read_judgments(folder / f"{stage}-chat-answers").frame
        assert judged.height == 60
        # Answers of an invented world can be graded by their words alone.
        assert judged.filter(pl.col("grade") == "ungraded").is_empty()
        assert Run(folder / f"{stage}-chat-mc1").manifest["state"] == "complete"
    text = page.read_text(encoding="utf-8")
    assert "After SFT" in text
    assert "invented world" in text


@pytest.mark.slow  # the demo runs once more
def test_a_second_start_continues_and_prints_the_path_of_the_page_last(
    shown: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = shown
    with few():
        assert run("demo", "--out", folder, *PAIR) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"Report: {folder / 'report.html'}"


def test_runs_of_other_weights_are_not_continued(
    shown: tuple[Path, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = veracal.demo.load

    def other(stage: veracal.demo.Stage) -> Model:
        model = honest(stage)
        model.revision = "0123456789abcdef"
        return model

    monkeypatch.setattr(veracal.demo, "load", other)
    with few():
        assert run("demo", "--out", shown[0], *PAIR) == 1
    assert "revision: " in capsys.readouterr().err


def test_two_stages_that_are_one_are_refused_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("demo", "--out", tmp_path / "out", "--stage", "rl", "--stage", "rl") == 1
    assert capsys.readouterr().err == ("veracal: the demo compares two different stages of base, sft, rl, got rl, rl\n")
    assert not (tmp_path / "out").exists()
