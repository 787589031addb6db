"""Run folders of earlier versions stay readable, and say what they said when they were made."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Literal

import pytest

import calibration
import factuality
from calibration.runs.folder import Run
from tests.conftest import KEPT
from tests.factuality.rubrics.kept_rubric import RUBRIC
from veracal import write_report
from veracal.cli import main

LETTERS = {
    "letters": (24, 14 / 24, 0.13827762841036081, 1.00550522050522),
    "letters-after": (24, 16 / 24, 0.26051961781280025, 1.2898294904432785),
    "letters-half": (12, 6 / 12, 0.22065783473810627, 1.005524538380395),
    "imported": (20, 3 / 20, 0.5239211552724944, 2.4491043839513726),
}
GRADES = {
    "match": ({"correct": 11, "incorrect": 9, "abstained": 4}, 0.55),
    "similarity": ({"correct": 11, "incorrect": 5, "abstained": 4, "ungraded": 4}, 0.5664566149283653),
    "combined": ({"correct": 11, "incorrect": 9, "abstained": 4}, 0.614619550226493),
}


@pytest.mark.parametrize("name", LETTERS)
def test_letters_are_read(name: str) -> None:
    n_items, accuracy, ece, log_loss = LETTERS[name]
    run = calibration.read_run(KEPT / name)
    assert (run.n_items, run.accuracy) == (n_items, accuracy)
    assert calibration.ece(run.confidence, run.correct) == pytest.approx(ece, rel=1e-6)
    assert calibration.log_loss(run.probabilities, run.answer) == pytest.approx(log_loss, rel=1e-6)


def test_rotated_letters_are_averaged() -> None:
    run = Run(KEPT / "letters-rotated").averaged()
    assert (run.n_items, run.accuracy) == (24, 17 / 24)
    assert calibration.log_loss(run.probabilities, run.answer) == pytest.approx(0.9671877743363394, rel=1e-6)


def test_letters_are_compared() -> None:
    before, after = calibration.read_run(KEPT / "letters"), calibration.read_run(KEPT / "letters-after")
    brier = calibration.change(before, after, calibration.brier_score)
    assert brier.value == pytest.approx(0.05781638429337388, rel=1e-6)


def test_answers_are_read() -> None:
    answers = factuality.read_responses(KEPT / "answers").frame
    assert answers.height == 24
    assert answers["response"].to_list()[:3] == ["Pazimar", "Surumar", "I don't know"]


@pytest.mark.parametrize("grader", GRADES)
def test_grades_are_read(grader: str) -> None:
    grades, score = GRADES[grader]
    judgments = factuality.read_judgments(KEPT / "graded", grader=grader).frame
    assert dict(judgments["grade"].value_counts().rows()) == grades
    assert judgments["score"].mean() == pytest.approx(score)


@pytest.mark.parametrize(("variant", "score"), [("mc1", 17 / 24), ("mc2", 0.5748236318335285)])
def test_multiple_choice_is_read(variant: Literal["mc1", "mc2"], score: float) -> None:
    choices = factuality.read_multiple_choice(KEPT / "truthfulqa", variant=variant)
    assert choices.to_dict()["value"] == pytest.approx(score)


def test_classes_of_a_rubric_are_read() -> None:
    classes = factuality.read_classifications(KEPT / "rubric", RUBRIC, judge="tiny-llama")
    assert dict(classes.rates().frame.select("class", "share").rows()) == {
        "R": 0,
        "P": 9 / 24,
        "H": 15 / 24,
        "unclassified": 0,
    }


def test_every_command_reads_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(KEPT, tmp_path / "runs")  # commands may write beside what they read
    runs = tmp_path / "runs"
    for arguments in (
        ["summarize", str(runs / "letters"), "--json"],
        ["summarize", str(runs / "imported"), "--json"],
        ["compare", str(runs / "letters"), str(runs / "letters-after"), "--json"],
        ["grade", str(runs / "answers"), "--grader", "match", "--json"],
    ):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 0, capsys.readouterr().err
    write_report([runs / "letters", runs / "letters-after"], tmp_path / "page.html")
    assert "0.583" in (tmp_path / "page.html").read_text(encoding="utf-8")
