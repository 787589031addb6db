"""`veracal report` from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from calibration import Item
from calibration.runs.run_writer import RunWriter
from factuality.answers.responses import RESPONSES
from tests.pages import Page, write_runs
from tests.veracal.command_line import run


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    items = [Item(f"law/{row}", "law", f"Which? {row}", ("p", "q", "r", "s"), row % 4) for row in range(30)]
    return write_runs(tmp_path / "runs", items)


def test_a_page_with_labels(runs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "made" / "page.html"
    assert run("report", *runs, "--html", page, "--labels", "base, tuned") == 0
    assert capsys.readouterr().out == f"Report: {page}\n"
    assert "base → tuned" in Page(page).words
    assert "recalibration" not in Page(page).ids


def test_which_runs_are_of_one_model_is_told(
    runs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"model": "tuned", "weights": "weights of after"}
    asked = RunWriter.open(tmp_path / "asked", settings, kind=RESPONSES, n_items=1).path
    monkeypatch.setattr("veracal.report.page.write_report", lambda *_, **__: None)
    assert run("report", *runs, asked, "--html", tmp_path / "page.html", "--labels", "Base,RL") == 0
    assert capsys.readouterr().err == f"Base: {runs[0]}\nRL: {runs[1]}, {asked}\n"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["RUN0", "RUN1", "RUN1", "--html", "PAGE"], 1, "a run is given twice: "),
        (
            ["RUN0", "RUN1", "--html", "PAGE", "--labels", "one"],
            1,
            "labels must be one a run (2) or one a model (2: model-before, model-after), got 1: one",
        ),
        (["RUN0", "RUN1"], 2, "Missing option '--html'"),
        (["--html", "PAGE"], 2, "Missing argument 'RUN'"),
        (["RUN0", "nowhere", "--html", "PAGE"], 1, "nowhere: no run here"),
    ],
)
def test_bad_use_is_one_clear_line(
    arguments: list[str],
    status: int,
    message: str,
    runs: list[Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = {"RUN0": str(runs[0]), "RUN1": str(runs[1]), "PAGE": str(tmp_path / "page.html")}
    assert run("report", *(names.get(word, word) for word in arguments)) == status
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("veracal: ")]
    assert len(lines) == 1
    assert message in lines[0]
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize("known", [True, False])
def test_a_page_is_opened_if_a_browser_is_known(
    runs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    opened: list[str] = []

    def open_address(address: str) -> bool:
        opened.append(address)
        return known

    monkeypatch.setattr("veracal.report.page.write_report", lambda *_, **__: None)
    monkeypatch.setattr("webbrowser.open_new_tab", open_address)
    page = tmp_path / "a page.html"
    assert run("report", *runs, "--html", page, "--open") == 0
    assert opened == [page.as_uri()]
    assert ("No browser is known here" in capsys.readouterr().err) is not known
