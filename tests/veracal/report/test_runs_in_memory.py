"""The page of runs that lie in memory alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import veracal as vc


@pytest.mark.usefixtures("figures_undrawn")
def test_a_page_of_two_runs_in_memory(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    answer = rng.integers(0, 3, size=60)
    scores = {name: rng.normal(size=(60, 3)) for name in ("base", "tuned")}
    before, after = (vc.Predictions.from_arrays(logits=scores[name], answer=answer, model=name) for name in scores)
    vc.write_report([before, after], tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "base → tuned" in page
    assert str(tmp_path.parent) not in page
    before.save(tmp_path / "before.parquet")
    assert vc.read_run(tmp_path / "before.parquet").frame.equals(before.frame)


@pytest.mark.usefixtures("figures_undrawn")
def test_runs_without_a_name_are_numbered(tmp_path: Path) -> None:
    right = [True, False] * 20
    pairs = [vc.Pairs.from_arrays(np.linspace(low, 1, 40), right) for low in (0.2, 0.4)]
    letters = [vc.Predictions.from_arrays(np.full((4, 2), value), [0, 1, 0, 1]) for value in (0.0, 1.0)]
    for runs in (pairs, letters):
        vc.write_report(runs, tmp_path / "page.html")
        assert "run-1 → run-2" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="Predictions, Pairs, Verdicts, Judgments and MultipleChoice, got int"):
        vc.write_report([3, 4], tmp_path / "page.html")  # type: ignore[list-item]
