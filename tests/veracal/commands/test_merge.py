"""`veracal merge` as its users meet it: shards to one run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calibration import read_run
from calibration.runs.folder import Run
from factuality import read_responses
from tests.veracal.command_line import refusal, run


def test_shards_from_the_command_line_to_one_run(
    model: Path, mmlu: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["extract", model, "--items", f"mmlu:{mmlu}", "--shots", 2]
    assert run(*command, "--out", tmp_path / "whole") == 0
    parts = [tmp_path / f"part-{number}" for number in (1, 2, 3)]
    for number, part in enumerate(parts, start=1):
        capsys.readouterr()
        assert run(*command, "--shard", f"{number}/3", "--name", "short", "--out", part) == 0
        lines = capsys.readouterr().err.splitlines()
        assert lines[-2].startswith(f"{read_run(part).n_items} items in {part}: accuracy 0.")
        assert lines[-1] == "next: veracal merge"
    status, message = refusal(capsys, "merge", parts[2], parts[0], "--out", tmp_path / "merged")
    assert status == 1
    there = 12 - read_run(parts[1]).n_items
    assert message.endswith(f"must be whole, but {there} of 12 are there: no run of shard 2/3 was given")
    assert run("merge", parts[2], parts[0], parts[1], "--out", tmp_path / "merged", "--json") == 0
    assert json.loads(capsys.readouterr().out)["n_rows"] == 12
    assert Run(tmp_path / "merged").name == "short"
    merged, whole = read_run(tmp_path / "merged"), read_run(tmp_path / "whole")
    assert merged.item.tolist() == whole.item.tolist()
    assert abs(merged.logprobs - whole.logprobs).max() < 1e-4
    assert run("summarize", tmp_path / "merged", "--json") == 0

    for shard, message in (("3", "must be written i/n"), ("0/3", "i from 1 to n, got 0/3")):
        assert refusal(capsys, *command, "--shard", shard, "--out", tmp_path / "x")[0] == 2
        assert message in refusal(capsys, *command, "--shard", shard, "--out", tmp_path / "x")[1]
    status, message = refusal(capsys, *command, "--shard", "1/13", "--out", tmp_path / "x")
    assert (status, message[9:]) == (1, "there must be at most as many shards as items, got 13 shards of 12 items")
    assert refusal(capsys, *command, "--shard", "1/2", "--audit")[0] == 2
    assert refusal(capsys, *command, "--ray-address", "auto", "--out", tmp_path / "x")[0] == 2
    assert not (tmp_path / "x").exists()


def test_shards_of_answers(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [
        "ask", model, "--questions", "demo", "--limit", 2, "--max-new-tokens", 4, "--samples", 2, "--temperature", 1,
    ]  # fmt: skip
    assert run(*command, "--out", tmp_path / "whole") == 0
    for number in (2, 1):
        assert run(*command, "--shard", f"{number}/2", "--out", tmp_path / str(number)) == 0
    assert run("merge", tmp_path / "1", tmp_path / "2", "--out", tmp_path / "merged") == 0
    frames = [read_responses(tmp_path / name).frame for name in ("whole", "merged")]
    for name in ("question", "sample", "response", "finish"):
        assert frames[0][name].equals(frames[1][name])
    assert (
        run("truthfulqa", model, "--questions", "demo", "--limit", 1, "--primer", "none", "--out", tmp_path / "mc") == 0
    )
    message = refusal(capsys, "merge", tmp_path / "mc", "--out", tmp_path / "other")[1]
    assert "runs of predictions and of responses can be merged, this one holds multiple-choice" in message
