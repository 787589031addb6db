from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binomtest

from calibration import Predictions, import_log
from calibration.conformal.selective_threshold import _candidates, _tested, selective_threshold


def run_of(confidence: NDArray[np.float64], correct: NDArray[np.bool_], *, name: str = "") -> Predictions:
    """Two letters; A is predicted."""
    logits = np.column_stack([np.log(confidence), np.log1p(-confidence)])
    items = [f"{name}{row}" for row in range(len(confidence))]
    return Predictions.from_arrays(logits, (~correct).astype(int), item=items)


def honest(n: int, seed: int, *, name: str = "") -> Predictions:
    rng = np.random.default_rng(seed)
    confidence = rng.uniform(0.5, 0.999, n)
    return run_of(confidence, rng.random(n) < confidence, name=name)


def test_the_table_is_that_of_the_fallback_procedure_item_by_item() -> None:
    error, delta = 0.2, 0.1
    fit, new = honest(3000, 0, name="fit"), honest(1000, 1, name="new")
    found = selective_threshold(new, error=error, delta=delta, fit=fit)
    given = 0.0
    level = 0.0
    for row in found.frame.iter_rows(named=True):
        answered = fit.confidence >= row["threshold"]
        wrong = int((~fit.correct[answered]).sum())
        assert (row["n_answered"], row["n_wrong"]) == (answered.sum(), wrong)
        assert row["answered_error"] == pytest.approx(wrong / answered.sum())
        assert row["p_value"] == pytest.approx(
            binomtest(wrong, int(answered.sum()), error, alternative="less").pvalue, abs=1e-12
        )
        own = row["tested_at"] - level
        assert own >= 0
        given += own
        level = row["tested_at"] if row["guaranteed"] else 0.0
        assert row["guaranteed"] == (row["p_value"] <= row["tested_at"])
    assert given == pytest.approx(delta)
    guaranteed = found.frame.filter("guaranteed")
    assert found.threshold == guaranteed["threshold"].min()
    answered = new.confidence >= found.threshold
    assert found.coverage.value == answered.mean()
    assert found.answered_error is not None
    assert found.answered_error.value == pytest.approx((~new.correct[answered]).mean())


Law = Callable[[NDArray[np.float64]], NDArray[np.float64]]


