"""Tokenizers of servers, which vLLM, SGLang and llama.cpp give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...errors import RefusedError, ServerError
from ..protocol import Prompt
from .chats import chat_turns, template_arguments
from .connections import Connection


@dataclass(frozen=True)
class ServerTokenizer:
    """A server's tokenizer.

    Attributes
    ----------
    connection : Connection
        Where it is.
    name : str
        The model.
    window : int or None
        How many tokens the model reads, where the server says so.
    template_args : mapping
        What the server's chat template is given beside the turns.
    takes_chats : bool
        Whether it tokenises chats itself (vLLM); else the server may give a chat's text (llama.cpp).
    """

    connection: Connection
    name: str
    window: int | None
    takes_chats: bool
    template_args: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def find(
        cls, connection: Connection, name: str, template_args: Mapping[str, Any] | None = None
    ) -> ServerTokenizer | None:
        """The tokenizer beside a server's API, or none where there is none."""
        try:
            answer = _tokenize(connection, _of_text(name, "A", special_tokens=False))
        except (RefusedError, ServerError):
            return None
        window = answer.get("max_model_len")
        if isinstance(window, int):
            return cls(connection, name, window, takes_chats=True, template_args=template_args or {})
        try:
            properties = connection.ask(f"{connection.root}/props", None, "default_generation_settings")
            window = properties["default_generation_settings"].get("n_ctx")
        except (RefusedError, ServerError, AttributeError):
            window = None
        known = window if isinstance(window, int) else None
        return cls(connection, name, known, takes_chats=False, template_args=template_args or {})

    def encode(self, prompt: Prompt, more: str = "") -> list[int]:
        """Token ids of a prompt with a text behind it."""
        if not prompt.is_chat:
            return self._encode(prompt.text + more, special_tokens=True)
        try:
            return self._encode_chat(prompt, more)
        except RefusedError:  # it renders no chats
            return self._encode(prompt.opened + more, special_tokens=False)

    def chat_text(self, prompt: Prompt) -> str:
        """The text of a chat by the server's template.

        Raises
        ------
        ServerError, RefusedError
            Where the server shows none.
        """
        if self.takes_chats:
            tokens = self._encode_chat(prompt, "")
            body: dict[str, Any] = {"model": self.name, "tokens": tokens}
            return str(self.connection.ask(f"{self.connection.root}/detokenize", body, "prompt")["prompt"])
        return self._rendered(prompt)

    def _rendered(self, prompt: Prompt) -> str:
        body = {**chat_turns(prompt.turns, prompt.opened), **template_arguments(self.template_args)}
        return str(self.connection.ask(f"{self.connection.root}/apply-template", body, "prompt")["prompt"])

    def _encode(self, text: str, *, special_tokens: bool) -> list[int]:
        return _ids(_tokenize(self.connection, _of_text(self.name, text, special_tokens=special_tokens)))

    def _encode_chat(self, prompt: Prompt, more: str) -> list[int]:
        if self.takes_chats:
            body = {"model": self.name, **chat_turns(prompt.turns, prompt.opened + more), "add_special_tokens": False}
            body |= template_arguments(self.template_args)
            return _ids(_tokenize(self.connection, body))
        return self._encode(self._rendered(prompt) + more, special_tokens=False)


def _of_text(name: str, text: str, *, special_tokens: bool) -> dict[str, Any]:
    """A question that llama.cpp (`content`) and vLLM (`prompt`) both understand."""
    return {
        "model": name,
        "content": text,
        "prompt": text,
        "add_special": special_tokens,
        "add_special_tokens": special_tokens,
    }


def _tokenize(connection: Connection, body: Mapping[str, Any]) -> dict[str, Any]:
    return connection.ask(f"{connection.root}/tokenize", body, "tokens")


def _ids(answer: Mapping[str, Any]) -> list[int]:
    ids = answer["tokens"]
    if not isinstance(ids, list) or not all(isinstance(token, int) for token in ids):
        raise ValueError(f"a tokenizer must answer with numbers of tokens, the server says {str(ids)[:80]}")
    return ids
