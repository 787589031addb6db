"""Attention kernels for packed rows.

In all of them a node of a row attends to its ancestors and itself, causally.

*Per node* (processors, half precision): one call a node, over the keys of its ancestors and its own, which rounds as a
whole prompt does: the same bits, except if a kernel treats another number of tokens differently. *Cascade* (processors,
full precision, if ancestors are longer than nodes): a node's attention to itself and to each ancestor are computed
separately, all nodes under an ancestor at once, and merged by their log-sum-exp, which is exact but for rounding.
*Varlen* (CUDA, half precision): one kernel call for sequences of different lengths, whose keys are gathered from the
ancestors. *Model* (anything else, layers with changed scores or a sliding window): the model's own attention, one call
a node.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

import torch

from .packed_row import PackedRow

# The kernel under torch's own attention on processors, called by name because it also returns the log-sum-exp.
_flash = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu  # noqa: SLF001
# A node this many times as long as its ancestors gets empty queries for them and the kernel's own causal order:
# cheaper than a mask, whose memory grows with the square of the tokens.
_LONG = 32


def per_node_attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, row: PackedRow, *, layer: int, scaling: float | None
) -> torch.Tensor:
    """Attention by one call of the processor's kernel a node.

    `query` (1, heads, tokens, head size), `key` and `value` (1, key heads, tokens, head size) are the row's own;
    the result has the shape (1, tokens, heads, head size).
    """
    out = torch.empty_like(query)  # (1, heads, tokens, head size)
    for index, ((start, stop), cached) in enumerate(zip(row.spans, row.n_cached, strict=True)):
        own = query[:, :, start:stop]  # (1, heads, tokens of the node, head size)
        keys, values = row.with_ancestors(index, layer, key, value)
        if _LONG * cached <= stop - start:
            empty = own.new_zeros(1, own.shape[1], cached, own.shape[-1])
            whole, _ = _flash(torch.cat([empty, own], dim=2), keys, values, is_causal=True, scale=scaling)
            out[:, :, start:stop] = whole[:, :, cached:]
        else:  # heads with the same keys become more queries: the kernel is faster with many
            repeats = own.shape[1] // keys.shape[1]
            folded = own.reshape(1, keys.shape[1], -1, own.shape[-1])
            mask = row.mask(index, None, query, repeats=repeats)
            part, _ = _flash(folded, keys, values, attn_mask=mask, scale=scaling)
            out[:, :, start:stop] = part.reshape(own.shape)
    return out.transpose(1, 2)


def cascade_attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, row: PackedRow, *, layer: int, scaling: float | None
) -> torch.Tensor:
    """Attention by one call an ancestor, merged by log-sum-exp.

    A call is for all nodes under the ancestor. Shapes as in `per_node_attention`.
    """
    out = torch.empty_like(query, dtype=torch.promote_types(query.dtype, torch.float32))
    log_sum_exp = torch.empty(out.shape[:-1], dtype=out.dtype)  # (1, heads, tokens)
    for start, stop in row.spans:
        own = (tensor[:, :, start:stop] for tensor in (query, key, value))
        out[:, :, start:stop], log_sum_exp[:, :, start:stop] = _flash(*own, is_causal=True, scale=scaling)
    for start, stop, ancestor in row.ancestor_spans:
        part, total = _flash(query[:, :, start:stop], ancestor.keys[layer], ancestor.values[layer], scale=scaling)
        before = log_sum_exp[:, :, start:stop]
        out[:, :, start:stop].lerp_(part.to(out.dtype), torch.sigmoid(total - before)[..., None])
        log_sum_exp[:, :, start:stop] = torch.logaddexp(before, total)
    return out.to(query.dtype).transpose(1, 2)


def varlen_attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    row: PackedRow,
    *,
    layer: int,
    scaling: float | None,
    window: int | None,
) -> torch.Tensor:
    """Attention by one call of torch's kernel for sequences of different lengths.

    Shapes as in `per_node_attention`; `window` is the number of tokens attended to, the current one included.
    """
    from torch.nn.attention.varlen import varlen_attn

    # From torch 2.12 on, groups of heads that share keys must be announced; 2.11 has no such argument.
    groups: dict[str, Any] = {"enable_gqa": query.shape[1] != key.shape[1]} if _takes_groups(varlen_attn) else {}
    gather, cu_seqlens_q, cu_seqlens_k = row.varlen_indices(query.device)
    ancestors = [ancestor for _, _, ancestor in row.ancestor_spans]
    keys = torch.cat([*(ancestor.keys[layer] for ancestor in ancestors), key], dim=2)[0].index_select(1, gather)
    values = torch.cat([*(ancestor.values[layer] for ancestor in ancestors), value], dim=2)[0].index_select(1, gather)
    out = varlen_attn(
        query[0].transpose(0, 1),  # (tokens, heads, head size)
        keys.transpose(0, 1),  # (keys of all nodes, key heads, head size)
        values.transpose(0, 1),
        cu_seqlens_q,
        cu_seqlens_k,
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


def model_attention(
    attention: Callable[..., tuple[torch.Tensor, object]],
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    row: PackedRow,
    *,
    layer: int,
    window: int | None,
    options: dict[str, Any],
) -> torch.Tensor:
    """Attention by one call of the model's own function a node.

    Shapes as in `per_node_attention`; `options` are passed on to the function.
    """
    outputs = []
    for index, (start, stop) in enumerate(row.spans):
        keys, values = row.with_ancestors(index, layer, key, value)
        mask = row.mask(index, window, query)
        outputs.append(attention(module, query[:, :, start:stop], keys, values, mask, **options)[0])
    return torch.cat(outputs, dim=1)
