"""Layers of peft inside a network, and which adapters compute."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

import torch

from ...nearest_names import nearest

Adapter = bool | str
"""True: adapters as they are set; False: the model without any; otherwise the name of one."""

# Kinds whose work is not in the layers alone: it is done by the forward of peft's own model.
_OUTSIDE = frozenset({"XLORA"})
# Names that wrappers put into those of tensors.
_WRAPPERS = re.compile(r"(?<=\.)(base_layer|original_module|_orig_mod|_checkpoint_wrapped_module)\.")


def adapter_layers(network: torch.nn.Module) -> Iterator[tuple[str, Any]]:
    """Layers of peft with their names.

    They add to a layer, or stand for one.
    """
    if "peft" not in sys.modules:  # whoever has such layers has imported it
        return
    from peft.tuners.tuners_utils import BaseTunerLayer
    from peft.utils.other import AuxiliaryTrainingWrapper

    for name, module in network.named_modules():
        if isinstance(module, BaseTunerLayer | AuxiliaryTrainingWrapper):
            yield name, module


def switch_adapters(network: torch.nn.Module, adapter: Adapter) -> None:
    """Let one adapter compute, or none; True leaves them as they are.

    What is trained changes with it: whoever calls this must bring it back.
    """
    for _, layer in adapter_layers(network) if adapter is not True else ():
        if adapter is False:
            layer.enable_adapters(enabled=False)
        else:
            layer.set_adapter(adapter)
            layer.enable_adapters(enabled=True)


def active_adapters(layer: Any, adapter: Adapter) -> tuple[str, ...]:
    """Names of the adapters that compute in a layer."""
    if adapter is False or (adapter is True and layer.disable_adapters):
        return ()
    return tuple(layer.active_adapters) if adapter is True else (adapter,)


def refuse_adapters(network: torch.nn.Module, adapter: Adapter, name: str) -> None:
    """Refuse a choice of adapters that a network cannot compute with.

    Raises
    ------
    ValueError
        If there are none of peft, none of this name, or their work is not in the layers alone; if the base model is
        asked for, and its own weights were trained beside the adapter.
    """
    configs = adapter_configs(network)
    if adapter is not True and not configs:
        raise ValueError(f"{name}: adapter={adapter!r} is for a model with adapters of peft, this one has none")
    if isinstance(adapter, str) and adapter not in configs:
        raise ValueError(
            f"{name}: the adapter must be one of {', '.join(configs)}, got {adapter!r}{nearest(adapter, [*configs])}"
        )
    for key, config in configs.items():
        kind = str(getattr(config.peft_type, "value", config.peft_type))
        outside = config.is_prompt_learning or kind in _OUTSIDE or getattr(config, "alora_invocation_tokens", None)
        if outside and adapter in (True, key):
            raise ValueError(
                f"{name}: the adapter {key!r} ({kind}) works beside the layers of the model, which are asked alone; "
                "its base can be asked: adapter=False"
            )
        bias = getattr(config, "bias", "none")
        if adapter is False and bias not in ("none", False, None):
            raise ValueError(
                f"{name}: the base cannot be asked: biases of its own were trained with the adapter {key!r} "
                f"(bias={bias!r}); load the base from its checkpoint"
            )
    refuse_merged(network, adapter)


def refuse_merged(network: torch.nn.Module, adapter: Adapter) -> None:
    """Refuse to leave out an adapter that was added to the weights.

    peft would take it out of the weights again, which changes them by rounding.

    Raises
    ------
    ValueError
        Saying what to do.
    """
    for path, layer in adapter_layers(network):
        merged = list(layer.merged_adapters)
        if merged and (adapter is not True or layer.disable_adapters):
            raise ValueError(
                f"the adapter {merged[0]!r} is merged into the weights ({path}) and cannot be left out without "
                "changing them: call unmerge_adapter() first"
            )


def adapter_configs(network: torch.nn.Module) -> dict[str, Any]:
    """Configurations of a network's adapters, by name."""
    configs: dict[str, Any] = {}
    for module in network.modules():
        own = getattr(module, "peft_config", None)
        configs |= own if isinstance(own, dict) else {}
    return configs


def unused_tensors(network: torch.nn.Module, adapter: Adapter) -> tuple[str, ...]:
    """Beginnings of the names of tensors that belong to adapters that do not compute."""
    beginnings = []
    for path, layer in adapter_layers(network):
        active = active_adapters(layer, adapter)
        for kind in (*layer.adapter_layer_names, *layer.other_param_names):
            kept: Any = getattr(layer, kind, None)
            keys = kept.keys() if hasattr(kept, "keys") else ()
            beginnings += [f"{path}.{kind}.{key}" for key in keys if key not in active]
    return tuple(beginnings)


def is_unused(name: str, unused: tuple[str, ...]) -> bool:
    """Whether a tensor belongs to one of the adapters that do not compute.

    Examples
    --------
    >>> is_unused("q.lora_A.first.weight", ("q.lora_A.first",)), is_unused("q.lora_A.first2", ("q.lora_A.first",))
    (True, False)
    """
    return any(name == beginning or name.startswith(f"{beginning}.") for beginning in unused)


def plain_name(name: str) -> str:
    """Name of a tensor as it was before the model was wrapped.

    Examples
    --------
    >>> plain_name("model.layers.0._orig_mod.q_proj.base_layer.weight")
    'model.layers.0.q_proj.weight'
    """
    return _WRAPPERS.sub("", f".{name}")[1:]


def adapter_settings(network: torch.nn.Module, adapter: Adapter) -> dict[str, Any]:
    """What adapters that compute are set to, beside their tensors: factors, and their configurations."""
    factors: dict[str, Any] = {}
    active: set[str] = set()
    for path, layer in adapter_layers(network):
        names = active_adapters(layer, adapter)
        active.update(names)
        scaling = getattr(layer, "scaling", None)
        if isinstance(scaling, dict):
            factors |= {f"{plain_name(path)}.{name}": scaling[name] for name in names if name in scaling}
    left_out = {"base_model_name_or_path", "inference_mode", "peft_version", "revision", "auto_mapping", "task_type"}
    configs = {
        name: {key: value for key, value in config.to_dict().items() if key not in left_out}
        for name, config in adapter_configs(network).items()
        if name in active
    }
    return {"factors": factors, "adapters": configs} if active else {}
