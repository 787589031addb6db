"""Architectures that hand little, much or other things to their attention: shared if possible, right everywhere."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from numpy.typing import NDArray

from calibration.models.local.transformers_model import LocalModel
from calibration.models.sharing import probe
from calibration.models.sharing.architectures import shared_attentions
from calibration.models.sharing.batches import Budget
from calibration.models.sharing.probe import SharingPlan, probe_length
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
# Name of the architecture, what its tiny configuration needs, and its kernel; None if prompts cannot share.
ARCHITECTURES: dict[str, tuple[dict[str, Any], str | None]] = {
    "Falcon": ({"alibi": True}, None),
    "GPTJ": ({"rotary_dim": 8}, None),
    "GPTNeo": ({"attention_types": [[["global", "local"], 2]], "window_size": 16}, None),
    "DiffLlama": ({}, None),  # attends twice a layer
    "Doge": ({}, None),  # makes a mask of its own
    "StableLm": ({}, "cascade"),  # hands nothing down to its layers
    "DeepseekV3": (
        {
            "num_key_value_heads": 4, "v_head_dim": 4, "q_lora_rank": 8, "kv_lora_rank": 8, "qk_rope_head_dim": 8,
            "qk_nope_head_dim": 8, "n_routed_experts": 4, "num_experts_per_tok": 2, "n_group": 1, "topk_group": 1,
            "moe_intermediate_size": 16, "first_k_dense_replace": 1,
        },
        "model",
    ),  # keeps something else than keys
    "Gemma4Text": (
        {
            "head_dim": 8, "global_head_dim": 8, "num_kv_shared_layers": 2, "layer_types": _ALTERNATING,
            "sliding_window": 16, "hidden_size_per_layer_input": 4, "vocab_size_per_layer_input": 512,
            "enable_moe_block": False,
        },
        "cascade",
    ),  # layers share keys
    "GptOss": ({"sliding_window": 16, "num_local_experts": 4, "num_experts_per_tok": 2}, "model"),  # attention sinks
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


def kernel(model: LocalModel, prompts: list[str]) -> str | None:
    """The kernel by which a model computes prompts; None if whole."""
    plan = model.planned(prompts).plan
    assert plan is not None
    return None if plan.attention is None else plan.attention.kernel


def asked(model: LocalModel, prompts: list[str], **options: Any) -> NDArray[np.float32]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*cannot share a prefix")
        return model.next_token_logprobs(prompts, LETTERS, **options)


@pytest.mark.parametrize("name", list(ARCHITECTURES))
@pytest.mark.parametrize("probed", [PROMPTS, PROMPTS[:1], PROMPTS[-1:]], ids=["all", "one", "short"])
def test_letters_are_right_whichever_prompts_were_probed(name: str, probed: list[str]) -> None:
    model = LocalModel(name, "", network(name), tiny.tokenizer()).planned(probed)
    expected = np.stack([bare(model, prompt) for prompt in PROMPTS])
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(asked(model, PROMPTS), expected, atol=1e-4)
    assert kernel(model, PROMPTS) == ARCHITECTURES[name][1]


@pytest.mark.parametrize("n_tokens", range(1, 10))
def test_a_prompt_of_few_tokens_is_asked_as_any_other(n_tokens: int) -> None:
    model = tiny.model()
    prompt = "?" * n_tokens
    assert len(model.tokenizer(prompt)["input_ids"]) == n_tokens
    ((_, (written,)),) = model.generate([prompt], max_new_tokens=3)
    (values,) = asked(model, [prompt])
    np.testing.assert_allclose(values, bare(model, prompt), atol=1e-4)
    assert (kernel(model, [prompt]) is None) == (n_tokens < 3)
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
    assert kernel(model, PROMPTS) is None


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
    assert kernel(model, prompts) is not None
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
        for matrix in (weights for weights in made.parameters() if weights.ndim > 1):
            matrix.mul_(6.0)
    model = LocalModel("bert", "", made, tiny.tokenizer())
    with pytest.raises(ValueError, match=r"the model must be causal, but what stands behind a position changes"):
        model.next_token_logprobs(PROMPTS, LETTERS)


def test_a_plan_covers_prompts_that_a_probe_of_them_would_not_see_more_of() -> None:
    model = LocalModel("Olmoe", "", network("Olmoe"), tiny.tokenizer())
    short, window, long = ([7] * length for length in (9, 16, 300))
    plan = SharingPlan.probe(model.network, [short, window])
    assert plan.attention is not None  # a window that no layer has is not seen in a prompt that fits into it
    assert plan.covers(model.network, [short])
    assert not plan.covers(model.network, [short, long])
    assert SharingPlan.probe(model.network, [long]).covers(model.network, [long * 9])
    assert probe_length(model.network, 300) == 96
    assert [probe_length(model.network, length) for length in (0, 2, 3)] == [0, 0, 3]


class FakeGpu:
    """What torch says of a GPU with so many bytes free, of which a pass takes `per_token` for each token."""

    def __init__(self, network: transformers.PreTrainedModel, *, free: int, per_token: int, limit: int) -> None:
        self.network, self.free, self.per_token, self.limit = network, free, per_token, limit
        self.config, self.device = network.config, torch.device("cuda")
        self.passes: list[int] = []

    def pass_nodes(self, _network: object, _attention: object, batch: Any, _reads: object) -> None:
        self.passes.append(sum(len(node.tokens) for node, _ in batch))
        if self.passes[-1] > self.limit:
            raise torch.OutOfMemoryError("CUDA out of memory.")


@pytest.mark.parametrize(
    ("limit", "passes", "tokens"),
    [
        (4096, [1024], 16384),  # 0.4 × 48,000 tokens fit: the power of two below
        (300, [1024, 512, 256], 256),
    ],
)
def test_the_budget_of_a_gpu_is_measured(
    limit: int, passes: list[int], tokens: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    network: Any = tiny.network()
    gpu: Any = FakeGpu(network, free=47_000_000, per_token=1000, limit=limit)
    monkeypatch.setattr(probe, "node_logits", gpu.pass_nodes)
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda _: None)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda _: 5_000_000)
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda _: 6_000_000)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda _: 5_000_000 + gpu.per_token * gpu.passes[-1])
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (gpu.free, 80_000_000))
    budget = probe._measured(gpu, shared_attentions(network)[0], Budget(tokens=1024, logits=8))
    assert gpu.passes == passes
    assert budget == Budget(tokens=tokens, logits=8)
