"""Our conformal sets against mapie's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from calibration import Predictions
from calibration.conformal.split_conformal import conformal_sets

pytestmark = pytest.mark.oracle

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


class Given:
    """A fitted classifier whose features are its probabilities."""

    def __init__(self, n_options: int) -> None:
        self.classes_ = np.arange(n_options)
        self.n_features_in_ = n_options

    def fit(self, *_: Floats) -> Given:
        return self

    def predict_proba(self, features: Floats) -> Floats:
        return features

    def predict(self, features: Floats) -> NDArray[np.int64]:
        return np.asarray(features.argmax(axis=1))

    def __sklearn_is_fitted__(self) -> bool:
        return True


class Draws(np.random.RandomState):
    """Uniform draws that are given: for the items fitted on, then for the others."""

    def __init__(self, *draws: Floats) -> None:
        super().__init__(0)
        self.draws = list(draws)

    def uniform(self, *_: Any, size: Any = None) -> Any:
        return self.draws.pop(0).reshape(size)


def mapies(
    fit: Predictions, new: Predictions, error: float, score: str, draws: Draws | None = None, last: object = True
) -> Bools:
    from mapie.classification import SplitConformalClassifier

    theirs = SplitConformalClassifier(
        estimator=Given(fit.probabilities.shape[1]),
        confidence_level=1 - error,
        conformity_score=score,
        prefit=True,
        random_state=draws,
    ).conformalize(fit.probabilities, fit.answer)
    return np.asarray(theirs.predict_set(new.probabilities, {"include_last_label": last})[1][:, :, 0])


def pair(n_options: int, seed: int) -> tuple[Predictions, Predictions]:
    rng = np.random.default_rng(seed)
    runs = []
    for name in ("fit", "new"):
        honest = rng.normal(size=(500, n_options)) * 1.5
        answer = (honest + rng.gumbel(size=honest.shape)).argmax(axis=1)
        runs.append(Predictions.from_arrays(2 * honest, answer, item=[f"{name}{row}" for row in range(500)]))
    return runs[0], runs[1]


def draws_of(run: Predictions, seed: int, part: int) -> Floats:
    stream = np.random.SeedSequence(seed).spawn(2)[part]
    return np.asarray(np.random.default_rng(stream).random(run.n_items)[np.argsort(np.argsort(run.item))])


@pytest.mark.parametrize("n_options", [2, 4, 10])
@pytest.mark.parametrize("error", [0.05, 0.1, 0.2, 0.37])
def test_lac_sets_are_mapies(n_options: int, error: float) -> None:
    fit, new = pair(n_options, n_options)
    np.testing.assert_array_equal(conformal_sets(new, error=error, fit=fit).sets, mapies(fit, new, error, "lac"))


@pytest.mark.filterwarnings("ignore:WARNING. your conformalization dataset has less labels")
@pytest.mark.parametrize("error", [0.05, 0.1, 0.2])
def test_class_conditional_sets_are_mapies_of_each_letter(error: float) -> None:
    # Conformalised on the items of which a letter is the answer, for that letter.
    fit, new = pair(4, 20)
    found = conformal_sets(new, error=error, fit=fit, class_conditional=True)
    for letter in range(4):
        part = Predictions(fit.frame.filter(fit.frame["answer"] == letter))
        np.testing.assert_array_equal(found.sets[:, letter], mapies(part, new, error, "lac")[:, letter])


@pytest.mark.parametrize("n_options", [3, 4, 10])
@pytest.mark.parametrize("error", [0.05, 0.1, 0.2])
def test_randomized_aps_sets_are_mapies_with_the_same_draws(n_options: int, error: float) -> None:
    fit, new = pair(n_options, 30 + n_options)
    draws = Draws(draws_of(fit, 5, 0), draws_of(new, 5, 1))
    found = conformal_sets(new, error=error, score="randomized aps", fit=fit, seed=5)
    np.testing.assert_array_equal(found.sets, mapies(fit, new, error, "aps", draws, "randomized"))


@pytest.mark.parametrize("n_options", [3, 4, 10])
@pytest.mark.parametrize("error", [0.05, 0.1, 0.2])
def test_aps_sets_are_mapies_with_draws_of_0(n_options: int, error: float) -> None:
    # mapie draws for the items fitted on whatever is asked for; draws of 0 are no draws.
    fit, new = pair(n_options, 40 + n_options)
    found = conformal_sets(new, error=error, score="aps", fit=fit).sets
    none = np.zeros(500)
    np.testing.assert_array_equal(found, mapies(fit, new, error, "aps", Draws(none, none), "randomized"))
    # Its other way to leave out the last letter keeps the first one, so that no set is empty.
    filled = found.copy()
    filled[~found.any(axis=1), new.predicted[~found.any(axis=1)]] = True
    np.testing.assert_array_equal(filled, mapies(fit, new, error, "aps", Draws(none), last=False))


@pytest.mark.parametrize("error", [0.05, 0.1, 0.2])
def test_aps_sets_of_mapies_default_hold_the_randomized_ones(error: float) -> None:
    # Randomised where it is fitted and not where sets are made: larger sets than needed.
    fit, new = pair(4, 50)
    found = conformal_sets(new, error=error, score="randomized aps", fit=fit, seed=6).sets
    default = mapies(fit, new, error, "aps", Draws(draws_of(fit, 6, 0)))
    assert (found <= default).all()
    assert default.sum() > found.sum()
