"""Rows of options: what predictions and items they become."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.special import softmax

from calibration import Predictions, read_run
from calibration.logs.group_columns import group_columns
from calibration.logs.log import Log
from calibration.logs.option_rows import (
    OptionKind,
    OptionRow,
    fits_one_context,
    item_table,
    option_table,
    predictions_of,
)
from calibration.logs.run_folders import write_log
from calibration.predictions.letter_scores import letter_scores


def row(item: str, *scores: float | None, **fields: object) -> OptionRow:
    return OptionRow(item=item, scores=scores, where=f"line {item}", **{"answer": 0, **fields})  # type: ignore[arg-type]


def log_file(folder: Path) -> Path:
    (folder / "log").touch()
    return folder / "log"


def table(*rows: OptionRow) -> pl.DataFrame:
    return option_table(iter(rows))


def test_log_likelihoods_are_kept_as_shares() -> None:
    scores = letter_scores(np.array([[-150.0, -151.0, -155.5]]), np.array([3]), "log-likelihoods", where=str)
    np.testing.assert_allclose(np.exp(scores.logprobs), softmax([[0.0, -1.0, -5.5]], axis=1), rtol=1e-12)
    assert scores.letter_mass is None
    assert not scores.bounded.any()


def test_a_log_likelihood_of_a_probability_of_zero_is_an_upper_bound() -> None:
    scores = letter_scores(np.array([[-2.0, -math.inf]]), np.array([2]), "log-likelihoods", where=str)
    assert scores.bounded.tolist() == [[False, True]]
    assert scores.logprobs[0].tolist() == pytest.approx([0.0, -87.3365], abs=1e-4)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[-1.0, 0.5]], r"log-likelihoods must not be positive, 0 has \[-1\.0, 0\.5\]"),
        ([[-1.0, math.nan]], "log-likelihoods must be finite, 0 has"),
        ([[-math.inf, -math.inf]], "a log-likelihood of an option must be finite, 0 has"),
        ([[0.0, 0.0], [0.0, 0.0]], "log-likelihoods of an item must not all be 0, 0 has"),
        ([[-1.0, -2.0], [0.0, 0.0]], "log-likelihoods of an item must not all be 0, 1 has"),
        ([[-1.0, -2.0], [1e-5, 2e-5]], "log-likelihoods of an item must not all be 0, 1 has"),
    ],
)
def test_what_are_no_log_likelihoods(values: list[list[float]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        letter_scores(np.array(values), np.full(len(values), 2), "log-likelihoods", where=str)


def test_letters_keep_their_mass_and_bound_what_is_not_given() -> None:
    rows = table(row("a", math.log(0.6), None, math.log(0.3)), row("b", -0.5, -2.0), row("c", -0.5, None, most=-7.5))
    run = predictions_of(rows, "log-probabilities", source="log", model="m")
    assert run.frame["letter_mass"].to_list() == pytest.approx([0.9, math.exp(-0.5) + math.exp(-2), math.exp(-0.5)])
    assert run.frame["bounded"].to_list() == [[False, True, False], [False, False], [False, True]]
    # A letter has no more than all others leave, or than the least token that was listed.
    assert run.frame["logprobs"][0][1] == pytest.approx(math.log(0.1), abs=1e-4)
    assert run.frame["logprobs"][2][1] == -7.5


def test_texts_must_all_be_given() -> None:
    with pytest.raises(ValueError, match=r"^log: log-likelihoods must be finite, line a has \[-1\.0, nan\]"):
        predictions_of(table(row("a", -1.0, None)), "log-likelihoods", source="log", model="m")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row("a", -1.0, -2.0, answer=2)], r"^log, line a: the answer must be one of the 2 options, got 2$"),
        ([row("a", -1.0, -2.0, answer=None)], r"line a: the answer must be one of the 2 options, got None$"),
        ([row("a", -1.0)], r"^log: there must be 2 to 26 letters, line a has 1$"),
        ([row("a", -1.0, -2.0)] * 2, r"^log: each item must occur once, line a and line a are both a$"),
        ([], "^log: holds no items$"),
    ],
)
def test_what_rows_must_hold(rows: list[OptionRow], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        predictions_of(table(*rows), "log-likelihoods", source="log", model="m")


@pytest.mark.parametrize(
    ("scores", "fits"), [((-0.7, -0.7), True), ((-0.2, -0.2), False), ((-0.7, None), True), ((0.5, -9.0), False)]
)
def test_one_context_has_a_mass_of_one(scores: tuple[float | None, ...], fits: bool) -> None:
    assert fits_one_context(table(row("a", *scores))) is fits


@pytest.mark.parametrize("kind", ["log-probabilities", "log-likelihoods"])
def test_texts_and_further_columns_stay_in_the_run(tmp_path: Path, kind: OptionKind) -> None:
    rows = table(
        row("a", -1.0, -2.0, question="Why?", options=["x", "y"], columns={"level": 1, "hard": True}),
        row("b", -1.0, -3.0, answer=1, columns={"level": 2.5, "language": "cs"}, content="00"),
    )
    items = item_table(rows)
    assert items is not None
    assert items["options"].to_list() == [["x", "y"], ["A", "B"]]
    assert items.select("question", "level", "hard", "language").rows() == [
        ("Why?", 1.0, True, None),
        ("", 2.5, None, "cs"),
    ]
    run = predictions_of(rows, kind, source="log", model="m")
    assert run.frame["content"].to_list()[1] == "00"
    folder = tmp_path / "run"
    source = log_file(tmp_path)
    log = Log(format="f", task="t", model="m", content=run, items=items, files=(source,))
    write_log(log, folder)
    assert isinstance(log.content, Predictions)
    assert log.content.frame.columns == [*run.frame.columns, "level", "hard", "language"]
    assert read_run(folder).frame.equals(log.content.frame)


def test_a_table_of_scores_alone_has_no_texts() -> None:
    assert item_table(table(row("a", -1.0, -2.0))) is None


def test_many_rows_are_one_table() -> None:
    rows = option_table(row(str(number), -1.0, -2.0 - number % 3) for number in range(12_000))
    assert rows.height == 12_000
    assert rows["item"][11_999] == "11999"


def test_columns_that_name_people_do_not_pass() -> None:
    record = {
        "category": "law",
        "annotator": "x",
        "url": "http://host",
        "subject_id": 3,
        "types": ["a"],
        "task": "t" * 200,
    }
    assert group_columns(record) == {"category": "law", "subject_id": 3}
