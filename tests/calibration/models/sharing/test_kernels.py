"""Kernels against softmax written out, for nodes that are longer and shorter than their ancestors."""

from __future__ import annotations

import pytest
import torch

from calibration.models.sharing.kernels import cascade_attention, per_node_attention
from calibration.models.sharing.packed_row import PackedRow
from tests.calibration.models.sharing.rows import KEY_HEADS, LENGTHS, drawn, packed_row

HEADS = 6


def written_out(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, row: PackedRow, scaling: float
) -> torch.Tensor:
    parts = []
    for (start, stop), ancestors in zip(row.spans, row.ancestors, strict=True):
        keys = torch.cat([*(ancestor.keys[0] for ancestor in ancestors), key[:, :, start:stop]], dim=2)
        values = torch.cat([*(ancestor.values[0] for ancestor in ancestors), value[:, :, start:stop]], dim=2)
        keys, values = (tensor.repeat_interleave(HEADS // KEY_HEADS, 1) for tensor in (keys, values))
        scores = query[:, :, start:stop] @ keys.transpose(2, 3) * scaling
        later = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1 + keys.shape[2] - (stop - start))
        parts.append(scores.masked_fill(later, -torch.inf).softmax(-1) @ values)
    return torch.cat(parts, dim=2).transpose(1, 2)  # (1, tokens, heads, head size)


@pytest.mark.parametrize("kernel", [per_node_attention, cascade_attention])
def test_a_node_attends_to_its_ancestors_and_to_itself_up_to_each_token(kernel: type) -> None:
    row = packed_row()
    key, value, query = drawn(sum(LENGTHS)), drawn(sum(LENGTHS)), drawn(sum(LENGTHS), HEADS)
    torch.testing.assert_close(
        kernel(query, key, value, row, layer=0, scaling=0.3),
        written_out(query, key, value, row, 0.3),
        atol=1e-5,
        rtol=1e-5,
    )
