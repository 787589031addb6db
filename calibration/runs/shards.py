"""Shards: which part of a list each of several processes gets."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from .collection import Progress

Shard = tuple[int, int]
"""Which shard, from 1, of how many."""


def parse_shard(text: str) -> Shard:
    """A shard as the command line writes it.

    Raises
    ------
    ValueError
        For another form, and for a number that is not from 1 to the number of shards.

    Examples
    --------
    >>> parse_shard("3/16")
    (3, 16)
    """
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    if found is None:
        raise ValueError(f"a shard must be written i/n, such as 1/4 for the first of four, got {text!r}")
    shard = int(found[1]), int(found[2])
    _refuse_outside(*shard)
    return shard


def members(texts: Sequence[str], shard: Shard | None, *, what: str) -> list[int]:
    """Which of the texts belong to a shard, by their places in rising order; all of them where it is none.

    Parameters
    ----------
    texts : sequence of str
        What is asked, with what its prompts share (the subject) in front.
    shard : (int, int), optional
        Which one, from 1, of how many.
    what : str
        What the texts are, for messages.

    Raises
    ------
    ValueError
        For a number that is not from 1 to the number of shards, and for more shards than texts, whichever shard it is.

    Examples
    --------
    >>> texts = ["law: When?", "art: Who?", "law: Why?", "art: Where?"]
    >>> members(texts, (1, 2), what="items"), members(texts, (2, 2), what="items")
    ([1, 3], [0, 2])
    """
    if shard is None:
        return list(range(len(texts)))
    number, of = shard
    _refuse_outside(number, of)
    if of > len(texts):
        raise ValueError(f"there must be at most as many shards as {what}, got {of} shards of {len(texts)} {what}")
    return sorted(blocks(texts, of)[number - 1])


def blocks(texts: Sequence[str], n_blocks: int) -> list[list[int]]:
    """Places of the texts, in blocks of about equal cost that keep together what begins alike.

    The texts are sorted, which puts common beginnings side by side, and cut into contiguous blocks. A text costs its
    characters beyond the beginning that it shares with the one before it: that beginning is computed once.

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
    order = sorted(range(len(texts)), key=lambda place: (texts[place], place))
    costs = [len(texts[place]) + 1 for place in order]
    for position in range(1, len(order)):
        costs[position] -= _shared(texts[order[position - 1]], texts[order[position]])
    ends = list(accumulate(costs))
    middles = [2 * end - cost for end, cost in zip(ends, costs, strict=True)]  # twice: whole numbers cut alike anywhere
    cuts = [0]
    for number in range(1, n_blocks):
        cut = bisect_right(middles, 2 * ends[-1] * number // n_blocks)
        cuts.append(min(max(cut, cuts[-1] + 1), len(texts) - (n_blocks - number)))
    return [order[start:end] for start, end in zip(cuts, [*cuts[1:], len(order)], strict=True)]


def note_of(shard: Shard | None, n_items: int) -> dict[str, Any]:
    """What the manifest of a shard's run says of it."""
    return {} if shard is None else {"shard": {"number": shard[0], "of": shard[1], "n_items": n_items}}


def progress_of(progress: Progress | None, n_asked: int, n_others: int) -> Progress | None:
    """Progress of a shard, from that of a run which already holds `n_others` rows of other shards."""
    return None if progress is None else lambda done, _: progress(done - n_others, n_asked)


def _refuse_outside(number: int, of: int) -> None:
    if not 1 <= number <= of:
        raise ValueError(f"a shard i/n must have i from 1 to n, got {number}/{of}")


def _shared(first: str, second: str) -> int:
    """Length of the common beginning."""
    limit = min(len(first), len(second))
    return bisect_left(range(limit), 1, key=lambda place: first[: place + 1] != second[: place + 1])
