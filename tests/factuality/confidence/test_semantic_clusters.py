"""Semantic entropy: by hand, at its limits, and what it tends to as samples grow in number."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from factuality import Question, Responses
from factuality.confidence.confidences import Confidences
from factuality.confidence.semantic_clusters import cluster_answers, semantic_entropies, semantic_entropy
from tests.factuality import sets
from tests.factuality.confidence.test_sampling_agreement import drawn

QUESTION = sets.questions(1)[0]


def test_each_answer_joins_the_first_cluster_that_it_agrees_with() -> None:
    def close(question: Question, first: str, second: str) -> bool:
        assert question is QUESTION
        return abs(int(first) - int(second)) <= 1

    # 2 agrees with 1, and 3 with 2 but not with the first of its cluster.
    assert cluster_answers(QUESTION, ["1", "2", "3", "9", "3", "8"], agree=close).tolist() == [0, 0, 1, 2, 1, 2]
    assert cluster_answers(QUESTION, ["1", "2"], agree=lambda _, first, second: first < second).tolist() == [0, 1]
    assert cluster_answers(QUESTION, []).tolist() == []


def test_entropies_by_hand() -> None:
    texts = ["a", "b", "c", "d"]
    assert semantic_entropy(texts, clusters=[0, 0, 0, 0]) == 0
    assert semantic_entropy(texts, clusters=[3, 1, 0, 2]) == pytest.approx(math.log(4))
    assert semantic_entropy(texts, clusters=[0, 0, 0, 1]) == pytest.approx(0.75 * math.log(4 / 3) + 0.25 * math.log(4))
    logs = np.log([0.3, 0.1, 0.05, 0.05])
    assert semantic_entropy(texts, logs, clusters=[0, 1, 1, 2]) == pytest.approx(entropy([0.3, 0.15, 0.05]))
    assert semantic_entropy(texts, logs - 5000, clusters=[0, 1, 1, 2]) == pytest.approx(entropy([0.3, 0.15, 0.05]))
    # A text that was drawn twice has its probability once.
    assert semantic_entropy(["a", "a", "b"], np.log([0.3, 0.3, 0.1]), clusters=[0, 0, 1]) == pytest.approx(
        entropy([0.3, 0.1])
    )


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(-800, 0)), min_size=1, max_size=12), st.randoms())
def test_range_order_and_names_of_clusters(rows: list[tuple[int, float]], chance: object) -> None:
    clusters, logs = zip(*rows, strict=True)
    texts = [str(number) for number in range(len(rows))]
    turned = list(range(len(rows)))
    chance.shuffle(turned)  # type: ignore[attr-defined]
    for weights in (None, np.array(logs)):
        value = semantic_entropy(texts, weights, clusters=clusters)
        assert 0 <= value <= math.log(len(set(clusters))) + 1e-9
        again = semantic_entropy(
            [texts[row] for row in turned],
            None if weights is None else weights[turned],
            clusters=[9 - clusters[row] for row in turned],
        )
        assert again == pytest.approx(value, abs=1e-9)


def test_both_estimators_tend_to_the_entropy_of_the_meanings() -> None:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.full(40, 0.5))
    meaning = rng.integers(0, 5, size=40)
    truth = entropy(np.bincount(meaning, probabilities))
    found = {"counts": [], "logprobs": []}  # type: dict[str, list[float]]
    for _ in range(50):
        seen = rng.choice(40, size=2000, p=probabilities)
        texts = [str(one) for one in seen]
        found["counts"].append(semantic_entropy(texts, clusters=meaning[seen]))
        found["logprobs"].append(semantic_entropy(texts, np.log(probabilities[seen]), clusters=meaning[seen]))
    for values in found.values():
        assert np.mean(values) == pytest.approx(truth, abs=0.005)
    # Knowing the probabilities leaves only what was not seen to chance.
    assert np.std(found["logprobs"]) < np.std(found["counts"]) / 4


def test_a_table_of_entropies() -> None:
    asked = sets.questions(2)
    samples = drawn({"q0": ["Two", "two", "three", "Four"], "q1": ["No", "no."]}, asked)
    given = Responses.from_texts({"q1": "no", "q0": "two"}, asked)
    found = semantic_entropies(samples, given)
    assert isinstance(found, Confidences)
    assert found.kind == "semantic-entropy"
    assert found.frame["question"].to_list() == ["q1", "q0"]
    np.testing.assert_allclose(found.frame["entropy"], [0, 1.5 * math.log(2)], atol=1e-12)
    np.testing.assert_allclose(found.frame["confidence"], [1, 2**-1.5])
    assert found.frame.select("n_clusters", "n_samples").rows() == [(1, 2), (3, 4)]
    assert semantic_entropies(samples).frame.height == 6
    one = semantic_entropies(samples, given, agree=lambda *_: True).frame
    assert one["confidence"].to_list() == [1.0, 1.0]


def test_weights_by_probability_and_by_length() -> None:
    asked = sets.questions(1)
    samples = drawn({"q0": ["two", "three"]}, asked)
    frame = samples.frame.with_columns(logprob=pl.Series([-2.0, -9.0]), n_tokens=pl.Series([1, 3]))
    samples = Responses(frame, tuple(asked))
    for weights, logs in (("logprobs", [-2.0, -9.0]), ("logprobs-per-token", [-2.0, -3.0])):
        found = semantic_entropies(samples, weights=weights).frame["entropy"][0]  # type: ignore[arg-type]
        assert found == pytest.approx(entropy(np.exp(logs)))


def test_bad_use_is_refused() -> None:
    asked = sets.questions(2)
    samples = drawn({"q0": ["Two", "two"], "q1": ["No"]}, asked)
    with pytest.raises(ValueError, match="question q1 needs several samples for its entropy, got fewer than 2"):
        semantic_entropies(samples)
    known = Responses.from_texts({"q0": "Two"}, asked)
    with pytest.raises(ValueError, match="question q0: the log-probabilities of its samples are not known; use counts"):
        semantic_entropies(samples, known, weights="logprobs")
    with pytest.raises(ValueError, match="weights must be one of counts, logprobs, logprobs-per-token, got 'mass'"):
        semantic_entropies(samples, known, weights="mass")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"samples and a cluster for each, got 2 samples and clusters \(1,\)"):
        semantic_entropy(["a", "b"], clusters=[0])
    with pytest.raises(ValueError, match="got 0 samples"):
        semantic_entropy([], clusters=[])
    with pytest.raises(ValueError, match="logprobs must be 2 finite numbers of at most 0, got"):
        semantic_entropy(["a", "b"], [-1.0, -math.inf], clusters=[0, 1])
