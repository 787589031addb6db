"""Stop texts of servers that take none: answers are cut here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...errors import NoLogprobsError
from ..protocol import Generated
from .token_spellings import token_text, without_marks
from .top_tokens import logprob_fields


def cut_at_stop(answer: Generated, choice: Mapping[str, Any], stop: Sequence[str]) -> Generated:
    r"""Answer up to its first stop text, with the tokens that spell both.

    Raises
    ------
    NoLogprobsError
        If the tokens of a choice do not spell its text, so that it cannot be told which ones belong to the cut one.

    Examples
    --------
    >>> tokens = [{"token": token} for token in ("It", " is", ".\n", "Q", ":")]
    >>> choice = {"logprobs": {"content": tokens}}
    >>> cut_at_stop(Generated("It is.\nQ:", (-0.1, -0.2, -0.3, -0.4, -0.5), "length"), choice, ["\n"])
    Generated(text='It is.', logprobs=(-0.1, -0.2, -0.3), finish='stop', thoughts='')
    """
    ends = [(answer.text.index(text), text) for text in stop if text in answer.text]
    if not ends:
        return answer
    end, text = min(ends)
    tokens = _token_texts(choice)
    if answer.thoughts:  # whose tokens stand before the answer's
        tokens = tokens[len(tokens) - len(answer.logprobs) :]
    if "".join(tokens) != answer.text:
        raise NoLogprobsError(
            f"the server takes no stop texts, and its tokens do not spell the answer: those before {text!r} cannot be "
            "told from those after it"
        )
    length = n_tokens = 0
    while length < end + len(text):
        length += len(tokens[n_tokens])
        n_tokens += 1
    return replace(answer, text=answer.text[:end], logprobs=answer.logprobs[:n_tokens], finish="stop")


def _token_texts(choice: Mapping[str, Any]) -> list[str]:
    fields = logprob_fields(choice)
    entries, tokens = fields.get("content"), fields.get("tokens")
    if isinstance(entries, list):
        return without_marks(token_text(entry)[0] for entry in entries if isinstance(entry, dict))
    return without_marks(str(token) for token in tokens) if isinstance(tokens, list) else []
