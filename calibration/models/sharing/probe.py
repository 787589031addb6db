"""The probe: a trial of whether a model's prompts can share prefixes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice

import torch
from transformers import PreTrainedModel

from ..memory import is_out_of_memory
from ..tokenizing.tokenization import TokenIds
from .architectures import SharedAttention, rope_switch, shared_attentions
from .batches import TOKENS, Budget, tokens_within
from .forward import node_logits, padded_logits, tree_logits
from .prefix_tree import Node

# Tokens of the probe prompt, and how many more than a sliding window holds.
_PROBE_TOKENS = 96
_MORE_THAN_WINDOW = 32
# The fewest tokens that make a head, a middle and an end.
_FEWEST = 3
# Differences of log-probabilities that rounding explains. In half precision any other order of sums gives up to 0.3 in
# a model of thirty layers; attention that is left out altogether is found by counting.
_TOLERANCES = {torch.float64: 1e-6, torch.float32: 1e-3}
_TOLERANCE_OF_HALVES = 0.5
# More than what rounding, or ties between experts, makes of tokens that a model must not see.
_FAR = 0.1
# Tokens whose log-probabilities are compared: the likeliest ones.
_COMPARED = 64


@dataclass(frozen=True, kw_only=True)
class SharingPlan:
    """How the prompts of a model are computed.

    Attributes
    ----------
    attention : SharedAttention or None
        Attention along the prefix tree; None if prompts are computed whole.
    budget : Budget
        Limits of a pass.
    n_probed : int
        Tokens of the probe prompt; 0 if all prompts were too short to split.
    reason : str
        Why prompts cannot share prefixes; empty if they can, or if that could not be tried.
    """

    attention: SharedAttention | None
    budget: Budget
    n_probed: int
    reason: str = ""

    @classmethod
    def probe(cls, network: PreTrainedModel, prompts: Sequence[TokenIds]) -> SharingPlan:
        """The fastest attention that reproduces the model on one of these prompts.

        Costs about nine short prompts, and on a GPU a pass that measures memory.

        Raises
        ------
        ValueError
            If the model is not causal: later tokens change the prediction at a position.
        """
        longest = _longest(network, prompts)
        n_probed = probe_length(network, len(longest))
        unmeasured = Budget.unmeasured(network)
        if not n_probed:
            return cls(attention=None, budget=unmeasured, n_probed=0)
        attention, reason = _fastest_attention(network, longest[:n_probed])
        budget = unmeasured if attention is None else _measured(network, attention, unmeasured)
        return cls(attention=attention, budget=budget, n_probed=n_probed, reason=reason)

    def covers(self, network: PreTrainedModel, prompts: Sequence[TokenIds]) -> bool:
        """Whether a probe with these prompts could show no more than this one did."""
        return bool(self.reason) or self.n_probed >= probe_length(network, len(_longest(network, prompts)))


def probe_length(network: PreTrainedModel, longest: int) -> int:
    """Number of tokens of the probe prompt.

    0 if the longest prompt is too short to split. More than a sliding window if a prompt is longer: a configuration may
    name a window that no layer has.
    """
    windows = [
        window for attention in shared_attentions(network)[:1] for window in attention.windows if window is not None
    ]
    wanted = max([_PROBE_TOKENS, *(window + _MORE_THAN_WINDOW for window in windows if window < longest)])
    length = min(longest, wanted, rope_switch(network) or longest)
    return length if length >= _FEWEST else 0


def _longest(network: PreTrainedModel, prompts: Sequence[TokenIds]) -> TokenIds:
    """The longest prompt that may share a prefix."""
    switch = rope_switch(network)
    return max((prompt for prompt in prompts if switch is None or len(prompt) <= switch), key=len, default=())


def _fastest_attention(network: PreTrainedModel, prompt: TokenIds) -> tuple[SharedAttention | None, str]:
    """The fastest attention that reproduces the model, or None and the reason.

    The prompt is cut by hand into a head, a middle and two ends, one of them reversed; the whole prompt reversed is
    another root. So nodes that must not see each other share rows, and nodes are seen at two depths. The results are
    compared with each of the three prompts alone.
    """
    tokens = list(prompt)
    third = len(tokens) // _FEWEST
    head, middle, end = tokens[:third], tokens[third : 2 * third], tokens[2 * third :]
    prompts = [tokens, [*head, *middle, *end[::-1]], tokens[::-1]]
    ends = [Node(end, 2 * third, 0), Node(end[::-1], 2 * third, 1)]
    tree = [Node(head, 0, None, [Node(middle, third, None, ends)]), Node(prompts[2], 0, 2)]

    _refuse_looking_ahead(network, [*head, *middle], end)
    attentions = shared_attentions(network)
    if not attentions:
        return None, "it has recurrent layers, or attention of its own"
    reads, budget = [1] * len(prompts), Budget.unmeasured(network)
    alone = _logprobs(padded_logits(network, prompts, reads=reads, budget=budget, batch_size=1))
    if alone.isnan().any():  # of this prompt alone or of all: it is refused when it is asked
        return None, ""
    compared = alone.topk(min(_COMPARED, alone.shape[-1])).indices  # (prompts, tokens compared)
    tolerance = _TOLERANCES.get(network.dtype, _TOLERANCE_OF_HALVES)
    reason = ""
    for attention in attentions:
        try:
            shared = _logprobs(tree_logits(network, attention, tree, reads=reads, budget=budget))
        except Exception as error:  # whatever an unusual architecture makes of it
            if is_out_of_memory(error):
                raise
            reason = " ".join(str(error).split())
            continue
        difference = float((shared - alone).gather(-1, compared).abs().max())
        if difference <= tolerance:
            return attention, ""
        reason = f"log-probabilities differ by {difference:.2g}"
    return None, reason


@torch.inference_mode()
def _refuse_looking_ahead(network: PreTrainedModel, tokens: TokenIds, later: TokenIds) -> None:
    """Refuse a model in which later tokens change the prediction behind `tokens`."""
    again = islice(cycle(tokens), len(later))  # there may be more later tokens than tokens
    ids = torch.tensor([[*tokens, *later], [*tokens, *later[-1:], *later[:-1]], [*tokens, *again]])
    logits = network(input_ids=ids.to(network.device), use_cache=False).logits[:, len(tokens) - 1].float()
    difference = float((torch.log_softmax(logits, -1) - torch.log_softmax(logits[:1], -1)).abs().max())
    if difference > _FAR:
        raise ValueError(
            "the model must be causal, but what stands behind a position changes what comes next there, by "
            f"{difference:.2g} nats; is it an encoder?"
        )


def _logprobs(passes: Iterator[tuple[list[int], torch.Tensor]]) -> torch.Tensor:
    """Log-probabilities of the next token after each prompt, shape (prompts, vocabulary)."""
    logits: dict[int, torch.Tensor] = {}
    for prompts, values in passes:
        logits |= dict(zip(prompts, values, strict=True))
    return torch.log_softmax(torch.stack([logits[prompt] for prompt in sorted(logits)]), -1)


def _measured(network: PreTrainedModel, attention: SharedAttention, budget: Budget) -> Budget:
    """The budget with as many tokens as fit into the memory of a GPU."""
    if network.device.type != "cuda":
        return budget
    tokens = min(TOKENS, getattr(network.config.get_text_config(), "max_position_embeddings", None) or TOKENS)
    most = tokens
    while True:
        torch.cuda.reset_peak_memory_stats(network.device)
        before = torch.cuda.memory_allocated(network.device)
        try:
            node_logits(network, attention, [(Node([0] * tokens, 0, 0), ())], [1])
        except (RuntimeError, MemoryError) as error:
            if tokens == 1 or not is_out_of_memory(error):
                raise
            tokens //= 2
        else:
            break
    if tokens == most:
        used = torch.cuda.max_memory_allocated(network.device) - before
        # What the allocator holds for other calls is free for this one.
        held = torch.cuda.memory_reserved(network.device) - torch.cuda.memory_allocated(network.device)
        free = torch.cuda.mem_get_info(network.device)[0] + held
        tokens = tokens_within(free, tokens=tokens, used=used)
    return replace(budget, tokens=tokens)
