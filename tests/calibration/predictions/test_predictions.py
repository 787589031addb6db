from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from calibration import Predictions
from calibration.predictions.letter_table import SCHEMA

Lists = list[tuple[list[float], int]]
# Items of two to six options, some logits equal, some far apart.
lists = st.lists(
    st.lists(
        st.one_of(st.sampled_from([0.0, 2.0]), st.floats(-50, 50).map(lambda logit: logit - 60)), min_size=2, max_size=6
    ).flatmap(lambda line: st.tuples(st.just(line), st.integers(0, len(line) - 1))),
    min_size=1,
    max_size=12,
)


def run_of(values: Lists) -> Predictions:
    return Predictions.from_lists([line for line, _ in values], [right for _, right in values])


def three() -> Predictions:
    return Predictions.from_arrays([[2.0, 1.0], [0.0, 0.5], [1.0, 1.0]], answer=[0, 0, 1])


def test_derived_values_by_hand() -> None:
    # Odds 3:1, 1:1, 1:4.
    run = Predictions.from_arrays(np.log([[3.0, 1.0], [1.0, 1.0], [1.0, 4.0]]), answer=[0, 1, 0])
    np.testing.assert_allclose(run.probabilities, [[0.75, 0.25], [0.5, 0.5], [0.2, 0.8]], atol=1e-7)
    assert run.predicted.tolist() == [0, 0, 1]  # the first of tied letters
    assert run.correct.tolist() == [True, False, False]
    np.testing.assert_allclose(run.confidence, [0.75, 0.5, 0.8], atol=1e-7)
    assert run.tied.tolist() == [1, 2, 1]
    assert run.credit.tolist() == [1.0, 0.5, 0.0]
    assert run.accuracy == pytest.approx(1 / 3)
    np.testing.assert_allclose(run.choice_confidence, [0.75, 0.25, 0.5, 0.5, 0.2, 0.8], atol=1e-7)
    assert run.choice_correct.tolist() == [True, False, False, True, True, False]
    assert run.choice_item.tolist() == [0, 0, 1, 1, 2, 2]


def test_items_with_different_numbers_of_options_by_hand() -> None:
    run = Predictions.from_lists([[0.0, 0.0], [0.0, 0.0, np.log(2.0)]], [1, 2], item=["a", "b"], subject=["x", "y"])
    assert run.n_items == 2
    assert run.n_options.tolist() == [2, 3]
    assert run.present.tolist() == [[True, True, False], [True, True, True]]
    np.testing.assert_allclose(run.probabilities, [[0.5, 0.5, 0.0], [0.25, 0.25, 0.5]], atol=1e-7)
    assert run.logprobs[0, 2] == -np.inf
    np.testing.assert_allclose(run.choice_confidence, [0.5, 0.5, 0.25, 0.25, 0.5], atol=1e-7)
    assert run.choice_correct.tolist() == [False, True, False, False, True]
    assert run.choice_item.tolist() == [0, 0, 1, 1, 1]
    assert run.item.tolist() == ["a", "b"]
    assert run.subject.tolist() == ["x", "y"]
    assert run.credit.tolist() == [0.5, 1.0]


def test_everything_derived_is_float64_though_storage_is_single() -> None:
    run = three()
    assert run.frame.schema == SCHEMA
    for values in (run.logprobs, run.log_probabilities, run.probabilities, run.confidence, run.credit):
        assert values.dtype == np.float64


def test_defaults_name_rows_and_leave_unknown_what_is_unknown() -> None:
    run = Predictions.from_arrays([[0.0, 1.0], [1.0, 0.0]], answer=[0, 1], model="tiny")
    assert run.model == "tiny"
    assert run.item.tolist() == ["0", "1"]
    assert run.subject.tolist() == ["", ""]
    assert run.frame["letter_mass"].to_list() == [None, None]
    assert run.frame["bounded"].to_list() == [[False, False]] * 2
    assert run.frame["order"].to_list() == [[0, 1]] * 2


def test_logits_far_apart_saturate_at_exactly_1() -> None:
    run = Predictions.from_arrays([[1000.0, 0.0, 0.0], [0.0, 800.0, 0.0]], answer=[0, 0])
    assert run.confidence.tolist() == [1.0, 1.0]
    assert run.probabilities[1].tolist() == [0.0, 1.0, 0.0]
    assert np.isfinite(run.log_probabilities).all()


