"""Architectures that hand little, much or other things to their attention: shared where it can be, right everywhere."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from numpy.typing import NDArray

from calibration.models.transformers_model import LocalModel
from tests import tiny

LETTERS = [" A", " B", " C", " D"]
HEAD = "Which river is the longest of all? When did it happen, and why? " * 3
PROMPTS = [
    *(HEAD + text for text in ("Who?", "What is the capital?", "Which river is the longest of all, and why? Who?")),
    *(
        HEAD + "A passage that two of them share, and that is long enough. " + text
        for text in ("When?", "What, and why?")
    ),
    "Who?",
]
_ALTERNATING = ["sliding_attention", "full_attention"] * 2
# Name of the architecture, what its tiny configuration needs, and how its prompts share: None where they cannot.
ARCHITECTURES: dict[str, tuple[dict[str, Any], str | None]] = {
    "Falcon": ({"alibi": True}, None),
    "GPTJ": ({"rotary_dim": 8}, None),
    "GPTNeo": ({"attention_types": [[["global", "local"], 2]], "window_size": 16}, None),
    "DiffLlama": ({}, None),  # attends twice a layer
    "Doge": ({}, None),  # makes a mask of its own
    "StableLm": ({}, "blocks"),  # hands nothing down to its layers
    "DeepseekV3": (
        {
            "num_key_value_heads": 4, "v_head_dim": 4, "q_lora_rank": 8, "kv_lora_rank": 8, "qk_rope_head_dim": 8,
            "qk_nope_head_dim": 8, "n_routed_experts": 4, "num_experts_per_tok": 2, "n_group": 1, "topk_group": 1,
            "moe_intermediate_size": 16, "first_k_dense_replace": 1,
        },
        "pieces",
    ),  # keeps something else than keys
    "Gemma4Text": (
        {
            "head_dim": 8, "global_head_dim": 8, "num_kv_shared_layers": 2, "layer_types": _ALTERNATING,
            "sliding_window": 16, "hidden_size_per_layer_input": 4, "vocab_size_per_layer_input": 512,
            "enable_moe_block": False,
        },
        "blocks",
    ),  # layers share keys
    "GptOss": ({"sliding_window": 16, "num_local_experts": 4, "num_experts_per_tok": 2}, "pieces"),  # attention sinks
    "Olmoe": ({"sliding_window": 16, "num_experts": 4, "num_experts_per_tok": 2}, None),  # ignores its window
}  # fmt: skip


def network(name: str, dtype: torch.dtype = torch.float32) -> transformers.PreTrainedModel:
    needs, _ = ARCHITECTURES[name]
    sizes = {**tiny._SIZES, "num_hidden_layers": 4, "vocab_size": 512, **needs}
    if "head_dim" not in needs:
        sizes.pop("head_dim")
    torch.manual_seed(0)
    config = getattr(transformers, f"{name}Config")(**sizes)
    made: Any = transformers.AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for weights in made.parameters():
            if weights.ndim > 1:
                weights.mul_(4.0)
    made.train(mode=False)
    typed: transformers.PreTrainedModel = made.to(dtype)
    return typed


def bare(model: LocalModel, prompt: str) -> NDArray[np.float32]:
    ids = model.tokenizer(prompt)["input_ids"]
    letters = [model.tokenizer(text)["input_ids"][0] for text in LETTERS]
    with torch.inference_mode():
        logits = model.network(torch.tensor([ids]), use_cache=False).logits[0, -1].float()
    values: NDArray[np.float32] = torch.log_softmax(logits, -1)[letters].numpy()
    return values


def asked(model: LocalModel, prompts: list[str], **options: Any) -> NDArray[np.float32]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*cannot share a prefix")
        return model.next_token_logprobs(prompts, LETTERS, **options)


@pytest.mark.parametrize("name", list(ARCHITECTURES))
@pytest.mark.parametrize("first", [[], PROMPTS[:1], PROMPTS[-1:]], ids=["all", "one", "short"])
def test_what_is_asked_first_does_not_decide_whether_the_rest_is_right(name: str, first: list[str]) -> None:
    model = LocalModel(name, "", network(name), tiny.tokenizer())
    if first:
        asked(model, first)
    expected = np.stack([bare(model, prompt) for prompt in PROMPTS])
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(asked(model, PROMPTS), expected, atol=1e-4)
    assert (model._attention and model._attention.way) == ARCHITECTURES[name][1]


@pytest.mark.parametrize("n_tokens", range(1, 10))
def test_a_prompt_of_few_tokens_is_asked_as_any_other(n_tokens: int) -> None:
    model = tiny.model()
    prompt = "?" * n_tokens
    assert len(model.tokenizer(prompt)["input_ids"]) == n_tokens
    ((_, (written,)),) = model.generate([prompt], max_new_tokens=3)
    (values,) = asked(model, [prompt])
    np.testing.assert_allclose(values, bare(model, prompt), atol=1e-4)
    assert (model._attention is None) == (n_tokens < 3)
    with torch.inference_mode():
        ids = torch.tensor([model.tokenizer(prompt)["input_ids"]])
        first = torch.log_softmax(model.network(ids, use_cache=False).logits[0, -1].float(), -1).max()
    np.testing.assert_allclose(written.logprobs[0], first, atol=1e-4)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("name", ["Falcon", "GPTJ", "DiffLlama"])
def test_rounding_hides_no_attention_that_is_left_out(name: str, dtype: torch.dtype) -> None:
    model = LocalModel(name, "", network(name, dtype), tiny.tokenizer())
    expected = np.stack([bare(model, prompt) for prompt in PROMPTS])
    np.testing.assert_allclose(asked(model, PROMPTS), expected, atol=0.05)
    assert model._attention is None


def long_rope() -> LocalModel:
    """A model that turns positions otherwise as soon as one prompt of a pass has more than 128 tokens."""
    rope = {
        "rope_type": "longrope", "rope_theta": 10000.0, "short_factor": [1.0] * 4, "long_factor": [8.0] * 4,
        "original_max_position_embeddings": 128, "factor": 4.0,
    }  # fmt: skip
    sizes = {**tiny._SIZES, "vocab_size": 512, "max_position_embeddings": 512}
    torch.manual_seed(0)
    made = transformers.AutoModelForCausalLM.from_config(
        transformers.Phi3Config(**sizes, rope_parameters=rope, original_max_position_embeddings=128)
    )
    with torch.no_grad():
        for weights in made.parameters():
            if weights.ndim > 1:
                weights.mul_(4.0)
    made.train(mode=False)
    return LocalModel("long rope", "", made, tiny.tokenizer())


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")
def test_prompts_on_either_side_of_a_switch_of_the_rotary_embedding_keep_apart() -> None:
    model = long_rope()
    prompts = [*PROMPTS, *(HEAD + "What is the capital of this country? " * count + "Why?" for count in (8, 12))]
    lengths = [len(model.tokenizer(prompt)["input_ids"]) for prompt in prompts]
    assert min(lengths) < 128 < max(lengths)
    expected = np.stack([bare(model, prompt) for prompt in prompts])
    for _ in range(2):
        np.testing.assert_allclose(asked(model, prompts), expected, atol=1e-4)
    assert model._attention is not None
    alone = {row: next(model.generate([prompt], max_new_tokens=4))[1][0] for row, prompt in enumerate(prompts)}
    for rows, texts in model.generate(prompts, max_new_tokens=4):
        for row, text in zip(rows, texts, strict=True):
            np.testing.assert_allclose(text.logprobs, alone[row].logprobs, atol=1e-3)


def test_an_encoder_is_refused() -> None:
    sizes = {**tiny._SIZES, "vocab_size": 512, "num_key_value_heads": 4}
    torch.manual_seed(0)
    made = transformers.AutoModelForCausalLM.from_config(transformers.BertConfig(**sizes))
    made.train(mode=False)
    with torch.no_grad():
        for weights in made.parameters():
            if weights.ndim > 1:
                weights.mul_(6.0)
    model = LocalModel("bert", "", made, tiny.tokenizer())
    with pytest.raises(ValueError, match=r"the model must be causal, but what stands behind a position changes"):
        model.next_token_logprobs(PROMPTS, LETTERS)


@pytest.mark.parametrize("batch_size", [None, 16])
@pytest.mark.parametrize("shared", [True, False])
def test_memory_that_runs_out_far_below_the_limit_is_found_out_once(shared: bool, batch_size: int | None) -> None:
    model, room = tiny.model(), 300
    prompts = [f"{HEAD}{number} {'What is the capital of this country? ' * (number % 5)}" for number in range(60)]
    whole = asked(model, prompts)
    model._packing.tokens = 1 << 15
    model._attention = model._attention if shared else None
    sizes: list[int] = []

    def narrow(_module: object, _arguments: tuple[object, ...], named: dict[str, torch.Tensor]) -> None:
        sizes.append(named["input_ids"].numel())
        if sizes[-1] > room:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")

    model.network.register_forward_pre_hook(narrow, with_kwargs=True)
    np.testing.assert_allclose(asked(model, prompts, batch_size=batch_size), whole, atol=1e-4)
    assert sum(size > room for size in sizes) < 12
    assert room / 4 < model._packing.tokens < 2 * room
    sizes.clear()
    asked(model, prompts, batch_size=batch_size)  # the model remembers
    assert sum(size > room for size in sizes) < 3


def test_a_long_prompt_goes_through_in_parts_where_memory_is_short() -> None:
    model = tiny.model()
    prompt = HEAD * 4
    (expected,) = asked(model, [prompt])
    length = len(model.tokenizer(prompt)["input_ids"])

    def narrow(_module: object, _arguments: tuple[object, ...], named: dict[str, torch.Tensor]) -> None:
        if named["input_ids"].numel() > length // 3:
            raise MemoryError

    model.network.register_forward_pre_hook(narrow, with_kwargs=True)
    np.testing.assert_allclose(asked(model, [prompt])[0], expected, atol=1e-4)


def test_side_by_side_prompts_are_counted_with_what_fills_them_up() -> None:
    model = tiny.model()
    asked(model, PROMPTS)
    model._attention = None
    sizes: list[int] = []

    def count(_module: object, _arguments: tuple[object, ...], named: dict[str, torch.Tensor]) -> None:
        sizes.append(named["input_ids"].numel())

    model.network.register_forward_pre_hook(count, with_kwargs=True)
    model._packing.tokens = 400
    asked(model, [*(f"Who? {number}" for number in range(150)), HEAD * 3])
    assert max(sizes) <= 400
