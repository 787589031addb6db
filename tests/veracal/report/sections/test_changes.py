"""What changed: which measures are better if lower, and whose noise floor is which."""

from __future__ import annotations

from pathlib import Path

import pytest

import veracal
from calibration import Item
from tests.pages import Page, write_runs


@pytest.mark.usefixtures("figures_undrawn")
def test_directions_and_noise_floors_are_named(tmp_path: Path) -> None:
    items = [Item(str(row), "", f"Question {row}?", ("w", "x", "y", "z"), row % 4) for row in range(40)]
    veracal.write_report(write_runs(tmp_path / "runs", items), tmp_path / "page.html")
    words = Page(tmp_path / "page.html").words
    lower, _, higher = words.partition("Lower is better: ")[2].partition(". Higher is better: ")
    assert {"ECE (top)", "Brier score", "log loss", "AURC"} <= set(lower.split(", "))
    assert {"accuracy", "AUROC"} <= set(higher.partition(".")[0].split(", "))
    assert not {"signed gap", "mean confidence", "best temperature"} & {*lower.split(", "), *higher.split(", ")}
    assert "noise floor of ECE, top" in words
    assert "noise floor of ECE, choices" in words
