"""Positions of GGUF files: those that llama.cpp computes with, or none."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from gguf import GGUFWriter, RopeScalingType
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

from calibration import load_model
from calibration.errors import UnfitWeightsError
from calibration.models.local.transformers_model import LocalModel
from calibration.models.weights.gguf_header import GgufHeader
from calibration.models.weights.gguf_positions import divide_frequencies
from tests.tiny_gguf import Tensors, write_gguf

# Of the 8 wavelengths of the tiny network (6 to 19,869), three are short, one is between, four are long.
LLAMA3 = {
    "rope_type": "llama3", "rope_theta": 10000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 256,
}  # fmt: skip


def converted_factors(dim: int = 16) -> list[float]:
    """Factors as llama.cpp's converter writes them (`LlamaModel.generate_extra_tensors`)."""
    length, low, high = 256, 1.0, 4.0
    factors = []
    for index in range(0, dim, 2):
        wavelength = 2 * math.pi * 10000.0 ** (index / dim)
        if wavelength < length / high:
            factors.append(1.0)
        elif wavelength > length / low:
            factors.append(8.0)
        else:
            smooth = (length / wavelength - low) / (high - low)
            factors.append(1 / ((1 - smooth) / 8.0 + smooth))
    return factors


def with_factors(factors: list[float]) -> Callable[[Tensors], object]:
    return lambda tensors: tensors.update({"rope_freqs.weight": np.array(factors, np.float32)})


def load(path: Path, change: Callable[[Tensors], object] = lambda _: None, **how: Any) -> LocalModel:
    dtype = how.pop("dtype", "auto")
    model = load_model(str(write_gguf(path / "model.gguf", change, **how)), device="cpu", dtype=dtype)
    assert isinstance(model, LocalModel)
    return model


def frequencies(model: LocalModel) -> torch.Tensor:
    inv_freq: torch.Tensor = model.network.model.rotary_emb.inv_freq
    return inv_freq


def llama3_twin(model: LocalModel) -> LlamaForCausalLM:
    """The same weights in a network that transformers itself scales."""
    config = LlamaConfig(**{**model.network.config.to_dict(), "rope_parameters": LLAMA3})
    twin = LlamaForCausalLM(config)
    twin.load_state_dict(model.network.state_dict())
    twin.train(mode=False)
    return twin


def test_factors_of_llama_3_give_the_model_that_transformers_scales(tmp_path: Path) -> None:
    model = load(tmp_path, with_factors(converted_factors()))
    twin = llama3_twin(model)
    rotary = twin.model.rotary_emb
    assert rotary.rope_type == "llama3"
    assert frequencies(model).tolist() == pytest.approx(rotary.inv_freq.tolist(), rel=1e-6)
    assert torch.equal(model.network.model.rotary_emb.original_inv_freq, frequencies(model))
    tokens = torch.arange(200).remainder(97)[None]
    with torch.no_grad():
        scaled, expected = model.network(tokens).logits, twin(tokens).logits
        (tmp_path / "plain").mkdir()
        unscaled = load(tmp_path / "plain").network(tokens).logits
    assert torch.allclose(scaled, expected, atol=1e-5)
    assert not torch.allclose(unscaled, expected, atol=1e-3)
    prompt = "Which of these is the longest river? " * 4 + "Answer:"
    last = model.network(torch.tensor([model.tokenizer.encode(prompt)])).logits[0, -1].log_softmax(-1)
    letters = [model.tokenizer.convert_tokens_to_ids(f"\u0120{letter}") for letter in "AB"]
    assert model.next_token_logprobs([prompt], [" A", " B"])[0].tolist() == pytest.approx(
        last[letters].tolist(), abs=1e-5
    )


def test_frequencies_keep_their_precision_in_bfloat16(tmp_path: Path) -> None:
    model = load(tmp_path, with_factors(converted_factors()), dtype="bfloat16")
    assert model.network.lm_head.weight.dtype == torch.bfloat16
    assert frequencies(model).dtype == torch.float32
    expected = [10000.0 ** (-index / 8) / factor for index, factor in enumerate(converted_factors())]
    assert frequencies(model).tolist() == pytest.approx(expected, rel=1e-6)


def scaling(kind: RopeScalingType | None, factor: float, key: str = "") -> Callable[[GGUFWriter], None]:
    def add(writer: GGUFWriter) -> None:
        if kind is not None:
            writer.add_rope_scaling_type(kind)
        if key:
            writer.add_float32(key, factor)
        else:
            writer.add_rope_scaling_factor(factor)

    return add


