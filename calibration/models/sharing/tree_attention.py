"""Attention along a prefix tree: each piece of a packed row sees itself and the pieces on its path, and no other.

*Paths* (processors, half precision): piece by piece, the keys of its path and its own in one call, which rounds as a
whole prompt does: the same bits, but where a kernel treats another number of tokens otherwise. *Blocks* (processors,
full precision, where what stands in front of pieces is longer than they are): a piece's attention to itself and to each
piece in front of it are computed apart, all pieces below one that they share at once, and joined by their softmax
normalisers, which is exact but for rounding. *Lengths* (CUDA, half precision): one kernel for rows of different
lengths, whose keys are gathered along each path. *Pieces* (anything else, and layers whose scores are changed or whose
window slides): the model's own attention, piece by piece.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from contextvars import ContextVar
from functools import cache
from typing import Any

import torch
from transformers import AttentionInterface
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from .packed_row import PackedRow

# What transformers knows the function below by.
IMPLEMENTATION = "veracal_tree"
# The row that goes through a model; not every architecture hands arguments down to its attention.
ROW: ContextVar[PackedRow] = ContextVar("ROW")
# The kernel behind torch's own attention on processors, asked by name because it also tells the softmax normalisers.
_flash = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu  # noqa: SLF001
# So many times as long as what stands in front of it, a piece is computed from empty queries there in the causal order
# that the kernel knows: cheaper than a mask, whose memory grows with the square of the tokens.
_LONG = 32
# What a model may tell its attention without changing what the fast ways compute.
_HARMLESS = frozenset(
    {
        "dropout", "sliding_window", "is_causal", "position_ids", "position_embeddings", "cache_position", "use_cache",
        "past_key_values", "output_attentions", "output_hidden_states", "output_router_logits", "return_dict",
        "logits_to_keep", "num_items_in_batch", "training", "deterministic", "layer_idx",
    }
)  # fmt: skip


def tree_attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None = None,
    *,
    scaling: float | None = None,
    **named: Any,
) -> tuple[torch.Tensor, None]:
    """Attention of one layer over the packed row `ROW`, in the form that transformers asks of an attention function.

    Parameters
    ----------
    query, key, value : torch.Tensor
        Of the row's own tokens, shape (1, heads, tokens, head size); there may be fewer heads of keys.
    attention_mask : torch.Tensor, optional
        Must be absent: what a piece sees is decided here.
    scaling : float, optional
        What scores are multiplied by.

    Returns
    -------
    tuple
        The output (1, tokens, heads, head size), and none for the weights.

    Raises
    ------
    NotImplementedError
        Where a model asks for something that a row of pieces cannot have.
    """
    row = ROW.get()
    layer: int = module.layer_idx  # type: ignore[assignment]
    if attention_mask is not None:
        raise NotImplementedError("its attention has a mask of its own")
    if layer in row.keys:
        raise NotImplementedError("a layer attends more than once")
    row.keys[layer], row.values[layer] = key, value
    way, window = row.attention.way, row.attention.windows[layer]
    if window is not None and window >= row.longest:
        window = None
    plain = all(found is None for name, found in named.items() if name not in _HARMLESS)
    if way == "lengths" and plain:
        return _by_lengths(query, key, value, row, layer, scaling, window), None
    if way in ("paths", "blocks") and plain and window is None:
        if way == "paths" or sum(row.before) <= sum(row.lengths):
            return _by_paths(query, row, layer, scaling), None
        return _by_blocks(query, row, layer, scaling), None
    return _by_pieces(module, query, row, window, {"scaling": scaling, **named}), None


AttentionInterface.register(IMPLEMENTATION, tree_attention)


def _by_paths(query: torch.Tensor, row: PackedRow, layer: int, scaling: float | None) -> torch.Tensor:
    out = torch.empty_like(query)  # (1, heads, tokens, size)
    for place, ((start, stop), before) in enumerate(zip(row.spans, row.before, strict=True)):
        own, (keys, values) = query[:, :, start:stop], row.seen(place, layer)
        if _LONG * before <= stop - start:
            empty = own.new_zeros(1, own.shape[1], before, own.shape[-1])
            found, _ = _flash(torch.cat([empty, own], dim=2), keys, values, is_causal=True, scale=scaling)
            out[:, :, start:stop] = found[:, :, before:]
        else:  # heads with the same keys behind one another, as more rows: the kernel is faster with many
            repeats = own.shape[1] // keys.shape[1]
            folded = own.reshape(1, keys.shape[1], -1, own.shape[-1])
            mask = row.mask(place, None, query, repeats=repeats)
            found, _ = _flash(folded, keys, values, attn_mask=mask, scale=scaling)
            out[:, :, start:stop] = found.reshape(own.shape)
    return out.transpose(1, 2)


def _by_blocks(query: torch.Tensor, row: PackedRow, layer: int, scaling: float | None) -> torch.Tensor:
    out = torch.empty_like(query, dtype=torch.promote_types(query.dtype, torch.float32))  # (1, heads, tokens, size)
    normaliser = torch.empty(out.shape[:-1], dtype=out.dtype)  # (1, heads, tokens)
    for start, stop in row.spans:
        own = (tensor[:, :, start:stop] for tensor in (query, row.keys[layer], row.values[layer]))
        out[:, :, start:stop], normaliser[:, :, start:stop] = _flash(*own, is_causal=True, scale=scaling)
    for start, stop, part in row.blocks:
        seen, total = _flash(query[:, :, start:stop], part.keys[layer], part.values[layer], scale=scaling)
        before = normaliser[:, :, start:stop]
        out[:, :, start:stop].lerp_(seen.to(out.dtype), torch.sigmoid(total - before)[..., None])
        normaliser[:, :, start:stop] = torch.logaddexp(before, total)
    return out.to(query.dtype).transpose(1, 2)


def _by_lengths(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    row: PackedRow,
    layer: int,
    scaling: float | None,
    window: int | None,
) -> torch.Tensor:
    from torch.nn.attention.varlen import varlen_attn

    # From torch 2.12 on, groups of heads that share keys must be announced; 2.11 takes them without a word.
    groups: dict[str, Any] = {"enable_gqa": query.shape[1] != key.shape[1]} if _takes_groups(varlen_attn) else {}
    places, pieces, ends = row.gathering(query.device)
    parts = [part for _, _, part in row.blocks]
    keys = torch.cat([*(part.keys[layer] for part in parts), key], dim=2)[0].index_select(1, places)
    values = torch.cat([*(part.values[layer] for part in parts), value], dim=2)[0].index_select(1, places)
    out = varlen_attn(
        query[0].transpose(0, 1),  # (tokens, heads, head size)
        keys.transpose(0, 1),  # (tokens of all paths, key heads, head size)
        values.transpose(0, 1),
        pieces,
        ends,
        max(row.lengths),
        row.longest,
        scale=scaling,
        window_size=(-1 if window is None else window - 1, 0),
        **groups,
    )
    return torch.as_tensor(out)[None]


@cache
def _takes_groups(kernel: Callable[..., object]) -> bool:
    return "enable_gqa" in inspect.signature(kernel).parameters


def _by_pieces(
    module: torch.nn.Module, query: torch.Tensor, row: PackedRow, window: int | None, named: dict[str, Any]
) -> torch.Tensor:
    layer: int = module.layer_idx  # type: ignore[assignment]
    eager: Any = getattr(sys.modules[type(module).__module__], "eager_attention_forward", None)
    attention: Callable[..., tuple[torch.Tensor, object]] = ALL_ATTENTION_FUNCTIONS.get_interface(
        row.attention.own, eager
    )
    found = []
    for place, (start, stop) in enumerate(row.spans):
        keys, values = row.seen(place, layer)
        mask = row.mask(place, window, query)
        found.append(attention(module, query[:, :, start:stop], keys, values, mask, **named)[0])
    return torch.cat(found, dim=1)
