"""The floor of work: what prompts cost in floating-point operations, computed whole and computed once.

Two kinds of products are counted, a multiplication and an addition as two operations: those with weights, by position
(the body of the network, and the vocabulary head where logits are made), and those of attention, by pair of a position
and one that it sees (query with key, and the weight with the value, in every head of every layer). The rest (norms,
rotations, softmax, activations) is left out, on both sides. Attention is taken to be causal and without a window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import Any


@dataclass(frozen=True)
class Sizes:
    """A dense decoder as arithmetic.

    Attributes
    ----------
    body : int
        Weights that each position is multiplied with, the head left out.
    head : int
        Weights of the projection onto the vocabulary.
    pair : int
        Operations of attention for a pair of positions, in all heads and layers.
    """

    body: int
    head: int
    pair: int

    @classmethod
    def of(cls, network: Any) -> Sizes:
        """Sizes of a transformers model (one on the meta device will do)."""
        import torch

        config = network.config.get_text_config()
        head = network.get_output_embeddings().weight
        looked_up = {id(each.weight) for each in network.modules() if isinstance(each, torch.nn.Embedding)}
        weights = [each for each in network.parameters() if each.ndim == 2 and id(each) not in {*looked_up, id(head)}]
        heads = config.num_attention_heads
        width = getattr(config, "head_dim", None) or config.hidden_size // heads
        return cls(
            body=sum(each.numel() for each in weights),
            head=head.numel(),
            # Two products of a head's width, each of as many multiplications and additions.
            pair=config.num_hidden_layers * heads * width * 2 * 2,
        )


@dataclass(frozen=True)
class Work:
    """What goes through a model.

    Attributes
    ----------
    tokens : int
        Positions that go through the body.
    logits : int
        Positions that are projected onto the vocabulary.
    pairs : int
        Pairs of a position and one that it sees, itself among them.
    """

    tokens: int
    logits: int
    pairs: int

    def of_weights(self, sizes: Sizes) -> int:
        """Operations of the products with weights."""
        return 2 * (self.tokens * sizes.body + self.logits * sizes.head)

    def flops(self, sizes: Sizes) -> int:
        """Operations of the products with weights and of attention."""
        return self.of_weights(sizes) + self.pairs * sizes.pair


def unique_work(prompts: Sequence[Sequence[int]]) -> Work:
    """Each token once for every distinct beginning that it ends, and logits at the end of every distinct prompt.

    These are the nodes of the prefix tree over all prompts: sorted, a prompt adds what it does not share with the one
    before it.

    Examples
    --------
    >>> unique_work([[1, 2, 3], [1, 2, 4, 5], [1, 2, 3]])
    Work(tokens=5, logits=2, pairs=13)
    """
    ordered = sorted({tuple(prompt) for prompt in prompts})
    shared = [0, *(_shared(*pair) for pair in pairwise(ordered))]
    lengths = [len(prompt) for prompt in ordered]
    return Work(
        tokens=sum(lengths) - sum(shared),
        logits=len(ordered),
        pairs=sum(map(_causal, lengths)) - sum(map(_causal, shared)),
    )


def lm_eval_batches(prompts: Sequence[Sequence[int]], batch_size: int) -> list[list[int]]:
    """Places of the prompts that lm-eval's HF backend puts through the model together, for letters of one token.

    Its collator (lm-eval 0.4.13, `lm_eval.models.utils.Collator`, grouped by context) sends each distinct prompt
    through the model once for all its letters, in batches of falling length.

    Examples
    --------
    >>> lm_eval_batches([[1, 2, 3], [1, 2, 4, 5], [1, 2, 3], [6]], 2)
    [[1, 0], [3]]
    """
    first = {tuple(prompt): place for place, prompt in reversed([*enumerate(prompts)])}
    places = sorted(first.values(), key=lambda place: (-len(prompts[place]), tuple(prompts[place])))
    return [places[start : start + batch_size] for start in range(0, len(places), batch_size)]


def lm_eval_work(prompts: Sequence[Sequence[int]], batches: Sequence[Sequence[int]]) -> Work:
    """What lm-eval's HF backend computes in some of its batches.

    Each is filled up to its longest prompt, and logits are made at every position.

    Examples
    --------
    >>> lm_eval_work([[1, 2, 3], [1, 2, 4, 5], [1, 2, 3]], [[1, 0]])
    Work(tokens=8, logits=8, pairs=20)
    """
    filled = [(len(batch), max(len(prompts[place]) for place in batch)) for batch in batches]
    tokens = sum(rows * length for rows, length in filled)
    return Work(tokens=tokens, logits=tokens, pairs=sum(rows * _causal(length) for rows, length in filled))


def _shared(first: Sequence[int], second: Sequence[int]) -> int:
    """Length of the common beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


def _causal(length: int) -> int:
    return length * (length + 1) // 2
