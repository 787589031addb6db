"""`veracal grade` as its users meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from factuality import read_responses
from tests.label_files import write_labels
from tests.veracal.command_line import run, without_marks


def test_references_may_be_changed_after_asking(
    model: Path, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert run("ask", model, "--questions", questions, "--max-new-tokens", 5, "--out", out) == 0
    said = {row["question"]: row["response"] for row in read_responses(out).frame.iter_rows(named=True)}
    other = tmp_path / "other.jsonl"
    rows = [
        {"id": name, "category": "any", "question": "What?", "ideal": text, "incorrect": ["nothing of it"]}
        for name, text in said.items()
    ]
    other.write_text("".join(json.dumps(row) + "\n" for row in rows))
    capsys.readouterr()
    assert run("grade", out, "--grader", "match", "--questions", other, "--json") == 0
    assert json.loads(capsys.readouterr().out)["adversarial"]["correct"]["value"] > 0.9


def test_answers_are_sorted_by_a_rubric(
    model: Path, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, rubric = tmp_path / "run", tmp_path / "rubric.json"
    kinds = [{"key": key, "name": f"kind {key}", "description": f"It is {key}."} for key in "AB"]
    rubric.write_text(json.dumps({"title": "Kinds", "instruction": "Sort them.", "classes": kinds}))
    assert run("ask", model, "--questions", questions, "--max-new-tokens", 3, "--limit", 2, "--out", out) == 0
    capsys.readouterr()
    assert run("grade", out, "--rubric", rubric, "--grader", f"model:{model}", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["rubric"], found["judge"]) == ("Kinds", str(model))
    assert run("grade", out, "--rubric", rubric, "--grader", f"model:{model}") == 0
    assert "Kinds, sorted by" in capsys.readouterr().out


def test_a_grader_is_held_against_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_labels(tmp_path / "labels.csv", 300)
    command = ["grade", file, "--format", "truthfulqa-labels", "--grader", "match", "--labels", 50, "--seed", 1]
    assert run(*command, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    found = without_marks(found)
    keys = ["accuracy", "balanced_accuracy", "kappa", "auroc", "rate", "human_rate", "corrected_rate"]
    assert list(found)[: len(keys)] == keys
    assert found["n_labels"] == 50
    assert run(*command) == 0
    assert "match against people: 300 answers" in capsys.readouterr().out
