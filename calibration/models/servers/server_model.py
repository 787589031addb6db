"""Models behind servers of OpenAI's protocol: vLLM, llama.cpp, SGLang, OpenAI."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Event
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from ...errors import ContinuationError
from ...items.item import LETTERS
from ..arguments import Batching, Decoding
from ..checked_model import CheckedModel, Logprobs, Sums, Texts
from ..protocol import Generated, Prompt, PromptView, PromptViewer, Token
from ..tokenizing.chat_formats import PLAIN_FORMAT, ChatFormat
from ..tokenizing.thoughts import opens_thoughts
from .candidate_tokens import CandidateTokens
from .chats import chat_prompt
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

Result = TypeVar("Result")


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
    match = _SPEC.fullmatch(spec)
    if match is None:
        raise ValueError("a server must be named like openai:NAME@URL, with a URL like http://127.0.0.1:8000/v1")
    connection = Connection(match["url"], timeout=timeout, attempts=attempts, pause=pause)
    refuse_unfit(chat_format, match["name"])
    server = Server(match["name"], connection, chat_format.arguments)
    refusals = []
    for way in WAYS:
        route = server.route(way)
        if route.top:
            refuse_idle_arguments(server)
            return ServerModel(server, server_identity(connection, server.name))
        refusals.append(route.refusal)
    advice = "letters, answers and verdicts are read from them: ask a model or a server that gives them"
    if all(refusal.startswith("HTTP 404") for refusal in refusals):
        advice = "is this the address of its API, and the model's name there?"
    by_way = "; ".join(f"{way}: {refusal}" for way, refusal in zip(WAYS, refusals, strict=True))
    raise ValueError(f"{connection.url}: the server gives no log-probabilities of next tokens ({by_way}); {advice}")


class ServerModel(CheckedModel, PromptViewer):
    """A model behind a server; see `calibration.models.protocol.Model` for what it answers.

    `batch_size` requests are under way at a time, 16 if it is omitted. Text is completed by the server as it is; the
    turns of a chat are sent as such, and the template is the server's. Candidates that are not among the likeliest
    tokens that the server gives are masked in `stream_logprobs`; their value is what they can be at most. Of a text
    that the model writes, some servers leave out the log-probability of the token that ended it.

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

    @override
    def chat(self, messages: Sequence[dict[str, str]], *, prefill: str = "") -> Prompt:
        prompt = chat_prompt(messages, prefill)
        question(self.server, prompt)  # raises if the server has no chats
        if prefill and not self.server.opens_turns:
            raise ValueError(f"{self.name}: the server does not go on with an opened turn; use the style chat")
        self._describe()
        return prompt

    @override
    def view(self, prompt: Prompt) -> PromptView:
        text = self.server.chat_text(prompt) if prompt.is_chat else prompt.text
        if text is None:
            return PromptView(
                end="", notes=("the chat template is the server's, which does not show the text of a chat",)
            )
        return PromptView(end=PromptView.end_of(text), opened_thoughts=opens_thoughts(text) if prompt.is_chat else "")

    @override
    def added_tokens(self, prompt: Prompt, text: str) -> tuple[Token, ...] | None:
        return self._tokens.added(prompt, text)

    @override
    def _logprobs(self, prompts: Sequence[Prompt], candidates: Sequence[str], batching: Batching) -> Logprobs:
        numbers = self._tokens.numbers(prompts[0], candidates)
        if numbers is None:
            sums = self._continuations(prompts, [candidates] * len(prompts), batching)
            return ((rows, np.array(values, dtype=np.float32)) for rows, values in sums)
        refuse_long(self.server, prompts)

        letters = {text: number for text, number in zip(candidates, numbers, strict=True) if text.strip() in LETTERS}
        first = next(iter(batching.left(len(prompts))), None)
        if self.server.tokenizer and letters and first is not None:
            check_letters(self.server, prompts[first], first, letters)

        def read(row: int, give_up: Event) -> NDArray[np.float32]:
            top = likeliest(self.server, prompts[row], row, give_up=give_up)
            with prompt_named(self.server, row, way_of(prompts[row])):
                pairs = [top.logprob(text, number) for text, number in zip(candidates, numbers, strict=True)]
            values, bounded = zip(*pairs, strict=True)
            return np.ma.MaskedArray(np.array([values], dtype=np.float32), mask=[bounded])

        return self._in_turn(prompts, batching, read)

    @override
    def _continuations(
        self, prompts: Sequence[Prompt], continuations: Sequence[Sequence[str]], batching: Batching
    ) -> Sums:
        """For texts alone, on servers that echo tokens."""
        has_chats = any(prompt.is_chat for prompt in prompts)
        if has_chats or not self.server.route("completions").top or not self.server.echoes:
            raise ValueError(
                f"{self.name}: texts of several tokens need a server that gives a text's own tokens back with their "
                "log-probabilities (completions with `echo`, as vLLM does), and the style completion"
            )
        for row, texts in enumerate(continuations):
            if "" in texts:
                raise ContinuationError(row, "")
        longest = [
            Prompt(prompt.text + max(texts, key=len, default=""))
            for prompt, texts in zip(prompts, continuations, strict=True)
        ]
        refuse_long(self.server, longest, new=0)

        def score(row: int, give_up: Event) -> list[NDArray[np.float64]]:
            sums = []
            with prompt_named(self.server, row, "completions"):
                own, _ = self.server.echo(prompts[row].text, give_up)
                behind = [self.server.echo(prompts[row].text + text, give_up) for text in continuations[row]]
            for text, (tokens, logprobs) in zip(continuations[row], behind, strict=True):
                if tokens[: len(own)] != own or len(tokens) == len(own):
                    raise ContinuationError(row, text)
                sums.append(math.fsum(logprobs[len(own) :]))
            return [np.array(sums)]

        return self._in_turn(prompts, batching, score)

    @override
    def _texts(self, prompts: Sequence[Prompt], decoding: Decoding, batching: Batching) -> Texts:
        """Texts of the server's, which says how far a seed decides them."""
        refuse_long(self.server, prompts, new=decoding.max_new_tokens)
        opened = bool(prompts) and bool(self.view(prompts[0]).opened_thoughts)
        writer = Writer(self.server, decoding, opened=opened)

        def write(row: int, give_up: Event) -> list[Generated]:
            return [writer.write(prompts[row], row, give_up=give_up)]

        return self._in_turn(prompts, batching, write)

    def _in_turn(
        self, prompts: Sequence[Prompt], batching: Batching, answer: Callable[[int, Event], Result]
    ) -> Iterator[tuple[list[int], Result]]:
        """Answers to the prompts that are left, so many requests at a time."""
        return in_turn(batching.left(len(prompts)), answer, batching.size or _REQUESTS)

    def _describe(self) -> None:
        """Keep what the server tells of its model for the manifest, as one text."""
        identity = dict(self._identity)
        if self.server.fingerprint:
            identity["fingerprint"] = self.server.fingerprint
        if any("temperature" in self.server.refused_parameters(way) for way in WAYS):
            identity["temperature"] = "the server's own"
        if identity:
            self.description["server"] = "; ".join(f"{label} {value}" for label, value in identity.items())
