from __future__ import annotations

import dataclasses
from itertools import permutations
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit, softmax

from calibration import auroc
from calibration.metrics.risk_coverage import augrc_influence, aurc_influence, risk_coverage
from calibration.metrics.ties import level_ties

Pairs = list[tuple[float, bool]]
values_with_ties = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0, 1))
pairs = st.lists(st.tuples(values_with_ties, st.booleans()), min_size=1, max_size=40)
few = st.lists(st.tuples(st.sampled_from([0.2, 0.5, 0.9]), st.booleans()), min_size=1, max_size=6)


def columns(values: Pairs) -> tuple[np.ndarray, np.ndarray]:
    return np.array([p for p, _ in values]), np.array([hit for _, hit in values])


def areas_of_order(wrong: np.ndarray) -> tuple[float, float]:
    """The two areas for answers given in this order: mean risk, and the trapezoids under wrong answers / n."""
    n = len(wrong)
    total = np.concatenate([[0], np.cumsum(wrong)])
    return float((total[1:] / np.arange(1, n + 1)).mean()), float((total[1:] + total[:-1]).sum() / (2 * n * n))


def test_curve_by_hand() -> None:
    curve = risk_coverage([0.3, 0.8, 0.9, 0.8], [0, 1, 1, 0])
    assert curve.threshold.tolist() == [0.9, 0.8, 0.3]
    assert curve.coverage.tolist() == [0.25, 0.75, 1.0]
    assert curve.risk.tolist() == pytest.approx([0, 1 / 3, 1 / 2])
    # The tie in both orders: risks 0, 0 or ½, ⅓, ½.
    assert curve.aurc == pytest.approx((0 + 1 / 4 + 1 / 3 + 1 / 2) / 4)
    # Expected wrong answers 0, 0, ½, 1, 2: trapezoids ¼ (0 + ½·(½)/4 ...) = (0 + ¼ + ¾ + 3/2) / 16.
    assert curve.augrc == pytest.approx(2.5 / 16)


def test_frame_is_one_row_a_threshold() -> None:
    curve = risk_coverage([0.3, 0.8], [0, 1])
    frame = curve.frame
    assert frame.columns == ["threshold", "coverage", "risk"]
    for name in frame.columns:
        np.testing.assert_array_equal(frame[name].to_numpy(), getattr(curve, name))
    with pytest.raises(dataclasses.FrozenInstanceError):
        curve.aurc = 0.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("confidence", "correct", "aurc", "augrc"),
    [
        ([0.5], [1], 0.0, 0.0),
        ([0.5], [0], 1.0, 0.5),
        # Says nothing: every risk is the error rate.
        ([0.7] * 4, [1, 1, 1, 0], 0.25, 0.125),
        # All right before all wrong: 0, 0, ⅓, ½ and wrong answers 0, 0, 1, 2.
        ([0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0], 5 / 24, 1 / 8),
        # The other way round: 1, 1, ⅔, ½ and 1, 2, 2, 2.
        ([0.9, 0.8, 0.2, 0.1], [0, 0, 1, 1], 19 / 24, 3 / 8),
    ],
)
def test_areas_by_hand(confidence: list[float], correct: list[int], aurc: float, augrc: float) -> None:
    curve = risk_coverage(confidence, correct)
    assert (curve.aurc, curve.augrc) == pytest.approx((aurc, augrc))


@settings(max_examples=30)
@given(few)
def test_ties_are_the_mean_over_all_their_orders(values: Pairs) -> None:
    confidence, correct = columns(values)
    # All orders of the answers that keep confidence from rising.
    orders = [order for order in permutations(range(len(values))) if (np.diff(confidence[list(order)]) <= 0).all()]
    expected = np.mean([areas_of_order(~correct[list(order)]) for order in orders], axis=0)
    curve = risk_coverage(confidence, correct)
    assert (curve.aurc, curve.augrc) == pytest.approx(tuple(expected), abs=1e-12)


@given(pairs)
def test_augrc_is_a_function_of_auroc_and_accuracy(values: Pairs) -> None:
    confidence, correct = columns(values)
    accuracy = correct.mean()
    ranked = auroc(confidence, correct) if 0 < accuracy < 1 else 0.0
    expected = (1 - ranked) * accuracy * (1 - accuracy) + (1 - accuracy) ** 2 / 2
    assert risk_coverage(confidence, correct).augrc == pytest.approx(expected, abs=1e-12)


@given(pairs)
def test_ranges_hold(values: Pairs) -> None:
    confidence, correct = columns(values)
    curve = risk_coverage(confidence, correct)
    error = 1 - correct.mean()
    assert (np.diff(curve.threshold) < 0).all()
    assert (np.diff(curve.coverage) > 0).all()
    assert curve.coverage[-1] == 1
    assert curve.risk[-1] == pytest.approx(error)
    for threshold, coverage, risk in zip(curve.threshold, curve.coverage, curve.risk, strict=True):
        given_answers = confidence >= threshold
        assert coverage == pytest.approx(given_answers.mean())
        assert risk == pytest.approx(1 - correct[given_answers].mean())
    # Nothing ranks better than all right before all wrong, nor worse than the reverse.
    best, worst = (risk_coverage(np.where(correct, a, b), correct) for a, b in ((1, 0), (0, 1)))
    ordered = [areas_of_order(np.sort(~correct)[::step]) for step in (1, -1)]
    assert ordered[0][0] - 1e-12 <= curve.aurc <= ordered[1][0] + 1e-12
    assert best.augrc - 1e-12 <= curve.augrc <= worst.augrc + 1e-12


