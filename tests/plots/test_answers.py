"""Figures of free answers, through their artists."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import polars as pl
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

import plots
from factuality import Judgments, rates
from factuality.grading.judgments import SCHEMA
from plots.theme import BLUE, GREEN, ORANGE, SERIES, VERMILION

from .artists import assert_nothing_collides

NINE = ("learning", "technology", "writing", "history", "math", "science", "recommendation", "code", "business")
GRADES = ("correct", "abstained", "tempted", "incorrect", "ungraded")


def judged(
    shares: Sequence[float],
    *,
    model: str = "tiny",
    categories: Sequence[str] = NINE,
    n: int = 20,
    calm: bool = False,
    seed: int = 0,
) -> Judgments:
    rng = np.random.default_rng(seed)
    rows = []
    for category in categories:
        for adversarial in (True, False) if calm else (True,):
            for k, found in enumerate(rng.choice(GRADES, p=shares, size=n)):
                rows.append(
                    {
                        "model": model,
                        "question": f"{category}/{adversarial}/{k}",
                        "category": category,
                        "adversarial": adversarial,
                        "sample": 0,
                        "text": "?",
                        "response": "!",
                        "ideal": "!",
                        "grade": "incorrect" if found == "tempted" else found,
                        "tempted": found == "tempted",
                        "grader": "match",
                        "reason": "",
                    }
                )
    empty = {"score": None, "confidence": None, "confidence_kind": None}
    return Judgments(pl.DataFrame([row | empty for row in rows], schema=SCHEMA))


def bars(ax: Axes) -> list[list[Rectangle]]:
    return [list(found) for found in ax.containers if isinstance(found, BarContainer)]


def arms(ax: Axes) -> list[np.ndarray]:
    """Ends of the intervals, a series each, shape (bars, 2)."""
    found = [one for one in ax.containers if isinstance(one, ErrorbarContainer)]
    return [np.array(one.lines[2][0].get_segments())[:, :, 1] for one in found]


def whole(ax: Axes) -> Figure:
    figure = ax.get_figure()
    assert isinstance(figure, Figure)
    return figure


def ticks(labels: Sequence[object]) -> list[str]:
    return [label.get_text() for label in labels]  # type: ignore[attr-defined]


# --- figure 6


def test_bars_are_the_accuracies_of_the_categories_and_of_all() -> None:
    three = [judged([share, 0.1, 0.8 - share, 0.1, 0], seed=k, calm=True) for k, share in enumerate((0.2, 0.4, 0.6))]
    _, ax = plt.subplots()
    assert plots.factuality_bars(three, labels=("base", "sft", "rl"), ax=ax) is ax
    assert ticks(ax.get_xticklabels()) == [*NINE, "all"]
    for one, drawn, ends, color in zip(three, bars(ax), arms(ax), (BLUE, VERMILION, GREEN), strict=True):
        table = rates(one)
        rows = [*table.frame.filter(pl.col("adversarial")).iter_rows(named=True), table.overall()]
        assert [bar.get_height() for bar in drawn] == pytest.approx([row["correct"] for row in rows])
        np.testing.assert_allclose(ends, [(row["correct_low"], row["correct_high"]) for row in rows], atol=1e-12)
        assert {bar.get_facecolor() for bar in drawn} == {to_rgba(color)}
    legend = ax.get_legend()
    assert legend is not None
    assert ticks(legend.get_texts()) == ["base", "sft", "rl"]


def test_bars_of_one_category_stand_side_by_side() -> None:
    ax = plots.factuality_bars([judged([0.5, 0.1, 0.2, 0.2, 0], seed=k) for k in range(8)])
    for group in zip(*bars(ax), strict=True):
        edges = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in group]
        assert all(left[1] == pytest.approx(right[0]) for left, right in pairwise(edges))
    first = [bar.get_x() for bar in bars(ax)[0]]
    assert first == sorted(first)
    assert len(set(SERIES)) == 8


def test_calm_questions_on_request() -> None:
    one = judged([0.2, 0.1, 0.6, 0.1, 0], calm=True)
    drawn = bars(plots.factuality_bars([one], adversarial=False))[0]
    assert drawn[-1].get_height() == pytest.approx(rates(one).overall(adversarial=False)["correct"])
    with pytest.raises(ValueError, match="there are no control questions"):
        plots.factuality_bars([judged([0.2, 0.1, 0.6, 0.1, 0])], adversarial=False)


def test_a_category_that_one_model_lacks_stays_empty_for_it() -> None:
    two = [judged([0.5, 0, 0.5, 0, 0], categories=names) for names in (("a", "b"), ("b", "c"))]
    ax = plots.factuality_bars(two, labels=("x", "y"))
    assert ticks(ax.get_xticklabels()) == ["a", "b", "c", "all"]
    places = [[round(bar.get_x() + bar.get_width() / 2) for bar in drawn] for drawn in bars(ax)]
    assert [place[:2] for place in places] == [[0, 1], [1, 2]]


@pytest.mark.parametrize(
    ("categories", "n_models"),
    [
        (NINE, 3),
        (("a category of a very long name indeed", *NINE), 2),
        (("rel_a", "rel_b"), 8),
        (tuple(f"Misconceptions: topic {k}" for k in range(38)), 3),
        (("one",), 1),
    ],
)
def test_text_does_not_collide_or_leave_the_page(categories: Sequence[str], n_models: int) -> None:
    several = [judged([0.5, 0.1, 0.2, 0.1, 0.1], categories=categories, calm=True) for _ in range(n_models)]
    for labels in (["a very long name of a model/checkpoint-1000"] * n_models, list("abcdefgh")[:n_models]):
        assert_nothing_collides(whole(plots.factuality_bars(several, labels=labels)))
        assert_nothing_collides(whole(plots.outcomes(several, labels=labels)))


def test_many_categories_stand_below_each_other() -> None:
    names = tuple(f"c{k}" for k in range(20))
    two = [judged([0.5, 0.1, 0.2, 0.2, 0], categories=names, seed=k) for k in range(2)]
    ax = plots.factuality_bars(two, labels=("x", "y"))
    assert ticks(ax.get_yticklabels()) == [*names, "all"]
    for one, drawn in zip(two, bars(ax), strict=True):
        table = rates(one)
        expected = [*table.frame["correct"], table.overall()["correct"]]
        assert [bar.get_width() for bar in drawn] == pytest.approx(expected)
    assert ax.yaxis_inverted()
    assert ax.get_xlabel() == "Accuracy"


# --- what answers are


def test_parts_of_a_bar_are_the_outcomes() -> None:
    two = [judged([0.3, 0.1, 0.4, 0.1, 0.1], calm=True), judged([0.6, 0.2, 0.1, 0.1, 0.0], seed=1, calm=True)]
    _, ax = plt.subplots()
    assert plots.outcomes(two, labels=("base", "rl"), ax=ax) is ax
    assert ticks(ax.get_yticklabels()) == ["base", "rl", "base", "rl"]
    drawn = np.array([[bar[0].get_width() for bar in bars(ax)[k : k + 5]] for k in range(0, 20, 5)])
    for row, (one, adversarial) in zip(drawn, [(one, kind) for kind in (True, False) for one in two], strict=True):
        found = rates(one).overall(adversarial=adversarial)
        expected = [found[name] for name in ("correct", "abstained", "tempted")]
        assert row == pytest.approx([*expected, found["incorrect"] - found["tempted"], found["ungraded"]])
        assert row.sum() == pytest.approx(1)
    colors = [bar[0].get_facecolor() for bar in bars(ax)[:5]]
    assert [colors[k] for k in (0, 2, 3)] == [to_rgba(color) for color in (BLUE, VERMILION, ORANGE)]
    texts = ticks(ax.texts)
    assert texts[0] == "adversarial questions (180)"
    assert "control questions (180)" in texts
    shares = [f"{share:.0%}" for share in drawn.ravel() if share >= 0.055]
    assert sorted(text for text in texts if text.endswith("%")) == sorted(shares)


def test_what_did_not_happen_has_no_row_and_no_legend() -> None:
    ax = plots.outcomes([judged([0.5, 0.1, 0.2, 0.2, 0])], labels=["x"])
    assert ticks(ax.get_yticklabels()) == ["x"]
    legend = ax.get_legend()
    assert legend is not None
    assert ticks(legend.get_texts()) == ["correct", "abstained", "common misconception", "other incorrect"]


def test_models_with_other_numbers_of_questions_say_so() -> None:
    two = [judged([0.5, 0.1, 0.2, 0.2, 0], n=n) for n in (10, 20)]
    ax = plots.outcomes(two, labels=["x", "y"])
    assert ticks(ax.get_yticklabels()) == ["x (90)", "y (180)"]
    assert ticks(ax.texts)[0] == "adversarial questions"


# --- refusals, and what stays as it is


def test_refusals() -> None:
    one = judged([0.5, 0.1, 0.2, 0.2, 0])
    for draw in (plots.factuality_bars, plots.outcomes):
        with pytest.raises(ValueError, match=r"this plot draws .*, got none"):
            draw([])
        with pytest.raises(ValueError, match="there must be 1 to 8 models, got 9"):
            draw([one] * 9)
        with pytest.raises(ValueError, match="one label a model: 1 models, got 2 labels"):
            draw([one], labels=["a", "b"])


def test_settings_outside_stay_as_they_are() -> None:
    settings = dict(mpl.rcParams)
    plots.factuality_bars([judged([0.5, 0.1, 0.2, 0.2, 0])])
    plots.outcomes([judged([0.5, 0.1, 0.2, 0.2, 0])])
    assert dict(mpl.rcParams) == settings
