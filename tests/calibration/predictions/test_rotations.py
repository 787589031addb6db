"""Orders of options: what is asked, their mean, what the place of an option does; no measure counts an item twice."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from calibration import (
    Item,
    Predictions,
    brier_score,
    change,
    compare,
    diagnose,
    estimate,
    extract,
    load_items,
    log_loss,
    read_run,
    subject_changes,
    summarize,
)
from calibration.analysis.position_bias import position_bias
from calibration.errors import SettingsDifferError
from calibration.extraction.prompts import completion
from calibration.items.orders import option_orders, reordered
from calibration.models.local.transformers_model import LocalModel
from calibration.predictions.letter_table import SCHEMA
from calibration.predictions.rotations import average_permutations, complete_items, single_order
from calibration.runs import collection
from calibration.runs.folder import Run
from tests import tiny

Order = tuple[int, ...]


def cyclic(logits: Callable[[int, Order], ArrayLike], answers: Sequence[int], sizes: Sequence[int]) -> Predictions:
    """A run whose logits by letter are those of `logits(item, order)`."""
    orders = [
        (item, tuple(np.roll(range(size), -shift).tolist())) for item, size in enumerate(sizes) for shift in range(size)
    ]
    plain = Predictions.from_lists(
        [np.asarray(logits(item, order)).tolist() for item, order in orders],
        [order.index(answers[item]) for item, order in orders],
        subject=[f"s{item % 3}" for item, _ in orders],
    ).frame
    return Predictions(
        plain.with_columns(
            item=pl.Series([f"i{item}" for item, _ in orders]),
            order=pl.Series([list(order) for _, order in orders], dtype=SCHEMA["order"]),
        )
    )


def random_run(seed: int = 0, sizes: Sequence[int] = (4, 2, 4, 3, 5, 4, 4, 2)) -> Predictions:
    rng = np.random.default_rng(seed)
    return cyclic(lambda _, order: rng.normal(size=len(order)) * 2, [int(rng.integers(size)) for size in sizes], sizes)


def by_option(run: Predictions) -> dict[str, list[NDArray[np.float64]]]:
    """Probabilities of each item's options in each order, worked out row by row."""
    found: dict[str, list[NDArray[np.float64]]] = {}
    for row in run.frame.iter_rows(named=True):
        weight = np.exp(np.array(row["logprobs"], dtype=np.float64))
        own = np.empty(len(weight))
        own[row["order"]] = weight / weight.sum()
        found.setdefault(row["item"], []).append(own)
    return found


def test_rotations_by_hand() -> None:
    item = Item("a", "s", "Which?", ("x", "y", "z"), 2)
    assert option_orders(item, "none") == [(0, 1, 2)]
    turned = [reordered(item, order) for order in option_orders(item, "cyclic")]
    assert [one.options for one in turned] == [("x", "y", "z"), ("y", "z", "x"), ("z", "x", "y")]
    assert [one.letter for one in turned] == ["C", "B", "A"]
    assert {one.id for one in turned} == {"a"}


def test_an_average_by_hand() -> None:
    # Two options. Item i0: odds 3:1 for A in both orders. Item i1: option 1 at 0.8 in one order, at 0.6 in the other.
    odds: dict[tuple[int, Order], tuple[int, int]] = {
        (0, (0, 1)): (3, 1),
        (0, (1, 0)): (3, 1),
        (1, (0, 1)): (1, 4),
        (1, (1, 0)): (3, 2),
    }
    run = cyclic(lambda item, order: np.log(odds[item, order]), [1, 1], [2, 2])
    mean = average_permutations(run)
    np.testing.assert_allclose(mean.probabilities, [[0.5, 0.5], [0.3, 0.7]], atol=1e-7)
    assert mean.item.tolist() == ["i0", "i1"]
    assert mean.subject.tolist() == ["s0", "s1"]
    assert mean.answer.tolist() == [1, 1]
    assert mean.frame["order"].to_list() == [[0, 1], [0, 1]]
    assert mean.frame["letter_mass"].to_list() == [None, None]
    assert mean.frame["prompt"].to_list() == ["", ""]
    assert not mean.permuted


