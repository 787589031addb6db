"""Tensors of a GGUF file that the network made from it does not take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from transformers import PreTrainedModel
from transformers.modeling_gguf_pytorch_utils import TENSOR_PROCESSORS, TensorProcessor, get_gguf_hf_weights_map


def untaken_tensors(network: PreTrainedModel, architecture: str, tensors: Sequence[str]) -> tuple[set[str], set[str]]:
    """Compare the tensors of a file with those that a network takes.

    Transformers passes over names that it does not know, and fills the half of a pair (gate and up of experts) that is
    not there with zeros.

    Parameters
    ----------
    network : PreTrainedModel
        Made from the file.
    architecture : str
        What the file calls it.
    tensors : sequence of str
        Names in the file.

    Returns
    -------
    unexpected, missing : set of str
        Names in the file that the network has no place for; names of halves that are not in the file.
    """
    make_processor: Any = TENSOR_PROCESSORS.get(architecture, TensorProcessor)
    processor = make_processor(config=network.config.to_dict())
    mapping: dict[str, str] = get_gguf_hf_weights_map(network, processor)
    present = set(tensors) | {name.removesuffix(".weight") for name in tensors}
    unexpected = {name for name in tensors if not {name, name.removesuffix(".weight")} & mapping.keys()}
    parts = defaultdict(set)
    for name, parameter in mapping.items():
        parts[parameter].add(name)
    missing = {name for names in parts.values() if names & present for name in names - present}
    return unexpected, missing
