"""What must hold of numbers: one set of bins for every precision."""

from __future__ import annotations

from .case_folders import lines


def float32_edges(text: str) -> None:
    double, single, half = (lines(text, kind)[0].split(" ", 1)[1] for kind in ("float64", "float32", "float16"))
    assert double == "ECE 0.1635 MCE 0.2343 [0, 0, 0, 0, 0, 0, 0, 419, 588, 993]"
    assert single == double
    assert half == double