def test_masses_and_bounds_are_carried_along() -> None:
    run = cyclic(lambda _, order: [0.0] * len(order), [0], [2])
    frame = run.frame.with_columns(
        logprobs=pl.Series([np.log([0.3, 0.1]).tolist(), np.log([0.15, 0.05]).tolist()], dtype=SCHEMA["logprobs"]),
        bounded=pl.Series([[False, True], [False, False]]),
        letter_mass=pl.Series([0.4, 0.2], dtype=pl.Float32),
        other_form_mass=pl.Series([0.1, 0.3], dtype=pl.Float32),
    )
    mean = average_permutations(Predictions(frame))
    row = mean.frame.row(0, named=True)
    assert (row["letter_mass"], row["other_form_mass"]) == pytest.approx((0.3, 0.2))
    # Half each way, with the mass of 0.3 that is on the letters.
    assert np.exp(row["logprobs"]) == pytest.approx([0.15, 0.15])
    assert row["bounded"] == [False, True]  # B in the first order was option 1


def test_probabilities_too_small_for_a_number_have_a_mean() -> None:
    mean = average_permutations(cyclic(lambda _, order: [0.0 if option else -2000.0 for option in order], [0], [3]))
    assert mean.logprobs[0, 0] == pytest.approx(-2000 - np.log(2))


@pytest.mark.parametrize("seed", range(3))
def test_an_average_row_by_row(seed: int) -> None:
    run = random_run(seed)
    mean = average_permutations(run)
    assert mean.n_items == run.n_items == 8
    for row, (item, orders) in enumerate(by_option(run).items()):
        assert mean.item[row] == item
        np.testing.assert_allclose(mean.probabilities[row, : len(orders)], np.mean(orders, axis=0), rtol=1e-5)
    right = run.frame.select(pl.col("order").list.get(pl.col("answer"))).to_series()
    assert (
        mean.answer.tolist()
        == right.filter(pl.Series([row["order"][0] == 0 for row in run.frame.to_dicts()])).to_list()
    )


def test_a_favoured_letter_is_averaged_away() -> None:
    """The model adds 6 to the logit of A: it answers A wherever it stands, and knows the answer all the same."""
    n = 40
    run = cyclic(
        lambda item, order: [6.0 * (place == 0) + 1.0 * (option == item % 4) for place, option in enumerate(order)],
        [item % 4 for item in range(n)],
        [4] * n,
    )
    bias = position_bias(run)
    # A in every order: whatever stood under it is answered, which is right in one order of four.
    assert bias.letters["predicted"].to_list() == [1.0, 0.0, 0.0, 0.0]
    assert bias.letters["expected"].to_list() == [0.25] * 4
    assert bias.flip_rate.value == 1.0
    assert bias.orders["accuracy"].to_list() == [0.25] * 4
    assert bias.accuracy.value == 1.0
    assert average_permutations(run).accuracy == 1.0
    # Mean probability of A over the four orders, with the right option under each letter once.
    right, other = np.exp([7.0, 6.0])
    expected = (right / (right + 3) + 3 * other / (other + np.e + 2)) / 4
    assert bias.letters["mean_probability"][0] == pytest.approx(expected, rel=1e-6)
    # All items are alike: nothing is uncertain about the mean.
    assert bias.letters["mean_probability_low"][0] == pytest.approx(expected, rel=1e-6)


