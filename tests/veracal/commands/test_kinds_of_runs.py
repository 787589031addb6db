"""A run of another kind than a command reads is refused, with what would read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.veracal.command_line import refusal, run


def test_runs_of_another_kind_are_refused(
    model: Path, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert run("ask", model, "--questions", questions, "--limit", 1, "--max-new-tokens", 2, "--out", out) == 0
    capsys.readouterr()
    for command, message in (
        (
            ["summarize", out],
            f"not graded yet; use: veracal grade {out}",
        ),
        (
            ["recalibrate", out],
            f"holds a run of responses, not of predictions; its rates are shown by: veracal grade {out}",
        ),
        (["grade", out, "--grader", f"openai:{model}"], f"; a model that judges is written model:openai:{model}"),
        (["grade", out, "--grader", "oracle"], "the grader must be one of match, similarity, "),
        (
            ["truthfulqa", model, "--questions", questions, "--primer", "none", "--out", out],
            "holds a run of responses",
        ),
        (["extract", model, "--items", "demo", "--out", out], "holds a run of responses, not of predictions"),
    ):
        status, line = refusal(capsys, *command)
        assert status == 1
        assert message in line
