"""The command line as a whole: a walk through it, tracebacks, its version."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from tests.veracal.command_line import refusal, run
from veracal import cli, console
from veracal.console import Shown


def test_from_recorded_letters_to_a_report(recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for style in ("completion", "chat"):
        assert run("import", recorded / f"smollm2-{style}.csv", "--format", "csv", "--out", tmp_path / style) == 0
    capsys.readouterr()
    assert run("summarize", tmp_path / "chat", "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["n_items"] == 150
    assert set(summary["ece_top"]) == {"value", "low", "high", "level", "p_value"}
    assert summary["accuracy"]["low"] < summary["accuracy"]["value"] < summary["accuracy"]["high"]
    assert (
        run("compare", tmp_path / "completion", tmp_path / "chat", "--json", "--html", tmp_path / "p" / "page.html")
        == 0
    )
    captured = capsys.readouterr()
    comparison = json.loads(captured.out)  # nothing else on stdout
    assert str(tmp_path / "p" / "page.html") in captured.err
    assert comparison["after"] | {"schema": "summary", "schema_version": 1} == summary
    assert set(comparison["change"]["ece_top"]) == {
        *("value", "low", "high", "level", "p_value", "clustered", "visible", "n_items")
    }
    assert set(comparison["change"]["ece_top"]["clustered"]) == {"low", "high", "p_value"}
    assert comparison["settings"]["model"] == ["smollm2-completion", "smollm2-chat"]
    assert (tmp_path / "p" / "page.html").read_text().startswith("<!doctype html>")
    for command in (["summarize", tmp_path / "chat"], ["compare", tmp_path / "completion", tmp_path / "chat"]):
        assert run(*command) == 0
        assert "0.300" in capsys.readouterr().out


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("summarize", "nowhere", "--debug") == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("--quiet", Shown(notes=False, progress=False)),
        ("-q", Shown(notes=False, progress=False)),
        ("--no-progress", Shown(progress=False)),
        ("-v", Shown(foreign=True)),
    ],
)
def test_options_of_every_command_stand_anywhere(word: str, shown: Shown, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([word, "sources", "--json"], ["sources", "--json", word]):
        assert run(*arguments) == 0
        assert shown == console.SHOWN
        assert json.loads(capsys.readouterr().out)
    assert run("sources", "--json") == 0
    assert Shown() == console.SHOWN


def test_errors_are_shown_to_the_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    assert refusal(capsys, "summarize", "nowhere", "--quiet")[0] == 1


def test_the_hub_is_held_back_unless_the_user_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet_hub = {"HF_HUB_VERBOSITY": "error", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    assert cli._hub_settings({}) == quiet_hub
    assert cli._hub_settings(dict.fromkeys(quiet_hub, "0")) == {}
    monkeypatch.setattr(console, "SHOWN", Shown(foreign=True))
    assert cli._hub_settings({}) == {"HF_HUB_DISABLE_PROGRESS_BARS": "1"}  # no bars in a log
    monkeypatch.setattr(console, "has_bars", lambda: True)
    assert cli._hub_settings({}) == {}


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out == f"veracal {metadata.version('veracal')}\n"


def test_the_installed_command_answers() -> None:
    command = Path(sys.executable).parent / "veracal"
    found = subprocess.run([command, "--help"], capture_output=True, text=True, check=True)
    for name in ("extract", "import", "summarize", "compare", "demo"):
        assert name in found.stdout
