"""Batches: nodes or whole prompts that go through a model together."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from transformers import PreTrainedModel

from .packed_row import CachedNode
from .prefix_tree import Node

# A node, and the cached keys and values of its ancestors, from the root down.
ReadyNode = tuple[Node, tuple[CachedNode, ...]]

# Tokens that fill a processor's matrix units, and with which a pass takes seconds, not minutes.
TOKENS = 1024
# Tokens with which a pass over a small model keeps a GPU busy for longer than it takes to start it.
_MOST_TOKENS = 1 << 15
# Keys of all nodes of a batch and their ancestors, which one kernel may gather: 1 GB a layer of an 8B model.
_KEYS = 1 << 18
# Logits that one pass may return: 128 MB in float32.
_LOGITS = 1 << 25
# Of a GPU's free memory; the rest is left to cached nodes and to what the allocator cannot use.
_SHARE = 0.4


@dataclass(frozen=True)
class Budget:
    """Limits of one pass through a model.

    Attributes
    ----------
    tokens : int
        Tokens of a pass. A single node or prompt may have more.
    logits : int
        Positions of a pass at which logits are read.
    """

    tokens: int
    logits: int

    @classmethod
    def unmeasured(cls, network: PreTrainedModel) -> Budget:
        """The budget of a model whose use of memory was not measured."""
        return cls(TOKENS, max(_LOGITS // network.config.get_text_config().vocab_size, 1))

    def shrunk(self, tokens: int) -> Budget:
        """The budget after a pass of `tokens` ran out of memory."""
        return replace(self, tokens=max(min(self.tokens, tokens // 2), 1))


def take_nodes(
    pending: deque[ReadyNode], reads: Sequence[int], budget: Budget, *, batch_size: int | None = None
) -> list[ReadyNode]:
    """Take the nodes of the next pass off `pending`.

    As many as the pass may hold, but at least one.

    Parameters
    ----------
    pending : deque of ReadyNode
        Nodes that are not computed yet; those of the batch are removed.
    reads : sequence of int
        For each prompt the number of its last positions at which logits are read.
    budget : Budget
        Limits of the pass.
    batch_size : int, optional
        Largest number of nodes; unlimited if omitted.
    """
    batch: list[ReadyNode] = []
    tokens = logits = keys = 0
    while pending and len(batch) != batch_size:
        node, ancestors = pending[0]
        tokens += len(node.tokens)
        logits += 0 if node.prompt is None else reads[node.prompt]
        keys += len(node.tokens) + sum(ancestor.length for ancestor in ancestors)
        if batch and (tokens > budget.tokens or logits > budget.logits or keys > _KEYS):
            break
        batch.append(pending.popleft())
    return batch


def take_prompts(
    pending: deque[int],
    lengths: Sequence[int],
    reads: Sequence[int],
    budget: Budget,
    *,
    batch_size: int | None = None,
) -> list[int]:
    """Take the prompts of the next padded pass off `pending`.

    As many as the pass may hold, but at least one.

    Parameters
    ----------
    pending : deque of int
        Indices of prompts that are not computed yet, shortest first; those of the batch are removed.
    lengths : sequence of int
        Tokens of each prompt. Shorter ones are padded to the longest of their batch.
    reads : sequence of int
        For each prompt the number of its last positions at which logits are read: in all prompts of the batch.
    budget : Budget
        Limits of the pass, padding included.
    batch_size : int, optional
        Largest number of prompts; unlimited if omitted.
    """
    batch: list[int] = []
    logits = 0
    while pending and len(batch) != batch_size:
        logits += reads[pending[0]]
        n_prompts = len(batch) + 1
        if batch and (n_prompts * lengths[pending[0]] > budget.tokens or n_prompts * logits > budget.logits):
            break
        batch.append(pending.popleft())
    return batch


def tokens_within(free: int, *, tokens: int, used: int) -> int:
    """Tokens that a pass may have in `free` bytes.

    Measured by a pass of `tokens`, which took `used` bytes at its peak. A power of two, so that what other processes
    hold at the moment seldom changes it, and with it the last digits.

    Examples
    --------
    >>> tokens_within(10 * 2**30, tokens=1024, used=2**28)  # 40 % of 10 GB, at a quarter of a megabyte a token
    16384
    """
    fitting = int(_SHARE * free * tokens / max(used, 1))
    return min(max(1 << max(fitting, 1).bit_length() - 1, TOKENS // 4), _MOST_TOKENS)
