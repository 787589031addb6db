"""Items per second, beside Hugging Face batches, the card's matrix rate and the floor of work."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.floor import Sizes, Work, lm_eval_batches, lm_eval_work, unique_work
from benchmarks.gpu_check.inputs import LETTERS, SLICE, Parcel, local_model, random_model
from benchmarks.gpu_check.letters import Letters, letter_tokens, mean_difference
from benchmarks.gpu_check.records import Records
from benchmarks.rates import product_rate
from calibration.models.checked_model import as_prompts
from calibration.models.local.transformers_model import LocalModel
from calibration.models.memory import is_out_of_memory
from calibration.models.tokenizing.tokenization import encode

_TYPE = "bfloat16"
# Models, and the numbers of prompts; the most wanted first.
_PLAN = (
    ("slice", (400, 2000)),
    ("llama 1B", (400, 2000)),
    ("llama 8B", (400, 2000)),
    ("qwen 8B", (400,)),
    ("gemma 8B", (400,)),
)
_TINY_PLAN = (("slice", (8,)), ("llama 1B", (8,)))
# Prompts of a Hugging Face batch: the best of these, tried on a sample.
_BATCH_SIZES, _TINY_BATCH_SIZES = (8, 32, 128), (4,)
_SAMPLE = 128
# More prompts than these are not computed again in batches; the rate at these is taken.
_MOST_IN_BATCHES = 400
_GB = 2**30


@dataclass(frozen=True)
class Timed:
    """Work that was timed: its letters, seconds, and on a GPU the peak of its memory above the model in bytes."""

    letters: Letters
    seconds: float
    peak: int | None


def check_speed(parcel: Parcel, folder: Path, records: Records, *, device: str, tiny: bool) -> None:
    """Time every model of the plan."""
    tokenizer = local_model(folder / SLICE, dtype=_TYPE, device=device).tokenizer
    for name, counts in _TINY_PLAN if tiny else _PLAN:
        with records.attempt(name, _TYPE, "speed"):
            if name == "slice":
                model = local_model(folder / SLICE, dtype=_TYPE, device=device)
            else:
                model = random_model(name, tokenizer, dtype=_TYPE, device=device, tiny=tiny)
            config = model.network.config.get_text_config()
            rate = product_rate(config.hidden_size, config.intermediate_size, dtype=_TYPE, device=device)
            records.add(name, _TYPE, "matrix rate of its widest weights", value=rate / 1e3, unit="TFLOP/s")
            for count in counts:
                _compare(model, name, parcel.prompts(count, n_subjects=2 if tiny else None), rate, records, tiny=tiny)
            del model
            if device == "cuda":
                torch.cuda.empty_cache()


def _compare(
    model: LocalModel, name: str, prompts: Sequence[str], rate: float, records: Records, *, tiny: bool
) -> None:
    count = len(prompts)
    tokens = encode(model.tokenizer, as_prompts(prompts))
    sizes, work = Sizes.of(model.network), unique_work(tokens)
    model = model.planned(prompts)  # tries the kernels and measures a pass
    model.next_token_logprobs(prompts[:2], LETTERS)
    ours = _timed(model, lambda: model.next_token_logprobs(prompts, LETTERS))
    add = _Adder(records, name)
    add(f"{count} prompts, items per second", count / ours.seconds, "items/s")
    if ours.peak is not None:
        add(f"{count} prompts, peak memory above the model", ours.peak / _GB, "GB")
    share = work.flops(sizes) / ours.seconds / rate / 1e9
    add(f"{count} prompts, unique work over the matrix rate", share, note=_tokens(tokens, work))

    sample = tokens[:: max(len(tokens) // _MOST_IN_BATCHES, 1)][:_MOST_IN_BATCHES]
    wanted = letter_tokens(model, prompts[0])
    batch_size = _best_batch_size(model, sample[:_SAMPLE], wanted, _TINY_BATCH_SIZES if tiny else _BATCH_SIZES)
    theirs = _timed(model, lambda: batch_letters(model, sample, wanted, batch_size))
    per_second = len(sample) / theirs.seconds
    add(f"{count} prompts, Hugging Face batches of {batch_size}", per_second, "items/s", note=f"{len(sample)} computed")
    if theirs.peak is not None:
        add(f"{count} prompts, peak memory above the model, Hugging Face", theirs.peak / _GB, "GB")
    add(f"{count} prompts, times as fast", count / ours.seconds / per_second, "×")
    floor = _work_of_batches(sample, batch_size).flops(sizes) / len(sample) / (work.flops(sizes) / count)
    add(f"{count} prompts, floor of work", floor, "×", note="operations of those batches over unique operations")
    add(f"{count} prompts, share of the floor", count / ours.seconds / per_second / floor)
    if len(sample) == count:
        add(f"{count} prompts, letters, mean difference from Hugging Face batches",
            mean_difference(ours.letters, theirs.letters), "nats")  # fmt: skip


@dataclass(frozen=True)
class _Adder:
    records: Records
    name: str

    def __call__(self, check: str, value: float, unit: str = "", *, note: str = "") -> None:
        self.records.add(self.name, _TYPE, check, value=value, unit=unit, note=note)


def _tokens(tokens: Sequence[Sequence[int]], work: Work) -> str:
    return f"{sum(map(len, tokens))} tokens, {work.tokens} unique"


def _timed(model: LocalModel, compute: Callable[[], Letters]) -> Timed:
    gpu = model.network.device.type == "cuda"
    before = 0
    if gpu:
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
    start = time.perf_counter()
    letters = compute()  # ends in main memory, so the device is done
    seconds = time.perf_counter() - start
    return Timed(letters, seconds, torch.cuda.max_memory_allocated() - before if gpu else None)


def batch_letters(
    model: LocalModel, tokens: Sequence[Sequence[int]], wanted: Sequence[int], batch_size: int
) -> Letters:
    """Letters as most scripts compute them: batches of similar length, padded on the left, logits at the end only."""
    letters = np.full((len(tokens), len(wanted)), np.nan, dtype=np.float32)
    network: Any = model.network
    for rows in lm_eval_batches(tokens, batch_size):
        longest = max(len(tokens[row]) for row in rows)
        ids = torch.zeros((len(rows), longest), dtype=torch.long)
        mask = torch.zeros_like(ids)
        for index, row in enumerate(rows):
            ids[index, longest - len(tokens[row]) :] = torch.tensor(tokens[row])
            mask[index, longest - len(tokens[row]) :] = 1
        with torch.inference_mode():
            out = network(
                input_ids=ids.to(network.device),
                attention_mask=mask.to(network.device),
                position_ids=(mask.cumsum(-1) - 1).clamp(min=0).to(network.device),
                use_cache=False,
                logits_to_keep=1,
            )
            letters[rows] = torch.log_softmax(out.logits[:, -1].float(), -1)[:, list(wanted)].cpu().numpy()
    first = {tuple(prompt): row for row, prompt in reversed([*enumerate(tokens)])}
    return letters[[first[tuple(prompt)] for prompt in tokens]]  # prompts that occur twice were computed once


def _work_of_batches(tokens: Sequence[Sequence[int]], batch_size: int) -> Work:
    """Of batches padded to their longest prompt, with logits at the last position."""
    batches = lm_eval_batches(tokens, batch_size)
    work = lm_eval_work(tokens, batches)
    return Work(tokens=work.tokens, logits=sum(map(len, batches)), pairs=work.pairs)


def _best_batch_size(
    model: LocalModel, tokens: Sequence[Sequence[int]], wanted: Sequence[int], sizes: Sequence[int]
) -> int:
    seconds = {}
    batch_letters(model, tokens[: sizes[0]], wanted, sizes[0])
    for size in sizes:
        try:
            seconds[size] = _timed(model, lambda size=size: batch_letters(model, tokens, wanted, size)).seconds  # type: ignore[misc]
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            torch.cuda.empty_cache()
    if not seconds:
        raise MemoryError(f"no batch of {', '.join(map(str, sizes))} prompts fits into memory")
    return min(seconds, key=lambda size: seconds[size])
