"""Everything of a network that must be as before, in a form that compares."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

_LARGE = 1_000_000  # real weights
_PLAIN = (bool, int, float, str, type(None))


def state_of(root: torch.nn.Module, network: PreTrainedModel) -> dict[str, Any]:
    """Modes, hooks, gradients, settings, attention, adapters, numbers, random numbers of a network."""
    parameters = list(root.named_parameters())
    return {
        "modes": [module.training for module in root.modules()],
        "hooks": [
            [*module._forward_hooks, *module._forward_pre_hooks, *module._backward_hooks] for module in root.modules()
        ],
        "attributes": [
            {key: value if isinstance(value, _PLAIN) else type(value) for key, value in vars(module).items()}
            for module in root.modules()
        ],
        "forwards": [module.forward for module in root.modules()],
        "objects": [id(tensor) for tensor in (*root.parameters(), *root.buffers())],
        "trained": [tensor.requires_grad for _, tensor in parameters],
        "gradients": [None if tensor.grad is None else _digits(tensor.grad) for _, tensor in parameters],
        "leaves": [tensor.is_leaf and not tensor.is_inference() for _, tensor in parameters],
        "numbers": {name: _digits(tensor) for name, tensor in root.state_dict().items()},
        "dtypes": [tensor.dtype for tensor in (*root.parameters(), *root.buffers())],
        "devices": [tensor.device for tensor in (*root.parameters(), *root.buffers())],
        "attention": [
            module.config._attn_implementation for module in root.modules() if isinstance(module, PreTrainedModel)
        ],
        "configuration": {key: repr(value) for key, value in vars(network.config).items()},
        "generation": (id(network.generation_config), str(network.generation_config)),
        "adapters": [
            (module._disable_adapters, module._active_adapter)
            for module in root.modules()
            if hasattr(module, "_disable_adapters")
        ],
        "random": (random.getstate(), [str(part) for part in np.random.get_state()], torch.get_rng_state().tolist()),
        "modes of torch": (
            torch.is_grad_enabled(),
            torch.is_inference_mode_enabled(),
            torch.is_autocast_enabled("cpu"),
        ),
    }


def tokenizer_state(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    """Attributes of a tokenizer, and the whole of what it computes with."""
    attributes = {key: repr(value) for key, value in vars(tokenizer).items() if key != "_tokenizer"}
    return {**attributes, "computing": tokenizer.backend_tokenizer.to_str()}


def _digits(tensor: torch.Tensor) -> int:
    """Hash of a tensor's numbers bit by bit, or the sum of the bits of a large one, which takes a tenth of the time."""
    flat = tensor.detach().contiguous().flatten()
    if flat.numel() > _LARGE and not flat.numel() % 2:
        return int(flat.view(torch.int32).sum())
    return hash(flat.view(torch.uint8).numpy().tobytes())
