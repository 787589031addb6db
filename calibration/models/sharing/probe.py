"""Whether a model's prompts can share beginnings: found out by trying, since architectures differ."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice

import torch
from transformers import PreTrainedModel

from ..memory import is_out_of_memory
from .batches import Packing
from .forward import tree_logits
from .packed_row import Attention, rope_switch
from .prefix_tree import Piece

# Tokens of the prompt that is tried, and how many more than a sliding window holds.
_TRIED = 96
_MORE = 32
# The fewest tokens that make a beginning, a middle and an end.
_FEWEST = 3
# Differences of log-probabilities that rounding explains. In half precision any other order of sums gives up to 0.3 in
# a model of thirty layers; attention that is left out altogether is found by counting.
_ROUNDING = {torch.float64: 1e-6, torch.float32: 1e-3}
_ROUNDING_OF_HALVES = 0.5
# More than rounding, or ties between experts, makes of what a model must not see.
_FAR = 0.1
# Tokens whose log-probabilities are compared: the likeliest ones.
_COMPARED = 64


def tokens_to_try(network: PreTrainedModel, longest: int) -> int:
    """How much of a prompt must be tried where the longest has so many tokens; none where that is too short to cut.

    More than a sliding window where a prompt is longer: a configuration may name a window that no layer has.
    """
    windows = [window for attention in Attention.of(network)[:1] for window in attention.windows if window is not None]
    wanted = max([_TRIED, *(window + _MORE for window in windows if window < longest)])
    switch = rope_switch(network)
    found = min(longest, wanted, switch or longest)
    return found if found >= _FEWEST else 0


def find_attention(network: PreTrainedModel, prompt: Sequence[int]) -> tuple[Attention | None, str]:
    """The fastest attention along a prefix tree that gives what the model gives, or none and the reason.

    A real prompt is cut by hand into a beginning, a middle and two ends, of which one is turned round; beside the
    beginning stands the whole prompt turned round. So pieces that must not see each other share rows, and pieces are
    seen at two depths. What comes out is held against each of the three prompts alone.

    Parameters
    ----------
    network : PreTrainedModel
        The model.
    prompt : sequence of int
        Token ids, as many as `tokens_to_try` says.

    Returns
    -------
    attention : Attention or None
    reason : str
        Why there is none.

    Raises
    ------
    ValueError
        For a model that is not causal: what stands behind a position changes what comes next there.
    """
    tokens = list(prompt)
    third = len(tokens) // _FEWEST
    head, middle, end = tokens[:third], tokens[third : 2 * third], tokens[2 * third :]
    prompts = [tokens, [*head, *middle, *end[::-1]], tokens[::-1]]
    ends = [Piece(end, 2 * third, 0), Piece(end[::-1], 2 * third, 1)]
    tree = [Piece(head, 0, None, [Piece(middle, third, None, ends)]), Piece(prompts[2], 0, 2)]
    whole = [Piece(tokens, 0, row) for row, tokens in enumerate(prompts)]

    _refuse_looking_back(network, [*head, *middle], end)
    reason = "it has recurrent layers, or attention of its own"
    possible = Attention.of(network)
    if possible:
        alone = _logprobs(network, None, whole, batch_size=1)
        if alone.isnan().any():  # of this prompt alone or of all: it is refused when it is asked
            return None, ""
        compared = alone.topk(min(_COMPARED, alone.shape[-1])).indices
        tolerance = _ROUNDING.get(network.dtype, _ROUNDING_OF_HALVES)
    for attention in possible:
        try:
            difference = _distance(_logprobs(network, attention, tree), alone, compared)
        except Exception as error:  # whatever an unusual architecture makes of it
            if is_out_of_memory(error):
                raise
            reason = " ".join(str(error).split())
            continue
        if difference <= tolerance:
            return attention, ""
        reason = f"log-probabilities differ by {difference:.2g}"
    return None, reason


@torch.inference_mode()
def _refuse_looking_back(network: PreTrainedModel, tokens: Sequence[int], behind: Sequence[int]) -> None:
    """Refuse a model that sees what stands behind a position."""
    again = islice(cycle(tokens), len(behind))  # what stands behind may be the longer part
    ids = torch.tensor([[*tokens, *behind], [*tokens, *behind[-1:], *behind[:-1]], [*tokens, *again]])
    logits = network(input_ids=ids.to(network.device), use_cache=False).logits[:, len(tokens) - 1].float()
    difference = float((torch.log_softmax(logits, -1) - torch.log_softmax(logits[:1], -1)).abs().max())
    if difference > _FAR:
        raise ValueError(
            "the model must be causal, but what stands behind a position changes what comes next there, by "
            f"{difference:.2g} nats; is it an encoder?"
        )


def _logprobs(
    network: PreTrainedModel, attention: Attention | None, pieces: Sequence[Piece], *, batch_size: int | None = None
) -> torch.Tensor:
    """What comes after each of the three prompts, shape (3, vocabulary)."""
    found: dict[int, torch.Tensor] = {}
    for rows, logits in tree_logits(
        network, attention, pieces, packing=Packing.of(network), reads=[1] * 3, batch_size=batch_size
    ):
        found |= dict(zip(rows, logits, strict=True))
    return torch.log_softmax(torch.stack([found[row] for row in sorted(found)]), -1)


def _distance(found: torch.Tensor, alone: torch.Tensor, compared: torch.Tensor) -> float:
    return float((found - alone).gather(-1, compared).abs().max())
