"""Batches of generation: prompts whose texts are generated together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from ..arguments import Batching, Decoding
from ..memory import is_out_of_memory
from ..protocol import Generated
from ..sharing.architectures import rope_switch, shared_attentions
from ..sharing.probe import SharingPlan
from ..tokenizing.tokenization import TokenIds
from .generation import end_tokens, generate
from .logprob_streams import refuse_not_finite

# Prompts at a time: their keys and values grow with every token, and a processor gains little from more.
_PROMPTS = {"cpu": 16, "cuda": 128}
# Tokens of all of them at most, with padding and with the tokens that are generated.
_TOKENS = {"cpu": 1 << 14, "cuda": 1 << 17}


def generation_batches(
    network: PreTrainedModel, prompts: Sequence[TokenIds], *, batch_size: int | None, max_new_tokens: int
) -> Iterator[list[int]]:
    """Indices of prompts that are generated together: neighbours by length."""
    device = network.device.type
    most = batch_size or _PROMPTS.get(device, _PROMPTS["cpu"])
    budget = _TOKENS.get(device, _TOKENS["cpu"])
    switch = rope_switch(network) or math.inf
    recurrent = not shared_attentions(network)  # a state must not read padding

    def group(prompt: int) -> int:
        length = len(prompts[prompt])
        return length if recurrent else int(length + max_new_tokens > switch)

    order = sorted(range(len(prompts)), key=lambda prompt: (len(prompts[prompt]), prompt))
    for _, members in groupby(order, key=group):
        batch: list[int] = []
        for prompt in members:  # in rising length
            length = len(prompts[prompt]) + max_new_tokens
            if batch and (len(batch) == most or (len(batch) + 1) * length > budget):
                yield batch
                batch = []
            batch.append(prompt)
        if batch:
            yield batch


def generated_texts(
    network: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    plan: SharingPlan,
    prompts: Sequence[TokenIds],
    *,
    opened: Sequence[str],
    decoding: Decoding,
    batching: Batching,
) -> Iterator[tuple[list[int], list[Generated]]]:
    """Prompts, and their continuations, batch by batch.

    A batch for which memory runs out is halved. `opened` holds the mark with which each prompt opens thoughts, empty if
    it opens none.
    """
    switch = rope_switch(network) or math.inf
    ends = end_tokens(network, tokenizer)
    n_new = decoding.max_new_tokens
    pending = list(generation_batches(network, prompts, batch_size=batching.size, max_new_tokens=n_new))[::-1]
    while pending:
        batch = pending.pop()
        if batching.is_done(batch):
            continue
        longest = max(len(prompts[prompt]) for prompt in batch) + n_new
        try:
            texts = generate(
                network,
                tokenizer,
                [prompts[prompt] for prompt in batch],
                decoding=decoding.at(batch),
                ends=ends,
                sharing=plan.attention is not None and longest <= switch,
                opened=[opened[prompt] for prompt in batch],
            )
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error) or len(batch) == 1:
                raise
            pending += [batch[len(batch) // 2 :], batch[: len(batch) // 2]]
            continue
        new = [(prompt, text) for prompt, text in zip(batch, texts, strict=True) if prompt not in batching.done]
        for prompt, text in new:
            refuse_not_finite(network, torch.tensor(text.logprobs), prompt)
        yield [prompt for prompt, _ in new], [text for _, text in new]
