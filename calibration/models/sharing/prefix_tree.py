"""The prefix tree of prompts, in which shared token ids occur once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

# What a shared node costs beyond its tokens, in tokens: its keys are cached and read again.
_NODE_COST = 16


@dataclass(eq=False)
class Node:
    """Tokens shared by all children, or the unshared end of one prompt.

    Attributes
    ----------
    tokens : sequence of int
        Token ids.
    start : int
        Position of the first of them in every prompt that contains the node.
    prompt : int or None
        Index of the prompt that ends here; None for a shared node.
    children : list of Node
        The nodes that follow; empty if a prompt ends here.
    """

    tokens: Sequence[int]
    start: int
    prompt: int | None
    children: list[Node] = field(default_factory=list)

    def prompts(self) -> Iterator[int]:
        """Indices of the prompts that contain the node."""
        nodes = [self]
        while nodes:
            node = nodes.pop()
            if node.prompt is not None:
                yield node.prompt
            nodes += node.children


@dataclass(eq=False)
class _Branch:
    """A node while the tree grows; its start is not known yet."""

    end: int
    prompt: int
    leaf: bool
    children: list[_Branch] = field(default_factory=list)


def prefix_tree(prompts: Sequence[Sequence[int]], unshared: Sequence[int] | None = None) -> list[Node]:
    """The prompts as a tree: a prefix that several share is one node.

    Sorted prompts have their common prefixes next to each other, so one pass over the lengths that neighbours have
    in common finds every shared prefix. A shared node is kept if the tokens that it saves exceed its cost.

    Parameters
    ----------
    prompts : sequence of token sequences
        Non-empty token ids, one sequence a prompt.
    unshared : sequence of int, optional
        Number of tokens at the end of each prompt that must be in its own node; one if omitted.

    Returns
    -------
    list of Node
        The roots, in the order of their tokens; every prompt ends in exactly one node.

    Examples
    --------
    >>> shots = list(range(100))
    >>> shared, alone = prefix_tree([[*shots, 7], [500], [*shots, 8, 9]])
    >>> len(shared.tokens), [(node.prompt, node.tokens) for node in shared.children], alone.tokens
    (100, [(0, [7]), (2, [8, 9])], [500])
    """
    own = [1] * len(prompts) if unshared is None else unshared
    order = sorted(range(len(prompts)), key=lambda index: (prompts[index], index))
    root = _Branch(0, -1, leaf=False)
    path = [root]  # from the root to the prompt that was added last
    for previous, index in zip([-1, *order], order, strict=False):
        shared = 0
        if previous >= 0:
            limit = min(len(prompts[previous]) - own[previous], len(prompts[index]) - own[index])
            shared = _common_length(prompts[previous], prompts[index], limit)
        _close(path, shared, index)
        path.append(_Branch(len(prompts[index]), index, leaf=True))
    _close(path, 0, -1)
    return _nodes(root, prompts)


def _close(path: list[_Branch], shared: int, prompt: int) -> None:
    """End the branches that the next prompt leaves, after `shared` tokens."""
    while path[-1].end > shared:
        branch = path.pop()
        start = max(path[-1].end, shared)
        if path[-1].end < shared:
            path.append(_Branch(shared, prompt, leaf=False))
        if branch.leaf or (branch.end - start) * (len(branch.children) - 1) > _NODE_COST:
            path[-1].children.append(branch)
        else:  # it would cost more than it saves
            path[-1].children += branch.children


def _nodes(root: _Branch, prompts: Sequence[Sequence[int]]) -> list[Node]:
    """The nodes of the finished tree, whose starts are known now."""
    roots: list[Node] = []
    todo = [(root, roots)]
    while todo:
        parent, nodes = todo.pop()
        for branch in parent.children:
            tokens = prompts[branch.prompt][parent.end : branch.end]
            nodes.append(Node(tokens, parent.end, branch.prompt if branch.leaf else None))
            todo.append((branch, nodes[-1].children))
    return roots


def _common_length(first: Sequence[int], second: Sequence[int], limit: int) -> int:
    """Length of the common prefix, at most `limit`."""
    same, differ = 0, limit + 1
    while differ - same > 1:  # slices are compared much faster than tokens one by one
        middle = (same + differ) // 2
        if first[same:middle] == second[same:middle]:
            same = middle
        else:
            differ = middle
    return same
