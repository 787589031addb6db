"""Log-probabilities as they are computed: those of single tokens, and sums over whole continuations."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import PreTrainedModel

from ...errors import NotFiniteError
from ..arguments import Batching
from ..sharing.architectures import rope_switch
from ..sharing.forward import padded_logits, tree_logits
from ..sharing.prefix_tree import prefix_tree
from ..sharing.probe import SharingPlan
from .contexts import Context


def candidate_logprobs(
    network: PreTrainedModel,
    plan: SharingPlan,
    contexts: Sequence[Context],
    *,
    shape: tuple[int, int],
    batching: Batching,
) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
    """Prompts, and the log-probability of each candidate after them (prompts, candidates).

    `shape` is that of the whole table: numbers of prompts and of candidates.
    """
    table = np.zeros(shape, dtype=np.float32)
    missing = Counter(context.prompt for context in contexts)
    for batch, logits in _context_logits(network, plan, contexts, batching):
        rows = torch.tensor([row for row, context in enumerate(batch) for _ in context.wanted])
        wanted = torch.tensor([token for context in batch for token in context.wanted])
        # All values of a pass are copied from the device at once.
        values = logits[rows, wanted] - torch.logsumexp(logits, dim=-1)[rows]  # (tokens wanted,)
        parts = values.cpu().split([len(context.wanted) for context in batch])
        for context, part in zip(batch, parts, strict=True):
            refuse_not_finite(network, part, context.prompt)
            table[context.prompt, context.candidates] += part.numpy()
            missing[context.prompt] -= 1
        prompts = sorted({context.prompt for context in batch if not missing[context.prompt]} - batching.done)
        if prompts:
            yield prompts, table[prompts]


def continuation_logprobs(
    network: PreTrainedModel,
    plan: SharingPlan,
    contexts: Sequence[Context],
    *,
    sizes: Sequence[int],
    batching: Batching,
) -> Iterator[tuple[list[int], list[NDArray[np.float64]]]]:
    """Prompts, and the summed log-probability of each of their continuations.

    `sizes` are the numbers of continuations of all prompts.
    """
    sums = [np.zeros(size) for size in sizes]
    missing = list(sizes)
    for batch, logits in _context_logits(network, plan, contexts, batching):
        wanted = torch.tensor([token for context in batch for token in context.wanted], device=logits.device)
        values = logits.gather(-1, wanted[:, None])[:, 0] - torch.logsumexp(logits, dim=-1)  # (sum of reads,)
        parts = values.double().cpu().split([context.reads for context in batch])
        for context, part in zip(batch, parts, strict=True):
            refuse_not_finite(network, part, context.prompt)
            sums[context.prompt][context.candidates] = float(part.sum())
            missing[context.prompt] -= 1
        prompts = sorted({context.prompt for context in batch if not missing[context.prompt]} - batching.done)
        if prompts:
            yield prompts, [sums[prompt] for prompt in prompts]


def _context_logits(
    network: PreTrainedModel,
    plan: SharingPlan,
    contexts: Sequence[Context],
    batching: Batching,
) -> Iterator[tuple[list[Context], torch.Tensor]]:
    """Contexts of one pass, and their logits (sum of reads, vocabulary).

    Passes in which all prompts are done are left out.
    """
    switch = rope_switch(network) or math.inf
    short = [context for context in contexts if len(context.tokens) <= switch]
    long = [context for context in contexts if len(context.tokens) > switch]
    for group, attention in ((short, plan.attention), (long, None)):
        tokens, reads = [context.tokens for context in group], [context.reads for context in group]
        finished = frozenset(index for index, context in enumerate(group) if context.prompt in batching.done)
        if attention is None:
            passes = padded_logits(
                network, tokens, reads=reads, budget=plan.budget, batch_size=batching.size, done=finished
            )
        else:
            tree = prefix_tree(tokens, reads)
            passes = tree_logits(
                network, attention, tree, reads=reads, budget=plan.budget, batch_size=batching.size, done=finished
            )
        for indices, logits in passes:
            yield [group[index] for index in indices], logits


def refuse_not_finite(network: PreTrainedModel, logprobs: torch.Tensor, prompt: int) -> None:
    """Refuse log-probabilities after a prompt if its logits hold NaN or infinity."""
    # NaN anywhere in the vocabulary, and +inf, reach them through the logarithm of the sum.
    if not logprobs.isfinite().all():
        raise NotFiniteError(prompt, str(network.dtype).removeprefix("torch."))
