"""Isotonic reliability diagrams, through their artists."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

import calibration
import plots
from calibration import Predictions
from calibration.metrics.isotonic import isotonic_curve

from .artists import assert_nothing_collides, dots, x_of, y_of
from .drawn_diagrams import bars


def test_isotonic_diagram_has_curve_band_parts_and_shares(pair: tuple[Predictions, Predictions]) -> None:
    curve = isotonic_curve(pair[1].confidence, pair[1].correct, draws=50)
    _, ax = plt.subplots()
    assert plots.isotonic_reliability(curve, ax=ax) is ax
    line = next(line for line in ax.lines if len(x_of(line)) == len(curve.confidence))
    np.testing.assert_array_equal(x_of(line), curve.confidence)
    np.testing.assert_array_equal(y_of(line), curve.accuracy)
    (band,) = ax.collections
    heights = np.asarray(band.get_paths()[0].vertices)[:, 1]
    assert set(heights.round(12)) >= set(curve.low.round(12)) | set(curve.high.round(12))
    assert not dots(ax)
    parts = [f"{name} {getattr(curve, name):.3f}" for name in ("miscalibration", "discrimination", "uncertainty")]
    assert ax.texts[0].get_text().replace("\n", " ") == ", ".join(parts)
    shares = [bar.get_height() for bar in bars(ax.child_axes[0])]
    counts = calibration.reliability_curve(pair[1].confidence, pair[1].correct).count
    assert shares == pytest.approx(counts / counts.sum())
    alone = plots.isotonic_reliability(curve)
    assert_nothing_collides(alone.figure)  # type: ignore[arg-type]


def test_isotonic_diagram_of_few_confidences_has_points() -> None:
    curve = isotonic_curve([0.7] * 20, [1, 0] * 10, draws=50)
    ax = plots.isotonic_reliability(curve)
    assert [(x_of(line).tolist(), y_of(line).tolist()) for line in dots(ax)] == [([0.7], [0.5])]


def test_a_run_is_drawn_like_its_curve(pair: tuple[Predictions, Predictions]) -> None:
    run = pair[1]
    drawn, made = (plots.isotonic_reliability(data) for data in (run, isotonic_curve(run.confidence, run.correct)))
    np.testing.assert_array_equal(y_of(drawn.lines[1]), y_of(made.lines[1]))
    assert drawn.get_xlabel().startswith("Confidence in the")
    with pytest.raises(TypeError, match="this plot draws runs, isotonic curves, or pairs of arrays"):
        plots.isotonic_reliability(3)  # type: ignore[arg-type]
