"""`veracal truthfulqa` as its users meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from factuality import read_multiple_choice
from factuality.multiple_choice.scores import VARIANTS
from tests.veracal.command_line import refusal, run
from veracal import sources


def test_both_scores_of_truthfulqa(
    model: Path, questions: Path, dev: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["truthfulqa", model, "--questions", questions, "--limit", 2]
    assert run(*command, "--primer", "qa-6", "--out", tmp_path / "qa-6", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["n_questions"], result["primer"], result["style"]) == (6, "qa-6", "completion")
    for variant in VARIANTS:
        found = read_multiple_choice(tmp_path / "qa-6", variant=variant)
        assert result[variant]["value"] == found.score
        assert result[variant]["low"] <= found.score <= result[variant]["high"]
        parts = [(part["category"], part["n"], part[variant]["value"]) for part in result["categories"]]
        assert parts == found.by_category().select("category", "n", "score").rows()
    assert "binary" not in result
    one = [
        *command,
        "--primer",
        "5-shot",
        "--dev",
        dev,
        "--variant",
        "mc2",
        "--style",
        "chat",
        "--out",
        tmp_path / "five",
    ]
    assert run(*one, "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert "mc2" in result
    assert "mc1" not in result
    assert run(*one) == 0
    text = capsys.readouterr().out
    assert "6 questions, primer 5-shot: scores with 95 % intervals" in " ".join(text.split())
    assert [line.split()[:2] for line in text.splitlines()[-3:]] == [["rivers", "2"], ["law", "4"], ["all", "6"]]
    status, line = refusal(capsys, *command, "--primer", "none", "--out", tmp_path / "qa-6")
    assert status == 1
    assert "primer: 'qa-6' there, 'none' now" in line


def test_truthfulqa_s_own_file_with_two_answers(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = "Type,Category,Question,Best Answer,Best Incorrect Answer,Correct Answers,Incorrect Answers,Source"
    rows = [
        f"Adversarial,law,Who is {k}?,Nobody,Somebody {k},Nobody; No one,Somebody {k}; All,a book" for k in range(5)
    ]
    (tmp_path / "TruthfulQA.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    out = tmp_path / "run"
    command = ["truthfulqa", model, "--questions", tmp_path, "--primer", "none", "--out", out, "--json"]
    assert run(*command) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["n_questions"] == 5
    assert result["binary"]["value"] == read_multiple_choice(out, variant="binary").score >= result["mc1"]["value"]
    assert run(*command, "--variant", "binary") == 0
    alone = json.loads(capsys.readouterr().out)
    assert alone["binary"] == result["binary"]
    assert not {"mc1", "mc2"} & set(alone)


def test_without_dev_the_project_s_own_set_is_shown_solved(
    model: Path, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["truthfulqa", model, "--questions", questions, "--limit", 1, "--primer", "5-shot"]
    assert run(*command, "--out", tmp_path / "own", "--json") == 0
    own = json.loads(capsys.readouterr().out)
    shown = sources.read_solved_questions(None)
    assert len({question.category for question in shown[:5]}) == 5
    rows = [
        {"id": question.id, "category": question.category, "question": question.question, "ideal": question.ideal,
         "incorrect": question.incorrect}
        for question in shown[:5]
    ]  # fmt: skip
    dev = tmp_path / "dev.jsonl"
    dev.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert run(*command, "--dev", dev, "--out", tmp_path / "named", "--json") == 0
    named = json.loads(capsys.readouterr().out)
    assert (named["prompts"], named["mc2"]) == (own["prompts"], own["mc2"])
