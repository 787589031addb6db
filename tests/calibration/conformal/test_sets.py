from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import beta, kstest

from calibration import Predictions, import_log
from calibration.conformal.scores import Score
from calibration.conformal.split_conformal import conformal_sets

SCORES: tuple[Score, ...] = ("lac", "aps", "randomized aps")
SEEDS = range(100, 250)


def run_of(n: int, seed: int, *, sharpness: float = 1.0, name: str = "") -> Predictions:
    """Answers drawn from letters that the model overstates `sharpness` times."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(size=(n, 4)) * 2
    answer = (honest + rng.gumbel(size=honest.shape)).argmax(axis=1)
    return Predictions.from_arrays(sharpness * honest, answer, item=[f"{name}{row}" for row in range(n)])


def run_with(probabilities: list[list[float]], answer: list[int], name: str) -> Predictions:
    logits = [np.log(row).tolist() for row in probabilities]
    return Predictions.from_lists(logits, answer, item=[f"{name}{row}" for row in range(len(answer))])


# Scores of the right letters: LAC 0.1, 0.3, 0.4, 0.8; APS 0.9, 0.7, 0.6, 1.
FIT = run_with([[0.9, 0.05, 0.05], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1], [0.5, 0.3, 0.2]], [0, 1, 0, 2], "fit")
NEW = run_with([[0.65, 0.3, 0.05], [0.4, 0.35, 0.25], [0.62, 0.38]], [0, 0, 1], "new")


def test_lac_by_hand() -> None:
    # An error of 0.4: the ceil(5 × 0.6) = 3rd smallest score, 0.4, so that letters of at least 0.6 enter.
    found = conformal_sets(NEW, error=0.4, fit=FIT)
    np.testing.assert_allclose(found.threshold, 0.4, atol=1e-6)
    assert found.n_fitted.tolist() == [4, 4, 4]
    assert found.frame["set"].to_list() == ["A", "", "A"]
    assert found.covered.tolist() == [True, False, False]
    assert [found.mean_size, found.singletons, found.empty] == pytest.approx([2 / 3, 2 / 3, 1 / 3])
    assert found.coverage.value == pytest.approx(1 / 3)


def test_aps_by_hand() -> None:
    # The 3rd smallest is 0.9: the letters that add up to at most 0.9 with those above them.
    found = conformal_sets(NEW, error=0.4, score="aps", fit=FIT)
    np.testing.assert_allclose(found.threshold, 0.9, atol=1e-6)
    assert found.frame["set"].to_list() == ["A", "AB", "A"]
    # An error of 0.2 asks for the 4th, 1: every letter that the item has.
    whole = conformal_sets(NEW, error=0.2, score="aps", fit=FIT)
    assert whole.frame["set"].to_list() == ["ABC", "ABC", "AB"]
    assert whole.notes == (
        "every letter is in every set: in more than about 0.2 of the items to fit on the right letter is the least "
        "likely, and these scores tie; 'randomized aps' tells them apart",
    )


def test_class_conditional_by_hand() -> None:
    # A was right with scores 0.1 and 0.4; B and C once, with 0.3 and 0.8. An error of 0.5 needs one item.
    found = conformal_sets(NEW, error=0.5, fit=FIT, class_conditional=True)
    np.testing.assert_allclose(found.threshold, [0.4, 0.3, 0.8], atol=1e-6)
    assert found.n_fitted.tolist() == [2, 1, 1]
    assert found.frame["set"].to_list() == ["A", "C", "A"]
    assert found.expected is None


def test_too_few_items_to_fit_on_put_every_letter_into_every_set() -> None:
    found = conformal_sets(NEW, error=0.19, fit=FIT)
    assert np.isinf(found.threshold).all()
    assert found.frame["set"].to_list() == ["ABC", "ABC", "AB"]
    assert found.notes == ("every letter is in every set: an error of 0.19 needs at least 5 items to fit on, got 4",)
    assert found.expected == (1.0, 1.0)
    assert conformal_sets(NEW, error=0.2, fit=FIT).notes == ()
    # A has two items, which is enough for an error of 1/3; the others have one.
    by_letter = conformal_sets(NEW, error=0.34, fit=FIT, class_conditional=True)
    assert np.isinf(by_letter.threshold).tolist() == [False, True, True]
    assert by_letter.notes[0] == ("B is in every set: an error of 0.34 needs at least 2 right Bs to fit on, got 1")


def test_a_letter_that_no_fitted_item_has_is_in_every_set() -> None:
    two = run_with([[0.9, 0.1]] * 30, [0, 1] * 15, "fit")
    found = conformal_sets(NEW, error=0.1, fit=two, class_conditional=True)
    assert found.n_fitted.tolist() == [15, 15, 0]
    assert found.sets[:, 2].tolist() == [True, True, False]  # the last item has no C


@pytest.mark.parametrize(("error", "n", "place"), [(0.45, 99, 55), (0.1, 9, 9), (0.05, 19, 19), (0.3, 9, 7)])
def test_places_are_those_of_the_decimal_error(error: float, n: int, place: int) -> None:
    # In binary 100 × (1 − 0.45) is above 55.
    confidence = np.linspace(0.5, 0.9, n)
    fit = run_with([[value, 1 - value] for value in confidence], [0] * n, "fit")
    found = conformal_sets(NEW, error=error, fit=fit)
    assert found.threshold[0] == pytest.approx(np.sort(1 - confidence)[place - 1], abs=1e-6)


@cache
def coverages(score: Score) -> NDArray[np.float64]:
    """Coverage of 3,000 items by sets of error 0.1 that were fitted on 39 others, in 150 fits."""
    many = run_of(3000, 1, sharpness=3, name="new")
    fits = (
        conformal_sets(many, error=0.1, score=score, fit=run_of(39, seed, sharpness=3), seed=seed) for seed in SEEDS
    )
    return np.array([sets.coverage.value for sets in fits])


@pytest.mark.parametrize("score", SCORES)
def test_coverage_over_fits_is_at_least_as_promised(score: Score) -> None:
    """An over-confident model, whatever the score: the mean over fits is 0.9 or more, but for the noise of 150."""
    found = coverages(score)
    assert found.mean() >= 0.9 - 4 * found.std() / np.sqrt(len(found)) - 0.005


@pytest.mark.parametrize("score", [score for score in SCORES if score != "aps"])  # whose scores tie at 1
def test_coverage_over_fits_follows_its_beta_law(score: Score) -> None:
    """Without ties the coverage of a fit on n items is Beta(k, n + 1 − k), k = ⌈(n + 1)(1 − error)⌉: 36 of 40."""
    found = coverages(score)
    assert found.mean() <= 0.9 + 1 / 40 + 4 * found.std() / np.sqrt(len(found)) + 0.005
    assert kstest(found, beta(36, 40 - 36).cdf).pvalue > 0.001


def test_classes_are_covered_one_by_one() -> None:
    """Sets by class cover each letter as promised, where sets of all letters miss the one that is avoided."""
    # A model that avoids A: without classes its items are missed more often than promised.
    rng = np.random.default_rng(2)
    honest = rng.normal(size=(8000, 4)) * 2
    answer = (honest + rng.gumbel(size=honest.shape)).argmax(axis=1)
    run = Predictions.from_arrays(honest - np.array([2.0, 0, 0, 0]), answer)
    pooled, each = (conformal_sets(run, class_conditional=flag).by_letter() for flag in (False, True))
    assert pooled["coverage"][0] < 0.87
    assert pooled["expected_low"].null_count() == 4
    inside = (each["expected_low"] <= each["coverage"]) & (each["coverage"] <= each["expected_high"])
    assert inside.sum() >= 3
    np.testing.assert_allclose(each["coverage"], 0.9, atol=0.03)


@pytest.mark.slow  # runs are drawn hundreds of times
def test_expected_range_holds_the_coverage_as_often_as_its_level_says() -> None:
    """In 100 runs the coverage lies in the range of level 0.9 at least 90 times, but for the noise of 100."""
    found = [conformal_sets(run_of(200, seed), level=0.9, seed=seed) for seed in range(100)]
    assert found[0].expected is not None
    low, high = found[0].expected  # of 100 items fitted on and 100 others
    inside = np.mean([low <= sets.coverage.value <= high for sets in found])
    assert inside >= 0.9 - 3 * np.sqrt(0.9 * 0.1 / 100)


def test_randomized_aps_covers_sure_and_unsure_items_alike() -> None:
    """Among 4,000 items, by confidence, it covers 90 % of each part; the other scores do not."""
    run = run_of(8000, 3)
    among: dict[str, list[float]] = {}
    for score in SCORES:
        found = conformal_sets(run, score=score)
        confidence = Predictions(run.frame.filter(run.frame["item"].is_in(found.item.tolist()))).confidence
        place = np.digitize(confidence, [0.6, 0.8, 0.9])
        among[score] = [float(found.covered[place == part].mean()) for part in range(4)]
    assert among["randomized aps"] == pytest.approx([0.9] * 4, abs=0.03)
    # Others leave the second letter out where the first is fairly sure, or the first where it is very sure.
    assert among["lac"][2] < 0.87 < 0.94 < among["lac"][3]
    assert among["aps"][3] < 0.85


def test_lac_has_the_smallest_sets() -> None:
    run = run_of(4000, 4)
    sizes = {score: conformal_sets(run, score=score).mean_size for score in SCORES}
    assert sizes["lac"] < sizes["randomized aps"]
    assert sizes["lac"] < sizes["aps"]


def test_letters_that_tie_enter_together() -> None:
    tied = run_with([[0.4, 0.4, 0.2]], [0], "new")
    for threshold in np.linspace(0.05, 0.95, 19):
        fit = run_with([[threshold, 1 - threshold]] * 9, [0] * 9, "fit")
        for score in SCORES:
            sets = conformal_sets(tied, score=score, fit=fit).sets[0]
            assert sets[0] == sets[1]


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.lists(st.floats(-5, 5), min_size=3, max_size=3), st.integers(0, 2)), min_size=4, max_size=30),
    st.sampled_from(SCORES),
    st.booleans(),
    st.permutations(range(3)),
)
def test_neither_order_of_rows_nor_names_of_letters_matter(
    rows: list[tuple[list[float], int]], score: Score, classes: bool, letters: list[int]
) -> None:
    # Tenths: no two probabilities that differ only by rounding.
    logits = np.array([row for row, _ in rows]).round(1)
    answer = np.array([right for _, right in rows])
    run = Predictions.from_arrays(logits, answer)
    renamed = Predictions.from_arrays(logits[:, letters], np.argsort(letters)[answer])
    shuffled = Predictions(run.frame.sample(fraction=1, shuffle=True, seed=0))
    first, again, other = (
        conformal_sets(which, error=0.3, score=score, class_conditional=classes) for which in (run, shuffled, renamed)
    )
    assert first.frame.sort("item").equals(again.frame.sort("item"))
    if score != "lac":  # 1 − p rounds by the last bit, which a sum in another order may change
        np.testing.assert_array_equal(first.size, other.size)
    assert ((first.size >= 0) & (first.size <= 3)).all()


def test_one_seed_gives_the_same_sets_and_another_others() -> None:
    run = run_of(100, 5)
    frames = [conformal_sets(run, score="randomized aps", seed=seed).frame for seed in (3, 3, 4)]
    assert frames[0].equals(frames[1])
    assert not frames[0].equals(frames[2])
    new = run_of(50, 6, name="new")
    drawn = [conformal_sets(new, score="randomized aps", fit=run, seed=seed).sets for seed in (3, 4)]
    assert (drawn[0] != drawn[1]).any()
    fixed = [conformal_sets(new, score="aps", fit=run, seed=seed).sets for seed in (3, 4)]
    np.testing.assert_array_equal(fixed[0], fixed[1])


def test_a_share_is_split_by_item() -> None:
    run = run_of(101, 7)
    found = conformal_sets(run, fit=0.7)
    assert (found.n_fitted[0], len(found.item)) == (71, 30)
    assert set(found.item) < set(run.item)
    rest = Predictions(run.frame.filter(~run.frame["item"].is_in(found.item.tolist())))
    again = conformal_sets(Predictions(run.frame.filter(run.frame["item"].is_in(found.item.tolist()))), fit=rest)
    assert again.frame.equals(found.frame)


def test_tables_add_up() -> None:
    rng = np.random.default_rng(8)
    lengths = rng.integers(2, 6, 300)
    run = Predictions.from_lists(
        [rng.normal(size=n).tolist() for n in lengths],
        [int(rng.integers(n)) for n in lengths],
        subject=[f"s{k}" for k in rng.integers(0, 5, 300)],
    )
    found = conformal_sets(run, error=0.2, score="aps")
    frame = found.frame
    assert frame.columns == ["item", "subject", "answer", "set", "size", "covered"]
    assert frame["set"].str.len_chars().to_list() == frame["size"].to_list()
    assert all((row["answer"] in row["set"]) == row["covered"] for row in frame.iter_rows(named=True))
    for table in (found.by_letter(), found.by_subject()):
        weights = table["n_items"] / table["n_items"].sum()
        assert table["n_items"].sum() == len(found.item)
        assert (weights * table["coverage"]).sum() == pytest.approx(found.coverage.value)
        assert (weights * table["mean_size"]).sum() == pytest.approx(found.mean_size)
        assert (weights * table["singletons"]).sum() == pytest.approx(found.singletons)
        assert (weights * table["empty"]).sum() == pytest.approx(found.empty)
        assert ((table["low"] <= table["coverage"]) & (table["coverage"] <= table["high"])).all()
    assert found.by_letter()["letter"].to_list() == list("ABCDE")
    assert found.by_subject()["subject"].to_list() == [f"s{k}" for k in range(5)]


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"error": 0}, "error must be strictly between 0 and 1, got 0"),
        ({"error": 10}, "error must be strictly between 0 and 1, got 10"),
        ({"fit": 1.0}, "fit must be strictly between 0 and 1, got 1.0"),
        ({"fit": 0.01}, "fit must leave items on both sides, got 0.01 of 10 items"),
        ({"level": 95}, "level must be strictly between 0 and 1, got 95"),
        ({"score": "raps"}, "score must be one of lac, aps, randomized aps, got 'raps'"),
    ],
)
def test_bad_settings_are_refused(choices: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        conformal_sets(run_of(10, 9), **choices)  # type: ignore[arg-type]


def test_items_of_both_runs_are_refused() -> None:
    run = run_of(10, 10)
    with pytest.raises(ValueError, match="items fitted on must be others than those scored; 3 is both, 2 of 10 are"):
        conformal_sets(run, fit=Predictions(run.frame[3:5]))


@pytest.mark.real
def test_sets_of_the_recorded_pair(data: Path) -> None:
    before, after = (
        import_log(data / "recorded" / f"{name}.csv") for name in ("llama-3.1-8b", "llama-3.1-8b-instruct")
    )
    scores: tuple[Score, ...] = ("lac", "randomized aps")
    for run in (before, after):
        for score in scores:
            found = conformal_sets(run, score=score)
            assert found.expected is not None
            assert found.expected[0] <= found.coverage.value <= found.expected[1]
        # Every tenth right letter is the least likely of four.
        assert conformal_sets(run, score="aps").mean_size == 4
    # Post-training made the model avoid A: one threshold misses it, and one a letter needs smaller sets for all.
    pooled, each = (conformal_sets(after, class_conditional=flag) for flag in (False, True))
    assert pooled.by_letter()["coverage"].to_list() == pytest.approx([0.69, 0.96, 0.95, 0.98], abs=0.01)
    assert each.by_letter()["coverage"].to_list() == pytest.approx([0.9] * 4, abs=0.025)
    assert pooled.mean_size == pytest.approx(2.47, abs=0.01)
    assert each.mean_size == pytest.approx(2.31, abs=0.01)
