"""Letters and answers: what this device computes, in every way that it can, is what the processor computed."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.gpu_check.inputs import (
    DEMO,
    LETTERS,
    N_COMPARED,
    N_GENERATED,
    SHAPES,
    SLICE,
    Parcel,
    generated,
    local_model,
    random_model,
)
from benchmarks.gpu_check.records import Records
from calibration.models.checked_model import as_prompts
from calibration.models.local.transformers_model import LocalModel
from calibration.models.protocol import Prompt
from calibration.models.sharing.architectures import SharedAttention, shared_attentions
from calibration.models.sharing.batches import Budget
from calibration.models.sharing.forward import padded_logits, tree_logits
from calibration.models.sharing.prefix_tree import prefix_tree
from calibration.models.sharing.probe import SharingPlan
from calibration.models.tokenizing.tokenization import added_tokens, encode

# Nats by which letters in float32 may differ: on one device, whatever the order of sums, and from another device's.
SAME, OTHER_DEVICE = 1e-4, 1e-3
# In half precision kernels round differently: so many times the rounding that was measured, and a little.
_ROUNDING, _SLACK = 1.5, 0.01
# Share of greedy answers that may part where two tokens are nearly as likely.
_PARTED = 0.1
_BATCHES = (8, 32)
_PROMPTS, _TINY_PROMPTS = 64, 6

Letters = NDArray[np.float32]


def check_letters(parcel: Parcel, folder: Path, records: Records, *, device: str, tiny: bool) -> None:
    """Every check of letters and answers, on the demo's stage, the slice and models with random weights."""
    prompts = {"demo": parcel.demo[:N_COMPARED], "slice": parcel.prompts(N_COMPARED)}
    if tiny:
        prompts = {"demo": parcel.demo[:_TINY_PROMPTS], "slice": parcel.prompts(_TINY_PROMPTS, n_subjects=2)}
    for name, weights in (("demo", DEMO), ("slice", folder / SLICE)):
        compared = prompts[name]
        for dtype in ("float32", "bfloat16"):
            model = local_model(weights, dtype=dtype, device=device)
            with records.attempt(name, dtype, "letters beside the processor's"):
                _beside_processor(model, name, dtype, compared, parcel, records)
            with records.attempt(name, dtype, "kernels and batches"):
                _kernels(model, name, dtype, compared, records)
            with records.attempt(name, dtype, "generation"):
                _generation(model, name, dtype, compared[:N_GENERATED], parcel, records)
    _device_map(folder / SLICE, prompts["slice"][:_PROMPTS], parcel, records, device=device)
    few = prompts["slice"] if tiny else parcel.prompts(_PROMPTS)
    for shape in SHAPES:
        if shape.endswith("8B"):  # the part speed compares these with Hugging Face batches
            continue
        for dtype in ("float32", "bfloat16"):
            with records.attempt(shape, dtype, "kernels and batches"):
                _kernels(
                    random_model(shape, model.tokenizer, dtype=dtype, device=device, tiny=tiny),
                    shape, dtype, few, records,
                )  # fmt: skip


def letter_tokens(model: LocalModel, prompt: str) -> list[int]:
    """Token ids of the letters, of which each must be one token."""
    tokens = []
    for text in LETTERS:
        added = added_tokens(model.tokenizer, Prompt(prompt), text)
        if added is None or len(added) != 1:
            raise ValueError(f"{text!r} must be one token, got {added}")
        tokens.append(added[0])
    return tokens


def mean_difference(letters: Letters, others: Letters) -> float:
    """Mean absolute difference in nats."""
    return float(np.abs(letters - others).mean())


def largest_difference(letters: Letters, others: Letters) -> float:
    """Largest absolute difference in nats; NaN if a letter is."""
    return float(np.abs(letters - others).max())


def _beside_processor(
    model: LocalModel, name: str, dtype: str, prompts: Sequence[str], parcel: Parcel, records: Records
) -> None:
    exact = _expected(parcel, f"{name} float32", prompts)
    letters = model.next_token_logprobs(prompts, LETTERS)
    if dtype == "float32":
        value, limit, what = largest_difference(letters, exact), OTHER_DEVICE, "largest difference"
    else:
        rounded = _expected(parcel, f"{name} {dtype}", prompts)
        value, limit = mean_difference(letters, exact), _ROUNDING * mean_difference(rounded, exact) + _SLACK
        what = "mean difference from float32"
    records.add(name, dtype, f"letters beside the processor's, {what}", value=value, limit=limit)


def _expected(parcel: Parcel, answers: str, prompts: Sequence[str]) -> Letters:
    """The processor's letters (n_prompts, 4) behind some prompts of the parcel."""
    asked = parcel.prompts(N_COMPARED) if answers.startswith("slice") else parcel.demo
    letters = dict(zip(asked, parcel.answers[answers].letters, strict=False))
    return np.array([letters[prompt] for prompt in prompts], dtype=np.float32)