@given(pairs, st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing_and_only_ranks_count(values: Pairs, random: Random) -> None:
    confidence, correct = columns(values)
    curve = risk_coverage(confidence, correct)
    shuffled = risk_coverage(*columns(random.sample(values, len(values))))
    levelled = level_ties(confidence)
    ranks = np.searchsorted(np.unique(levelled), levelled) / len(values)
    for other in (shuffled, risk_coverage(ranks, correct)):
        assert (other.aurc, other.augrc) == pytest.approx((curve.aurc, curve.augrc), abs=1e-12)
        assert other.risk.tolist() == pytest.approx(curve.risk.tolist())


@given(pairs)
def test_influences_have_mean_0_and_ties_of_one_kind_share_them(values: Pairs) -> None:
    confidence, correct = columns(values)
    for influence in (aurc_influence(confidence, correct), augrc_influence(confidence, correct)):
        assert influence.mean() == pytest.approx(0, abs=1e-12)
        assert np.isfinite(influence).all()
        same = (confidence == confidence[0]) & (correct == correct[0])
        assert np.ptp(influence[same]) <= 1e-12


@pytest.mark.parametrize("rounded", [False, True])
def test_influences_are_what_one_more_answer_moves(rounded: bool) -> None:
    rng = np.random.default_rng(0)
    n = 3000
    confidence = rng.random(n).round(1) if rounded else rng.random(n)
    correct = rng.random(n) < confidence
    curve = risk_coverage(confidence, correct)
    of_aurc, of_augrc = aurc_influence(confidence, correct), augrc_influence(confidence, correct)
    rows = np.flatnonzero((confidence > 0.05) & (confidence < 0.95))[:40]
    for row in rows:
        more = risk_coverage(np.append(confidence, confidence[row]), np.append(correct, correct[row]))
        assert (more.aurc - curve.aurc) * (n + 1) == pytest.approx(of_aurc[row], abs=0.02)
        assert (more.augrc - curve.augrc) * (n + 1) == pytest.approx(of_augrc[row], abs=0.01)


def population_areas(confidence: np.ndarray, accuracy: np.ndarray) -> tuple[float, float]:
    """Areas of a large sample with every error replaced by its probability, ties spread over their ranks."""
    _, tie = np.unique(-confidence, return_inverse=True)
    wrong = (np.bincount(tie, 1 - accuracy) / np.bincount(tie))[tie][np.argsort(-confidence, kind="stable")]
    return areas_of_order(wrong)


@pytest.mark.parametrize(
    ("regime", "n"),
    [("calibrated", 200), ("over-confident", 200), ("discrete", 200), ("saturated", 200), ("discrete", 1000)],
)
def test_intervals_cover_the_population_areas(regime: str, n: int) -> None:
    """Of 1,000 runs of n items, about 95 in 100 have an interval that holds the area of the population."""

    def draw(size: int) -> tuple[np.ndarray, np.ndarray]:
        logits = 2 * rng.normal(size=(size, 4))
        accuracy = softmax(logits, axis=1).max(axis=1)  # of the top answer
        confidence = softmax(2 * logits, axis=1).max(axis=1) if regime == "over-confident" else accuracy
        if regime == "discrete":
            confidence = confidence.round(1)
        if regime == "saturated":
            confidence = np.where(confidence > 0.75, 1.0, confidence)
        return confidence, accuracy

    rng = np.random.default_rng(n)
    truth = population_areas(*draw(200_000))
    covered = []
    for _ in range(1000):
        confidence, accuracy = draw(n)
        correct = rng.random(n) < accuracy
        curve = risk_coverage(confidence, correct)
        found = []
        for value, true, influence in zip(
            (curve.aurc, curve.augrc), truth, (aurc_influence, augrc_influence), strict=True
        ):
            # Symmetric on the logit scale, as for an AUROC.
            half = 1.96 * influence(confidence, correct).std(ddof=1) / np.sqrt(n) / (value * (1 - value))
            found.append(abs(logit(value) - logit(true)) < half)
        covered.append(found)
    # 1,000 runs at 95 % have a standard error of 0.7 %.
    assert (np.mean(covered, axis=0) > 0.93).all()
    assert (np.mean(covered, axis=0) < 0.97).all()


def test_bad_pairs_are_refused() -> None:
    for metric in (risk_coverage, aurc_influence, augrc_influence):
        with pytest.raises(ValueError, match=r"confidence must be in \[0, 1\]; row 1 has 1.5"):
            metric([0.5, 1.5], [1, 0])
        with pytest.raises(ValueError, match=r"is the order confidence, correct\?"):
            metric([1, 0], [0.7, 0.6])
