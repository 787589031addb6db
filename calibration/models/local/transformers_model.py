"""A transformers model in this process."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field

from transformers import AutoModelForCausalLM, PreTrainedModel, PreTrainedTokenizerBase
from typing_extensions import override

from ..arguments import Batching, Decoding, Temperatures
from ..checked_model import Logprobs, Sums, Texts, as_prompts
from ..checkpoints.checkpoint import load_checkpoint
from ..loading_options import Loading, name_with_adapter
from ..protocol import PlannedModel, Prompt
from ..sharing.probe import SharingPlan
from ..tokenizing.chat_formats import PLAIN_FORMAT, ChatFormat
from ..tokenizing.chat_templates import ChatTemplate
from ..tokenizing.thoughts import opens_thoughts
from ..tokenizing.tokenization import TokenIds, refuse_long_prompts
from ..tokenizing.tokenized_model import TokenizedModel
from ..weights.whole_weights import tell_ignored_tensors
from .contexts import candidate_contexts, continuation_contexts
from .generation_batches import generated_texts
from .logprob_streams import candidate_logprobs, continuation_logprobs


def load_local_model(spec: str, loading: Loading) -> LocalModel:
    """Load a transformers model into this process; see `calibration.load_model`."""
    checkpoint = load_checkpoint(
        AutoModelForCausalLM, spec, loading, fault="not a causal language model that can be loaded"
    )
    tell_ignored_tensors(spec, checkpoint.network, checkpoint.tensors)
    return LocalModel(
        name_with_adapter(spec, loading.adapter), checkpoint.revision, checkpoint.network, checkpoint.tokenizer,
        checkpoint.weights, loading.chat_format,
    )  # fmt: skip


@dataclass(eq=False)
class LocalModel(TokenizedModel, PlannedModel):
    """A causal language model and its tokenizer; see `calibration.models.protocol.Model` for what it answers.

    Attributes
    ----------
    name, revision : str
        What was asked for, and the commit that the hub gave.
    network : PreTrainedModel
        The weights, on their device.
    tokenizer : PreTrainedTokenizerBase
        Its tokenizer.
    weights : str
        Hash of the files that it was loaded from; empty for a network that was made in memory.
    chat_format : ChatFormat
        Which template writes a chat, with which arguments and date, and where a prompt begins.
    plan : SharingPlan, optional
        How shared prefixes are computed; from `planned`. If omitted, or for longer prompts than it was probed with,
        each call probes the network anew.
    """

    name: str
    revision: str
    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    weights: str = ""
    chat_format: ChatFormat = PLAIN_FORMAT
    plan: SharingPlan | None = None
    temperatures = Temperatures(coldest=1e-6)  # below it float32 could overflow, and all but near ties are greedy
    description: dict[str, str] = field(init=False)
    _template: ChatTemplate = field(init=False)

    def __post_init__(self) -> None:
        self._describe(dtype=self.network.dtype, device=self.network.device.type, weights=self.weights)

    @property
    def context_window(self) -> int | None:
        """How many tokens the model can read; none where it has no such limit."""
        window = getattr(self.network.config.get_text_config(), "max_position_embeddings", None)
        return int(window) if window else None

    @override
    def _logprobs(self, prompts: Sequence[Prompt], candidates: Sequence[str], batching: Batching) -> Logprobs:
        contexts = candidate_contexts(
            self.tokenizer, prompts, candidates, bos=self.chat_format.bos, window=self.context_window
        )

        def values() -> Logprobs:
            if batching.left(len(prompts)):
                plan = self._plan([context.tokens for context in contexts])
                shape = (len(prompts), len(candidates))
                yield from candidate_logprobs(self.network, plan, contexts, shape=shape, batching=batching)

        return values()

    @override
    def _continuations(
        self, prompts: Sequence[Prompt], continuations: Sequence[Sequence[str]], batching: Batching
    ) -> Sums:
        contexts = continuation_contexts(
            self.tokenizer, prompts, continuations, bos=self.chat_format.bos, window=self.context_window
        )

        def sums() -> Sums:
            if batching.left(len(prompts)):
                plan = self._plan([context.tokens for context in contexts])
                sizes = [len(texts) for texts in continuations]
                yield from continuation_logprobs(self.network, plan, contexts, sizes=sizes, batching=batching)

        return sums()

    @override
    def _texts(self, prompts: Sequence[Prompt], decoding: Decoding, batching: Batching) -> Texts:
        encoded = self._encoded(prompts)
        refuse_long_prompts(encoded, [decoding.max_new_tokens] * len(prompts), self.context_window)
        opened = [opens_thoughts(prompt.text) for prompt in prompts]

        def answers() -> Texts:
            if batching.left(len(prompts)):
                plan = self._plan(encoded, warn=False)
                yield from generated_texts(
                    self.network, self.tokenizer, plan, encoded, opened=opened, decoding=decoding, batching=batching
                )

        return answers()

    @override
    def planned(self, prompts: Sequence[str | Prompt]) -> LocalModel:
        encoded = self._encoded(as_prompts(prompts))
        if self.plan is not None and self.plan.covers(self.network, encoded):
            return self
        other = copy.copy(self)
        other.plan = SharingPlan.probe(self.network, encoded)
        return other

    def _plan(self, prompts: Sequence[TokenIds], *, warn: bool = True) -> SharingPlan:
        """The plan for prompts, with a warning if they cannot share prefixes."""
        plan = self.plan
        if plan is None or not plan.covers(self.network, prompts):
            plan = SharingPlan.probe(self.network, prompts)
        if plan.reason and warn:
            warnings.warn(
                f"{self.name}: prompts cannot share a prefix ({plan.reason}); each is computed whole, which is slower",
                stacklevel=4,
            )
        return plan
