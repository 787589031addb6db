"""A transformers model in this process."""

from __future__ import annotations

import copy
import datetime as dt
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from transformers import AutoModelForCausalLM, PreTrainedModel, PreTrainedTokenizerBase
from typing_extensions import override

from ...errors import PromptTooLongError
from ..arguments import refuse_continuations, refuse_generation, refuse_small_batch
from ..loading.checkpoints import load_checkpoint
from ..loading.options import Loading
from ..protocol import DatedModel, Generated, Model, PlannedModel, Prompt, PromptView, PromptViewer, Token, as_prompts
from ..sharing.probe import SharingPlan
from ..tokenizing.chat_formats import PLAIN_FORMAT, ChatFormat
from ..tokenizing.chat_templates import ChatTemplate
from ..tokenizing.prompt_views import view_prompt
from ..tokenizing.thoughts import opens_thoughts
from ..tokenizing.tokenization import TokenIds, added_tokens, encode, tokenizer_hash
from ..weights.whole_weights import tell_ignored_tensors
from .contexts import candidate_contexts, continuation_contexts
from .generation_batches import generated_texts
from .logprob_streams import candidate_logprobs, continuation_logprobs

# Below this temperature sampling is greedy but for near ties, and its float32 arithmetic could overflow.
_COLDEST = 1e-6


def load_local_model(spec: str, loading: Loading) -> LocalModel:
    """Load a transformers model into this process; see `calibration.load_model`."""
    checkpoint = load_checkpoint(
        AutoModelForCausalLM, spec, loading, fault="not a causal language model that can be loaded"
    )
    tell_ignored_tensors(spec, checkpoint.network, checkpoint.tensors)
    return LocalModel(
        spec, checkpoint.commit, checkpoint.network, checkpoint.tokenizer, checkpoint.weights, loading.chat_format
    )


@dataclass(eq=False)
class LocalModel(Model, PromptViewer, DatedModel, PlannedModel):
    """A causal language model and its tokenizer; see `calibration.models.Model` for what it answers.

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
    description: dict[str, str] = field(init=False)
    _template: ChatTemplate = field(init=False)

    def __post_init__(self) -> None:
        self._template = ChatTemplate.of(self.tokenizer, self.name, self.chat_format)
        self.description = {
            "tokenizer": tokenizer_hash(self.tokenizer),
            "dtype": str(self.network.dtype).removeprefix("torch."),
            "device": self.network.device.type,
            **({"weights": self.weights} if self.weights else {}),
            **self._template.described,
        }

    @property
    def context_window(self) -> int | None:
        """How many tokens the model can read; none where it has no such limit."""
        window = getattr(self.network.config.get_text_config(), "max_position_embeddings", None)
        return int(window) if window else None

    @override
    def chat(self, messages: Sequence[dict[str, str]], *, prefill: str = "") -> Prompt:
        text = self._template.chat(messages, prefill=prefill)
        return Prompt(text, tuple(messages), prefill)

    @override
    def dated(self, day: dt.date) -> LocalModel:
        template = self._template.dated(day)
        if template is self._template:
            return self
        other = copy.copy(self)
        other._template = template  # noqa: SLF001 (a copy of its own)
        other.description = {**self.description, **template.described}
        return other

    @override
    def view(self, prompt: Prompt) -> PromptView:
        return view_prompt(self._template, prompt)

    @override
    def added_tokens(self, prompt: Prompt, text: str) -> tuple[Token, ...] | None:
        return added_tokens(self.tokenizer, prompt, text, bos=self.chat_format.bos)

    @override
    def stream_logprobs(
        self,
        prompts: Sequence[str | Prompt],
        candidates: Sequence[str],
        *,
        batch_size: int | None = None,
        done: frozenset[int] = frozenset(),
    ) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
        refuse_small_batch(batch_size)
        contexts = candidate_contexts(
            self.tokenizer,
            as_prompts(prompts),
            candidates,
            bos=self.chat_format.bos,
            window=self.context_window,
        )

        def values() -> Iterator[tuple[list[int], NDArray[np.float32]]]:
            if done.issuperset(range(len(prompts))):
                return
            plan = self._plan([context.tokens for context in contexts])
            shape = (len(prompts), len(candidates))
            yield from candidate_logprobs(self.network, plan, contexts, shape=shape, batch_size=batch_size, done=done)

        return values()

    @override
    def stream_continuations(
        self,
        prompts: Sequence[str | Prompt],
        continuations: Sequence[Sequence[str]],
        *,
        batch_size: int | None = None,
        done: frozenset[int] = frozenset(),
    ) -> Iterator[tuple[list[int], list[NDArray[np.float64]]]]:
        refuse_small_batch(batch_size)
        refuse_continuations(len(prompts), len(continuations))
        contexts = continuation_contexts(
            self.tokenizer,
            as_prompts(prompts),
            continuations,
            bos=self.chat_format.bos,
            window=self.context_window,
        )

        def sums() -> Iterator[tuple[list[int], list[NDArray[np.float64]]]]:
            if done.issuperset(range(len(prompts))):
                return
            plan = self._plan([context.tokens for context in contexts])
            sizes = [len(texts) for texts in continuations]
            yield from continuation_logprobs(
                self.network, plan, contexts, sizes=sizes, batch_size=batch_size, done=done
            )

        return sums()

    @override
    def generate(
        self,
        prompts: Sequence[str | Prompt],
        *,
        max_new_tokens: int,
        stop: Sequence[str] = (),
        temperature: float = 0.0,
        seeds: Sequence[int] = (),
        batch_size: int | None = None,
        done: frozenset[int] = frozenset(),
    ) -> Iterator[tuple[list[int], list[Generated]]]:
        refuse_small_batch(batch_size)
        refuse_generation(
            len(prompts), max_new_tokens=max_new_tokens, stop=stop, temperature=temperature, seeds=seeds,
            coldest=_COLDEST,
        )  # fmt: skip
        asked = as_prompts(prompts)
        encoded = encode(self.tokenizer, asked, bos=self.chat_format.bos)
        window = self.context_window
        for row, tokens in enumerate(encoded):
            if window is not None and len(tokens) + max_new_tokens > window:
                raise PromptTooLongError(row, len(tokens), window, new=max_new_tokens)

        def answers() -> Iterator[tuple[list[int], list[Generated]]]:
            if done.issuperset(range(len(prompts))):
                return
            yield from generated_texts(
                self.network,
                self.tokenizer,
                self._plan(encoded, warn=False),
                encoded,
                max_new_tokens=max_new_tokens,
                stop=stop,
                opened=[opens_thoughts(prompt.text) for prompt in asked],
                temperature=temperature,
                seeds=seeds,
                batch_size=batch_size,
                done=done,
            )

        return answers()

    @override
    def planned(self, prompts: Sequence[str | Prompt]) -> LocalModel:
        encoded = encode(self.tokenizer, as_prompts(prompts), bos=self.chat_format.bos)
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
