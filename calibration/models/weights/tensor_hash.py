"""The hash of tensors in memory: names, types, shapes and bytes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import torch

from ...files.digest import digest
from .weights_hash import hashing_bar

# Bytes that are hashed, and fetched from a device, at a time.
_CHUNK = 1 << 24
_THREADS = 8


def tensors_hash(tensors: Iterable[tuple[str, object]], *, total: int) -> str:
    """Hash of named tensors, 16 hexadecimal digits; their order does not count.

    Tensors are read where they lie, 16 MB at a time; a bar shows how far it is if it takes over two seconds. SHA-256 of
    a processor's core is 0.5 to 2 GB/s, and as many cores as there are, up to eight, share the work.

    Parameters
    ----------
    tensors : iterable of (str, object)
        Names and tensors; tuples, lists, numbers and texts are hashed, too, as packed layers keep them.
    total : int
        Bytes of all of them, for the bar.

    Raises
    ------
    TypeError
        For content of another kind.

    Examples
    --------
    >>> tensors_hash([("weight", torch.zeros(2))], total=8) == tensors_hash([("weight", torch.ones(2))], total=8)
    False
    """
    threads = min(_THREADS, os.cpu_count() or 1)
    with ThreadPoolExecutor(threads) as pool, hashing_bar(total) as bar:
        lines = [f"{name}\0{_content(value, pool, bar.update)}\n" for name, value in tensors]
    return digest("".join(sorted(lines)))


def _content(value: object, pool: Executor, report: Callable[[int], object]) -> str:
    """What tells a value from others."""
    if isinstance(value, torch.Tensor):
        inner = getattr(value, "__tensor_flatten__", None)
        if type(value) not in (torch.Tensor, torch.nn.Parameter) and inner is not None:
            names, context = inner()  # a quantised tensor is made of plain ones
            parts = [_content(getattr(value, name), pool, report) for name in names]
            return f"{type(value).__name__} {names} {context!r} {parts}"
        if value.is_quantized:
            settings = _quantisation(value)
            return f"{value.dtype} {settings} {_bytes_hash(value.int_repr(), pool, report)}"
        return f"{value.dtype} {tuple(value.shape)} {_bytes_hash(value, pool, report)}"
    if isinstance(value, tuple | list):
        return str([_content(part, pool, report) for part in value])
    if value is None or isinstance(value, bool | int | float | str | torch.dtype):
        return repr(value)
    raise TypeError(f"tensors, numbers and texts can be hashed, got {type(value).__name__}")


def _quantisation(tensor: torch.Tensor) -> Any:
    if tensor.qscheme() in (torch.per_tensor_affine, torch.per_tensor_symmetric):
        return tensor.q_scale(), tensor.q_zero_point()
    return tensor.q_per_channel_scales().tolist(), tensor.q_per_channel_zero_points().tolist()


def _bytes_hash(tensor: torch.Tensor, pool: Executor, report: Callable[[int], object]) -> str:
    """Hash of the hashes of a tensor's pieces."""
    hashes = []
    for piece in pool.map(_digest, _chunks(tensor.detach())):
        report(piece[1])
        hashes.append(piece[0])
    return hashlib.sha256(b"".join(hashes)).hexdigest()


def _chunks(tensor: torch.Tensor) -> Iterator[torch.Tensor]:
    flat = tensor.contiguous().reshape(-1)
    step = max(1, _CHUNK // flat.element_size())
    yield from (flat[start : start + step] for start in range(0, len(flat), step))


def _digest(piece: torch.Tensor) -> tuple[bytes, int]:
    content = piece.cpu().view(torch.uint8).numpy().data
    return hashlib.sha256(content).digest(), content.nbytes
