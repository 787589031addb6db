"""Questions to the engine: token ids, and tokens that are read right behind them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..arguments import Batching
from ..tokenizing.tokenization import TokenIds, proper_prefixes

# Prompts that the engine gets at a time: many more than it computes at once, few enough to keep work part by part.
_PIECE = 512
# Tokens whose log-probabilities vLLM gives after one prompt.
_MOST_WANTED = 128


@dataclass(frozen=True)
class Question:
    """Token ids, and tokens that are read right behind them.

    Their log-probabilities are added to the sums of some candidates.
    """

    tokens: list[int]
    candidates: list[int]
    wanted: list[int]


def questions(tokens: TokenIds, sequences: Sequence[tuple[int, ...]]) -> Iterator[Question]:
    """What must be asked to know the log-probability of each sequence behind a prompt."""
    for prefix, (readers, wanted) in proper_prefixes(sequences).items():
        for start in range(0, len(wanted), _MOST_WANTED):
            part = slice(start, start + _MOST_WANTED)
            yield Question([*tokens, *prefix], readers[part], wanted[part])


def pieces(encoded: Sequence[TokenIds], batching: Batching) -> Iterator[list[int]]:
    """Prompt indexes that the engine gets together, common beginnings side by side.

    The cache then holds what they share.

    Made from all rows, so that an interrupted run asks for the same pieces; one of which every row is done is left out.
    """
    order = sorted(range(len(encoded)), key=lambda row: (encoded[row], row))
    for start in range(0, len(order), _PIECE):
        rows = order[start : start + _PIECE]
        if not batching.is_done(rows):
            yield rows
