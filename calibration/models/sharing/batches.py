"""Which pieces go through a model together: as many as fill it, within its memory."""

from __future__ import annotations

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
    logits : int
        Positions of a pass at which logits are read.
    """

    tokens: int = TOKENS
    logits: int = _LOGITS

    @classmethod
    def of(cls, network: PreTrainedModel) -> Packing:
        """What suits a model of which nothing is measured yet."""
        return cls(logits=max(_LOGITS // network.config.get_text_config().vocab_size, 1))

    def packs(
        self, pieces: Sequence[Hung], reads: Sequence[int], *, batch_size: int | None = None, padded: bool = False
    ) -> Iterator[Sequence[Hung]]:
        """Neighbours that go through the model together.

        Parameters
        ----------
        pieces : sequence of Hung
            What is to be computed.
        reads : sequence of int
            At how many of its last positions each prompt is read.
        batch_size : int, optional
            The most pieces of a pass.
        padded : bool
            Whether pieces, in the order of their lengths, stand side by side, filled up to the longest, and are all
            read wherever one is.
        """
        pack: list[Hung] = []
        tokens = logits = keys = 0
        for piece, path in pieces:
            length = len(piece.tokens)
            read = 0 if piece.row is None else reads[piece.row]
            seen = length + sum(part.length for part in path)
            places = len(pack) + 1
            wide = (places * length, places * (logits + read)) if padded else (tokens + length, logits + read)
            full = wide[0] > self.tokens or wide[1] > self.logits or keys + seen > _KEYS
            if pack and (full or len(pack) == batch_size):
                yield pack
                pack, tokens, logits, keys = [], 0, 0, 0
            pack.append((piece, path))
            tokens, logits, keys = tokens + length, logits + read, keys + seen
        if pack:
            yield pack

    def lower(self, tokens: int) -> None:
        """Let fewer tokens through from here on than the pass had for which memory ran out."""
        self.tokens = max(min(self.tokens, tokens // 2), 1)


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