@pytest.mark.parametrize(
    ("metadata", "factor"),
    [
        (scaling(RopeScalingType.LINEAR, 4.0), 4.0),
        (scaling(RopeScalingType.LINEAR, 1.0), 1.0),
        (scaling(RopeScalingType.LINEAR, 0.0), 1.0),  # llama.cpp takes 0 for none
        (scaling(None, 2.0), 2.0),
        (scaling(None, 2.0, "llama.rope.scale_linear"), 2.0),
        (scaling(RopeScalingType.NONE, 4.0), 1.0),
        (scaling(RopeScalingType.YARN, 1.0), 1.0),
    ],
)
def test_linear_scaling_divides_all_frequencies(metadata: Any, factor: float, tmp_path: Path) -> None:
    expected = [10000.0 ** (-index / 8) / factor for index in range(8)]
    assert frequencies(load(tmp_path, metadata=metadata)).tolist() == pytest.approx(expected, rel=1e-6)


def test_both_scalings_multiply(tmp_path: Path) -> None:
    model = load(tmp_path, with_factors([1, 1, 1, 1, 1, 1, 1, 8]), metadata=scaling(RopeScalingType.LINEAR, 2.0))
    assert frequencies(model)[[0, -1]].tolist() == pytest.approx([0.5, 10000.0 ** (-7 / 8) / 16], rel=1e-6)


def long_and_short(tensors: Tensors) -> None:
    for name in ("rope_factors_long.weight", "rope_factors_short.weight"):
        tensors[name] = np.ones(8, np.float32)


@pytest.mark.parametrize(
    ("change", "metadata", "message"),
    [
        (
            long_and_short, None,
            r"scaled \(with factors that depend on the length \(rope_factors_long\.weight, rope_factors_short\.weight"
            r"\)\), which transformers does not read from GGUF files: the model would compute with other positions; "
            r"load the original folder or hub model, or serve the file with llama\.cpp",
        ),
        (None, scaling(RopeScalingType.YARN, 4.0), r"its positions are scaled \(yarn\), which transformers does not"),
        (None, scaling(RopeScalingType.LONGROPE, 4.0), r"its positions are scaled \(longrope\), which transformers"),
        (with_factors([1.0] * 4 + [8.0] * 3), None, r"each of the 8 frequencies of model\.rotary_emb, got 7"),
        (with_factors([0.0] + [1.0] * 7), None, r"must be positive and finite, got 0 to 1: a damaged conversion\?"),
        (with_factors([-8.0] + [1.0] * 7), None, r"must be positive and finite, got -8 to 1"),
        (with_factors([math.nan] + [1.0] * 7), None, r"must be positive and finite, got nan to nan"),
        (None, scaling(RopeScalingType.LINEAR, math.inf), r"rope\.scaling\.factor\) must be positive .*, got inf"),
    ],
)  # fmt: skip
def test_positions_that_cannot_be_computed_are_refused(
    change: Any, metadata: Any, message: str, tmp_path: Path
) -> None:
    nothing: Callable[[Any], object] = lambda _: None  # noqa: E731
    with pytest.raises(UnfitWeightsError, match=message):
        load(tmp_path, change or nothing, metadata=metadata or nothing)


def test_a_network_without_rotary_frequencies_is_refused() -> None:
    network = GPT2LMHeadModel(GPT2Config(n_layer=1, n_head=2, n_embd=8, vocab_size=32))
    with pytest.raises(
        UnfitWeightsError, match=r"^m\.gguf: its positions are scaled by 1 to 8, and GPT2LMHeadModel has no"
    ):
        divide_frequencies("m.gguf", network, torch.tensor([1.0, 8.0]))
    divide_frequencies("m.gguf", network, torch.ones(2))


def test_a_network_that_scales_already_is_refused(tmp_path: Path) -> None:
    twin = llama3_twin(load(tmp_path))
    with pytest.raises(
        UnfitWeightsError, match=r"model\.rotary_emb already scales positions \(llama3\), its file would"
    ):
        divide_frequencies("m.gguf", twin, torch.tensor([8.0]))


def test_the_header_tells_the_scaling(tmp_path: Path) -> None:
    header = GgufHeader.read(write_gguf(tmp_path / "m.gguf", metadata=scaling(RopeScalingType.YARN, 2.5)))
    assert (header.architecture, header.rope_scaling, header.rope_factor) == ("llama", "yarn", 2.5)
    header = GgufHeader.read(write_gguf(tmp_path / "plain.gguf"))
    assert (header.rope_scaling, header.rope_factor) == ("linear", 1.0)
