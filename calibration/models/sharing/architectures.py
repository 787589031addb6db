"""Architectures: what a model's configuration, device and signature allow."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Literal

import torch
from transformers import PreTrainedModel

Kernel = Literal["per_node", "cascade", "varlen", "model"]
"""A kernel of `calibration.models.sharing.kernels`."""


@dataclass(frozen=True)
class SharedAttention:
    """Attention of a model over packed nodes of a prefix tree.

    Attributes
    ----------
    kernel : {"per_node", "cascade", "varlen", "model"}
        See `calibration.models.sharing.kernels`.
    implementation : str
        The model's own attention, by its name in transformers.
    windows : tuple of int or None
        For each layer the number of tokens that it attends to, the current one included; None if unlimited.
    """

    kernel: Kernel
    implementation: str
    windows: tuple[int | None, ...]


def shared_attentions(network: PreTrainedModel) -> list[SharedAttention]:
    """Kernels that a model's architecture, device and dtype allow, fastest first.

    Empty if prompts cannot be packed: recurrent layers, chunked attention, attention that is not known here.
    """
    config = network.config.get_text_config()
    parameters = inspect.signature(network.forward).parameters
    implementation = getattr(config, "_attn_implementation", None)
    if (
        implementation not in ("sdpa", "eager")
        or getattr(network, "_is_stateful", False)
        or not {"attention_mask", "position_ids", "past_key_values"} <= set(parameters)
        or "local" in getattr(config, "attention_layers", ())  # windows under another name
    ):
        return []
    window = getattr(config, "sliding_window", None)
    layers = getattr(config, "layer_types", None)
    if layers is None:
        layers = ["full_attention" if window is None else "sliding_attention"] * config.num_hidden_layers
    if not set(layers) <= {"full_attention", "sliding_attention"}:
        return []
    windows = tuple(window if layer == "sliding_attention" else None for layer in layers)
    half = network.dtype in (torch.float16, torch.bfloat16)
    kernels: list[Kernel] = ["model"]
    if implementation == "sdpa" and network.device.type == "cpu":
        kernels = ["per_node" if half else "cascade", "model"]
    if implementation == "sdpa" and network.device.type == "cuda" and half:
        kernels = ["varlen", "model"]
    return [SharedAttention(kernel, implementation, windows) for kernel in kernels]


def rope_switch(network: PreTrainedModel) -> int | None:
    """Length in tokens beyond which a model rotates all positions of a pass differently.

    Prompts on either side of it must not share a pass, and longer ones must not share a prefix. None for models with
    the same rotary embedding at every length.
    """
    config = network.config.get_text_config()
    parameters = getattr(config, "rope_parameters", None) or {}
    ropes = [parameters, *(value for value in parameters.values() if isinstance(value, dict))]
    switches = [
        rope.get("original_max_position_embeddings") or getattr(config, "original_max_position_embeddings", None)
        for rope in ropes
        if rope.get("rope_type") == "longrope"
    ]
    return int(switches[0]) if switches and switches[0] else None


def takes_logits_to_keep(network: PreTrainedModel) -> bool:
    """Whether the forward computes logits at chosen positions only, by the argument ``logits_to_keep``."""
    return "logits_to_keep" in inspect.signature(network.forward).parameters
