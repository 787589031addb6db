"""Keys, masks and indices of a row with nodes at three depths."""

from __future__ import annotations

import torch

from tests.calibration.models.sharing.rows import LENGTHS, drawn, packed_row


def test_keys_of_shared_nodes_are_padded_and_the_padding_hidden() -> None:
    row = packed_row()
    key, value = drawn(sum(LENGTHS)), drawn(sum(LENGTHS))
    lengths = [row.with_ancestors(index, 0, key, value)[0].shape[2] for index in range(len(LENGTHS))]
    assert lengths == [16, 66, 96, 51, 97]
    assert [row.mask(index, None, torch.empty(0)).shape[-1] for index in range(len(LENGTHS))] == lengths
    assert not row.mask(2, None, torch.empty(0))[0, 0, -1, :83].any()
    assert (row.mask(2, None, torch.empty(0))[0, 0, :, 83:] < 0).all()


def test_a_window_hides_what_lies_farther_back() -> None:
    mask = packed_row().mask(3, 4, torch.empty(0))  # one token with 50 cached ones in front of it
    assert (mask[0, 0, 0] == 0).nonzero().flatten().tolist() == [47, 48, 49, 50]


def test_spans_of_nodes_and_of_what_lies_under_their_ancestors() -> None:
    row = packed_row()
    assert row.spans == [(0, 5), (5, 69), (69, 102), (102, 103), (103, 143)]
    assert [(start, stop, ancestor.length) for start, stop, ancestor in row.ancestor_spans] == [
        (5, 69, 2), (69, 143, 50), (103, 143, 7),
    ]  # fmt: skip
    assert row.n_cached == [0, 2, 50, 50, 57]
    assert row.longest == 97


def test_varlen_indices_gather_the_keys_that_each_node_attends_to() -> None:
    row = packed_row()
    key, value = drawn(sum(LENGTHS)), drawn(sum(LENGTHS))
    gather, cu_seqlens_q, cu_seqlens_k = row.varlen_indices(torch.device("cpu"))
    assert cu_seqlens_q.tolist() == [0, 5, 69, 102, 103, 143]
    assert cu_seqlens_k.tolist() == [0, 5, 71, 154, 205, 302]
    every = torch.cat([*(ancestor.keys[0] for _, _, ancestor in row.ancestor_spans), key], dim=2)[:, :, gather]
    for index, (start, stop) in enumerate(zip(cu_seqlens_k.tolist(), cu_seqlens_k.tolist()[1:], strict=False)):
        keys, _ = row.with_ancestors(index, 0, key, value)
        torch.testing.assert_close(every[:, :, start:stop], keys[:, :, : stop - start], rtol=0, atol=0)


def test_cached_keys_are_copies() -> None:
    row, keys = packed_row(), drawn(sum(LENGTHS))
    node = row.cached(1, {0: keys}, {0: keys})
    keys.zero_()
    assert node.length == node.keys[0].shape[2] == 64
    assert node.keys[0].all()
