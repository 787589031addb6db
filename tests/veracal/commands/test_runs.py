"""`veracal runs`: every run below a folder, whatever it holds and however far it is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import calibration
from calibration import read_run
from calibration.runs.folder import Run
from tests.veracal.command_line import refusal, run
from veracal import console

KEPT = Path(__file__).parents[2] / "kept_runs"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("runs")
    for name in ("answers", "graded", "letters-half", "letters-rotated", "truthfulqa"):
        shutil.copytree(KEPT / name, root / "kept" / name)
    shutil.copytree(KEPT / "letters", root / "letters")
    shutil.copytree(KEPT / "letters", root / ".hidden" / "letters")
    shutil.copytree(KEPT / "letters", root / "begun")
    begun = json.loads((root / "begun" / "run.json").read_text())
    (root / "begun" / "run.json").write_text(json.dumps(begun | {"state": "running", "n_done": 0}))
    (root / "damaged").mkdir()
    (root / "damaged" / "run.json").write_text("{")
    shutil.copytree(KEPT / "letters", root / "torn")
    next((root / "torn" / "parts").iterdir()).write_bytes(b"PAR1")
    graders = root / "kept" / "graded" / "judgments"
    (graders / "similarity.parquet").unlink()
    (graders / "combined.parquet").unlink()
    return root


def test_runs_are_listed_with_their_numbers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("runs", folder, "--json") == 0
    listed = {Path(row["run"]).name: row for row in json.loads(capsys.readouterr().out)["runs"]}
    assert list(listed) == [
        *("begun", "damaged", "answers", "graded", "letters-half", "letters-rotated", "truthfulqa", "letters", "torn")
    ]
    letters = read_run(folder / "letters")
    assert listed["letters"] == {
        "run": str(folder / "letters"), "kind": "predictions", "model": "base", "task": "6 subjects", "n_items": 24,
        "n_done": 24, "state": "complete", "note": "",
        "headline": {key: calibration.estimate(letters, key).to_dict() for key in ("accuracy", "ece_top")},
    }  # fmt: skip
    assert (listed["letters-half"]["n_items"], listed["letters-half"]["state"]) == (12, "complete")
    assert listed["letters-half"]["task"] == "3 subjects, shard 1/2"
    assert listed["letters-rotated"]["task"] == "6 subjects, rotated"
    assert (listed["begun"]["state"], listed["begun"]["n_done"]) == ("unfinished", 0)
    assert (listed["answers"]["headline"], listed["answers"]["note"]) == ({}, "not graded")
    assert set(listed["graded"]["headline"]) == {"correct", "incorrect", "abstained"}
    assert set(listed["truthfulqa"]["headline"]) == {"mc1", "mc2"}
    assert listed["damaged"]["state"] == listed["torn"]["state"] == "unreadable"
    assert listed["damaged"]["note"].startswith("run.json: not readable JSON")


def test_a_narrow_terminal_goes_without_columns(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console.OUT, "_width", 130)
    assert run("runs", folder / "kept") == 0
    assert capsys.readouterr().out.splitlines()[0].split() == ["run", "model", "task", "n", "state", "headline"]
    monkeypatch.setattr(console.OUT, "_width", 90)
    assert run("runs", folder / "kept") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["run", "model", "n", "state", "headline"]
    assert len(lines) == 6  # nothing wraps


def test_columns_fit_to_the_last_character(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def shown(width: int) -> list[str]:
        monkeypatch.setattr(console.OUT, "_width", width)
        assert run("runs", folder / "kept") == 0
        return capsys.readouterr().out.splitlines()

    whole = max(map(len, shown(200)))
    assert "task" in shown(whole)[0]
    for width in range(whole - 6, whole):
        assert "task" not in shown(width)[0]
        assert len(shown(width)) == 6  # nothing wraps


def test_a_long_name_is_shortened_before_columns_go(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(folder / "letters", tmp_path / "letters")
    Run(tmp_path / "letters").rename("of-a-company/" + "long-" * 12 + "name")
    monkeypatch.setattr(console.OUT, "_width", 90)
    assert run("runs", tmp_path) == 0
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["run", "model", "task", "n", "state", "headline"]
    assert "-long-name  6 subjects" in row


def test_a_run_folder_is_listed_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("runs", folder / "letters") == 0
    assert "accuracy 0.583, ECE 0.138" in " ".join(capsys.readouterr().out.split())


def test_folders_without_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("runs", tmp_path) == 0
    assert "no runs in " in capsys.readouterr().err
    assert run("runs", tmp_path, "--json") == 0
    assert json.loads(capsys.readouterr().out)["runs"] == []
    assert refusal(capsys, "runs", tmp_path / "none") == (1, f"veracal: no such folder: {tmp_path / 'none'}")
