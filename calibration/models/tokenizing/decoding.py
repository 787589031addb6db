"""Decoding: token ids to text, with the marks of thoughts kept."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import groupby

from transformers import PreTrainedTokenizerBase

from .thoughts import MARKS


def thought_marks(tokenizer: PreTrainedTokenizerBase) -> dict[int, str]:
    """Special tokens that mark thoughts, with their texts.

    Without them thoughts run into the answer.
    """
    return {
        number: token.content
        for number, token in tokenizer.added_tokens_decoder.items()
        if token.special and MARKS.fullmatch(token.content)
    }


def decoded(tokenizer: PreTrainedTokenizerBase, tokens: Sequence[int], marks: Mapping[int, str]) -> str:
    """The text of token ids without special tokens, but with those that mark thoughts."""
    if marks.keys().isdisjoint(tokens):
        return _plain(tokenizer, tokens)
    runs = groupby(tokens, key=marks.__contains__)
    return "".join(
        "".join(marks[token] for token in run) if is_mark else _plain(tokenizer, list(run)) for is_mark, run in runs
    )


def first_token_behind(
    tokenizer: PreTrainedTokenizerBase, tokens: Sequence[int], length: int, marks: Mapping[int, str]
) -> int:
    """Number of tokens that spell the first `length` characters of their text."""
    ends = range(len(tokens) + 1)
    return min(
        bisect_left(ends, length, key=lambda end: len(decoded(tokenizer, tokens[:end], marks))),
        len(tokens),
    )


def _plain(tokenizer: PreTrainedTokenizerBase, tokens: Sequence[int]) -> str:
    return str(tokenizer.decode(list(tokens), skip_special_tokens=True, clean_up_tokenization_spaces=False))
