"""Batches: as many nodes or prompts as a pass may hold, and at least one."""

from __future__ import annotations

from collections import deque

import pytest
import torch

from calibration.models.sharing.batches import Budget, ReadyNode, take_nodes, take_prompts
from calibration.models.sharing.packed_row import CachedNode
from calibration.models.sharing.prefix_tree import Node

READS = [1, 1, 3, 1]


def ready() -> deque[ReadyNode]:
    """A shared node of 30 tokens, and ends of four prompts of 10, 20, 30 and 40."""
    nodes = [Node(range(30), 0, None, []), *(Node(range(10 * n), 30, n - 1) for n in range(1, 5))]
    return deque((node, ()) for node in nodes)


@pytest.mark.parametrize(
    ("budget", "batch_size", "expected"),
    [
        (Budget(1000, 1000), None, [5]),
        (Budget(1000, 1000), 2, [2, 2, 1]),
        (Budget(60, 1000), None, [3, 1, 1]),  # 30 + 10 + 20, then 30, and 40 would make 70
        (Budget(1, 1), None, [1, 1, 1, 1, 1]),  # a node that is too large goes alone
        (Budget(1000, 2), None, [3, 1, 1]),  # logits: 0 + 1 + 1, then 3, then 1
    ],
)
def test_nodes_of_a_batch(budget: Budget, batch_size: int | None, expected: list[int]) -> None:
    pending, sizes = ready(), []
    while pending:
        sizes.append(len(take_nodes(pending, READS, budget, batch_size=batch_size)))
    assert sizes == expected


def test_keys_of_ancestors_count() -> None:
    # 2 ** 18 keys at most: three nodes with 100,000 cached tokens each are too many.
    cached = CachedNode({0: torch.empty(0)}, {0: torch.empty(0)}, 100_000)
    pending: deque[ReadyNode] = deque((Node([7], 100_000, number), (cached,)) for number in range(4))
    assert len(take_nodes(pending, READS, Budget(1000, 1000))) == 2


@pytest.mark.parametrize(
    ("budget", "batch_size", "expected"),
    [
        (Budget(1000, 1000), None, [[0, 1, 2, 3]]),
        (Budget(1000, 1000), 3, [[0, 1, 2], [3]]),
        (Budget(40, 1000), None, [[0, 1], [2], [3]]),  # padded to the longest: 2 × 20, and 3 × 30 would be 90
        (Budget(1000, 4), None, [[0, 1], [2], [3]]),  # positions are read in all: 2 × 2, and 3 × 5 would be 15
    ],
)
def test_whole_prompts_of_a_batch(budget: Budget, batch_size: int | None, expected: list[list[int]]) -> None:
    pending, batches = deque(range(4)), []
    while pending:
        batches.append(take_prompts(pending, [10, 20, 30, 40], READS, budget, batch_size=batch_size))
    assert batches == expected


def test_a_budget_shrinks_to_half_the_pass_that_failed() -> None:
    assert Budget(1024, 8).shrunk(600) == Budget(300, 8)
    assert Budget(100, 8).shrunk(600) == Budget(100, 8)
    assert Budget(100, 8).shrunk(1) == Budget(1, 8)
