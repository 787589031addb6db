"""Workers: a model on several machines of a Ray cluster, asked like one.

The only module that loads ray.
"""

from __future__ import annotations

import copy
import logging
import math
import os
import re
import socket
import textwrap
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from importlib.util import find_spec
from typing import Any, TypeVar, Unpack

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from ...errors import RowError
from ..back_ends import load
from ..loading.options import Loading, ModelOptions
from ..partition import blocks
from ..protocol import DatedModel, Generated, Model, PlannedModel, Prompt, PromptView, PromptViewer, Token, as_prompts

# Prompts of one unit of work: enough that a shared prefix is rarely computed twice, few enough that workers end
# together and a lost one loses little. Short lists still give several workers something to do.
_UNIT = 128
_FEWEST_UNITS = 8
# After as many deaths on the same work it is the work that kills.
_DEATHS = 3

# What a model answers by its chat template.
_OF_TEMPLATES = frozenset({"chat", "view"})

Call = tuple[tuple[Any, ...], dict[str, Any]]
Values = TypeVar("Values")


def load_workers(
    spec: str,
    *,
    n_workers: int,
    gpus_per_worker: float | None = None,
    cpus_per_worker: int | None = None,
    address: str | None = None,
    **options: Unpack[ModelOptions],
) -> Workers:
    """Load a causal language model on each of several workers of a Ray cluster.

    Parameters
    ----------
    spec : str
        As in `load_model`, but for a server, which has its own queue. A folder must be there on every machine.
    n_workers : int
        Copies of the model. Where the cluster has no room for all of them, the others join when it has.
    gpus_per_worker : float, optional
        GPUs of each; where absent one, or none where the cluster has none or `device` is ``cpu``. More than one with
        ``device="map"``, or with vLLM.
    cpus_per_worker : int, optional
        CPU cores of each, and threads; where absent one beside a GPU, else an equal share of the cluster's.
    address : str, optional
        Of the cluster (``auto``: the one that this machine belongs to); where absent that of the environment variable
        ``RAY_ADDRESS``, or else the cores and GPUs of this machine.
    **options
        ``dtype``, ``device``, ``revision``, ``trust_remote_code``, ``template_args``, ``chat_template``, ``date`` and
        ``bos``, as in `load_model`.

    Returns
    -------
    Workers
        A `Model`, for `extract` and everything else that asks one.

    Raises
    ------
    ImportError
        Where Ray is not installed.
    ConnectionError
        Where there is no cluster at the address.
    ValueError
        For fewer than one worker, a cluster without room for one, a model behind a server, and as in `load_model`.
    RuntimeError
        Where workers die while they load the model.

    Examples
    --------
    >>> model = load_workers("meta-llama/Llama-3.1-8B", n_workers=8)  # doctest: +SKIP
    >>> run = extract(model, load_mmlu(), out="runs/base")  # doctest: +SKIP
    """
    loading = Loading.of(**options)
    if n_workers < 1:
        raise ValueError(f"there must be at least one worker, got {n_workers}")
    if spec.startswith("openai:"):
        raise ValueError("workers load the model themselves; ask a server without them")
    if find_spec("ray") is None:
        raise ImportError("workers need the package ray: pip install 'veracal[ray]'")
    import ray

    if not ray.is_initialized():
        _start(address)
    resources = ray.cluster_resources()
    n_cpus, n_gpus = int(resources.get("CPU", 0)), resources.get("GPU", 0.0)
    gpus = gpus_per_worker
    if gpus is None:
        gpus = 1.0 if n_gpus and loading.device != "cpu" else 0.0
    cpus = cpus_per_worker or (1 if gpus else max(1, n_cpus // n_workers))
    room = min(n_cpus // cpus, math.floor(n_gpus / gpus) if gpus else n_workers)
    if room < 1:
        raise ValueError(
            f"a worker needs {cpus} cores and {gpus:g} GPUs, and the cluster has {n_cpus} and {n_gpus:g} in all"
        )
    if room < n_workers:
        warnings.warn(f"the cluster has room for {room} of {n_workers} workers; others wait for it", stacklevel=2)
    actor = ray.remote(_Worker).options(num_cpus=cpus, num_gpus=gpus)
    return Workers(actor, n_workers, spec, loading)


def _start(address: str | None) -> None:
    import ray
    from ray._private import worker

    host_and_port = re.fullmatch(r"([^/]+):(\d+)", address or "")
    if host_and_port:
        # Ray would wait for many minutes.
        try:
            socket.create_connection((host_and_port[1], int(host_and_port[2])), timeout=10).close()
        except OSError as error:
            raise ConnectionError(f"no Ray cluster answers at {address} ({error})") from None
    # For a cluster that starts here; one that is there keeps its own settings.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Ray prints the deaths of workers on stdout, where results go; they are met below.
    worker._worker_logs_enabled = False  # noqa: SLF001
    ray.init(address=address, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)


class Workers(Model, PromptViewer, DatedModel):
    """A model on several workers; see `calibration.models.Model` for what it answers.

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
    _identity: tuple[str, str, dict[str, str]] | None = None

    def __init__(self, actor: Any, n_workers: int, spec: str, loading: Loading) -> None:
        self._new: Callable[[], Any] = lambda: actor.remote(spec, loading)
        self._idle: list[Any] = []
        self._loading: dict[Any, Any] = {}  # the promise of each: its worker
        self._deaths = 0  # while loading, in a row
        self._warned: set[str] = set()
        for _ in range(n_workers):
            self._hire()
        while not self._idle:
            self._wait({})
        assert self._identity is not None  # noqa: S101
        self.name, self.revision, self.description = self._identity
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
    def stream_logprobs(
        self,
        prompts: Sequence[str | Prompt],
        candidates: Sequence[str],
        *,
        batch_size: int | None = None,
        done: frozenset[int] = frozenset(),
    ) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
        named = {"batch_size": batch_size}
        asked = as_prompts(prompts)
        return self._spread("stream_logprobs", asked, done, lambda rows: ((_at(asked, rows), candidates), named))

    @override
    def stream_continuations(
        self,
        prompts: Sequence[str | Prompt],
        continuations: Sequence[Sequence[str]],
        *,
        batch_size: int | None = None,
        done: frozenset[int] = frozenset(),
    ) -> Iterator[tuple[list[int], list[NDArray[np.float64]]]]:
        named = {"batch_size": batch_size}
        asked = as_prompts(prompts)
        return self._spread(
            "stream_continuations", asked, done, lambda rows: ((_at(asked, rows), _at(continuations, rows)), named)
        )

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
        asked = as_prompts(prompts)
        named = {
            "max_new_tokens": max_new_tokens,
            "stop": stop,
            "temperature": temperature,
            "batch_size": batch_size,
        }
        return self._spread(
            "generate",
            asked,
            done,
            lambda rows: ((_at(asked, rows),), {**named, "seeds": _at(seeds, rows) if seeds else ()}),
        )

    def _spread(
        self, method: str, prompts: Sequence[Prompt], done: frozenset[int], call: Callable[[list[int]], Call]
    ) -> Iterator[tuple[list[int], Any]]:
        """Answers to all prompts that are not done, unit by unit.

        Bad prompts are refused at the call.
        """
        everything = range(len(prompts))
        values, named = call(list(everything))
        self._ask(method, *values, **named, done=frozenset(everything))
        units = [sorted(unit) for unit in units_of([prompt.text for prompt in prompts])]
        units = [unit for unit in units if not done.issuperset(unit)]
        calls: list[Call] = []
        for unit in units:
            values, named = call(unit)
            here = frozenset(place for place, row in enumerate(unit) if row in done)
            calls.append((values, {**named, "done": here}))

        def pieces() -> Iterator[tuple[list[int], Any]]:
            for number, batches in self._answers(method, calls, units):
                for rows, values in batches:
                    yield [units[number][row] for row in rows], values

        return pieces()

    def _ask(self, method: str, *values: Any, **named: Any) -> Any:
        ((_, result),) = self._answers(method, [(values, named)])
        return result

    def _answers(
        self, method: str, calls: Sequence[Call], units: Sequence[Sequence[int]] = ()
    ) -> Iterator[tuple[int, Any]]:
        """Answers of workers by the number of the call, as they come.

        Errors name prompts of the whole list.
        """
        import ray

        waiting = deque(range(len(calls)))
        running: dict[Any, tuple[Any, int]] = {}  # the promise of each: who computes what
        deaths: Counter[int] = Counter()
        try:
            while waiting or running:
                while waiting and self._idle:
                    worker, number = self._idle.pop(), waiting.popleft()
                    values, named = calls[number]
                    running[worker.answer.remote(method, values, named, self._day)] = worker, number
                promise = self._wait(running)
                if promise is None:
                    continue
                worker, number = running.pop(promise)
                try:
                    result, messages = ray.get(promise)
                except ray.exceptions.RayTaskError as error:
                    self._idle.append(worker)
                    cause = error.cause
                    if units and isinstance(cause, RowError):
                        cause.row = units[number][cause.row]
                    raise cause from error
                except ray.exceptions.RayError as error:
                    deaths[number] += 1
                    if deaths[number] == _DEATHS:
                        raise RuntimeError(_dead("on the same work", error)) from None
                    waiting.append(number)  # last, so that work that kills lets the rest be done before
                    self._hire()
                    continue
                self._idle.append(worker)
                for text in sorted(set(messages) - self._warned):
                    warnings.warn(text, stacklevel=4)
                self._warned.update(messages)
                yield number, result
        finally:
            # Where the caller stops: they finish what they have, and then what comes next.
            self._idle += [worker for worker, _ in running.values()]

    def _hire(self) -> None:
        worker = self._new()
        self._loading[worker.identity.remote()] = worker

    def _wait(self, running: dict[Any, Any]) -> Any | None:
        """Promise that is finished; none if it is a worker that loaded or died."""
        import ray

        (promise,), _ = ray.wait([*self._loading, *running])
        if promise in running:
            return promise
        worker = self._loading.pop(promise)
        try:
            identity = ray.get(promise)
        except ray.exceptions.RayTaskError as error:
            raise error.cause from error
        except ray.exceptions.RayError as error:
            self._deaths += 1
            if self._deaths == _DEATHS:
                raise RuntimeError(_dead("while they loaded the model", error)) from None
            self._hire()
            return None
        self._deaths = 0
        if self._identity is None:
            self._identity = identity
        if identity != self._identity:
            raise ValueError(f"all workers must load the same model, got {self._identity} and {identity}")
        self._idle.append(worker)
        return None


def units_of(texts: Sequence[str]) -> list[list[int]]:
    """Prompt indexes by unit of work, decided by the prompts' texts alone."""
    if not texts:
        return []
    return blocks(texts, min(len(texts), max(_FEWEST_UNITS, math.ceil(len(texts) / _UNIT))))


class _Worker:
    """What runs on the other side."""

    def __init__(self, spec: str, loading: Loading) -> None:
        self._spec, self._loading = spec, loading
        self._model: Any = None

    def identity(self) -> tuple[str, str, dict[str, str]]:
        """Load the model, and say which it is."""
        self._model = load(self._spec, self._loading)
        return self._model.name, self._model.revision, self._model.description

    def answer(self, method: str, values: Any, named: Any, day: date | None) -> tuple[Any, list[str]]:
        """Result of a method, with the texts of its warnings.

        Chats are written on a day if one is given.
        """
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            if isinstance(self._model, PlannedModel) and "done" in named and len(named["done"]) < len(values[0]):
                # One trial serves many units: seldom does a later one need another.
                self._model = self._model.planned(values[0])
            model = self._model.dated(day) if day is not None and method in _OF_TEMPLATES else self._model
            result = getattr(model, method)(*values, **named)
            result = list(result) if isinstance(result, Iterator) else result
        return result, [str(warning.message) for warning in caught]


def _at(values: Sequence[Values], rows: Sequence[int]) -> list[Values]:
    return [values[row] for row in rows]


def _dead(when: str, error: Exception) -> str:
    reason = str(error).rpartition("Worker exit detail:")[2]
    return (
        f"{_DEATHS} workers in a row died {when} (out of memory? fewer workers or a smaller batch size need less); "
        f"what Ray says of the last: {textwrap.shorten(reason, 400)}"
    )
