"""Server of OpenAI's protocol, and what it gives on each route."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Event, Lock
from typing import Any, Literal, get_args

from ...errors import NoLogprobsError, OtherModelError, RefusedError, ServerError
from ..protocol import Prompt
from .answers import echoed
from .chats import chat_turns, template_arguments
from .choices import only_choice
from .connections import Connection
from .parameters import Parameters, changed, refused_parameter
from .tokenizers import ServerTokenizer
from .top_tokens import TopTokens

Way = Literal["completions", "chat/completions"]
WAYS: tuple[Way, ...] = get_args(Way)

# How many alternatives are asked for, one after the other: what most servers give at most, then what some do.
_TOP = (20, 10, 8, 5, 4, 3, 2)
_UNAUTHORISED = (401, 403)
# Fewer are told; of more than these, some were spelt alike and became one.
_NEARLY_ALL = 16
# Statuses of a server that may give fewer alternatives.
_UNSUITED = (400, 422)


@dataclass(frozen=True)
class Route:
    """What a server gives in one way of asking.

    Attributes
    ----------
    top : int
        How many of the likeliest next tokens it gives; 0 if none.
    refusal : str
        Why it gives none; empty if it gives some.
    """

    top: int = 0
    refusal: str = ""


class Server:
    """One model of a server.

    Parameters
    ----------
    name : str
        What the server calls the model.
    connection : Connection
        Where it is.
    template_args : mapping, optional
        What the server's chat template is given beside the turns.
    """

    def __init__(self, name: str, connection: Connection, template_args: Mapping[str, Any] | None = None) -> None:
        self.name = name
        self.connection = connection
        self.template_args = dict(template_args or {})
        self.says: str | None = None
        """Which model the server says that answers, where it does."""
        self.fingerprint: str | None = None
        """The configuration that the server says that answers, where it does (``system_fingerprint``)."""
        self._routes: dict[Way, Route] = {}
        self._usual: dict[Way, int] = {}
        self._parameters: dict[Way, Parameters] = {way: Parameters() for way in WAYS}
        self._told_of_few = False
        self._lock = Lock()

    def ask(
        self, way: Way, question: Mapping[str, Any], *, timeout: float = 0, give_up: Event | None = None
    ) -> dict[str, Any]:
        """The server's answer, its choices the one that was asked for.

        Raises
        ------
        ServerError, RefusedError
            As `Connection.ask`.
        NoLogprobsError
            Where it has no choice, or several without telling which one was asked for.
        OtherModelError
            Where the answer is another model's.
        """
        arguments = template_arguments(self.template_args) if way == "chat/completions" else {}
        answer = self._answer(way, {"model": self.name, **arguments, **question}, timeout, give_up)
        model, fingerprint = answer.get("model"), answer.get("system_fingerprint")
        with self._lock:
            if isinstance(model, str) and model:
                self._refuse_other(model)
            if isinstance(fingerprint, str) and fingerprint:
                self._refuse_other_fingerprint(fingerprint)
        return {**answer, "choices": [only_choice(answer)]}

    def refused_parameters(self, way: Way) -> dict[str, str]:
        """Parameters that the server refuses on a route, with its words."""
        return self._parameters[way].refused

    def _answer(self, way: Way, body: Mapping[str, Any], timeout: float, give_up: Event | None) -> dict[str, Any]:
        """Answer to a request without the parameters that the server refuses.

        These are remembered.
        """
        url = f"{self.connection.url}/{way}"
        parameters = self._parameters[way]
        refused = parameters.refused
        while True:
            sent = changed(body, refused)
            try:
                answer = self.connection.ask(url, sent, "choices", timeout=timeout, give_up=give_up)
            except RefusedError as error:
                name = refused_parameter(error, sent)
                if name is None:
                    raise
                refused[name] = error.reason
            else:
                parameters.remember(refused)
                return answer

    def route(self, way: Way) -> Route:
        """What the server gives in a way of asking, which is tried once."""
        if way not in self._routes:
            self._routes[way] = self._tried(way)
        return self._routes[way]

    def top_tokens(self, way: Way, choice: Mapping[str, Any]) -> TopTokens:
        """The likeliest tokens of a choice, of which `Route.top` were asked for.

        Raises
        ------
        NoLogprobsError
            As `TopTokens.of`.
        """
        return TopTokens.of(choice, self.route(way).top, usual=self._usual[way])

    @cached_property
    def tokenizer(self) -> ServerTokenizer | None:
        """The server's tokenizer, where it has one."""
        return ServerTokenizer.find(self.connection, self.name, self.template_args)

    def chat_text(self, prompt: Prompt) -> str | None:
        """Text of a chat by the server's template; none if it is not shown."""
        if self.tokenizer is None:
            return None
        try:
            return self.tokenizer.chat_text(prompt)
        except (RefusedError, ServerError):
            return None

    @cached_property
    def echoes(self) -> bool:
        """Whether the server gives a text's own tokens back with their log-probabilities."""
        try:
            self.echo("The sky is blue")
        except (RefusedError, NoLogprobsError):
            return False
        return True

    def echo(self, text: str, give_up: Event | None = None) -> tuple[list[str], list[float]]:
        """A text's own tokens, and the log-probability of each behind those before it."""
        question = {"prompt": text, "max_tokens": 0, "echo": True, "logprobs": 1, "temperature": 0}
        return echoed(self.ask("completions", question, give_up=give_up), text)

    @cached_property
    def opens_turns(self) -> bool:
        """Whether the server continues an assistant's turn that was begun.

        Told by the length of the prompt: the words of the turn cost their tokens and nothing more. Servers that do not
        go on refuse, or close the turn and open another, which costs tokens too.
        """
        none, four, eight = (self._tokens_of_chat(" ".join(["one"] * words)) for words in (0, 4, 8))
        return none is not None and four is not None and eight is not None and four < eight <= 2 * (eight - four) + none

    def _tokens_of_chat(self, opened: str) -> int | None:
        question = {**chat_turns([{"role": "user", "content": "Hi"}], opened), **first_token("chat/completions", 1)}
        try:
            usage = self.ask("chat/completions", question).get("usage")
        except (RefusedError, NoLogprobsError):
            return None
        tokens = usage.get("prompt_tokens") if isinstance(usage, dict) else None
        return tokens if isinstance(tokens, int) else None

    def _tried(self, way: Way) -> Route:
        asked: dict[Way, Mapping[str, Any]] = {
            "completions": {"prompt": "Answer:"},
            "chat/completions": chat_turns([{"role": "user", "content": "Hi"}], ""),
        }
        reason = ""
        for top in _TOP:
            try:
                answer = self.ask(way, {**asked[way], **first_token(way, top)})
                given = TopTokens.of(answer["choices"][0], top).n_given
            except NoLogprobsError as error:
                reason = reason or str(error)
            except RefusedError as error:
                if error.status in _UNAUTHORISED:
                    raise
                reason = reason or f"HTTP {error.status}, {error.reason}"
                if error.status not in _UNSUITED:
                    break
            else:
                self._usual[way] = min(given, top)
                self._warn_of_few(self._usual[way])
                return Route(top=top)
        return Route(refusal=reason)

    def _warn_of_few(self, given: int) -> None:
        if given < _NEARLY_ALL and not self._told_of_few:
            self._told_of_few = True
            warnings.warn(
                f"{self.connection.url}: the server gives the log-probabilities of the {given} likeliest next tokens, "
                f"{_TOP[0]} were asked for; those of other letters are upper bounds (column bounded)",
                stacklevel=2,
            )

    def _refuse_other(self, model: str) -> None:
        if self.says is None:
            # A name that stands for the newest version is answered with that version's (stars: a key that was in it).
            if model != self.name and not re.fullmatch(re.escape(self.name) + r"([-@:]\d[\w.*-]*|:latest)", model):
                raise OtherModelError(
                    f"{self.connection.url}: the model {self.name!r} was asked for, the server answers with {model!r}; "
                    f"name that one (openai:NAME@URL) or ask another server"
                )
            self.says = model
        elif model != self.says:
            raise OtherModelError(
                f"{self.connection.url}: the server answered with the model {self.says!r} and now does with {model!r}; "
                "what was done is kept, continue when it serves one model"
            )

    def _refuse_other_fingerprint(self, fingerprint: str) -> None:
        if self.fingerprint is None:
            self.fingerprint = fingerprint
        elif fingerprint != self.fingerprint:
            raise OtherModelError(
                f"{self.connection.url}: the server answered with the system_fingerprint {self.fingerprint!r} and now "
                f"does with {fingerprint!r}: another build, other settings or another machine answers, and its numbers "
                "may differ; what was done is kept, the same command continues once the first one answers again, "
                "another folder (--out) begins anew"
            )


def first_token(way: Way, top: int) -> dict[str, Any]:
    """How a server is asked for the likeliest next tokens.

    At the temperature 0, where what is drawn is among them and no server changes their log-probabilities.
    """
    return {"max_tokens": 1, "temperature": 0, **with_logprobs(way, top)}


def with_logprobs(way: Way, top: int) -> dict[str, Any]:
    """How a server is asked for log-probabilities beside what it writes."""
    return {"logprobs": top} if way == "completions" else {"logprobs": True, "top_logprobs": top}
