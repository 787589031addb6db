from __future__ import annotations

import numpy as np
import pytest

from calibration import Predictions, auroc, brier_score, ece, estimate, log_loss, null_ece, signed_gap
from calibration.predictions.predictions import View
from calibration.uncertainty.changes import change
from calibration.uncertainty.measure_table import Metric
from calibration.uncertainty.sample_size import required_n


def run_of(n: int, seed: int, sharpness: float = 1.0, noise: float = 0.0) -> Predictions:
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, 4)) * 1.5
    answer = np.argmax(logits + rng.gumbel(size=(n, 4)), axis=1)
    logits += noise * rng.normal(size=(n, 4))
    return Predictions.from_arrays(logits * sharpness, answer)


@pytest.mark.parametrize("metric", [signed_gap, brier_score, log_loss, auroc])
def test_so_many_items_give_an_interval_of_that_width(metric: Metric) -> None:
    n = required_n(run_of(2000, 0), metric, half_width=0.02)
    got = estimate(run_of(n, 1), metric)
    assert (got.high - got.low) / 2 == pytest.approx(0.02, rel=0.1)


@pytest.mark.parametrize("view", ["top", "choices"])
def test_so_many_items_give_an_ece_of_that_width_and_floor(view: View) -> None:
    # The wider of the two decides.
    n = required_n(run_of(2000, 0, 2.0), ece, view=view, half_width=0.02)
    got = estimate(run_of(n, 1, 2.0), ece, view=view)
    run = run_of(n, 1, 2.0)
    floor = null_ece(run.probabilities, run.answer, view=view).quantile95
    assert max((got.high - got.low) / 2, floor) == pytest.approx(0.02, rel=0.15)
    n = required_n(run_of(2000, 0), ece, view=view, half_width=0.03)
    run = run_of(n, 1)
    assert null_ece(run.probabilities, run.answer, view=view).quantile95 == pytest.approx(0.03, rel=0.15)


@pytest.mark.parametrize(
    ("metric", "view", "noise"),
    # Of a signed gap some answers change: where none does, one that was not drawn decides.
    [(signed_gap, "top", 0.5), (ece, "top", 0.0), (ece, "choices", 0.0)],
)
def test_so_many_items_give_a_change_of_that_width(metric: Metric, view: View, noise: float) -> None:
    later = run_of(2000, 0, 0.6, noise)
    n = required_n(run_of(2000, 0, 1.5), metric, after=later, view=view, half_width=0.02)
    got = change(run_of(n, 1, 1.5), run_of(n, 1, 0.6, noise), metric, view=view)
    assert (got.high - got.low) / 2 == pytest.approx(0.02, rel=0.15)


def test_gaps_that_all_turn_out_of_one_sign_need_fewer_items_than_said() -> None:
    """The change of two over-confident ECEs is then that of the mean confidence, whose noise is small."""
    n = required_n(run_of(2000, 0, 1.5), ece, after=run_of(2000, 0, 3.0), half_width=0.01)
    got = change(run_of(n, 1, 1.5), run_of(n, 1, 3.0), ece)
    assert (got.high - got.low) / 2 <= 0.01


@pytest.mark.parametrize("n_wrong", [0, 3])
def test_a_run_with_few_errors_has_a_number_too(n_wrong: int) -> None:
    """So many that ten errors are to be expected, or as many as if half a one had been seen."""
    run = Predictions.from_arrays([[5.0, 0.0]] * 60, [1] * n_wrong + [0] * (60 - n_wrong))
    assert required_n(run, ece, half_width=0.02) >= {0: 1200, 3: 200}[n_wrong]


def test_a_width_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="half_width must be above 0, got 0"):
        required_n(run_of(20, 0), signed_gap, half_width=0)
