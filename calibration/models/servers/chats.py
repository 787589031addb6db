"""Chats for servers: as prompts, and as the turns that a server is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..protocol import Prompt


def chat_prompt(turns: Sequence[Mapping[str, str]], opened: str) -> Prompt:
    """Prompt of a chat; its text is JSON, since the template is the server's.

    Examples
    --------
    >>> chat_prompt([{"role": "user", "content": "Hi"}], "Answer:").text
    '{"messages": [{"role": "user", "content": "Hi"}], "prefill": "Answer:"}'
    """
    text = json.dumps({"messages": list(turns), "prefill": opened}, ensure_ascii=False)
    return Prompt(text, tuple(turns), opened)


def chat_turns(turns: Sequence[Mapping[str, str]], opened: str) -> dict[str, Any]:
    """Request for a chat whose last turn, the assistant's, begins with `opened`."""
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
