"""Runs without ids: paired by the numbers of their rows if nothing speaks against it, and told."""

from __future__ import annotations

from typing import Any

import pytest

from calibration import Pairs, Predictions, Verdicts, compare
from calibration.predictions.pairing import aligned

PAIRS = {"confidence": [0.9, 0.6, 0.2], "correct": [1, 1, 0]}
VERDICTS = {"correct": [1, 1, 0]}
LETTERS = {"prob_A": [0.9, 0.6, 0.2], "prob_B": [0.1, 0.4, 0.8], "answer": ["A", "B", "B"]}
KINDS = [(Pairs, PAIRS), (Verdicts, VERDICTS), (Predictions, LETTERS)]
NOTE = "items are paired by numbers that count the rows, their ids in both runs"


@pytest.mark.parametrize(("kind", "table"), KINDS)
def test_tables_without_ids_are_paired_by_row_and_that_is_told(kind: Any, table: dict[str, Any]) -> None:
    comparison = compare(kind.from_frame(table), kind.from_frame(table))
    assert (comparison.by_row, comparison.notes[0]) == (True, NOTE)
    assert comparison.to_dict()["paired_by"] == "row"


@pytest.mark.parametrize(("kind", "table"), KINDS)
@pytest.mark.parametrize("column", ["question", "Ideal", "category", "language"])
def test_rows_that_say_something_else_of_their_item_are_no_pair(kind: Any, table: dict[str, Any], column: str) -> None:
    runs = [kind.from_frame({**table, column: cells}) for cells in (["a", "b", "c"], ["a", "c", "b"])]
    with pytest.raises(
        ValueError, match=r"their ids count the rows, and item 1 has another .* \('b' and 'c'\): give both"
    ):
        compare(*runs)
    with pytest.raises(ValueError, match="give both a column of ids"):
        aligned(runs[0], runs[1], "same")


@pytest.mark.parametrize(("kind", "table"), KINDS)
def test_texts_that_agree_confirm_the_pairs(kind: Any, table: dict[str, Any]) -> None:
    asked = {**table, "question": ["a", "b", "c"], "response": ["x", "y", "z"]}
    comparison = compare(kind.from_frame(asked), kind.from_frame({**asked, "response": ["u", "v", "w"]}))
    assert (comparison.by_row, NOTE in comparison.notes) == (False, False)


def test_groups_may_be_called_otherwise() -> None:
    runs = [Pairs.from_frame({**PAIRS, "category": cells}) for cells in (["a", "b", "b"], ["the a", "the b", "the b"])]
    assert compare(*runs).by_row
    with pytest.raises(ValueError, match="item 2 has another subject in each"):
        compare(runs[0], Pairs.from_frame({**PAIRS, "category": ["the a", "the b", "the a"]}))


@pytest.mark.parametrize(("kind", "table"), KINDS)
def test_ids_pair_whatever_the_order(kind: Any, table: dict[str, Any]) -> None:
    ids = {"id": ["q1", "q2", "q3"]}
    backwards = {name: cells[::-1] for name, cells in (table | ids).items()}
    comparison = compare(kind.from_frame(table | ids), kind.from_frame(backwards))
    assert not comparison.by_row
    assert comparison.change["accuracy"].value == 0


@pytest.mark.parametrize(("kind", "table"), KINDS)
def test_tables_of_other_lengths_need_ids_or_texts(kind: Any, table: dict[str, Any]) -> None:
    short = {name: cells[:2] for name, cells in table.items()}
    with pytest.raises(ValueError, match="only in before: 2"):
        compare(kind.from_frame(table), kind.from_frame(short))
    message = "the ids of both runs are the numbers of their rows, 3 and 2: nothing tells which rows are of one item"
    with pytest.raises(ValueError, match=message):
        aligned(kind.from_frame(table), kind.from_frame(short), "common")
    asked = kind.from_frame({**table, "question": ["a", "b", "c"]}), kind.from_frame({**short, "question": ["a", "b"]})
    assert aligned(*asked, "common")[0].n_items == 2
    named = kind.from_frame({**table, "id": [1, 2, 3]}), kind.from_frame({**short, "id": [1, 2]})
    assert aligned(*named, "common")[0].n_items == 2


@pytest.mark.parametrize("ids", [[1, 2, 3], [1.0, 2.0, 3.0], ["1", "2", "3"]])
def test_ids_are_texts_whatever_their_type(ids: list[Any]) -> None:
    assert compare(Pairs.from_frame({**PAIRS, "id": ids}), Pairs.from_frame({**PAIRS, "id": ["1", "2", "3"]})).by_row
    with pytest.raises(ValueError, match=r"only in before: 1, 2, 3 .*; only in after: 1\.0, 2\.0, 3\.0"):
        compare(Pairs.from_frame({**PAIRS, "id": ids}), Pairs.from_frame({**PAIRS, "id": ["1.0", "2.0", "3.0"]}))


def test_rows_that_were_left_out_are_still_counted() -> None:
    runs = [Pairs.from_arrays([0.9, 0.6], [1, 0], item=["0", "2"], group=group) for group in (["a", "a"], ["a", "c"])]
    assert compare(runs[0], runs[0]).by_row
    with pytest.raises(ValueError, match="item 2 has another subject in each"):
        compare(*runs)


@pytest.mark.parametrize("items", ["same", "common"])
def test_an_item_of_four_and_of_five_options_is_no_pair(items: Any) -> None:
    four = Predictions.from_lists(probabilities=[[0.4, 0.3, 0.2, 0.1], [0.1, 0.9]], answer=["A", "B"], item=["x", "y"])
    five = Predictions.from_lists(
        probabilities=[[0.4, 0.2, 0.2, 0.1, 0.1], [0.2, 0.8]], answer=["A", "B"], item=["x", "y"]
    )
    message = r"item x has 4 options in one and 5 in the other \(1 such items\)"
    with pytest.raises(ValueError, match=message):
        compare(four, five, items=items)
