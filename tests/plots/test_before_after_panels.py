"""Reliability diagrams side by side, through their artists."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest

import calibration
import plots
from calibration import Predictions
from tests.calibration.uncertainty.drawn_pairs import pairs_of

from .artists import assert_nothing_collides
from .drawn_diagrams import legend_of


def test_bands_before_and_after() -> None:
    before, after = (pairs_of(200, seed, clustered=False, weighted=False) for seed in (1, 2))
    figure = plots.before_after(before, after, band=True)
    assert [legend_of(ax) for ax in figure.axes] == [["95 % band of the curve"]] * 2
    assert_nothing_collides(figure)
    bands = calibration.calibration_band(before), calibration.calibration_band(after)
    assert len(plots.before_after(before, after, band=bands).axes[0].lines) == len(figure.axes[0].lines)


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


def test_panels_are_titled_with_the_names_of_the_models() -> None:
    runs = [pairs_of(60, k, clustered=False, weighted=False) for k in range(3)]
    pairs = [calibration.Pairs.from_arrays(run.confidence, run.correct, model=name) for run, name in with_names(runs)]
    assert [ax.get_title() for ax in plots.before_after(pairs).axes] == ["base", "sft", "rl_v2"]
    assert [ax.get_title() for ax in plots.before_after(runs[0], runs[1]).axes] == ["Before", "After"]
    assert [ax.get_title() for ax in plots.before_after(runs).axes] == ["run 1", "run 2", "run 3"]
    assert [ax.get_title() for ax in plots.before_after(dict(zip("ab", runs, strict=False))).axes] == ["a", "b"]


def with_names(runs: list[calibration.Pairs]) -> list[tuple[calibration.Pairs, str]]:
    return list(zip(runs, ("base", "sft", "rl_v2"), strict=True))


def test_one_run_and_other_numbers_of_labels_are_refused() -> None:
    run = pairs_of(30, 0, clustered=False, weighted=False)
    with pytest.raises(ValueError, match="before_after draws two runs or more, got one"):
        plots.before_after(run)
    with pytest.raises(ValueError, match="one label a model: 2 models, got 1 labels"):
        plots.before_after(run, run, labels=["a"])
    with pytest.raises(ValueError, match="axes must be one a panel: 2 panels, got 1 axes"):
        plots.before_after(run, run, axes=[plt.subplots()[1]])


def test_panels_go_on_axes_of_ones_own() -> None:
    run = pairs_of(30, 0, clustered=False, weighted=False)
    figure, axes = plt.subplots(1, 2)
    assert plots.before_after(run, run, axes=axes, labels=["a", "b"]) is figure
    assert [ax.get_title() for ax in axes] == ["a", "b"]
