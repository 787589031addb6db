from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from calibration import Predictions, conformal_sets, recalibrate, selective_threshold
from calibration.predictions.held_out import refuse_shared_items


def run_of(n: int, seed: int, *, content: str = "", model: str = "") -> Predictions:
    """Items whose ids are row numbers, each with a text of its own if `content` is given."""
    rng = np.random.default_rng(seed)
    run = Predictions.from_arrays(rng.normal(size=(n, 4)), rng.integers(0, 4, n), model=model)
    texts = pl.format(content + "-{}", pl.col("item")) if content else pl.col("content")
    return Predictions(run.frame.with_columns(content=texts))


def test_row_numbers_of_two_tables_are_no_shared_items() -> None:
    refuse_shared_items(run_of(30, 0), run_of(20, 1))
    assert recalibrate(run_of(200, 0), "platt", fit=run_of(100, 1)).by is None


@pytest.mark.parametrize("content", ["", "text"])
def test_a_run_is_not_fitted_on_its_own_items(content: str) -> None:
    run = run_of(40, 2, content=content)
    message = "items fitted on must be others than those scored; 0 is both, 40 of 40 are in all"
    for fitted in (
        lambda: recalibrate(run, fit=run),
        lambda: conformal_sets(run, fit=run),
        lambda: selective_threshold(run, fit=run),
    ):
        with pytest.raises(ValueError, match=message):
            fitted()


def test_other_models_answers_to_the_same_items_are_refused_too() -> None:
    run = run_of(40, 3)
    rng = np.random.default_rng(4)
    other = Predictions.from_arrays(rng.normal(size=(40, 4)), run.answer, model="other")
    with pytest.raises(ValueError, match="0 is both, 40 of 40 are in all"):
        recalibrate(run, fit=other)


def test_texts_tell_items_whatever_their_ids() -> None:
    run, other = run_of(40, 5, content="text"), run_of(40, 5, content="other text")
    refuse_shared_items(run, other)
    renamed = Predictions(run.frame[7:9].with_columns(item=pl.Series(["a", "b"])))
    with pytest.raises(ValueError, match="7 is both, 2 of 40 are in all"):
        refuse_shared_items(run, renamed)
