"""A tiny GGUF file of a Llama network with random weights, and a tokenizer of bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from gguf import GGUFWriter
from numpy.typing import NDArray

Tensors = dict[str, NDArray[np.float32]]

_WIDTH = 32
_SIGNS = [*range(33, 127), *range(161, 173), *range(174, 256)]
_LETTERS = [chr(sign) for sign in _SIGNS] + [chr(256 + number) for number in range(256 - len(_SIGNS))]
_SPACED = [f"\u0120{letter}" for letter in "ABCDEFGHIJ"]
_TOKENS = [*_LETTERS, *_SPACED, "<s>", "</s>"]


def write_gguf(
    path: Path,
    change: Callable[[Tensors], object] = lambda _: None,
    *,
    metadata: Callable[[GGUFWriter], object] = lambda _: None,
) -> Path:
    """Write the file, with its tensors changed by one function and metadata added by another."""
    writer = GGUFWriter(str(path), "llama")
    writer.add_context_length(256)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(64)
    writer.add_head_count(2)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(_TOKENS))
    writer.add_rope_dimension_count(16)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(_TOKENS)
    writer.add_token_types([1] * (len(_TOKENS) - 2) + [3, 3])
    writer.add_token_merges([f"\u0120 {letter}" for letter in "ABCDEFGHIJ"])
    writer.add_bos_token_id(len(_TOKENS) - 2)
    writer.add_eos_token_id(len(_TOKENS) - 1)
    metadata(writer)
    tensors = _tensors()
    change(tensors)
    for name, values in tensors.items():
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _tensors() -> Tensors:
    shapes = {
        "token_embd": (len(_TOKENS), _WIDTH), "output": (len(_TOKENS), _WIDTH), "output_norm": (_WIDTH,),
        "blk.0.attn_norm": (_WIDTH,), "blk.0.ffn_norm": (_WIDTH,), "blk.0.ffn_down": (_WIDTH, 64),
        **{f"blk.0.attn_{name}": (_WIDTH, _WIDTH) for name in ("q", "k", "v", "output")},
        **{f"blk.0.ffn_{name}": (64, _WIDTH) for name in ("gate", "up")},
    }  # fmt: skip
    random = np.random.default_rng(0)
    return {
        f"{name}.weight": (0.1 * random.standard_normal(shape) if len(shape) > 1 else np.ones(shape)).astype(np.float32)
        for name, shape in shapes.items()
    }
