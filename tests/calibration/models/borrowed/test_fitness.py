"""What cannot be asked is refused when it is handed over, with what to do."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from transformers import AutoModelForCausalLM, PreTrainedModel

from calibration import extract, from_transformers
from tests import tiny

SIZES: dict[str, Any] = {
    "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "vocab_size": 512,
}  # fmt: skip


def on_meta() -> PreTrainedModel:
    with torch.device("meta"):
        made: PreTrainedModel = AutoModelForCausalLM.from_config(tiny.network().config)
    return made


def with_nan() -> PreTrainedModel:
    network = tiny.network()
    with torch.no_grad():
        network.model.layers[1].mlp.up_proj.weight[0, 0] = torch.nan
    return network


def encoder(kind: str) -> PreTrainedModel:
    made: PreTrainedModel = getattr(transformers, kind)(transformers.BertConfig(**SIZES))
    return made


def encoder_decoder() -> PreTrainedModel:
    sizes: dict[str, Any] = {"d_model": 16, "d_ff": 16, "d_kv": 8, "num_layers": 1, "num_heads": 2, "vocab_size": 512}
    return transformers.T5ForConditionalGeneration(transformers.T5Config(**sizes))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (on_meta, r"mine: the weights must be loaded, model.embed_tokens.weight and 29 more are on the device meta"),
        (
            with_nan,
            r"mine: its weights hold numbers that are not finite \(model.layers.1.mlp.up_proj.weight, 1 of 2048",
        ),
        (lambda: encoder("BertModel"), r"causal language model \(as AutoModelForCausalLM makes one\), BertModel does"),
        (lambda: encoder("BertForMaskedLM"), "BertForMaskedLM does not predict the next token"),
        (lambda: encoder("BertForSequenceClassification"), "does not predict the next token"),
        (lambda: tiny.network().model, "LlamaModel does not predict the next token"),
        (encoder_decoder, "T5ForConditionalGeneration is an encoder with a decoder"),
    ],
)
def test_models_that_cannot_be_asked(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        from_transformers(make(), tiny.tokenizer(), name="mine")


def test_a_network_that_looks_ahead_is_refused_when_it_is_asked() -> None:
    network = transformers.BertLMHeadModel(transformers.BertConfig(**SIZES, is_decoder=False, initializer_range=1.0))
    model = from_transformers(network, tiny.tokenizer(), name="mine")
    with pytest.raises(ValueError, match="the model must be causal"):
        model.next_token_logprobs(["Which river is it? Answer:"], [" A"])


@pytest.mark.parametrize(
    ("tokenizer", "message"),
    [
        (None, "mine: the tokenizer must be the model's, of transformers, got <class 'NoneType'>"),
        (SimpleNamespace(tokenizer=tiny.tokenizer()), "got <class 'types.SimpleNamespace'>; give its .tokenizer"),
    ],
)
def test_tokenizers_that_are_none(tokenizer: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        from_transformers(tiny.network(), tokenizer, name="mine")


def test_a_tokenizer_with_more_tokens_than_the_model() -> None:
    network = tiny.network(vocab_size=300)
    with pytest.raises(
        ValueError, match=r"its token \d+ \('.+'\) is beyond the 300 rows of the model's embedding; .*resize"
    ):
        from_transformers(network, tiny.tokenizer(), name="mine")
    network.resize_token_embeddings(512)
    assert from_transformers(network, tiny.tokenizer(), name="mine").name == "mine"


@pytest.mark.parametrize("name", ["", "  ", None])
def test_a_name_must_be_one(name: Any) -> None:
    with pytest.raises(ValueError, match="name must be a text by which runs call the model, got"):
        from_transformers(tiny.network(), tiny.tokenizer(), name=name)


def test_weights_that_diverge_later_are_refused_when_a_run_starts() -> None:
    network = tiny.network()
    model = from_transformers(network, tiny.tokenizer(), name="mine")
    with torch.no_grad():
        network.lm_head.weight[3] = torch.inf
    with pytest.raises(ValueError, match=r"not finite \(lm_head.weight, 32 of"):
        extract(model, tiny.items(2))


class Int8Linear(torch.nn.Module):
    """A layer whose weight is whole numbers with a scale a row, as quantised models have them."""

    scale: torch.Tensor

    def __init__(self, linear: torch.nn.Linear) -> None:
        super().__init__()
        scale = linear.weight.detach().abs().amax(dim=1, keepdim=True) / 127
        self.weight = torch.nn.Parameter((linear.weight / scale).round().to(torch.int8), requires_grad=False)
        self.register_buffer("scale", scale)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.linear(hidden, self.weight * self.scale)


def quantised() -> PreTrainedModel:
    network = tiny.network()
    for layer in network.model.layers:
        for name in ("up_proj", "down_proj"):
            setattr(layer.mlp, name, Int8Linear(getattr(layer.mlp, name)))
    return network


def packed() -> PreTrainedModel:
    """With layers of torch's own quantisation, whose weights are no parameters."""
    return torch.ao.quantization.quantize_dynamic(tiny.network(), {torch.nn.Linear}, dtype=torch.qint8)  # type: ignore[no-any-return]


@pytest.mark.filterwarnings("ignore:torch.ao.quantization is deprecated", "ignore:.*quantized", "ignore::UserWarning")
@pytest.mark.parametrize("make", [quantised, packed])
def test_a_quantised_model_answers_and_is_told_by_its_weights(make: Any) -> None:
    model = from_transformers(make(), tiny.tokenizer(), name="mine")
    prompts = [f"Question {number}: which? Answer:" for number in range(3)]
    letters = model.next_token_logprobs(prompts, [" A", " B"])
    plain = from_transformers(tiny.network(), tiny.tokenizer(), name="mine")
    assert letters == pytest.approx(plain.next_token_logprobs(prompts, [" A", " B"]), abs=1.0)
    assert np.isfinite(letters).all()
    assert model.description["weights"] == from_transformers(make(), tiny.tokenizer(), name="x").description["weights"]
    assert model.description["weights"] != plain.description["weights"]
