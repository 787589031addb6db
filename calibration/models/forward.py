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

from .memory import is_out_of_memory
from .packed_row import Attention, Collected, PackedRow
from .packing import TOKENS, Hung, Packing, tokens_within
from .prefix_tree import Piece
from .tokenization import TokenIds
from .tree_attention import IMPLEMENTATION


def tree_logits(
    network: PreTrainedModel,
    attention: Attention | None,
    tree: Sequence[Piece],
    *,
    packing: Packing,
    reads: Sequence[int],
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
        Where there is not memory enough for a single piece.
    """
    levels = [packing.packs([(piece, ()) for piece in tree], reads)]
    while levels:
        pack = next(levels[-1], None)
        if pack is None:
            levels.pop()
            continue
        if all(row in done for piece, _ in pack for row in piece.rows()):
            continue
        counts = [0 if piece.row is None else reads[piece.row] for piece, _ in pack]
        made = Collected()
        try:
            if attention is None:
                logits = _padded_logits(network, [piece.tokens for piece, _ in pack], counts)
            else:
                logits = _packed_logits(network, attention, pack, counts, made)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            levels.append(_halves(pack, packing))
            continue
        if rows := [piece.row for piece, _ in pack if piece.row is not None]:
            yield rows, logits
        below: list[Hung] = []
        stop = 0
        for piece, path in pack:
            start, stop = stop, stop + len(piece.tokens)
            if piece.below:
                here = (*path, made.part(start, stop))
                below += [(child, here) for child in piece.below]
        if below:
            levels.append(packing.packs(below, reads))


def tokens_of_a_pass(network: PreTrainedModel, attention: Attention) -> int:
    """How many tokens go through a model at a time: on a GPU, what fits by the memory that a first pass takes."""
    if network.device.type != "cuda":
        return TOKENS
    window = getattr(network.config.get_text_config(), "max_position_embeddings", None) or TOKENS
    tokens = min(TOKENS, window)
    torch.cuda.reset_peak_memory_stats(network.device)
    before = torch.cuda.memory_allocated(network.device)
    for _ in tree_logits(network, attention, [Piece([0] * tokens, 0, 0)], packing=Packing.of(network, None), reads=[1]):
        used = torch.cuda.max_memory_allocated(network.device) - before
    return tokens_within(torch.cuda.mem_get_info(network.device)[0], tokens=tokens, used=used)


def _halves(pack: Sequence[Hung], packing: Packing) -> Iterator[Sequence[Hung]]:
    """What did not fit together, in two."""
    if len(pack) == 1:
        tokens = len(pack[0][0].tokens)
        raise MemoryError(f"memory ran out over {tokens} tokens of one prompt; nothing smaller can be tried") from None
    packing.halve()
    half = len(pack) // 2
    return iter((pack[:half], pack[half:]))


@torch.inference_mode()
def _packed_logits(
    network: PreTrainedModel, attention: Attention, pack: Sequence[Hung], counts: Sequence[int], made: Collected
) -> torch.Tensor:
    """One row of pieces through the model: logits at the last positions of each; keys and values of all into `made`."""
    device = network.device
    lengths = torch.tensor([len(piece.tokens) for piece, _ in pack])
    ids = torch.tensor([[token for piece, _ in pack for token in piece.tokens]])  # (1, total)
    positions = torch.cat([torch.arange(piece.start, piece.start + len(piece.tokens)) for piece, _ in pack])
    last = _last_positions(torch.cumsum(lengths, 0), torch.tensor(counts))  # (sum of counts,)
    network.set_attn_implementation(IMPLEMENTATION)
    try:
        out = network(
            input_ids=ids.to(device),
            position_ids=positions[None].to(device),
            past_key_values=made,
            use_cache=True,
            tree=PackedRow(lengths.tolist(), [path for _, path in pack], attention),
            **_keep(network, last),
        )
    finally:
        network.set_attn_implementation(attention.own)
    return _at(network, out.logits, last)[0].float()


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
