"""The context in which a network attends along a tree, and that it leaves the network as it was."""

from __future__ import annotations

import pytest
import torch

from calibration.models.sharing.architectures import SharedAttention
from calibration.models.sharing.packed_row import PackedRow
from calibration.models.sharing.tree_attention import TreeAttention
from tests import tiny


def row() -> PackedRow:
    """Two prompts of two tokens, in one row."""
    return PackedRow(lengths=[2, 2], ancestors=[[], []], shared=[True, False])


IDS, POSITIONS = torch.tensor([[5, 6, 5, 6]]), torch.tensor([[0, 1, 0, 1]])


def test_prompts_of_a_row_do_not_see_each_other() -> None:
    network = tiny.network()
    attention = SharedAttention("cascade", "sdpa", (None,) * 3)
    with torch.inference_mode(), TreeAttention(network, attention, row()) as tree:
        logits = network(input_ids=IDS, position_ids=POSITIONS, use_cache=False).logits
    torch.testing.assert_close(logits[:, 2:], logits[:, :2])
    torch.testing.assert_close(logits[:, :2], network(input_ids=IDS[:, :2]).logits, atol=1e-5, rtol=1e-5)
    assert tree.cached(0).keys.keys() == {0, 1, 2}
    assert tree.cached(0).keys[0].shape == (1, 2, 2, 8)  # (1, key heads, tokens, head size)


def test_the_network_attends_as_before_whatever_happens_in_the_context() -> None:
    network = tiny.network()
    attention = SharedAttention("cascade", "sdpa", (None,) * 3)
    expected = network(input_ids=IDS).logits
    with pytest.raises(RuntimeError, match="a fault"), TreeAttention(network, attention, row()):
        raise RuntimeError("a fault")
    assert network.config._attn_implementation == "sdpa"
    torch.testing.assert_close(network(input_ids=IDS).logits, expected, rtol=0, atol=0)


def test_a_layer_without_attention_is_refused() -> None:
    network = tiny.network()
    attention = SharedAttention("cascade", "sdpa", (None,) * 4)  # the network has three
    with (
        pytest.raises(NotImplementedError, match="its layers have attention of their own"),
        TreeAttention(network, attention, row()),
    ):
        network(input_ids=IDS, position_ids=POSITIONS, use_cache=False)
    assert network.config._attn_implementation == "sdpa"


def test_a_second_pass_is_refused() -> None:
    network = tiny.network()
    attention = SharedAttention("cascade", "sdpa", (None,) * 3)
    with TreeAttention(network, attention, row()):
        network(input_ids=IDS, position_ids=POSITIONS, use_cache=False)
        with pytest.raises(NotImplementedError, match="a layer attends more than once"):
            network(input_ids=IDS, position_ids=POSITIONS, use_cache=False)
