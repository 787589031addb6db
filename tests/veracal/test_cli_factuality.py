"""`ask`, `grade` and `truthfulqa` as their users meet them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from calibration import runs
from factuality import rates, read_judgments, read_multiple_choice, read_responses
from factuality.multiple_choice import VARIANTS
from tests import tiny
from tests.factuality import sets
from tests.veracal.test_cli import refused, run
from veracal import console


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "tiny"
    tiny.network().save_pretrained(path)
    tiny.tokenizer().save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("questions") / "questions.jsonl"
    rows = [
        {
            "id": question.id,
            "category": question.category,
            "question": question.question,
            "ideal": question.ideal,
            "aliases": question.correct[1:],
            "incorrect": question.incorrect,
            "adversarial": question.adversarial,
        }
        for question in sets.questions()
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dev") / "dev.jsonl"
    rows = [
        {
            "id": f"d{number}",
            "category": "dev",
            "question": f"Why {number}?",
            "ideal": f"so {number}",
            "incorrect": ["no"],
        }
        for number in range(5)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_from_questions_to_rates(model: Path, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    command = ["ask", model, "--questions", source, "--max-new-tokens", 5, "--limit", 3, "--batch-size", 4]
    assert run(*command, "--out", out, "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["run"], result["n_answers"], result["style"], result["max_new_tokens"]) == (
        str(out), 9, "completion", 5,
    )  # fmt: skip
    assert run(*command, "--out", out) == 0  # a finished run is not asked again
    assert f"9 answers in {out}; grade them with: veracal grade {out} --grader match" in capsys.readouterr().err
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
    for name in ("law, calm", "all adversarial", "all calm", "ungraded", "tempted", "abstained"):
        assert name in table


def test_references_may_be_changed_after_asking(
    model: Path, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert run("ask", model, "--questions", source, "--max-new-tokens", 5, "--out", out) == 0
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


def test_both_scores_of_truthfulqa(
    model: Path, source: Path, dev: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["truthfulqa", model, "--questions", source, "--limit", 2]
    assert run(*command, "--primer", "qa-6", "--out", tmp_path / "qa-6", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["n_questions"], result["primer"], result["style"]) == (6, "qa-6", "completion")
    for variant in VARIANTS:
        found = read_multiple_choice(tmp_path / "qa-6", variant=variant)
        assert result[variant]["value"] == found.score
        assert result[variant]["low"] <= found.score <= result[variant]["high"]
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
    assert "primer 5-shot" in capsys.readouterr().out
    status, line = refused(capsys, *command, "--primer", "none", "--out", tmp_path / "qa-6")
    assert status == 1
    assert "primer: 'qa-6' there, 'none' now" in line


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["ask", "MODEL", "--questions", "missing.jsonl", "--out", "OUT"], 1, "no such file: missing.jsonl"),
        (["ask", "MODEL", "--questions", "items.csv", "--out", "OUT"], 1, "no such file: items.csv"),
        (["ask", "MODEL", "--questions", "SRC"], 2, "Missing option '--out'"),
        (["ask", "MODEL", "--out", "OUT"], 2, "Missing option '--questions'"),
        (["ask", "./none", "--questions", "SRC", "--out", "OUT"], 1, "neither a folder, a .gguf file nor a hub name"),
        (["ask", "MODEL", "--questions", "SRC", "--style", "poem", "--out", "OUT"], 2, "'poem' is not one of"),
        (["ask", "MODEL", "--questions", "SRC", "--limit", "0", "--out", "OUT"], 2, "Invalid value for '--limit'"),
        (
            ["ask", "MODEL", "--questions", "SRC", "--max-new-tokens", "4000", "--out", "OUT"],
            1,
            "question q0: the prompt has",
        ),
        (["grade", "nowhere", "--grader", "match"], 1, "nowhere: no run here"),
        (["grade", "OUT"], 2, "Missing option '--grader'"),
        (["truthfulqa", "MODEL", "--questions", "SRC", "--out", "OUT"], 2, "Missing option '--primer'"),
        (
            ["truthfulqa", "MODEL", "--questions", "SRC", "--primer", "5-shot", "--out", "OUT"],
            2,
            "takes its solved questions from --dev SRC",
        ),
        (
            ["truthfulqa", "MODEL", "--questions", "SRC", "--primer", "none", "--dev", "SRC", "--out", "OUT"],
            2,
            "no other primer has any",
        ),
        (
            ["truthfulqa", "MODEL", "--questions", "SRC", "--primer", "5-shot", "--dev", "SRC", "--out", "OUT"],
            1,
            "a solved question of the primer 5-shot must not be asked, q0 is",
        ),
    ],
)
def test_bad_use_is_one_clear_line(
    arguments: list[str],
    status: int,
    message: str,
    model: Path,
    source: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    known = {"MODEL": str(model), "SRC": str(source), "OUT": str(tmp_path / "out")}
    found, line = refused(capsys, *(known.get(word, word) for word in arguments))
    assert found == status
    assert message in line
    assert not (tmp_path / "out").exists()


def test_runs_of_another_kind_are_refused(
    model: Path, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert run("ask", model, "--questions", source, "--limit", 1, "--max-new-tokens", 2, "--out", out) == 0
    capsys.readouterr()
    for command, message in (
        (["summarize", out], "holds a run of responses, not of predictions"),
        (["grade", out, "--grader", "oracle"], "the grader must be one of match, got 'oracle'"),
        (["truthfulqa", model, "--questions", source, "--primer", "none", "--out", out], "holds a run of responses"),
        (["extract", model, "--items", "demo", "--out", out], "holds a run of responses, not of predictions"),
    ):
        status, line = refused(capsys, *command)
        assert status == 1
        assert message in line


def test_ctrl_c_keeps_what_was_done(
    model: Path, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "_PART_SECONDS", 0.0)
    out = tmp_path / "run"
    command = ["ask", model, "--questions", source, "--max-new-tokens", 3, "--batch-size", 2, "--out", out]
    real = runs.Run.append

    def interrupt(self: runs.Run, frame: object, append: Callable[..., None] = real) -> None:
        append(self, frame)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(runs.Run, "append", interrupt)
        status, line = refused(capsys, *command)
    assert status == 130
    assert line == "veracal: interrupted; what was done is kept, the same command continues"
    kept = read_responses(out).frame.height
    assert 0 < kept < 12
    assert run("grade", out, "--grader", "match") == 0
    assert f"{out} is not finished: {kept} of 12 answers" in capsys.readouterr().err
    assert run(*command) == 0
    assert read_responses(out).frame.height == 12


@pytest.mark.parametrize("width", [80, 140])
def test_the_table_fits_and_shows_every_share(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console.OUT, "_width", width)
    grades = ["correct", "correct", "incorrect", "abstained"]
    console.print_rates("title", rates(sets.judgments(grades, adversarial=[True, True, True, False])))
    text = capsys.readouterr().out
    lines = text.splitlines()
    assert lines[0] == "title"
    names = [line.split("  ")[0] for line in lines[2:] if not line.startswith("  ")]
    assert names == ["science", "science, calm", "all adversarial", "all calm"]
    assert "67 [21–94]" in " ".join(text.split())  # Wilson of 2 in 3
    assert "…" not in text
