"""Rounded probabilities: what they leave open is told, and nothing else is changed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration import Predictions, compare, ece, log_loss, read_run, summarize
from calibration.analysis.rounded_probabilities import RoundedProbabilities, rounded_probabilities
from veracal import import_logs


def known(run: Predictions) -> RoundedProbabilities:
    rounded = rounded_probabilities(run)
    assert rounded is not None
    return rounded


def test_by_hand() -> None:
    rows = [[0.8, 0.2], [0.5, 0.5], [0.25, 0.75], [0.99, 0.0]] * 5
    run = Predictions.from_arrays(probabilities=rows, answer=[0, 0, 1, 0] * 5)
    rounded = known(run)
    assert (rounded.step, rounded.n_zeros, rounded.n_ties, rounded.n_on_edges) == (0.01, 5, 5, 10)
    # Of the last row only the share of the sum is kept, and 0.99, 1 and 1.01 explain it.
    low = -np.log([0.805, 0.505, 0.755, 1.0]).mean()
    high = -np.log([0.795, 0.495, 0.745, 0.985]).mean()
    assert rounded.log_loss_low == pytest.approx(low)
    assert rounded.log_loss_high == pytest.approx(high)
    top = np.array([0.8, 0.5, 0.75, 1.0] * 5)
    assert rounded.ece_low <= ece(top, run.correct) <= rounded.ece_high


def test_a_right_option_that_reads_zero_has_no_upper_bound() -> None:
    run = Predictions.from_arrays(probabilities=[[1.0, 0.0], [0.25, 0.75]] * 10, answer=[1, 1] * 10)
    rounded = known(run)
    assert (rounded.log_loss_high, rounded.n_right_zeros) == (None, 10)
    summary = summarize(run)
    assert "nll" not in summary
    assert "nll_high" not in summary
    assert summary["nll_low"] == pytest.approx(-np.log([0.005, 0.755]).mean())
    assert any("no upper bound, since 10 right options read 0" in note for note in summary.notes)


@pytest.mark.parametrize(
    ("rows", "step"),
    [
        ([[0.75, 0.25]] * 20, 0.01),
        ([[0.755, 0.245]] * 20, 0.001),
        ([[0.755, 0.245]] * 19, None),  # too few to tell
        ([[0.7551, 0.2449]] * 20, None),
        ([[1.0, 0.0]] * 20, None),
    ],
)
def test_the_step_is_in_the_data(rows: list[list[float]], step: float | None) -> None:
    run = Predictions.from_arrays(probabilities=rows, answer=[0] * len(rows))
    assert run.probability_step == step
    assert (rounded_probabilities(run) is None) == (step is None)
    assert ("nll" in summarize(run)) == (step is None)


def test_sums_that_rounding_explains_come_in() -> None:
    run = Predictions.from_arrays(probabilities=[[0.33, 0.33, 0.33], [0.34, 0.34, 0.33]], answer=[0, 1])
    np.testing.assert_allclose(run.probabilities.sum(axis=1), 1)
    with pytest.raises(ValueError, match=r"to within 0\.015\), row 0 \(item 0\) has 0\.98"):
        Predictions.from_arrays(probabilities=[[0.33, 0.33, 0.32]], answer=[0])


@given(st.lists(st.lists(st.floats(0.02, 1), min_size=4, max_size=4), min_size=20, max_size=30))
def test_the_unrounded_log_loss_lies_within_the_bounds(weights: list[list[float]]) -> None:
    exact = np.array(weights) / np.sum(weights, axis=1, keepdims=True)
    rounded = np.round(exact, 2)
    answer = np.argmin(exact, axis=1)
    run = Predictions.from_arrays(probabilities=[*rounded.tolist(), [0.12, 0.34, 0.21, 0.33]], answer=[*answer, 0])
    bounds = known(run)
    with_last = np.vstack([exact, [[0.12, 0.34, 0.21, 0.33]]])
    loss = log_loss(with_last, np.array([*answer, 0]))
    assert bounds.log_loss_low <= loss + 1e-6
    assert (bounds.log_loss_high or np.inf) >= loss - 1e-6


def test_a_run_folder_keeps_the_step_and_compare_tells_it(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = np.round(rng.dirichlet(np.ones(3), size=60), 2)
    records = [{"probs": row.tolist(), "answer": "ABC"[number % 3]} for number, row in enumerate(rows)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    (imported,) = import_logs(tmp_path / "a.jsonl", tmp_path / "run")
    run = read_run(imported.path)
    assert run.probability_step == 0.01
    comparison = compare(run, run)
    assert "nll" not in comparison.change
    assert any(note.startswith("probabilities are rounded to steps of 0.01") for note in comparison.before.notes)
