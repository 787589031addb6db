"""A random-effects summary: by hand, and how often its intervals hold."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import chi2, t

from calibration.metrics.arrays import FloatArray
from calibration.uncertainty.across_groups import AcrossGroups, across_groups


def items(n_items: int, spread: float) -> FloatArray:
    """Influences with this variance of items."""
    return np.asarray(np.resize([-1.0, 1.0], n_items) * spread * np.sqrt((n_items - 1) / n_items))


def summary(values: list[float], n_items: list[int], spread: float) -> AcrossGroups:
    across = across_groups(values, [items(number, spread) for number in n_items])
    assert across is not None
    return across


def test_groups_of_one_size_by_hand() -> None:
    values = [0.1, 0.2, 0.4, 0.5]
    across = summary(values, [100] * 4, 0.5)
    half = t.ppf(0.975, 3) * np.std(values, ddof=1) / 2
    assert (across.mean, across.low, across.high) == pytest.approx((0.3, 0.3 - half, 0.3 + half))
    # With one variance within the sum of squares is 3 s² / (τ² + v), which is 3 at τ² = s² − v.
    square, within = np.var(values, ddof=1), 0.25 / 100
    assert across.between == pytest.approx(np.sqrt(square - within))
    ends = [np.sqrt(3 * square / chi2.ppf(tail, 3) - within) for tail in (0.975, 0.025)]
    assert (across.between_low, across.between_high) == pytest.approx(ends)
    assert across.new_low < across.low < across.high < across.new_high
    assert across.n_groups == 4


def test_values_that_noise_alone_explains_have_no_spread() -> None:
    across = summary([0.30, 0.31, 0.29, 0.30], [20] * 4, 0.5)
    assert across.between == across.between_low == 0.0


def test_each_group_counts_alike() -> None:
    assert summary([0.0, 0.0, 0.9], [5, 5, 1000], 0.4).mean == pytest.approx(0.3)


def test_too_few_groups_or_items_have_none() -> None:
    assert across_groups([0.1, 0.2], [items(50, 1.0)] * 2) is None
    assert across_groups([0.1, 0.2, 0.3], [np.zeros(1)] * 3) is None


def test_groups_without_noise_have_their_own_spread() -> None:
    across = summary([0.1, 0.2, 0.3], [10] * 3, 0.0)
    assert across.between == pytest.approx(0.1)
    same = summary([0.2, 0.2, 0.2], [10] * 3, 0.0)  # as of an accuracy that nothing changed
    assert [same.between, same.low, same.new_high] == pytest.approx([0.0, 0.2, 0.2])


def test_same_seed_same_digits_and_plain_numbers() -> None:
    first, second = (summary([0.1, 0.25, 0.3], [40, 50, 60], 0.5) for _ in range(2))
    assert first == second
    assert json.loads(json.dumps(first.to_dict())) == first.to_dict()


def coverage(n_groups: int, sizes: list[int], spread: float, n_runs: int, *, spreads: list[float]) -> FloatArray:
    """Shares of runs whose intervals hold the mean, the next group and the spread between groups."""
    rng = np.random.default_rng(0)
    held = np.zeros(3)
    for _ in range(n_runs):
        true = 0.2 + spread * rng.standard_normal(n_groups + 1)
        drawn = [value + rng.choice(spreads) * rng.standard_normal(rng.choice(sizes)) for value in true[:n_groups]]
        across = across_groups([float(x.mean()) for x in drawn], [x - x.mean() for x in drawn])
        assert across is not None
        held += [
            across.low <= 0.2 <= across.high,
            across.new_low <= true[-1] <= across.new_high,
            across.between_low <= spread <= across.between_high,
        ]
    return held / n_runs


def test_intervals_hold_in_93_of_100_runs() -> None:
    """In 200 runs of ten uneven groups the three intervals hold in 93 of 100, but for the noise of 200."""
    assert (coverage(10, [20, 50, 200], 0.1, 200, spreads=[0.4]) >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 200)).all()


@pytest.mark.slow  # 15 settings of 1,000 runs each
@pytest.mark.parametrize("n_groups", [3, 5, 10, 20, 57])
@pytest.mark.parametrize(
    ("sizes", "spread", "spreads"),
    [([100], 0.0, [0.4]), ([5, 10, 20, 200], 0.03, [0.4]), ([5, 10, 20, 200], 0.1, [0.1, 0.6])],
    ids=["alike", "small spread", "uneven"],
)
def test_coverage(n_groups: int, sizes: list[int], spread: float, spreads: list[float]) -> None:
    """In 1,000 runs the intervals of the mean and of a new group hold in 93 of 100 and more, but for noise."""
    mean, new, _ = coverage(n_groups, sizes, spread, 1000, spreads=spreads)
    assert min(mean, new) >= 0.93 - 2 * np.sqrt(0.93 * 0.07 / 1000)
