"""The report page: whole, self-contained, and safe against what runs may hold."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import calibration
import veracal
from calibration import Predictions
from calibration.runs import Run


@pytest.fixture
def runs(recorded: Path, tmp_path: Path) -> list[Path]:
    folders = [tmp_path / "completion", tmp_path / "chat"]
    for folder in folders:
        calibration.import_log(recorded / f"smollm2-{folder.name}.csv", out=folder)
    return folders


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href")]


def test_the_page_is_self_contained_and_holds_the_numbers(runs: list[Path], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    veracal.write_report(runs, page)
    text = page.read_text(encoding="utf-8")
    parsed = _Tags()
    parsed.feed(text)
    assert parsed.tags.count("svg") == 2
    assert "script" not in parsed.tags
    assert all(address.startswith("#") for address in parsed.addresses)
    comparison = calibration.compare(*(calibration.read_run(run) for run in runs))
    for key in ("accuracy", "ece_top", "ece_choices", "brier", "nll"):
        assert f"<td>{comparison.after.point(key):.4f}</td>" in text
    assert "under-confident" in text or "over-confident" in text
    assert re.search(r"<th scope=\"row\">source</th><td>smollm2-completion\.csv</td>", text)
    assert sorted(path.name for path in tmp_path.glob("*.tmp")) == []


def test_what_a_run_says_of_itself_cannot_become_markup(tmp_path: Path) -> None:
    hostile = "</title><script>alert(1)</script>\u202e"
    folders = []
    for number in range(2):
        frame = Predictions.from_arrays([[1.0, 0.0], [0.0, 1.0]] * 20, [0, 1] * 20, model=f"{hostile}{number}").frame
        run = Run.open(tmp_path / str(number), {"model": hostile, "style": hostile}, n_items=40)
        run.append(frame)
        folders.append(run.path)
    veracal.write_report(folders, tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_the_same_runs_give_the_same_page(runs: list[Path], tmp_path: Path) -> None:
    pages = [tmp_path / "one.html", tmp_path / "two.html"]
    for page in pages:
        veracal.write_report(runs, page)
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_a_report_overwrites_neither_a_run_nor_what_is_no_file(runs: list[Path], tmp_path: Path) -> None:
    manifest = (runs[0] / "run.json").read_bytes()
    with pytest.raises(ValueError, match="the page must stand outside the run folders"):
        veracal.write_report(runs, runs[0] / "run.json")
    assert (runs[0] / "run.json").read_bytes() == manifest
    (tmp_path / "folder").mkdir()
    with pytest.raises(ValueError, match="must be a new or an ordinary file"):
        veracal.write_report(runs, tmp_path / "folder")
    assert not list(tmp_path.glob(".*.tmp"))


def test_a_report_needs_two_runs(runs: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a report needs two runs, before and after; got 1"):
        veracal.write_report(runs[:1], tmp_path / "page.html")
