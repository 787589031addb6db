from __future__ import annotations

from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import DTypeLike, NDArray
from scipy.special import softmax

from calibration import Predictions, aurc, auroc, brier_decomposition, ece, isotonic_curve, risk_coverage
from calibration.analysis.summary import summarize
from calibration.metrics.bins import assign_bins, bin_edges
from calibration.metrics.precision import STORED, known_to
from calibration.metrics.ties import level_rows, level_ties
from calibration.metrics.validation import float_array

# Probabilities that models of four options state again and again.
_ROWS = [(0.7, 0.1, 0.1, 0.1), (0.4, 0.4, 0.1, 0.1), (0.25, 0.25, 0.25, 0.25), (0.85, 0.05, 0.05, 0.05)]
row = st.tuples(st.sampled_from(_ROWS), st.permutations(range(4)), st.integers(0, 3))
rows = st.lists(row, min_size=8, max_size=30)
Row = tuple[tuple[float, ...], list[int], int]


def _table(drawn: list[Row]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    table = np.array([[row[k] for k in order] for row, order, _ in drawn])
    return table, np.array([answer for *_, answer in drawn])


def _ranked(run: Predictions) -> dict[str, float]:
    """Measures that look at ties."""
    found = {"accuracy": run.accuracy, "ties": float(run.tied.sum()), "split": float(run.credit.mean())}
    found |= {"ece": ece(run.confidence, run.correct), "choices": ece(run.choice_confidence, run.choice_correct)}
    found["distinct"] = ece(run.confidence, run.correct, strategy="distinct")
    found["quantile"] = ece(run.confidence, run.correct, bins=3, strategy="quantile")
    found["aurc"] = aurc(run.confidence, run.correct)
    found["miscalibration"] = isotonic_curve(run.confidence, run.correct, draws=1).miscalibration
    found["discrimination"] = brier_decomposition(run.probabilities, run.answer).discrimination
    if 0 < run.accuracy < 1:
        found["auroc"] = auroc(run.confidence, run.correct)
    return found


@settings(max_examples=25)
@given(rows, st.randoms(use_true_random=False))
def test_logits_log_probabilities_probabilities_and_any_order_give_the_same(drawn: list[Row], random: Random) -> None:
    table, answer = _table(drawn)
    rng = np.random.default_rng(random.randrange(1000))
    logits = np.log(table) + rng.integers(-4, 4, (len(table), 1))  # the same distributions
    expected = _ranked(Predictions.from_arrays(np.log(table), answer))
    logarithms = np.log(table)
    sources = [logits, logarithms.astype(np.float32), np.log(table.astype(np.float32)), np.log(softmax(logits, axis=1))]
    for source in sources:
        assert _ranked(Predictions.from_arrays(source, answer)) == pytest.approx(expected, abs=1e-6)
    order = rng.permutation(len(table))
    assert _ranked(Predictions.from_arrays(logits[order], answer[order])) == pytest.approx(expected, abs=1e-6)


@settings(max_examples=25)
@given(rows)
def test_arrays_of_probabilities_give_what_the_run_gives(drawn: list[Row]) -> None:
    table, answer = _table(drawn)
    run = Predictions.from_arrays(np.log(table), answer)
    for dtype in (np.float32, np.float64):
        # Sums in another order: what rounding leaves of equal probabilities.
        noisy = softmax(np.log(table), axis=1).astype(dtype)
        top = noisy.max(axis=1)
        assert aurc(top, run.correct) == pytest.approx(aurc(run.confidence, run.correct), abs=1e-12)
        curve, other = (isotonic_curve(values, run.correct, draws=1) for values in (top, run.confidence))
        assert curve.count.tolist() == other.count.tolist()
        assert curve.accuracy.tolist() == other.accuracy.tolist()


def test_confidences_that_only_rounding_tells_apart_rank_nothing() -> None:
    correct = np.arange(40) % 2 == 0
    noise = np.where(correct, 0.7, np.nextafter(0.7, 0))
    assert (noise[correct] > noise[~correct]).all()
    assert auroc(noise, correct) == 0.5
    assert risk_coverage(noise, correct).risk.tolist() == [0.5]
    assert isotonic_curve(noise, correct, draws=1).accuracy.tolist() == [0.5]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_closer_than_four_units_is_tied_and_chains_are(dtype: DTypeLike) -> None:
    unit = np.spacing(np.array(0.7, dtype=dtype)).astype(np.float64)

    def levelled(*units: int) -> list[float]:
        exact = np.float64(np.array(0.7, dtype=dtype)) + unit * np.array(units)
        values = float_array("confidence", exact.astype(dtype))
        return [float(value) for value in (level_ties(values) - values.min()) / unit]

    assert levelled(0, 3) == [0, 0]
    assert levelled(0, 4) == [0, 4]
    assert levelled(9, 0, 3, 6, 20) == [0, 0, 0, 0, 20]


def test_half_precision_ties_equal_values_only() -> None:
    # Four units of bfloat16 at 0.7 are 0.016: real differences.
    values = float_array("confidence", np.array([0.7, 0.7005, 0.7], dtype=np.float16))
    assert len(set(level_ties(values).tolist())) == 2


def test_half_precision_neighbours_do_not_chain_a_sample_into_one_tie() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.25, 1, 5000).astype(np.float16)
    correct = rng.random(5000) < confidence
    exact = auroc(confidence.astype(np.float64), correct)
    assert exact > 0.6
    assert auroc(confidence, correct) == pytest.approx(exact, abs=1e-12)


