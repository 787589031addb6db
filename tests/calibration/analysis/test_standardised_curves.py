"""Gaps at the confidences of weighed items: values by hand, influence of items."""

from __future__ import annotations

import numpy as np
import pytest

from calibration import Pairs, ece, signed_gap
from calibration.analysis.matched_difficulty import FittedItems, overlap_weights, predicted_correctness
from calibration.analysis.standardised_curves import StandardisedCurve
from calibration.uncertainty.standard_errors import influence_covariance, standard_error


def curve_of(run: Pairs, weight: np.ndarray) -> StandardisedCurve:
    none = np.zeros((run.n_items, 1))
    return StandardisedCurve(run=run, matched=FittedItems(value=weight, slopes=none, moves=none), bins=10)


def test_even_weights_give_the_plain_measures() -> None:
    rng = np.random.default_rng(0)
    run = Pairs.from_arrays(confidence := rng.random(300), correct := rng.random(300) < 0.6)
    curve = curve_of(run, np.full(300, 0.3))
    assert curve.ece.value == pytest.approx(ece(confidence, correct))
    assert curve.signed_gap.value == pytest.approx(signed_gap(confidence, correct))
    assert curve.effective_items == pytest.approx(300)
    assert curve.accuracy == pytest.approx(correct.mean())


def test_the_curve_is_averaged_over_the_weighed_confidences_by_hand() -> None:
    """Gaps of .15 and −.25, of which the weights give the first a share of three quarters."""
    confidence = np.repeat([0.65, 0.25], 4)
    correct = np.array([1, 0, 1, 0, 1, 0, 1, 0])
    weight = np.array([0.9, 0.1, 0.9, 0.1, 0.1, 0.2, 0.2, 0.1666666666666666])
    curve = curve_of(Pairs.from_arrays(confidence, correct), weight)
    share = 2 / (2 + weight[4:].sum())
    assert share == pytest.approx(0.75)
    assert curve.ece.value == pytest.approx(0.75 * 0.15 + 0.25 * 0.25)
    assert curve.signed_gap.value == pytest.approx(0.75 * 0.15 - 0.25 * 0.25)
    assert curve.frame["matched_share"].to_list() == pytest.approx([0.25, 0.75])
    assert curve.frame["share"].to_list() == [0.5, 0.5]
    # The accuracy of the weighed items is that of those that were chosen.
    assert curve.accuracy == pytest.approx(np.average(correct, weights=weight))


def test_influence_is_what_an_item_that_counts_more_moves_the_gaps_by() -> None:
    """Through its gap, its share, and the weights of all items."""
    rng = np.random.default_rng(1)
    confidence = [rng.uniform(0.2, 1, 3_000), rng.uniform(0.4, 1, 3_000)]
    correct = [rng.random(3_000) < values for values in confidence]
    fold = np.arange(3_000) % 5
    chances = [predicted_correctness(*run, fold) for run in zip(confidence, correct, strict=True)]
    fixed = [FittedItems(value=side.value, slopes=side.slopes, moves=0 * side.moves) for side in chances]

    def curves(mass: np.ndarray) -> list[StandardisedCurve]:
        sides = overlap_weights(*fixed, weight=mass)
        runs = [Pairs.from_arrays(*run, weight=mass) for run in zip(confidence, correct, strict=True)]
        return [StandardisedCurve(run=run, matched=own, bins=10) for run, own in zip(runs, sides, strict=True)]

    even = curves(np.ones(3_000))
    for row in (3, 900):
        mass = np.ones(3_000)
        mass[row] += 1e-5
        for plain, heavier in zip(even, curves(mass), strict=True):
            moved = (heavier.ece.cells.gaps - plain.ece.cells.gaps) / 1e-5 * 3_000
            # But for what the means of about 75 items take from the noise.
            np.testing.assert_allclose(moved, plain.influence[row], atol=0.03)


@pytest.mark.parametrize("grouped", [False, True])
def test_covariance_has_the_squared_standard_errors_on_its_diagonal(grouped: bool) -> None:
    from calibration.uncertainty.drawn_units import ITEMS, Sampling

    influence = np.random.default_rng(2).normal(size=(60, 3))
    sampling = Sampling(clusters=np.arange(60) % 7) if grouped else ITEMS
    errors = [standard_error(column, sampling) for column in influence.T]
    np.testing.assert_allclose(np.sqrt(np.diag(influence_covariance(influence, sampling))), errors)
    strata = Sampling(strata=np.arange(60) % 4)
    errors = [standard_error(column, strata) for column in influence.T]
    np.testing.assert_allclose(np.sqrt(np.diag(influence_covariance(influence, strata))), errors)
