"""The forward passes: token ids in, logits of what comes next out.

Two paths give the same numbers. *Along the tree*: what prompts share is computed once, at every depth; the pieces of a
prefix tree, shared ones and ends of prompts alike, go through the model packed into rows, so that nothing is padded,
and the keys and values of a shared piece are kept until all below it is done. *Padded*: whole prompts side by
side, filled up on the right, which is right for every causal architecture, state-space layers included. Both read the
model's own logits, at the last positions of each prompt only: one for what comes next, several for a sequence whose
beginning stands in the prompt.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from transformers import PreTrainedModel

from ..memory import is_out_of_memory
from ..tokenizing.tokenization import TokenIds
from .batches import TOKENS, Hung, Packing, tokens_within
from .packed_row import Attention, Computed, PackedRow
from .prefix_tree import Piece
from .tree_attention import IMPLEMENTATION, ROW


def tree_logits(
    network: PreTrainedModel,
    attention: Attention | None,
    tree: Sequence[Piece],
    *,
    packing: Packing,
    reads: Sequence[int],
    batch_size: int | None = None,
    done: frozenset[int] = frozenset(),
) -> Iterator[tuple[list[int], torch.Tensor]]:
    """Prompts that went through the model together, and the logits at their ends.

    Parameters
    ----------
    attention : Attention, optional
        How attention is computed along the tree. Where absent, prompts go side by side, and the tree must be a mere
        list of whole prompts; neighbours should be of about one length.
    tree : sequence of Piece
        The prompts, from `prefix_tree`.
    packing : Packing
        How much goes through the model at a time; less from there on where memory runs out.
    reads : sequence of int
        At how many of its last positions each prompt is read.
    batch_size : int, optional
        The most pieces of a pass.
    done : frozenset of int
        Prompts that need not be computed. A pass that holds another one is computed whole, so that which prompts were
        done does not change the digits of the rest.

    Yields
    ------
    rows : list of int
    logits : torch.Tensor
        Shape (sum of reads, vocabulary), float32: the positions of the first of these prompts, then of the next.

    Raises
    ------
    MemoryError
        Where there is not memory enough for a single token.
    NotImplementedError
        Where the model's attention cannot be computed along the tree.
    """

    def packs(pieces: Sequence[Hung]) -> Iterator[Sequence[Hung]]:
        return packing.packs(pieces, reads, batch_size=batch_size, padded=attention is None)

    levels = [packs([(piece, ()) for piece in tree])]
    while levels:
        pack = next(levels[-1], None)
        if pack is None:
            levels.pop()
            continue
        if all(row in done for piece, _ in pack for row in piece.rows()):
            continue
        counts = [0 if piece.row is None else reads[piece.row] for piece, _ in pack]
        try:
            if attention is None:
                logits = _padded_logits(network, [piece.tokens for piece, _ in pack], counts)
                below: list[Hung] = []
            else:
                logits, below = _packed_logits(network, attention, pack, counts)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            lengths = [len(piece.tokens) for piece, _ in pack]
            packing.lower(len(pack) * max(lengths) if attention is None else sum(lengths))
            levels.append(packs(pack if len(pack) > 1 else _parted(*pack[0], counts[0], whole=attention is None)))
            continue
        if rows := [piece.row for piece, _ in pack if piece.row is not None]:
            yield rows, logits
        del logits  # else it would lie beside that of the next pass
        if below:
            levels.append(packs(below))


def tokens_of_a_pass(network: PreTrainedModel, attention: Attention) -> int:
    """How many tokens go through a model at a time: on a GPU, what fits by the memory that a first pass takes."""
    if network.device.type != "cuda":
        return TOKENS
    tokens = min(TOKENS, getattr(network.config.get_text_config(), "max_position_embeddings", None) or TOKENS)
    torch.cuda.reset_peak_memory_stats(network.device)
    before = torch.cuda.memory_allocated(network.device)
    packing = Packing()
    for _ in tree_logits(network, attention, [Piece([0] * tokens, 0, 0)], packing=packing, reads=[1]):
        used = torch.cuda.max_memory_allocated(network.device) - before
    if packing.tokens < TOKENS:  # it ran out
        return packing.tokens
    return tokens_within(torch.cuda.mem_get_info(network.device)[0], tokens=tokens, used=used)


def _parted(piece: Piece, path: tuple[Computed, ...], count: int, *, whole: bool) -> list[Hung]:
    """A piece that does not fit alone, its beginning in front of its end."""
    cut = min(len(piece.tokens) // 2, len(piece.tokens) - count)
    if whole or cut < 1:
        raise MemoryError(f"memory ran out over {len(piece.tokens)} tokens of one prompt; nothing smaller can be tried")
    end = Piece(piece.tokens[cut:], piece.start + cut, piece.row, piece.below)
    return [(Piece(piece.tokens[:cut], piece.start, None, [end]), path)]


@torch.inference_mode()
def _packed_logits(
    network: PreTrainedModel, attention: Attention, pack: Sequence[Hung], counts: Sequence[int]
) -> tuple[torch.Tensor, list[Hung]]:
    """One row of pieces through the model: logits at the last positions of each, and what hangs below them."""
    device = network.device
    lengths = [len(piece.tokens) for piece, _ in pack]
    ids = torch.tensor([[token for piece, _ in pack for token in piece.tokens]])  # (1, total)
    positions = torch.cat([torch.arange(piece.start, piece.start + len(piece.tokens)) for piece, _ in pack])
    last = _last_positions(torch.tensor(lengths).cumsum(0), torch.tensor(counts))  # (sum of counts,)
    row = PackedRow(
        lengths=lengths,
        paths=[path for _, path in pack],
        shared=[bool(piece.below) for piece, _ in pack],
        attention=attention,
    )
    network.set_attn_implementation(IMPLEMENTATION)
    token = ROW.set(row)
    try:
        out = network(
            input_ids=ids.to(device), position_ids=positions[None].to(device), use_cache=False, **_keep(network, last)
        )
    finally:
        ROW.reset(token)
        network.set_attn_implementation(attention.own)
    if len(row.keys) != len(attention.windows):
        raise NotImplementedError("its layers have attention of their own")
    below: list[Hung] = []
    for place, (piece, path) in enumerate(pack):
        if piece.below:
            here = (*path, row.part(place))
            below += [(child, here) for child in piece.below]
    return _at(network, out.logits, last)[0].float(), below


@torch.inference_mode()
def _padded_logits(network: PreTrainedModel, prompts: Sequence[TokenIds], counts: Sequence[int]) -> torch.Tensor:
    """Whole prompts side by side through the model: logits at the last positions of each.

    A causal model never looks to the right, so what fills the rows up cannot reach the positions that are read and
    needs no mask.
    """
    device = network.device
    longest = max(len(prompt) for prompt in prompts)
    ids = torch.zeros((len(prompts), longest), dtype=torch.long)
    for row, prompt in enumerate(prompts):
        ids[row, : len(prompt)] = torch.tensor(prompt)
    ends = torch.tensor([len(prompt) for prompt in prompts])
    kept, which = torch.unique(_last_positions(ends, torch.tensor(counts)), return_inverse=True)
    out = network(input_ids=ids.to(device), use_cache=False, **_keep(network, kept))
    logits = _at(network, out.logits, kept)  # (n_prompts, kept, vocabulary)
    owner = torch.repeat_interleave(torch.arange(len(prompts)), torch.tensor(counts))
    return logits[owner, which].float()


def _last_positions(ends: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
    """The positions in front of each end, as many as are counted, in rising order: shape (sum of counts,).

    They stay in main memory, whence they can index what lies on any device: that of the logits need not be the first.
    """
    total = int(counts.sum())
    behind = torch.repeat_interleave(torch.cumsum(counts, 0), counts)
    return torch.repeat_interleave(ends, counts) + torch.arange(total) - behind


def _keep(network: PreTrainedModel, positions: torch.Tensor) -> dict[str, Any]:
    return {"logits_to_keep": positions} if _takes_logits_to_keep(network) else {}


def _at(network: PreTrainedModel, logits: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
    return logits if _takes_logits_to_keep(network) else logits[:, positions]


def keep_last(network: PreTrainedModel) -> dict[str, Any]:
    """What spares a model the logits of all positions but the last, where it can be spared them."""
    return {"logits_to_keep": 1} if _takes_logits_to_keep(network) else {}


def _takes_logits_to_keep(network: PreTrainedModel) -> bool:
    return "logits_to_keep" in inspect.signature(network.forward).parameters