# Share of wrong answers by confidence: as stated; the surest wrong most often; the same everywhere, just too many;
# few distinct confidences, of which the top ones hold just too many.
def stated(confidence: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 - confidence


def worst_on_top(confidence: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(confidence > 0.97, 0.35, np.where(confidence > 0.85, 0.15, 0.4))


def too_many(confidence: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.full(len(confidence), 0.205)


def tied(confidence: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(confidence > 0.8, 0.205, 0.3)


def confidences(n: int, law: Law, rng: np.random.Generator) -> NDArray[np.float64]:
    found = rng.uniform(0.5, 0.999, n)
    return np.ceil(found * 10) / 10 - 0.01 if law is tied else found


@pytest.mark.slow  # runs are drawn hundreds of times
@pytest.mark.parametrize("law", [stated, worst_on_top, too_many, tied])
@pytest.mark.parametrize("n", [150, 800])
def test_the_error_exceeds_its_bound_in_at_most_a_share_delta_of_repetitions(law: Law, n: int) -> None:
    error, delta, repetitions = 0.2, 0.1, 500
    rng = np.random.default_rng(n)
    population = np.sort(confidences(20_000, law, rng))
    true_error = np.cumsum(law(population)[::-1])[::-1] / np.arange(20_000, 0, -1)  # of those from here upwards
    broken = 0
    for _ in range(repetitions):
        confidence = confidences(n, law, rng)
        table = _tested(
            confidence,
            rng.random(n) >= law(confidence),
            _candidates(confidences(n, law, rng), n, error, delta),
            error,
        )
        guaranteed = table.filter("guaranteed")["threshold"].to_numpy()
        place = np.searchsorted(population, guaranteed)
        broken += bool((true_error[place[place < 20_000]] > error).any())
    assert broken / repetitions <= delta + 3 * np.sqrt(delta * (1 - delta) / repetitions)


def test_more_items_to_fit_on_come_close_to_the_best_threshold() -> None:
    # Above t an honest model with uniform confidences is wrong (1 − t)/2 of the time: 0.1 above 0.8.
    found = selective_threshold(honest(8000, 2), error=0.1)
    assert 0.8 < found.threshold < 0.85
    assert found.answered_error is not None
    assert found.answered_error.value <= 0.1


def test_a_bad_top_does_not_end_the_search() -> None:
    # The 40 surest of 3,000 are all wrong.
    rng = np.random.default_rng(3)
    confidence = np.linspace(0.999, 0.5, 3000)
    correct = rng.random(3000) < 0.97
    correct[:40] = False
    found = selective_threshold(run_of(confidence, correct), error=0.1)
    assert not found.frame["guaranteed"][0]
    assert found.coverage.value > 0.95


def test_equal_confidences_are_never_split() -> None:
    rng = np.random.default_rng(4)
    confidence = np.where(rng.random(4000) < 0.5, 0.99, 0.6)
    found = selective_threshold(run_of(confidence, rng.random(4000) < confidence), error=0.05)
    assert found.frame.height == 2
    assert found.threshold == pytest.approx(0.99, abs=1e-6)
    assert found.coverage.value == pytest.approx(0.5, abs=0.05)


def test_no_threshold_is_said_and_answers_nothing() -> None:
    rng = np.random.default_rng(5)
    found = selective_threshold(run_of(rng.uniform(0.5, 0.9, 400), rng.random(400) < 0.5), error=0.1)
    assert math.isinf(found.threshold)
    assert (found.coverage.value, found.answered_error) == (0.0, None)
    assert found.notes == (
        "nothing is answered: no threshold can be shown to keep the error at 0.1 with 200 items to fit on",
    )
    # Even 20 right answers of 20 do not show an error of 1 %.
    few = run_of(np.linspace(0.6, 0.9, 40), np.ones(40, dtype=bool))
    assert math.isinf(selective_threshold(few, error=0.01).threshold)


def test_a_model_that_is_always_right_answers_everything() -> None:
    run = run_of(np.linspace(0.6, 0.9, 400), np.ones(400, dtype=bool))
    found = selective_threshold(run, error=0.05)
    assert found.coverage.value == pytest.approx(1, abs=0.02)
    assert found.answered_error is not None
    assert (found.answered_error.value, found.answered_error.low) == (0, 0)
    assert (found.n_fitted, found.n_items, found.notes) == (200, 200, ())


def test_no_fitted_item_above_a_threshold() -> None:
    fit, new = honest(50, 6, name="fit"), run_of(np.full(300, 0.9995), np.ones(300, dtype=bool), name="new")
    found = selective_threshold(new, fit=fit)
    assert found.frame["n_answered"].to_list() == [0]
    assert found.frame["answered_error"].to_list() == [None]
    assert math.isinf(found.threshold)


def test_the_order_of_rows_does_not_matter_and_the_seed_does() -> None:
    run = honest(600, 7)
    shuffled = Predictions(run.frame.sample(fraction=1, shuffle=True, seed=0))
    first, again, other = (
        selective_threshold(which, error=0.2, seed=seed) for which, seed in ((run, 1), (shuffled, 1), (run, 2))
    )
    assert first.frame.equals(again.frame)
    assert (first.coverage, first.answered_error) == (again.coverage, again.answered_error)
    assert not first.frame.equals(other.frame)


@pytest.mark.parametrize("delta", [0.001, 0.5, 0.9])
def test_any_delta_is_tested_with_its_sum(delta: float) -> None:
    frame = selective_threshold(honest(600, 8), error=0.001, delta=delta).frame
    # Nothing is passed on where nothing is rejected.
    assert not frame["guaranteed"].any() or delta > 0.1
    assert frame["guaranteed"].any() or frame["tested_at"].sum() == pytest.approx(delta)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"error": 1}, "error must be strictly between 0 and 1, got 1"),
        ({"delta": 0}, "delta must be strictly between 0 and 1, got 0"),
        ({"level": 95}, "level must be strictly between 0 and 1, got 95"),
        ({"fit": 0.999}, "fit must leave items on both sides, got 0.999 of 10 items"),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        selective_threshold(honest(10, 9), **settings)  # type: ignore[arg-type]


@pytest.mark.real
def test_thresholds_of_the_recorded_pair(data: Path) -> None:
    for name, coverage in (("llama-3.1-8b", 0.32), ("llama-3.1-8b-instruct", 0.31)):
        found = selective_threshold(import_log(data / "recorded" / f"{name}.csv"), error=0.1)
        assert found.coverage.value == pytest.approx(coverage, abs=0.01)
        assert found.answered_error is not None
        assert found.answered_error.value < 0.1
