"""Which prompts share a beginning that is worth computing once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# What a group costs beyond its tokens: one more forward, of a short prefix, in tokens.
_GROUP_COST = 16


@dataclass(frozen=True)
class Group:
    """Prompts that begin with the same tokens.

    Attributes
    ----------
    rows : tuple of int
        Positions of the prompts in the list that was given.
    prefix : int
        How many leading tokens all of them share; at least one token of every prompt is left over.
    """

    rows: tuple[int, ...]
    prefix: int


def shared_prefixes(prompts: Sequence[Sequence[int]]) -> list[Group]:
    """Split prompts into groups so that sharing one prefix a group leaves few tokens to compute.

    Sorted prompts have their common beginnings side by side. A prompt joins the group before it when the
    tokens that it saves there outweigh those that the group loses by a shorter prefix.

    Parameters
    ----------
    prompts : sequence of token sequences
        Non-empty token ids, one sequence a prompt.

    Returns
    -------
    list of Group
        Every prompt in exactly one group; groups and rows in the order in which the prompts were given.

    Examples
    --------
    >>> shots = list(range(100))
    >>> shared_prefixes([[*shots, 7], [500], [*shots, 8, 9]])
    [Group(rows=(0, 2), prefix=100), Group(rows=(1,), prefix=0)]
    """
    order = sorted(range(len(prompts)), key=lambda row: (prompts[row], row))
    rows: list[int] = []
    prefix = 0
    groups: list[Group] = []
    for row in order:
        if rows:
            shared = min(prefix, _common(prompts[rows[-1]], prompts[row]))
            if shared + _GROUP_COST > (prefix - shared) * (len(rows) - 1):
                rows.append(row)
                prefix = shared
                continue
            groups.append(_group(rows, prefix))
        rows, prefix = [row], len(prompts[row]) - 1
    if rows:
        groups.append(_group(rows, prefix))
    return sorted(groups, key=lambda group: group.rows[0])


def _group(rows: list[int], prefix: int) -> Group:
    return Group(tuple(sorted(rows)), prefix if len(rows) > 1 else 0)


def _common(first: Sequence[int], second: Sequence[int]) -> int:
    """Length of the common beginning, short of the last token of either."""
    limit = min(len(first), len(second)) - 1
    for place in range(limit):
        if first[place] != second[place]:
            return place
    return max(limit, 0)
