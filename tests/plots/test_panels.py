"""Axes that plots draw on, and what is written above them."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import pytest

import plots
from calibration import Pairs
from plots.figures import ResultFigure
from plots.panels import one_panel, several_panels

from .artists import assert_nothing_collides
from .samples import BEFORE

NO_AXES: Any = [1, 2, 3]
RUN = Pairs.from_arrays([0.9, 0.8, 0.7, 0.6] * 10, [1, 1, 0, 1] * 10)


def test_a_new_figure_has_the_size_that_was_asked_for() -> None:
    with one_panel(None, width=3, height=lambda width: 2 * width) as ax:
        assert type(ax.figure) is ResultFigure
        assert ax.figure.get_size_inches().tolist() == pytest.approx([3, 6])
    assert plots.reliability(RUN, figsize=(4, 5)).figure.get_size_inches().tolist() == [4, 5]  # type: ignore[union-attr]


@pytest.mark.parametrize(("width", "rows", "columns"), [(6.9, 2, 2), (9.0, 1, 3), (3.0, 3, 1)])
def test_panels_have_more_rows_where_they_would_be_too_narrow(width: float, rows: int, columns: int) -> None:
    sizes = []

    def height(width: float, n_rows: int, n_columns: int) -> float:
        sizes.append((n_rows, n_columns))
        return width

    with several_panels(None, 3, width=width, height=height, least=2.4) as panels:
        assert len(panels) == len(panels[0].figure.axes) == 3
    assert sizes == [(rows, columns)]


def test_a_title_is_above_the_numbers_and_the_histogram() -> None:
    ax = plots.reliability(RUN, title="A title that is as long as a title can be, which needs two lines")
    assert_nothing_collides(ax.figure)  # type: ignore[arg-type]
    (numbers,) = ax.texts
    assert ax.title.get_window_extent().y0 >= numbers.get_window_extent().y1
    assert numbers.get_window_extent().y0 >= ax.child_axes[0].get_window_extent().y1
    figure = plots.before_after(RUN, RUN, title="Two stages")
    assert figure.get_suptitle() == "Two stages"
    assert_nothing_collides(figure)


@pytest.mark.parametrize(
    ("draw", "error", "message"),
    [
        (
            lambda ax: plots.reliability(RUN, ax=ax, figsize=(3, 3)),
            ValueError,
            "figsize is of a new figure, and ax",
        ),
        (lambda ax: plots.stages([RUN, RUN], axes=[ax] * 4, title="a"), ValueError, "figsize and title are of a new"),
        (lambda ax: plots.stages([RUN, RUN], axes=[ax]), ValueError, "axes must be one a panel: 4 panels, got 1 axes"),
        (lambda _: plots.diagnosis(BEFORE, axes=NO_AXES), TypeError, "axes must be Axes of matplotlib, got int"),
        (lambda ax: plots.risk_coverage(RUN, ax=ax.figure), TypeError, "ax must be Axes of matplotlib, got Figure"),
    ],
)
def test_refusals(draw: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        draw(plt.subplots()[1])
