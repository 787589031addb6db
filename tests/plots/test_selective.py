"""Risk–coverage curves, through the artists that they are made of."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from calibration.metrics import risk_coverage as selective
from plots.selective import risk_coverage
from tests.calibration.uncertainty.drawn_pairs import pairs_of

from .artists import assert_nothing_collides, x_of, y_of


def curve_of(n: int, sharpness: float, seed: int) -> selective.RiskCoverage:
    rng = np.random.default_rng(seed)
    confidence = rng.random(n) ** (1 / sharpness)
    return selective.risk_coverage(confidence, rng.random(n) < confidence)


def test_lines_are_the_curves_and_the_legend_has_the_areas() -> None:
    curves = [curve_of(300, 1, 0), curve_of(300, 3, 1)]
    _, ax = plt.subplots()
    assert risk_coverage(curves, labels=["raw", "chat"], ax=ax) is ax
    lines = [line for line in ax.lines if len(x_of(line)) > 1]
    for line, curve in zip(lines, curves, strict=True):
        np.testing.assert_array_equal(x_of(line), curve.coverage)
        np.testing.assert_array_equal(y_of(line), curve.risk)
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        f"{name}: AURC {curve.aurc:.3f}, AUGRC {curve.augrc:.3f}"
        for name, curve in zip(("raw", "chat"), curves, strict=True)
    ]
    single = risk_coverage(curves[0]).get_legend()
    assert single is not None
    assert single.get_texts()[0].get_text() == f"AURC {curves[0].aurc:.3f}, AUGRC {curves[0].augrc:.3f}"


def test_a_wrong_first_answer_leaves_the_scale_alone() -> None:
    curve = selective.risk_coverage(np.linspace(1, 0, 1000), np.arange(1000) % 10 != 0)
    assert curve.risk[0] == 1
    ax = risk_coverage([curve])
    assert curve.risk[-1] < ax.get_ylim()[1] < 0.2
    perfect = risk_coverage([selective.risk_coverage([0.9], [1])])
    assert perfect.get_ylim() == (0, 1)


def test_nothing_collides() -> None:
    curves = [curve_of(500, 1 + k, k) for k in range(8)]
    labels = [f"a very long name of model number {k}, and more of it" for k in range(8)]
    figure = risk_coverage(curves, labels=labels).figure
    assert isinstance(figure, mpl.figure.Figure)
    assert_nothing_collides(figure)


def test_settings_outside_stay_as_they_are() -> None:
    settings = dict(mpl.rcParams)
    risk_coverage([curve_of(10, 1, 0)])
    assert dict(mpl.rcParams) == settings


def test_refusals() -> None:
    curve = curve_of(10, 1, 0)
    with pytest.raises(ValueError, match=r"this plot draws .*, got none"):
        risk_coverage([])
    with pytest.raises(ValueError, match="there must be 1 to 8 models, got 9"):
        risk_coverage([curve] * 9)
    with pytest.raises(ValueError, match="one label a model: 1 models, got 2 labels"):
        risk_coverage([curve], labels=["a", "b"])


def test_runs_are_drawn_like_their_curves() -> None:
    pairs = pairs_of(80, 0, clustered=False, weighted=False)
    drawn, made = (
        y_of(risk_coverage([data]).lines[0])
        for data in (pairs, selective.risk_coverage(pairs.confidence, pairs.correct))
    )
    np.testing.assert_array_equal(drawn, made)
    with pytest.raises(ValueError, match="has no form for weighted pairs"):
        risk_coverage([pairs_of(80, 0, clustered=False, weighted=True)])
