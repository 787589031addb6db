"""A real checkpoint in memory: the letters of its file, and left as it was."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from calibration import from_transformers
from calibration.models.local.transformers_model import LocalModel
from calibration.models.protocol import Model
from tests.calibration.models.borrowed.states import state_of, tokenizer_state

pytestmark = pytest.mark.real

LETTERS = [" A", " B"]
PROMPTS = ["What is ice made of?\nAnswer:", "Ice:\nA"]
TOKENS = torch.tensor([[504, 2050, 4, 7, 99, 12]])


def letters(model: Model) -> NDArray[np.float32]:
    return model.next_token_logprobs(PROMPTS, LETTERS)


@pytest.fixture(scope="module")
def network(smollm2: LocalModel) -> PreTrainedModel:
    """The weights in the middle of a training."""
    made: PreTrainedModel = copy.deepcopy(smollm2.network)
    made.config.attention_dropout = 0.1
    made.config.use_cache = False
    made.train()
    made.requires_grad_(requires_grad=True)
    made.model.layers[3].eval()
    made.model.layers[0].requires_grad_(requires_grad=False)
    made.model.layers[5].register_forward_hook(lambda *_: None)
    made(input_ids=TOKENS, labels=TOKENS).loss.backward()
    return made


@pytest.fixture(scope="module")
def tokenizer(smollm2: LocalModel) -> PreTrainedTokenizerBase:
    """Set as generation wants it."""
    made = copy.deepcopy(smollm2.tokenizer)
    made.padding_side = "left"
    return made


@pytest.fixture(scope="module")
def expected(smollm2: LocalModel) -> NDArray[np.float32]:
    """Letters of the model that was loaded from its file."""
    return letters(smollm2)


@pytest.fixture(autouse=True)
def _left_as_they_were(network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> Iterator[None]:
    """Every test leaves modes, hooks, types, attention and random numbers of the program as they were."""
    torch.manual_seed(0)
    before = state_of(network, network), tokenizer_state(tokenizer)
    yield
    assert (state_of(network, network), tokenizer_state(tokenizer)) == before


def test_float32_is_that_of_the_file(
    expected: NDArray[np.float32], network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase
) -> None:
    assert np.array_equal(letters(from_transformers(network, tokenizer, name="training")), expected)


def test_bfloat16_is_asked_in_its_own_type(
    smollm2: LocalModel, expected: NDArray[np.float32], tokenizer: PreTrainedTokenizerBase
) -> None:
    half: Any = copy.deepcopy(smollm2.network)
    half.to(dtype=torch.bfloat16)
    half.train()
    before = state_of(half, half)
    model = from_transformers(half, tokenizer, name="half")
    np.testing.assert_allclose(letters(model), expected, atol=0.25)
    assert model.description["dtype"] == "bfloat16"
    assert state_of(half, half) == before


@pytest.mark.parametrize("context", [torch.inference_mode, lambda: torch.autocast("cpu", dtype=torch.bfloat16)])
def test_contexts_of_the_program_do_not_change_the_digits(
    context: type, expected: NDArray[np.float32], network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase
) -> None:
    with context():
        assert np.array_equal(letters(from_transformers(network, tokenizer, name="training")), expected)


@pytest.fixture(scope="module")
def compiled(network: PreTrainedModel) -> torch.nn.Module:
    """A compiled copy: compiling alone marks a network."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what torch.compile imports
        made: torch.nn.Module = torch.compile(copy.deepcopy(network))  # type: ignore[assignment]
    return made


def test_a_compiled_model_is_looked_through(
    compiled: Any, expected: NDArray[np.float32], tokenizer: PreTrainedTokenizerBase
) -> None:
    inner = compiled._orig_mod
    before = state_of(inner, inner)
    assert np.array_equal(letters(from_transformers(compiled, tokenizer, name="compiled")), expected)
    assert state_of(inner, inner) == before


def test_a_step_of_training_is_another_identity(network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
    trained = copy.deepcopy(network)
    model = from_transformers(trained, tokenizer, name="training")
    first, digits = model.description["weights"], letters(model)
    trained(input_ids=TOKENS, labels=TOKENS).loss.backward()
    optimizer = torch.optim.SGD(trained.parameters(), lr=1e-2)
    optimizer.step()
    optimizer.zero_grad()
    assert model.description["weights"] != first
    assert abs(letters(model) - digits).max() > 1e-4
    torch.manual_seed(0)
