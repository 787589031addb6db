"""Runs whose ids are the numbers of their rows, which alone pair no items."""

from __future__ import annotations

import numpy as np
import polars as pl

from ..files.field_names import ALIASES
from .predictions import Predictions
from .scored_runs import ScoredRun

# Further columns that say what was asked, and not what a model made of it.
_TEXTS = ("question", "question_text", "question_stem", "problem", "query", "options", "choices", "answer_choices")
_OF_ITEMS = (
    *_TEXTS, "target", "gold", "ground_truth", "correct_answer", "answer_key", "correct_option", "gold_label",
    "reference", "references", "ideal", "best_answer", "language", *ALIASES["group"], "group",
)  # fmt: skip
# So many times as many rows a table may have had before some were left out.
_MOST_LEFT_OUT = 2


def have_row_numbers(before: ScoredRun, after: ScoredRun) -> bool:
    """Whether the ids of both runs are 0, 1, 2, … in order.

    Examples
    --------
    >>> from calibration import Pairs
    >>> runs = [Pairs.from_arrays([0.9, 0.6], [1, 0], item=item) for item in (None, ["1", "2"])]
    >>> have_row_numbers(runs[0], runs[0]), have_row_numbers(*runs)
    (True, False)
    """
    return all(
        run.frame["item"].equals(pl.int_range(run.frame.height, eager=True).cast(pl.String)) for run in (before, after)
    )


def count_rows(before: ScoredRun, after: ScoredRun) -> bool:
    """Whether the ids of both runs are numbers that count their rows.

    They may begin with 1, and rows may have been left out.

    Examples
    --------
    >>> from calibration import Pairs
    >>> runs = [Pairs.from_arrays([0.9, 0.6], [1, 0], item=item) for item in (["1", "2"], ["a", "b"])]
    >>> count_rows(runs[0], runs[0]), count_rows(*runs)
    (True, False)
    """
    return all(_counts(run.frame["item"]) for run in (before, after))


def _counts(items: pl.Series) -> bool:
    numbers = items.cast(pl.Int64, strict=False)
    if numbers.null_count() or not numbers.cast(pl.String).equals(items, check_names=False):
        return False
    steps = numbers.diff().drop_nulls()
    return bool((steps > 0).all() and numbers[0] >= 0 and numbers[-1] <= _MOST_LEFT_OUT * len(numbers))


def texts_agree(before: ScoredRun, aligned: ScoredRun) -> bool:
    """Whether both runs hold the text of each item, which is the same.

    Parameters
    ----------
    before, aligned : Predictions, Pairs or Verdicts
        Two runs on the same items, in one order.
    """
    if isinstance(before, Predictions):
        contents = [run.rows["content"] for run in (before, aligned)]
        if all((content != "").all() for content in contents) and contents[0].equals(contents[1], check_names=False):
            return True
    return any(
        left.null_count() == 0 and left.equals(right, check_names=False)
        for left, right in _shared(before, aligned, _TEXTS)
    )


def refuse_other_rows(before: ScoredRun, aligned: ScoredRun) -> None:
    """Raise for a row that says of its item something else in each run.

    Subjects may be called otherwise.

    Raises
    ------
    ValueError
        Naming item and column.
    """
    own, other = before.rows["subject"], aligned.rows["subject"]
    for left, right in ((own, _renamed(other, own)), *_shared(before, aligned, _OF_ITEMS)):
        differ = (left != right).fill_null(value=False).to_numpy()
        if differ.any():
            row = int(np.argmax(differ))
            raise ValueError(
                f"two runs must hold the same items; their ids count the rows, and item {before.item[row]} has another "
                f"{left.name} in each ({left[row]!r:.60} and {right[row]!r:.60}): give both a column of ids"
            )


def _renamed(subjects: pl.Series, names: pl.Series) -> pl.Series:
    """Subjects under the names of another run, if it calls the same groups otherwise."""
    if set(subjects) == set(names):
        return subjects
    if "" in {*subjects, *names}:  # nothing is known of one of them
        return names
    first = pl.DataFrame({"subject": subjects, "name": names}).unique("subject", keep="first", maintain_order=True)
    return subjects.replace(first["subject"], first["name"]) if first["name"].is_unique().all() else subjects


def _shared(before: ScoredRun, aligned: ScoredRun, wanted: tuple[str, ...]) -> list[tuple[pl.Series, pl.Series]]:
    """Columns of both runs that are called alike, as texts."""
    keys = {_key(name) for name in wanted}
    by_key = [{_key(name): name for name in run.rows.columns if _key(name) in keys} for run in (before, aligned)]
    return [
        (before.rows[name].cast(pl.String, strict=False), aligned.rows[by_key[1][key]].cast(pl.String, strict=False))
        for key, name in by_key[0].items()
        if key in by_key[1] and key != "subject"
    ]


def _key(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalnum())
