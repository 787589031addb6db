"""Workers: a model on several machines of a Ray cluster, asked like one."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, TypeVar

from typing_extensions import override

from ..arguments import Batching, Decoding
from ..checked_model import CheckedModel, Logprobs, Sums, Texts
from ..loading_options import Loading
from ..protocol import DatedModel, Prompt, PromptView, PromptViewer, Token
from .pool import Call, WorkerPool
from .units import work_units

Values = TypeVar("Values")


class Workers(CheckedModel, PromptViewer, DatedModel):
    """A model on several workers; see `calibration.models.protocol.Model` for what it answers.

    What is asked is cut into units by the prompts alone. A unit goes to a worker that has nothing to do; when that
    dies, another one takes its place and the unit is computed again. So the answers depend neither on the number of
    workers nor on what happens to them. They differ from those of one process by what rounding does in other batches:
    below 1e-4 in float32.

    Attributes
    ----------
    name, revision, description
        What the first worker says of its model; one that says something else is refused.
    """

    name: str
    revision: str
    description: dict[str, str]

    def __init__(self, actor: Any, n_workers: int, spec: str, loading: Loading) -> None:
        self._pool = WorkerPool(lambda: actor.remote(spec, loading), n_workers)
        self.name, self.revision, self.description = self._pool.identity
        self._day: date | None = None
        self._has_date = loading.chat_format.date is not None

    @override
    def chat(self, messages: Sequence[dict[str, str]], *, prefill: str = "") -> Prompt:
        prompt: Prompt = self._ask("chat", messages, prefill=prefill)
        return prompt

    @override
    def dated(self, day: date) -> Workers:
        if self._has_date:
            return self
        other = copy.copy(self)
        other._day = day  # noqa: SLF001 (a copy of its own)
        other.description = {**self.description, "date": day.isoformat()}
        return other

    @override
    def view(self, prompt: Prompt) -> PromptView:
        view: PromptView = self._ask("view", prompt)
        return view

    @override
    def added_tokens(self, prompt: Prompt, text: str) -> tuple[Token, ...] | None:
        added: tuple[Token, ...] | None = self._ask("added_tokens", prompt, text)
        return added

    @override
    def _logprobs(self, prompts: Sequence[Prompt], candidates: Sequence[str], batching: Batching) -> Logprobs:
        return self._spread("stream_logprobs", prompts, batching, lambda rows: ((_at(prompts, rows), candidates), {}))

    @override
    def _continuations(
        self, prompts: Sequence[Prompt], continuations: Sequence[Sequence[str]], batching: Batching
    ) -> Sums:
        def call(rows: list[int]) -> Call:
            return (_at(prompts, rows), _at(continuations, rows)), {}

        return self._spread("stream_continuations", prompts, batching, call)

    @override
    def _texts(self, prompts: Sequence[Prompt], decoding: Decoding, batching: Batching) -> Texts:
        return self._spread(
            "generate", prompts, batching, lambda rows: ((_at(prompts, rows),), asdict(decoding.at(rows)))
        )

    def _spread(
        self, method: str, prompts: Sequence[Prompt], batching: Batching, call: Callable[[list[int]], Call]
    ) -> Iterator[tuple[list[int], Any]]:
        """Answers to all prompts that are left, unit by unit.

        Bad prompts are refused at the call.
        """
        everything = list(range(len(prompts)))
        values, named = call(everything)
        self._ask(method, *values, **named, batch_size=batching.size, done=frozenset(everything))
        units = [sorted(unit) for unit in work_units([prompt.text for prompt in prompts])]
        units = [unit for unit in units if not batching.is_done(unit)]
        calls: list[Call] = []
        for unit in units:
            values, named = call(unit)
            done = frozenset(index for index, row in enumerate(unit) if row in batching.done)
            calls.append((values, {**named, "batch_size": batching.size, "done": done}))

        def pieces() -> Iterator[tuple[list[int], Any]]:
            for number, batches in self._pool.answers(method, calls, day=self._day, units=units):
                for rows, values in batches:
                    yield [units[number][row] for row in rows], values

        return pieces()

    def _ask(self, method: str, *values: Any, **named: Any) -> Any:
        ((_, result),) = self._pool.answers(method, [(values, named)], day=self._day)
        return result


def _at(values: Sequence[Values], rows: Sequence[int]) -> list[Values]:
    return [values[row] for row in rows]
