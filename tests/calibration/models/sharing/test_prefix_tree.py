"""What prompts share is found, at every depth, and nothing is lost by it."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from calibration.models.sharing.prefix_tree import Piece, prefix_tree


def ends(pieces: Sequence[Piece], before: Sequence[int] = ()) -> dict[int, list[int]]:
    """What each prompt reads along its path."""
    found: dict[int, list[int]] = {}
    for piece in pieces:
        assert piece.start == len(before)
        path = [*before, *piece.tokens]
        if piece.row is not None:
            assert not piece.below
            assert piece.row not in found
            found[piece.row] = path
        else:
            assert len(piece.below) > 1
            found |= ends(piece.below, path)
        assert sorted(piece.rows()) == sorted({piece.row} if piece.row is not None else ends(piece.below, path))
    return found


def computed(pieces: Sequence[Piece]) -> int:
    return sum(len(piece.tokens) + computed(piece.below) for piece in pieces)


TOKENS = st.lists(st.integers(0, 2), min_size=1, max_size=60)


@given(st.lists(st.tuples(TOKENS, st.integers(1, 4)), max_size=30))
def test_every_prompt_stands_along_its_path_and_ends_in_a_piece_of_its_own(drawn: list[tuple[list[int], int]]) -> None:
    prompts = [tokens for tokens, _ in drawn]
    owned = [min(own, len(tokens)) for tokens, own in drawn]
    tree = prefix_tree(prompts, owned)
    assert ends(tree) == dict(enumerate(prompts))
    assert computed(tree) <= sum(map(len, prompts))
    pieces = list(tree)
    while pieces:
        piece = pieces.pop()
        pieces += piece.below
        if piece.row is not None:
            assert len(piece.tokens) >= owned[piece.row]


def test_subjects_in_any_order_share_their_heads() -> None:
    law, art = [1, *range(100, 160)], [1, *range(200, 260)]
    first, second = prefix_tree([[*law, 7, 7], [*art, 8], [*law, 9], [*art, 7, 9, 9], [*law, 9, 1]])
    assert (first.tokens, second.tokens) == (law, art)
    assert [piece.row for piece in first.below] == [0, 2, 4]
    assert [piece.row for piece in second.below] == [3, 1]


def test_a_passage_is_shared_below_the_head_that_all_share() -> None:
    shots, passage = list(range(300)), list(range(1000, 1100))
    (head,) = prefix_tree([[*shots, *passage, 1], [*shots, 3], [*shots, *passage, 2], [*shots, 4]])
    assert head.tokens == shots
    (inner,) = [piece for piece in head.below if piece.row is None]
    assert inner.tokens == passage
    assert inner.start == 300
    assert [(piece.row, piece.tokens, piece.start) for piece in inner.below] == [(0, [1], 400), (2, [2], 400)]
    assert computed([head]) == 300 + 100 + 4


def test_a_stem_too_short_to_be_worth_a_piece_goes_with_its_prompts() -> None:
    shots, stem = list(range(300)), list(range(1000, 1010))
    (head,) = prefix_tree([[*shots, *stem, 1], [*shots, *stem, 2], [*shots, 3], [*shots, 4]])
    assert [piece.tokens for piece in head.below] == [[3], [4], [*stem, 1], [*stem, 2]]


def test_prompts_that_each_go_on_where_the_last_one_ended_make_a_deep_tree() -> None:
    pieces, tokens, depth = prefix_tree([list(range(20 * length)) for length in range(1, 2001)]), 0, 0
    while pieces:
        tokens += sum(len(piece.tokens) for piece in pieces)
        pieces = [below for piece in pieces for below in piece.below]
        depth += 1
    assert depth == 2000
    assert tokens == 40_000 + 1999  # the last token of every prompt but the longest stands twice


def test_nothing_one_and_twice_the_same() -> None:
    assert prefix_tree([]) == []
    assert [(piece.row, piece.tokens) for piece in prefix_tree([[5, 6]])] == [(0, [5, 6])]
    (shared,) = prefix_tree([list(range(40))] * 2)
    assert shared.tokens == list(range(39))
    assert [(piece.row, piece.tokens) for piece in shared.below] == [(0, [39]), (1, [39])]
