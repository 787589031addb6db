"""The verdict's words on graded answers."""

from __future__ import annotations

import polars as pl
from scipy.stats import norm

from veracal.report.conclusions.answer_sentences import changed_rates

# Before, after, and half the width of the interval of the change.
Moves = tuple[float, float, float]


def _rates(category: str, **measures: Moves) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "category": category,
                "measure": name,
                "before": a,
                "after": b,
                "change": b - a,
                "low": b - a - h,
                "high": b - a + h,
                "p_value": 2 * norm.sf(abs(b - a) / h * norm.ppf(0.975)),
            }
            for name, (a, b, h) in measures.items()
        ]
    )


def test_changed_rates() -> None:
    moved = _rates(
        "all adversarial",
        correct=(0.3, 0.45, 0.05),
        tempted=(0.62, 0.48, 0.05),
        abstained=(0.05, 0.06, 0.02),
        incorrect=(0.65, 0.49, 0.05),
    )
    assert changed_rates(moved) == [
        "On adversarial questions wrong answers fell (0.65 → 0.49, change -0.16 [-0.21, -0.11]); common "
        "misconceptions among them fell (0.62 → 0.48, change -0.14 [-0.19, -0.09]); right answers rose (0.30 → 0.45, "
        "change +0.15 [+0.10, +0.20]); abstentions stayed within 0.03 (0.05 → 0.06, change +0.01 [-0.01, +0.03])."
    ]
    unknown = moved.head(1).with_columns(low=pl.lit(None, pl.Float64), high=pl.lit(None, pl.Float64))
    assert changed_rates(unknown) == ["On adversarial questions right answers 0.30 → 0.45, too few to tell."]
    calm = _rates("all calm", correct=(0.8, 0.8, 0.05))
    assert changed_rates(pl.concat([moved, calm]))[-1].startswith(
        "On control questions no change of right answers is shown"
    )
    assert changed_rates(_rates("all calm", tempted=(0.0, 0.0, 0.1), correct=(0.8, 0.8, 0.01))) == [
        "On all questions right answers stayed within 0.03 (0.80 → 0.80, change +0.00 [-0.01, +0.01])."
    ]
    assert changed_rates(_rates("science", correct=(0.1, 0.2, 0.01))) == []
