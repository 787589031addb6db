"""Texts cut into blocks of about equal cost."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate


def blocks(texts: Sequence[str], n_blocks: int) -> list[list[int]]:
    """Indices of texts in blocks of about equal cost that keep common prefixes.

    The texts are sorted, which puts common prefixes next to each other, and cut into contiguous blocks. A text costs
    its characters beyond the prefix that it shares with the one before it: that prefix is computed once.

    Parameters
    ----------
    texts : sequence of str
        At least as many as blocks.
    n_blocks : int
        How many; none is empty.

    Examples
    --------
    >>> blocks(["b long text", "a 1", "a 2", "a 3"], 2)
    [[1, 2, 3], [0]]
    """
    order = sorted(range(len(texts)), key=lambda index: (texts[index], index))
    costs = [len(texts[index]) + 1 for index in order]
    for position in range(1, len(order)):
        costs[position] -= _shared(texts[order[position - 1]], texts[order[position]])
    ends = list(accumulate(costs))
    middles = [2 * end - cost for end, cost in zip(ends, costs, strict=True)]  # twice: whole numbers cut alike anywhere
    cuts = [0]
    for number in range(1, n_blocks):
        cut = bisect_right(middles, 2 * ends[-1] * number // n_blocks)
        cuts.append(min(max(cut, cuts[-1] + 1), len(texts) - (n_blocks - number)))
    return [order[start:end] for start, end in zip(cuts, [*cuts[1:], len(order)], strict=True)]


def _shared(first: str, second: str) -> int:
    """Length of the common beginning."""
    limit = min(len(first), len(second))
    return bisect_left(range(limit), 1, key=lambda index: first[: index + 1] != second[: index + 1])
