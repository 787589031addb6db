"""The figure of several runs' measures, through its artists."""

from __future__ import annotations

import numpy as np
import pytest

import calibration
import plots
from calibration import Pairs, RunsComparison
from plots.theme import BLUE

from .artists import assert_nothing_collides, dots, ends, x_of, y_of
from .test_answers import judged, ticks


@pytest.fixture(scope="module")
def comparison() -> RunsComparison:
    """Three models: right in 85, 84 and 20 of 100 items."""
    runs = {
        name: Pairs.from_arrays(np.linspace(0.5, 1, 100), np.arange(100) % 100 < right)
        for name, right in (("base", 85), ("sft", 84), ("rl", 20))
    }
    return calibration.compare_runs(runs, all_pairs=True)


def test_rows_are_the_runs_and_panels_the_measures(comparison: RunsComparison) -> None:
    figure = plots.runs(comparison)
    assert [ax.get_xlabel().replace("\n", " ") for ax in figure.axes] == [
        "Accuracy", "Signed gap (confidence − accuracy)", "ECE of the predicted answers",
    ]  # fmt: skip
    assert ticks(figure.axes[0].get_yticklabels()) == ["base", "sft", "rl"]
    for ax, key in zip(figure.axes, ("accuracy", "signed_gap", "ece_top"), strict=True):
        points = [*dots(ax, "D"), *dots(ax)]
        assert [y_of(point)[0] for point in points] == [0, 1, 2]
        for point, summary in zip(points, comparison.summaries.values(), strict=True):
            value = summary.estimate(key)
            assert x_of(point)[0] == pytest.approx(value.value)
            assert (round(value.low, 9), round(value.high, 9)) in ends(ax)


def test_runs_that_differ_from_the_reference_are_filled_and_letters_tell_the_pairs(comparison: RunsComparison) -> None:
    accuracy = plots.runs(comparison, measures="accuracy").axes[0]
    assert [point.get_markerfacecolor() for point in dots(accuracy)] == ["white", BLUE]
    assert [text.get_text() for text in accuracy.texts] == ["a", "a", "b"]
    ece = plots.runs(comparison, measures=["ece"]).axes[0]
    floors = [summary.point("ece_top_null95") for summary in comparison.summaries.values()]
    assert {(0.0, round(floor, 9)) for floor in floors} <= ends(ece)


def test_runs_are_compared_first_and_judgments_too() -> None:
    two = {name: judged([share, 0.1, 0.8 - share, 0.1, 0], n=4, seed=0) for name, share in (("a", 0.2), ("b", 0.7))}
    figure = plots.runs(two, labels=["base", "rl"])
    assert [ax.get_xlabel().replace("\n", " ") for ax in figure.axes][:2] == ["Correct", "Incorrect"]
    assert ticks(figure.axes[0].get_yticklabels()) == ["base", "rl"]


@pytest.mark.parametrize("width", [3.25, 6.9])
def test_nothing_collides(comparison: RunsComparison, width: float) -> None:
    labels = ["a very long name of a model, checkpoint 1000", "b" * 50, "c"]
    with plots.style(width):
        assert_nothing_collides(plots.runs(comparison, labels=labels))


def test_refusals(comparison: RunsComparison) -> None:
    run = Pairs.from_arrays([0.9, 0.6], [1, 0])
    with pytest.raises(ValueError, match="a comparison needs at least two runs, got 1"):
        plots.runs([run])
    with pytest.raises(TypeError, match="this plot draws a comparison of runs, runs of one kind, or judgments"):
        plots.runs("runs/base")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no compared measure 'f1'"):
        plots.runs(comparison, measures=["f1"])
    with pytest.raises(ValueError, match="one label a model: 3 models, got 1 labels"):
        plots.runs(comparison, labels=["a"])
