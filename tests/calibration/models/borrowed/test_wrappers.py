"""Wrappers are looked through, and what is split or no model of transformers is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from transformers import PreTrainedModel

from calibration import from_transformers
from calibration.models.borrowed.wrappers import unwrapped
from calibration.models.protocol import Model
from tests import tiny

from .states import state_of

LETTERS = [" A", " B"]
PROMPTS = ["Which is the longest river? Answer:", "Why is it the longest of all? Answer:"]


def borrowed(network: Any) -> Model:
    return from_transformers(network, tiny.tokenizer(), name="mine")


def compiled() -> Any:
    return torch.compile(tiny.network(), backend="eager")


def compiled_inside() -> PreTrainedModel:
    network = tiny.network()
    network.model.layers[1] = torch.compile(network.model.layers[1], backend="eager")
    return network


def compiled_in_place() -> PreTrainedModel:
    network = tiny.network()
    network.compile(backend="eager")
    return network


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda: torch.nn.DataParallel(tiny.network()),
        compiled,
        lambda: torch.nn.DataParallel(compiled()),
        compiled_in_place,
        compiled_inside,
    ],
)
def test_wrappers_are_looked_through(wrapped: Any) -> None:
    outer, plain = wrapped(), borrowed(tiny.network())
    network = unwrapped(outer, "mine")
    before = state_of(outer, network)
    model = borrowed(outer)
    assert np.array_equal(model.next_token_logprobs(PROMPTS, LETTERS), plain.next_token_logprobs(PROMPTS, LETTERS))
    assert model.description["weights"] == plain.description["weights"]
    assert state_of(outer, network) == before


def test_a_model_of_one_of_several_processes_is_looked_through(tmp_path: Any) -> None:
    store = f"file://{tmp_path / 'store'}"
    torch.distributed.init_process_group("gloo", init_method=store, rank=0, world_size=1)
    try:
        outer = torch.nn.parallel.DistributedDataParallel(tiny.network())
        outer(input_ids=torch.tensor([[1, 2]])).logits.sum().backward()
        before = state_of(outer, outer.module)
        borrowed(outer).next_token_logprobs(PROMPTS, LETTERS)
        assert state_of(outer, outer.module) == before
    finally:
        torch.distributed.destroy_process_group()


class FullyShardedDataParallel(torch.nn.Module):
    """Stands for torch's, which needs an accelerator."""

    def __init__(self) -> None:
        super().__init__()
        self.module = tiny.network()


class WithValueHead(torch.nn.Module):
    """As trl has it."""

    def __init__(self) -> None:
        super().__init__()
        self.pretrained_model = tiny.network()


def placeholders() -> PreTrainedModel:
    network = tiny.network()
    network.lm_head.weight = torch.nn.Parameter(torch.empty(0))
    network.lm_head.weight.ds_id = 1  # as DeepSpeed leaves them
    return network


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (FullyShardedDataParallel, ValueError, "mine: its weights are split over several processes; gather its"),
        (placeholders, ValueError, "mine: its weights are split over several processes; gather its"),
        (
            WithValueHead,
            TypeError,
            r"mine: the model must be one of transformers.*; give the one inside, .pretrained_m",
        ),
        (lambda: torch.nn.Linear(2, 2), TypeError, "must be one of transformers, .*got torch.nn.modules.linear.Linear"),
        (lambda: "HuggingFaceTB/SmolLM2-135M", TypeError, "must be one of transformers, .* got builtins.str"),
        (lambda: None, TypeError, "must be one of transformers, .* got builtins.NoneType"),
    ],
)
def test_refusals(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        borrowed(make())