def test_without_a_bias_the_place_says_nothing() -> None:
    rng = np.random.default_rng(0)
    sizes = [4, 3, 5, 2] * 10
    own = [rng.normal(size=size) * 3 for size in sizes]
    run = cyclic(lambda item, order: own[item][list(order)], [0] * 40, sizes)
    bias = position_bias(run)
    assert bias.flip_rate.value == 0
    letters = bias.frame
    for column in ("mean_probability", "mean_probability_low", "mean_probability_high", "predicted"):
        np.testing.assert_allclose(letters[column], letters["expected"], rtol=1e-6)
    assert letters["n_items"].to_list() == [40, 40, 30, 20, 10]
    # 1/4, 1/3, 1/5 and 1/2, in equal parts of those that have the letter.
    np.testing.assert_allclose(letters["expected"], [77 / 240, 77 / 240, 47 / 180, 9 / 40, 1 / 5])
    assert bias.orders["n_items"].to_list() == [40, 40, 30, 20, 10]
    single = single_order(run)
    np.testing.assert_allclose(average_permutations(run).probabilities, single.probabilities, rtol=1e-5)
    assert bias.orders["accuracy"][0] == bias.accuracy.value == single.accuracy


def test_letters_that_tie_are_no_change_of_the_answer() -> None:
    # The first of tied letters is another option in every order, but no option lost its place.
    bias = position_bias(cyclic(lambda _, order: [0.0] * len(order), [0, 1], [4, 4]))
    assert bias.flip_rate.value == 0
    assert bias.letters["predicted"].to_list() == [0.25] * 4


def test_the_table_of_letters_row_by_row() -> None:
    run = random_run(5, [4, 4, 3, 4, 4])
    bias = position_bias(run, level=0.9)
    probability, predicted, flips, right = [], [], [], []
    for item in dict.fromkeys(run.frame["item"]):
        rows = run.frame.filter(pl.col("item") == item).to_dicts()
        weight = np.exp([row["logprobs"] for row in rows])
        letter = weight.argmax(axis=1)
        probability.append((weight / weight.sum(axis=1, keepdims=True)).mean(axis=0))
        predicted.append(np.bincount(letter, minlength=len(rows)) / len(rows))
        flips.append(len({row["order"][place] for row, place in zip(rows, letter, strict=True)}) > 1)
        right.append([row["answer"] == place for row, place in zip(rows, letter, strict=True)])
    for place in range(4):
        for column, values in (("mean_probability", probability), ("predicted", predicted)):
            part = np.array([row[place] for row in values if len(row) > place])
            excess = part - [1 / len(row) for row in values if len(row) > place]
            half = norm.ppf(0.95) * excess.std(ddof=1) / np.sqrt(len(part))
            found = bias.letters.row(place, named=True)
            assert found[column] == pytest.approx(part.mean(), rel=1e-5)
            assert found[f"{column}_low"] == pytest.approx(max(part.mean() - half, 0), rel=1e-4)
            assert found[f"{column}_high"] == pytest.approx(min(part.mean() + half, 1), rel=1e-4)
    assert bias.flip_rate.value == np.mean(flips)
    for shift in range(4):
        assert bias.orders["accuracy"][shift] == np.mean([row[shift] for row in right if len(row) > shift])
    assert (bias.n_items, bias.level, bias.flip_rate.level) == (5, 0.9, 0.9)


@pytest.mark.slow  # 100 runs in every rotation
def test_intervals_of_a_letter_hold_the_truth() -> None:
    """Runs of 60 items that favour A by different amounts: the mean probability of A is covered as promised."""
    rng = np.random.default_rng(0)

    def favour(_: int, order: Order) -> ArrayLike:
        return [rng.normal(0.5, 1.0), 0.0]

    rows = [position_bias(cyclic(favour, [0] * 60, [2] * 60)).letters.row(0, named=True) for _ in range(100)]
    # The mean of 1 / (1 + exp(−x)) over x normal about 0.5, by quadrature.
    grid = np.linspace(-9, 10, 20_001)
    truth = float(np.sum(norm.pdf(grid, 0.5) / (1 + np.exp(-grid))) * (grid[1] - grid[0]))
    covered = np.mean([row["mean_probability_low"] <= truth <= row["mean_probability_high"] for row in rows])
    assert 0.9 <= covered <= 0.99


