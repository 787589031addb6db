"""Texts of table cells: values with intervals, p-values."""

from __future__ import annotations

import math


def with_interval(value: float | None, low: float | None, high: float | None, *, form: str = ".3f") -> str:
    """``value [low, high]``; the value alone without an interval, empty for None.

    Examples
    --------
    >>> with_interval(0.5, 0.25, 0.75, form="+.2f")
    '+0.50 [+0.25, +0.75]'
    """
    if value is None:
        return ""
    return f"{value:{form}}" + ("" if low is None else f" [{low:{form}}, {high:{form}}]")


def p_value(value: float | None) -> str:
    """A p- or q-value with three digits; empty if it is None or NaN.

    Examples
    --------
    >>> p_value(0.0004)
    '< 0.001'
    """
    if value is None or math.isnan(value):
        return ""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
