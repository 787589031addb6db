"""`veracal ask` as its users meet it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from calibration.runs import collection
from calibration.runs.run_writer import RunWriter
from factuality import rates, read_judgments, read_responses
from tests.veracal.command_line import refusal, run


def test_from_questions_to_rates(
    model: Path, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    command = ["ask", model, "--questions", questions, "--max-new-tokens", 5, "--limit", 3, "--batch-size", 4]
    assert run(*command, "--out", out, "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["run"], result["n_answers"], result["style"], result["max_new_tokens"]) == (
        str(out), 9, "completion", 5,
    )  # fmt: skip
    assert run(*command, "--out", out) == 0  # a finished run is not asked again
    lines = capsys.readouterr().err.splitlines()
    assert lines[-2].startswith(f"9 answers in {out}: abstained 0.")
    assert lines[-1].startswith(f"next: veracal grade {out}")
    assert run("grade", out, "--grader", "match", "--json") == 0
    graded = json.loads(capsys.readouterr().out)
    judgments = read_judgments(out)
    overall = rates(judgments).overall()
    assert (graded["model"], graded["grader"], graded["n_answers"]) == (str(model), "match", 9)
    assert graded["adversarial"]["n"] == overall["n"] == 6
    assert graded["calm"]["n"] == 3
    assert graded["adversarial"]["incorrect"] == {
        "value": overall["incorrect"],
        "low": overall["incorrect_low"],
        "high": overall["incorrect_high"],
        "level": 0.95,
    }
    assert [(row["category"], row["adversarial"]) for row in graded["categories"]] == [
        ("rivers", True), ("law", True), ("law", False),
    ]  # fmt: skip
    assert run("grade", out, "--grader", "match") == 0
    table = capsys.readouterr().out
    for name in ("law, control", "all adversarial", "all control", "ungraded", "tempted", "abstained"):
        assert name in table


@pytest.mark.usefixtures("wide_terminal")  # names are not cut
def test_a_plain_table_of_questions_and_answers_is_asked_and_graded(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain, out = tmp_path / "plain.csv", tmp_path / "run"
    plain.write_text("question,answer,incorrect\nWhat colour is the Sun?,white,yellow; orange\nWho?,nobody,\n")
    assert run("ask", model, "--questions", plain, "--max-new-tokens", 3, "--out", out) == 0
    assert [question.id for question in read_responses(out).questions] == ["0", "1"]
    capsys.readouterr()
    assert run("grade", out, "--grader", "match", "--json") == 0
    graded = json.loads(capsys.readouterr().out)
    assert [(row["category"], row["adversarial"], row["n"]) for row in graded["categories"]] == [
        ("", True, 1), ("", False, 1),
    ]  # fmt: skip
    assert run("grade", out, "--grader", "match") == 0
    table = capsys.readouterr().out
    assert "no category, control" in table
    assert "all adversarial" in table


def test_samples_primers_and_stops(
    model: Path, questions: Path, dev: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["ask", model, "--questions", questions, "--max-new-tokens", 5, "--limit", 1]
    drawn = [*command, "--samples", 3, "--temperature", 0.8, "--stop", r"x\n", "--stop", "yy", "--json"]
    assert run(*drawn, "--seed", 7, "--out", tmp_path / "drawn") == 0
    result = json.loads(capsys.readouterr().out)
    wanted = {"n_answers": 9, "samples": 3, "temperature": 0.8, "seed": 7, "stop": ["\n", "x\n", "yy"]}
    assert {name: result[name] for name in wanted} == wanted
    first = read_responses(tmp_path / "drawn").frame
    assert run(*drawn, "--seed", 7, "--batch-size", 2, "--out", tmp_path / "again") == 0
    assert read_responses(tmp_path / "again").frame["response"].equals(first["response"])
    capsys.readouterr()
    assert run("grade", tmp_path / "drawn", "--grader", "match") == 0
    assert "Note: 9 answers to 3 questions" in capsys.readouterr().out
    assert read_judgments(tmp_path / "drawn", grader="match").n_answers == 9
    assert run(*drawn[:-1], "--seed", 7, "--out", tmp_path / "drawn") == 0
    assert f"read them with factuality.read_responses('{tmp_path / 'drawn'}')" in capsys.readouterr().err
    five = [*command, "--primer", "5-shot", "--dev", dev, "--style", "chat", "--json", "--out", tmp_path / "five"]
    assert run(*five) == 0
    assert json.loads(capsys.readouterr().out)["primer"] == "5-shot"
    assert run(*command, "--state-confidence", "--style", "chat", "--json", "--out", tmp_path / "stated") == 0
    assert json.loads(capsys.readouterr().out)["state_confidence"] is True


def test_ctrl_c_keeps_what_was_done(
    model: Path,
    questions: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(collection, "_PART_SECONDS", 0.0)
    out = tmp_path / "run"
    command = ["ask", model, "--questions", questions, "--max-new-tokens", 3, "--batch-size", 2, "--out", out]
    real = RunWriter.append

    def interrupt(self: RunWriter, frame: object, append: Callable[..., None] = real) -> None:
        append(self, frame)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(RunWriter, "append", interrupt)
        status, line = refusal(capsys, *command)
    assert status == 130
    assert line == "veracal: interrupted; what was done is kept, the same command continues"
    kept = read_responses(out).frame.height
    assert 0 < kept < 12
    assert run("grade", out, "--grader", "match") == 0
    assert f"{out} is not finished: {kept} of 12 answers" in capsys.readouterr().err
    assert run(*command) == 0
    assert read_responses(out).frame.height == 12
