"""`veracal extract` as its users meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calibration.runs.folder import Run
from tests import tiny
from tests.veracal.command_line import refusal, run


def test_extract_and_continue(model: Path, mmlu: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["extract", model, "--items", f"mmlu:{mmlu}", "--shots", 2, "--subjects", "law", "--limit", 5]
    assert run(*command, "--out", tmp_path / "run", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["n_items"], result["shots"], result["style"], result["letter_form"]) == (5, 2, "completion", "space")
    assert set(result["headline"]) == {"accuracy", "ece_top"}
    assert run(*command, "--out", tmp_path / "run") == 0  # a finished run is not asked again
    lines = capsys.readouterr().err.splitlines()
    assert lines[-3].startswith("Extracting: 5 of 5")
    assert lines[-2].startswith(f"5 items in {tmp_path / 'run'}: accuracy 0.")
    assert lines[-1] == f"next: veracal summarize {tmp_path / 'run'}"
    assert run(*command, "--out", tmp_path / "run", "--quiet", "--name", "short") == 0
    assert Run(tmp_path / "run").name == "short"
    assert "".join(capsys.readouterr()) == ""
    assert run(*command, "--out", tmp_path / "run", "--no-progress") == 0
    assert "Extracting" not in capsys.readouterr().err
    status, message = refusal(capsys, *command, "--style", "chat", "--out", tmp_path / "run")
    assert status == 1
    assert "style: 'completion' there, 'chat' now" in message
    assert run("extract", model, "--items", "demo", "--limit", 1, "--audit", "--json") == 0
    audit = json.loads(capsys.readouterr().out)
    assert [(row["style"], row["form"]) for row in audit["rows"] if row["chosen"]] == [
        ("completion", " A"),
        ("chat", "A"),
        ("chat-prefill", " A"),
    ]
    assert run("extract", model, "--items", "demo", "--limit", 1, "--audit") == 0
    assert "letter mass" in capsys.readouterr().out


def test_models_that_cannot_be_asked(mmlu: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = tmp_path / "small"
    tiny.network(max_position_embeddings=100).save_pretrained(small)
    tiny.tokenizer(chat=False).save_pretrained(small)
    words = tmp_path / "words"
    tiny.network().save_pretrained(words)
    tiny.tokenizer(letters="unknown").save_pretrained(words)
    out = tmp_path / "out"
    source = f"mmlu:{mmlu}"
    for model, extra, message in (
        (small, ["--shots", "2"], "item history/0: the prompt has"),
        (small, ["--style", "chat"], "no chat template"),
        (words, [], "must give each of the letters A to D tokens of its own"),
    ):
        status, line = refusal(capsys, "extract", model, "--items", source, *extra, "--out", out)
        assert status == 1
        assert message in line
        assert not out.exists()