@pytest.mark.parametrize("n_options", [2, 4, 5, 10])
def test_flat_logits_give_the_nearest_double_to_one_in_n(n_options: int) -> None:
    # 1/10 a hair lower falls into the bin below its edge.
    run = Predictions.from_arrays(np.zeros((3, n_options)), answer=[0, 1, 0])
    assert set(run.choice_confidence.tolist()) == {1 / n_options}


def test_logits_and_their_log_probabilities_are_one_run() -> None:
    logits = np.random.default_rng(0).normal(size=(50, 4)) * 3
    shifted = logits + np.random.default_rng(1).normal(size=(50, 1)) * 10
    answer = np.zeros(50, dtype=int)
    one, other = (Predictions.from_arrays(values, answer) for values in (logits, shifted))
    np.testing.assert_allclose(one.probabilities, other.probabilities, rtol=1e-5)


def test_letter_mass_below_1_leaves_the_letters_a_distribution() -> None:
    # Stored log-probabilities are of the full vocabulary; what is derived is given that a letter is answered.
    lower = [[float(value) - 3 for value in row] for row in three().logprobs]
    run = Predictions(three().frame.with_columns(logprobs=pl.Series(lower, dtype=pl.List(pl.Float32))))
    np.testing.assert_allclose(run.probabilities, three().probabilities, atol=1e-6)
    np.testing.assert_allclose(run.logprobs, three().logprobs - 3, atol=1e-6)


def test_views() -> None:
    run = three()
    confidence, correct, item = run.view("top")
    assert (confidence is run.confidence, correct is run.correct, item.tolist()) == (True, True, [0, 1, 2])
    confidence, correct, item = run.view("choices")
    assert len(confidence) == len(correct) == len(item) == 6
    with pytest.raises(ValueError, match="the view must be 'top' or 'choices', got 'all'"):
        run.view("all")  # type: ignore[arg-type]


def test_predictions_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        three().frame = pl.DataFrame()  # type: ignore[misc]


