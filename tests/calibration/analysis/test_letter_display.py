"""Letters of runs that are not shown to differ, by hand and for any pairs."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from calibration.analysis.letter_display import letter_display

NAMES = ["a", "b", "c", "d", "e"]


def test_a_chain_shares_letters_with_its_neighbours() -> None:
    assert letter_display(["x", "y", "z"], [("x", "z")]) == {"x": "a", "y": "ab", "z": "b"}
    assert letter_display(["x", "y", "z"], [("x", "y"), ("x", "z"), ("y", "z")]) == {"x": "a", "y": "b", "z": "c"}


@given(st.sets(st.sampled_from(list(combinations(NAMES, 2)))))
def test_two_share_a_letter_just_where_they_are_not_shown_to_differ(differing: set[tuple[str, str]]) -> None:
    letters = letter_display(NAMES, differing)
    for pair in combinations(NAMES, 2):
        assert bool(set(letters[pair[0]]) & set(letters[pair[1]])) == (pair not in differing)
