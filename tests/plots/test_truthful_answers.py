"""Truthful and informative answers, through their bars."""

from __future__ import annotations

import numpy as np
import pytest

import plots
from factuality import rates

from .test_answers import arms, bars, judged, ticks

STAGES = (("GPT", 0.1), ("SFT", 0.2), ("PPO", 0.3))


def test_bars_are_answers_without_a_falsehood_and_correct_ones_within() -> None:
    three = {name: judged([share, 0.3, 0.4, 0.3 - share, 0], seed=k) for k, (name, share) in enumerate(STAGES)}
    ax = plots.truthful_bars(three)
    assert ticks(ax.get_xticklabels()) == ["GPT", "SFT", "PPO"]
    rows = [rates(one).overall() for one in three.values()]
    truthful, correct = ([bar.get_height() for bar in drawn] for drawn in bars(ax))
    assert truthful == pytest.approx([row["correct"] + row["abstained"] for row in rows])
    assert correct == pytest.approx([row["correct"] for row in rows])
    lower, upper = ([1 - row[f"incorrect_{end}"] for row in rows] for end in ("high", "low"))
    np.testing.assert_allclose(arms(ax)[0], np.column_stack([lower, upper]), atol=1e-12)


def test_what_is_no_judgment_is_refused() -> None:
    with pytest.raises(TypeError, match=r"this plot draws judgments, .*, got str"):
        plots.truthful_bars("runs/answers")  # type: ignore[arg-type]
