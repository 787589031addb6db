"""Numbers as texts of tables and sentences: counts, values with intervals, p-values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def counted(number: int, noun: str) -> str:
    """A number and what it counts, one or several.

    Examples
    --------
    >>> counted(1, "answer"), counted(2000, "answer"), counted(3, "right and wrong answer")
    ('1 answer', '2,000 answers', '3 right and wrong answers')
    """
    return f"{number:,} {noun}{'s' * (number != 1)}"


def with_interval(value: float | None, low: float | None, high: float | None, *, form: str = ".3f") -> str:
    """``value [low, high]``; the value alone without an interval, empty for None.

    Examples
    --------
    >>> with_interval(0.5, 0.25, 0.75, form="+.2f")
    '+0.50 [+0.25, +0.75]'
    """
    if value is None:
        return ""
    return " ".join(text for text in (f"{value:{form}}", interval_text(low, high, form=form)) if text)


def row_with_interval(row: Mapping[str, Any], key: str, *, form: str = ".3f") -> str:
    """``value [low, high]`` from the columns `key`, ``KEY_low`` and ``KEY_high`` of a row.

    Examples
    --------
    >>> row_with_interval({"rate": 0.5, "rate_low": None, "rate_high": None}, "rate")
    '0.500'
    """
    return with_interval(row[key], row[f"{key}_low"], row[f"{key}_high"], form=form)


def interval_text(low: float | None, high: float | None, *, form: str = "+.3f") -> str:
    """``[low, high]``, empty for None and NaN.

    Examples
    --------
    >>> interval_text(-0.5, 0.25)
    '[-0.500, +0.250]'
    """
    if low is None or high is None or math.isnan(low):
        return ""
    return f"[{low:{form}}, {high:{form}}]"


def p_value(value: float | None) -> str:
    """A p- or q-value with three digits; empty for None and NaN.

    Examples
    --------
    >>> p_value(0.0004)
    '< .001'
    """
    if value is None or math.isnan(value):
        return ""
    return "< .001" if value < 0.001 else f"{value:.3f}"
