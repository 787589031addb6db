"""Groups of items: by columns, by numbers, by what a run tells itself; and what is refused."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from calibration import Pairs, Predictions, Verdicts
from calibration.analysis.grouping import columns_of, group_name, grouped

ANSWER = [0, 1, 2, 1, 0, 1]
RUN = Predictions.from_lists(
    [[3.0, 0.0], [0.1, 0.2], [0.0, 0.1, 0.2], [0.0, 9.0], [0.0, 4.0], [1.0, 0.0, 0.0]],
    ANSWER,
    subject=["b", "a", "b", "b", "a", "a"],
)


def with_column(name: str, values: Sequence[object], run: Predictions = RUN) -> Predictions:
    return Predictions(run.frame.with_columns(pl.Series(name, values)))


def members(run: Predictions, by: str, **options: pl.DataFrame) -> dict[str, list[int]]:
    groups = grouped(run, by, **options)
    return {groups.name(index): rows.tolist() for index, rows in enumerate(groups.rows)}


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("subject", {"a": [1, 4, 5], "b": [0, 2, 3]}),
        ("n_options", {"2": [0, 1, 3, 4], "3": [2, 5]}),
        ("position", {"A": [0, 4], "B": [1, 3, 5], "C": [2]}),
        ("confidence", {"0.3–0.4": [2], "0.5–0.6": [1, 5], "0.9–1.0": [0, 3, 4]}),
    ],
)
def test_what_a_run_tells_of_its_items(by: str, expected: dict[str, list[int]]) -> None:
    assert members(RUN, by) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["de", None, "fr", "de", "", "fr"], {"no x": [1, 4], "de": [0, 3], "fr": [2, 5]}),
        ([True, False, None, True, True, False], {"no x": [2], "false": [1, 5], "true": [0, 3, 4]}),
        ([10, 9, 9, 10, None, 9], {"9": [1, 2, 5], "10": [0, 3], "no x": [4]}),
        (["10", "9", "9", "10", None, "9"], {"9": [1, 2, 5], "10": [0, 3], "no x": [4]}),
    ],
    ids=["texts", "truth", "numbers", "numbers as texts"],
)
def test_values_of_a_column(values: list[object], expected: dict[str, list[int]]) -> None:
    assert members(with_column("x", values), "x") == expected


def test_many_numbers_are_grouped_by_their_quartiles() -> None:
    run = Predictions.from_arrays([[1.0, 0.0]] * 12, [0] * 12)
    groups = members(with_column("x", [*range(11, 0, -1), None], run), "x")
    assert groups == {
        "1–3": [8, 9, 10], "4–6": [5, 6, 7], "7–9": [2, 3, 4], "10–11": [0, 1], "no x": [11],
    }  # fmt: skip


def test_question_length_comes_from_texts_or_a_column() -> None:
    questions = ["a" * (1 + row % 2) for row in range(6)]
    texts = pl.DataFrame({"item": RUN.item.tolist(), "question": questions})
    assert members(RUN, "question_length", texts=texts) == {"1": [0, 2, 4], "2": [1, 3, 5]}
    assert members(with_column("question", questions), "question_length") == {"1": [0, 2, 4], "2": [1, 3, 5]}
    with pytest.raises(ValueError, match="question_length needs the texts of the questions"):
        grouped(RUN, "question_length")


def test_the_category_is_a_column_or_mmlus_group() -> None:
    assert members(with_column("category", ["x", "y"] * 3), "category") == {"x": [0, 2, 4], "y": [1, 3, 5]}
    mmlu = Predictions(RUN.frame.with_columns(subject=pl.Series(["anatomy", "virology", "astronomy"] * 2)))
    assert members(mmlu, "category") == {"other": [0, 1, 3, 4], "stem": [2, 5]}
    with pytest.raises(ValueError, match="no column is called 'category', and the subjects are not MMLU's"):
        grouped(RUN, "category")


def test_several_columns_cross() -> None:
    run = with_column("language", ["de", "fr"] * 3)
    groups = grouped(run, "language, subject")
    assert groups.labels == (("de", "a"), ("de", "b"), ("fr", "a"), ("fr", "b"))
    assert [rows.tolist() for rows in groups.rows] == [[4], [0, 2], [1, 5], [3]]
    assert [rows.tolist() for rows in grouped(run, ["language", "subject"]).rows] == [[4], [0, 2], [1, 5], [3]]


def test_pairs_and_verdicts_are_grouped_too() -> None:
    pairs = Pairs.from_arrays([0.95, 0.91, 0.2], [1, 0, 1])
    assert [rows.tolist() for rows in grouped(pairs, "confidence").rows] == [[2], [0, 1]]
    table = pl.DataFrame({"item": ["a", "b", "c"], "grade": ["ungraded", "correct", "incorrect"], "x": [1, 2, 2]})
    verdicts = Verdicts(table.with_columns(model=pl.lit("m"), revision=pl.lit(""), subject=pl.lit("")))
    assert [rows.tolist() for rows in grouped(verdicts, "x").rows] == [[0, 1]]


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ("langage", "no column is called 'langage'; there are: subject, language, .*; the nearest: 'language'"),
        ("item", "no column is called 'item'"),
        ("", "by must name columns, each once, got ''"),
        ("language,language", "by must name columns, each once"),
        ("name", "no two items share a value of name: nothing to group"),
    ],
)
def test_refusals(by: str, message: str) -> None:
    run = with_column("name", list("abcdef"), with_column("language", ["de", "fr"] * 3))
    with pytest.raises(ValueError, match=message):
        grouped(run, by)


def test_more_than_a_thousand_groups_are_refused() -> None:
    run = Predictions.from_arrays(np.tile([2.0, 0.0], (2004, 1)), [0] * 2004)
    with pytest.raises(ValueError, match="x must make at most 1,000 groups, got 1,002"):
        grouped(with_column("x", [f"g{row // 2}" for row in range(2004)], run), "x")


def test_a_run_has_as_many_subjects_as_it_has() -> None:
    names = [f"s{row // 2}" for row in range(2004)]
    run = Predictions.from_arrays(np.tile([2.0, 0.0], (2004, 1)), [0] * 2004, subject=names)
    assert len(grouped(run, "subject").labels) == 1_002


def test_names() -> None:
    assert columns_of(("a", "b")) == columns_of(" a,b ") == ("a", "b")
    assert group_name(["language"], [""]) == "no language"