@settings(max_examples=12)
@given(st.integers(0, 10_000), st.lists(st.integers(2, 6), min_size=1, max_size=8))
def test_shares_add_up_and_the_mean_never_loses_more(seed: int, sizes: list[int]) -> None:
    run = random_run(seed, sizes)
    bias = position_bias(run)
    mean = average_permutations(run)
    for column in ("mean_probability", "predicted", "expected"):
        assert (bias.letters[column] * bias.letters["n_items"]).sum() == pytest.approx(len(sizes))
    each = by_option(run)
    for metric in (brier_score, log_loss):
        single = [
            np.mean([metric(order[None], [answer]) for order in each[item]])
            for item, answer in zip(mean.item.tolist(), mean.answer.tolist(), strict=True)
        ]
        averaged = metric(mean.probabilities, mean.answer)
        assert averaged <= np.mean(single) + 1e-6


@settings(max_examples=4)
@given(st.integers(0, 1000))
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    run = random_run()
    shuffled = Predictions(run.frame.sample(fraction=1, shuffle=True, seed=seed))
    one, other = (average_permutations(each).frame.sort("item") for each in (run, shuffled))
    np.testing.assert_allclose(one["logprobs"].explode(), other["logprobs"].explode(), rtol=1e-5)
    assert one.drop("logprobs").equals(other.drop("logprobs"))
    first, second = (position_bias(each) for each in (run, shuffled))
    assert first.orders.equals(second.orders)
    assert first.flip_rate == second.flip_rate
    for name in first.letters.columns[1:]:
        np.testing.assert_allclose(first.letters[name], second.letters[name], rtol=1e-9)


def test_relabelled_options_change_nothing() -> None:
    """What is option 0 is a matter of the file: the same answers under another numbering."""
    run = random_run(3, [4] * 6)
    back = [2, 0, 3, 1]
    renamed = [[back[option] for option in order] for order in run.frame["order"].to_list()]
    other = Predictions(run.frame.with_columns(order=pl.Series(renamed, dtype=SCHEMA["order"])))
    np.testing.assert_allclose(
        average_permutations(other).probabilities[:, back], average_permutations(run).probabilities, rtol=1e-5
    )
    first, second = position_bias(run), position_bias(other)
    assert first.flip_rate == second.flip_rate
    assert first.accuracy == second.accuracy
    np.testing.assert_allclose(first.letters["predicted"], second.letters["predicted"])


def test_a_single_item_has_no_intervals_of_letters() -> None:
    bias = position_bias(random_run(0, [3]))
    assert bias.letters["mean_probability_low"].to_list() == [None] * 3
    plain = bias.to_dict()
    assert set(plain["letters"][0]["predicted"]) == {"value"}
    assert set(plain["flip_rate"]) == {"value", "low", "high", "level"}


def test_numbers_for_machines() -> None:
    bias = position_bias(random_run())
    plain = bias.to_dict()
    assert list(plain) == ["flip_rate", "accuracy", "letters", "orders"]
    assert [row["letter"] for row in plain["letters"]] == ["A", "B", "C", "D", "E"]
    assert set(plain["letters"][0]) == {"letter", "n_items", "expected", "mean_probability", "predicted"}
    assert plain["letters"][1]["predicted"]["value"] == bias.frame["predicted"][1]
    assert [row["first_option"] for row in plain["orders"]] == [0, 1, 2, 3, 4]
    assert set(plain["orders"][0]["accuracy"]) == {"value", "low", "high", "level"}


MEASURED: list[Callable[[Predictions], object]] = [
    summarize,
    diagnose,
    lambda run: estimate(run, brier_score),
    lambda run: run.accuracy,
    lambda run: run.view("choices"),
    lambda run: run.probabilities,
    lambda run: run.item,
    lambda run: run.subject,
    lambda run: run.n_options,
    lambda run: run.answer,
]


