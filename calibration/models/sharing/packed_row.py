"""Packed rows: nodes of a prefix tree in one sequence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch

# Keys of a shared node are padded to a multiple of this: as many as a processor computes at once. Its kernels
# compute the remainder by other instructions, with other last digits, and in a whole prompt the end of a shared
# node is no remainder.
_KEYS_AT_ONCE = 16


@dataclass(frozen=True, eq=False)
class CachedNode:
    """Cached keys and values of a node.

    For each layer a tensor (1, key heads, tokens, head size); `length` is the number of tokens.
    """

    keys: Mapping[int, torch.Tensor]
    values: Mapping[int, torch.Tensor]
    length: int


class AncestorSpan(NamedTuple):
    """An ancestor, and the tokens under it: from `start` to before `stop`."""

    start: int
    stop: int
    ancestor: CachedNode


class VarlenIndices(NamedTuple):
    """Gather indices of every node's keys, and cumulative lengths, for the varlen kernel.

    Attributes
    ----------
    gather : torch.Tensor
        Shape (keys of all nodes,): index of each key in the keys of all ancestors followed by those of the row.
    cu_seqlens_q, cu_seqlens_k : torch.Tensor
        Shape (nodes + 1,), int32: cumulative numbers of queries and of keys.
    """

    gather: torch.Tensor
    cu_seqlens_q: torch.Tensor
    cu_seqlens_k: torch.Tensor


@dataclass(eq=False, kw_only=True)
class PackedRow:
    """Tree nodes packed into one sequence, and each node's cached ancestors.

    Attributes
    ----------
    lengths : sequence of int
        Tokens of each node, in the order of the row.
    ancestors : sequence of sequences of CachedNode
        Ancestors of each node, from the root down. Nodes with the same ancestor are next to each other.
    shared : sequence of bool
        Whether each node has children.
    spans : list of tuple of int
        First token of each node in the row, and the token after its last.
    ancestor_spans : list of AncestorSpan
        Every ancestor once, with the tokens under it.
    n_cached : list of int
        Tokens of all ancestors of each node.
    longest : int
        Tokens of the node that has most, ancestors included.
    """

    lengths: Sequence[int]
    ancestors: Sequence[Sequence[CachedNode]]
    shared: Sequence[bool]
    spans: list[tuple[int, int]] = field(init=False)
    ancestor_spans: list[AncestorSpan] = field(init=False)
    n_cached: list[int] = field(init=False)
    longest: int = field(init=False)
    # The same for all layers, so made once.
    _masks: dict[tuple[int, int, int, int | None, int, torch.device], torch.Tensor] = field(
        default_factory=dict, init=False
    )
    _varlen: dict[torch.device, VarlenIndices] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.spans, stop = [], 0
        spans: dict[int, AncestorSpan] = {}
        for length, ancestors in zip(self.lengths, self.ancestors, strict=True):
            start, stop = stop, stop + length
            self.spans.append((start, stop))
            for ancestor in ancestors:
                first = spans[id(ancestor)].start if id(ancestor) in spans else start
                spans[id(ancestor)] = AncestorSpan(first, stop, ancestor)
        self.ancestor_spans = list(spans.values())
        self.n_cached = [sum(ancestor.length for ancestor in ancestors) for ancestors in self.ancestors]
        self.longest = max(length + cached for length, cached in zip(self.lengths, self.n_cached, strict=True))

    def cached(self, index: int, keys: Mapping[int, torch.Tensor], values: Mapping[int, torch.Tensor]) -> CachedNode:
        """Copy of one node's keys and values.

        Those of the row can be freed then. `keys` and `values` are the row's own: for each layer a tensor (1, key
        heads, tokens, head size).
        """
        start, stop = self.spans[index]
        return CachedNode(
            {layer: tensor[:, :, start:stop].clone() for layer, tensor in keys.items()},
            {layer: tensor[:, :, start:stop].clone() for layer, tensor in values.items()},
            stop - start,
        )

    def with_ancestors(
        self, index: int, layer: int, key: torch.Tensor, value: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Keys and values that one node attends to in a layer.

        Padding is at the end. `key` and `value` are the row's own, (1, key heads, tokens, head size). Both results have
        the shape (1, key heads, tokens of ancestors + tokens of the node + padding, head size).
        """
        start, stop = self.spans[index]

        def joined(ancestors: list[torch.Tensor], own: torch.Tensor) -> torch.Tensor:
            padding = own.new_zeros(1, own.shape[1], self._padding(index), own.shape[-1])
            return torch.cat([*ancestors, own[:, :, start:stop], padding], dim=2)

        keys = joined([ancestor.keys[layer] for ancestor in self.ancestors[index]], key)
        return keys, joined([ancestor.values[layer] for ancestor in self.ancestors[index]], value)

    def mask(self, index: int, window: int | None, like: torch.Tensor, *, repeats: int = 1) -> torch.Tensor:
        """Additive mask of one node for the keys of `with_ancestors`.

        Shape (1, 1, repeats × tokens, keys); `window` is the number of tokens attended to, the current one included.
        """
        cached, length = self.n_cached[index], self.lengths[index]
        n_keys = cached + length + self._padding(index)
        parameters = (cached, length, n_keys, window, repeats, like.device)
        if parameters not in self._masks:
            tokens = torch.arange(cached, cached + length, device=like.device)
            distance = tokens[:, None] - torch.arange(n_keys, device=like.device)  # (tokens, keys)
            hidden = distance < 0 if window is None else (distance < 0) | (distance >= window)
            mask = torch.zeros(hidden.shape, dtype=like.dtype, device=like.device)
            mask.masked_fill_(hidden, torch.finfo(like.dtype).min)
            self._masks[parameters] = mask.repeat(repeats, 1)[None, None]
        return self._masks[parameters]

    def varlen_indices(self, device: torch.device) -> VarlenIndices:
        """Gather indices and cumulative lengths of all nodes, on a device."""
        if device not in self._varlen:
            offsets, row_offset = {}, 0
            for _, _, ancestor in self.ancestor_spans:
                offsets[id(ancestor)], row_offset = row_offset, row_offset + ancestor.length
            gather: list[torch.Tensor] = []
            key_ends = [0]
            for (start, stop), ancestors, cached in zip(self.spans, self.ancestors, self.n_cached, strict=True):
                gather += [
                    torch.arange(offsets[id(ancestor)], offsets[id(ancestor)] + ancestor.length)
                    for ancestor in ancestors
                ]
                gather.append(torch.arange(row_offset + start, row_offset + stop))
                key_ends.append(key_ends[-1] + cached + stop - start)
            query_ends = [0, *(stop for _, stop in self.spans)]
            self._varlen[device] = VarlenIndices(
                torch.cat(gather).to(device),
                torch.tensor(query_ends, dtype=torch.int32, device=device),
                torch.tensor(key_ends, dtype=torch.int32, device=device),
            )
        return self._varlen[device]

    def _padding(self, index: int) -> int:
        return -(self.n_cached[index] + self.lengths[index]) % _KEYS_AT_ONCE if self.shared[index] else 0
