"""The figure of the stages of a training, through its artists."""

from __future__ import annotations

import numpy as np
import pytest

import plots
from calibration import Diagnosis, Pairs, Verdicts, diagnose
from plots.training_stages import _TITLES

from .artists import assert_nothing_collides, dots, ends, x_of, y_of
from .test_answers import ticks
from .test_diagnoses import run_of


@pytest.fixture(scope="module")
def diagnoses() -> dict[str, Diagnosis]:
    """Three stages: as it is, sharper, and sharper with a favoured letter."""
    made = {"base": run_of(sharpness=1), "SFT": run_of(sharpness=2), "RL": run_of(sharpness=3, bias=2)}
    return {name: diagnose(run) for name, run in made.items()}


def test_panels_have_the_measures_of_the_stages_in_their_order(diagnoses: dict[str, Diagnosis]) -> None:
    figure = plots.stages(diagnoses)
    assert [ax.get_title().replace("\n", " ") for ax in figure.axes] == list(_TITLES.values())
    for ax, key in zip(figure.axes, _TITLES, strict=True):
        (line,) = dots(ax)
        assert x_of(line).tolist() == [0, 1, 2]
        assert ticks(ax.get_xticklabels()) == ["base", "SFT", "RL"]
        steps = [(stage.step("as is"), stage) for stage in diagnoses.values()]
        expected = [
            step.values[key].value if key in step.values else -stage.step(key).change["nll"].value  # type: ignore[arg-type]
            for step, stage in steps
        ]
        np.testing.assert_allclose(y_of(line), expected)
    floors = [bar.get_height() for bar in figure.axes[0].patches]  # type: ignore[attr-defined]
    assert floors == pytest.approx([stage.step("as is").floors["ece_top"] for stage in diagnoses.values()])
    change = diagnoses["RL"].step("letter bias").change["nll"]
    heights = {tuple(y_of(line).round(9)) for line in figure.axes[3].lines}
    assert (round(-change.high, 9), round(-change.low, 9)) in heights
    assert ends(figure.axes[3]) >= {(2.0, 2.0)}


def test_runs_without_letters_have_fewer_panels() -> None:
    pairs = Pairs.from_arrays([0.9, 0.8, 0.7, 0.6] * 10, [1, 1, 0, 1] * 10, model="base")
    figure = plots.stages([pairs, pairs])
    assert len(figure.axes) == 4
    assert ticks(figure.axes[0].get_xticklabels()) == ["base (1)", "base (2)"]


@pytest.mark.parametrize("width", [3.25, 6.9])
def test_nothing_collides(diagnoses: dict[str, Diagnosis], width: float) -> None:
    with plots.style(width):
        assert_nothing_collides(plots.stages(diagnoses, labels=["a long name of a stage", "b" * 30, "c"]))


def test_refusals() -> None:
    pairs = Pairs.from_arrays([0.9, 0.6], [1, 0])
    with pytest.raises(ValueError, match="stages draws two stages or more, got one"):
        plots.stages([pairs])
    with pytest.raises(ValueError, match="stages need confidences"):
        plots.stages([Verdicts.from_frame({"item": ["a", "b"], "correct": [1, 0]})] * 2)
    with pytest.raises(TypeError, match="this plot draws runs with confidences, or diagnoses, got str"):
        plots.stages("runs")  # type: ignore[arg-type]