@pytest.mark.parametrize("measured", MEASURED)
def test_nothing_is_measured_before_there_is_one_row_an_item(measured: Callable[[Predictions], object]) -> None:
    run = random_run(0, [4] * 30)
    assert run.permuted
    assert run.n_items == 30
    with pytest.raises(ValueError, match=r"120 rows of 30 items .*; average_permutations\(predictions\) makes one row"):
        measured(run)
    measured(average_permutations(run))
    measured(single_order(run, first_option=2))


@pytest.mark.parametrize(
    "compared", [compare, subject_changes, lambda before, after: change(before, after, brier_score)]
)
def test_runs_are_compared_only_with_one_row_an_item(compared: Callable[[Predictions, Predictions], object]) -> None:
    run, other = random_run(0, [4] * 30), random_run(1, [4] * 30)
    answers = average_permutations(run).frame.select("item", right="answer")
    # The same key for both.
    turned = other.frame.join(answers, on="item", maintain_order="left")
    place = [order.index(right) for order, right in zip(turned["order"].to_list(), turned["right"], strict=True)]
    other = Predictions(turned.with_columns(answer=pl.Series(place)).drop("right"))
    mean = average_permutations(run)
    for before, after in ((run, other), (run, mean), (mean, run)):
        with pytest.raises(ValueError, match="average_permutations"):
            compared(before, after)
    compared(mean, average_permutations(other))
    compared(mean, single_order(run))


def test_items_that_were_not_asked_in_every_rotation() -> None:
    whole = random_run(0, [4, 3, 4])
    part = Predictions(whole.frame[[0, 1, 2, 3, 4, 5, 6, 7, 8]])  # two rows short of i2
    for function in (average_permutations, position_bias):
        with pytest.raises(
            ValueError, match=r"item i2 has 2 rows for 4 options \(1 such items in all\); complete_items\(predictions\)"
        ):
            function(part)
    assert complete_items(part).frame.equals(whole.frame[:7])
    assert complete_items(whole).frame.equals(whole.frame)
    with pytest.raises(ValueError, match="no item was asked with each of its options under each letter once"):
        complete_items(single_order(whole))
    with pytest.raises(ValueError, match="no item was asked with its option 4 under A"):
        single_order(whole, first_option=4)
    # Four orders, but not each option under each letter.
    rows = whole.frame[:4].to_dicts()
    rows[3]["order"], rows[3]["answer"] = [0, 2, 1, 3], [0, 2, 1, 3].index(rows[0]["order"][rows[0]["answer"]])
    with pytest.raises(ValueError, match="each option must be under each letter exactly once"):
        average_permutations(Predictions(pl.DataFrame(rows, schema=SCHEMA)))


def test_a_level_out_of_range() -> None:
    with pytest.raises(ValueError, match="level must be strictly between 0 and 1"):
        position_bias(random_run(), level=1.0)


@pytest.fixture(scope="module")
def model() -> LocalModel:
    return tiny.model()


def mixed_items() -> list[Item]:
    """Items of two, three and four options."""
    return [
        Item(item.id, item.subject, item.question, item.options[: 2 + number % 3], item.answer % (2 + number % 3))
        for number, item in enumerate(tiny.items(9))
    ]


