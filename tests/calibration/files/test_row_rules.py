"""Rules of rows: the first that is broken, by its first row."""

from __future__ import annotations

import polars as pl
import pytest

from calibration.files.row_rules import refuse_broken

TABLE = pl.DataFrame({"item": ["a", "b", "b"], "share": [0.5, None, 1.5]})
RULES = {
    "a share must be in [0, 1]": ~pl.col("share").is_between(0, 1),
    "each item must occur once": pl.col("item").is_duplicated(),
}


def test_the_first_rule_is_named_with_its_first_row() -> None:
    with pytest.raises(ValueError, match=r"a share must be in \[0, 1\]; row 2 has 1.5"):
        refuse_broken(TABLE, RULES, lambda row: f"row {row['row']} has {row['share']}")
    with pytest.raises(ValueError, match="each item must occur once; row 1 is b"):
        refuse_broken(TABLE.with_columns(share=None), RULES, lambda row: f"row {row['row']} is {row['item']}")


def test_null_breaks_no_rule() -> None:
    refuse_broken(TABLE[:2], RULES, str)
