"""Results of decision boards: numbers that were computed independently, or published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calibration import Pairs, Predictions, brier_score, ece, log_loss
from calibration.logs.formats import read_logs
from calibration.logs.options import LogOptions

pytestmark = pytest.mark.real


def test_a_run_of_the_decision_index_has_its_reference_values(data: Path) -> None:
    folder = data / "decisions" / "results" / "index-run"
    reference = json.loads((folder / "reference.json").read_text())["as served"]
    (log,) = read_logs([folder / "results.jsonl", folder / "rows.jsonl"], options=LogOptions())
    run = log.content
    assert isinstance(run, Predictions)
    assert (run.n_items, run.accuracy) == (reference["n"], reference["accuracy"])
    assert run.confidence.mean() == pytest.approx(reference["mean_confidence"], abs=1e-6)
    assert ece(run.confidence, run.correct) == pytest.approx(reference["ece_top10"], abs=1e-6)
    assert ece(run.choice_confidence, run.choice_correct) == pytest.approx(reference["ece_choices10"], abs=1e-6)
    assert brier_score(run.probabilities, run.answer) == pytest.approx(reference["brier_sum"], abs=1e-6)
    assert log_loss(run.probabilities, run.answer) == pytest.approx(reference["nll"], abs=1e-6)


def test_jevbench_has_its_published_ece(data: Path) -> None:
    (log,) = read_logs([data / "decisions" / "results" / "jevbench-de1-hard.compact.jsonl"], options=LogOptions())
    assert isinstance(log.content, Pairs)
    assert ece(log.content.confidence, log.content.correct) == pytest.approx(0.08323733130267792, abs=1e-12)
    assert log.content.accuracy == pytest.approx(72 / 111)
