"""The diagram of corrected calibration, through its artists."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer

import plots
from factuality import CorrectedCalibration, calibration_from_labels

from .artists import assert_nothing_collides, dots, x_of, y_of


def corrected(*, labelled: float = 1.0) -> CorrectedCalibration:
    """Two hundred answers whose grader passes some that people fail; labels are of confidences up to a limit."""
    rng = np.random.default_rng(4)
    confidence = np.round(rng.uniform(0.3, 1.0, 200), 3)
    judged = (rng.random(200) < confidence).astype(int)
    label = np.where(rng.random(200) < 0.9, judged, 0).astype(float)
    label[(np.arange(200) % 2 == 1) | (confidence > labelled)] = np.nan
    return calibration_from_labels(confidence, judged, label)


def test_circles_are_the_graders_and_squares_are_peoples() -> None:
    calibration = corrected()
    ax = plots.corrected_reliability(calibration)
    (circles,), (squares,) = dots(ax, "o"), dots(ax, "s")
    curve = calibration.curve
    np.testing.assert_allclose(x_of(circles), curve["confidence"])
    np.testing.assert_allclose(y_of(circles), curve["judged_accuracy"])
    np.testing.assert_allclose(y_of(squares), curve["accuracy"])
    errors = next(held for held in ax.containers if isinstance(held, ErrorbarContainer))
    segments = np.array(errors.lines[2][0].get_segments())  # (bins, two ends, x and y)
    np.testing.assert_allclose(segments[:, :, 1], curve.select("low", "high").to_numpy(), atol=1e-12)
    (histogram,) = ax.child_axes
    assert isinstance(histogram, Axes)
    shares = [bar.get_height() for bar in histogram.patches]  # type: ignore[attr-defined]
    # In front of the first bin is one without answers.
    assert [share for share in shares if share] == pytest.approx((curve["count"] / curve["count"].sum()).to_list())
    assert_nothing_collides(ax.figure)  # type: ignore[arg-type]


def test_a_bin_without_a_label_has_no_square() -> None:
    calibration = corrected(labelled=0.6)
    ax = plots.corrected_reliability(calibration)
    (circles,), (squares,) = dots(ax, "o"), dots(ax, "s")
    assert len(x_of(circles)) == calibration.curve.height
    assert len(x_of(squares)) == calibration.curve["accuracy"].drop_nulls().len() < calibration.curve.height
