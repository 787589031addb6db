"""Wrappers around a model in memory: parallel copies, compiled modules, peft's models."""

from __future__ import annotations

from typing import Any

import torch
from transformers import PreTrainedModel

# What torch's wrappers, DeepSpeed's and accelerate's call the module that they wrap.
_INSIDE = ("_orig_mod", "module")
_SHARDED = frozenset({"FullyShardedDataParallel", "FSDPModule"})
_GATHER = (
    "gather its weights first (with accelerate: accelerator.get_state_dict, then save_pretrained) and name the folder "
    "that they were saved to"
)


def unwrapped(model: object, name: str) -> PreTrainedModel:
    """The transformers model inside of torch's and peft's wrappers.

    Parameters
    ----------
    model : object
        What the user has: a transformers model, peft's model of one, either in ``DataParallel``,
        ``DistributedDataParallel`` or ``torch.compile``.
    name : str
        Its name, for messages.

    Raises
    ------
    TypeError
        If there is no transformers model inside.
    ValueError
        For weights that are split over processes.
    """
    inner: Any = model
    while not isinstance(inner, PreTrainedModel):
        refuse_sharded(inner, name)
        base = getattr(inner, "get_base_model", None)  # peft's
        wrapped = next((part for part in (_part(inner, key) for key in _INSIDE) if part is not None), None)
        if wrapped is not None:
            inner = wrapped
        elif isinstance(inner, torch.nn.Module) and callable(base):
            inner = base()
        else:
            raise TypeError(_not_a_model(inner, name))
    refuse_sharded(inner, name)
    return inner


def refuse_sharded(module: object, name: str) -> None:
    """Refuse weights of which this process holds only a part.

    Raises
    ------
    ValueError
        Saying how to bring them together.
    """
    if not isinstance(module, torch.nn.Module):
        return
    kinds = {kind.__name__ for part in module.modules() for kind in type(part).__mro__}
    parameters = list(module.parameters())
    placeholders = any(hasattr(tensor, "ds_id") and not tensor.numel() for tensor in parameters)  # DeepSpeed's
    parts = any(type(tensor).__name__ == "DTensor" or hasattr(tensor, "device_mesh") for tensor in parameters)
    if kinds & _SHARDED or placeholders or parts:
        raise ValueError(f"{name}: its weights are split over several processes; {_GATHER}")


def _part(module: object, key: str) -> torch.nn.Module | None:
    """A wrapped module, if the wrapper has one of that name."""
    part = getattr(module, key, None)
    return part if isinstance(part, torch.nn.Module) else None


def _not_a_model(model: object, name: str) -> str:
    inside = [
        key for key, part in getattr(model, "_modules", {}).items() if isinstance(part, PreTrainedModel)
    ]  # as trl's models with a value head have one
    hint = f"; give the one inside, .{inside[0]}" if inside else ""
    given = f"{type(model).__module__}.{type(model).__qualname__}"
    return f"{name}: the model must be one of transformers, or of peft around such a one, got {given}{hint}"
