"""Models whose arguments are checked once, whichever back end answers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from .arguments import ANY_TEMPERATURE, Batching, Decoding, Temperatures, refuse_continuations, refuse_decoding
from .protocol import Generated, Model, Prompt

Logprobs = Iterator[tuple[list[int], NDArray[np.float32]]]
"""Rows, and a log-probability a candidate (n_rows, n_candidates)."""

Sums = Iterator[tuple[list[int], list[NDArray[np.float64]]]]
"""Rows, and for each the log-probabilities of its continuations."""

Texts = Iterator[tuple[list[int], list[Generated]]]
"""Rows, and their texts."""


class CheckedModel(Model):
    """What every back end derives from: it is asked with checked arguments.

    A back end answers `_logprobs`, `_continuations` and `_texts`, which refuse bad prompts at the call and compute
    while their iterator is read. `Model` says what they mean.

    Attributes
    ----------
    temperatures : Temperatures
        Those that it samples at.
    """

    temperatures: Temperatures = ANY_TEMPERATURE

    @abstractmethod
    def _logprobs(self, prompts: Sequence[Prompt], candidates: Sequence[str], batching: Batching) -> Logprobs:
        """Log-probabilities of candidates after each of some prompts."""

    @abstractmethod
    def _continuations(
        self, prompts: Sequence[Prompt], continuations: Sequence[Sequence[str]], batching: Batching
    ) -> Sums:
        """Log-probabilities of whole texts, the prompt's own, after each prompt."""

    @abstractmethod
    def _texts(self, prompts: Sequence[Prompt], decoding: Decoding, batching: Batching) -> Texts:
        """What the model writes after each prompt."""

    # A protocol's signature is written again where it is fulfilled: mypy --strict checks what is written.

    @override
    def stream_logprobs(
        self,
        prompts: Sequence[str | Prompt],
        candidates: Sequence[str],
        *,
        batch_size: int | None = None,
        done: frozenset[int] = frozenset(),
    ) -> Logprobs:
        batching = Batching(batch_size, done)
        return self._logprobs(as_prompts(prompts), candidates, batching) if prompts else iter(())

    @override
    def stream_continuations(
        self,
        prompts: Sequence[str | Prompt],
        continuations: Sequence[Sequence[str]],
        *,
        batch_size: int | None = None,
        done: frozenset[int] = frozenset(),
    ) -> Sums:
        batching = Batching(batch_size, done)
        refuse_continuations(len(prompts), len(continuations))
        return self._continuations(as_prompts(prompts), continuations, batching)

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
    ) -> Texts:
        batching = Batching(batch_size, done)
        decoding = Decoding(
            max_new_tokens=max_new_tokens, stop=tuple(stop), temperature=temperature, seeds=tuple(seeds)
        )
        refuse_decoding(len(prompts), decoding, self.temperatures)
        return self._texts(as_prompts(prompts), decoding, batching)


def as_prompts(prompts: Sequence[str | Prompt]) -> list[Prompt]:
    """Prompts, made of those that are given as plain texts.

    Examples
    --------
    >>> as_prompts(["2 + 2 ="])
    [Prompt(text='2 + 2 =', turns=(), opened='')]
    """
    return [Prompt(prompt) if isinstance(prompt, str) else prompt for prompt in prompts]
