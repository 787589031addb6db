"""The forward passes: token ids in, log-probabilities of wanted next tokens out.

Two paths give the same numbers. *Packed*: the prefix that a group of prompts shares is computed once; the rest of
several prompts then goes through the model as one row, each seeing the prefix and itself, so nothing is padded and the
cache is never copied. *Padded*: whole prompts side by side, filled up on the right, which is right for every causal
architecture, state-space layers included. Both read the model's own logits, at the last positions of each prompt only:
one for what comes next, several for a sequence whose beginning stands in the prompt.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import DynamicCache, PreTrainedModel

TokenIds = Sequence[int]


@dataclass
class Prefix:
    """The keys and values of a shared beginning, in the state in which the model left them."""

    cache: DynamicCache
    length: int


@dataclass(frozen=True)
class AttentionKinds:
    """What a model's layers attend to: the kinds of mask that it asks for, and the sliding window."""

    kinds: frozenset[str]
    window: int | None

    @classmethod
    def of(cls, network: PreTrainedModel) -> AttentionKinds | None:
        """Read the configuration; none where packing cannot work (recurrent layers, chunks, other attention code)."""
        config = network.config.get_text_config()
        takes = inspect.signature(network.forward).parameters
        if (
            getattr(config, "_attn_implementation", None) not in ("sdpa", "eager")
            or getattr(network, "_is_stateful", False)
            or not {"attention_mask", "position_ids", "past_key_values"} <= set(takes)
        ):
            return None
        window = getattr(config, "sliding_window", None)
        layers = getattr(config, "layer_types", None)
        if layers is None:
            layers = ["sliding_attention" if window is not None else "full_attention"]
        kinds = frozenset(layers)
        if not kinds <= {"full_attention", "sliding_attention"}:
            return None
        return cls(kinds, window if "sliding_attention" in kinds else None)


@torch.inference_mode()
def compute_prefix(network: PreTrainedModel, tokens: TokenIds) -> Prefix:
    """Run the shared beginning once and keep its keys and values, the whole of them also where a window slides."""
    cache = DynamicCache()
    if tokens:
        ids = torch.tensor([tokens], device=network.device)  # (1, prefix)
        network(input_ids=ids, past_key_values=cache, use_cache=True, **_keep(network, 1))
    return Prefix(cache, len(tokens))


@torch.inference_mode()
def packed_logits(
    network: PreTrainedModel,
    attention: AttentionKinds,
    prefix: Prefix,
    rests: Sequence[TokenIds],
    reads: Sequence[int] | None = None,
) -> torch.Tensor:
    """Logits at the end of each prompt, from one row that holds what follows the shared prefix.

    Parameters
    ----------
    rests : sequence of token ids
        The prompts behind the prefix.
    reads : sequence of int, optional
        At how many of its last positions each one is read; one where absent.

    Returns
    -------
    torch.Tensor
        Shape (sum of reads, vocabulary), float32: the positions of the first prompt, then those of the next.
    """
    device = network.device
    lengths = torch.tensor([len(rest) for rest in rests], device=device)
    total = int(lengths.sum())
    segment = torch.repeat_interleave(torch.arange(len(rests), device=device), lengths)  # (total,)
    starts = torch.cumsum(lengths, 0) - lengths
    position = prefix.length + torch.arange(total, device=device) - starts[segment]  # (total,)

    ids = torch.tensor([[token for rest in rests for token in rest]], device=device)  # (1, total)
    masks = {
        kind: _packed_mask(segment, position, prefix.length, window, network.dtype)
        for kind, window in (("full_attention", None), ("sliding_attention", attention.window))
        if kind in attention.kinds
    }
    mask: Any = masks if len(masks) > 1 else next(iter(masks.values()))
    counts = torch.tensor([1] * len(rests) if reads is None else list(reads), device=device)
    last = _last_positions(starts + lengths, counts)  # (sum of reads,)
    try:
        out = network(
            input_ids=ids,
            attention_mask=mask,
            position_ids=position[None],
            past_key_values=prefix.cache,
            use_cache=True,
            **_keep(network, last),
        )
    finally:
        prefix.cache.crop(-total)
    return _at(network, out.logits, last)[0].float()


@torch.inference_mode()
def padded_logits(
    network: PreTrainedModel, prompts: Sequence[TokenIds], reads: Sequence[int] | None = None
) -> torch.Tensor:
    """Logits at the end of each prompt, from whole prompts filled up on the right.

    A causal model never looks to the right, so what fills the rows cannot reach the positions that are read and needs
    no mask.

    Returns
    -------
    torch.Tensor
        As in `packed_logits`.
    """
    device = network.device
    longest = max(len(prompt) for prompt in prompts)
    ids = torch.zeros((len(prompts), longest), dtype=torch.long, device=device)
    for row, prompt in enumerate(prompts):
        ids[row, : len(prompt)] = torch.tensor(prompt, device=device)
    counts = torch.tensor([1] * len(prompts) if reads is None else list(reads), device=device)
    ends = torch.tensor([len(prompt) for prompt in prompts], device=device)
    kept, which = torch.unique(_last_positions(ends, counts), return_inverse=True)
    out = network(input_ids=ids, use_cache=False, **_keep(network, kept))
    logits = _at(network, out.logits, kept)  # (n_prompts, kept, vocabulary)
    owner = torch.repeat_interleave(torch.arange(len(prompts), device=device), counts)
    return logits[owner, which].float()


def _last_positions(ends: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
    """The positions in front of each end, as many as are counted, in rising order: shape (sum of counts,)."""
    total = int(counts.sum())
    behind = torch.repeat_interleave(torch.cumsum(counts, 0), counts)
    return torch.repeat_interleave(ends, counts) + torch.arange(total, device=ends.device) - behind


def _packed_mask(
    segment: torch.Tensor, position: torch.Tensor, prefix: int, window: int | None, dtype: torch.dtype
) -> torch.Tensor:
    """Additive mask (1, 1, total, prefix + total): each token sees the prefix and its own segment up to itself."""
    key_position = torch.cat([torch.arange(prefix, device=position.device), position])
    key_segment = torch.cat([torch.full((prefix,), -1, device=segment.device), segment])
    sees = (key_segment[None] == segment[:, None]) | (key_segment[None] == -1)
    sees &= key_position[None] <= position[:, None]
    if window is not None:
        sees &= position[:, None] - key_position[None] < window
    mask = torch.zeros(sees.shape, dtype=dtype, device=sees.device)
    return mask.masked_fill_(~sees, torch.finfo(dtype).min)[None, None]


def _keep(network: PreTrainedModel, positions: int | torch.Tensor) -> dict[str, int | torch.Tensor]:
    return {"logits_to_keep": positions} if _takes_logits_to_keep(network) else {}


def _at(network: PreTrainedModel, logits: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
    return logits if _takes_logits_to_keep(network) else logits[:, positions]


def _takes_logits_to_keep(network: PreTrainedModel) -> bool:
    return "logits_to_keep" in inspect.signature(network.forward).parameters
