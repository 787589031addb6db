"""Which prompts are grouped, and that nothing is lost by it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from calibration.models.prefixes import shared_prefixes


@given(st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=60), max_size=30))
def test_every_prompt_is_in_one_group_and_shares_its_prefix(prompts: list[list[int]]) -> None:
    groups = shared_prefixes(prompts)
    assert sorted(row for group in groups for row in group.rows) == list(range(len(prompts)))
    for group in groups:
        first = prompts[group.rows[0]]
        for row in group.rows:
            assert len(prompts[row]) > group.prefix
            assert prompts[row][: group.prefix] == first[: group.prefix]
    computed = sum(group.prefix + sum(len(prompts[row]) - group.prefix for row in group.rows) for group in groups)
    assert computed <= sum(map(len, prompts))


def test_subjects_in_any_order_become_groups() -> None:
    law, art = [1, *range(100, 160)], [1, *range(200, 260)]
    prompts = [[*law, 7, 7], [*art, 8], [*law, 9], [*art, 7, 9, 9], [*law, 9, 1]]
    assert [(group.rows, group.prefix) for group in shared_prefixes(prompts)] == [((0, 2, 4), 61), ((1, 3), 61)]


def test_a_stem_that_two_items_share_does_not_cost_the_others_their_shots() -> None:
    shots, stem = list(range(300)), list(range(1000, 1010))
    prompts = [[*shots, *stem, 1], [*shots, *stem, 2], [*shots, 3], [*shots, 4]]
    assert [(group.rows, group.prefix) for group in shared_prefixes(prompts)] == [((0, 1, 2, 3), 300)]


def test_nothing_and_one() -> None:
    assert shared_prefixes([]) == []
    assert [(group.rows, group.prefix) for group in shared_prefixes([[5, 6]])] == [((0,), 0)]
