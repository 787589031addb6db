"""Identity of a network in memory: the content of what computes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from ..local.generation import end_tokens
from ..tokenizing.tokenization import tokenizer_hash
from ..weights.tensor_hash import tensors_hash
from ..weights.whole_weights import network_tensors, refuse_not_finite
from .adapter_layers import Adapter, adapter_settings, is_unused, plain_name, unused_tensors

# Of a configuration what says where it came from, or how a caller wants its outputs.
_UNREAD = frozenset(
    {
        "_name_or_path", "transformers_version", "architectures", "dtype", "torch_dtype", "use_cache", "return_dict",
        "output_hidden_states", "output_attentions", "_attn_implementation_autoset",
    }
)  # fmt: skip


def computing_tensors(network: PreTrainedModel, adapter: Adapter) -> Iterator[tuple[str, torch.Tensor]]:
    """Parameters and stored buffers that compute, by their names in the plain model.

    Those of adapters that do not compute are left out.
    """
    unused = unused_tensors(network, adapter)
    for name, tensor in network_tensors(network):
        if not is_unused(name, unused):
            yield plain_name(name), tensor


def refuse_bad_numbers(network: PreTrainedModel, adapter: Adapter, name: str) -> None:
    """Refuse weights that hold NaN or infinity.

    Raises
    ------
    ValueError
        Naming the first such tensor.
    """
    refuse_not_finite(name, lambda: _plain_tensors(computing_tensors(network, adapter)))


def content_hash(network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, adapter: Adapter) -> str:
    """Hash of tensors, configuration, adapters, tokenizer and chat template, 16 hexadecimal digits."""
    total = sum(tensor.numel() * tensor.element_size() for _, tensor in computing_tensors(network, adapter))
    settings = {
        "class": type(network).__name__,
        "configuration": _computing_settings(network.config.to_dict()),
        "ends": sorted(end_tokens(network, tokenizer)),
        "tokenizer": tokenizer_hash(tokenizer),
        **adapter_settings(network, adapter),
    }
    described = ("", json.dumps(settings, sort_keys=True, default=_ordered))
    content = chain([described], _packed(network, adapter), computing_tensors(network, adapter))
    return tensors_hash(content, total=total)


def _packed(network: PreTrainedModel, adapter: Adapter) -> Iterator[tuple[str, object]]:
    """What a network stores beside parameters and buffers: packed layers, scales of quantised ones."""
    unused = unused_tensors(network, adapter)
    known = {name for name, _ in network.named_parameters(remove_duplicate=False)}
    known |= {name for name, _ in network.named_buffers(remove_duplicate=False)}
    for name, value in network.state_dict().items():
        if name not in known and not is_unused(name, unused):
            yield plain_name(name), value


def _computing_settings(configuration: dict[str, Any]) -> dict[str, Any]:
    """A configuration, as far as it decides what is computed."""
    return {
        key: _computing_settings(value) if isinstance(value, dict) else value
        for key, value in configuration.items()
        if key not in _UNREAD
    }


def _plain_tensors(tensors: Iterator[tuple[str, torch.Tensor]]) -> Iterator[tuple[str, torch.Tensor]]:
    """Tensors whose numbers can be looked at: no packed ones."""
    plain = (torch.Tensor, torch.nn.Parameter, torch.nn.Buffer)
    yield from ((name, tensor) for name, tensor in tensors if type(tensor) in plain and not tensor.is_quantized)


def _ordered(value: object) -> object:
    """Sets in order, and anything else by its text."""
    return sorted(map(str, value)) if isinstance(value, set | frozenset) else str(value)
