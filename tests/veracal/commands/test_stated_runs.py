"""Runs of confidences and of verdicts, through every command that shows numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import factuality
from calibration import Pairs, change, compare, read_scored_run, recalibrate, signed_gap, summarize
from factuality.confidence.confidences import confidence_pairs
from tests.pages import responses
from tests.veracal.command_line import refusal, run, without_marks

Json = dict[str, Any]


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    """Two runs of confidences in eleven categories, and two of verdicts."""
    rng = np.random.default_rng(0)
    for name, sharpness in (("base", 1.0), ("post", 2.0)):
        logit = rng.normal(size=220) * 1.5
        rows = pl.DataFrame(
            {
                "item": [f"q{row}" for row in range(220)],
                "correct": (rng.random(220) < 1 / (1 + np.exp(-logit))).astype(int),
                "category": [f"c{row % 11}" for row in range(220)],
                "model": name,
                "confidence": 1 / (1 + np.exp(-sharpness * logit)),
            }
        )
        rows.write_csv(tmp_path / f"{name}.csv")
        rows.drop("confidence").write_csv(tmp_path / f"{name}-verdicts.csv")
    names = ("base", "post", "base-verdicts", "post-verdicts")
    statuses = [run("import", tmp_path / f"{name}.csv", "--out", tmp_path / name) for name in names]
    assert statuses == [0, 0, 0, 0]
    return {name: tmp_path / name for name in names}


def printed(capsys: pytest.CaptureFixture[str], *command: object) -> Json:
    capsys.readouterr()
    assert run(*command, "--json") == 0
    return without_marks(json.loads(capsys.readouterr().out))


def test_a_summary_is_that_of_the_library(folders: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("base", "base-verdicts"):
        assert printed(capsys, "summarize", folders[name]) == summarize(read_scored_run(folders[name])).to_dict()
    assert run("summarize", folders["base"]) == 0
    table = capsys.readouterr().out
    assert "ECE, top" not in table
    assert "left out is what needs a distribution over the options of each item" in " ".join(table.split())
    assert run("summarize", folders["base-verdicts"]) == 0
    assert "there is nothing to calibrate" in " ".join(capsys.readouterr().out.split())


def test_a_comparison_is_that_of_the_library(folders: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    for kind in ("", "-verdicts"):
        before, after = folders[f"base{kind}"], folders[f"post{kind}"]
        found = printed(capsys, "compare", before, after)
        del found["settings"]
        assert found == compare(read_scored_run(before), read_scored_run(after)).to_dict()
    message = f"both runs must hold the same; {folders['base']} holds pairs, {folders['post-verdicts']} holds verdicts"
    assert message in refusal(capsys, "compare", folders["base"], folders["post-verdicts"])[1]


def test_confidences_are_recalibrated_and_verdicts_not(
    folders: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = read_scored_run(folders["post"])
    assert printed(capsys, "recalibrate", folders["post"]) == recalibrate(pairs).to_dict()
    status, line = refusal(capsys, "recalibrate", folders["post"], "--method", "temperature")
    assert status == 1
    assert line.startswith("veracal: temperature needs whole rows of letters, and pairs hold one confidence")
    assert "nothing to calibrate" in refusal(capsys, "recalibrate", folders["post-verdicts"])[1]
    status, line = refusal(capsys, "summarize", folders["post"], "--grader", "match")
    assert (status, "--grader is for runs of graded answers" in line) == (2, True)


def test_pages_hold_tables_diagrams_and_what_is_left_out(folders: dict[str, Path], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    labels = ("--labels", "Base,Post,Base,Post")
    assert run("report", *folders.values(), "--html", page, *labels) == 0
    text = page.read_text(encoding="utf-8")
    for name in ("confidences-reliability", "confidences-risk-coverage", "confidences-forest"):
        assert f'id="{name}"' in text, name
    assert 'id="verdicts-reliability"' not in text
    assert all(f'"{name}_changes.csv"' in text for name in ("confidences", "verdicts"))
    assert "so that there is nothing to calibrate" in text
    assert "Left out is what needs a distribution over the options of each item" in text
    before, after = (read_scored_run(folders[name]) for name in ("base", "post"))
    assert isinstance(before, Pairs)
    assert isinstance(after, Pairs)
    moved = change(before, after, signed_gap)
    assert moved.clustered is not None
    ends = [f"[{interval.low:+.3f}, {interval.high:+.3f}]" for interval in (moved, moved.clustered)]
    numbers = f"{moved.value:+.3f} {ends[0]}, new subjects {ends[1]}".replace("-", "−")
    assert f"no change of confidence − accuracy is shown ({numbers}" in text


def test_the_other_command_is_named(
    folders: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind, name in (("pairs", "base"), ("verdicts", "base-verdicts")):
        line = refusal(capsys, "grade", folders[name])[1]
        assert f"holds a run of {kind}, not of responses" in line
        assert f"shown by: veracal summarize {folders[name]}" in line


def test_graded_answers_without_confidence_have_rates_and_nothing_to_calibrate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "question,response,verdict,language\nWhy?,So.,correct,en\nWarum?,Darum.,wrong,de\nWie?,So.,correct,de\n"
    (tmp_path / "answers.csv").write_text(rows, encoding="utf-8")
    folder = tmp_path / "answers"
    assert run("import", tmp_path / "answers.csv", "--out", folder) == 0
    capsys.readouterr()
    assert run("grade", folder, "--by", "language") == 0
    rates = capsys.readouterr().out
    assert run("summarize", folder, "--by", "language") == 0
    shown = capsys.readouterr().out
    note = "there is nothing to calibrate: none of 3 answers that are right or wrong has a confidence"
    assert f"Note: {note}." in " ".join(shown.split())
    assert [line for line in rates.splitlines() if line not in shown.splitlines()] == []
    assert "67 [" in shown
    assert run("summarize", folder, "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["n_answers"], summary["notes"]) == (3, [note])
    line = refusal(capsys, "summarize", folder, "--recalibrate", "platt")[1]
    assert "--recalibrate" in line
    assert "there is nothing to calibrate" in line


@pytest.mark.usefixtures("figures_undrawn")
def test_a_page_defines_what_it_shows_and_tells_once_what_is_left_out(folders: dict[str, Path], tmp_path: Path) -> None:
    for kind, shown, others in (
        ("", ("Accuracy", "Brier score", "AURC"), ("Top and choices", "Temperature", "Letter mass", "Tie rate")),
        ("-verdicts", ("Accuracy",), ("ECE", "Brier score")),
    ):
        assert run("report", folders[f"base{kind}"], folders[f"post{kind}"], "--html", tmp_path / "page.html") == 0
        text = (tmp_path / "page.html").read_text(encoding="utf-8")
        assert all(f"<dt>{term}</dt>" in text for term in shown), kind
        assert not any(f"<dt>{term}</dt>" in text for term in others), kind
        assert "summed over the options" not in text
        left_out = "left out is what needs" if not kind else "calibration is left out"
        assert text.lower().count(left_out) == 1, kind


def test_a_page_of_one_run_has_its_diagram(folders: dict[str, Path], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert run("report", folders["base"], "--html", page) == 0
    text = page.read_text(encoding="utf-8")
    assert 'id="confidences-reliability"' in text
    assert '"confidences_changes.csv"' not in text


def test_the_confidence_of_free_answers_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folders = [responses(tmp_path / name, name, wrong) for name, wrong in (("base", 12), ("rl", 4))]
    pairs = confidence_pairs(factuality.read_judgments(folders[0]))
    found = printed(capsys, "grade", folders[0], "--grader", "match")["confidence"]
    assert found == {"kind": "sequence", **summarize(pairs).to_dict()}
    assert printed(capsys, "summarize", folders[0]) == summarize(pairs).to_dict()
    assert run("grade", folders[0], "--grader", "match") == 0
    assert "Confidence (sequence) of the answers that are right or wrong" in " ".join(capsys.readouterr().out.split())
    page = tmp_path / "page.html"
    assert run("report", *folders, "--html", page) == 0
    text = page.read_text(encoding="utf-8")
    assert 'id="answer-confidence-reliability"' in text
    assert '"answer-confidence_changes.csv"' in text
