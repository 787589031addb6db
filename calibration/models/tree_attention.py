"""Attention along a prefix tree: each piece of a packed row sees itself and the pieces on its path, and no other.

Nothing that is masked out is computed. *Blocks* (processors): a piece's attention to itself and to each piece in front
of it are computed apart, all pieces below one that they share at once, and joined by their softmax normalisers, which
is exact. *Lengths* (CUDA, half precision): one kernel for rows of different lengths, whose keys are gathered along
each path. *Pieces* (anything else, and layers whose scores are changed or whose window slides): the model's own
attention, piece by piece.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from transformers import AttentionInterface, Cache, PreTrainedModel
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

# What transformers knows the function below by.
IMPLEMENTATION = "veracal_tree"
# What a model hands to its attention that changes the scores between softmax and product.
_CHANGES = ("softcap", "s_aux", "position_bias")

Way = Literal["blocks", "lengths", "pieces"]


@dataclass(frozen=True)
class Attention:
    """How a model's attention is computed over a packed row.

    Attributes
    ----------
    way : {"blocks", "lengths", "pieces"}
        See above.
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
        ):
            return []
        window = getattr(config, "sliding_window", None)
        layers = getattr(config, "layer_types", None)
        if layers is None:
            layers = ["full_attention" if window is None else "sliding_attention"] * config.num_hidden_layers
        if not set(layers) <= {"full_attention", "sliding_attention"}:
            return []
        windows = tuple(window if kind == "sliding_attention" else None for kind in layers)
        found: list[Way] = ["pieces"]
        if own == "sdpa" and network.device.type == "cpu":
            found = ["blocks", "pieces"]
        if own == "sdpa" and network.device.type == "cuda" and network.dtype in (torch.float16, torch.bfloat16):
            found = ["lengths", "pieces"]
        return [cls(way, own, windows) for way in found]


class Collected(Cache):
    """The keys and values that one pass makes, layer by layer; attention gets those of earlier passes from the pack."""

    def __init__(self) -> None:
        super().__init__(layers=[])
        self.keys: dict[int, torch.Tensor] = {}  # layer: (1, key heads, tokens, head size)
        self.values: dict[int, torch.Tensor] = {}

    def update(
        self,
        key_states: torch.Tensor,
        value_states: torch.Tensor,
        layer_idx: int,
        *_: object,
        **__: object,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Keep what the layer made and hand it back alone."""
        self.keys[layer_idx], self.values[layer_idx] = key_states, value_states
        return key_states, value_states

    def part(self, start: int, stop: int) -> Computed:
        """The keys and values of some tokens, apart from the rest, which is then given free."""
        keys = {layer: tensor[:, :, start:stop].contiguous() for layer, tensor in self.keys.items()}
        values = {layer: tensor[:, :, start:stop].contiguous() for layer, tensor in self.values.items()}
        return Computed(keys, values, stop - start)


@dataclass(frozen=True, eq=False)
class Computed:
    """Keys and values of a piece, a tensor (1, key heads, tokens, head size) for each layer."""

    keys: dict[int, torch.Tensor]
    values: dict[int, torch.Tensor]
    length: int


@dataclass(eq=False)
class Pack:
    """Pieces in one row of tokens, and what each of them sees in front of itself.

    Attributes
    ----------
    lengths : sequence of int
        Tokens of each piece, in the order in which they stand in the row.
    paths : sequence of sequences of Computed
        From the beginning of the prompt, the pieces in front of each. Those that see the same piece stand side by side.
    attention : Attention
        How attention is computed.
    """

    lengths: Sequence[int]
    paths: Sequence[Sequence[Computed]]
    attention: Attention
    spans: list[tuple[int, int]] = field(init=False)
    blocks: list[tuple[int, int, Computed]] = field(init=False)
    longest: int = field(init=False)
    _masks: dict[tuple[int, int | None, torch.device], torch.Tensor] = field(default_factory=dict, init=False)
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
        self.longest = max(
            length + sum(part.length for part in path) for length, path in zip(self.lengths, self.paths, strict=True)
        )

    def mask(self, place: int, window: int | None, like: torch.Tensor) -> torch.Tensor:
        """Additive mask (1, 1, tokens, path and tokens) of one piece."""
        key = (place, window, like.device)
        if key not in self._masks:
            n_tokens = self.lengths[place]
            n_keys = n_tokens + sum(part.length for part in self.paths[place])
            keys = torch.arange(n_keys, device=like.device)
            back = keys[n_keys - n_tokens :, None] - keys[None]  # how far each key lies behind each token
            hidden = back < 0 if window is None else (back < 0) | (back >= window)
            mask = torch.zeros(hidden.shape, dtype=like.dtype, device=like.device)
            self._masks[key] = mask.masked_fill_(hidden, torch.finfo(like.dtype).min)[None, None]
        return self._masks[key]

    def gathering(self, device: torch.device) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Where the keys of each path lie in the blocks and the row behind them, and the ends of pieces and paths."""
        if device not in self._gathering:
            offsets, behind = {}, 0
            for _, _, part in self.blocks:
                offsets[id(part)], behind = behind, behind + part.length
            places: list[torch.Tensor] = []
            ends = [0]
            for (start, stop), path in zip(self.spans, self.paths, strict=True):
                places += [torch.arange(offsets[id(part)], offsets[id(part)] + part.length) for part in path]
                places.append(torch.arange(behind + start, behind + stop))
                ends.append(ends[-1] + sum(part.length for part in path) + stop - start)
            pieces = [0, *(stop for _, stop in self.spans)]
            self._gathering[device] = (
                torch.cat(places).to(device),
                torch.tensor(pieces, dtype=torch.int32, device=device),
                torch.tensor(ends, dtype=torch.int32, device=device),
            )
        return self._gathering[device]


def tree_attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    _attention_mask: torch.Tensor | None,
    *,
    tree: Pack,
    scaling: float | None = None,
    **named: Any,
) -> tuple[torch.Tensor, None]:
    """Attention of one layer over a packed row, in the form that transformers asks of an attention function.

    Parameters
    ----------
    query, key, value : torch.Tensor
        Of the row's own tokens, shape (1, heads, tokens, head size); there may be fewer heads of keys.
    tree : Pack
        The pieces in the row.
    scaling : float, optional
        What scores are multiplied by.

    Returns
    -------
    tuple
        The output (1, tokens, heads, head size), and none for the weights.
    """
    layer: int = module.layer_idx  # type: ignore[assignment]
    way, window = tree.attention.way, tree.attention.windows[layer]
    if window is not None and window >= tree.longest:
        window = None
    plain = all(named.get(name) is None for name in _CHANGES)
    if way == "lengths" and plain:
        return _by_lengths(query, key, value, tree, layer, scaling, window), None
    if way == "blocks" and plain and window is None:
        return _by_blocks(query, key, value, tree, layer, scaling), None
    return _by_pieces(module, query, key, value, tree, window, {"scaling": scaling, **named}), None


