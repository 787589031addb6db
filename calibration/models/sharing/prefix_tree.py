"""Which beginnings prompts share, as a tree over token ids: what stands in it once is computed once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

# What a shared piece costs beyond its tokens, in tokens: its keys are read and kept apart.
_PIECE_COST = 16


@dataclass(eq=False)
class Piece:
    """Tokens that follow those of the piece above: shared by all that hang below, or the end of one prompt.

    Attributes
    ----------
    tokens : sequence of int
        Token ids.
    start : int
        Position of the first of them in every prompt that holds the piece.
    row : int or None
        The prompt that ends here, by its position in the list that was given; none for a shared piece.
    below : list of Piece
        The pieces that follow; none behind the end of a prompt.
    """

    tokens: Sequence[int]
    start: int
    row: int | None
    below: list[Piece] = field(default_factory=list)

    def rows(self) -> Iterator[int]:
        """The prompts that hold the piece."""
        pieces = [self]
        while pieces:
            piece = pieces.pop()
            if piece.row is not None:
                yield piece.row
            pieces += piece.below


@dataclass(eq=False)
class _Branch:
    """A piece while the tree grows: it ends before `end`, and where it starts is not known yet."""

    end: int
    row: int
    leaf: bool
    below: list[_Branch] = field(default_factory=list)


def prefix_tree(prompts: Sequence[Sequence[int]], unshared: Sequence[int] | None = None) -> list[Piece]:
    """The prompts as a tree in which a beginning that several share stands once, where that saves work.

    Sorted prompts have their common beginnings side by side, so that one pass over the lengths which neighbours have
    in common finds every one of them. A piece is kept where the tokens that it saves are more than what it costs.

    Parameters
    ----------
    prompts : sequence of token sequences
        Non-empty token ids, one sequence a prompt.
    unshared : sequence of int, optional
        How many tokens at the end of each prompt must stand in its own piece; one where absent.

    Returns
    -------
    list of Piece
        The pieces with which prompts begin, in the order of their tokens; every prompt ends in exactly one piece.

    Examples
    --------
    >>> shots = list(range(100))
    >>> shared, alone = prefix_tree([[*shots, 7], [500], [*shots, 8, 9]])
    >>> len(shared.tokens), [(piece.row, piece.tokens) for piece in shared.below], alone.tokens
    (100, [(0, [7]), (2, [8, 9])], [500])
    """
    owned = [1] * len(prompts) if unshared is None else unshared
    order = sorted(range(len(prompts)), key=lambda row: (prompts[row], row))
    root = _Branch(0, -1, leaf=False)
    path = [root]  # from the root to the prompt that was added last
    for before, row in zip([-1, *order], order, strict=False):
        shared = 0
        if before >= 0:
            most = min(len(prompts[before]) - owned[before], len(prompts[row]) - owned[row])
            shared = _common(prompts[before], prompts[row], most)
        _close(path, shared, row)
        path.append(_Branch(len(prompts[row]), row, leaf=True))
    _close(path, 0, -1)
    return _placed(root, prompts)


def by_length(prompts: Sequence[Sequence[int]]) -> list[Piece]:
    """The prompts whole, a piece each, those of about one length side by side."""
    order = sorted(range(len(prompts)), key=lambda row: (len(prompts[row]), row))
    return [Piece(prompts[row], 0, row) for row in order]


def _close(path: list[_Branch], shared: int, row: int) -> None:
    """End the branches of which the next prompt shares only the first tokens, so that the last one ends there."""
    while path[-1].end > shared:
        branch = path.pop()
        above = max(path[-1].end, shared)
        if path[-1].end < shared:
            path.append(_Branch(shared, row, leaf=False))
        if branch.leaf or (branch.end - above) * (len(branch.below) - 1) > _PIECE_COST:
            path[-1].below.append(branch)
        else:  # what it would save is not worth a piece
            path[-1].below += branch.below


def _placed(root: _Branch, prompts: Sequence[Sequence[int]]) -> list[Piece]:
    """The pieces of the tree, now that it is known where each one starts."""
    pieces: list[Piece] = []
    todo = [(root, pieces)]
    while todo:
        branch, found = todo.pop()
        for below in branch.below:
            tokens = prompts[below.row][branch.end : below.end]
            found.append(Piece(tokens, branch.end, below.row if below.leaf else None))
            todo.append((below, found[-1].below))
    return pieces


def _common(first: Sequence[int], second: Sequence[int], most: int) -> int:
    """Length of the common beginning, `most` at most."""
    same, differ = 0, most + 1
    while differ - same > 1:  # slices are compared much faster than tokens one by one
        middle = (same + differ) // 2
        if first[same:middle] == second[same:middle]:
            same = middle
        else:
            differ = middle
    return same
