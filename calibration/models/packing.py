"""Which pieces go through a model together: as many as fill it, within its memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from transformers import PreTrainedModel

from .packed_row import Computed
from .prefix_tree import Piece

# A piece, and what was computed of the prompt in front of it.
Hung = tuple[Piece, tuple[Computed, ...]]

# Tokens that fill a processor's matrix units, and with which a pass takes seconds, not minutes.
TOKENS = 1024
# Tokens with which a pass over a small model keeps a GPU busy for longer than it takes to start it.
_MOST_TOKENS = 1 << 15
# Keys along the paths of a pack, which one kernel may want gathered: 1 GB a layer of an 8B model.
_KEYS = 1 << 18
# Logits that one pass may return: 128 MB in float32.
_LOGITS = 1 << 25
# Of a GPU's free memory; the rest is left to the pieces that are kept and to what the allocator cannot use.
_SHARE = 0.4


@dataclass(eq=False)
class Packing:
    """How much goes through a model at a time.

    Attributes
    ----------
    tokens : int
        Tokens of a pass. A single piece may have more.
    prompts : int
        Pieces of a pass.
    reads : int
        Positions of a pass at which logits are read.
    keys : int
        Keys that a pass sees, summed over its pieces.
    """

    tokens: int
    prompts: int
    reads: int
    keys: int

    @classmethod
    def of(cls, network: PreTrainedModel, batch_size: int | None, tokens: int = TOKENS) -> Packing:
        """At most so many prompts and tokens; as many prompts as there are tokens for where no number is given."""
        reads = max(_LOGITS // network.config.get_text_config().vocab_size, batch_size or 1)
        return cls(tokens, batch_size or sys.maxsize, reads, _KEYS)

    def packs(self, pieces: Sequence[Hung], reads: Sequence[int]) -> Iterator[Sequence[Hung]]:
        """Neighbours that go through the model together.

        Parameters
        ----------
        pieces : sequence of Hung
            What is to be computed.
        reads : sequence of int
            At how many of its last positions each prompt is read.
        """
        pack: list[Hung] = []
        used: tuple[int, ...] = (0, 0, 0, 0)
        for piece, path in pieces:
            read = 0 if piece.row is None else reads[piece.row]
            n_tokens = len(piece.tokens)
            more: tuple[int, ...] = (n_tokens, 1, read, n_tokens + sum(part.length for part in path))
            total = tuple(map(sum, zip(used, more, strict=True)))
            if pack and any(map(int.__gt__, total, (self.tokens, self.prompts, self.reads, self.keys))):
                yield pack
                pack, total = [], more
            pack.append((piece, path))
            used = total
        if pack:
            yield pack

    def halve(self) -> None:
        """Let fewer tokens through from here on."""
        self.tokens = max(self.tokens // 2, 1)


def tokens_within(free: int, *, tokens: int, used: int) -> int:
    """How many tokens a pass may have in some free memory, where one of `tokens` took `used` bytes at its peak.

    A power of two, so that what other processes hold at the moment seldom changes it, and with it the last digits.

    Examples
    --------
    >>> tokens_within(10 * 2**30, tokens=1024, used=2**28)  # 40 % of 10 GB, at a quarter of a megabyte a token
    16384
    """
    fitting = int(_SHARE * free * tokens / max(used, 1))
    return min(max(1 << max(fitting, 1).bit_length() - 1, TOKENS // 4), _MOST_TOKENS)
