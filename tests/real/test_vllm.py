"""vLLM itself, where it is installed beside a GPU: the letters of the local model, and the fake held against it."""

from __future__ import annotations

import dataclasses
import inspect
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from calibration import load_model
from calibration.extraction.prompts import completion
from calibration.models.local.transformers_model import LocalModel
from tests import fake_vllm, tiny

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        find_spec("vllm") is None or not torch.cuda.device_count(), reason="vLLM or its GPU is not here"
    ),
]

LETTERS = [" A", " B", " C", " D"]


@pytest.fixture(scope="module")
def folder(smollm2: LocalModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("smollm2")
    smollm2.network.save_pretrained(path)
    smollm2.tokenizer.save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def engine(folder: Path) -> Any:
    return load_model(f"vllm:{folder}", dtype="float32")


def test_the_fake_has_vllms_names() -> None:
    import vllm

    parameters = {*vllm.SamplingParams.__struct_fields__}
    assert {field.name for field in dataclasses.fields(fake_vllm.SamplingParams)} <= parameters
    options = {field.name for field in dataclasses.fields(vllm.EngineArgs)}
    assert {*inspect.signature(fake_vllm.LLM).parameters} <= options
    asked = inspect.signature(vllm.LLM.generate).parameters
    assert {*inspect.signature(fake_vllm.LLM.generate).parameters} <= {*asked}
    given = {field.name for field in dataclasses.fields(fake_vllm.CompletionOutput)}
    assert given <= {field.name for field in dataclasses.fields(vllm.CompletionOutput)}


def test_letters_are_those_of_the_local_model(engine: Any, smollm2: LocalModel) -> None:
    prompts = [completion(item) for item in tiny.items(24)]
    expected = smollm2.next_token_logprobs(prompts, LETTERS)
    np.testing.assert_allclose(engine.next_token_logprobs(prompts, LETTERS), expected, atol=1e-3)
    # From the cache now.
    np.testing.assert_allclose(engine.next_token_logprobs(prompts, LETTERS), expected, atol=1e-3)


def test_continuations_and_answers(engine: Any, smollm2: LocalModel) -> None:
    prompts = ["The capital of France is", "Two and two make"]
    texts = [[" Paris", " the city of light"], [" four", " five or six"]]
    found, expected = (
        {row: sums for rows, values in pieces for row, sums in zip(rows, values, strict=True)}
        for pieces in (each.stream_continuations(prompts, texts) for each in (engine, smollm2))
    )
    for row in range(2):
        np.testing.assert_allclose(found[row], expected[row], atol=5e-3)
    answers = [text for _, texts in engine.generate(prompts, max_new_tokens=4) for text in texts]
    assert any(answer.text.startswith(" Paris") for answer in answers)
    assert {len(answer.logprobs) for answer in answers} == {4}
