"""A transformers model in this process."""

from __future__ import annotations

import copy
import datetime as dt
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from ..errors import PromptTooLongError
from .arguments import refuse_continuations, refuse_generation, refuse_small_batch
from .contexts import candidate_contexts, continuation_contexts
from .generation_batches import generated_texts
from .logprob_streams import candidate_logprobs, continuation_logprobs
from .protocol import Generated, PromptView
from .sharing.probe import SharingPlan
from .tokenizing.chat_formats import PLAIN_FORMAT, ChatFormat
from .tokenizing.chat_templates import ChatTemplate
from .tokenizing.prompt_views import view_of
from .tokenizing.thoughts import opens_thoughts
from .tokenizing.tokenization import TokenIds, continuation, encode, tokenizer_hash

# Below this temperature sampling is greedy but for near ties, and its float32 arithmetic could overflow.
_COLDEST = 1e-6


@dataclass(eq=False)
class LocalModel:
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

    def chat(self, messages: Sequence[dict[str, str]], *, prefill: str = "") -> str:
        """See `calibration.models.Model`."""
        return self._template.chat(messages, prefill=prefill)

    def dated(self, day: dt.date) -> LocalModel:
        """See `calibration.models.DatedModel`."""
        template = self._template.dated(day)
        if template is self._template:
            return self
        other = copy.copy(self)
        other._template = template  # noqa: SLF001 (a copy of its own)
        other.description = {**self.description, **template.described}
        return other

    def view(self, prompt: str, *, special_tokens: bool) -> PromptView:
        """See `calibration.models.PromptViewer`."""
        return view_of(self._template, prompt, special_tokens=special_tokens)

    def continuation(self, prompt: str, text: str, *, special_tokens: bool) -> tuple[int, ...] | None:
        """See `calibration.models.Model`."""
        return continuation(self.tokenizer, prompt, text, special_tokens=special_tokens, bos=self.chat_format.bos)

    def next_token_logprobs(
        self,
        prompts: Sequence[str],
        candidates: Sequence[str],
        *,
        special_tokens: bool = True,
        batch_size: int | None = None,
    ) -> NDArray[np.float32]:
        """See `calibration.models.Model`."""
        table = np.full((len(prompts), len(candidates)), np.nan, dtype=np.float32)
        for rows, values in self.stream_logprobs(
            prompts, candidates, special_tokens=special_tokens, batch_size=batch_size
        ):
            table[rows] = values
        return table

    def stream_logprobs(
        self,
        prompts: Sequence[str],
        candidates: Sequence[str],
        *,
        special_tokens: bool = True,
        batch_size: int | None = None,
        done: frozenset[int] = frozenset(),
    ) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
        """See `calibration.models.Model`."""
        refuse_small_batch(batch_size)
        contexts = candidate_contexts(
            self.tokenizer,
            prompts,
            candidates,
            special_tokens=special_tokens,
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

    def stream_continuations(
        self,
        prompts: Sequence[str],
        continuations: Sequence[Sequence[str]],
        *,
        special_tokens: bool = True,
        batch_size: int | None = None,
        done: frozenset[int] = frozenset(),
    ) -> Iterator[tuple[list[int], list[NDArray[np.float64]]]]:
        """See `calibration.models.Model`."""
        refuse_small_batch(batch_size)
        refuse_continuations(len(prompts), len(continuations))
        contexts = continuation_contexts(
            self.tokenizer,
            prompts,
            continuations,
            special_tokens=special_tokens,
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

    def generate(
        self,
        prompts: Sequence[str],
        *,
        special_tokens: bool = True,
        max_new_tokens: int,
        stop: Sequence[str] = (),
        temperature: float = 0.0,
        seeds: Sequence[int] = (),
        batch_size: int | None = None,
        done: frozenset[int] = frozenset(),
    ) -> Iterator[tuple[list[int], list[Generated]]]:
        """See `calibration.models.Model`."""
        refuse_small_batch(batch_size)
        refuse_generation(
            len(prompts), max_new_tokens=max_new_tokens, stop=stop, temperature=temperature, seeds=seeds,
            coldest=_COLDEST,
        )  # fmt: skip
        encoded = encode(self.tokenizer, prompts, special_tokens=special_tokens, bos=self.chat_format.bos)
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
                opened=[opens_thoughts(prompt) for prompt in prompts],
                temperature=temperature,
                seeds=seeds,
                batch_size=batch_size,
                done=done,
            )

        return answers()

    def planned(self, prompts: Sequence[str], *, special_tokens: bool = True) -> LocalModel:
        """See `calibration.models.PlannedModel`."""
        encoded = encode(self.tokenizer, prompts, special_tokens=special_tokens, bos=self.chat_format.bos)
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
