"""Figures, through the artists that they are made of."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.axes._base import _AxesBase
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.patches import Rectangle

import calibration
import plots
from calibration import Predictions
from calibration.metrics.isotonic import isotonic_curve
from plots.diagrams import isotonic_reliability
from tests.calibration.uncertainty.drawn_pairs import pairs_of

from .artists import assert_nothing_collides, dots, x_of, y_of


@pytest.fixture
def pair(recorded: Path) -> tuple[Predictions, Predictions]:
    before, after = (calibration.import_log(recorded / f"smollm2-{style}.csv") for style in ("completion", "chat"))
    return before, after


def bars(ax: _AxesBase) -> BarContainer:
    return next(found for found in ax.containers if isinstance(found, BarContainer))


def test_bars_have_the_accuracy_of_the_bins_and_empty_bins_have_none(pair: tuple[Predictions, Predictions]) -> None:
    curve = calibration.reliability_curve(pair[1].confidence, pair[1].correct)
    assert (curve.count == 0).any()
    _, ax = plt.subplots()
    assert plots.reliability(curve, ax=ax) is ax
    filled = curve.count > 0
    assert [bar.get_x() for bar in bars(ax)] == pytest.approx(curve.lower[filled])
    assert [bar.get_height() for bar in bars(ax)] == pytest.approx(curve.accuracy[filled])
    errors = next(found for found in ax.containers if isinstance(found, ErrorbarContainer))
    segments = np.array(errors.lines[2][0].get_segments())  # (bins, two ends, x and y)
    np.testing.assert_allclose(segments[:, 0, 0], curve.confidence[filled])
    np.testing.assert_allclose(segments[:, :, 1], np.column_stack([curve.low, curve.high])[filled])
    shares = bars(ax.child_axes[0])
    assert sum(bar.get_height() for bar in shares) == pytest.approx(1)


def test_points_stand_at_the_mean_confidence(pair: tuple[Predictions, Predictions]) -> None:
    ax = plots.reliability(pair[0], view="top", kind="points", strategy="quantile")
    curve = calibration.reliability_curve(pair[0].confidence, pair[0].correct, strategy="quantile")
    dots = next(line for line in ax.lines if line.get_marker() == "o")
    np.testing.assert_allclose(
        np.asarray(dots.get_xydata(), dtype=float), np.column_stack([curve.confidence, curve.accuracy])
    )
    assert ax.get_xlabel() == "Confidence in the predicted answer"


def test_a_band_is_drawn_with_its_curve_and_a_legend() -> None:
    run = pairs_of(300, 3, clustered=False, weighted=False)
    band = calibration.calibration_band(run)
    ax = plots.reliability(run, band=True)
    heights = np.asarray(ax.collections[-1].get_paths()[0].vertices)[:, 1]
    assert set(heights.round(12)) >= set(band.low.round(12)) | set(band.high.round(12))
    drawn = [y_of(line).tolist() for line in ax.lines if len(x_of(line)) == len(band.confidence)]
    assert drawn == [band.low.tolist(), band.high.tolist(), band.accuracy.tolist()]
    assert legend_of(ax) == ["95 % band of the curve"]
    assert_nothing_collides(ax.figure)  # type: ignore[arg-type]
    given = plots.reliability(calibration.reliability_curve(run), band=band)
    assert legend_of(given) == legend_of(ax)
    assert plots.reliability(run).get_legend() is None


def legend_of(ax: Axes) -> list[str]:
    legend = ax.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def test_bands_before_and_after() -> None:
    before, after = (pairs_of(200, seed, clustered=False, weighted=False) for seed in (1, 2))
    figure = plots.before_after(before, after, band=True)
    assert [legend_of(ax) for ax in figure.axes] == [["95 % band of the curve"]] * 2
    assert_nothing_collides(figure)
    bands = calibration.calibration_band(before), calibration.calibration_band(after)
    assert len(plots.before_after(before, after, band=bands).axes[0].lines) == len(figure.axes[0].lines)


def test_a_band_is_of_the_predicted_letters(pair: tuple[Predictions, Predictions]) -> None:
    assert plots.reliability(pair[0], band=True).get_xlabel() == "Confidence in the predicted answer"
    with pytest.raises(ValueError, match="draw it with view='top'"):
        plots.reliability(pair[0], view="choices", band=True)
    with pytest.raises(ValueError, match="draw it with view='top'"):
        plots.before_after(*pair, view="choices", band=True)
    with pytest.raises(ValueError, match="a band is that of a run"):
        plots.reliability(calibration.reliability_curve([0.2, 0.7], [0, 1]), band=True)


def test_isotonic_diagram_has_curve_band_parts_and_shares(pair: tuple[Predictions, Predictions]) -> None:
    curve = isotonic_curve(pair[1].confidence, pair[1].correct, draws=50)
    _, ax = plt.subplots()
    assert isotonic_reliability(curve, ax=ax) is ax
    line = next(line for line in ax.lines if len(x_of(line)) == len(curve.confidence))
    np.testing.assert_array_equal(x_of(line), curve.confidence)
    np.testing.assert_array_equal(y_of(line), curve.accuracy)
    (band,) = ax.collections
    heights = np.asarray(band.get_paths()[0].vertices)[:, 1]
    assert set(heights.round(12)) >= set(curve.low.round(12)) | set(curve.high.round(12))
    assert not dots(ax)
    assert ax.texts[0].get_text().splitlines() == [
        f"miscalibration {curve.miscalibration:.3f}",
        f"discrimination {curve.discrimination:.3f}",
        f"uncertainty {curve.uncertainty:.3f}",
    ]
    shares = [bar.get_height() for bar in bars(ax.child_axes[0])]
    counts = calibration.reliability_curve(pair[1].confidence, pair[1].correct).count
    assert shares == pytest.approx(counts / counts.sum())
    alone = isotonic_reliability(curve)
    assert_nothing_collides(alone.figure)  # type: ignore[arg-type]


def test_isotonic_diagram_of_few_confidences_has_points() -> None:
    curve = isotonic_curve([0.7] * 20, [1, 0] * 10, draws=50)
    ax = isotonic_reliability(curve)
    assert [(x_of(line).tolist(), y_of(line).tolist()) for line in dots(ax)] == [([0.7], [0.5])]


@pytest.mark.parametrize("view", ["choices", "top"])
def test_each_panel_prints_the_ece_and_noise_floor_of_its_run(pair: tuple[Predictions, Predictions], view: str) -> None:
    figure = plots.before_after(*pair, view=view, labels=("raw", "chat"))  # type: ignore[arg-type]
    assert [ax.get_title() for ax in figure.axes] == ["raw", "chat"]
    for ax, run in zip(figure.axes, pair, strict=True):
        floor = calibration.null_ece(run.probabilities, run.answer, view=view)  # type: ignore[arg-type]
        text = ax.texts[0].get_text()
        assert f"ECE {floor.observed:.3f}" in text
        assert f"noise floor {floor.quantile95:.3f}" in text
        assert f"accuracy {run.accuracy:.3f}" in text


def test_nothing_is_cut_off(pair: tuple[Predictions, Predictions]) -> None:
    figure = plots.before_after(*pair, labels=("a very long name of a model " * 3, "b"))
    figure.canvas.draw()
    page = figure.bbox
    for ax in figure.axes:
        box = ax.get_tightbbox()
        assert box is not None
        assert box.x0 >= page.x0 - 1
        assert box.x1 <= page.x1 + 1
        assert box.y0 >= page.y0 - 1
        assert box.y1 <= page.y1 + 1


def test_settings_outside_stay_as_they_are(pair: tuple[Predictions, Predictions]) -> None:
    settings = dict(mpl.rcParams)
    plots.before_after(*pair)
    plots.reliability(pair[0])
    assert dict(mpl.rcParams) == settings


def test_refusals(pair: tuple[Predictions, Predictions]) -> None:
    with pytest.raises(ValueError, match="kind must be 'bars' or 'points', got 'pie'"):
        plots.reliability(pair[0], kind="pie")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="the view must be 'top' or 'choices', got 'all'"):
        plots.before_after(*pair, view="all")  # type: ignore[arg-type]


def test_pairs_are_drawn_as_what_they_are() -> None:
    pairs = pairs_of(200, 0, clustered=True, weighted=True, sharpness=2.0)
    ax = plots.reliability(pairs)
    assert ax.get_xlabel() == "Confidence"
    heights = [bar.get_height() for bar in ax.patches if isinstance(bar, Rectangle)]
    curve = calibration.reliability_curve(pairs)
    assert heights == pytest.approx(curve.accuracy[curve.count > 0].tolist())
    shares = [bar.get_height() for bar in ax.child_axes[0].patches if isinstance(bar, Rectangle)]
    assert curve.share is not None
    assert shares == pytest.approx(curve.share.tolist())
    assert len(plots.before_after(pairs, (pairs.confidence, pairs.correct)).axes) == 2
    with pytest.raises(ValueError, match="a reliability diagram of the view 'choices' needs more; pairs hold one"):
        plots.reliability(pairs, view="choices")
