"""Contexts: token ids after which candidates or continuations are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from ...errors import PromptTooLongError
from ..protocol import Prompt
from ..tokenizing.chat_formats import Bos
from ..tokenizing.tokenization import candidate_tokens, continuation_tokens, encode, proper_prefixes


@dataclass(frozen=True)
class Context:
    """Token ids after which tokens of some candidates are read.

    Attributes
    ----------
    prompt : int
        Index of the prompt with which it begins.
    tokens : list of int
        Token ids. If `reads` is more than one, they end with all but the last of `wanted`.
    candidates : list of int
        Indices of the candidates that are read here, among those of the prompt.
    wanted : list of int
        Tokens whose log-probabilities are read: one a candidate, or the whole sequence of the only candidate.
    reads : int
        Number of last positions at which logits are read.
    """

    prompt: int
    tokens: list[int]
    candidates: list[int]
    wanted: list[int]
    reads: int = 1


def candidate_contexts(
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[Prompt],
    candidates: Sequence[str],
    *,
    bos: Bos,
    window: int | None,
) -> list[Context]:
    """The prompts, and the prompts with all but the last tokens of a candidate.

    Raises
    ------
    PromptTooLongError
        For a prompt that with the longest of these is longer than the context window.
    ValueError
        For a candidate that adds no known token.
    """
    if not prompts:
        return []
    added = candidate_tokens(tokenizer, prompts[0], candidates, bos=bos)
    prefixes = proper_prefixes(added)
    longest = max(len(prefix) for prefix in prefixes)
    contexts = []
    for index, tokens in enumerate(encode(tokenizer, prompts, bos=bos)):
        if window is not None and len(tokens) + longest > window:
            raise PromptTooLongError(index, len(tokens) + longest, window)
        contexts += [Context(index, [*tokens, *prefix], *readers) for prefix, readers in prefixes.items()]
    return contexts


def continuation_contexts(
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[Prompt],
    continuations: Sequence[Sequence[str]],
    *,
    bos: Bos,
    window: int | None,
) -> list[Context]:
    """Each prompt with all but the last token of each of its continuations.

    Raises
    ------
    PromptTooLongError
        For a prompt that with a continuation is longer than the context window.
    ContinuationError
        For a continuation that adds no known token.
    """
    contexts = []
    encoded = encode(tokenizer, prompts, bos=bos)
    for index, (prompt, tokens, texts) in enumerate(zip(prompts, encoded, continuations, strict=True)):
        sequences = continuation_tokens(tokenizer, index, prompt, texts, bos=bos)
        for number, added in enumerate(sequences):
            if window is not None and len(tokens) + len(added) > window:
                raise PromptTooLongError(index, len(tokens), window, new=len(added))
            contexts.append(Context(index, [*tokens, *added[:-1]], [number], list(added), len(added)))
    return contexts
