"""Generation: token ids in, texts with the log-probabilities of their tokens out.

The loop is transformers' own greedy `generate` from the model's raw distribution: what a checkpoint's generation
settings add (sampling, penalties) is left out, so that the same question always gets the same answer. Sampling is the
same loop on perturbed logits: the largest of logit / temperature + Gumbel noise is a draw from the softmax, and noise
that belongs to its prompt makes the draw the same in any batch. The prefix that all prompts of a batch share is
computed once, and so is a prompt that is in it several times. Prompts of different lengths are padded on the left,
behind that prefix, if the model attends by a mask; a model that carries a state gets prompts of one length at a time,
which is correct for every architecture.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import torch
from transformers import (
    DynamicCache,
    GenerationConfig,
    LogitsProcessor,
    LogitsProcessorList,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    StoppingCriteria,
    StoppingCriteriaList,
)

from ..arguments import Decoding
from ..protocol import Generated
from ..sharing.architectures import shared_attentions
from ..sharing.forward import keep_last
from ..tokenizing.decoding import decoded, first_token_behind, thought_marks
from ..tokenizing.thoughts import split_thoughts
from ..tokenizing.tokenization import TokenIds, turn_end

# Tokens that sharing must save to be worth a pass of its own.
_WORTH = 32
# Tokens in front of a stop text that are decoded with it: the first of them may be the end of a character, and tokens
# that are no text may stand between.
_MARGIN = 16


@torch.inference_mode()
def generate(
    network: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[TokenIds],
    *,
    decoding: Decoding,
    ends: frozenset[int],
    sharing: bool,
    opened: Sequence[str],
) -> list[Generated]:
    """Continuations of prompts, greedy or drawn by their seeds.

    With `sharing`, a common prefix is computed once. `opened` holds the mark with which each prompt opens thoughts,
    empty if it opens none.
    """
    ids, mask, shared = _padded(network, prompts, sharing=sharing)
    width = ids.shape[1]
    settings = GenerationConfig(
        do_sample=False,
        max_new_tokens=decoding.max_new_tokens,
        eos_token_id=sorted(ends) or None,
        pad_token_id=0,  # after the end of an answer, where nothing is read
    )
    choice = _Choice(decoding.temperature, decoding.seeds) if decoding.temperature else _Choice()
    stops = _StopTexts(tokenizer, decoding.stop, width, len(prompts))
    own, model = network.generation_config, _generator(network)
    network.generation_config = GenerationConfig()  # else what it sets is merged into the settings
    try:
        written = model.generate(
            input_ids=ids,
            attention_mask=mask,
            past_key_values=_cached_prompts(network, ids, mask, shared) if sharing else None,
            generation_config=settings,
            logits_processor=LogitsProcessorList([choice]),
            stopping_criteria=StoppingCriteriaList([stops] if decoding.stop else []),
        )
    finally:
        network.generation_config = own
    tokens: list[list[int]] = written[:, width:].tolist()
    logprobs: list[list[float]] = torch.stack(choice.logprobs, dim=1).tolist()  # (n_prompts, n_new)
    return [
        _cut(tokenizer, new, values, decoding.stop, stops.length[row], ends, opened=opened[row])
        for row, (new, values) in enumerate(zip(tokens, logprobs, strict=True))
    ]


def _padded(
    network: PreTrainedModel, prompts: Sequence[TokenIds], *, sharing: bool
) -> tuple[torch.Tensor, torch.Tensor, int]:
    """Token ids and mask, (prompts, longest), and the length of the shared prefix.

    Padding is behind that prefix. A sliding window counts padding, which may therefore not be between tokens.
    """
    shared = 0
    if sharing and not any(shared_attentions(network)[0].windows):
        differ = (index for index, tokens in enumerate(zip(*prompts, strict=False)) if len(set(tokens)) > 1)
        shared = min(next(differ, sys.maxsize), *(len(prompt) - 1 for prompt in prompts))
    width = max(len(prompt) for prompt in prompts)
    ids = torch.zeros((len(prompts), width), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, prompt in enumerate(prompts):
        rest = width - len(prompt) + shared
        for start, tokens in ((0, prompt[:shared]), (rest, prompt[shared:])):
            ids[row, start : start + len(tokens)] = torch.tensor(tokens)
            mask[row, start : start + len(tokens)] = 1
    return ids.to(network.device), mask.to(network.device), shared


def _cached_prompts(
    network: PreTrainedModel, ids: torch.Tensor, mask: torch.Tensor, shared: int
) -> DynamicCache | None:
    """Cache of all but the last token of each prompt.

    None if sharing would not save enough.
    """
    different, which = torch.unique(
        ids + mask * network.config.get_text_config().vocab_size, dim=0, return_inverse=True
    )
    if shared * (len(ids) - 1) < _WORTH and len(different) == len(ids):
        return None
    cache = DynamicCache(config=network.config)
    first = torch.stack([(which == row).nonzero()[0, 0] for row in range(len(different))])
    ids, mask = ids[first], mask[first]
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    if shared:
        network(input_ids=ids[:1, :shared], past_key_values=cache, use_cache=True, **keep_last(network))
        cache.batch_repeat_interleave(len(ids))
    if shared < ids.shape[1] - 1:
        network(
            input_ids=ids[:, shared:-1],
            attention_mask=mask[:, :-1],
            position_ids=positions[:, shared:-1],
            past_key_values=cache,
            use_cache=True,
            **keep_last(network),
        )
    cache.batch_select_indices(which)
    return cache


def end_tokens(network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> frozenset[int]:
    """Tokens that end an answer.

    The end of text by model and tokenizer, and the end of a turn by the chat template. The last one is looked up
    because a base checkpoint, or one whose generation settings were lost, often does not name it, and an answer would
    then run on into the user's next turn.
    """
    named = [tokenizer.eos_token_id, getattr(network.generation_config, "eos_token_id", None)]
    named.append(getattr(network.config.get_text_config(), "eos_token_id", None))
    ends = {token for value in named for token in (value if isinstance(value, list) else [value]) if token is not None}
    return frozenset(ends | turn_end(tokenizer))


class _Choice(LogitsProcessor):
    """The token with the largest logit, and its raw log-probability.

    At a temperature the logits are perturbed so that the largest is a draw. Keeping whole distributions would take a
    vocabulary of memory a token.
    """

    def __init__(self, temperature: float = 1.0, seeds: Sequence[int] = ()) -> None:
        self.temperature = temperature
        self.generators = [np.random.default_rng(seed) for seed in seeds]
        self.logprobs: list[torch.Tensor] = []

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:  # noqa: ARG002
        logits = scores.float()  # (n_prompts, vocabulary)
        chosen = self._perturbed(logits) if self.generators else logits
        raw = logits.gather(-1, chosen.argmax(dim=-1, keepdim=True))[:, 0]
        self.logprobs.append(raw - torch.logsumexp(logits, dim=-1))  # (n_prompts,)
        return chosen

    def _perturbed(self, logits: torch.Tensor) -> torch.Tensor:
        # −log of an exponential variable is Gumbel's. Drawn here, not on the device, so that every device draws alike.
        size = logits.shape[-1]
        noise = -np.log(np.stack([generator.standard_exponential(size) for generator in self.generators]))
        # From the largest logit down, so that a temperature near 0 makes no infinity of it.
        below = logits - logits.amax(dim=-1, keepdim=True)
        return below / self.temperature + torch.from_numpy(noise).to(logits)


class _StopTexts(StoppingCriteria):
    """Ends a row when its text holds one of the given texts.

    By text, not by token: the same text is spelt by different tokens. Only the last tokens are read, which hold what
    the newest one can have completed.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, stop: Sequence[str], width: int, n_rows: int) -> None:
        self.tokenizer = tokenizer
        self.marks = thought_marks(tokenizer)
        self.stop = stop
        self.width = width
        self.read = _MARGIN + max((len(text.encode()) for text in stop), default=0)  # a token has at least a byte
        self.length: list[int | None] = [None] * n_rows

    def __call__(self, input_ids: torch.Tensor, scores: object, **_: object) -> torch.Tensor:  # noqa: ARG002
        n_written = input_ids.shape[1] - self.width
        newest = input_ids[:, -min(n_written, self.read) :].tolist()  # one transfer from the device a step
        for row, new in enumerate(newest):
            if self.length[row] is None and _first(decoded(self.tokenizer, new, self.marks), self.stop) is not None:
                self.length[row] = n_written
        return torch.tensor([length is not None for length in self.length], device=input_ids.device)


