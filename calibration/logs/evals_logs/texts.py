"""Questions and answers of a sample of OpenAI's evals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..whole_text import whole_text
from .events import Asked

_TEXTS = frozenset({"input", "prompt", "ideal", "expected", "question", "answer", "choices", "metadata", "id"})


def question_of(sample: Asked) -> str:
    """What was asked: the last turn of a user, or a plain prompt."""
    prompts = [data.get("prompt") for data in sample.data("sampling")]
    prompts += [data.get("input") for data in sample.data("raw_sample")]
    return next((text for prompt in prompts if (text := _last_turn(prompt))), "")


def answer_of(sample: Asked) -> str:
    """What the model wrote last in the conversation of its first prompt.

    A completion that reasons first is asked on in the same conversation, a judge in another; and some versions record
    every answer twice, in a list and alone.
    """
    samplings = sample.data("sampling")
    own = [data for data in samplings if _continues(samplings[0].get("prompt"), data.get("prompt"))]
    if own:
        return _written(own[-1].get("sampled"))
    return next((_written(data.get("sampled")) for data in sample.data("match")), "")


def drawn_answers(sample: Asked) -> list[str]:
    """All that the model wrote to the very first prompt."""
    samplings = sample.data("sampling")
    return [_written(data.get("sampled")) for data in samplings if data.get("prompt") == samplings[0].get("prompt")]


def judgment_of(sample: Asked) -> str:
    """What a judge wrote last; empty if there was none."""
    samplings = sample.data("sampling")
    others = [data for data in samplings if not _continues(samplings[0].get("prompt"), data.get("prompt"))]
    return _written(others[-1].get("sampled")) if others else ""


def references_of(sample: Asked) -> list[str]:
    """Right answers, as far as the log has them."""
    expected = [data.get("expected") for data in sample.data("match")]
    expected += [data.get("ideal") for data in sample.data("raw_sample")]
    given: Any = next((value for value in expected if value is not None), [])
    texts = (whole_text(str(value)).strip() for value in (given if isinstance(given, list) else [given]))
    return [text for text in dict.fromkeys(texts) if text]


def given_columns(sample: Asked) -> dict[str, Any]:
    """What else the data set holds of a sample, beside question and right answers."""
    columns: dict[str, Any] = {}
    for data in sample.data("raw_sample"):
        for values in (data, data.get("metadata")):
            if isinstance(values, dict):
                columns |= {name: value for name, value in values.items() if name not in _TEXTS}
    return columns


def _continues(first: Any, prompt: Any) -> bool:
    if isinstance(first, list) and isinstance(prompt, list):
        return prompt[: len(first)] == first
    return isinstance(first, str) and isinstance(prompt, str) and prompt.startswith(first)


def _last_turn(prompt: Any) -> str:
    if isinstance(prompt, str):
        return whole_text(prompt).strip()
    turns: Sequence[Any] = prompt if isinstance(prompt, list) else []
    known = [turn for turn in turns if isinstance(turn, dict)]
    by_users = [turn for turn in known if turn.get("role") == "user"] or known
    return _content(by_users[-1].get("content")) if by_users else ""


def _content(content: Any) -> str:
    if isinstance(content, list):
        texts = [part.get("text", "") if isinstance(part, dict) else str(part) for part in content]
        return whole_text("\n".join(text for text in texts if text)).strip()
    return whole_text(str(content or "")).strip()


def _written(sampled: Any) -> str:
    first = sampled[0] if isinstance(sampled, list) and sampled else sampled
    return "" if first is None or isinstance(first, list) else whole_text(str(first)).strip()
