"""Shards: which part of a list each of several processes gets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..models.partition import blocks

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
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if match is None:
        raise ValueError(f"a shard must be written i/n, such as 1/4 for the first of four, got {text!r}")
    shard = int(match[1]), int(match[2])
    _refuse_outside(*shard)
    return shard


def members(texts: Sequence[str], shard: Shard | None, *, what: str) -> list[int]:
    """Indexes of the texts of a shard, ascending; all of them without a shard.

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


def shard_note(shard: Shard | None, n_items: int) -> dict[str, Any]:
    """Entry of a shard in the manifest of its run."""
    return {} if shard is None else {"shard": {"number": shard[0], "of": shard[1], "n_items": n_items}}


def _refuse_outside(number: int, of: int) -> None:
    if not 1 <= number <= of:
        raise ValueError(f"a shard i/n must have i from 1 to n, got {number}/{of}")