def _cut(
    tokenizer: PreTrainedTokenizerBase,
    tokens: list[int],
    logprobs: list[float],
    stop: Sequence[str],
    stopped: int | None,
    ends: frozenset[int],
    *,
    opened: str,
) -> Generated:
    """An answer up to its end, without the thoughts in front of it."""
    marks = thought_marks(tokenizer)
    end = next((index for index, token in enumerate(tokens) if token in ends), None)
    finish: Literal["end", "stop", "length"] = "length"
    if end is not None and (stopped is None or end < stopped):
        text, length, finish = decoded(tokenizer, tokens[:end], marks), end + 1, "end"
    elif stopped is not None:
        text, length, finish = decoded(tokenizer, tokens[:stopped], marks), stopped, "stop"
        text = text[: _first(text, stop)]
    else:
        text, length = decoded(tokenizer, tokens, marks), len(tokens)
    split = split_thoughts(text, opened=bool(opened))
    if not split.start and split.closed:
        return Generated(text, tuple(logprobs[:length]), finish)
    first = first_token_behind(tokenizer, tokens[:length], split.start, marks)
    if not np.isfinite(logprobs[:first]).all():
        first = 0  # for who refuses them
    return Generated(
        split.answer, tuple(logprobs[first:length]), finish, split.thoughts or ("" if split.closed else opened)
    )


def _first(text: str, stop: Sequence[str]) -> int | None:
    starts = [start for start in (text.find(end) for end in stop) if start >= 0]
    return min(starts) if starts else None


def _generator(network: PreTrainedModel) -> Any:
    if not hasattr(network, "generate") or not network.can_generate():
        raise ValueError(f"{type(network).__name__} cannot generate text")
    return network
