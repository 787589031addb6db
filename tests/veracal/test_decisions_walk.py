"""The guide's walk through decisions: its commands and its script run as they are written."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.conftest import ROOT
from tests.veracal.command_line import run


def test_the_walk_through_decisions_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(200, 4)) * 1.5
    answer = ["ABCD"[index] for index in (logits + rng.gumbel(size=(200, 4))).argmax(axis=1)]
    for name, sharpness in (("base", 1.0), ("post", 3.0)):
        table = pl.DataFrame(logits * sharpness, schema=[f"logit_{letter}" for letter in "ABCD"])
        table.with_columns(id=pl.int_range(200), answer=pl.Series(answer)).write_csv(f"{name}.csv")
        assert run("import", f"{name}.csv", "--format", "csv", "--out", f"runs/{name}") == 0
    guide = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    section = guide.partition("\n### Decisions\n")[2].partition("\n### ")[0]
    capsys.readouterr()
    (block,) = re.findall(r"```\n(.*?)```", section.partition("```python")[0], flags=re.DOTALL)
    assert [run(*shlex.split(line)[1:]) for line in block.splitlines()] == [0, 0]
    assert "ECE (top) is worse by more than 0.02: +0." in capsys.readouterr().out
    (script,) = re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)
    exec(compile(script, "guide.md", "exec"), {})  # noqa: S102
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("ECE (top) is worse by more than 0.02: +0.")
    assert lines[2].startswith("ECE (top) is within 0.")
    assert lines[3].startswith("gap of every bin (top) is within 0.")
    assert lines[5] == "worse"