def _kernels(model: LocalModel, name: str, dtype: str, prompts: Sequence[str], records: Records) -> None:
    """Whole prompts in batches, each attention kernel along the tree, the model's own choice in any batch."""
    network = model.network
    tokens = encode(model.tokenizer, as_prompts(prompts))
    wanted = letter_tokens(model, prompts[0])
    alone = _letters(model, None, tokens, wanted, batch_size=1)
    batches = {size: _letters(model, None, tokens, wanted, batch_size=size) for size in _BATCHES}
    if dtype == "float32":
        measure, what, limit = largest_difference, "largest difference", SAME
    else:
        measure, what = mean_difference, "mean difference"
        limit = _ROUNDING * max(measure(letters, alone) for letters in batches.values()) + _SLACK
    for size, letters in batches.items():
        records.add(name, dtype, f"whole prompts, {size} at a time, {what} from one at a time",
                    value=measure(letters, alone), limit=limit if dtype == "float32" else None)  # fmt: skip
    for implementation in ("sdpa", "eager"):
        network.set_attn_implementation(implementation)
        reference = alone if implementation == "sdpa" else _letters(model, None, tokens, wanted, batch_size=1)
        attentions = shared_attentions(network)
        if not attentions:
            records.skip(name, dtype, f"{implementation} along the tree", "this architecture cannot be packed")
        for attention in attentions:
            check = f"shared prefixes, kernel {attention.kernel!r} over {implementation}, {what} from whole prompts"
            with records.attempt(name, dtype, check):
                letters = _letters(model, attention, tokens, wanted)
                records.add(name, dtype, check, value=measure(letters, reference), limit=limit)
    network.set_attn_implementation("sdpa")
    in_batches = {size: model.next_token_logprobs(prompts, LETTERS, batch_size=size) for size in (None, 1, 8)}
    turned = model.next_token_logprobs(prompts[::-1], LETTERS)[::-1]
    spread = max(measure(letters, in_batches[None]) for letters in [in_batches[1], in_batches[8], turned])
    records.add(name, dtype, f"1 or 8 at a time, and in another order, {what}", value=spread, limit=limit)
    kernels = [attention.kernel for attention in shared_attentions(network)]
    chosen = SharingPlan.probe(network, tokens).attention
    records.add(
        name, dtype, "kernels in front of the one that is used", unit="",
        value=len(kernels) if chosen is None else kernels.index(chosen.kernel),
        limit=0, note="whole prompts" if chosen is None else f"uses {chosen.kernel!r}",
    )  # fmt: skip


def _letters(
    model: LocalModel,
    attention: SharedAttention | None,
    tokens: Sequence[Sequence[int]],
    wanted: Sequence[int],
    *,
    batch_size: int | None = None,
) -> Letters:
    """Log-probabilities of the wanted tokens after each prompt, along the tree or of whole prompts."""
    letters = np.full((len(tokens), len(wanted)), np.nan, dtype=np.float32)
    reads, budget = [1] * len(tokens), Budget.unmeasured(model.network)
    if attention is None:
        passes = padded_logits(model.network, tokens, reads=reads, budget=budget, batch_size=batch_size)
    else:
        tree = prefix_tree(tokens)
        passes = tree_logits(model.network, attention, tree, reads=reads, budget=budget, batch_size=batch_size)
    for rows, logits in passes:
        letters[rows] = torch.log_softmax(logits, -1)[:, list(wanted)].cpu().numpy()
    return letters


def _generation(
    model: LocalModel, name: str, dtype: str, prompts: Sequence[str], parcel: Parcel, records: Records
) -> None:
    """Greedy answers beside the processor's; in half precision as a figure only."""
    asked = parcel.prompts(N_COMPARED) if name == "slice" else parcel.demo
    answers = parcel.answers[f"{name} float32"]
    expected = dict(zip(asked, zip(answers.texts, answers.logprobs, strict=True), strict=False))
    prompts = [prompt for prompt in prompts if prompt in expected]
    texts = generated(model, prompts)
    parted = [text != expected[prompt][0] for prompt, (text, _) in zip(prompts, texts, strict=True)]
    exact = dtype == "float32"
    records.add(
        name, dtype, f"of {len(texts)} greedy answers, share that part from the processor's",
        unit="", value=float(np.mean(parted)), limit=_PARTED if exact else None,
    )  # fmt: skip
    differences = [
        abs(ours - theirs)
        for prompt, (_, logprobs), differs in zip(prompts, texts, parted, strict=True)
        if not differs
        for ours, theirs in zip(logprobs, expected[prompt][1], strict=True)
    ]
    records.add(
        name, dtype, "log-probabilities of equal answers, largest difference from the processor's",
        value=max(differences, default=float("nan")), limit=OTHER_DEVICE if exact else None,
    )  # fmt: skip


def _device_map(weights: Path, prompts: Sequence[str], parcel: Parcel, records: Records, *, device: str) -> None:
    """`--device map` on one GPU: the same letters."""
    check = "letters by a device map beside the processor's, largest difference"
    if find_spec("accelerate") is None:
        records.skip("slice", "float32", check, "accelerate is not installed")
        return
    with records.attempt("slice", "float32", check):
        model = local_model(weights, dtype="float32", device="map")
        letters = model.next_token_logprobs(prompts, LETTERS)
        expected = _expected(parcel, "slice float32", prompts)
        on = sorted({parameter.device.type for parameter in model.network.parameters()})
        records.add("slice", "float32", check, value=largest_difference(letters, expected), limit=OTHER_DEVICE,
                    note=f"weights on {', '.join(on)}" + ("" if device in on else f", not on {device}"))  # fmt: skip
