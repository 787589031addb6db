"""A model behind a server that speaks the protocol of OpenAI's API: vLLM, llama.cpp, SGLang, OpenAI."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from threading import Event

import numpy as np
from numpy.typing import NDArray

from ...errors import ContinuationError
from ...items.item import LETTERS
from ..arguments import refuse_continuations, refuse_generation, refuse_small_batch
from ..protocol import Generated, PromptView
from ..tokenizing.chat_formats import PLAIN_FORMAT, ChatFormat
from ..tokenizing.thoughts import opens_thoughts
from .candidate_tokens import CandidateTokens
from .chats import chat_text, turns_of
from .connections import Connection
from .generation import Writer
from .in_order import in_turn
from .server import WAYS, Server
from .server_identity import server_identity
from .server_prompts import check_letters, likeliest, prompt_named, question, refuse_long, way_of
from .template_arguments import refuse_idle_arguments, refuse_unfit

_SPEC = re.compile(r"openai:(?P<name>.+?)@(?P<url>https?://.*)", re.DOTALL)
# Requests under way where no number is given: servers batch them.
_REQUESTS = 16


def connect(
    spec: str,
    *,
    chat_format: ChatFormat = PLAIN_FORMAT,
    timeout: float = 60.0,
    attempts: int = 6,
    pause: float = 1.0,
) -> ServerModel:
    """A model behind a server, which is asked once what it can do.

    Parameters
    ----------
    spec : str
        ``openai:NAME@URL``.
    chat_format : ChatFormat
        Arguments for the server's chat template; everything else of a format is the server's.
    timeout, attempts, pause
        As `Connection` takes them.

    Raises
    ------
    ServerError
        Where no server answers.
    ValueError
        For a spec in another form; where the server refuses, answers with another model, or gives no log-probabilities.
    """
    found = _SPEC.fullmatch(spec)
    if found is None:
        raise ValueError("a server must be named like openai:NAME@URL, with a URL like http://127.0.0.1:8000/v1")
    connection = Connection(found["url"], timeout=timeout, attempts=attempts, pause=pause)
    refuse_unfit(chat_format, found["name"])
    server = Server(found["name"], connection, chat_format.arguments)
    reasons = []
    for way in WAYS:
        reason = server.top(way)
        if isinstance(reason, int):
            refuse_idle_arguments(server)
            return ServerModel(server, server_identity(connection, server.name))
        reasons.append(reason)
    advice = "letters, answers and verdicts are read from them: ask a model or a server that gives them"
    if all(reason.startswith("HTTP 404") for reason in reasons):
        advice = "is this the address of its API, and the model's name there?"
    told = "; ".join(f"{way}: {reason}" for way, reason in zip(WAYS, reasons, strict=True))
    raise ValueError(f"{connection.url}: the server gives no log-probabilities of next tokens ({told}); {advice}")


class ServerModel:
    """A model behind a server; see `calibration.models.Model` for what it answers.

    `batch_size` requests are under way at a time, 16 where it is absent. Text is completed by the server as it is. The
    turns of a chat are sent as such and the template is the server's: the text of a chat is JSON here, which only this
    class reads. Candidates that are not among the likeliest tokens that the server gives are masked in
    `stream_logprobs`; their value is what they can be at most. Of a text that the model writes, some servers leave out
    the log-probability of the token that ended it.

    Parameters
    ----------
    server : Server
        The server and the name that it has for the model.
    identity : mapping, optional
        What the server tells of the model, by label (`server_identity`).

    Attributes
    ----------
    revision : str
        The version of the model that the server says it answers with, where that is not its name.
    """

    def __init__(self, server: Server, identity: Mapping[str, str] | None = None) -> None:
        self.server = server
        self.name = server.name
        self.revision = "" if server.says in (None, server.name) else str(server.says)
        self._identity = dict(identity or {})
        self.description = {
            "dtype": "as served",
            "device": "server",
            "tokenizer": "",
            "address": server.connection.url,
            **ChatFormat(arguments=server.template_args).described,
        }
        self._describe()
        self._tokens = CandidateTokens(server)

    def __repr__(self) -> str:
        return f"ServerModel({self.name!r}, {self.server.connection.url!r})"

    def chat(self, messages: Sequence[dict[str, str]], *, prefill: str = "") -> str:
        """See `calibration.models.Model`."""
        prompt = chat_text(messages, prefill)
        question(self.server, prompt, special_tokens=False)  # raises where the server has no chats
        if prefill and not self.server.opens_turns:
            raise ValueError(f"{self.name}: the server does not go on with an opened turn; use the style chat")
        self._describe()
        return prompt

    def view(self, prompt: str, *, special_tokens: bool) -> PromptView:
        """See `calibration.models.PromptViewer`: of a chat only what the server gives, which is its text or nothing."""
        text = prompt if special_tokens else self.server.chat_text(*turns_of(prompt))
        if text is None:
            return PromptView(
                end="", notes=("the chat template is the server's, which does not show the text of a chat",)
            )
        return PromptView(end=PromptView.end_of(text), opened_thoughts="" if special_tokens else opens_thoughts(text))

    def continuation(self, prompt: str, text: str, *, special_tokens: bool) -> tuple[int, ...] | None:
        """See `calibration.models.Model` and `CandidateTokens.added`."""
        return self._tokens.added(prompt, text, special_tokens=special_tokens)

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
            table[rows] = np.ma.getdata(values)
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
        under_way = _under_way(batch_size)
        if not prompts:
            return iter(())
        numbers = self._tokens.numbers(prompts[0], candidates, special_tokens=special_tokens)
        if numbers is None:
            sums = self.stream_continuations(
                prompts, [candidates] * len(prompts), special_tokens=special_tokens, batch_size=batch_size, done=done
            )
            return ((rows, np.array(values, dtype=np.float32)) for rows, values in sums)
        refuse_long(self.server, prompts, special_tokens=special_tokens)

        letters = {text: number for text, number in zip(candidates, numbers, strict=True) if text.strip() in LETTERS}
        first = next(_left(prompts, done), None)
        if self.server.tokenizer and letters and first is not None:
            check_letters(self.server, prompts[first], first, letters, special_tokens=special_tokens)

        def read(row: int, give_up: Event) -> NDArray[np.float32]:
            top = likeliest(self.server, prompts[row], row, special_tokens=special_tokens, give_up=give_up)
            with prompt_named(self.server, row, way_of(special_tokens=special_tokens)):
                found = [top.logprob(text, number) for text, number in zip(candidates, numbers, strict=True)]
            values, bounded = zip(*found, strict=True)
            return np.ma.MaskedArray(np.array([values], dtype=np.float32), mask=[bounded])

        return in_turn(_left(prompts, done), read, under_way)

    def stream_continuations(
        self,
        prompts: Sequence[str],
        continuations: Sequence[Sequence[str]],
        *,
        special_tokens: bool = True,
        batch_size: int | None = None,
        done: frozenset[int] = frozenset(),
    ) -> Iterator[tuple[list[int], list[NDArray[np.float64]]]]:
        """See `calibration.models.Model`; to be had only where the server gives a text's own tokens back."""
        under_way = _under_way(batch_size)
        refuse_continuations(len(prompts), len(continuations))
        if not special_tokens or isinstance(self.server.top("completions"), str) or not self.server.echoes:
            raise ValueError(
                f"{self.name}: texts of several tokens need a server that gives a text's own tokens back with their "
                "log-probabilities (completions with `echo`, as vLLM does), and the style completion"
            )
        for row, texts in enumerate(continuations):
            if "" in texts:
                raise ContinuationError(row, "")
        longest = [
            prompt + max(texts, key=len, default="") for prompt, texts in zip(prompts, continuations, strict=True)
        ]
        refuse_long(self.server, longest, special_tokens=True, new=0)

        def score(row: int, give_up: Event) -> list[NDArray[np.float64]]:
            sums = []
            with prompt_named(self.server, row, "completions"):
                own, _ = self.server.echo(prompts[row], give_up)
                behind = [self.server.echo(prompts[row] + text, give_up) for text in continuations[row]]
            for text, (tokens, logprobs) in zip(continuations[row], behind, strict=True):
                if tokens[: len(own)] != own or len(tokens) == len(own):
                    raise ContinuationError(row, text)
                sums.append(math.fsum(logprobs[len(own) :]))
            return [np.array(sums)]

        return in_turn(_left(prompts, done), score, under_way)

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
        """See `calibration.models.Model`; how far a seed decides an answer is the server's to say."""
        under_way = _under_way(batch_size)
        refuse_generation(
            len(prompts), max_new_tokens=max_new_tokens, stop=stop, temperature=temperature, seeds=seeds,
        )  # fmt: skip
        refuse_long(self.server, prompts, special_tokens=special_tokens, new=max_new_tokens)
        inside = (
            not special_tokens
            and len(prompts) > 0
            and bool(self.view(prompts[0], special_tokens=False).opened_thoughts)
        )
        writer = Writer(
            self.server,
            special_tokens=special_tokens,
            max_new_tokens=max_new_tokens,
            stop=stop,
            temperature=temperature,
            opened=inside,
        )

        def write(row: int, give_up: Event) -> list[Generated]:
            seed = seeds[row] if temperature else None
            return [writer.write(prompts[row], row, seed=seed, give_up=give_up)]

        return in_turn(_left(prompts, done), write, under_way)

    def _describe(self) -> None:
        """Keep what the server tells of its model for the manifest, as one text."""
        told = dict(self._identity)
        if self.server.fingerprint:
            told["fingerprint"] = self.server.fingerprint
        if any("temperature" in self.server.refused_parameters(way) for way in WAYS):
            told["temperature"] = "the server's own"
        if told:
            self.description["server"] = "; ".join(f"{label} {value}" for label, value in told.items())


def _left(prompts: Sequence[str], done: frozenset[int]) -> Iterator[int]:
    return (row for row in range(len(prompts)) if row not in done)


def _under_way(batch_size: int | None) -> int:
    """How many requests are under way at a time."""
    refuse_small_batch(batch_size)
    return batch_size or _REQUESTS
