"""What prompts share is found, at every depth, and nothing is lost by it."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from calibration.models.sharing.prefix_tree import Node, prefix_tree


def prompts_in(nodes: Sequence[Node], ancestors: Sequence[int] = ()) -> dict[int, list[int]]:
    """Tokens of each prompt from its root to its end."""
    prompts: dict[int, list[int]] = {}
    for node in nodes:
        assert node.start == len(ancestors)
        tokens = [*ancestors, *node.tokens]
        if node.prompt is not None:
            assert not node.children
            assert node.prompt not in prompts
            prompts[node.prompt] = tokens
            assert list(node.prompts()) == [node.prompt]
        else:
            assert len(node.children) > 1
            descendants = prompts_in(node.children, tokens)
            assert sorted(node.prompts()) == sorted(descendants)
            prompts |= descendants
    return prompts


def n_tokens(nodes: Sequence[Node]) -> int:
    return sum(len(node.tokens) + n_tokens(node.children) for node in nodes)


TOKENS = st.lists(st.integers(0, 2), min_size=1, max_size=60)


@given(st.lists(st.tuples(TOKENS, st.integers(1, 4)), max_size=30))
def test_every_prompt_is_in_the_tree_once_and_ends_in_a_node_of_its_own(drawn: list[tuple[list[int], int]]) -> None:
    prompts = [tokens for tokens, _ in drawn]
    owned = [min(own, len(tokens)) for tokens, own in drawn]
    tree = prefix_tree(prompts, owned)
    assert prompts_in(tree) == dict(enumerate(prompts))
    assert n_tokens(tree) <= sum(map(len, prompts))
    nodes = list(tree)
    while nodes:
        node = nodes.pop()
        nodes += node.children
        assert node.prompt is None or len(node.tokens) >= owned[node.prompt]


def test_subjects_in_any_order_share_their_heads() -> None:
    law, art = [1, *range(100, 160)], [1, *range(200, 260)]
    first, second = prefix_tree([[*law, 7, 7], [*art, 8], [*law, 9], [*art, 7, 9, 9], [*law, 9, 1]])
    assert (first.tokens, second.tokens) == (law, art)
    assert [node.prompt for node in first.children] == [0, 2, 4]
    assert [node.prompt for node in second.children] == [3, 1]


def test_a_passage_is_shared_under_the_head_that_all_share() -> None:
    shots, passage = list(range(300)), list(range(1000, 1100))
    (head,) = prefix_tree([[*shots, *passage, 1], [*shots, 3], [*shots, *passage, 2], [*shots, 4]])
    assert head.tokens == shots
    (inner,) = [node for node in head.children if node.prompt is None]
    assert inner.tokens == passage
    assert inner.start == 300
    assert [(node.prompt, node.tokens, node.start) for node in inner.children] == [(0, [1], 400), (2, [2], 400)]
    assert n_tokens([head]) == 300 + 100 + 4


def test_a_stem_too_short_to_be_worth_a_node_goes_with_its_prompts() -> None:
    shots, stem = list(range(300)), list(range(1000, 1010))
    (head,) = prefix_tree([[*shots, *stem, 1], [*shots, *stem, 2], [*shots, 3], [*shots, 4]])
    assert [node.tokens for node in head.children] == [[3], [4], [*stem, 1], [*stem, 2]]


def test_prompts_that_each_go_on_where_the_last_one_ended_make_a_deep_tree() -> None:
    nodes, tokens, depth = prefix_tree([list(range(20 * length)) for length in range(1, 1101)]), 0, 0
    while nodes:
        tokens += sum(len(node.tokens) for node in nodes)
        nodes = [child for node in nodes for child in node.children]
        depth += 1
    assert depth == 1100  # deeper than Python's own limit of calls in calls
    assert tokens == 22_000 + 1099  # the last token of every prompt but the longest occurs twice


def test_nothing_one_and_twice_the_same() -> None:
    assert prefix_tree([]) == []
    assert [(node.prompt, node.tokens) for node in prefix_tree([[5, 6]])] == [(0, [5, 6])]
    (shared,) = prefix_tree([list(range(40))] * 2)
    assert shared.tokens == list(range(39))
    assert [(node.prompt, node.tokens) for node in shared.children] == [(0, [39]), (1, [39])]
