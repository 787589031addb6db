"""A transformers model in this process."""

from __future__ import annotations

import copy
import datetime as dt
import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from ..errors import NotFiniteError, PromptTooLongError
from . import generation
from .memory import is_out_of_memory
from .protocol import Generated, PromptView
from .sharing.batches import Packing
from .sharing.forward import tokens_of_a_pass, tree_logits
from .sharing.packed_row import Attention, rope_switch
from .sharing.prefix_tree import by_length, prefix_tree
from .sharing.probe import find_attention, tokens_to_try
from .tokenizing.chat_formats import PLAIN_FORMAT, ChatFormat
from .tokenizing.chat_templates import ChatTemplate
from .tokenizing.prompt_views import view_of
from .tokenizing.thoughts import opens_thoughts
from .tokenizing.tokenization import (
    TokenIds,
    begins,
    candidate_tokens,
    continuation,
    continuation_tokens,
    encode,
    tokenizer_hash,
)

# Below this temperature sampling is greedy but for near ties, and its float32 arithmetic could overflow.
_COLDEST = 1e-6


@dataclass(frozen=True)
class _Context:
    """Token ids after which some candidates' tokens are read.

    Where `reads` is more than one, `tokens` ends with all but the last of the wanted tokens, and each of them is read
    where it would follow.
    """

    row: int
    tokens: list[int]
    candidates: list[int]
    wanted: list[int]
    reads: int = 1


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
    """

    name: str
    revision: str
    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    weights: str = ""
    chat_format: ChatFormat = PLAIN_FORMAT
    description: dict[str, str] = field(init=False)
    _attention: Attention | None = field(default=None, init=False)
    _packing: Packing = field(init=False)
    _tried: int = field(default=0, init=False)
    _template: ChatTemplate = field(init=False)

    def __post_init__(self) -> None:
        self._packing = Packing.of(self.network)
        self._template = ChatTemplate.of(self.tokenizer, self.name, self.chat_format)
        self.description = {
            "tokenizer": tokenizer_hash(self.tokenizer),
            "dtype": str(self.network.dtype).removeprefix("torch."),
            "device": self.network.device.type,
            **({"weights": self.weights} if self.weights else {}),
            **self._template.described,
        }

    @property
    def attention(self) -> Attention | None:
        """Attention along shared beginnings; None before the first prompts, and if they cannot share."""
        return self._attention

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
        _refuse_below_one(batch_size=batch_size)
        contexts = self._contexts(prompts, candidates, special_tokens=special_tokens)
        return self._stream(contexts, (len(prompts), len(candidates)), batch_size, done)

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
        _refuse_below_one(batch_size=batch_size)
        if len(prompts) != len(continuations):
            raise ValueError(
                f"there must be continuations for each of {len(prompts)} prompts, got {len(continuations)}"
            )
        contexts = self._sequences(prompts, continuations, special_tokens=special_tokens)
        return self._stream_sums(contexts, [len(texts) for texts in continuations], batch_size, done)

    def _stream_sums(
        self, contexts: list[_Context], sizes: list[int], batch_size: int | None, done: frozenset[int]
    ) -> Iterator[tuple[list[int], list[NDArray[np.float64]]]]:
        sums = [np.zeros(size) for size in sizes]
        missing = list(sizes)
        for pack, logits in self._passes(contexts, batch_size, done):
            wanted = torch.tensor([token for context in pack for token in context.wanted], device=logits.device)
            found = logits.gather(-1, wanted[:, None])[:, 0] - torch.logsumexp(logits, dim=-1)  # (sum of reads,)
            parts = found.double().cpu().split([context.reads for context in pack])
            for context, part in zip(pack, parts, strict=True):
                self._refuse_not_finite(part, context.row)
                sums[context.row][context.candidates] = float(part.sum())
                missing[context.row] -= 1
            rows = sorted({context.row for context in pack if not missing[context.row]} - done)
            if rows:
                yield rows, [sums[row] for row in rows]

    def _sequences(
        self, prompts: Sequence[str], continuations: Sequence[Sequence[str]], *, special_tokens: bool
    ) -> list[_Context]:
        """Each continuation behind its prompt."""
        window = self.context_window
        contexts = []
        encoded = encode(self.tokenizer, prompts, special_tokens=special_tokens, bos=self.chat_format.bos)
        for row, (prompt, tokens, texts) in enumerate(zip(prompts, encoded, continuations, strict=True)):
            sequences = continuation_tokens(
                self.tokenizer, row, prompt, texts, special_tokens=special_tokens, bos=self.chat_format.bos
            )
            for number, added in enumerate(sequences):
                if window is not None and len(tokens) + len(added) > window:
                    raise PromptTooLongError(row, len(tokens), window, new=len(added))
                contexts.append(_Context(row, [*tokens, *added[:-1]], [number], list(added), len(added)))
        return contexts

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
        _refuse_below_one(batch_size=batch_size, max_new_tokens=max_new_tokens)
        if "" in stop:
            raise ValueError("a stop text must not be empty")
        if temperature and not _COLDEST <= temperature < math.inf:
            raise ValueError(f"the temperature must be 0 (greedy) or from {_COLDEST} up, got {temperature}")
        if temperature and len(seeds) != len(prompts):
            raise ValueError(f"sampling takes a seed for each of {len(prompts)} prompts, got {len(seeds)}")
        encoded = encode(self.tokenizer, prompts, special_tokens=special_tokens, bos=self.chat_format.bos)
        window = self.context_window
        for row, tokens in enumerate(encoded):
            if window is not None and len(tokens) + max_new_tokens > window:
                raise PromptTooLongError(row, len(tokens), window, new=max_new_tokens)
        ends = generation.end_tokens(self.network, self.tokenizer)

        def answers() -> Iterator[tuple[list[int], list[Generated]]]:
            switch = rope_switch(self.network) or math.inf
            self._find_attention([tokens for tokens in encoded if len(tokens) <= switch])
            batches = list(generation.batches(self.network, encoded, batch_size, max_new_tokens))[::-1]
            while batches:
                rows = batches.pop()
                if done.issuperset(rows):
                    continue
                try:
                    found = generation.generate(
                        self.network,
                        self.tokenizer,
                        [encoded[row] for row in rows],
                        max_new_tokens=max_new_tokens,
                        stop=stop,
                        ends=ends,
                        sharing=self._attention is not None
                        and max(len(encoded[row]) for row in rows) + max_new_tokens <= switch,
                        opened=[opens_thoughts(prompts[row]) for row in rows],
                        temperature=temperature,
                        seeds=[seeds[row] for row in rows] if temperature else (),
                    )
                except (RuntimeError, MemoryError) as error:
                    if not is_out_of_memory(error) or len(rows) == 1:
                        raise
                    batches += [rows[len(rows) // 2 :], rows[: len(rows) // 2]]
                    continue
                new = [(row, text) for row, text in zip(rows, found, strict=True) if row not in done]
                for row, text in new:
                    self._refuse_not_finite(torch.tensor(text.logprobs), row)
                yield [row for row, _ in new], [text for _, text in new]

        return answers()

    def _stream(
        self, contexts: list[_Context], shape: tuple[int, int], batch_size: int | None, done: frozenset[int]
    ) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
        sums = np.zeros(shape, dtype=np.float32)
        missing = np.bincount([context.row for context in contexts], minlength=shape[0])
        for pack, logits in self._passes(contexts, batch_size, done):
            lines = torch.tensor([line for line, context in enumerate(pack) for _ in context.wanted])
            wanted = torch.tensor([token for context in pack for token in context.wanted])
            # Everything that is read of a pass comes from the device at once.
            values = logits[lines, wanted] - torch.logsumexp(logits, dim=-1)[lines]
            parts = values.cpu().split([len(context.wanted) for context in pack])
            for context, part in zip(pack, parts, strict=True):
                self._refuse_not_finite(part, context.row)
                sums[context.row, context.candidates] += part.numpy()
                missing[context.row] -= 1
            rows = sorted({context.row for context in pack if not missing[context.row]} - done)
            if rows:
                yield rows, sums[rows]

    def _passes(
        self, contexts: list[_Context], batch_size: int | None, done: frozenset[int]
    ) -> Iterator[tuple[list[_Context], torch.Tensor]]:
        """Contexts that went through the model together, and the logits where they are read (sum of reads, vocabulary).

        Those of which every row is done are left out.
        """
        switch = rope_switch(self.network) or math.inf
        short = [context for context in contexts if len(context.tokens) <= switch]
        long = [context for context in contexts if len(context.tokens) > switch]
        reason = self._find_attention([context.tokens for context in short])
        if reason:
            warnings.warn(
                f"{self.name}: prompts cannot share a prefix ({reason}); each is computed whole, which is slower",
                stacklevel=4,
            )
        for side, attention in ((short, self._attention), (long, None)):
            tokens, reads = [context.tokens for context in side], [context.reads for context in side]
            passes = tree_logits(
                self.network,
                attention,
                by_length(tokens) if attention is None else prefix_tree(tokens, reads),
                packing=self._packing,
                reads=reads,
                batch_size=batch_size,
                done=frozenset(place for place, context in enumerate(side) if context.row in done),
            )
            for places, logits in passes:
                yield [side[place] for place in places], logits

    def _refuse_not_finite(self, logprobs: torch.Tensor, row: int) -> None:
        """Refuse log-probabilities after a prompt that NaN or infinity among its logits made of no use."""
        # NaN anywhere in the vocabulary, and +inf, reach them through the logarithm of the sum.
        if not logprobs.isfinite().all():
            raise NotFiniteError(row, self.description["dtype"])

    def _find_attention(self, prompts: Sequence[TokenIds]) -> str:
        """Find out how beginnings can be shared, anew for longer prompts; the reason where it is found impossible."""
        longest = max(prompts, key=len, default=())
        tokens = tokens_to_try(self.network, len(longest))
        if tokens <= self._tried or (self._tried and self._attention is None):
            return ""
        self._attention, reason = find_attention(self.network, longest[:tokens])
        if self._attention is not None and not self._tried:
            self._packing.tokens = tokens_of_a_pass(self.network, self._attention)
        self._tried = tokens
        return reason

    def _contexts(self, prompts: Sequence[str], candidates: Sequence[str], *, special_tokens: bool) -> list[_Context]:
        """Everything after which a token must be read: the prompts, and prompts with the beginning of a candidate."""
        if not prompts:
            return []
        read = begins(
            candidate_tokens(
                self.tokenizer, prompts[0], candidates, special_tokens=special_tokens, bos=self.chat_format.bos
            )
        )
        longest = max(len(begin) for begin in read)
        contexts = []
        for row, tokens in enumerate(
            encode(self.tokenizer, prompts, special_tokens=special_tokens, bos=self.chat_format.bos)
        ):
            if self.context_window is not None and len(tokens) + longest > self.context_window:
                raise PromptTooLongError(row, len(tokens) + longest, self.context_window)
            contexts += [_Context(row, [*tokens, *begin], *wanted) for begin, wanted in read.items()]
        return contexts


def _refuse_below_one(*, batch_size: int | None, max_new_tokens: int = 1) -> None:
    for name, value in (("batch_size", batch_size), ("max_new_tokens", max_new_tokens)):
        if value is not None and value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}")
