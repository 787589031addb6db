"""`--by COLUMN` of `summarize`, `compare` and `report`."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.special import softmax

import calibration
from calibration import Predictions, read_run
from calibration.logs.log import Log
from calibration.logs.run_folders import write_log
from tests.conftest import ROOT
from tests.veracal.command_line import refusal, run


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Two runs of 240 items in three languages, the second twice as sharp."""
    rng = np.random.default_rng(0)
    language = np.repeat(["de", "fr", "sw"], 80)
    honest = rng.normal(size=(240, 4)) * 1.5
    answer = (softmax(honest, axis=1).cumsum(axis=1)[:, :-1] < rng.random((240, 1))).sum(axis=1)
    (tmp_path / "log").write_text("x")
    items = pl.DataFrame({"item": [str(number) for number in range(240)], "language": language})
    items = items.with_columns(question=pl.col("item") + " of a length", options=pl.lit(["a", "b", "c", "d"]))
    for name, sharp in (("base", 1.0), ("post", 2.0)):
        content = Predictions.from_arrays(honest * sharp, answer, subject=["law", "art"] * 120, model=name)
        log = Log(format="f", task="", model=name, content=content, items=items, files=(tmp_path / "log",))
        write_log(log, tmp_path / name)
    return tmp_path / "base", tmp_path / "post"


def test_a_summary_by_language(pair: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("summarize", pair[0], "--by", "language") == 0
    shown = capsys.readouterr().out
    assert "base, accuracy by language; q: that the group differs from all other items" in shown
    assert "base, ECE (top) by language; q: that the group cannot be calibrated" in shown
    table = calibration.by_group(read_run(pair[0]), "language", "accuracy")
    row = table.frame.row(0, named=True)
    assert f"de           80  {row['value']:.3f}  [{row['low']:.3f}, {row['high']:.3f}]" in shown
    assert "each counting alike" not in shown  # three groups are no sample of groups
    assert "Worst of 3 by accuracy: " in shown


def test_several_groupings_for_machines(pair: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("summarize", pair[0], "--by", "language,subject", "--by", "question_length", "--json") == 0
    first, second = json.loads(capsys.readouterr().out)["groups"]
    assert first["by"] == ["language", "subject"]
    assert len(first["measures"]["signed_gap"]["groups"]) == 6
    assert first["worst"]["accuracy"]["n_groups"] == 6
    assert second["by"] == ["question_length"]
    assert [row["question_length"] for row in second["measures"]["accuracy"]["groups"]] == ["13", "14", "15"]


def test_changes_by_language(pair: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("compare", *pair, "--by", "language") == 0
    shown = capsys.readouterr().out
    assert "Change of accuracy by language" in shown
    assert "Change of signed gap by language" in shown
    assert run("compare", *pair, "--by", "language", "--json") == 0
    (found,) = json.loads(capsys.readouterr().out)["groups"]
    changes = calibration.group_changes(read_run(pair[0]), read_run(pair[1]), "language")
    assert [row["change"] for row in found["changes"]["signed_gap"]["groups"]] == changes.frame["change"].to_list()


def test_groups_beside_folds(pair: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--recalibrate", "temperature", "--by", "items", "--by", "language", "--json")
    assert run("summarize", pair[0], *options) == 0
    data = json.loads(capsys.readouterr().out)
    assert len(data["groups"]) == len(data["recalibration"]) == 1


@pytest.mark.parametrize("command", ["compare", "report"])
def test_a_section_of_the_page(pair: tuple[Path, Path], tmp_path: Path, command: str) -> None:
    page = tmp_path / "page.html"
    assert run(command, *pair, "--html", page, "--by", "language") == 0
    text = page.read_text(encoding="utf-8")
    assert "By language" in text
    assert "Change of the accuracy by language" in text
    assert "groups-language-signed_gap.csv" in text


def test_refusals(pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("summarize", pair[0], "--by", "langage") == 1
    assert "no column is called 'langage'; there are: subject, language, " in refusal(capsys)[1]
    both = ("--recalibrate", "temperature", "--by", "items", "--by", "subjects")
    assert run("summarize", pair[0], *both) == 2
    assert "--folds-of must be items or subjects for the folds of --recalibrate, got both" in refusal(capsys)[1]


def guide() -> str:
    text = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    return text.partition("\n### Groups\n")[2].partition("\n##")[0]


def test_the_walk_of_the_guide_runs(
    pair: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    for folder in pair:
        shutil.move(folder, tmp_path / "runs" / folder.name)
    (block,) = re.findall(r"```\n(.*?)```", guide(), flags=re.DOTALL)
    assert [run(*shlex.split(line)[1:]) for line in block.splitlines()] == [0, 0]
    assert "Change of signed gap by language" in capsys.readouterr().out
    (code,) = re.findall(r"```python\n(.*?)```", guide(), flags=re.DOTALL)
    names = {"calibration": calibration, "run": read_run("runs/base"), "after": read_run("runs/post")}
    exec(compile(code, "guide.md", "exec"), names)  # noqa: S102
