"""Memory that runs out: passes shrink, the work goes on, and the letters stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.gpu_check.inputs import LETTERS, SLICE, Parcel, generated, local_model, random_model
from benchmarks.gpu_check.letters import SAME, largest_difference
from benchmarks.gpu_check.records import Records
from calibration.models.local.transformers_model import LocalModel

_TYPE = "float32"
_PROMPTS, _TINY_PROMPTS = 200, 8
_WRITTEN = 64
# Of what the work took without a limit, so much is left to it.
_LEFT = 0.4
_MADE = "out of memory, on purpose"


def check_memory(parcel: Parcel, folder: Path, records: Records, *, device: str, tiny: bool) -> None:
    """The same letters and answers without a limit and under one that no large pass fits into."""
    model = local_model(folder / SLICE, dtype=_TYPE, device=device)
    name, prompts = "slice", parcel.prompts(_TINY_PROMPTS, n_subjects=2) if tiny else parcel.prompts(_PROMPTS)
    if not tiny:
        name = "llama 1B"
        model = random_model(name, model.tokenizer, dtype=_TYPE, device=device, tiny=False)
    with records.attempt(name, _TYPE, "letters where memory runs out"):
        _letters(model, name, prompts, records)
    with records.attempt(name, _TYPE, "answers where memory runs out"):
        _answers(model, name, prompts[:_WRITTEN], records)


def _letters(model: LocalModel, name: str, prompts: Sequence[str], records: Records) -> None:
    model = model.planned(prompts)  # what is tried needs memory too
    with _watched(model) as passes:
        expected = model.next_token_logprobs(prompts, LETTERS)
    limit, used = max(passes.tokens) // 3, passes.used
    with _limited(model, limit=limit, used=used), _watched(model) as less:
        letters = model.next_token_logprobs(prompts, LETTERS)
    _record(records, name, "letters", passes=passes, less=less, difference=largest_difference(letters, expected))


def _answers(model: LocalModel, name: str, prompts: Sequence[str], records: Records) -> None:
    model = model.planned(prompts)
    generated(model, prompts[:2])
    with _watched(model) as passes:
        expected = generated(model, prompts)
    with _limited(model, limit=max(passes.tokens) // 3, used=passes.used), _watched(model) as less:
        answers = generated(model, prompts)
    equal = [ours == theirs for (ours, _), (theirs, _) in zip(answers, expected, strict=True)]
    pairs = [
        abs(ours - theirs)
        for (_, logprobs), (_, others), same in zip(answers, expected, equal, strict=True)
        if same
        for ours, theirs in zip(logprobs, others, strict=True)
    ]
    difference = float(np.max(pairs)) if pairs else float("nan")
    _record(records, name, "answers", passes=passes, less=less, difference=difference)
    records.add(
        name, _TYPE, "answers under a limit, share that part", value=1 - float(np.mean(equal)), limit=0.1, unit=""
    )


class _Passes:
    """Tokens of each pass, which of them ran out of memory is not told; and bytes above the model at the peak."""

    def __init__(self) -> None:
        self.tokens: list[int] = []
        self.used = 0


def _record(records: Records, name: str, what: str, *, passes: _Passes, less: _Passes, difference: float) -> None:
    note = f"passes of at most {max(passes.tokens)} tokens before, {less.tokens[-1]} at the end of {len(less.tokens)}"
    records.add(name, _TYPE, f"{what} under a limit, largest difference from those without", value=difference,
                limit=SAME, note=note)  # fmt: skip
    # Under the limit, the largest pass must have been tried (else nothing ran out), and smaller ones must follow.
    shrunk = max(less.tokens) > max(passes.tokens) // 3 and len(less.tokens) > len(passes.tokens)
    records.add(name, _TYPE, f"{what} under a limit, passes that did not shrink", value=0 if shrunk else 1, limit=0,
                unit="")  # fmt: skip


@contextmanager
def _watched(model: LocalModel) -> Iterator[_Passes]:
    passes = _Passes()

    def count(_module: object, _arguments: tuple[object, ...], named: dict[str, Any]) -> None:
        passes.tokens.append(named["input_ids"].numel())

    gpu = model.network.device.type == "cuda"
    before = 0
    if gpu:
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
    # In front of the hook that makes memory run out, so that it counts what was tried.
    hook = model.network.register_forward_pre_hook(count, with_kwargs=True, prepend=True)
    try:
        yield passes
    finally:
        hook.remove()
        passes.used = torch.cuda.max_memory_allocated() - before if gpu else 0


@contextmanager
def _limited(model: LocalModel, *, limit: int, used: int) -> Iterator[None]:
    """A limit of the allocator on a GPU; on a processor passes of more tokens than the limit end with the error."""
    if model.network.device.type == "cuda":
        torch.cuda.empty_cache()
        total = torch.cuda.get_device_properties(model.network.device).total_memory
        allowed = torch.cuda.memory_allocated() + _LEFT * used
        torch.cuda.set_per_process_memory_fraction(min(allowed / total, 1.0))
        try:
            yield
        finally:
            torch.cuda.set_per_process_memory_fraction(1.0)
        return

    def refuse(_module: object, _arguments: tuple[object, ...], named: dict[str, Any]) -> None:
        if named["input_ids"].numel() > limit:
            raise RuntimeError(_MADE)

    hook = model.network.register_forward_pre_hook(refuse, with_kwargs=True)
    try:
        yield
    finally:
        hook.remove()
