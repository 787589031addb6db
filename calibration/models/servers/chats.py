"""Chats for servers: as the text that stands for one here, and as the turns that a server is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any


def chat_text(turns: Sequence[Mapping[str, str]], opened: str) -> str:
    """The text that stands for a chat, and is hashed for it: JSON, since the template is the server's.

    Examples
    --------
    >>> chat_text([{"role": "user", "content": "Hi"}], "Answer:")
    '{"messages": [{"role": "user", "content": "Hi"}], "prefill": "Answer:"}'
    """
    return json.dumps({"messages": list(turns), "prefill": opened}, ensure_ascii=False)


def turns_of(text: str) -> tuple[list[dict[str, str]], str]:
    """Turns of a chat and how the assistant's begins, from the text that `chat_text` made."""
    try:
        found = json.loads(text)
        return found["messages"], found["prefill"]
    except (ValueError, TypeError, KeyError):
        raise ValueError(
            "a prompt without the tokenizer's special tokens must be a chat's: a server adds its own"
        ) from None


def chat_turns(turns: Sequence[Mapping[str, str]], opened: str) -> dict[str, Any]:
    """What a server is sent for a chat whose last turn, the assistant's, begins with `opened`."""
    if not opened:
        return {"messages": list(turns)}
    return {
        "messages": [*turns, {"role": "assistant", "content": opened}],
        "add_generation_prompt": False,
        "continue_final_message": True,
    }


def template_arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What a server is sent for a template's arguments.

    Examples
    --------
    >>> template_arguments({"enable_thinking": False}), template_arguments({})
    ({'chat_template_kwargs': {'enable_thinking': False}}, {})
    """
    return {"chat_template_kwargs": dict(arguments)} if arguments else {}
