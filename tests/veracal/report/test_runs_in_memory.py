"""The page of runs that lie in memory alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import veracal as vc


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


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="a report is made of run folders, Predictions, Pairs and Verdicts, got int"):
        vc.write_report([3, 4], tmp_path / "page.html")  # type: ignore[list-item]
