"""Figure of confidence targets, through its artists."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import polars as pl
import pytest

import plots
from factuality import Judgments
from factuality.confidence.targets import ConfidenceTargets, confidence_target_score
from tests.factuality.sets import judgments

from .artists import assert_nothing_collides, x_of, y_of
from .test_answers import ticks, whole


def scored(seed: int, *, bias: float = 0.0) -> ConfidenceTargets:
    rng = np.random.default_rng(seed)
    confidence = rng.random(60)
    grades = np.where(rng.random(60) < confidence - bias, "correct", "incorrect").tolist()
    frame = judgments(grades).frame.with_columns(confidence=pl.Series(confidence))
    return confidence_target_score(Judgments(frame))


def test_lines_and_bands_are_the_scores_and_their_intervals() -> None:
    two = [scored(0), scored(1, bias=0.4)]
    _, ax = plt.subplots()
    assert plots.confidence_targets(two, labels=("before", "after"), ax=ax) is ax
    lines = [line for line in ax.lines if line.get_marker() != "None"]
    for one, line, band in zip(two, lines, ax.collections, strict=True):
        table = one.frame
        np.testing.assert_allclose(x_of(line), table["target"])
        np.testing.assert_allclose(y_of(line), table["score"])
        heights = np.asarray(band.get_paths()[0].vertices)[:, 1]
        assert (heights.min(), heights.max()) == pytest.approx((table["low"].min(), table["high"].max()))
    legend = ax.get_legend()
    assert legend is not None
    assert ticks(legend.get_texts()) == ["before", "after"]
    assert ax.get_ylim()[0] >= -1.05


@pytest.mark.parametrize("count", [1, 2, 8])
def test_text_does_not_collide_or_leave_the_page(count: int) -> None:
    for labels in ([f"a very long name of a model {k}" for k in range(count)], list("abcdefgh")[:count]):
        several = [scored(k, bias=0.1 * k) for k in range(count)]
        assert_nothing_collides(whole(plots.confidence_targets(several, labels=labels)))


def test_refusals_and_settings() -> None:
    settings = dict(mpl.rcParams)
    one = scored(0)
    plots.confidence_targets([one])
    assert dict(mpl.rcParams) == settings
    with pytest.raises(ValueError, match=r"this plot draws .*, got none"):
        plots.confidence_targets([])
    with pytest.raises(ValueError, match="one label a model: 1 models, got 2 labels"):
        plots.confidence_targets([one], labels=["a", "b"])
