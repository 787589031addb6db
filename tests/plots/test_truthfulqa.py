"""Figure of TruthfulQA, through its artists."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import polars as pl
import pytest

import plots
from factuality import MultipleChoice

from .artists import assert_nothing_collides
from .test_answers import arms, bars, ticks, whole


def chosen(
    score: Sequence[float], *, model: str = "tiny", primer: str = "none", variant: str = "mc1"
) -> MultipleChoice:
    columns = {
        "model": model, "text": "?", "category": "all", "adversarial": True, "primer": primer, "variant": variant,
    }  # fmt: skip
    frame = pl.DataFrame({"question": [str(k) for k in range(len(score))], "score": list(score)})
    return MultipleChoice(frame.with_columns(**{name: pl.lit(value) for name, value in columns.items()}))


def test_truthfulqa_groups_models_and_draws_a_bar_a_primer() -> None:
    results = [
        chosen([1, 0, 0, 0], model="base", primer="5-shot"),
        chosen([1, 1, 0, 0], model="base"),
        chosen([1, 1, 1, 0], model="rl"),
    ]
    _, ax = plt.subplots()
    assert plots.truthfulqa_bars(results, ax=ax) is ax
    assert ticks(ax.get_xticklabels()) == ["base", "rl"]
    zero, five = bars(ax)
    assert [bar.get_height() for bar in zero] == [0.5, 0.75]
    assert [bar.get_height() for bar in five] == [0.25]
    assert zero[0].get_x() < five[0].get_x() < zero[1].get_x()
    estimate = results[1].estimate()
    np.testing.assert_allclose(arms(ax)[0][0], [estimate.low, estimate.high])
    legend = ax.get_legend()
    assert legend is not None
    assert ticks(legend.get_texts()) == ["0-shot (no primer)", "5-shot"]


def test_truthfulqa_names_the_variant() -> None:
    ax = plots.truthfulqa_bars([chosen([0.3, 0.6], variant="mc2")], labels=["base"])
    assert ax.get_ylabel() == "Probability of the true answers (mc2)"
    assert bars(ax)[0][0].get_height() == pytest.approx(0.45)


@pytest.mark.parametrize("names", [("base", "sft", "rl"), ("a model of a very long name indeed", "b" * 60, "c" * 20)])
def test_truthfulqa_text_does_not_collide_or_leave_the_page(names: Sequence[str]) -> None:
    results = [chosen([1, 0, 1], model=name, primer=primer) for name in names for primer in ("none", "qa-6", "5-shot")]
    assert_nothing_collides(whole(plots.truthfulqa_bars(results)))


def test_binary_and_many_models() -> None:
    ax = plots.truthfulqa_bars([chosen([1, 0], model=f"m{k}", variant="binary") for k in range(20)])
    assert ticks(ax.get_yticklabels()) == [f"m{k}" for k in range(20)]
    assert ax.get_xlabel() == "Accuracy, two answers (binary)"
    assert {bar.get_width() for bar in bars(ax)[0]} == {0.5}
    assert_nothing_collides(whole(ax))


def test_refusals() -> None:
    result = chosen([1, 0])
    with pytest.raises(ValueError, match=r"this plot draws .*, got none"):
        plots.truthfulqa_bars([])
    with pytest.raises(ValueError, match="one label a result: 1 results, got 2 labels"):
        plots.truthfulqa_bars([result], labels=["a", "b"])
    with pytest.raises(ValueError, match="all results must be of one variant, got mc1, mc2"):
        plots.truthfulqa_bars([result, chosen([1, 0], variant="mc2")])
    with pytest.raises(ValueError, match="tiny with none occurs 2 times"):
        plots.truthfulqa_bars([result, result])


def test_settings_outside_stay_as_they_are() -> None:
    settings = dict(mpl.rcParams)
    plots.truthfulqa_bars([chosen([1, 0])])
    assert dict(mpl.rcParams) == settings
