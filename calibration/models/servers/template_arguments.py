"""Template arguments for servers; those without effect are refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import NoLogprobsError, RefusedError
from ..tokenizing.chat_formats import ChatFormat
from .chats import chat_turns, template_arguments
from .server import Server, first_token

_QUESTION = [{"role": "user", "content": "Which?"}]


def refuse_unfit(chat_format: ChatFormat, name: str) -> None:
    """Refuse what only a template in this process could take.

    Raises
    ------
    ValueError
        For another template, a date, or a beginning-of-text token.
    """
    unfit = {
        "chat_template": chat_format.template,
        "date": chat_format.date,
        "bos": "" if chat_format.bos == "auto" else chat_format.bos,
    }
    for option, value in unfit.items():
        if value:
            raise ValueError(
                f"{name}: the chat template and the tokenizer of a model behind a server are the server's: leave out "
                f"{option}={str(value)!r}; what its template takes goes in template_args (--template-args)"
            )


def refuse_idle_arguments(server: Server) -> None:
    """Refuse arguments that change nothing in a chat, as far as the server tells.

    Raises
    ------
    ValueError
        If the server refuses them, or a chat has as many tokens with them as without.
    """
    arguments = server.template_args
    if not arguments:
        return
    flipped = {key: not value if isinstance(value, bool) else value for key, value in arguments.items()}
    with_them, without, otherwise = (_size(server, given) for given in (arguments, {}, flipped))
    if with_them is not None and with_them == without == otherwise:
        raise ValueError(
            f"{server.name}: the server's chat template takes no notice of {dict(arguments)}: a chat has {with_them} "
            "tokens with them and without; leave them out, or see the template for the names that it takes"
        )


def _size(server: Server, arguments: Mapping[str, Any]) -> int | None:
    """Number of tokens of a chat under template arguments; none if unknown."""
    question = {**chat_turns(_QUESTION, ""), **first_token("chat/completions", 1)}
    try:
        usage = server.ask("chat/completions", {**question, **template_arguments(arguments)}).get("usage")
    except NoLogprobsError:
        return None
    except RefusedError as error:
        if not arguments:
            return None
        raise ValueError(
            f"{server.name}: the server refuses the template's arguments {dict(arguments)}: {error}"
        ) from None
    tokens = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    return tokens if isinstance(tokens, int) else None
