"""Log-probabilities of whole texts: those of one bare forward a pair, however they are computed."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from calibration.errors import ContinuationError, PromptTooLongError
from calibration.models.local.transformers_model import LocalModel
from calibration.models.sharing.architectures import shared_attentions
from calibration.models.sharing.batches import Budget
from tests import tiny

HEAD = "The following are multiple choice questions (with answers) about history.\n\n"
PROMPTS = [
    *(f"{HEAD}Q: {question}\nA:" for question in ("Who?", "What is the capital of this country?", "When, and why?")),
    "Q: Which river?\nA:",
]
ANSWERS = [
    [" The longest of all", " The longest of all is this", " one", " two, three and four"],
    [" A"],
    [" This country", " This", " The capital of this country is the longest of all rivers, and why?"],
    [" one", " This river", " No"],
]


def scores(model: LocalModel, **options: object) -> list[NDArray[np.float64]]:
    found: dict[int, NDArray[np.float64]] = {}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*cannot share a prefix")
        for rows, values in model.stream_continuations(PROMPTS, ANSWERS, **options):  # type: ignore[arg-type]
            assert not found.keys() & set(rows)
            found.update(zip(rows, values, strict=True))
    return [found[row] for row in sorted(found)]


def bare(model: LocalModel, prompt: str, text: str) -> float:
    ids = model.tokenizer(prompt + text)["input_ids"]
    start = len(model.tokenizer(prompt)["input_ids"])
    with torch.inference_mode():
        values = torch.log_softmax(model.network(torch.tensor([ids]), use_cache=False).logits[0].float(), -1)
    return sum(float(values[place - 1, ids[place]]) for place in range(start, len(ids)))


@pytest.mark.parametrize("kind", list(tiny.CONFIGS))
def test_sums_are_those_of_a_bare_forward_for_each_pair(kind: str) -> None:
    model = tiny.model(kind)
    expected = [[bare(model, prompt, text) for text in texts] for prompt, texts in zip(PROMPTS, ANSWERS, strict=True)]
    for batch_size in (1, 3, 16):
        found = scores(model, batch_size=batch_size)
        assert [len(values) for values in found] == [4, 1, 3, 3]
        for values, sums in zip(found, expected, strict=True):
            np.testing.assert_allclose(values, sums, atol=1e-3)


def test_a_head_is_computed_once() -> None:
    model = tiny.model()
    pairs = [prompt + text for prompt, texts in zip(PROMPTS, ANSWERS, strict=True) for text in texts]
    model = model.planned(pairs)  # the probe comes before the count
    seen = 0

    def count(_module: object, _arguments: tuple[object, ...], named: dict[str, torch.Tensor]) -> None:
        nonlocal seen
        seen += named["input_ids"].numel()

    model.network.register_forward_pre_hook(count, with_kwargs=True)
    scores(model)
    assert seen < 0.6 * sum(len(model.tokenizer(pair)["input_ids"]) for pair in pairs)


def test_few_logits_at_a_time_are_the_same_numbers() -> None:
    model = tiny.model()
    whole = scores(model)
    few = tiny.with_plan(model, shared_attentions(model.network)[0], Budget(tokens=1024, logits=1))
    for values, again in zip(whole, scores(few, batch_size=2), strict=True):
        np.testing.assert_allclose(values, again, atol=1e-4)


def test_special_tokens_stand_in_front_only() -> None:
    model = tiny.model(bos=True)
    ids = [0, *model.tokenizer(PROMPTS[0] + ANSWERS[0][2], add_special_tokens=False)["input_ids"]]
    start = len(model.tokenizer(PROMPTS[0], add_special_tokens=False)["input_ids"]) + 1
    with torch.inference_mode():
        values = torch.log_softmax(model.network(torch.tensor([ids])).logits[0], -1)
    expected = sum(float(values[place - 1, ids[place]]) for place in range(start, len(ids)))
    assert scores(model)[0][2] == pytest.approx(expected, abs=1e-3)


def test_a_text_that_would_change_the_prompt_is_spelt_alone() -> None:
    model = tiny.model()
    prompt, text = "What is the cap", "ital of this"
    tokens = model.tokenizer(prompt)["input_ids"]
    assert model.tokenizer(prompt + text)["input_ids"][: len(tokens)] != tokens
    ids = [*tokens, *model.tokenizer(text)["input_ids"]]
    with torch.inference_mode():
        values = torch.log_softmax(model.network(torch.tensor([ids])).logits[0], -1)
    expected = sum(float(values[place - 1, ids[place]]) for place in range(len(tokens), len(ids)))
    ((rows, found),) = model.stream_continuations([prompt], [[text]])
    assert rows == [0]
    assert found[0] == pytest.approx([expected], abs=1e-3)


def test_what_is_done_is_left_out() -> None:
    model = tiny.model()
    whole = scores(model)
    found = scores(model, done=frozenset({0, 2}))
    np.testing.assert_allclose(np.concatenate(found), np.concatenate([whole[1], whole[3]]), atol=1e-6)
    assert scores(model, done=frozenset(range(4))) == []


def test_bad_use_is_refused_at_the_call() -> None:
    model = tiny.model(max_position_embeddings=20)
    with pytest.raises(PromptTooLongError, match=r"has 2 tokens and 30 more are asked for, .* window 20") as caught:
        model.stream_continuations(["A", "B C"], [[" A"], [" A", "Z" * 30]])
    assert caught.value.row == 1
    with pytest.raises(ContinuationError, match=r"the continuation '' must add tokens") as missing:
        model.stream_continuations(["A", "B"], [[" A"], [""]])
    assert missing.value.row == 1
    with pytest.raises(ValueError, match="continuations for each of 2 prompts, got 1"):
        model.stream_continuations(["A", "B"], [[" A"]])
    with pytest.raises(ValueError, match="batch_size must be at least 1"):
        model.stream_continuations(["A"], [[" A"]], batch_size=0)
    words = LocalModel("words", "", tiny.network(), tiny.tokenizer(letters="unknown"))
    with pytest.raises(ContinuationError, match="' zebra' must add tokens that the tokenizer knows"):
        words.stream_continuations(["The Answer:"], [[" zebra"]])
