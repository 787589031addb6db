"""Forward passes: token ids in, logits at the ends of prompts out.

Two functions give the same numbers. `tree_logits`: what prompts share is computed once, at every depth. The nodes of a
prefix tree, shared ones and ends of prompts alike, go through the model packed into rows, without padding, and the keys
and values of a shared node are cached until all its descendants are done. `padded_logits`: whole prompts next to each
other, padded on the right, which is correct for every causal architecture, state-space layers included. Both read the
model's own logits: at one position for the next token, at several for a sequence of which the prompt holds the start.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from transformers import PreTrainedModel

from ..memory import is_out_of_memory
from ..tokenizing.tokenization import TokenIds
from .architectures import SharedAttention, takes_logits_to_keep
from .batches import Budget, ReadyNode, take_nodes, take_prompts
from .packed_row import CachedNode, PackedRow
from .prefix_tree import Node
from .tree_attention import TreeAttention


def tree_logits(
    network: PreTrainedModel,
    attention: SharedAttention,
    tree: Sequence[Node],
    *,
    reads: Sequence[int],
    budget: Budget,
    batch_size: int | None = None,
    done: frozenset[int] = frozenset(),
) -> Iterator[tuple[list[int], torch.Tensor]]:
    """Logits at the ends of prompts, whose shared prefixes are computed once.

    Parameters
    ----------
    attention : SharedAttention
        How attention along the tree is computed.
    tree : sequence of Node
        The prompts, from `prefix_tree`.
    reads : sequence of int
        For each prompt the number of its last positions at which logits are read.
    budget : Budget
        Limits of a pass. If memory runs out, all later passes are smaller.
    batch_size : int, optional
        Largest number of nodes of a pass.
    done : frozenset of int
        Indices of prompts that need not be computed. A pass with another prompt in it is computed whole, so `done` does
        not change the digits of the rest.

    Yields
    ------
    prompts : list of int
        Indices of prompts that end in one pass.
    logits : torch.Tensor
        Shape (sum of reads, vocabulary), float32: the positions of the first of these prompts, then of the next.

    Raises
    ------
    MemoryError
        If memory does not suffice for a single token.
    NotImplementedError
        If the model's attention cannot be computed along the tree.
    """
    levels: list[deque[ReadyNode]] = [deque((node, ()) for node in tree)]  # depth first: few nodes stay cached
    while levels:
        pending = levels[-1]
        if not pending:
            levels.pop()
            continue
        batch = take_nodes(pending, reads, budget, batch_size=batch_size)
        if all(prompt in done for node, _ in batch for prompt in node.prompts()):
            continue
        try:
            logits, children = node_logits(network, attention, batch, reads)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            budget = budget.shrunk(sum(len(node.tokens) for node, _ in batch))
            levels.append(deque(batch if len(batch) > 1 else [_split(*batch[0], reads)]))
            continue
        if prompts := [node.prompt for node, _ in batch if node.prompt is not None]:
            yield prompts, logits
        del logits  # else it would be in memory with that of the next pass
        levels.append(deque(children))


def padded_logits(
    network: PreTrainedModel,
    prompts: Sequence[TokenIds],
    *,
    reads: Sequence[int],
    budget: Budget,
    batch_size: int | None = None,
    done: frozenset[int] = frozenset(),
) -> Iterator[tuple[list[int], torch.Tensor]]:
    """Logits at the ends of prompts that are computed whole.

    Prompts of similar length go together. Parameters, yields and errors as in `tree_logits`; memory must suffice for
    the longest prompt.
    """
    lengths = [len(prompt) for prompt in prompts]
    pending = deque(sorted(range(len(prompts)), key=lambda index: (lengths[index], index)))
    while pending:
        batch = take_prompts(pending, lengths, reads, budget, batch_size=batch_size)
        if done.issuperset(batch):
            continue
        try:
            logits = _padded_pass(network, [prompts[index] for index in batch], [reads[index] for index in batch])
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            if len(batch) == 1:
                raise _too_little_memory(lengths[batch[0]]) from None
            budget = budget.shrunk(len(batch) * lengths[batch[-1]])
            pending.extendleft(reversed(batch))
            continue
        yield batch, logits
        del logits  # else it would be in memory with that of the next pass


def _split(node: Node, ancestors: tuple[CachedNode, ...], reads: Sequence[int]) -> ReadyNode:
    """Cut a node for which memory ran out in two, parent and child."""
    read = 0 if node.prompt is None else reads[node.prompt]
    cut = min(len(node.tokens) // 2, len(node.tokens) - read)
    if cut < 1:
        raise _too_little_memory(len(node.tokens))
    end = Node(node.tokens[cut:], node.start + cut, node.prompt, node.children)
    return Node(node.tokens[:cut], node.start, None, [end]), ancestors


def _too_little_memory(tokens: int) -> MemoryError:
    return MemoryError(f"memory ran out over {tokens} tokens of one prompt; nothing smaller can be tried")


@torch.inference_mode()
def node_logits(
    network: PreTrainedModel, attention: SharedAttention, batch: Sequence[ReadyNode], reads: Sequence[int]
) -> tuple[torch.Tensor, list[ReadyNode]]:
    """One pass of packed nodes.

    Returns the logits (sum of reads, vocabulary) of the prompts that end in it, and the children of its nodes.
    """
    device = network.device
    nodes = [node for node, _ in batch]
    lengths = [len(node.tokens) for node in nodes]
    counts = [0 if node.prompt is None else reads[node.prompt] for node in nodes]
    ids = torch.tensor([[token for node in nodes for token in node.tokens]])  # (1, tokens)
    positions = torch.cat([torch.arange(node.start, node.start + len(node.tokens)) for node in nodes])  # (tokens,)
    last = _last_positions(torch.tensor(lengths).cumsum(0), torch.tensor(counts))  # (sum of reads,)
    row = PackedRow(
        lengths=lengths,
        ancestors=[ancestors for _, ancestors in batch],
        shared=[bool(node.children) for node in nodes],
    )
    with TreeAttention(network, attention, row) as tree:
        out = network(
            input_ids=ids.to(device), position_ids=positions[None].to(device), use_cache=False, **_keep(network, last)
        )
    children: list[ReadyNode] = []
    for index, (node, ancestors) in enumerate(batch):
        if node.children:
            extended = (*ancestors, tree.cached(index))
            children += [(child, extended) for child in node.children]
    return _at(network, out.logits, last)[0].float(), children


@torch.inference_mode()
def _padded_pass(network: PreTrainedModel, prompts: Sequence[TokenIds], counts: Sequence[int]) -> torch.Tensor:
    """One pass of whole prompts.

    Returns the logits (sum of counts, vocabulary) at the last positions of each. A causal model never looks to the
    right, so padding there cannot reach the positions that are read and needs no mask.
    """
    device = network.device
    longest = max(len(prompt) for prompt in prompts)
    ids = torch.zeros((len(prompts), longest), dtype=torch.long)
    for index, prompt in enumerate(prompts):
        ids[index, : len(prompt)] = torch.tensor(prompt)
    ends = torch.tensor([len(prompt) for prompt in prompts])
    kept, columns = torch.unique(_last_positions(ends, torch.tensor(counts)), return_inverse=True)
    out = network(input_ids=ids.to(device), use_cache=False, **_keep(network, kept))
    logits = _at(network, out.logits, kept)  # (prompts, kept, vocabulary)
    rows = torch.repeat_interleave(torch.arange(len(prompts)), torch.tensor(counts))  # (sum of counts,)
    return logits[rows, columns].float()


def _last_positions(ends: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
    """The last `counts` positions before each end, in rising order: shape (sum of counts,).

    They stay in main memory, from which they can index tensors on any device: the logits need not be on the first.
    """
    total = int(counts.sum())
    after = torch.repeat_interleave(torch.cumsum(counts, 0), counts)
    return torch.repeat_interleave(ends, counts) + torch.arange(total) - after


def _keep(network: PreTrainedModel, positions: torch.Tensor) -> dict[str, Any]:
    return {"logits_to_keep": positions} if takes_logits_to_keep(network) else {}


def _at(network: PreTrainedModel, logits: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
    return logits if takes_logits_to_keep(network) else logits[:, positions]


def keep_last(network: PreTrainedModel) -> dict[str, Any]:
    """Arguments that spare a model the logits of all but the last position."""
    return {"logits_to_keep": 1} if takes_logits_to_keep(network) else {}
