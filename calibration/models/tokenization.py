"""Tokens: what a text becomes, what a continuation adds to it, and how a chat is written."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from . import ContinuationError

TokenIds = Sequence[int]
# Texts that the tokenizer gets at a time: enough for all processors; what it notes of each token is large.
_TEXTS = 512
# What a template says no with, in its own words or in its language's.
_REFUSALS = (TemplateError, ArithmeticError, LookupError, TypeError, AttributeError)


def encode(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], *, special_tokens: bool) -> list[list[int]]:
    """Token ids of each text, special tokens exactly as the tokenizer adds them in front."""
    # What a tokenizer adds behind a text (an end of sequence) would end it before the answer.
    behind = _added_behind(tokenizer) if special_tokens else 0
    found: list[list[int]] = []
    for start in range(0, len(texts), _TEXTS):
        encoded: Any = tokenizer(
            list(texts[start : start + _TEXTS]),
            add_special_tokens=special_tokens,
            return_attention_mask=False,
            return_token_type_ids=False,
            verbose=False,
        )
        found += (tokens[: len(tokens) - behind] for tokens in encoded["input_ids"])
    return found


def continuation(
    tokenizer: PreTrainedTokenizerBase, prompt: str, text: str, *, special_tokens: bool
) -> tuple[int, ...] | None:
    """Token ids that a text adds to a prompt; none where it changes the prompt's own or holds an unknown one."""
    short, long = encode(tokenizer, [prompt, prompt + text], special_tokens=special_tokens)
    added = long[len(short) :]
    if long[: len(short)] != short or tokenizer.unk_token_id in added:
        return None
    return tuple(added)


def candidate_tokens(
    tokenizer: PreTrainedTokenizerBase, prompt: str, candidates: Sequence[str], *, special_tokens: bool
) -> list[tuple[int, ...]]:
    """Token ids that each candidate adds to a prompt.

    Raises
    ------
    ValueError
        For a candidate that adds none, or an unknown one, or that changes the prompt's own.
    """
    sequences = []
    for text in candidates:
        added = continuation(tokenizer, prompt, text, special_tokens=special_tokens)
        if not added:
            raise ValueError(f"the candidate {text!r} must add known tokens to the prompt and leave its own unchanged")
        sequences.append(added)
    return sequences


def continuation_tokens(
    tokenizer: PreTrainedTokenizerBase, row: int, prompt: str, texts: Sequence[str], *, special_tokens: bool
) -> list[tuple[int, ...]]:
    """Token ids of whole texts behind the prompt in a row.

    A text that would change the prompt's own tokens is spelt alone, behind the prompt as it stands.

    Raises
    ------
    ContinuationError
        For a text that adds no known token.
    """
    tokens, *together = encode(tokenizer, [prompt, *(prompt + text for text in texts)], special_tokens=special_tokens)
    sequences = []
    for text, joint in zip(texts, together, strict=True):
        added = joint[len(tokens) :]
        if joint[: len(tokens)] != tokens:
            (added,) = encode(tokenizer, [text], special_tokens=False)
        if not added or tokenizer.unk_token_id in added:
            raise ContinuationError(row, text)
        sequences.append(tuple(added))
    return sequences


def begins(sequences: Sequence[tuple[int, ...]]) -> dict[tuple[int, ...], tuple[list[int], list[int]]]:
    """From each beginning of some sequences, the last token left out, to who is read there and which token.

    Examples
    --------
    >>> begins([(7,), (8, 9)])
    {(): ([0, 1], [7, 8]), (8,): ([1], [9])}
    """
    found: dict[tuple[int, ...], tuple[list[int], list[int]]] = {}
    for number, sequence in enumerate(sequences):
        for place, token in enumerate(sequence):
            readers, wanted = found.setdefault(sequence[:place], ([], []))
            readers.append(number)
            wanted.append(token)
    return found


def chat_text(
    tokenizer: PreTrainedTokenizerBase, name: str, messages: Sequence[dict[str, str]], *, prefill: str
) -> str:
    """The text of a chat by the tokenizer's template, the assistant's turn opened with `prefill`.

    Raises
    ------
    ValueError
        Where there is no template, and where it refuses the turns; `name` is the model's.
    """
    if not tokenizer.chat_template:
        raise ValueError(f"{name}: the tokenizer has no chat template; use the style completion")
    turns = [*messages, {"role": "assistant", "content": prefill}] if prefill else list(messages)
    try:
        text = tokenizer.apply_chat_template(
            turns, tokenize=False, add_generation_prompt=not prefill, continue_final_message=bool(prefill)
        )
    except _REFUSALS as error:
        raise ValueError(f"{name}: its chat template refuses these turns ({error})") from None
    return str(text)


def turn_end(tokenizer: PreTrainedTokenizerBase) -> set[int]:
    """The token that closes a turn of the chat template, where one does.

    A base checkpoint, or one whose generation settings were lost, often does not name it, and an answer would then run
    on into the user's next turn.
    """
    if not tokenizer.chat_template:
        return set()
    answer = "Answer"
    turns = [{"role": "user", "content": "Question"}, {"role": "assistant", "content": answer}]
    try:
        text = str(tokenizer.apply_chat_template(turns, tokenize=False))
    except _REFUSALS:
        return set()
    behind = text.rpartition(answer)[2].lstrip()
    encoded: list[int] = tokenizer(behind, add_special_tokens=False)["input_ids"] if behind else []
    # A plain word there is text of the template, not a token that only a finished turn can bring.
    special = {*tokenizer.all_special_ids, *tokenizer.added_tokens_decoder}
    return {token for token in encoded[:1] if token in special}


def tokenizer_hash(tokenizer: PreTrainedTokenizerBase) -> str:
    """What tells this tokenizer and its chat template from others."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    text = backend.to_str() if backend is not None else str(sorted(tokenizer.get_vocab().items()))
    return hashlib.sha256(f"{text}{tokenizer.chat_template}".encode()).hexdigest()[:16]


def _added_behind(tokenizer: PreTrainedTokenizerBase) -> int:
    plain = tokenizer("a", add_special_tokens=False)["input_ids"]
    dressed = tokenizer("a", add_special_tokens=True)["input_ids"]
    before = next(place for place in range(len(dressed)) if dressed[place : place + len(plain)] == plain)
    return len(dressed) - before - len(plain)
