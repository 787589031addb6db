"""Answers of OpenAI's protocol: written texts, echoed prompts, lengths."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ...errors import NoLogprobsError, RefusedError
from ..protocol import Finish, Generated
from ..tokenizing.thoughts import split_thoughts
from .choices import only_choice
from .top_tokens import log_probability, logprob_fields

# Types of the parts of an answer that are thoughts.
_THOUGHTS = re.compile("think|thought|reason", re.IGNORECASE)
# Reasons of servers for an answer that neither the model nor its length ended: filters, calls of tools, faults.
_WITHHELD = frozenset(
    {
        *("content_filter", "safety", "recitation", "blocklist", "prohibited_content", "refusal"),
        *("tool_calls", "tool_call", "tool_use", "function_call"),
        *("error", "abort", "aborted", "cancelled", "insufficient_system_resource"),
    }
)


def written(choice: Mapping[str, Any], stop: Sequence[str], *, opened: bool = False) -> Generated:
    """The text that a server's model wrote.

    Where the prompt opened thoughts (`opened`), a text that was cut and ends none is inside them: a server that takes
    thoughts out of its answers leaves no mark of their end.

    A refusal that the server tells apart from the text is the text where there is no other: the model wrote it. Its
    tokens may have no log-probabilities.

    An answer that a filter, the call of a tool or a fault of the server ended is withheld, whatever there is of it.

    Where a server does not tell a stop text from the model's own end, an answer that ended before its time counts as
    stopped if there were stop texts.

    Raises
    ------
    NoLogprobsError
        Where its tokens have no log-probabilities.
    """
    text, thoughts = _written_texts(choice)
    logprobs = _written_logprobs(choice)
    reason = choice.get("finish_reason")
    withheld = str(reason).lower() in _WITHHELD
    if text and not logprobs and not withheld and text != _refusal(choice):
        raise NoLogprobsError("the text's tokens must have log-probabilities, the server gives none")
    finish: Finish = "length"
    if withheld:
        finish = "withheld"
    elif reason != "length":
        stopped = isinstance(choice["stop_reason"], str) if "stop_reason" in choice else bool(stop)
        finish = "stop" if stopped else "end"
    values = tuple(logprobs)
    split = split_thoughts(text, opened=opened and finish == "length" and not thoughts)
    if not (thoughts or split.start):
        return Generated(text, values, finish)
    first = _first_answer_token(split.answer, choice)
    thoughts = "\n".join(part for part in (thoughts, split.thoughts) if part)
    return Generated(split.answer, () if first is None else values[first:], finish, thoughts)


def _written_texts(choice: Mapping[str, Any]) -> tuple[str, str]:
    """Text of a server's model, and the thoughts that the server separates."""
    message = choice.get("message")
    if not isinstance(message, dict):
        return _whole(choice.get("text")), ""
    content, thoughts = message.get("content"), message.get("reasoning_content") or message.get("reasoning")
    if isinstance(content, list):  # parts, of which some are thoughts
        parts = [part if isinstance(part, dict) else {"text": part} for part in content]
        thinking = [part for part in parts if _THOUGHTS.search(str(part.get("type")))]
        thoughts = thoughts or "".join(_whole(part.get("thinking") or part.get("text")) for part in thinking)
        content = "".join(_whole(part.get("text")) for part in parts if part not in thinking)
    return _whole(content) or _refusal(choice), _whole(thoughts).strip()


def _refusal(choice: Mapping[str, Any]) -> str:
    """Words with which a model refuses; empty if it does not.

    OpenAI's are in a field of its own or in a part.
    """
    message = choice.get("message")
    if not isinstance(message, dict):
        return ""
    parts = message.get("content")
    parts = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    return _whole(message.get("refusal")) or "".join(_whole(part.get("refusal")) for part in parts)


def _whole(value: object) -> str:
    """A text, or the texts of the parts that a server cuts one into."""
    if isinstance(value, list):
        return "".join(_whole(part.get("text")) for part in value if isinstance(part, dict))
    # JSON may hold halves of characters, which no table takes.
    return str(value or "").encode(errors="replace").decode()


def _first_answer_token(answer: str, choice: Mapping[str, Any]) -> int | None:
    """Index of the first token of an answer behind thoughts; none if unknown."""
    fields = logprob_fields(choice)
    content = fields.get("content")
    entries = content if isinstance(content, list) else fields.get("tokens")
    if not answer or not isinstance(entries, list):
        return None
    tokens = [str(entry.get("token", "")) if isinstance(entry, dict) else str(entry) for entry in entries]
    start, length = "".join(tokens).rfind(answer), 0
    if start < 0:
        return None
    for index, token in enumerate(tokens):
        length += len(token)
        if length > start:
            return index
    return None


def echoed(answer: Mapping[str, Any], prompt: str) -> tuple[list[str], list[float]]:
    """Tokens of an echoed prompt, with log-probabilities (the first: NaN).

    Raises
    ------
    NoLogprobsError
        Where the server does not give the prompt back, and nothing else, with a log-probability a token.
    """
    choice = only_choice(answer)
    fields = logprob_fields(choice)
    tokens, values = fields.get("tokens"), fields.get("token_logprobs")
    if choice.get("text") != prompt or not isinstance(tokens, list) or not isinstance(values, list) or not tokens:
        raise NoLogprobsError("the server does not give a prompt's own tokens back (`echo` with `logprobs`)")
    if len(values) != len(tokens):
        raise NoLogprobsError(
            f"each of a prompt's {len(tokens)} tokens must have a log-probability, the server gives {len(values)}"
        )
    texts = [str(token) for token in tokens]
    return texts, [math.nan, *_finite(values[1:], texts[1:])]


def too_long(error: RefusedError) -> tuple[int, int] | None:
    """Lengths of prompt and context window, if a server refuses for these."""
    tokens, window = error.details.get("n_prompt_tokens"), error.details.get("n_ctx")
    if isinstance(tokens, int) and isinstance(window, int):
        return tokens, window
    spoken = re.search(r"context length is (\d+) tokens.*?(\d+)", error.reason)
    return (int(spoken[2]), int(spoken[1])) if spoken else None


def _written_logprobs(choice: Mapping[str, Any]) -> list[float]:
    """Log-probabilities of the tokens that were written."""
    fields = logprob_fields(choice)
    entries = fields.get("content") or fields.get("refusal")
    if isinstance(entries, list):
        entries = [entry if isinstance(entry, dict) else {} for entry in entries]
        return _finite([entry.get("logprob") for entry in entries], [str(entry.get("token", "")) for entry in entries])
    values, tokens = fields.get("token_logprobs"), fields.get("tokens")
    values = values if isinstance(values, list) else []
    if not isinstance(tokens, list) or len(tokens) != len(values):
        tokens = [""] * len(values)
    return _finite(values, [str(token) for token in tokens])


def _finite(values: Sequence[object], tokens: Sequence[str]) -> list[float]:
    """Log-probabilities of tokens, none of which may be missing."""
    logprobs = [log_probability(value, token) for value, token in zip(values, tokens, strict=True)]
    for index, (value, token) in enumerate(zip(logprobs, tokens, strict=True)):
        if value == -math.inf:
            raise NoLogprobsError(
                f"each token of a text must have a log-probability, the server gives none for {token[:40]!r} "
                f"(token {index + 1} of {len(tokens)})"
            )
    return logprobs
