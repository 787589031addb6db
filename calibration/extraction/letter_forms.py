"""Letter forms: ways in which a tokenizer writes answer letters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ..items.item import LETTERS
from ..models.protocol import Token
from .prompts import Style

FormName = Literal["space", "bare"]
TEXTS: dict[FormName, str] = {"space": " ", "bare": ""}

# After a text that ends in "Answer:" a space comes naturally, at the start of an assistant's turn none.
_PREFERRED: dict[Style, tuple[FormName, FormName]] = {
    "completion": ("space", "bare"),
    "chat": ("bare", "space"),
    "chat-prefill": ("space", "bare"),
}

AddedTokens = Callable[[str], tuple[Token, ...] | None]


@dataclass(frozen=True)
class LetterForm:
    """Form of the letters after a prompt.

    Attributes
    ----------
    name : {"space", "bare"}
        `` A`` or ``A``.
    texts : tuple of str
        Scored continuations of the prompt, one text a letter.
    single : bool
        Whether each letter is one token. Otherwise whole sequences are scored.
    """

    name: FormName
    texts: tuple[str, ...]
    single: bool


def letter_forms(added_tokens: AddedTokens, n_options: int, style: Style) -> tuple[LetterForm, ...]:
    """Forms that this tokenizer can tell apart, the best first.

    Parameters
    ----------
    added_tokens : callable
        From a text to the tokens that it adds to the prompt, or none if it changes the prompt's own tokens or is
        unknown to the tokenizer (`calibration.models.protocol.Model.added_tokens`).
    n_options : int
        Number of letters.
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
        If no form gives every letter tokens of its own.
    """
    forms: list[tuple[LetterForm, tuple[tuple[Token, ...], ...]]] = []
    for name in _PREFERRED[style]:
        texts = tuple(TEXTS[name] + letter for letter in LETTERS[:n_options])
        added = [added_tokens(text) for text in texts]
        letters = tuple(tokens for tokens in added if tokens)
        if len(letters) < n_options or not _apart(letters) or any(letters == other for _, other in forms):
            continue
        forms.append((LetterForm(name, texts, all(len(tokens) == 1 for tokens in letters)), letters))
    if not forms:
        raise ValueError(
            f"the tokenizer must give each of the letters A to {LETTERS[n_options - 1]} tokens of its own after the "
            "prompt; with and without a space before them, some collide, are unknown or merge with the prompt"
        )
    return tuple(form for form, _ in sorted(forms, key=lambda pair: not pair[0].single))


def _apart(letters: tuple[tuple[Token, ...], ...]) -> bool:
    """Whether no letter's tokens begin another's."""
    return not any(
        first == second[: len(first)] for i, first in enumerate(letters) for j, second in enumerate(letters) if i != j
    )
