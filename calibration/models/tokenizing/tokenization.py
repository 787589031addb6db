"""Tokens of prompts and continuations, and those that end a turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from ...errors import ContinuationError, PromptTooLongError, UnfitWeightsError
from ...files.digest import digest
from ..protocol import Prompt
from .chat_formats import Bos
from .chat_templates import REFUSALS

TokenIds = Sequence[int]
# Texts that the tokenizer gets at a time: enough for all processors; what it notes of each token is large.
_TEXTS = 512


def encode(tokenizer: PreTrainedTokenizerBase, prompts: Sequence[Prompt], *, bos: Bos = "auto") -> list[list[int]]:
    """Token ids of each prompt.

    Those of a text begin with the tokenizer's special tokens, those of a chat are in its text; `bos` changes the first.
    """
    rows: list[list[int]] = []
    for is_chat, alike in groupby(prompts, key=lambda prompt: prompt.is_chat):
        texts = [prompt.text for prompt in alike]
        # What a tokenizer adds behind a text (an end of sequence) would end it before the answer.
        n_behind = 0 if is_chat else _added_behind(tokenizer)
        for start in range(0, len(texts), _TEXTS):
            encoded: Any = tokenizer(
                texts[start : start + _TEXTS],
                add_special_tokens=not is_chat,
                return_attention_mask=False,
                return_token_type_ids=False,
                verbose=False,
            )
            rows += (
                _begun(tokens[: len(tokens) - n_behind], tokenizer.bos_token_id, bos) for tokens in encoded["input_ids"]
            )
    return rows


def refuse_long_prompts(encoded: Sequence[TokenIds], new: Sequence[int], window: int | None) -> None:
    """Raise for prompts that with their new tokens are longer than a context window.

    Raises
    ------
    PromptTooLongError
        For the first of them.
    """
    for row, (tokens, more) in enumerate(zip(encoded, new, strict=True)):
        if window is not None and len(tokens) + more > window:
            raise PromptTooLongError(row, len(tokens), window, new=more)


def leading_bos(tokens: TokenIds, bos_token_id: int | None) -> int:
    """How many beginning-of-text tokens stand in front.

    Examples
    --------
    >>> leading_bos([0, 0, 7], 0), leading_bos([7], 0), leading_bos([0], None)
    (2, 0, 0)
    """
    return next((place for place, token in enumerate(tokens) if token != bos_token_id), len(tokens))


def _begun(tokens: list[int], bos_token_id: int | None, bos: Bos) -> list[int]:
    """Token ids behind exactly one beginning-of-text token, or none, or as they are."""
    if bos == "auto" or bos_token_id is None:
        return tokens
    rest = tokens[leading_bos(tokens, bos_token_id) :]
    return [bos_token_id, *rest] if bos == "yes" else rest


def added_tokens(
    tokenizer: PreTrainedTokenizerBase, prompt: Prompt, text: str, *, bos: Bos = "auto"
) -> tuple[int, ...] | None:
    """Token ids that a text adds to a prompt.

    None if it changes the prompt's own or holds an unknown one.
    """
    short, long = encode(tokenizer, [prompt, _followed(prompt, text)], bos=bos)
    added = long[len(short) :]
    if long[: len(short)] != short or tokenizer.unk_token_id in added:
        return None
    return tuple(added)


def candidate_tokens(
    tokenizer: PreTrainedTokenizerBase,
    prompt: Prompt,
    candidates: Sequence[str],
    *,
    bos: Bos = "auto",
) -> list[tuple[int, ...]]:
    """Token ids that each candidate adds to a prompt.

    Raises
    ------
    ValueError
        For a candidate that adds none, or an unknown one, or that changes the prompt's own.
    """
    sequences = []
    for text in candidates:
        added = added_tokens(tokenizer, prompt, text, bos=bos)
        if not added:
            raise ValueError(f"the candidate {text!r} must add known tokens to the prompt and leave its own unchanged")
        sequences.append(added)
    return sequences


def continuation_tokens(
    tokenizer: PreTrainedTokenizerBase,
    row: int,
    prompt: Prompt,
    texts: Sequence[str],
    *,
    bos: Bos = "auto",
) -> list[tuple[int, ...]]:
    """Token ids of whole texts behind the prompt in a row.

    A text that would change the prompt's own tokens is spelt alone, behind the prompt as it stands.

    Raises
    ------
    ContinuationError
        For a text that adds no known token.
    """
    tokens, *together = encode(tokenizer, [prompt, *(_followed(prompt, text) for text in texts)], bos=bos)
    sequences = []
    for text, joint in zip(texts, together, strict=True):
        added = joint[len(tokens) :]
        if joint[: len(tokens)] != tokens:
            added = tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
        if not added or tokenizer.unk_token_id in added:
            raise ContinuationError(row, text)
        sequences.append(tuple(added))
    return sequences


def _followed(prompt: Prompt, text: str) -> Prompt:
    return replace(prompt, text=prompt.text + text)


def proper_prefixes(sequences: Sequence[tuple[int, ...]]) -> dict[tuple[int, ...], tuple[list[int], list[int]]]:
    """Proper prefixes of sequences; which go on from them, with which token.

    Examples
    --------
    >>> proper_prefixes([(7,), (8, 9)])
    {(): ([0, 1], [7, 8]), (8,): ([1], [9])}
    """
    prefixes: dict[tuple[int, ...], tuple[list[int], list[int]]] = {}
    for number, sequence in enumerate(sequences):
        for length, token in enumerate(sequence):
            readers, wanted = prefixes.setdefault(sequence[:length], ([], []))
            readers.append(number)
            wanted.append(token)
    return prefixes


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
    except REFUSALS:
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
    return digest(f"{text}{tokenizer.chat_template}")


def refuse_unknown_tokens(network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, name: str) -> None:
    """Refuse a tokenizer with tokens that a network does not have.

    Raises
    ------
    ValueError
        Naming the highest of them.
    """
    table: Any = network.get_input_embeddings()
    # A packed weight has another shape than its table.
    known = getattr(table, "num_embeddings", None)
    if known is None and hasattr(table, "weight"):
        known = table.weight.shape[0]
    highest = max(tokenizer.get_vocab().values(), default=-1)
    if known is not None and highest >= known:
        token = tokenizer.convert_ids_to_tokens(highest)
        raise UnfitWeightsError(
            f"{name}: the tokenizer must be the model's: its token {highest} ({token!r}) is beyond the {known} rows of "
            "the model's embedding; where tokens were added, resize it (model.resize_token_embeddings)"
        )


def _added_behind(tokenizer: PreTrainedTokenizerBase) -> int:
    plain = tokenizer("a", add_special_tokens=False)["input_ids"]
    dressed = tokenizer("a", add_special_tokens=True)["input_ids"]
    before = next(place for place in range(len(dressed)) if dressed[place : place + len(plain)] == plain)
    return len(dressed) - before - len(plain)