def test_sure_answers_of_a_saturated_run_are_told_apart() -> None:
    # Odds from e⁸ to e²⁰ against one: in units of float32 at 1 most of them would be one tie.
    rng = np.random.default_rng(0)
    margin = rng.uniform(8, 20, 3000)
    answer = (rng.random(3000) > margin / 20).astype(np.int64)
    run = Predictions.from_arrays(np.column_stack([margin, np.zeros(3000)]), answer)
    assert auroc(run.confidence, run.correct) == pytest.approx(auroc(margin / 20, answer == 0), abs=2e-4)
    assert auroc(run.confidence.astype(np.float32), run.correct) < auroc(run.confidence, run.correct) - 0.01
    # Bins of equal mass are so among them too.
    edges = bin_edges(run.confidence, bins=10, strategy="quantile")
    assert np.ptp(np.bincount(assign_bins(run.confidence, edges))) <= 3
    # What only rounding tells apart is tied near 1 too: the same odds, stated with the letters the other way round.
    logits = np.array([[15.0, 0.3, 0.2], [0.2, 15.0, 0.3], [0.3, 0.2, 15.0]]) + np.array([[0.0], [3.0], [-7.0]])
    stored = Predictions.from_arrays(logits, [0, 1, 2]).confidence
    assert len(set(level_ties(stored).tolist())) == 1


def test_rows_are_levelled_by_themselves_and_letters_that_do_not_exist_stay_so() -> None:
    table = np.array([[0.1 + 0.2, 0.3, -np.inf, -np.inf], [0.3, 0.1, 0.6, 0.0]])
    assert level_rows(table).tolist() == [[0.3, 0.3, -np.inf, -np.inf], [0.3, 0.1, 0.6, 0.0]]


def test_letters_tied_by_rounding_are_split_and_the_first_is_predicted() -> None:
    down = float(np.nextafter(np.float32(-1.0), np.float32(-2.0)))
    frame = Predictions.from_arrays([[0.0, 1.0], [0.0, 1.0]], [0, 1]).frame
    run = Predictions(frame.with_columns(logprobs=pl.Series([[down, -1.0], [-1.0, -3.0]], dtype=pl.List(pl.Float32))))
    assert run.predicted.tolist() == [0, 0]
    assert run.tied.tolist() == [2, 1]
    assert run.credit.tolist() == [0.5, 0.0]
    assert summarize(run).point("tie_rate") == 0.5


def test_tied_values_are_in_one_quantile_bin_and_in_one_distinct_bin() -> None:
    values = known_to(np.array([0.2, 0.5, 0.5 + 1e-8, 0.5 - 1e-8, 0.9]), STORED)
    for strategy, count in (("distinct", [1, 3, 1]), ("quantile", [1, 4])):
        edges = bin_edges(values, bins=2, strategy=strategy)  # type: ignore[arg-type]
        assert np.bincount(assign_bins(values, edges)).tolist() == count