AttentionInterface.register(IMPLEMENTATION, tree_attention)


def _by_blocks(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, tree: Pack, layer: int, scaling: float | None
) -> torch.Tensor:
    attention = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu  # noqa: SLF001
    out = torch.empty_like(query, dtype=torch.promote_types(query.dtype, torch.float32))  # (1, heads, tokens, size)
    normaliser = torch.empty(out.shape[:-1], dtype=out.dtype)  # (1, heads, tokens)
    for start, stop in tree.spans:
        own = (tensor[:, :, start:stop] for tensor in (query, key, value))
        out[:, :, start:stop], normaliser[:, :, start:stop] = attention(*own, 0.0, True, scale=scaling)  # noqa: FBT003
    for start, stop, part in tree.blocks:
        seen, total = attention(
            query[:, :, start:stop], part.keys[layer], part.values[layer], 0.0, False, scale=scaling  # noqa: FBT003
        )  # fmt: skip
        before = normaliser[:, :, start:stop]
        out[:, :, start:stop].lerp_(seen.to(out.dtype), torch.sigmoid(total - before)[..., None])
        normaliser[:, :, start:stop] = torch.logaddexp(before, total)
    return out.to(query.dtype).transpose(1, 2)


def _by_lengths(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    tree: Pack,
    layer: int,
    scaling: float | None,
    window: int | None,
) -> torch.Tensor:
    from torch.nn.attention.varlen import varlen_attn

    places, pieces, ends = tree.gathering(query.device)
    parts = [part for _, _, part in tree.blocks]
    keys = torch.cat([*(part.keys[layer] for part in parts), key], dim=2)[0].index_select(1, places)
    values = torch.cat([*(part.values[layer] for part in parts), value], dim=2)[0].index_select(1, places)
    out = varlen_attn(
        query[0].transpose(0, 1),  # (tokens, heads, head size)
        keys.transpose(0, 1),  # (tokens of all paths, key heads, head size)
        values.transpose(0, 1),
        pieces,
        ends,
        max(tree.lengths),
        tree.longest,
        scale=scaling,
        window_size=(-1 if window is None else window - 1, 0),
        enable_gqa=query.shape[1] != key.shape[1],
    )
    return torch.as_tensor(out)[None]


def _by_pieces(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    tree: Pack,
    window: int | None,
    named: dict[str, Any],
) -> torch.Tensor:
    layer: int = module.layer_idx  # type: ignore[assignment]
    eager: Any = getattr(sys.modules[type(module).__module__], "eager_attention_forward", None)
    attention: Callable[..., tuple[torch.Tensor, object]] = ALL_ATTENTION_FUNCTIONS.get_interface(
        tree.attention.own, eager
    )
    found = []
    for place, ((start, stop), path) in enumerate(zip(tree.spans, tree.paths, strict=True)):
        keys = torch.cat([*(part.keys[layer] for part in path), key[:, :, start:stop]], dim=2)
        values = torch.cat([*(part.values[layer] for part in path), value[:, :, start:stop]], dim=2)
        mask = tree.mask(place, window, query)
        found.append(attention(module, query[:, :, start:stop], keys, values, mask, **named)[0])
    return torch.cat(found, dim=1)
