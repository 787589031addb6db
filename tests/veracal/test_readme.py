"""The README's way from recorded results to numbers, as it is written."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.conftest import ROOT

from .command_line import run


def test_recorded_results_become_the_numbers_beside_the_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## Bring what you have\n")[2]
    block, text = re.findall(r"```\n(.*?)```\n\n(.*?)\n", section, flags=re.DOTALL)[0]
    assert [run(*shlex.split(line)[1:]) for line in block.splitlines()] == [0, 0, 0]
    printed = capsys.readouterr().out
    row = next(line.split() for line in printed.splitlines() if line.startswith("ECE, choices"))
    before, after, moved, low, high = (cell.strip("[],").replace("-", "−") for cell in row[2:7])
    assert f"{before} before and {after} after, change {moved} [{low}, {high}]" in text
    assert Path("report.html").is_file()
