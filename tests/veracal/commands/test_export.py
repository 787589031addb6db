"""The command `export`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.veracal.command_line import refusal, run, without_marks
from tests.veracal.exports.runs_of_all_kinds import RUNS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    RUNS["pairs"](tmp_path / "run")
    return tmp_path / "run"


def test_it_tells_what_it_wrote(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", folder, "--out", tmp_path / "a.csv") == 0
    assert capsys.readouterr().err.split() == f"13 rows of pairs of =m (csv) in {tmp_path / 'a.csv'}".split()
    assert run("export", folder, "--out", tmp_path / "b", "--format", "jsonl", "--json") == 0
    told = without_marks(json.loads(capsys.readouterr().out))
    assert told == {
        "run": str(folder), "kind": "pairs", "model": "=m", "format": "jsonl", "n_rows": 13,
        "files": [str(tmp_path / "b")],
    }  # fmt: skip
    assert len((tmp_path / "b").read_text(encoding="utf-8").splitlines()) == 13


def test_standard_output_holds_the_table_alone(
    folder: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run("export", folder, "--out", tmp_path / "a.csv") == 0
    capfdbinary.readouterr()
    assert run("export", folder, "--out", "-", "--format", "csv") == 0
    assert capfdbinary.readouterr().out == (tmp_path / "a.csv").read_bytes()


def test_existing_files_stay(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.csv"
    file.write_text("mine", encoding="utf-8")
    assert refusal(capsys, "export", folder, "--out", file)[1].endswith(
        "a.csv: exists already; remove it, or say --replace (replace=True in Python)"
    )
    assert file.read_text(encoding="utf-8") == "mine"
    assert run("export", folder, "--out", file, "--replace") == 0
    assert file.read_text(encoding="utf-8").startswith("model,revision,item,")
    assert not list(tmp_path.glob(".veracal-*"))


def test_a_full_disk_leaves_the_file_as_it_was(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    file = tmp_path / "a.csv"
    file.write_text("mine", encoding="utf-8")
    monkeypatch.setattr(os, "fsync", full)
    status, message = refusal(capsys, "export", folder, "--out", file, "--replace")
    assert (status, "No space left on device" in message, str(file) in message) == (1, True, True)
    assert file.read_text(encoding="utf-8") == "mine"
    assert not list(tmp_path.glob(".veracal-*"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Missing option '--out'"),
        (("--out", "a.txt"), "a.txt: no format has this suffix; say which with --format"),
        (("--out", "-"), "--out - has no suffix that tells the format: say --format"),
        (("--out", "-", "--format", "csv", "--json"), "would both be written to standard output"),
        (("--out", "a", "--format", "xml"), "must be one of csv, jsonl, parquet"),
        (("--out", "a.csv", "--grader", "match"), "a grader is of free answers; this run holds pairs"),
    ],
)
def test_wrong_use(arguments: tuple[str, ...], message: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert message in refusal(capsys, "export", folder, *arguments)[1]


@pytest.mark.parametrize("format", ["every-eval-ever", "eval-results", "lm-eval"])
def test_a_kind_that_a_format_cannot_hold_is_refused(
    format: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    RUNS["answers"](tmp_path / "run")
    message = refusal(capsys, "export", tmp_path / "run", "--format", format, "--out", tmp_path / "a.yaml")[1]
    assert f"{format} cannot hold a run of ungraded responses, only of predictions or " in message
    assert message.endswith("it can be written as csv, jsonl, parquet, or be graded first: veracal grade RUN")
    assert not (tmp_path / "a.yaml").exists()


def test_formats_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", "--list", "--json") == 0
    assert {"csv", "jsonl", "parquet"} <= set(json.loads(capsys.readouterr().out)["formats"])
    assert run("export", "--list") == 0
    assert "every kind" in capsys.readouterr().out
