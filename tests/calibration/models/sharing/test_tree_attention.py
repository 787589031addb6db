"""Attention along a tree against softmax written out, for pieces that are longer and shorter than what they follow."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from calibration.models.sharing.packed_row import Attention, Computed, PackedRow
from calibration.models.sharing.tree_attention import _by_blocks, _by_paths

HEADS, KEYED, SIZE = 6, 2, 8
# Tokens of each piece, and of those in front of it, by their place in the list of shared pieces.
LENGTHS = [5, 64, 33, 1, 40]
PATHS = [[], [0], [1], [1], [1, 2]]
SHARED = [True, False, True, False, False]


def drawn(length: int, heads: int = KEYED) -> torch.Tensor:
    return torch.randn(1, heads, length, SIZE)


@pytest.fixture
def row() -> PackedRow:
    torch.manual_seed(0)
    before = [Computed({0: drawn(length)}, {0: drawn(length)}, length) for length in (2, 50, 7)]
    made = PackedRow(
        lengths=LENGTHS,
        paths=[[before[part] for part in path] for path in PATHS],
        shared=SHARED,
        attention=Attention("blocks", "sdpa", (None,)),
    )
    made.keys[0], made.values[0] = drawn(sum(LENGTHS)), drawn(sum(LENGTHS))
    return made


def written_out(query: torch.Tensor, row: PackedRow, scaling: float) -> torch.Tensor:
    found = []
    for (start, stop), path in zip(row.spans, row.paths, strict=True):
        keys = torch.cat([*(part.keys[0] for part in path), row.keys[0][:, :, start:stop]], dim=2)
        values = torch.cat([*(part.values[0] for part in path), row.values[0][:, :, start:stop]], dim=2)
        keys, values = (tensor.repeat_interleave(HEADS // KEYED, 1) for tensor in (keys, values))
        scores = query[:, :, start:stop] @ keys.transpose(2, 3) * scaling
        later = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1 + keys.shape[2] - (stop - start))
        found.append(scores.masked_fill(later, -torch.inf).softmax(-1) @ values)
    return torch.cat(found, dim=2).transpose(1, 2)  # (1, tokens, heads, size)


@pytest.mark.parametrize("way", [_by_paths, _by_blocks])
def test_each_piece_sees_its_path_and_itself_up_to_each_token(
    row: PackedRow, way: Callable[[torch.Tensor, PackedRow, int, float | None], torch.Tensor]
) -> None:
    query = drawn(sum(LENGTHS), HEADS)
    torch.testing.assert_close(way(query, row, 0, 0.3), written_out(query, row, 0.3), atol=1e-5, rtol=1e-5)


def test_keys_of_shared_pieces_are_filled_up_and_hidden(row: PackedRow) -> None:
    lengths = [row.seen(place, 0)[0].shape[2] for place in range(len(LENGTHS))]
    assert lengths == [16, 66, 96, 51, 97]
    assert [row.mask(place, None, torch.empty(0)).shape[-1] for place in range(len(LENGTHS))] == lengths
    assert not row.mask(2, None, torch.empty(0))[0, 0, -1, :83].any()
    assert (row.mask(2, None, torch.empty(0))[0, 0, :, 83:] < 0).all()
