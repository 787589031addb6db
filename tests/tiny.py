"""Tiny language models with random weights, made from configurations, and tokenizers to go with them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedModel, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from calibration.items.item import Item
from calibration.models.local.transformers_model import LocalModel
from calibration.models.sharing.architectures import SharedAttention
from calibration.models.sharing.batches import Budget
from calibration.models.sharing.probe import SharingPlan
from calibration.predictions.predictions import Predictions

CHAT_TEMPLATE = (
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}"
    "{% if not (loop.last and continue_final_message) %}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
_CORPUS = [
    "The following are multiple choice questions (with answers) about history.",
    "A. one B. two C. three D. four Answer: A Answer: B Answer: C Answer: D",
    "Which river is the longest of all? What is the capital of this country? When did it happen, and why?",
]
_SIZES: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 2048,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "pad_token_id": 1,
}

# Sliding windows are shorter than the prompts of the tests.
CONFIGS: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("Llama", {}),
    "qwen3": ("Qwen3", {}),
    "gemma2": ("Gemma2", {"sliding_window": 16, "query_pre_attn_scalar": 8}),
    "gemma3": ("Gemma3Text", {"sliding_window": 16, "query_pre_attn_scalar": 8}),
    "mistral": ("Mistral", {"sliding_window": 16}),
    "gpt2": ("GPT2", {}),
    "cohere": ("Cohere", {"logit_scale": 0.25}),
    "granite": ("Granite", {"logits_scaling": 4.0}),
    "mixtral": ("Mixtral", {"num_local_experts": 4, "sliding_window": None}),
    "bloom": ("Bloom", {}),
    "mamba": ("Mamba", {"state_size": 8}),
    "lfm2": ("Lfm2", {"layer_types": ["conv", "full_attention", "conv"], "block_multiple_of": 8}),
}
# Models whose prompts cannot share a prefix here: position biases made from the mask, recurrent layers.
WITHOUT_SHARING = frozenset({"bloom", "mamba", "lfm2"})


def tokenizer(*, chat: bool = True, bos: bool = False, letters: str = "known") -> PreTrainedTokenizerBase:
    """A byte-level BPE tokenizer in which `` A`` is one token.

    `letters="unknown"` gives a word-level one that knows no letter, so that all of them are the unknown token.
    """
    if letters == "unknown":
        plain = Tokenizer(models.WordLevel({"<unk>": 0, "Answer:": 1, "The": 2}, unk_token="<unk>"))
        plain.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        return PreTrainedTokenizerFast(tokenizer_object=plain, unk_token="<unk>")
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    specials = ["<s>", "</s>", "<|user|>", "<|assistant|>", "<|end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=specials,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(_CORPUS * 4, trainer)
    if bos:
        bpe.post_processor = processors.TemplateProcessing(
            single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 1)]
        )
    made = PreTrainedTokenizerFast(tokenizer_object=bpe, bos_token="<s>", eos_token="</s>")
    if chat:
        made.chat_template = CHAT_TEMPLATE
    return made


def network(kind: str = "llama", *, seed: int = 0, **changes: Any) -> PreTrainedModel:
    """A causal language model of an architecture, with random weights that make its answers differ."""
    name, extra = CONFIGS[kind]
    config = getattr(transformers, f"{name}Config")(**{**_SIZES, "vocab_size": 512, **extra, **changes})
    torch.manual_seed(seed)
    made: PreTrainedModel = transformers.AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for weights in made.parameters():
            if weights.ndim > 1:
                weights.mul_(6.0)
    made.train(mode=False)
    return made


def save(folder: Path, **options: Any) -> Path:
    """A llama with its tokenizer, saved as ``from_pretrained`` wants it; gives the folder."""
    network().save_pretrained(folder, **options)
    tokenizer().save_pretrained(folder)
    return folder


def model(kind: str = "llama", *, chat: bool = True, bos: bool = False, **changes: Any) -> LocalModel:
    """A tiny model with its tokenizer, ready to be asked."""
    return LocalModel(f"tiny-{kind}", "", network(kind, **changes), tokenizer(chat=chat, bos=bos))


def with_plan(model: LocalModel, attention: SharedAttention | None, budget: Budget | None = None) -> LocalModel:
    """The model as it computes by this plan, whatever its prompts; without attention, prompts are computed whole."""
    limits = budget or Budget.unmeasured(model.network)
    return replace(model, plan=SharingPlan(attention=attention, budget=limits, n_probed=sys.maxsize))


def items(count: int = 24, *, subjects: Sequence[str] = ("history", "law")) -> list[Item]:
    """Items of different lengths, two subjects in turn."""
    return [
        Item(
            f"{subjects[number % len(subjects)]}/{number // len(subjects)}",
            subjects[number % len(subjects)],
            f"Question {number}: " + "what, and why? " * (1 + number % 7),
            (f"one {number}", "two", "three three", "four"),
            number % 4,
        )
        for number in range(count)
    ]


def rows(items: Sequence[Item], *, model: str = "m", sure: float = 2.0) -> pl.DataFrame:
    """What a run of a model that knows every answer holds of items."""
    logits = [[sure * (option == item.answer) for option in range(len(item.options))] for item in items]
    frame = Predictions.from_lists(
        logits,
        [item.answer for item in items],
        item=[item.id for item in items],
        subject=[item.subject for item in items],
        model=model,
    ).frame
    return frame.with_columns(content=pl.Series([item.content for item in items], dtype=pl.String))
