"""A packed row of random keys and values, with nodes at three depths."""

from __future__ import annotations

import torch

from calibration.models.sharing.packed_row import CachedNode, PackedRow

KEY_HEADS, HEAD_SIZE = 2, 8
# Tokens of each node; which of the three ancestors it has; whether it has children.
LENGTHS = [5, 64, 33, 1, 40]
ANCESTORS = [[], [0], [1], [1], [1, 2]]
SHARED = [True, False, True, False, False]
CACHED_LENGTHS = [2, 50, 7]


def drawn(length: int, heads: int = KEY_HEADS) -> torch.Tensor:
    """Random keys, values or queries (1, heads, length, head size)."""
    return torch.randn(1, heads, length, HEAD_SIZE)


def packed_row() -> PackedRow:
    """The row; one layer is cached."""
    torch.manual_seed(0)
    cached = [CachedNode({0: drawn(length)}, {0: drawn(length)}, length) for length in CACHED_LENGTHS]
    return PackedRow(
        lengths=LENGTHS, ancestors=[[cached[index] for index in indices] for indices in ANCESTORS], shared=SHARED
    )