@pytest.mark.parametrize(
    ("logprobs", "answer", "message"),
    [
        ([], [], r"scores must be \(n_items, n_options\) and answer \(n_items,\), got \(0,\) and \(0,\)"),
        (np.empty((0, 4)), np.empty(0, dtype=int), "predictions must hold at least one item, got none"),
        ([0.0, 1.0], [0], r"got \(2,\) and \(1,\)"),
        ([[0.0, 1.0]], [0, 1], r"got \(1, 2\) and \(2,\)"),
        ([[0.0, 1.0]], [0.0], r"answer must hold option indices \(integers\), or letters, got float64"),
        ([[0.0, 1.0]], [True], r"answer must hold option indices \(integers\), or letters, got bool"),
        ([[0.0, 1.0], [np.nan, 1.0]], [0, 1], r"logits must be finite; NaN or .*: row 1 \(item 1\) has \[nan, 1.0\]"),
        ([[-np.inf, 0.0]], [0], r"logits must be finite; NaN or .*: row 0 \(item 0\) has \[-inf, 0.0\]"),
        ([[0.0, np.inf]], [0], r"logits must be finite, row 0 \(item 0\) has \[0.0, inf\]"),
        ([[0.0, -np.inf]], [0], r"there must be 2 to 26 letters, row 0 \(item 0\) has 1$"),
        ([[0.0], [0.0]], [0, 0], r"there must be 2 to 26 letters, row 0 \(item 0\) has 1$"),
        (np.zeros((1, 27)), [0], r"there must be 2 to 26 letters, row 0 \(item 0\) has 27$"),
        ([[0.0, 1.0], [0.0, 1.0]], [0, 2], r"the answer must be one of the letters, row 1 \(item 1\) has 2 of 2$"),
        ([[0.0, 1.0]], [-1], r"the answer must be one of the letters, row 0 \(item 0\) has -1 of 2$"),
        ([[0.0, 1.0]], [300], r"the answer must be one of the letters, row 0 \(item 0\) has 300 of 2$"),
    ],
)
def test_bad_arrays_are_refused(logprobs: ArrayLike, answer: ArrayLike, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Predictions.from_arrays(logprobs, answer)


@pytest.mark.parametrize(
    ("answer", "item", "subject", "message"),
    [
        ([1], None, None, "answer must have one entry an item: 2 items, got 1"),
        ([1, 0, 1], None, None, "answer must have one entry an item: 2 items, got 3"),
        ([1, 0], ["a"], None, "item must have one entry an item: 2 items, got 1"),
        ([1, 0], ["a", "b", "c"], None, "item must have one entry an item: 2 items, got 3"),
        ([1, 0], None, ["x"], "subject must have one entry an item: 2 items, got 1"),
        ([1, 0], ["a", "a"], None, "each item must occur once, item a occurs 2 times"),
        # What has no order of rows, or is no row of ids.
        ([1, 0], "ab", None, "item must be a list with one entry a row, got str"),
        ([1, 0], {"a", "b"}, None, "item must be a list with one entry a row, got set"),
        ([1, 0], None, {0: "x", 1: "y"}, "subject must be a list with one entry a row, got dict"),
        ([1, 0], np.array([["a"], ["b"]]), None, r"item must have one entry an item: \(2,\), got \(2, 1\)"),
        ([1, 0], np.ma.array([3, 4], mask=[False, True]), None, "item must have one entry an item, got masked values"),
        ([1, 0], ["a", np.datetime64("NaT")], None, "item and subject must be given; row 1 has no item"),
        ([1, 2], ["a", "b"], None, r"the answer must be one of the letters, row 1 \(item b\) has 2 of 2$"),
    ],
)
def test_bad_lists_are_refused(answer: Sequence[int], item: Any, subject: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Predictions.from_lists([[0.0, 1.0], [1.0, 0.0]], answer, item=item, subject=subject)


def test_ids_are_texts_whatever_holds_them() -> None:
    for item in (["3", "4"], (3, 4), np.array([3, 4]), pl.Series([3, 4]), pl.Series(["3", "4"])):
        run = Predictions.from_arrays([[0.0, 1.0], [1.0, 0.0]], [1, 0], item=item)  # type: ignore[arg-type]
        assert run.item.tolist() == ["3", "4"]
    torch = pytest.importorskip("torch")
    run = Predictions.from_arrays([[0.0, 1.0], [1.0, 0.0]], [1, 0], item=torch.tensor([3, 4]))
    assert run.item.tolist() == ["3", "4"]


def test_columns_of_letters_stand_in_their_order() -> None:
    table = {"logit_B": [2.0, 0.0], "logit_A": [1.0, 3.0]}
    with pytest.raises(ValueError, match=r"columns of scores must be in the order of .*, got logit_B, logit_A$"):
        Predictions.from_arrays(pl.DataFrame(table), ["B", "A"])
    in_order = pl.DataFrame(table).select("logit_A", "logit_B")
    assert Predictions.from_arrays(in_order, ["B", "A"]).correct.tolist() == [True, True]
    assert Predictions.from_arrays(pl.DataFrame([[1.0, 0.0], [2.0, 5.0]]), [1, 1]).correct.tolist() == [True, True]


def test_an_item_without_options_is_refused() -> None:
    with pytest.raises(ValueError, match=r"2 to 26 letters, row 1 \(item 1\) has 0$"):
        Predictions.from_lists([[0.0, 1.0], []], [0, 0])


def test_an_item_may_stand_in_several_orders_of_its_options() -> None:
    rows = three().frame.to_dicts()
    turned = {**rows[1], "order": [1, 0], "answer": 1, "logprobs": rows[1]["logprobs"][::-1]}
    run = Predictions(pl.DataFrame([*rows, turned], schema=SCHEMA))
    assert (run.n_items, run.frame.height, run.permuted) == (3, 4, True)
    assert not three().permuted
    with pytest.raises(ValueError, match=r"4 rows of 3 items in several orders of their options; average_permutations"):
        _ = run.accuracy
    # Half of the items in another order, each once, is nothing of the kind.
    assert Predictions(pl.DataFrame([rows[0], turned, rows[2]], schema=SCHEMA)).accuracy == three().accuracy
    for cells, message in (
        (
            {"order": [0, 1], "answer": 0},
            "each item must occur once, item 1 occurs 2 times with its options in one order",
        ),
        ({"answer": 0}, "an item must have one right option in every order of its options, item 1 has more"),
        ({"subject": "law"}, "an item must have one subject in every order of its options, item 1 has more"),
        ({"content": "abc"}, "an item must have one text in every order of its options, item 1 has more"),
        (
            {"order": [1, 0, 2], "logprobs": [-1.0] * 3, "bounded": [False] * 3},
            "an item must have one number of options in every order of its options, item 1 has more",
        ),
    ):
        with pytest.raises(ValueError, match=message):
            Predictions(pl.DataFrame([*rows, {**turned, **cells}], schema=SCHEMA))


NOT_FINITE = r"log-probabilities must be finite and not positive; .* is bounded; row 1 \(item 1\)"


def with_row_1(**cells: Any) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """A table whose second row has other cells."""

    def change(frame: pl.DataFrame) -> pl.DataFrame:
        rows = frame.to_dicts()
        rows[1].update(cells)
        return pl.DataFrame(rows, schema=SCHEMA)

    return change


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda frame: frame.drop("answer", "prompt"), "must have the columns model, .*; missing: answer, prompt"),
        (lambda frame: frame.clear(), "predictions must hold at least one item, got none"),
        (with_row_1(item="0"), "each item must occur once, item 0 occurs 2 times"),
        (with_row_1(answer=None), r"the answer must be one of the letters; row 1 \(item 1\)"),
        (with_row_1(order=[0, 1, 2]), r"order and bounded must be as long as logprobs; row 1 \(item 1\)"),
        (with_row_1(bounded=[False]), r"order and bounded must be as long as logprobs; row 1 \(item 1\)"),
        (with_row_1(logprobs=[-1.0, np.nan]), NOT_FINITE),
        (with_row_1(logprobs=[0.5, -1.0]), NOT_FINITE),
        (with_row_1(logprobs=[np.inf, -1.0]), NOT_FINITE),
        (with_row_1(logprobs=[-np.inf, -np.inf]), NOT_FINITE),
        (with_row_1(logprobs=[-0.5, -np.inf]), NOT_FINITE),
        (with_row_1(logprobs=[-0.5, -np.inf], bounded=[False, True]), NOT_FINITE),  # a flag needs its bound
        (with_row_1(logprobs=[-1.0, None]), NOT_FINITE),
        (with_row_1(logprobs=None), r"there must be 2 to 26 letters; row 1 \(item 1\)"),
        (with_row_1(item=None), r"item and subject must be given; row 1 has no item"),
        (with_row_1(subject=None), r"item and subject must be given; row 1 has no subject"),
    ],
)
def test_bad_tables_are_refused(edit: Callable[[pl.DataFrame], pl.DataFrame], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Predictions(edit(three().frame))


def test_a_letter_that_the_source_did_not_give_is_taken_as_its_bound() -> None:
    run = Predictions(with_row_1(logprobs=[np.log(0.6), np.log(0.2)], bounded=[False, True])(three().frame))
    np.testing.assert_allclose(run.probabilities[1], [0.75, 0.25], atol=1e-7)
    assert run.frame["bounded"].to_list()[1] == [False, True]


@given(lists)
def test_every_item_is_a_distribution_over_its_own_letters(values: Lists) -> None:
    run = run_of(values)
    assert run.n_options.tolist() == [len(line) for line, _ in values]
    np.testing.assert_allclose(run.probabilities.sum(axis=1), 1, atol=1e-12)
    assert (run.probabilities[~run.present] == 0).all()
    assert run.confidence.max() <= 1
    assert (run.confidence >= 1 / run.n_options - 1e-7).all()  # of letters tied by rounding the first
    assert (run.predicted < run.n_options).all()
    np.testing.assert_array_equal(run.confidence, run.probabilities[np.arange(run.n_items), run.predicted])


@given(lists)
def test_the_pooled_view_holds_every_letter_of_every_item_once(values: Lists) -> None:
    run = run_of(values)
    assert len(run.choice_confidence) == run.n_options.sum()
    assert run.choice_correct.sum() == run.n_items
    assert np.bincount(run.choice_item).tolist() == run.n_options.tolist()
    np.testing.assert_allclose(np.bincount(run.choice_item, weights=run.choice_confidence), 1, atol=1e-12)


@given(lists)
def test_credit_is_split_over_ties_only(values: Lists) -> None:
    run = run_of(values)
    np.testing.assert_array_equal(run.credit[run.tied == 1], run.correct[run.tied == 1])
    assert (run.credit[run.tied > 1] * run.tied[run.tied > 1] <= 1).all()
    assert (run.credit[run.correct] > 0).all()
