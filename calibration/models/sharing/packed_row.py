"""A row of tokens that holds several pieces of a prefix tree: what each sees, and the keys and values that it makes."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import torch
from transformers import PreTrainedModel

Way = Literal["paths", "blocks", "lengths", "pieces"]

# Keys of a shared piece are filled up to a multiple of this: as many as a processor computes at once. Its kernels
# compute what is left over by other instructions, with other last digits, and in a whole prompt the end of a shared
# piece is not left over.
_AT_ONCE = 16


@dataclass(frozen=True)
class Attention:
    """How a model's attention is computed over a packed row.

    Attributes
    ----------
    way : {"paths", "blocks", "lengths", "pieces"}
        See `tree_attention`.
    own : str
        The model's own attention, by its name in transformers.
    windows : tuple of int or None
        How many tokens each layer looks back, itself included; none where it sees all.
    """

    way: Way
    own: str
    windows: tuple[int | None, ...]

    @classmethod
    def of(cls, network: PreTrainedModel) -> list[Attention]:
        """What a model's architecture, device and type allow, the fastest first.

        Nothing where prompts cannot be packed: recurrent layers, chunks, attention that is not known here.
        """
        config = network.config.get_text_config()
        takes = inspect.signature(network.forward).parameters
        own = getattr(config, "_attn_implementation", None)
        if (
            own not in ("sdpa", "eager")
            or getattr(network, "_is_stateful", False)
            or not {"attention_mask", "position_ids", "past_key_values"} <= set(takes)
            or "local" in getattr(config, "attention_layers", ())  # windows under another name
        ):
            return []
        window = getattr(config, "sliding_window", None)
        layers = getattr(config, "layer_types", None)
        if layers is None:
            layers = ["full_attention" if window is None else "sliding_attention"] * config.num_hidden_layers
        if not set(layers) <= {"full_attention", "sliding_attention"}:
            return []
        windows = tuple(window if kind == "sliding_attention" else None for kind in layers)
        half = network.dtype in (torch.float16, torch.bfloat16)
        found: list[Way] = ["pieces"]
        if own == "sdpa" and network.device.type == "cpu":
            found = ["paths" if half else "blocks", "pieces"]
        if own == "sdpa" and network.device.type == "cuda" and half:
            found = ["lengths", "pieces"]
        return [cls(way, own, windows) for way in found]


@dataclass(frozen=True, eq=False)
class Computed:
    """Keys and values of a piece, a tensor (1, key heads, tokens, head size) for each layer."""

    keys: dict[int, torch.Tensor]
    values: dict[int, torch.Tensor]
    length: int


@dataclass(eq=False, kw_only=True)
class PackedRow:
    """Pieces in one row of tokens, and what each of them sees in front of itself.

    Attributes
    ----------
    lengths : sequence of int
        Tokens of each piece, in the order in which they stand in the row.
    paths : sequence of sequences of Computed
        From the beginning of the prompt, the pieces in front of each. Those that see the same piece stand side by side.
    shared : sequence of bool
        Whether more follows each piece.
    attention : Attention
        How attention is computed.
    keys, values : dict of int to torch.Tensor
        What each layer made of the row's own tokens, once its attention was asked.
    """

    lengths: Sequence[int]
    paths: Sequence[Sequence[Computed]]
    shared: Sequence[bool]
    attention: Attention
    spans: list[tuple[int, int]] = field(init=False)
    blocks: list[tuple[int, int, Computed]] = field(init=False)
    before: list[int] = field(init=False)
    longest: int = field(init=False)
    keys: dict[int, torch.Tensor] = field(default_factory=dict, init=False)
    values: dict[int, torch.Tensor] = field(default_factory=dict, init=False)
    _masks: dict[tuple[int, int, int, int | None, int, torch.device], torch.Tensor] = field(
        default_factory=dict, init=False
    )
    _gathering: dict[torch.device, tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = field(
        default_factory=dict, init=False
    )

    def __post_init__(self) -> None:
        self.spans, self.blocks, stop = [], [], 0
        blocks: dict[int, tuple[int, int, Computed]] = {}
        for length, path in zip(self.lengths, self.paths, strict=True):
            start, stop = stop, stop + length
            self.spans.append((start, stop))
            for part in path:
                blocks[id(part)] = (blocks[id(part)][0] if id(part) in blocks else start, stop, part)
        self.blocks = list(blocks.values())
        self.before = [sum(part.length for part in path) for path in self.paths]
        self.longest = max(length + before for length, before in zip(self.lengths, self.before, strict=True))

    def part(self, place: int) -> Computed:
        """The keys and values of one piece, apart from the rest of the row, which can then be given free."""
        start, stop = self.spans[place]
        keys = {layer: tensor[:, :, start:stop].clone() for layer, tensor in self.keys.items()}
        values = {layer: tensor[:, :, start:stop].clone() for layer, tensor in self.values.items()}
        return Computed(keys, values, stop - start)

    def seen(self, place: int, layer: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Keys and values (1, key heads, path and tokens and filling, head size) in front of one piece and in it."""
        start, stop = self.spans[place]

        def joined(path: list[torch.Tensor], row: torch.Tensor) -> torch.Tensor:
            filling = row.new_zeros(1, row.shape[1], self._filling(place), row.shape[-1])
            return torch.cat([*path, row[:, :, start:stop], filling], dim=2)

        keys = joined([part.keys[layer] for part in self.paths[place]], self.keys[layer])
        return keys, joined([part.values[layer] for part in self.paths[place]], self.values[layer])

    def mask(self, place: int, window: int | None, like: torch.Tensor, *, repeats: int = 1) -> torch.Tensor:
        """Additive mask (1, 1, tokens, path and tokens and filling) of one piece, its rows repeated as a whole."""
        before, length = self.before[place], self.lengths[place]
        n_keys = before + length + self._filling(place)
        key = (before, length, n_keys, window, repeats, like.device)
        if key not in self._masks:
            tokens = torch.arange(before, before + length, device=like.device)
            back = tokens[:, None] - torch.arange(n_keys, device=like.device)  # how far each key lies behind each token
            hidden = back < 0 if window is None else (back < 0) | (back >= window)
            mask = torch.zeros(hidden.shape, dtype=like.dtype, device=like.device)
            mask.masked_fill_(hidden, torch.finfo(like.dtype).min)
            self._masks[key] = mask.repeat(repeats, 1)[None, None]
        return self._masks[key]

    def _filling(self, place: int) -> int:
        return -(self.before[place] + self.lengths[place]) % _AT_ONCE if self.shared[place] else 0

    def gathering(self, device: torch.device) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Where the keys of each path lie in the blocks and the row behind them, and the ends of pieces and paths."""
        if device not in self._gathering:
            offsets, behind = {}, 0
            for _, _, part in self.blocks:
                offsets[id(part)], behind = behind, behind + part.length
            places: list[torch.Tensor] = []
            ends = [0]
            for (start, stop), path, before in zip(self.spans, self.paths, self.before, strict=True):
                places += [torch.arange(offsets[id(part)], offsets[id(part)] + part.length) for part in path]
                places.append(torch.arange(behind + start, behind + stop))
                ends.append(ends[-1] + before + stop - start)
            pieces = [0, *(stop for _, stop in self.spans)]
            self._gathering[device] = (
                torch.cat(places).to(device),
                torch.tensor(pieces, dtype=torch.int32, device=device),
                torch.tensor(ends, dtype=torch.int32, device=device),
            )
        return self._gathering[device]


def rope_switch(network: PreTrainedModel) -> int | None:
    """The length in tokens beyond which a model turns its positions otherwise, for all that goes through it together.

    Prompts on either side of it must not share a pass, and those beyond it must not share a beginning. None for models
    whose rotary embedding is one for all lengths.
    """
    config = network.config.get_text_config()
    parameters = getattr(config, "rope_parameters", None) or {}
    kinds = [parameters, *(value for value in parameters.values() if isinstance(value, dict))]
    found = [
        kind.get("original_max_position_embeddings") or getattr(config, "original_max_position_embeddings", None)
        for kind in kinds
        if kind.get("rope_type") == "longrope"
    ]
    return int(found[0]) if found and found[0] else None
