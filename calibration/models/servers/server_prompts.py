"""Prompts of servers: requests, lengths, and the likeliest next tokens."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Any

from ...errors import AnswerError, NoLogprobsError, PromptTooLongError, RefusedError
from ..protocol import Prompt
from .answers import too_long
from .chats import chat_turns
from .server import Server, Way, first_token
from .top_tokens import TopTokens, without_letters

# Tokens that a chat's template may add to the text of its turns.
_TEMPLATE_TOKENS = 512
# Statuses with which a server refuses one prompt, and not every other.
_ABOUT_PROMPTS = frozenset({400, 413, 422, 451})


def way_of(prompt: Prompt) -> Way:
    """The way of asking: completions for a text, chat/completions for a chat."""
    return "chat/completions" if prompt.is_chat else "completions"


def question(server: Server, prompt: Prompt) -> tuple[Way, dict[str, Any]]:
    """Route and request for a prompt, as its text or its turns.

    Raises
    ------
    ValueError
        If the server answers nothing in that way.
    """
    way = way_of(prompt)
    route = server.route(way)
    if not route.top:
        asked, other = ("chats", "completion") if prompt.is_chat else ("text", "chat")
        raise ValueError(
            f"{server.name}: the server completes no {asked} with log-probabilities ({route.refusal}); use the style "
            f"{other}"
        )
    return way, chat_turns(prompt.turns, prompt.opened) if prompt.is_chat else {"prompt": prompt.text}


def likeliest(
    server: Server,
    prompt: Prompt,
    row: int = 0,
    *,
    numbered: bool = True,
    give_up: Event | None = None,
) -> TopTokens:
    """The likeliest tokens after a prompt.

    By number if the server can tell them so, unless `numbered` is off.

    Raises
    ------
    AnswerError, PromptTooLongError
        As `prompt_named`, with the prompt's `row`.
    """
    way, body = question(server, prompt)
    body |= first_token(way, server.route(way).top)
    if numbered and server.tokenizer and server.tokenizer.takes_chats:
        body["return_tokens_as_token_ids"] = True  # two tokens of one spelling stay two
    with prompt_named(server, row, way):
        answer = server.ask(way, body, give_up=give_up)
        return server.top_tokens(way, answer["choices"][0])


def check_letters(server: Server, prompt: Prompt, row: int, letters: Mapping[str, int | None]) -> None:
    """Warn if no letter is among the likeliest tokens after a prompt.

    The warning quotes what the server lists.

    Parameters
    ----------
    letters : mapping
        Texts of the letters, and the numbers of their tokens.

    Raises
    ------
    AnswerError
        If the model begins with a thought there: no prompt would show its letters.

    Warns
    -----
    UserWarning
        Otherwise: other prompts may show them.
    """
    way = way_of(prompt)
    top = likeliest(server, prompt, row)
    with prompt_named(server, row, way):
        if not all(top.logprob(text, number)[1] for text, number in letters.items()):
            return
    spelt = likeliest(server, prompt, row, numbered=False)
    message = f"{server.connection.url}/{way}: {without_letters(spelt)}"
    if spelt.opens_thought:
        raise AnswerError(row, message)
    warnings.warn(message, stacklevel=2)


@contextmanager
def prompt_named(server: Server, row: int, way: Way) -> Iterator[None]:
    """Name prompt and address if an answer is of no use or refused.

    Raises
    ------
    PromptTooLongError
        If the server refuses it for its length.
    AnswerError
        If the server refuses it for another reason, or its answer cannot be used.
    """
    try:
        yield
    except NoLogprobsError as error:
        raise AnswerError(row, f"{server.connection.url}/{way}: {error}") from None
    except RefusedError as error:
        if sizes := too_long(error):
            raise PromptTooLongError(row, *sizes) from None
        if error.status in _ABOUT_PROMPTS:
            raise AnswerError(row, str(error)) from None
        raise


def refuse_long(server: Server, prompts: Sequence[Prompt], *, new: int = 1) -> None:
    """Raise for the first prompt that is longer than the context window.

    Only if the server tells both lengths.

    A text has no more tokens than bytes, so few need to be counted.
    """
    tokenizer = server.tokenizer
    if tokenizer is None or tokenizer.window is None:
        return
    window = tokenizer.window
    for row, prompt in enumerate(prompts):
        if len(prompt.text.encode()) + _TEMPLATE_TOKENS + new > window:
            tokens = len(tokenizer.encode(prompt))
            if tokens + new > window:
                raise PromptTooLongError(row, tokens, window, new=new)
