"""Meta-d′ and M-ratio of binary tasks, with intervals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binomtest, norm, t

from benchmarks.metacognition import Model, Regime, counted
from calibration import UndefinedMeasure, metacognition


def answers(n: int, *, noise: float, sensitivity: float = 1.5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Stimuli, answers, and confidence from the evidence of the answers with noise added."""
    rng = np.random.default_rng(0)
    stimulus = rng.integers(0, 2, n)
    evidence = rng.normal(sensitivity * (stimulus - 0.5))
    response = (evidence > 0).astype(int)
    felt = (evidence + noise * rng.standard_normal(n)) * (2 * response - 1)
    return stimulus, response, 1 / (1 + np.exp(-felt))


def test_confidence_of_the_evidence_itself_tells_all_of_it() -> None:
    assert metacognition(*answers(20_000, noise=0.0)).m_ratio == pytest.approx(1, abs=0.06)


def test_noise_between_answer_and_confidence_lowers_the_ratio() -> None:
    ratios = [metacognition(*answers(20_000, noise=noise)).m_ratio for noise in (0.3, 1.0, 3.0)]
    assert 1 > ratios[0] > ratios[1] > ratios[2] > 0


def test_what_says_too_little_is_refused() -> None:
    stimulus, response, confidence = answers(400, noise=0.5)
    with pytest.raises(UndefinedMeasure, match="fewer than 20 wrong answers"):
        metacognition(stimulus, stimulus, confidence)
    with pytest.raises(UndefinedMeasure, match=r"a d′ below 0.5 leaves no ratio to it: the answers have 0\.\d\d"):
        metacognition(*answers(2_000, noise=0.5, sensitivity=0.2))
    with pytest.raises(UndefinedMeasure, match="all confidences are alike"):
        metacognition(stimulus, response, np.full(400, 0.7))
    with pytest.raises(ValueError, match=r"response must hold only 0 and 1; row 0 has 3\.0"):
        metacognition(stimulus, response + 2, confidence)
    with pytest.raises(ValueError, match="stimulus and response must be of one length"):
        metacognition(stimulus, response[1:], confidence)
    with pytest.raises(ValueError, match="n_ratings must be at least 2, got 1"):
        metacognition(stimulus, response, confidence, n_ratings=1)
    with pytest.raises(ValueError, match=r"cluster must name one group an item, \(400,\), got \(3,\)"):
        metacognition(stimulus, response, confidence, cluster=["a", "b", "c"])


def test_limits_of_d_prime_join_exact_limits_of_both_rates() -> None:
    stimulus, response, confidence = answers(400, noise=0.5)
    sensed = metacognition(stimulus, response, confidence)
    wrong = [int((response[stimulus == shown] != shown).sum()) for shown in (0, 1)]
    count = [int((stimulus == shown).sum()) for shown in (0, 1)]
    assert (wrong, count) == ([35, 49], [179, 221])
    level = 2 * norm.cdf(t.ppf(0.975, (sum(wrong) - 1) / 2)) - 1
    exact = [binomtest(few, n).proportion_ci(level, "exact") for few, n in zip(wrong, count, strict=True)]
    quantiles = [-norm.ppf(few / n) for few, n in zip(wrong, count, strict=True)]
    assert sensed.d_prime == pytest.approx(sum(quantiles))
    below = [value + norm.ppf(limit.high) for value, limit in zip(quantiles, exact, strict=True)]
    above = [-norm.ppf(limit.low) - value for value, limit in zip(quantiles, exact, strict=True)]
    assert sensed.d_prime_interval.low == pytest.approx(sensed.d_prime - math.hypot(*below))
    assert sensed.d_prime_interval.high == pytest.approx(sensed.d_prime + math.hypot(*above))


@pytest.mark.parametrize("noise", [0.3, 8.0])
def test_a_ratio_may_be_0_where_meta_d_may(noise: float) -> None:
    sensed = metacognition(*answers(400, noise=noise))
    assert (sensed.m_ratio_interval.low < 0) == (sensed.meta_d_interval.low < 0) == (noise > 1)
    assert sensed.m_ratio_interval.p_value == sensed.meta_d_interval.p_value


