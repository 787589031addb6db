"""Further columns: kept behind the schema's, refused where they would be junk."""

from __future__ import annotations

import polars as pl
import pytest

from calibration import Pairs, Predictions, Verdicts, average_permutations
from calibration.predictions.further_columns import further_columns

LETTERS = Predictions.from_arrays([[1.0, 0.0], [0.0, 1.0]], [0, 0], item=["a", "b"])
PAIRS = Pairs.from_arrays([0.9, 0.6], [1, 0], item=["a", "b"])
VERDICTS = Verdicts(
    pl.DataFrame({"item": ["a", "b"], "grade": ["correct", "incorrect"]}).with_columns(
        model=pl.lit("m"), revision=pl.lit(""), subject=pl.lit("")
    )
)
KINDS = pytest.mark.parametrize("given", [LETTERS, PAIRS, VERDICTS], ids=["letters", "pairs", "verdicts"])


@KINDS
def test_further_columns_stand_behind_those_of_the_schema(given: Predictions | Pairs | Verdicts) -> None:
    language = pl.Series("language", ["de", None])
    table = given.frame.select(language, pl.all()).with_columns(year=pl.Series([2020, 2021]), row=pl.lit(1))
    kept = type(given)(table).frame
    assert kept.columns == [*given.frame.columns, "language", "year", "row"]
    assert kept["language"].to_list() == ["de", None]
    assert kept.select(given.frame.columns).equals(given.frame)


@KINDS
@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pl.Series("tags", [["x"], ["y"]]), r"'tags' holds List\(String\)"),
        (pl.Series("tags", [{"x": 1}, {"x": 2}]), r"must hold one text, number, truth value, date or time an item"),
        (pl.Series("raw", [b"x", b"y"]), "'raw' holds Binary"),
        (pl.Series("Item", ["x", "y"]), "must differ by more than case and blanks, got 'item' and 'Item'"),
        (pl.Series(" ", ["x", "y"]), "every column must have a name"),
    ],
    ids=["list", "struct", "bytes", "case", "blank"],
)
def test_junk_is_refused(given: Predictions | Pairs | Verdicts, column: pl.Series, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        type(given)(given.frame.with_columns(column))


def test_two_further_names_must_differ_by_more_than_case() -> None:
    with pytest.raises(ValueError, match="got 'language' and 'Language'"):
        Predictions(LETTERS.frame.with_columns(language=pl.lit("de"), Language=pl.lit("fr")))


def test_categories_become_texts() -> None:
    column = pl.Series(["x", "y"], dtype=pl.Categorical)
    assert Predictions(LETTERS.frame.with_columns(level=column)).frame.schema["level"] == pl.String


def test_the_mean_over_orders_keeps_further_columns() -> None:
    ahead = LETTERS.frame.with_columns(language=pl.Series(["de", "fr"]), row=pl.lit(7))
    turned = ahead.with_columns(order=pl.Series([[1, 0], [1, 0]], dtype=pl.List(pl.Int8)), answer=pl.lit(1, pl.Int8))
    averaged = average_permutations(Predictions(pl.concat([ahead, turned])))
    assert averaged.frame.select("item", "language", "row").rows() == [("a", "de", 7), ("b", "fr", 7)]


def test_an_item_has_one_value_in_every_order() -> None:
    ahead = LETTERS.frame.with_columns(language=pl.Series(["de", "fr"]))
    turned = ahead.with_columns(order=pl.Series([[1, 0], [1, 0]], dtype=pl.List(pl.Int8)), answer=pl.lit(1, pl.Int8))
    mixed = pl.concat([ahead, turned.with_columns(language=pl.lit("de"))])
    with pytest.raises(ValueError, match="must have one language in every order of its options, item b has more"):
        Predictions(mixed)


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ([1, 2.5], [1.0, 2.5]),
        ([1, "x"], ["1", "x"]),
        ([True, 3], ["True", "3"]),
        ([None, 2], [None, 2]),
        ([2**70, 1], [str(2**70), "1"]),
    ],
    ids=["numbers", "texts", "truth", "absent", "long"],
)
def test_values_of_several_kinds_become_one_column(values: list[object], column: list[object]) -> None:
    (series,) = further_columns([{"x": value} for value in values], besides=())
    assert series.to_list() == column


def test_names_that_are_taken_are_left_out() -> None:
    columns = further_columns([{"Model": "x", "a": 1, "A": 2}], besides=["model"])
    assert [column.name for column in columns] == ["a"]
