"""The section of the page on recalibration."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import veracal
from calibration import Item, Pairs, read_run, recalibrate
from tests.conftest import KEPT
from tests.pages import Page, write_runs
from tests.veracal.command_line import run

METHODS = ("temperature", "netcal:HistogramBinning:top")

pytestmark = pytest.mark.usefixtures("figures_undrawn")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two runs, before and after, on 60 items that their logits (those of `write_runs`) say something about."""
    honest = np.random.default_rng(0).normal(size=(60, 4))
    items = [
        Item(f"s{row % 6}/{row}", f"s{row % 6}", f"Which? {row}", ("p", "q", "r", "s"), int(best) if row % 3 else 0)
        for row, best in enumerate(honest.argmax(axis=1))
    ]
    return write_runs(tmp_path_factory.mktemp("runs"), items)


def table_rows(page: Page, name: str) -> list[list[str]]:
    """Cells of a table of the page, without its headings."""
    body = (
        page.source.partition(f'aria-labelledby="{name}-caption"')[2].partition("<tbody>")[2].partition("</tbody>")[0]
    )
    return [re.findall(r"(?:<bdi>|<td>)(.*?)<", row) for row in body.split("</tr>")[:-1]]


def test_a_row_a_run_and_method(runs: list[Path], tmp_path: Path) -> None:
    veracal.write_report(runs, tmp_path / "page.html", labels=("Base", "RL"), recalibrate=METHODS, by="subjects")
    page = Page(tmp_path / "page.html")
    assert '<a href="#recalibration">Recalibration</a>' in page.source
    assert "The predicted letter, before → after, cross-fitted in 5 folds of subjects" in page.words
    assert "Recalibration, held out" in page.words
    table = pl.read_csv(io.BytesIO(page.files["recalibration.csv"]))
    for name, path in zip(("Base", "RL"), runs, strict=True):
        for method in METHODS:
            result = recalibrate(read_run(path), method, by="subjects")
            cells = [
                f"{result.before[key].value:.3f} → "
                + (f"{result.after[key].value:.3f}" if key in result.after else "left out")
                + (f" ({result.floors_after[key]:.3f})" if key in result.floors_after else "")
                for key in ("ece_top", "brier_top", "nll_top", "accuracy")
            ]
            assert [name, method, *cells] in table_rows(page, "recalibration-top")
            assert all(f"{name}, {method}: {note}." in page.words for note in result.notes)
            rows = table.filter((pl.col("run") == name) & (pl.col("method") == method))
            assert_frame_equal(rows.select(result.frame.columns), result.frame, check_dtypes=False)
            assert set(rows["folds_of"]) == {"subjects"}
            assert set(rows["n_items"]) == {60}
    assert " → left out</td>" in page.source
    # Whole rows have numbers of all letters, the method of the predicted letter has none.
    whole = table_rows(page, "recalibration-letters")
    assert [row[:2] for row in whole] == [["Base", "temperature"], ["RL", "temperature"]]
    result = recalibrate(read_run(runs[1]), "temperature", by="subjects")
    assert whole[1][3:] == [
        f"{result.before[key].value:.3f} → {result.after[key].value:.3f}" for key in ("brier", "nll")
    ]


def test_only_methods_of_the_predicted_letter_have_one_table(runs: list[Path], tmp_path: Path) -> None:
    veracal.write_report(runs, tmp_path / "page.html", recalibrate=["platt"])
    page = Page(tmp_path / "page.html")
    assert "recalibration-top-caption" in page.ids
    assert "recalibration-letters-caption" not in page.ids


@pytest.mark.parametrize("command", ["report", "compare"])
def test_the_commands_write_it(command: str, runs: list[Path], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert run(command, *runs, "--html", page, "--recalibrate", "temperature", "--by", "subjects") == 0
    assert "cross-fitted in 5 folds of subjects" in Page(page).words


def test_a_method_that_a_run_cannot_take_is_an_error_and_leaves_no_page(tmp_path: Path) -> None:
    items = [Item(f"law/{row}", "law", "Which?", ("p", "q", "r", "s"), row % 3) for row in range(30)]
    runs = write_runs(tmp_path / "runs", items)
    message = (
        "model-before cannot be recalibrated by netcal:HistogramBinning: .* among the 30 items to fit on, D never is"
    )
    with pytest.raises(ValueError, match=message):
        veracal.write_report(runs, tmp_path / "page.html", recalibrate=["netcal:HistogramBinning"])
    assert not (tmp_path / "page.html").exists()


def test_a_grader_of_runs_without_graded_answers_is_refused(runs: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the grader match has no effect: none of the runs holds graded answers"):
        veracal.write_report(runs, tmp_path / "page.html", grader="match")
    assert not (tmp_path / "page.html").exists()


def test_wrong_use_of_compare(runs: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("compare", *runs, "--recalibrate", "temperature") == 2
    assert "--recalibrate needs --html PAGE, where it is shown" in capsys.readouterr().err


def test_runs_without_letters_have_nothing_to_recalibrate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.html"
    with pytest.raises(
        ValueError, match="recalibrate is for runs of multiple-choice items or of confidences; there are none"
    ):
        veracal.write_report([KEPT / "graded"], page, recalibrate=["temperature"])
    assert run("compare", KEPT / "graded", KEPT / "graded", "--html", page, "--recalibrate", "temperature") == 2
    assert "--recalibrate is for multiple-choice runs and confidences; these" in capsys.readouterr().err
    assert not page.exists()


def test_confidences_are_recalibrated_on_the_page_too(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.5, 1, 60)
    pairs = Pairs.from_arrays(confidence, rng.random(60) < 0.7)
    veracal.write_report([pairs], tmp_path / "page.html", recalibrate=["platt"])
    page, result = Page(tmp_path / "page.html"), recalibrate(pairs, "platt")
    assert "The confidence, before → after, cross-fitted in 5 folds of items" in page.words
    eces = f"{result.before['ece_top'].value:.3f} → {result.after['ece_top'].value:.3f}"
    assert table_rows(page, "recalibration-top")[0][2].startswith(eces)
    with pytest.raises(ValueError, match="run-1 cannot be recalibrated by temperature: "):
        veracal.write_report([pairs], tmp_path / "other.html", recalibrate=["temperature"])


def test_an_unknown_method_is_refused_before_runs_are_read(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"method must be one of temperature, .*, got 'nonsense'"):
        veracal.write_report([tmp_path / "nowhere"] * 2, tmp_path / "page.html", recalibrate=["nonsense"])
