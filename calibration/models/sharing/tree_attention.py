"""Attention along a prefix tree, in place of a model's own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any, Self

import torch
from transformers import AttentionInterface, PreTrainedModel
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from .architectures import SharedAttention
from .kernels import cascade_attention, model_attention, per_node_attention, varlen_attention
from .packed_row import CachedNode, PackedRow

# The name of `_attend` in transformers.
_IMPLEMENTATION = "veracal_tree"
# Arguments that a model may pass to its attention without changing what the fast kernels compute.
_HARMLESS = frozenset(
    {
        "dropout", "sliding_window", "is_causal", "position_ids", "position_embeddings", "cache_position", "use_cache",
        "past_key_values", "output_attentions", "output_hidden_states", "output_router_logits", "return_dict",
        "logits_to_keep", "num_items_in_batch", "training", "deterministic", "layer_idx",
    }
)  # fmt: skip


class TreeAttention:
    """A context in which a network attends along the prefix tree: `with TreeAttention(…): network(…)`.

    Parameters
    ----------
    network : PreTrainedModel
        The model; after the context it attends as before.
    attention : SharedAttention
        Kernel, and the model's own attention.
    row : PackedRow
        The row that goes through the network, once.

    Raises
    ------
    NotImplementedError
        If the model asks for something that a packed row cannot have, or has layers with attention of their own.
    """

    def __init__(self, network: PreTrainedModel, attention: SharedAttention, row: PackedRow) -> None:
        self._network, self._attention, self._row = network, attention, row
        # For each layer that has attended (1, key heads, tokens, head size).
        self._keys: dict[int, torch.Tensor] = {}
        self._values: dict[int, torch.Tensor] = {}

    def __enter__(self) -> Self:
        self._network.set_attn_implementation(_IMPLEMENTATION)
        self._token: Token[TreeAttention] = _ACTIVE.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _ACTIVE.reset(self._token)
        self._network.set_attn_implementation(self._attention.implementation)
        if error is None and len(self._keys) != len(self._attention.windows):
            raise NotImplementedError("its layers have attention of their own")

    def cached(self, index: int) -> CachedNode:
        """Keys and values of one node, once the row went through."""
        return self._row.cached(index, self._keys, self._values)

    def attend(
        self,
        module: torch.nn.Module,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        options: dict[str, Any],
    ) -> torch.Tensor:
        """Attention of one layer over the row.

        `query` (1, heads, tokens, head size), `key` and `value` (1, key heads, tokens, head size) are the row's own;
        the result has the shape (1, tokens, heads, head size).
        """
        row, kernel = self._row, self._attention.kernel
        layer: int = module.layer_idx  # type: ignore[assignment]
        if layer in self._keys:
            raise NotImplementedError("a layer attends more than once")
        self._keys[layer], self._values[layer] = key, value
        window = self._attention.windows[layer]
        if window is not None and window >= row.longest:
            window = None
        scaling = options["scaling"]
        plain = all(value is None for name, value in options.items() if name != "scaling" and name not in _HARMLESS)
        if kernel == "varlen" and plain:
            return varlen_attention(query, key, value, row, layer=layer, scaling=scaling, window=window)
        if kernel in ("per_node", "cascade") and plain and window is None:
            if kernel == "per_node" or sum(row.n_cached) <= sum(row.lengths):
                return per_node_attention(query, key, value, row, layer=layer, scaling=scaling)
            return cascade_attention(query, key, value, row, layer=layer, scaling=scaling)
        eager: Any = getattr(sys.modules[type(module).__module__], "eager_attention_forward", None)
        own: Callable[..., tuple[torch.Tensor, object]] = ALL_ATTENTION_FUNCTIONS.get_interface(
            self._attention.implementation, eager
        )
        return model_attention(own, module, query, key, value, row, layer=layer, window=window, options=options)


# The context that a forward pass is in; not every architecture hands arguments down to its attention.
_ACTIVE: ContextVar[TreeAttention] = ContextVar("_ACTIVE")


def _attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None = None,
    *,
    scaling: float | None = None,
    **options: Any,
) -> tuple[torch.Tensor, None]:
    """`TreeAttention.attend` in the form of transformers' attention functions; no weights are returned."""
    if attention_mask is not None:
        raise NotImplementedError("its attention has a mask of its own")
    return _ACTIVE.get().attend(module, query, key, value, {"scaling": scaling, **options}), None


AttentionInterface.register(_IMPLEMENTATION, _attend)
