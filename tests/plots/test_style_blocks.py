"""Settings of figures: what a block makes, and what a reader set before stays."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from tueplots import bundles

import plots
from plots.figures import ResultFigure
from plots.style_blocks import COLUMN, PAGE, figure_width, scaled

from .samples import BEFORE


@pytest.mark.parametrize(
    ("options", "inches", "points"),
    [
        ({}, PAGE, 8.0),
        ({"width": "column"}, COLUMN, 8.0),
        ({"width": 3.25, "font_size": 6}, 3.25, 6.0),
        ({"context": "slides"}, 12.5, 14.0),
        ({"width": "column", "context": "poster"}, 10.1, 24.0),
        ({"font_size": 11, "context": "slides"}, 12.5, 11.0),
    ],
)
def test_width_font_and_context_are_those_of_the_block(options: dict[str, Any], inches: float, points: float) -> None:
    with plots.style(**options):
        assert (figure_width(PAGE), mpl.rcParams["font.size"]) == pytest.approx((inches, points))
        assert scaled(8) == pytest.approx(points)
        assert mpl.rcParams["xtick.labelsize"] == pytest.approx(points * 7 / 8)
        assert mpl.rcParams["legend.fontsize"] == pytest.approx(points * 7 / 8)


def test_figures_in_a_block_have_its_size_and_fonts() -> None:
    with plots.style("column", font_size=6, family="serif"):
        ax = plots.reliability(BEFORE)
        figure, own = plt.subplots()
    assert ax.figure.get_size_inches()[0] == pytest.approx(COLUMN)  # type: ignore[union-attr]
    assert ax.xaxis.label.get_fontsize() == 6
    assert ax.xaxis.label.get_fontfamily() == ["serif"]
    assert figure.get_size_inches()[0] == pytest.approx(COLUMN)
    assert own.xaxis.label.get_fontsize() == 6


def test_a_block_in_a_block_keeps_what_it_was_not_asked_for() -> None:
    with plots.style("column", font_size=7):
        with plots.style(family="serif"):
            assert mpl.rcParams["font.family"] == ["serif"]
            assert (figure_width(PAGE), mpl.rcParams["font.size"]) == (COLUMN, 7)
        with plots.style(context="slides"):
            assert (figure_width(PAGE), mpl.rcParams["font.size"]) == (12.5, 14)
        with plots.style(2.0):
            assert figure_width(PAGE) == 2
        assert mpl.rcParams["font.family"] == ["sans-serif"]


@pytest.mark.parametrize("own", [{"font.size": 6.0}, {"axes.titlesize": 20.0}, {"axes.linewidth": 3.0}])
def test_what_a_reader_set_before_or_in_a_block_stays(own: Any) -> None:
    with mpl.rc_context(own), plots.style():
        assert {key: mpl.rcParams[key] for key in own} == own
    with plots.style("column"), mpl.rc_context(own), plots.style():
        assert {key: mpl.rcParams[key] for key in own} == own
        assert figure_width(PAGE) == COLUMN


def test_other_sizes_follow_from_the_font_of_a_reader() -> None:
    with mpl.rc_context({"font.size": 16}), plots.style():
        assert mpl.rcParams["xtick.labelsize"] == 14
        assert mpl.rcParams["axes.titlesize"] == 18
        assert scaled(1) == 2


def test_figures_take_the_width_of_a_readers_figsize() -> None:
    with mpl.rc_context({"figure.figsize": (2.5, 9)}):
        figure = plots.reliability(BEFORE).figure
        assert figure.get_size_inches()[0] == 2.5  # type: ignore[union-attr]
        with plots.style("column"):
            assert figure_width(PAGE) == COLUMN


def test_bundles_of_tueplots_stay() -> None:
    own = bundles.icml2022(usetex=False)
    with mpl.rc_context(own):
        kept = {key: mpl.rcParams[key] for key in own}
        with plots.style():
            assert {key: mpl.rcParams[key] for key in own} == kept
        assert plots.reliability(BEFORE).figure.get_size_inches()[0] == 3.25  # type: ignore[union-attr]
    with plots.style(), mpl.rc_context(own), plots.style():
        assert {key: mpl.rcParams[key] for key in own} == kept


def test_settings_are_restored_after_an_error() -> None:
    settings = dict(mpl.rcParams)
    with pytest.raises(ZeroDivisionError), plots.style("column", font_size=5):
        _ = 1 / 0
    assert dict(mpl.rcParams) == settings
    assert figure_width(PAGE) == PAGE


def test_a_figure_of_ones_own_that_is_drawn_on_in_a_block_keeps_its_fonts_after_it() -> None:
    with plots.style():
        figure, ax = plt.subplots()
        plots.reliability(BEFORE, ax=ax)
    assert type(figure) is ResultFigure


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"width": "page"}, "width must be 'column', 'text' or a number of inches, got 'page'"),
        ({"width": -1}, "width must be above 0, in inches, got -1"),
        ({"font_size": 0}, "font_size must be above 0, in points, got 0"),
        ({"context": "talk"}, "context must be one of paper, slides, poster, got 'talk'"),
    ],
)
def test_refusals(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plots.style(**options)
