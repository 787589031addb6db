"""Meta-d′ and M-ratio of binary tasks."""

from __future__ import annotations

import numpy as np
import pytest

from calibration import UndefinedMeasure, metacognition
from calibration.metrics.meta_d import fitted_metacognition


def answers(n: int, *, noise: float, sensitivity: float = 1.5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Stimuli, answers, and confidence from the evidence of the answers with noise added."""
    rng = np.random.default_rng(0)
    stimulus = rng.integers(0, 2, n)
    evidence = rng.normal(sensitivity * (stimulus - 0.5))
    response = (evidence > 0).astype(int)
    felt = (evidence + noise * rng.standard_normal(n)) * (2 * response - 1)
    return stimulus, response, 1 / (1 + np.exp(-felt))


def test_a_table_of_ratings_gives_what_metadpy_gives() -> None:
    # metadpy 0.1.2, fit_metad of these counts, three ratings: dprime, meta_d, m_ratio.
    counts = np.array([[100.0, 50, 20, 10, 5, 1], [3, 7, 8, 12, 27, 89]])
    fit = fitted_metacognition(counts)
    assert fit.d_prime == pytest.approx(2.524376300338705, abs=1e-9)
    assert fit.meta_d == pytest.approx(2.3369915997, abs=1e-5)
    assert fit.m_ratio == pytest.approx(0.9257699018, abs=1e-5)
    assert fit.n_ratings == 3
    assert fit.criterion == pytest.approx(0.1034804289)


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