def test_extraction_asks_every_rotation(model: LocalModel, tmp_path: Path) -> None:
    items = mixed_items()
    shots = tiny.items(14)[10:]
    run = extract(model, items, permutations="cyclic", shots=1, dev=shots, out=tmp_path / "run")
    assert run.frame.equals(read_run(tmp_path / "run").frame)
    assert (run.n_items, run.frame.height, run.permuted) == (9, 27, True)
    solved = {shot.subject: shot for shot in reversed(shots)}
    row = 0
    for item in items:
        for shift in range(len(item.options)):
            options = item.options[shift:] + item.options[:shift]
            found = run.frame.row(row, named=True)
            assert found["item"] == item.id
            assert found["content"] == item.content
            assert [item.options[option] for option in found["order"]] == list(options)
            assert options[found["answer"]] == item.options[item.answer]
            # Shots keep their order.
            text = completion(Item(item.id, item.subject, item.question, options, 0), [solved[item.subject]])
            letters = [" A", " B", " C", " D"][: len(options)]
            np.testing.assert_allclose(found["logprobs"], model.next_token_logprobs([text], letters)[0], atol=1e-4)
            row += 1
    plain = extract(model, items, shots=1, dev=shots)
    own = single_order(run)
    np.testing.assert_allclose(own.probabilities, plain.probabilities, atol=1e-4)
    assert own.frame.select("item", "order", "answer", "prompt").equals(
        plain.frame.select("item", "order", "answer", "prompt")
    )
    manifest = Run(tmp_path / "run").manifest
    assert (manifest["n_items"], manifest["n_done"], manifest["state"]) == (9, 9, "complete")
    assert (manifest["settings"]["permutations"], manifest["settings"]["n_items"]) == ("cyclic", 9)
    assert average_permutations(run).frame.equals(Run(tmp_path / "run").averaged().frame)
    with pytest.raises(SettingsDifferError, match="permutations: 'cyclic' there, 'none' now"):
        extract(model, items, shots=1, dev=shots, out=tmp_path / "run")


def test_an_unknown_kind_of_permutations_is_refused(model: LocalModel, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="permutations must be one of none, cyclic, got 'all'"):
        extract(model, mixed_items(), permutations="all", out=tmp_path / "run")  # type: ignore[arg-type]
    assert not (tmp_path / "run").exists()


def test_a_run_interrupted_within_an_items_rotations_continues_with_the_same_digits(
    model: LocalModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collection, "_PART_SECONDS", 0.0)
    items = tiny.items(6)
    whole = extract(model, items, permutations="cyclic", batch_size=2)

    class Interrupted(LocalModel):
        def stream_logprobs(self, *args: Any, **named: Any) -> Iterator[Any]:
            yield from itertools.islice(super().stream_logprobs(*args, **named), 3)
            raise KeyboardInterrupt

    stopping = Interrupted(model.name, model.revision, model.network, model.tokenizer)
    folder = tmp_path / "run"
    split, seen = False, [0]
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            extract(stopping, items, permutations="cyclic", batch_size=2, out=folder)
        there = read_run(folder)
        seen.append(there.frame.height)
        asked = there.frame.group_by("item").len()["len"]
        split |= bool((asked < 4).any())
        manifest = Run(folder).manifest
        assert (manifest["state"], manifest["n_items"]) == ("running", 6)
        assert manifest["n_done"] == (asked == 4).sum()
    assert split
    assert seen[0] < seen[1] < seen[2] < seen[3] < 24
    progress: list[tuple[int, int]] = []
    run = extract(
        model, items, permutations="cyclic", batch_size=2, out=folder, progress=lambda *step: progress.append(step)
    )
    assert run.frame.equals(whole.frame)
    assert read_run(folder).frame.equals(whole.frame)
    assert (progress[0], progress[-1]) == ((seen[3], 24), (24, 24))
    manifest = Run(folder).manifest
    assert (manifest["state"], manifest["n_done"]) == ("complete", 6)


def test_the_example_questions_have_no_item_that_rotations_cannot_turn() -> None:
    items = load_items(Path(__file__).parents[3] / "examples" / "data" / "questions.jsonl")
    for item in items:
        turned = [reordered(item, order) for order in option_orders(item, "cyclic")]
        assert {one.options[one.answer] for one in turned} == {item.options[item.answer]}
        assert sorted(one.answer for one in turned) == list(range(len(item.options)))
