"""How fast this machine multiplies matrices of a model's shape, and on what a model's time goes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

# Rows of the matrix that stands for tokens: enough to fill the units.
_ROWS = {"cpu": 512, "cuda": 8192}
_TRIES, _TIMES = 30, 10

WEIGHTS, ATTENTION, REST = "products with weights", "attention", "other operations"
OUTSIDE = "outside operations (Python, dispatch, waiting)"
_OF_WEIGHTS = {"mm", "addmm", "linear", "mkldnn_linear", "_linear_pointwise", "_addmm_activation"}
_OF_ATTENTION = {"bmm", "baddbmm", "_softmax"}


def matrix_rate(model: str, dtype: str, device: str) -> float:
    """GFLOP/s of a product with the model's widest weights (hidden size × intermediate size), the best of some."""
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(model).get_text_config()
    return product_rate(config.hidden_size, config.intermediate_size, dtype=dtype, device=device)


def product_rate(inner: int, outer: int, *, dtype: str, device: str) -> float:
    """GFLOP/s of a product of many rows with a matrix (outer, inner), the best of some tries."""
    import torch

    options: Any = {"dtype": getattr(torch, dtype), "device": device}
    rows = _ROWS[device]
    tokens, weights = torch.randn(rows, inner, **options), torch.randn(outer, inner, **options)
    best = 0.0
    with torch.inference_mode():
        for _ in range(_TRIES):
            start = time.perf_counter()
            for _ in range(_TIMES):
                torch.nn.functional.linear(tokens, weights)
            if device == "cuda":
                torch.cuda.synchronize()
            best = max(best, _TIMES * 2 * rows * inner * outer / (time.perf_counter() - start) / 1e9)
    return best


def shares(work: Callable[[], object], device: str) -> dict[str, float]:
    """Share of the time that work spends on each kind of operation, by torch's profiler, which slows it down a little.

    On a GPU an operation's time is its kernels', and what is outside is the time without one.
    """
    import torch
    from torch.profiler import ProfilerActivity, profile

    activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if device == "cuda" else [])]
    with profile(activities=activities) as seen:
        start = time.perf_counter()
        work()
        if device == "cuda":
            torch.cuda.synchronize()
        whole = (time.perf_counter() - start) * 1e6
    found = dict.fromkeys((WEIGHTS, ATTENTION, REST), 0.0)
    for event in seen.key_averages():
        # Kernels stand in the list too, under other names; their time is their operation's already.
        if re.fullmatch(r"\w+::\w+", event.key):
            spent = event.self_device_time_total if device == "cuda" else event.self_cpu_time_total
            found[_kind(event.key.partition("::")[2])] += spent / whole
    return {**found, OUTSIDE: 1 - sum(found.values())}


def _kind(operation: str) -> str:
    if operation in _OF_WEIGHTS:
        return WEIGHTS
    return ATTENTION if operation in _OF_ATTENTION or "attention" in operation else REST
