"""Every figure at the width of a column: no texts overlap, and none leaves the page."""

from __future__ import annotations

import pytest

import plots

from .artists import assert_nothing_collides
from .samples import DRAWN
from .test_figures import whole


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_nothing_collides_in_a_column(name: str) -> None:
    with plots.style(3.25):
        figure = whole(DRAWN[name]())
    assert figure.get_size_inches()[0] == 3.25
    assert_nothing_collides(figure)
