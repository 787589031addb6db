"""`veracal import` as its users meet it."""

from __future__ import annotations

from pathlib import Path

import pytest

from calibration import read_run
from calibration.logs.formats import FORMATS
from tests.veracal.command_line import refusal, run


def test_what_digits_of_answers_count_is_asked_once(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    items, log = tmp_path / "items.csv", tmp_path / "log.csv"
    items.write_text("question;A;B;C;label\nWhat is law?;one;two;three;1\nWhat is history?;one;two;three;3\n")
    log.write_text("logit_A,logit_B,answer\n5,3,1\n2,7,2\n")
    for arguments in (["extract", model, "--items", items], ["import", log]):
        status, line = refusal(capsys, *arguments, "--out", tmp_path / "refused")
        assert (status, (tmp_path / "refused").exists()) == (1, False)
        assert "the answers are digits and never 0, from '1' (line 2) to " in line
        assert "say which with --answers" in line
    assert run("extract", model, "--items", items, "--answers", "from-one", "--out", tmp_path / "extracted") == 0
    assert run("import", log, "--answers", "from-one", "--out", tmp_path / "imported") == 0
    assert read_run(tmp_path / "extracted").answer.tolist() == [0, 2]
    assert read_run(tmp_path / "imported").answer.tolist() == [0, 1]


def test_names_of_formats_are_listed_in_a_narrow_terminal_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert run("import", "--list") == 0
    names = [line.split(" ")[0] for line in capsys.readouterr().out.splitlines()]
    assert {known.name for known in FORMATS} <= set(names)
