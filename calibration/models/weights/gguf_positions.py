"""Scaling of positions that a GGUF file states and transformers does not read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
from transformers import PreTrainedModel

from ...errors import UnfitWeightsError
from .gguf_header import GgufHeader

FREQUENCY_FACTORS = "rope_freqs.weight"
_FACTORS_BY_LENGTH = ("rope_factors_long.weight", "rope_factors_short.weight")
_REMEDY = "load the original folder or hub model, or serve the file with llama.cpp (openai:NAME@URL)"


def frequency_divisors(spec: str, path: Path, header: GgufHeader) -> torch.Tensor:
    """Divisors of the rotary frequencies that a file asks for.

    llama.cpp computes with ``inv_freq / (factor * rope_freqs)``: the factor of linear scaling, and the factors of each
    frequency that Llama 3.1 and later have.

    Parameters
    ----------
    spec : str
        What the user calls the model, for messages.
    path : Path
        The GGUF file.
    header : GgufHeader
        Its header.

    Returns
    -------
    Tensor
        Shape (n_frequencies,), or (1,) if all frequencies are divided alike; float32.

    Raises
    ------
    UnfitWeightsError
        If positions are scaled in another way, or a factor is not positive and finite.
    """
    by_length = [name for name in _FACTORS_BY_LENGTH if name in header.tensors]
    if by_length or (header.rope_scaling not in ("linear", "none") and header.rope_factor != 1):
        way = f"with factors that depend on the length ({', '.join(by_length)})" if by_length else header.rope_scaling
        raise UnfitWeightsError(
            f"{spec}: its positions are scaled ({way}), which transformers does not read from GGUF files: the model "
            f"would compute with other positions; {_REMEDY}"
        )
    divisors = torch.tensor([1.0 if header.rope_scaling == "none" else header.rope_factor])
    if FREQUENCY_FACTORS in header.tensors:
        divisors = divisors * _read_tensor(path, FREQUENCY_FACTORS)
    if not bool((torch.isfinite(divisors) & (divisors > 0)).all()):
        raise UnfitWeightsError(
            f"{spec}: factors of positions ({FREQUENCY_FACTORS}, rope.scaling.factor) must be positive and finite, got "
            f"{divisors.min().item():g} to {divisors.max().item():g}: a damaged conversion?"
        )
    return divisors


def divide_frequencies(spec: str, network: PreTrainedModel, divisors: torch.Tensor) -> None:
    """Divide the frequencies of every rotary embedding of a network, in place.

    Parameters
    ----------
    spec : str
        What the user calls the model, for messages.
    network : PreTrainedModel
        As transformers made it: with unscaled positions.
    divisors : Tensor
        See `frequency_divisors`.

    Raises
    ------
    UnfitWeightsError
        If the network has no rotary embedding of this kind, or one with another number of frequencies.
    """
    if bool((divisors == 1).all()):
        return
    embeddings = list(_rotary_embeddings(network))
    if not embeddings:
        raise UnfitWeightsError(
            f"{spec}: its positions are scaled by {divisors.min().item():g} to {divisors.max().item():g}, and "
            f"{type(network).__name__} has no rotary frequencies (inv_freq) that these could divide; {_REMEDY}"
        )
    for name, module in embeddings:
        rope_type = getattr(module, "rope_type", "default")
        if rope_type != "default":
            raise UnfitWeightsError(
                f"{spec}: {name} already scales positions ({rope_type}), its file would scale them again; {_REMEDY}"
            )
        for buffer in (module.inv_freq, getattr(module, "original_inv_freq", None)):
            if isinstance(buffer, torch.Tensor):
                _divide(spec, name, buffer, divisors)


def _divide(spec: str, name: str, frequencies: torch.Tensor, divisors: torch.Tensor) -> None:
    if len(divisors) not in (1, len(frequencies)):
        raise UnfitWeightsError(
            f"{spec}: {FREQUENCY_FACTORS} must hold a factor for each of the {len(frequencies)} frequencies of {name}, "
            f"got {len(divisors)}; a conversion of another model?"
        )
    with torch.no_grad():
        frequencies.div_(divisors.to(frequencies.device))


def _rotary_embeddings(network: PreTrainedModel) -> Iterator[tuple[str, torch.nn.Module]]:
    for name, module in network.named_modules():
        if isinstance(getattr(module, "inv_freq", None), torch.Tensor):
            yield name, module


def _read_tensor(path: Path, name: str) -> torch.Tensor:
    """Read one tensor of a file as float32, flat."""
    from gguf import GGUFReader
    from gguf.quants import dequantize

    (tensor,) = (tensor for tensor in GGUFReader(path).tensors if tensor.name == name)
    return torch.tensor(dequantize(tensor.data, tensor.tensor_type), dtype=torch.float32).flatten()
