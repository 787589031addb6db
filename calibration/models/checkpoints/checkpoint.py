"""Checkpoints of transformers: a network with its tokenizer, held against its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any, Literal

import torch
from transformers import AutoTokenizer, GgufConfig, PreTrainedModel, PreTrainedTokenizerBase

from ..loading_options import Loading
from ..tokenizing.tokenization import refuse_unknown_tokens
from ..weights.gguf_header import GgufHeader
from ..weights.model_files import ADAPTER_CONFIG
from ..weights.weights_hash import weights_hash
from ..weights.whole_weights import (
    NO_TENSOR,
    detach_from_files,
    load_network,
    network_tensors,
    refuse_not_finite,
    refuse_other_tensors,
    tensor_names,
)
from .applied_adapter import AdapterLocation, apply_adapter, located_adapter
from .devices import DTYPES, device_named, refuse_unknown_dtype
from .failures import guarded_loading
from .locations import Location, located


@dataclass(eq=False)
class Checkpoint:
    """A network and its tokenizer, as their files hold them.

    Attributes
    ----------
    name, revision : str
        What was asked for, and the commit that the hub gave; empty for a folder or a file.
    network : PreTrainedModel
        The weights, on their device; nothing of it is trained.
    tokenizer : PreTrainedTokenizerBase
        Its tokenizer.
    weights : str
        Hash of the files that it was loaded from.
    tensors : tuple of str
        Names of the tensors in its safetensors files.
    """

    name: str
    revision: str
    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    weights: str = ""
    tensors: tuple[str, ...] = ()


def load_checkpoint(
    network_class: Any,
    spec: str,
    loading: Loading,
    *,
    what: Literal["model", "encoder", "entailment model"] = "model",
    fault: str,
    unused: str = NO_TENSOR,
) -> Checkpoint:
    """Load a network of transformers with its tokenizer, from safetensors or GGUF.

    Parameters
    ----------
    network_class : type
        The class of transformers that makes the network, such as ``AutoModelForCausalLM``.
    spec : str
        A folder or a name on the hub; if a model is looked for, a GGUF file too.
    loading : Loading
        Number format, device, revision, and whether code of the model runs.
    what : {"model", "encoder", "entailment model"}
        What is looked for, for messages.
    fault : str
        What a message says in front of the reason if it cannot be loaded.
    unused : str
        Regular expression of tensors that may be missing, since nothing is computed with them.

    Raises
    ------
    FileNotFoundError, ConnectionError
        If there is no such model.
    MemoryError
        If the memory does not suffice.
    ValueError
        For an unknown dtype or device, a missing package, damaged files, and weights that are not whole.
    """
    refuse_unknown_dtype(loading.dtype)
    device = None if loading.device == "map" else device_named(loading.device)
    if device is None and find_spec("accelerate") is None:
        raise ValueError("the device map needs the package accelerate: pip install 'veracal[gguf]'")
    location = located(spec, loading.revision, what=what, gguf=what == "model")
    adapter = _located_adapter(spec, location, loading)
    code = loading.trust_remote_code
    options: dict[str, Any] = {"trust_remote_code": code, "revision": location.commit or "main"}
    if location.gguf:
        options["gguf_file"] = location.gguf
    with guarded_loading(spec, location, fault, code=code):
        tokenizer = AutoTokenizer.from_pretrained(location.source, **options)
        if adapter is not None and adapter.has_tokenizer:
            source, revision = adapter.tokenizer_source
            tokenizer = AutoTokenizer.from_pretrained(source, revision=revision)
        load_weights = partial(
            load_network, network_class, spec, location.source, {**options, **_weight_options(location, loading)},
            unused=unused,
        )  # fmt: skip
        network = _load_gguf(spec, location, load_weights) if location.gguf else load_weights()
        if device is not None:
            torch.nn.Module.to(network, device)
        if adapter is not None:
            apply_adapter(spec, network, adapter)
            refuse_unknown_tokens(network, tokenizer, f"{adapter.spec} on {spec}")
        network.train(mode=False)
        detach_from_files(network)
        refuse_not_finite(spec, lambda: network_tensors(network))
        files = location.files(code=code)
        tensors = tuple(tensor_names(files.safetensors))
        return Checkpoint(
            spec, location.commit, network, tokenizer, weights_hash(files, adapter.files if adapter else None), tensors
        )  # fmt: skip


def _located_adapter(spec: str, location: Location, loading: Loading) -> AdapterLocation | None:
    """Where the adapter lies that is put on a model, if there is one."""
    if loading.adapter is None:
        return None
    if (location.folder / ADAPTER_CONFIG).is_file():
        raise ValueError(
            f"{spec}: holds an adapter already ({ADAPTER_CONFIG}), {loading.adapter} would be a second one"
        )
    return located_adapter(loading.adapter)


def _weight_options(location: Location, loading: Loading) -> Mapping[str, Any]:
    """Arguments of ``from_pretrained`` for weights alone."""
    spread = {"device_map": "auto"} if loading.device == "map" else {}
    if location.gguf:
        dtype = DTYPES.get(loading.dtype, torch.float32)
        return {"dtype": dtype, "quantization_config": GgufConfig(dequantize=True), **spread}
    return {"dtype": DTYPES.get(loading.dtype, "auto"), "use_safetensors": True, **spread}


def _load_gguf(spec: str, location: Location, load_weights: Callable[[], PreTrainedModel]) -> PreTrainedModel:
    """Network with all tensors of a GGUF file and the positions it asks for."""
    from ..weights.gguf_positions import FREQUENCY_FACTORS, divide_frequencies, frequency_divisors
    from ..weights.gguf_tensors import untaken_tensors

    path = location.folder / location.gguf
    header = GgufHeader.read(path)
    divisors = frequency_divisors(spec, path, header)
    network = load_weights()
    unexpected, missing = untaken_tensors(network, header.architecture, header.tensors)
    refuse_other_tensors(spec, missing=missing, unexpected=unexpected - {FREQUENCY_FACTORS})
    divide_frequencies(spec, network, divisors)
    return network
