"""Pairing of two runs, on the same items or on common ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import polars as pl

from .predictions import Predictions
from .row_numbers import count_rows, have_row_numbers, refuse_other_rows, texts_agree
from .scored_runs import AnyRun, ScoredRun, refuse_two_kinds, take_rows

ItemChoice = Literal["same", "common"]
"""Whether two runs must hold the same items, or their common items are compared."""

Ids = Sequence[str] | pl.Series

# End of a refusal of runs on different items.
COMMON = "; `veracal compare --items common` (in Python items='common') compares common items"


def aligned(before: AnyRun, after: AnyRun, items: ItemChoice) -> tuple[AnyRun, AnyRun]:
    """Two runs on the items to compare, in the order of the first.

    Raises
    ------
    ValueError
        For another choice than "same" and "common", for no common item, for tables of different lengths whose ids are
        numbers of rows and whose texts do not agree, and as `paired`.
    """
    refuse_two_kinds(before, after)
    refuse_item_choice(items)
    if items == "same":
        return before, paired(before, after)
    rows = common_rows(before.rows["item"], after.rows["item"])
    first, second = (take_rows(run, kept) for run, kept in zip((before, after), rows, strict=True))
    second = paired(first, second)
    if before.n_items != after.n_items and have_row_numbers(before, after) and not texts_agree(first, second):
        raise ValueError(
            f"the ids of both runs are the numbers of their rows, {before.n_items} and {after.n_items}: nothing tells "
            "which rows are of one item; give both a column of ids"
        )
    return first, second


def refuse_item_choice(items: str) -> None:
    """Refuse another choice of items than "same" and "common".

    Raises
    ------
    ValueError
        Naming it.
    """
    if items not in get_args(ItemChoice):
        raise ValueError(f"items must be 'same' or 'common', got {items!r}")


def paired(before: AnyRun, after: AnyRun) -> AnyRun:
    """The second run with its items in the order of the first.

    Raises
    ------
    ValueError
        For items that only one run has, or whose text, answer or number of options differs, naming them; where ids are
        numbers of rows, for one that has another question, group or right answer in each; for runs of two kinds.
    """
    refuse_two_kinds(before, after)
    ids = before.rows["item"], after.rows["item"]
    aligned = take_rows(after, paired_rows(*ids, what="items", hint=COMMON))
    _refuse_other_options(before, aligned)
    _refuse_other_texts(before, aligned)
    if count_rows(before, after):
        refuse_other_rows(before, aligned)
    return aligned


def are_paired_by_rows(before: ScoredRun, after: ScoredRun) -> bool:
    """Whether nothing but numbers that count the rows pairs items."""
    return count_rows(before, after) and not texts_agree(before, after)


def _refuse_other_options(before: ScoredRun, aligned: ScoredRun) -> None:
    """Raise if an item has another number of options in each run."""
    if not isinstance(before, Predictions) or not isinstance(aligned, Predictions):
        return
    numbers = before.n_options, aligned.n_options
    differ = numbers[0] != numbers[1]
    if differ.any():
        row = int(np.argmax(differ))
        raise ValueError(
            f"two runs must hold the same items; item {before.item[row]} has {numbers[0][row]} options in one and "
            f"{numbers[1][row]} in the other ({np.count_nonzero(differ)} such items)"
        )


def _refuse_other_texts(before: ScoredRun, aligned: ScoredRun) -> None:
    """Raise if an item has another text or right answer in each run."""
    if not isinstance(before, Predictions):
        return
    # The right option, independent of its letter.
    right_option = pl.col("order").list.get(pl.col("answer")).cast(str)
    for column, what in ((pl.col("content"), "text"), (right_option, "right answer")):
        left, right = (run.frame.select(column).to_series() for run in (before, aligned))
        differ = ((left != right) & (left != "") & (right != "")).to_numpy()
        if differ.any():
            item = before.item[int(np.argmax(differ))]
            raise ValueError(f"two runs must hold the same items; item {item} has another {what} in each")


def paired_rows(before: Ids, after: Ids, *, what: str, hint: str = "") -> list[int]:
    """Row in the second run of each id of the first.

    `hint` ends the message of a refusal.

    Raises
    ------
    ValueError
        For ids that only one run has, naming them.
    """
    rows = _rows_of(before, after)
    known = set(after)
    if rows.null_count() or rows.n_unique() < len(known):
        only_before = [item for item in before if item not in known]
        only_after = sorted(known - set(before))
        raise ValueError(
            f"two runs must hold the same {what}; "
            + "; ".join(
                f"only in {name}: {', '.join(ids[:3])}{' …' if len(ids) > 3 else ''} ({len(ids)} in all)"
                for name, ids in (("before", only_before), ("after", only_after))
                if ids
            )
            + hint
        )
    return rows.to_list()


def common_rows(before: Ids, after: Ids, *, what: str = "items") -> tuple[list[int], list[int]]:
    """Rows of the ids that both hold, in the order of the first.

    Raises
    ------
    ValueError
        For runs that have no id in common.

    Examples
    --------
    >>> common_rows(["a", "b", "c"], ["c", "a", "d"])
    ([0, 2], [1, 0])
    """
    rows = _rows_of(before, after)
    common = rows.is_not_null()
    left = common.arg_true().to_list()
    if not left:
        raise ValueError(f"two runs must have {what} in common, got {len(before)} and {len(after)} of which none is")
    return left, rows.filter(common).to_list()


def _rows_of(before: Ids, after: Ids) -> pl.Series:
    """Row in the second run of each id of the first, null without one."""
    first, second = (
        ids if isinstance(ids, pl.Series) else pl.Series(list(ids), dtype=pl.String) for ids in (before, after)
    )
    asked, rows = pl.DataFrame({"id": first}), pl.DataFrame({"id": second}).with_row_index("row")
    last = rows.unique("id", keep="last", maintain_order=True)
    return asked.join(last, on="id", how="left", maintain_order="left")["row"].cast(pl.Int64)
