"""The form in which a model writes an answer letter: found by its tokenizer, not assumed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ..items.item import LETTERS
from .prompts import Style

FormName = Literal["space", "bare"]
TEXTS: dict[FormName, str] = {"space": " ", "bare": ""}

# After a text that ends in "Answer:" a space comes naturally, at the start of an assistant's turn none.
_PREFERRED: dict[Style, tuple[FormName, FormName]] = {
    "completion": ("space", "bare"),
    "chat": ("bare", "space"),
    "chat-prefill": ("space", "bare"),
}

Continuation = Callable[[str], tuple[int, ...] | None]


@dataclass(frozen=True)
class LetterForm:
    """How letters are written after a prompt.

    Attributes
    ----------
    name : {"space", "bare"}
        `` A`` or ``A``.
    texts : tuple of str
        What is scored after the prompt, one text a letter.
    single : bool
        Whether each letter is one token. Where not, whole sequences are scored.
    """

    name: FormName
    texts: tuple[str, ...]
    single: bool


def letter_forms(continuation: Continuation, n_options: int, style: Style) -> tuple[LetterForm, ...]:
    """The forms that this tokenizer can tell apart, the best first.

    Parameters
    ----------
    continuation : callable
        From a text to the token ids that it adds to the prompt, or none where it changes the prompt's own tokens or
        is unknown to the tokenizer.
    n_options : int
        How many letters are needed.
    style : {"completion", "chat", "chat-prefill"}
        Decides between two forms that are equally good.

    Returns
    -------
    tuple of LetterForm
        Forms of one distinct token a letter before forms of several; at least one. Two forms with the same tokens
        are one.

    Raises
    ------
    ValueError
        Where no form gives every letter tokens of its own.
    """
    found: list[tuple[LetterForm, tuple[tuple[int, ...], ...]]] = []
    for name in _PREFERRED[style]:
        texts = tuple(TEXTS[name] + letter for letter in LETTERS[:n_options])
        added = [continuation(text) for text in texts]
        ids = tuple(tokens for tokens in added if tokens)
        if len(ids) < n_options or not _apart(ids) or any(ids == other for _, other in found):
            continue
        found.append((LetterForm(name, texts, all(len(tokens) == 1 for tokens in ids)), ids))
    if not found:
        raise ValueError(
            f"the tokenizer must give each of the letters A to {LETTERS[n_options - 1]} tokens of its own after the "
            "prompt; with and without a space before them, some collide, are unknown or merge with the prompt"
        )
    return tuple(form for form, _ in sorted(found, key=lambda pair: not pair[0].single))


def _apart(ids: tuple[tuple[int, ...], ...]) -> bool:
    """Whether no letter's tokens begin another's."""
    return not any(
        first == second[: len(first)] for i, first in enumerate(ids) for j, second in enumerate(ids) if i != j
    )
