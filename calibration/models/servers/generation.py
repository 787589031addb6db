"""Generation by servers: requests for texts, and parameters that are refused."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from threading import Event, Lock
from typing import Any

from ..arguments import Decoding
from ..protocol import Generated, Prompt
from .answers import written
from .parameters import LEFT_OUT, NEUTRAL
from .server import Server, with_logprobs
from .server_prompts import prompt_named, question
from .stops import cut_at_stop

# The time to write an answer grows with its length: the timeout anew for so many tokens.
_TOKENS_A_TIMEOUT = 64
# Turns off what some servers add to the model's distribution when it writes; those with a tokenizer know the words.
_RAW = {"top_k": -1, "min_p": 0.0, "repetition_penalty": 1.0}


class Writer:
    """Asks a server for texts, all in one way.

    Parameters
    ----------
    server : Server
        Who writes.
    decoding : Decoding
        How texts are written; where the server takes no stop texts, they are cut here.
    opened : bool
        Whether the server's template opens thoughts at the end of a prompt.
    """

    def __init__(self, server: Server, decoding: Decoding, *, opened: bool = False) -> None:
        self.server = server
        self.decoding = decoding
        self.opened = opened
        n_new = decoding.max_new_tokens
        self.timeout = server.connection.timeout * (1 + n_new / _TOKENS_A_TIMEOUT)
        self.options: dict[str, Any] = {"max_tokens": n_new, "temperature": decoding.temperature, "top_p": 1.0}
        self.options |= {"stop": list(decoding.stop)} if decoding.stop else {}
        self.options |= _RAW if server.tokenizer else {}
        self._told: set[str] = set()
        self._lock = Lock()

    def write(self, prompt: Prompt, row: int, *, give_up: Event) -> Generated:
        """The text after a prompt.

        Raises
        ------
        AnswerError, PromptTooLongError
            As `prompt_named`, with the prompt's `row`.
        """
        way, body = question(self.server, prompt)
        seed = self.decoding.seed(row)
        # Servers take seeds of 31 bits.
        drawn = {} if seed is None else {"seed": seed % 2**31}
        body = {**body, **with_logprobs(way, 1), **self.options, **drawn}
        with prompt_named(self.server, row, way):
            (choice,) = self.server.ask(way, body, timeout=self.timeout, give_up=give_up)["choices"]
            refused = self.server.refused_parameters(way)
            if "stop" in refused:
                answer = cut_at_stop(written(choice, (), opened=self.opened), choice, self.decoding.stop)
            else:
                answer = written(choice, self.decoding.stop, opened=self.opened)
        self._warn_of_refused(body, refused)
        # Some servers repeat how the turn was opened.
        return replace(answer, text=answer.text.removeprefix(prompt.opened))

    def _warn_of_refused(self, body: Mapping[str, Any], refused: Mapping[str, str]) -> None:
        """Warn once of each parameter that decides texts and is left out."""
        left_out = [name for name in LEFT_OUT if name in body and name in refused and body[name] != NEUTRAL.get(name)]
        with self._lock:
            new = [name for name in left_out if name not in self._told]
            self._told.update(new)
        for name in new:
            warnings.warn(
                f"{self.server.connection.url}: the server takes no {name} of {body[name]!r} ({refused[name]}): "
                f"{LEFT_OUT[name]}",
                stacklevel=2,
            )
