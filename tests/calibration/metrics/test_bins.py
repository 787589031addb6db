from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from calibration import Predictions, ece, null_ece, reliability_curve
from calibration.metrics.bins import Strategy, assign_bins, bin_edges, reaches
from calibration.metrics.ties import level_ties
from calibration.metrics.validation import float_array

STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)

# Half of all draws come from few values, so that ties, the edges of ten bins, 0 and 1 are common.
confidences = st.lists(
    st.one_of(st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.7, 1.0]), st.floats(0, 1)), min_size=1, max_size=60
).map(lambda values: np.array(values, dtype=np.float64))


@pytest.mark.parametrize("bins", [1, 3, 7, 10, 15, 100])
def test_uniform_edges_are_the_nearest_doubles_to_k_over_bins(bins: int) -> None:
    # np.linspace and repeated addition miss some of them: 3 * 0.1 is not 0.3.
    assert bin_edges(np.array([0.5]), bins=bins).tolist() == [k / bins for k in range(bins + 1)]


@pytest.mark.parametrize("bins", [1, 3, 10, 15, 100])
def test_a_value_on_an_edge_opens_the_bin_above_and_1_stays_in_the_last(bins: int) -> None:
    edges = bin_edges(np.array([0.5]), bins=bins)
    on_edges = np.array([k / bins for k in range(bins + 1)])
    assert assign_bins(on_edges, edges).tolist() == [*range(bins), bins - 1]
    just_below = np.nextafter(on_edges[1:], 0)
    assert assign_bins(just_below, edges).tolist() == list(range(bins))


def test_quantile_bins_hold_equally_many_where_nothing_ties() -> None:
    values = np.random.default_rng(0).permutation(np.arange(1, 101) / 101)
    edges = bin_edges(values, bins=10, strategy="quantile")
    assert np.bincount(assign_bins(values, edges)).tolist() == [10] * 10


def test_quantile_bins_of_a_saturated_model_keep_its_ties_together() -> None:
    # Sorted: 0.2 0.4 0.6 0.8 1 1 1 1; quarters open at the values number 0, 2, 4 and 6: 0.2, 0.6, 1, 1.
    values = np.array([1.0, 0.2, 1.0, 0.4, 1.0, 0.6, 1.0, 0.8])
    edges = bin_edges(values, bins=4, strategy="quantile")
    assert edges.tolist() == [0.2, 0.6, 1.0, 1.0]
    assert np.bincount(assign_bins(values, edges)).tolist() == [2, 2, 4]


def test_distinct_bins_are_one_a_value() -> None:
    values = np.array([0.5, 0.25, 0.5, 1.0])
    edges = bin_edges(values, strategy="distinct")
    assert edges.tolist() == [0.25, 0.5, 1.0, 1.0]
    assert assign_bins(values, edges).tolist() == [1, 0, 1, 2]


def test_more_quantile_bins_than_values_are_one_a_value() -> None:
    values = np.array([0.3, 0.1, 0.2])
    edges = bin_edges(values, bins=50, strategy="quantile")
    assert np.bincount(assign_bins(values, edges)).tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("bins", "strategy", "message"),
    [
        (0, "uniform", "bins must be at least 1, got 0"),
        (-3, "quantile", "bins must be at least 1, got -3"),
        (10, "width", "strategy must be uniform, quantile or distinct, got 'width'"),
    ],
)
def test_bad_settings_are_refused(bins: int, strategy: Strategy, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        bin_edges(np.array([0.5]), bins=bins, strategy=strategy)


@given(confidences, st.integers(1, 20), st.sampled_from(STRATEGIES))
def test_every_value_lies_between_the_edges_of_its_bin(
    values: NDArray[np.float64], bins: int, strategy: Strategy
) -> None:
    edges = bin_edges(values, bins=bins, strategy=strategy)
    place = assign_bins(values, edges)
    last = len(edges) - 2
    assert place.min() >= 0
    assert place.max() <= last
    assert (edges[place] <= values).all()
    assert ((values < edges[place + 1]) | ((place == last) & (values == edges[-1]))).all()


@given(confidences, st.integers(1, 20), st.sampled_from(STRATEGIES))
def test_edges_depend_on_the_values_and_not_on_their_order(
    values: NDArray[np.float64], bins: int, strategy: Strategy
) -> None:
    forward = bin_edges(values, bins=bins, strategy=strategy)
    assert forward.tolist() == bin_edges(values[::-1], bins=bins, strategy=strategy).tolist()


@given(confidences, st.integers(1, 20))
def test_quantile_bins_never_split_ties_and_are_never_empty(values: NDArray[np.float64], bins: int) -> None:
    edges = bin_edges(values, bins=bins, strategy="quantile")
    place = assign_bins(values, edges)
    assert all(len(set(place[values == value].tolist())) == 1 for value in values)
    count = np.bincount(place, minlength=len(edges) - 1)
    assert len(count) <= bins
    assert count.min() > 0
    if len(set(values.tolist())) == len(values):
        assert count.max() - count.min() <= 1


@given(confidences)
def test_distinct_bins_hold_one_value_or_tie_each(values: NDArray[np.float64]) -> None:
    place = assign_bins(values, bin_edges(values, strategy="distinct"))
    assert len(set(place.tolist())) == len(set(level_ties(values).tolist()))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("bins", [3, 10, 15, 20])
def test_an_edge_value_of_any_precision_opens_its_bin_and_the_next_below_does_not(dtype: type, bins: int) -> None:
    edges = np.arange(bins + 1) / bins
    on_edges: NDArray[np.floating] = edges.astype(dtype)
    assert assign_bins(float_array("confidence", on_edges), edges).tolist() == [*range(bins), bins - 1]
    below = np.nextafter(on_edges[1:], dtype(0))
    assert assign_bins(float_array("confidence", below), edges).tolist() == list(range(bins))


def test_an_edge_value_of_bfloat16_opens_its_bin() -> None:
    torch = pytest.importorskip("torch")
    edges = np.arange(11) / 10
    values = float_array("confidence", torch.tensor(edges, dtype=torch.bfloat16))
    assert assign_bins(values, edges).tolist() == [*range(10), 9]


def test_stated_confidences_fall_into_the_same_bins_in_every_precision() -> None:
    rng = np.random.default_rng(0)
    stated = rng.choice(np.arange(21) / 20, 500)
    right = rng.random(500) < stated
    expected = reliability_curve(stated, right)
    for dtype in (np.float32, np.float16):
        curve = reliability_curve(stated.astype(dtype), right)
        assert curve.count.tolist() == expected.count.tolist()
        assert curve.accuracy.tolist() == pytest.approx(expected.accuracy.tolist(), nan_ok=True)
        assert ece(stated.astype(dtype), right) == pytest.approx(ece(stated, right), abs=5e-4)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6, 0.7, 0.9])
def test_what_a_run_stores_of_an_edge_value_opens_its_bin(share: float) -> None:
    run = Predictions.from_arrays(np.log([[share, 1 - share]]), [0])
    edges = bin_edges(run.choice_confidence)
    assert assign_bins(run.choice_confidence, edges).tolist() == [round(share * 10), round((1 - share) * 10)]
    for level, reached in ((share, True), (share + 1e-6, False), (share - 1e-6, True)):
        assert reaches(run.choice_confidence[:1], level).tolist() == [reached]
    floor = null_ece(run.probabilities, run.answer, view="choices", draws=1)
    assert floor.observed == pytest.approx(1 - share)  # one bin apart, both gaps count
