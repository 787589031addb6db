"""Reliability diagrams, through the artists that they are made of."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.container import ErrorbarContainer
from matplotlib.patches import Rectangle

import calibration
import plots
from calibration import Predictions
from plots.theme import MARKERS
from tests.calibration.uncertainty.drawn_pairs import pairs_of

from .artists import assert_nothing_collides, x_of, y_of
from .drawn_diagrams import bars, legend_of


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


def test_a_band_is_of_the_predicted_letters(pair: tuple[Predictions, Predictions]) -> None:
    assert plots.reliability(pair[0], band=True).get_xlabel() == "Confidence in the predicted answer"
    with pytest.raises(ValueError, match="draw it with view='top'"):
        plots.reliability(pair[0], view="choices", band=True)
    with pytest.raises(ValueError, match="draw it with view='top'"):
        plots.before_after(*pair, view="choices", band=True)
    with pytest.raises(ValueError, match="a band is that of a run"):
        plots.reliability(calibration.reliability_curve([0.2, 0.7], [0, 1]), band=True)


def test_settings_outside_stay_as_they_are(pair: tuple[Predictions, Predictions]) -> None:
    settings = dict(mpl.rcParams)
    plots.before_after(*pair)
    plots.reliability(pair[0])
    assert dict(mpl.rcParams) == settings


def test_refusals(pair: tuple[Predictions, Predictions]) -> None:
    with pytest.raises(ValueError, match="kind must be one of 'bars', 'points', 'lines', got 'pie'"):
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


def test_the_predicted_letters_are_drawn_and_their_numbers_are_above(pair: tuple[Predictions, Predictions]) -> None:
    run = pair[1]
    floor = calibration.null_ece(run)
    ax = plots.reliability(run)
    numbers = (f"top ECE {floor.observed:.3f}", f"noise floor {floor.quantile95:.3f}", f"accuracy {run.accuracy:.3f}")
    assert ax.texts[0].get_text().replace("\n", " ") == ", ".join(numbers)
    assert ax.get_xlabel().replace("\n", " ") == "Confidence in the predicted answer"
    assert "choices ECE" in plots.reliability(run, view="choices").texts[0].get_text()


def test_several_runs_have_their_own_markers_dashes_and_names() -> None:
    runs = {f"stage {k}": pairs_of(100, k, clustered=False, weighted=False) for k in range(5)}
    ax = plots.reliability(runs)
    lines = [line for line in ax.lines if line.get_marker() in MARKERS]
    for line, run in zip(lines, runs.values(), strict=True):
        curve = calibration.reliability_curve(run)
        np.testing.assert_allclose(y_of(line), curve.accuracy[curve.count > 0])
    assert len({(line.get_marker(), str(line.get_linestyle())) for line in lines}) == 5
    legend = [text.replace("\n", " ") for text in legend_of(ax)]
    eces = [calibration.reliability_curve(run).ece for run in runs.values()]
    assert [text.split(",")[0] for text in legend] == [
        f"{name}: ECE {ece:.3f}" for name, ece in zip(runs, eces, strict=True)
    ]
    assert_nothing_collides(ax.figure)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="there must be 1 to 5 models, got 6"):
        plots.reliability(list(runs.values()) + list(runs.values())[:1])
    with pytest.raises(ValueError, match="a band is drawn for one run, got 5"):
        plots.reliability(runs, band=True)


def test_a_diagram_on_the_axes_of_another_joins_its_legend() -> None:
    first, second = (pairs_of(100, k, clustered=False, weighted=False) for k in (1, 2))
    ax = plots.reliability(first, label="base", kind="lines")
    assert plots.reliability(second, label="RL", ax=ax, colors="black") is ax
    assert [text.split(":")[0] for text in legend_of(ax)] == ["base", "RL"]
    assert ax.texts[:] == []
    assert len(ax.child_axes) == 1
    assert sum(line.get_gid() == "diagonal" for line in ax.lines) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"colors": ["red", "blue"]}, "one colour for each of the 1 series drawn, got 2"),
        ({"colors": "reddish"}, "colors must be names or codes of colours that matplotlib knows, got 'reddish'"),
        ({"label": ["a", "b"]}, "one label a model: 1 models, got 2 labels"),
        ({"figsize": (3,)}, r"figsize must be width and height in inches, both above 0, got \(3,\)"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plots.reliability(([0.6, 0.9], [0, 1]), **options)


@pytest.mark.parametrize("data", ["runs/base", 3, [[0.5]], [None]])
def test_what_is_no_run_is_refused(data: Any) -> None:
    with pytest.raises(TypeError, match="this plot draws runs, reliability curves, or pairs of arrays"):
        plots.reliability(data)
