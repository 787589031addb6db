"""`veracal grade --people`: rate and calibration that people's labels correct."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import ROOT
from tests.pages import Page
from tests.veracal.command_line import run

_N = 60


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of graded answers with confidences, imported."""
    folder = tmp_path_factory.mktemp("people")
    rows = [
        {"id": f"q{n}", "question": f"Question {n}?", "response": "That.", "grade": "correct" if n % 3 else "incorrect"}
        for n in range(_N)
    ]
    path = folder / "graded.csv"
    pl.DataFrame(rows).with_columns(confidence=pl.Series([0.9, 0.6] * (_N // 2))).write_csv(path)
    assert run("import", path, "--out", folder / "run") == 0
    return folder / "run"


def labels(path: Path, *, weight: str | None = None) -> Path:
    """Every other answer is labelled, all as right but each sixth."""
    rows = [{"question": f"q{n}", "grade": "incorrect" if n % 6 == 0 else "correct"} for n in range(0, _N, 2)]
    table = pl.DataFrame(rows)
    (table if weight is None else table.with_columns(weight=pl.lit(weight))).write_csv(path)
    return path


@pytest.mark.parametrize("weight", [None, "2.0"])
def test_labels_correct_the_rate_and_the_calibration(
    answered: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], weight: str | None
) -> None:
    file = labels(tmp_path / "people.csv", weight=weight)
    capsys.readouterr()
    assert run("grade", answered, "--people", file, "--json") == 0
    people = json.loads(capsys.readouterr().out)["people"]
    assert people["n_labels"] == people["calibration"]["n_labels"] == _N // 2
    assert people["calibration"]["disagreements"] == 0
    assert people["correct"]["low"] < 2 / 3 < people["correct"]["high"]
    # As the guide has it.
    command = "veracal grade runs/graded --people people.csv"
    assert f"```\n{command}\n```" in (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    names = {"runs/graded": answered, "people.csv": file}
    assert run(*(names.get(word, word) for word in command.split()[1:])) == 0
    printed = capsys.readouterr().out
    assert "Corrected by 30 labels of people" in printed
    assert "30 labels of people say little" in " ".join(printed.split())
    assert "Reliability curve" in printed


@pytest.mark.usefixtures("figures_undrawn")
def test_a_page_shows_what_labels_correct(answered: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = labels(tmp_path / "people.csv")
    assert run("report", answered, "--people", file, "--html", tmp_path / "page.html") == 0
    page = Page(tmp_path / "page.html")
    assert page.ids.index("factuality") < page.ids.index("people") < page.ids.index("answers")
    assert "30 labels; of the 30 on answers with a confidence, 0 are against the grader's verdict." in page.words
    assert "Corrected by people's labels" in page.words
    assert "30 labels of people say little" in page.words
    measures = pl.read_csv(page.files["people.csv"])
    assert measures["measure"].unique(maintain_order=True).to_list() == ["ece", "signed_gap", "brier"]
    bins = pl.read_csv(page.files["people_1_bins.csv"])
    assert bins["labels"].sum() == _N // 2
    capsys.readouterr()
    files = ["--people", file, "--people", file]
    assert run("report", answered, *files, "--html", tmp_path / "page.html") != 0
    assert "one file a run of graded answers, in their order: 2 for 1" in capsys.readouterr().err


def test_weights_that_are_no_numbers_are_refused(
    answered: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("grade", answered, "--people", labels(tmp_path / "people.csv", weight="many")) != 0
    assert "the columns sample and weight must hold numbers" in capsys.readouterr().err
