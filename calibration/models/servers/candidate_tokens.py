"""Tokens that candidates add to a prompt of a server."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from ...errors import AnswerError
from ...items.item import LETTERS
from ..protocol import Prompt, Token
from .server import Server
from .server_prompts import likeliest, way_of
from .top_tokens import TopTokens, without_letters


class CandidateTokens:
    """Tokens of candidates, by the server's tokenizer or the tokens that it lists.

    Without a tokenizer the server is asked once a prompt.

    Parameters
    ----------
    server : Server
        Whose tokens they are.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self._first: tuple[Prompt, TopTokens] | None = None

    def added(self, prompt: Prompt, text: str) -> tuple[Token, ...] | None:
        """Tokens that a text adds to a prompt; none if they are unknown.

        A text that changes the prompt's own tokens has none.

        Without a tokenizer a letter is one token, known by its text, if any letter that is written like it is among the
        likeliest tokens.

        Raises
        ------
        AnswerError
            If the server has no tokenizer and no letter, with or without a space, is among the likeliest tokens.
        """
        tokenizer = self.server.tokenizer
        if tokenizer is None:
            top = self._likeliest(prompt)
            alike = {text[:-1] + letter for letter in LETTERS} if text[-1:] in tuple(LETTERS) else {text}
            return None if alike.isdisjoint(top.by_text) else (text,)
        short, long = (tokenizer.encode(prompt, more) for more in ("", text))
        return tuple(long[len(short) :]) if long[: len(short)] == short else None

    def numbers(self, prompt: Prompt, candidates: Sequence[str]) -> list[int | None] | None:
        """Number of each candidate's token; none if a candidate has several tokens.

        Each is none if the server numbers no tokens.

        Raises
        ------
        ValueError
            For a candidate that changes the prompt's own tokens or is unknown.
        """
        if self.server.tokenizer is None:
            return [None] * len(candidates)
        numbers: list[int | None] = []
        for text in candidates:
            added = self.added(prompt, text)
            if not added:
                raise ValueError(
                    f"the candidate {text!r} must add known tokens to the prompt and leave its own unchanged"
                )
            if len(added) > 1:
                return None
            (number,) = added
            numbers.append(number if isinstance(number, int) else None)
        return numbers

    def _likeliest(self, prompt: Prompt) -> TopTokens:
        """The likeliest tokens after a prompt, asked for once; there must be a letter."""
        if self._first is None or self._first[0] != prompt:
            top = likeliest(self.server, prompt)
            where = f"{self.server.connection.url}/{way_of(prompt)}"
            if not any(lead + letter in top.by_text for lead in ("", " ") for letter in LETTERS):
                raise AnswerError(0, f"{where}: {without_letters(top)}")
            if not prompt.is_chat and not any(text.startswith(" ") for text in top.by_text):
                warnings.warn(
                    f"{where}: no token that the server lists begins with a space ({top.quoted}): it may write ' A' "
                    "and 'A' alike, and which of them is read is unresolved",
                    stacklevel=2,
                )
            self._first = prompt, top
        return self._first[1]
