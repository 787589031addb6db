"""SmolLM2-135M-Instruct on MMLU: the same letters whichever way they are computed, and lm-eval's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from calibration import Item, extract, load_mmlu
from calibration.extraction.prompts import completion
from calibration.items.item import select
from calibration.models.local.transformers_model import LocalModel
from tests import tiny

pytestmark = pytest.mark.real

SUBJECTS = ["anatomy", "college_chemistry", "formal_logic", "machine_learning", "philosophy", "world_religions"]
LETTERS = [" A", " B", " C", " D"]


@pytest.fixture(scope="module")
def items(data: Path) -> list[Item]:
    return select(load_mmlu(data / "mmlu", subjects=SUBJECTS), limit=20)


@pytest.fixture(scope="module")
def prompts(data: Path, items: list[Item]) -> list[str]:
    """Three subjects with two shots, three with none."""
    dev = load_mmlu(data / "mmlu", split="dev")
    shots = {
        subject: [item for item in dev if item.subject == subject][: 2 * (number % 2)]
        for number, subject in enumerate(SUBJECTS)
    }
    return [completion(item, shots[item.subject]) for item in items]


def test_alone_in_a_batch_with_and_without_a_shared_prefix(smollm2: LocalModel, prompts: list[str]) -> None:
    together = smollm2.next_token_logprobs(prompts, LETTERS, batch_size=16)
    whole = tiny.with_plan(smollm2, None)  # no sharing: whole prompts, padded on the right
    np.testing.assert_allclose(whole.next_token_logprobs(prompts, LETTERS, batch_size=16), together, atol=1e-4)
    letters = [smollm2.tokenizer(text)["input_ids"][0] for text in LETTERS]
    for row in range(0, len(prompts), 10):
        alone = smollm2.next_token_logprobs(prompts[row : row + 1], LETTERS)[0]
        np.testing.assert_allclose(alone, together[row], atol=1e-4)
        with torch.inference_mode():
            logits = smollm2.network(torch.tensor([smollm2.tokenizer(prompts[row])["input_ids"]])).logits[0, -1]
        np.testing.assert_allclose(torch.log_softmax(logits, -1)[letters].numpy(), together[row], atol=1e-4)


@pytest.mark.oracle
def test_lm_eval_gives_the_same_log_likelihoods(
    smollm2: LocalModel, prompts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    assert len(prompts) == 120
    harness = HFLM(pretrained=smollm2.network, tokenizer=smollm2.tokenizer, batch_size=4, device="cpu")
    requests = [Instance("loglikelihood", {}, (prompt, text), 0) for prompt in prompts for text in LETTERS]
    theirs = np.array([value for value, _ in harness.loglikelihood(requests, disable_tqdm=True)]).reshape(-1, 4)
    np.testing.assert_allclose(smollm2.next_token_logprobs(prompts, LETTERS), theirs, atol=1e-4)


def rounded(model: LocalModel, *, compute: torch.dtype) -> LocalModel:
    """The same model with its weights rounded to bfloat16, computing in the given type."""
    network: Any = type(model.network)(model.network.config)
    network.load_state_dict(model.network.state_dict())
    for weights in network.parameters():  # the buffers of the rotary embedding stay in float32, as when loaded so
        weights.data = weights.data.to(torch.bfloat16).to(compute)
    network.train(mode=False)
    return LocalModel(model.name, "", network, model.tokenizer)


def test_the_stored_log_of_lm_eval(smollm2: LocalModel, data: Path) -> None:
    log = (data / "logs" / "lm-eval" / "samples_mmlu_anatomy.jsonl").read_text(encoding="utf-8")
    stored = {}
    for line in log.splitlines():
        sample = json.loads(line)
        stored[sample["doc"]["question"]] = [float(answer[0]) for answer in sample["filtered_resps"]]
    items = [item for item in load_mmlu(data / "mmlu", subjects=["anatomy"]) if item.question in stored]
    assert len(items) == 40
    # The log was made in float32 from weights that had been stored in bfloat16.
    run = extract(rounded(smollm2, compute=torch.float32), items)
    np.testing.assert_allclose(run.logprobs, [stored[item.question] for item in items], atol=1e-4)
    assert run.accuracy == 0.15  # acc of results.json


def test_sharing_moves_bfloat16_less_than_batches_do(smollm2: LocalModel, prompts: list[str]) -> None:
    prompts = prompts[::3]
    exact = rounded(smollm2, compute=torch.float32).next_token_logprobs(prompts, LETTERS)
    model = rounded(smollm2, compute=torch.bfloat16)
    shared = model.next_token_logprobs(prompts, LETTERS)
    plan = model.planned(prompts).plan
    assert plan is not None
    assert plan.attention is not None  # the probe trusts the kernel
    assert plan.attention.kernel == "per_node"
    alone = side_by_side(model, prompts, 1)
    by_length = sorted(prompts, key=len, reverse=True)
    back = np.argsort(np.argsort([-len(prompt) for prompt in prompts], kind="stable"))
    batched = {
        "4": side_by_side(model, prompts, 4),
        "16": side_by_side(model, prompts, 16),
        "16 by length": side_by_side(model, by_length, 16)[back],
    }

    def distance(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
        return float(np.abs(first - second).mean())

    noise = {name: distance(alone, values) for name, values in batched.items()}
    errors = {name: distance(values, exact) for name, values in {"shared": shared, "alone": alone, **batched}.items()}
    unmoved = np.mean(np.abs(shared - alone).max(axis=1) < 1e-3)
    print(f"from alone: shared {distance(shared, alone)}, batches {noise}\nfrom float32: {errors}")
    print(f"share of prompts that sharing does not move: {unmoved}")
    # Like with like, each against one prompt at a time: most prompts get the same bits, the others a last digit of some
    # token that a kernel computed otherwise, which thirty layers make as large as any other noise.
    assert distance(shared, alone) <= min(noise.values())
    assert errors["shared"] <= 1.1 * max(errors[name] for name in ("alone", *batched))
    # And it does not depend on the batch.
    fewer = model.next_token_logprobs(prompts, LETTERS, batch_size=4)
    assert distance(shared, fewer) <= min(noise.values())


@torch.inference_mode()
def side_by_side(model: LocalModel, prompts: list[str], size: int) -> NDArray[np.float32]:
    """Log-probabilities of the letters, the prompts whole in batches as they are used: filled up on the left."""
    letters = [model.tokenizer(text)["input_ids"][0] for text in LETTERS]
    found = []
    for start in range(0, len(prompts), size):
        rows = model.tokenizer(prompts[start : start + size])["input_ids"]
        longest = max(map(len, rows))
        ids = torch.tensor([[0] * (longest - len(row)) + row for row in rows])
        mask = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in rows])
        positions = (mask.cumsum(-1) - 1).clamp(min=0)
        out = model.network(ids, attention_mask=mask, position_ids=positions, logits_to_keep=1)
        found.append(torch.log_softmax(out.logits[:, -1].float(), -1)[:, letters].numpy())
    return np.concatenate(found)
