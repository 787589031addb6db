"""The figure of a diagnosis, through its artists."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba

import plots
from calibration import Diagnosis, Predictions, diagnose
from calibration.recalibration.diagnosis import StepName
from plots.theme import BLUE, VERMILION

from .artists import assert_nothing_collides, dots, ends, x_of, y_of


def run_of(*, sharpness: float, bias: float = 0.0, n_options: int = 4, n_subjects: int = 8) -> Predictions:
    rng = np.random.default_rng(0)
    honest = rng.normal(size=(400, n_options))
    answer = (np.exp(honest) * rng.exponential(size=honest.shape) ** -1).argmax(axis=1)
    subject = [f"s{k % n_subjects}" for k in range(400)]
    shift = np.zeros(n_options)
    shift[0] = bias
    return Predictions.from_arrays(sharpness * honest + shift, answer, subject=subject)


@pytest.fixture(scope="module")
def pair() -> tuple[Diagnosis, Diagnosis]:
    return diagnose(run_of(sharpness=1)), diagnose(run_of(sharpness=3, bias=2))


def test_letters_have_their_shares(pair: tuple[Diagnosis, Diagnosis]) -> None:
    ax = plots.diagnosis(*pair).axes[0]
    heights = [bar.get_height() for container in ax.containers for bar in container]
    assert heights == pytest.approx([share for run in pair for share in run.letters["predicted"]])
    for line, run in zip(dots(ax, "D"), pair, strict=True):
        np.testing.assert_allclose(y_of(line), run.letters["mean_probability"])
    keys = [lines.get_segments()[0][0][1] for lines in ax.collections if isinstance(lines, LineCollection)]
    assert keys == pytest.approx([run.letters["key"][0] for run in pair])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["A", "B", "C", "D"]


@pytest.mark.parametrize(("panel", "key"), [(1, "ece_choices"), (2, "ece_top")])
def test_steps_have_their_errors_intervals_and_floors(pair: tuple[Diagnosis, Diagnosis], panel: int, key: str) -> None:
    ax = plots.diagnosis(*pair).axes[panel]
    names: tuple[StepName, ...] = ("as is", "letter bias", "temperature", "both")
    for run, color in zip(pair, (BLUE, VERMILION), strict=True):
        points = [point for point in (*dots(ax), *dots(ax, "s")) if point.get_markeredgecolor() == color]
        filled = {round(x_of(point)[0], 9) for point in points if point.get_markerfacecolor() == color}
        hollow = {round(x_of(point)[0], 9) for point in points if point.get_markerfacecolor() == "white"}
        assert filled == {round(run.step(name).values[key].value, 9) for name in names}
        assert hollow == {round(run.step(name, folds="subjects").values[key].value, 9) for name in names[1:]}
        for name in names:
            value, floor = run.step(name).values[key], run.step(name).floors[key]
            assert {(round(value.low, 9), round(value.high, 9)), (0, round(floor, 9))} <= ends(ax)
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # as it is on top


def test_runs_are_diagnosed_first(pair: tuple[Diagnosis, Diagnosis]) -> None:
    runs = run_of(sharpness=1), run_of(sharpness=3, bias=2)
    for one, other in zip(plots.diagnosis(*runs).axes, plots.diagnosis(*pair).axes, strict=True):
        for left, right in zip(one.lines, other.lines, strict=True):
            np.testing.assert_array_equal(x_of(left), x_of(right))
            np.testing.assert_array_equal(y_of(left), y_of(right))


def test_the_legend_names_runs_and_only_what_is_drawn(pair: tuple[Diagnosis, Diagnosis]) -> None:
    figure = plots.diagnosis(*pair, labels=("base", "chat"))
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts[:2] == ["base", "chat"]
    assert "fitted on other subjects" in texts
    patches = figure.legends[0].get_patches()
    assert [patch.get_facecolor()[:3] for patch in patches] == [to_rgba(color)[:3] for color in (BLUE, VERMILION)]
    single = plots.diagnosis(*(run_of(sharpness=k, n_subjects=1) for k in (1, 3)))
    assert "fitted on other subjects" not in [text.get_text() for text in single.legends[0].get_texts()]


@pytest.mark.parametrize("n_options", [2, 4, 10, 26])
def test_text_does_not_collide_or_leave_the_page(n_options: int) -> None:
    runs = [run_of(sharpness=k, n_options=n_options, n_subjects=1) for k in (1, 3)]
    assert_nothing_collides(plots.diagnosis(runs[0], runs[1], labels=("a name of a model " * 5, "b" * 80)))


def test_settings_outside_stay_as_they_are(pair: tuple[Diagnosis, Diagnosis]) -> None:
    settings = dict(mpl.rcParams)
    plots.diagnosis(*pair)
    assert dict(mpl.rcParams) == settings