def test_clusters_of_one_item_are_items() -> None:
    given = answers(400, noise=0.5)
    items, clusters = metacognition(*given), metacognition(*given, cluster=range(400))
    assert clusters.meta_d == items.meta_d
    for name in ("d_prime_interval", "meta_d_interval", "m_ratio_interval"):
        first, second = getattr(items, name), getattr(clusters, name)
        assert (second.low, second.high) == pytest.approx((first.low, first.high), rel=0.02)


def test_items_that_come_twice_say_no_more_than_once() -> None:
    given = answers(400, noise=0.5)
    once = metacognition(*given).meta_d_interval
    twice = metacognition(*(np.tile(part, 2) for part in given), cluster=np.tile(np.arange(400), 2)).meta_d_interval
    assert (twice.low, twice.high) == pytest.approx((once.low, once.high), rel=0.02)


def test_no_interval_without_a_limit() -> None:
    stimulus, response, confidence = answers(400, noise=0.5)
    few = metacognition(stimulus, response, confidence, cluster=np.arange(400) % 4)
    assert few.meta_d_interval.reason == "an interval for new clusters needs at least 10 clusters, got 4"
    right = np.where(stimulus == 1, 1, response)
    sensed = metacognition(stimulus, right, confidence)
    assert sensed.m_ratio_interval.reason == "all answers to class 1 are right, which leaves d′ without a limit"
    assert sensed.d_prime_interval.reason == sensed.m_ratio_interval.reason
    assert sensed.meta_d_interval.known
    noisy = metacognition(*answers(100, noise=0.5, sensitivity=1.0), level=0.9999)
    assert noisy.m_ratio_interval.reason == "d′ is not known to be above 0, so that a ratio to it has no end"


def test_words_and_dictionary() -> None:
    sensed = metacognition(*answers(400, noise=0.5))
    assert str(sensed).startswith(f"d′ {sensed.d_prime:.3f} [")
    assert repr(sensed) == f"<Metacognition: {sensed}>"
    values = sensed.to_dict()
    assert values["m_ratio"]["value"] == sensed.m_ratio
    assert set(values["d_prime"]) == {"value", "low", "high"}
    assert values["level"] == 0.95


@pytest.mark.parametrize(
    "regime",
    [
        Regime(name="items", n=300, models=(Model(d_prime=1.5), Model(d_prime=1.0, m_ratio=1.0, criterion=0.3))),
        Regime(name="clusters", n=300, models=(Model(d_prime=1.5), Model(d_prime=1.2)), clusters=(10,) * 30, alike=0.5),
    ],
    ids=["items", "clusters"],
)
def test_intervals_hold(regime: Regime) -> None:
    """In 150 samples: fewer than .88 of intervals of 95 % would be a chance of 1 in 3,000 each."""
    counts = counted(regime, 150, 1)
    assert min(count.coverage for count in counts.values()) >= 0.88
    assert min(count.printed for count in counts.values()) >= 130


@pytest.mark.parametrize("swapped", [False, True])
def test_two_confidences_are_two_levels_however_rare_one_is(swapped: bool) -> None:
    # One answer of twenty is unsure (or sure): a level of its own, not one with the others.
    stimulus, response, _ = answers(1_000, noise=0.5)
    rare = np.arange(1_000) % 20 == 0
    assert metacognition(stimulus, response, np.where(rare == swapped, 0.99, 0.01)).n_ratings == 2


def test_levels_beyond_those_that_can_be_told_are_refused() -> None:
    with pytest.raises(ValueError, match="n_ratings must be at most 20, got 300"):
        metacognition(*answers(400, noise=0.5), n_ratings=300)


def test_a_missing_cluster_is_refused() -> None:
    stimulus, response, confidence = answers(400, noise=0.5)
    with pytest.raises(ValueError, match="cluster must name one group an item; that of row 1 is missing"):
        metacognition(stimulus, response, confidence, cluster=np.array(["a", None, *["b"] * 398], dtype=object))
