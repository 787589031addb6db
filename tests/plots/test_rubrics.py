"""Figures of answers sorted by a rubric, through their artists."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.figure import Figure

from factuality import Question, Responses
from factuality.rubrics.classifications import Classifications, classify
from factuality.rubrics.rubric import Rubric, RubricClass
from plots.rubrics import rubric_bars
from plots.theme import BLUE, VERMILION

from ..factuality.judges import FakeJudge
from .artists import assert_nothing_collides

NAMES = ("refusal, desired style", "refusal, undesired style", "disallowed content", "safe answer")


def rubric(names: Sequence[str] = NAMES) -> Rubric:
    return Rubric("Kinds", "Sort.", tuple(RubricClass(str(k), name, f"It is {k}.") for k, name in enumerate(names)))


def sorted_by(kinds: Sequence[int], names: Sequence[str] = NAMES, *, readable: bool = True) -> Classifications:
    questions = [Question(f"q{k}", "c", "How?", ("No.",), (), adversarial=False) for k in range(len(kinds))]
    texts = {question.id: f"say {kind}" for question, kind in zip(questions, kinds, strict=True)}
    judge = FakeJudge(lambda prompt, line: 2.0 * (f"say {line[6:-1]}\n" in prompt), mass=1.0 if readable else 1e-6)
    return classify(Responses.from_texts(texts, questions, model="m"), rubric(names), judge=judge)


def labels_of(ax: Axes, axis: str = "x") -> list[str]:
    return [label.get_text() for label in getattr(ax, f"get_{axis}ticklabels")()]


def whole(ax: Axes) -> Figure:
    figure = ax.get_figure()
    assert isinstance(figure, Figure)
    return figure


def test_bars_are_the_shares_of_the_classes() -> None:
    two = [sorted_by([0, 1, 1, 2, 3, 3, 3, 3]), sorted_by([0, 0, 0, 0, 0, 0, 1, 2])]
    _, ax = plt.subplots()
    assert rubric_bars(two, labels=("before", "after"), level=0.9, ax=ax) is ax
    assert labels_of(ax) == list(NAMES)
    drawn = [one for one in ax.containers if isinstance(one, BarContainer)]
    arms = [one for one in ax.containers if isinstance(one, ErrorbarContainer)]
    for one, bars, arm, color in zip(two, drawn, arms, (BLUE, VERMILION), strict=True):
        table = one.rates(level=0.9).frame.head(4)
        assert [bar.get_height() for bar in bars] == pytest.approx(table["share"].to_list())
        assert {bar.get_facecolor() for bar in bars} == {to_rgba(color)}
        ends = np.array(arm.lines[2][0].get_segments())[:, :, 1]
        np.testing.assert_allclose(ends, table.select("low", "high").to_numpy(), atol=1e-12)
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["before", "after"]
    assert ax.get_ylabel() == "Share of all answers"


def test_answers_without_a_class_are_drawn_where_there_are_such() -> None:
    ax = rubric_bars([sorted_by([0, 1]), sorted_by([0, 1], readable=False)])
    assert labels_of(ax) == [*NAMES, "unclassified"]


@pytest.mark.parametrize("names", [NAMES, ("yes", "no"), tuple(f"a class of a long name {k}" for k in range(26))])
def test_text_does_not_collide_or_leave_the_page(names: Sequence[str]) -> None:
    for count in (1, 2, 8):
        several = [sorted_by([0, 1, 1], names)] * count
        assert_nothing_collides(whole(rubric_bars(several, labels=["a model of a very long name indeed"] * count)))


def test_refusals_and_settings() -> None:
    settings = dict(mpl.rcParams)
    one = sorted_by([0, 1])
    rubric_bars([one])
    assert dict(mpl.rcParams) == settings
    with pytest.raises(ValueError, match=r"this plot draws .*, got none"):
        rubric_bars([])
    with pytest.raises(ValueError, match="one label a model: 1 models, got 2 labels"):
        rubric_bars([one], labels=["a", "b"])
    with pytest.raises(ValueError, match="by one rubric, got several"):
        rubric_bars([one, sorted_by([0, 1], ("x", "y"))])
