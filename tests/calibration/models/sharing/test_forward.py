"""Passes that shrink if memory runs out, and stay within their budget."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from calibration.models.local.transformers_model import LocalModel
from calibration.models.sharing.architectures import shared_attentions
from calibration.models.sharing.batches import Budget
from calibration.models.sharing.forward import tree_logits
from calibration.models.sharing.prefix_tree import prefix_tree
from tests import tiny

HEAD = "Which river is the longest of all? When did it happen, and why? " * 3
LETTERS = [" A", " B", " C", " D"]


def letters(model: LocalModel, prompts: list[str], **options: Any) -> NDArray[np.float32]:
    return model.next_token_logprobs(prompts, LETTERS, **options)


def watched(model: LocalModel, *, room: float = float("inf")) -> list[int]:
    """Tokens of each pass from here on, padding included; those with more than `room` run out of memory."""
    sizes: list[int] = []

    def watch(_module: object, _arguments: tuple[object, ...], named: dict[str, torch.Tensor]) -> None:
        sizes.append(named["input_ids"].numel())
        if sizes[-1] > room:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")

    model.network.register_forward_pre_hook(watch, with_kwargs=True)
    return sizes


@pytest.mark.parametrize("batch_size", [None, 16])
@pytest.mark.parametrize("shared", [True, False])
def test_memory_that_runs_out_far_below_the_budget_shrinks_it_for_good(shared: bool, batch_size: int | None) -> None:
    model, room = tiny.model(), 300
    prompts = [f"{HEAD}{number} {'What is the capital of this country? ' * (number % 5)}" for number in range(60)]
    whole = letters(model, prompts)
    attention = shared_attentions(model.network)[0] if shared else None
    model = tiny.with_plan(model, attention, Budget(tokens=1 << 15, logits=1 << 15))
    sizes = watched(model, room=room)
    first = letters(model, prompts, batch_size=batch_size)
    np.testing.assert_allclose(first, whole, atol=1e-4)
    assert sum(size > room for size in sizes) < 12
    assert max(size for size in sizes if size <= room) > room / 4
    passes = list(sizes)
    sizes.clear()
    np.testing.assert_array_equal(letters(model, prompts, batch_size=batch_size), first)
    assert sizes == passes  # whatever was asked before


def test_a_long_prompt_goes_through_in_parts_if_memory_is_short() -> None:
    model = tiny.model()
    prompt = HEAD * 4
    (expected,) = letters(model, [prompt])
    model = model.planned([prompt])  # the probe needs memory, too
    watched(model, room=len(model.tokenizer(prompt)["input_ids"]) // 3)
    np.testing.assert_allclose(letters(model, [prompt])[0], expected, atol=1e-4)


def test_no_smaller_pass_than_a_token_is_tried() -> None:
    model = tiny.model()
    sizes = watched(model, room=0)
    passes = tree_logits(
        model.network,
        shared_attentions(model.network)[0],
        prefix_tree([[5, 6, 7, 8]]),
        reads=[1],
        budget=Budget(tokens=16, logits=16),
    )
    with pytest.raises(MemoryError, match="memory ran out over 1 tokens of one prompt; nothing smaller can be tried"):
        next(passes)
    assert sizes == [4, 2, 1]


def test_padding_counts_as_tokens() -> None:
    model = tiny.with_plan(tiny.model(), None, Budget(tokens=400, logits=1 << 15))
    sizes = watched(model)
    letters(model, [*(f"Who? {number}" for number in range(150)), HEAD * 3])
    assert max(sizes) <= 400
