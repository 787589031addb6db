"""The same numbers alone, in a batch, behind a shared prefix, and from the bare forward, for every architecture."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from calibration.errors import PromptTooLongError
from calibration.extraction.prompts import completion
from calibration.models.local.transformers_model import LocalModel
from calibration.models.protocol import Prompt
from calibration.models.sharing.architectures import Kernel, shared_attentions
from tests import tiny

LETTERS = [" A", " B", " C", " D", "A", "B", "C", "D"]


def prompts(count: int = 20) -> list[str]:
    """Prompts with two solved items in front, of different lengths, in two subjects."""
    items = tiny.items(count)
    shots = {subject: tiny.items(60, subjects=[subject])[50:52] for subject in ("history", "law")}
    return [completion(item, shots[item.subject]) for item in items]


def bare(model: LocalModel, prompt: str, candidates: list[str]) -> NDArray[np.float32]:
    """What `model(ids).logits[:, -1]` says, without any code of this package but the tokenizer's."""
    ids = model.tokenizer(prompt)["input_ids"]
    letters = [model.tokenizer(prompt + text)["input_ids"][-1] for text in candidates]
    with torch.inference_mode():
        logits = model.network(torch.tensor([ids]), use_cache=False).logits[0, -1].float()
    values: NDArray[np.float32] = torch.log_softmax(logits, -1)[letters].numpy()
    return values


@pytest.mark.parametrize("kind", list(tiny.CONFIGS))
def test_alone_in_a_batch_and_behind_a_shared_prefix_are_the_bare_forward(kind: str) -> None:
    model, texts = tiny.model(kind), prompts(8)
    assert min(len(model.tokenizer(text)["input_ids"]) for text in texts) > 32  # twice the sliding windows

    def letters(texts: list[str], batch_size: int | None = None) -> NDArray[np.float32]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            values = model.next_token_logprobs(texts, LETTERS, batch_size=batch_size)
        warned = any("cannot share a prefix" in str(warning.message) for warning in caught)
        assert warned == (kind in tiny.WITHOUT_SHARING)
        return values

    expected = np.stack([bare(model, text, LETTERS) for text in texts])
    assert np.ptp(expected[:, 0]) > 0.02  # the prompts do get different answers
    for batch_size in (None, 1, 3):
        np.testing.assert_allclose(letters(texts, batch_size), expected, atol=1e-4)
    for index in (0, 7):
        np.testing.assert_allclose(letters([texts[index]])[0], expected[index], atol=1e-4)


@pytest.mark.parametrize("kind", sorted(set(tiny.CONFIGS) - tiny.WITHOUT_SHARING))
def test_a_prefix_is_really_shared(kind: str) -> None:
    model, texts = tiny.model(kind), prompts()
    seen = 0

    def count(_module: object, arguments: tuple[object, ...], named: dict[str, torch.Tensor]) -> None:
        nonlocal seen
        seen += named["input_ids"].numel()

    model = model.planned(texts)  # the probe comes before the count
    model.network.register_forward_pre_hook(count, with_kwargs=True)
    model.next_token_logprobs(texts, LETTERS)
    whole = sum(len(model.tokenizer(text)["input_ids"]) for text in texts)
    assert seen < 0.6 * whole


def test_a_model_that_ignores_positions_is_found_out_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    model, texts = tiny.model(), prompts()
    attention, rotary = model.network.model.layers[0].self_attn, model.network.model.rotary_emb
    original = attention.forward

    def forward(hidden_states: torch.Tensor, **named: Any) -> object:
        counted = torch.arange(hidden_states.shape[1])[None]
        return original(hidden_states, **{**named, "position_embeddings": rotary(hidden_states, counted)})

    monkeypatch.setattr(attention, "forward", forward)
    expected = np.stack([bare(model, text, LETTERS) for text in texts])
    with pytest.warns(UserWarning, match=r"cannot share a prefix \(log-probabilities differ by"):
        found = model.next_token_logprobs(texts, LETTERS)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def reference_varlen(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    cu_seq_q: torch.Tensor,
    cu_seq_k: torch.Tensor,
    max_q: int,
    max_k: int,
    *,
    scale: float | None,
    window_size: tuple[int, int],
    enable_gqa: bool,
) -> torch.Tensor:
    """What `torch.nn.attention.varlen.varlen_attn` says that it does, written out; the real one wants a GPU."""
    assert window_size[1] == 0
    assert enable_gqa == (query.shape[1] != key.shape[1])
    assert cu_seq_q.dtype == cu_seq_k.dtype == torch.int32
    assert (int(cu_seq_q.diff().max()), int(cu_seq_k.diff().max())) == (max_q, max_k)
    found = []
    for row in range(len(cu_seq_q) - 1):
        own = query[cu_seq_q[row] : cu_seq_q[row + 1]]  # (tokens, heads, size)
        keys, values = (tensor[cu_seq_k[row] : cu_seq_k[row + 1]] for tensor in (key, value))
        groups = own.shape[1] // keys.shape[1]
        scores = torch.einsum("qhd,khd->hqk", own, keys.repeat_interleave(groups, 1)) * (scale or own.shape[-1] ** -0.5)
        back = torch.arange(len(keys))[len(keys) - len(own) :, None] - torch.arange(len(keys))
        hidden = (back < 0) | ((back > window_size[0]) if window_size[0] >= 0 else False)
        weights = scores.masked_fill(hidden, -torch.inf).softmax(-1)
        found.append(torch.einsum("hqk,khd->qhd", weights, values.repeat_interleave(groups, 1)))
    return torch.cat(found)


def test_the_varlen_kernel_takes_grouped_heads_unannounced(monkeypatch: pytest.MonkeyPatch) -> None:
    def varlen_of_2_11(
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        cu_seq_q: torch.Tensor,
        cu_seq_k: torch.Tensor,
        max_q: int,
        max_k: int,
        *,
        scale: float | None = None,
        window_size: tuple[int, int] = (-1, -1),
    ) -> torch.Tensor:
        lengths = (cu_seq_q, cu_seq_k, max_q, max_k)
        groups = query.shape[1] != key.shape[1]
        return reference_varlen(query, key, value, *lengths, scale=scale, window_size=window_size, enable_gqa=groups)

    monkeypatch.setattr("torch.nn.attention.varlen.varlen_attn", varlen_of_2_11)
    model, texts = tiny.model(), prompts()
    model = tiny.with_plan(model, replace(shared_attentions(model.network)[0], kernel="varlen"))
    expected = np.stack([bare(model, text, LETTERS) for text in texts])
    np.testing.assert_allclose(model.next_token_logprobs(texts, LETTERS), expected, atol=1e-4)


@pytest.mark.parametrize("kind", ["llama", "mistral", "gemma3", "gpt2"])
@pytest.mark.parametrize("kernel", ["per_node", "varlen", "model"])
def test_other_kernels_are_the_bare_forward(kernel: Kernel, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.nn.attention.varlen.varlen_attn", reference_varlen)
    model, texts = tiny.model(kind), prompts()
    fastest = shared_attentions(model.network)[0]
    assert fastest.kernel == "cascade"
    model = tiny.with_plan(model, replace(fastest, kernel=kernel))
    expected = np.stack([bare(model, text, LETTERS) for text in texts])
    np.testing.assert_allclose(model.next_token_logprobs(texts, LETTERS), expected, atol=1e-4)


def test_a_kernel_that_fails_is_followed_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> object:
        raise NotImplementedError("no kernel")

    monkeypatch.setattr("calibration.models.sharing.tree_attention.cascade_attention", broken)
    model, texts = tiny.model(), prompts()
    expected = np.stack([bare(model, text, LETTERS) for text in texts])
    np.testing.assert_allclose(model.next_token_logprobs(texts, LETTERS), expected, atol=1e-4)
    plan = model.planned(texts).plan
    assert plan is not None
    assert plan.attention is not None
    assert plan.attention.kernel == "model"


def test_memory_that_runs_out_makes_smaller_passes() -> None:
    model, texts = tiny.model(), prompts()
    whole = model.next_token_logprobs(texts, LETTERS)
    model = model.planned(texts)  # the probe needs memory, too
    sizes: list[int] = []

    def narrow(_module: object, _arguments: tuple[object, ...], named: dict[str, torch.Tensor]) -> None:
        sizes.append(named["input_ids"].numel())
        if sizes[-1] > 250:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB")

    model.network.register_forward_pre_hook(narrow, with_kwargs=True)
    np.testing.assert_allclose(model.next_token_logprobs(texts, LETTERS), whole, atol=1e-4)
    assert max(sizes) > 250
    assert sum(size > 250 for size in sizes) < 6  # what did not fit is not tried again and again
    model = tiny.with_plan(model, None)  # whole prompts
    np.testing.assert_allclose(model.next_token_logprobs(texts, LETTERS), whole, atol=1e-4)
    with pytest.raises(MemoryError, match=r"memory ran out over \d+ tokens of one prompt"):
        model.next_token_logprobs(["why? " * 200], LETTERS[:1])


def test_letters_of_several_tokens_are_scored_as_sequences() -> None:
    model = tiny.model()
    text, word = prompts(1)[0], " history tells"
    ids = model.tokenizer(text)["input_ids"]
    whole = model.tokenizer(text + word)["input_ids"]
    assert len(whole) > len(ids) + 1
    with torch.inference_mode():
        logits = torch.log_softmax(model.network(torch.tensor([whole])).logits[0].float(), -1)
    expected = sum(float(logits[place - 1, whole[place]]) for place in range(len(ids), len(whole)))
    found = model.next_token_logprobs([text, text + " Well:"], [word, " A"])
    np.testing.assert_allclose(found[0, 0], expected, atol=1e-4)
    np.testing.assert_allclose(
        found[0, 1], float(logits[len(ids) - 1, model.tokenizer(text + " A")["input_ids"][-1]]), atol=1e-4
    )


def test_special_tokens_stand_as_the_tokenizer_adds_them_but_none_behind() -> None:
    model = tiny.model(bos=True)
    ids = model.tokenizer("Answer:")["input_ids"]
    assert (ids[0], ids[-1]) == (0, 1)
    with torch.inference_mode():
        logits = model.network(torch.tensor([ids[:-1]])).logits[0, -1]
    letter = model.tokenizer(" A", add_special_tokens=False)["input_ids"][0]
    expected = float(torch.log_softmax(logits, -1)[letter])
    assert model.next_token_logprobs(["Answer:"], [" A"])[0, 0] == pytest.approx(expected, abs=1e-4)
    # A chat's text holds its own special tokens: no second one in front.
    with torch.inference_mode():
        logits = model.network(torch.tensor([ids[1:-1]])).logits[0, -1]
    found = model.next_token_logprobs([Prompt("Answer:", ({"role": "user", "content": ""},))], [" A"])[0, 0]
    assert found == pytest.approx(float(torch.log_softmax(logits, -1)[letter]), abs=1e-4)


def test_a_prompt_longer_than_the_window_is_named_and_nothing_is_computed() -> None:
    model = tiny.model(max_position_embeddings=64)
    with pytest.raises(PromptTooLongError, match=r"the prompt has \d+ tokens, the model's context window 64") as error:
        model.stream_logprobs(["short", "why? " * 200], LETTERS[:1])
    assert error.value.row == 1


def test_rows_that_are_done_are_left_out_and_the_rest_keeps_its_digits() -> None:
    model, texts = tiny.model(), prompts()
    whole = model.next_token_logprobs(texts, LETTERS, batch_size=4)
    done = frozenset(range(0, 20, 3))
    found = {
        row: line
        for rows, values in model.stream_logprobs(texts, LETTERS, batch_size=4, done=done)
        for row, line in zip(rows, values, strict=True)
    }
    assert set(found) == set(range(20)) - done
    for row, line in found.items():
        np.testing.assert_array_equal(line, whole[row])


def test_calls_leave_the_model_as_it_was() -> None:
    model, texts = tiny.model(), prompts()
    before = dict(vars(model))
    first = model.next_token_logprobs(texts, LETTERS)
    model.next_token_logprobs(["Why?"], LETTERS)
    next(model.generate(texts[:2], max_new_tokens=2))
    assert vars(model) == before
    np.testing.assert_array_equal(model.next_token_logprobs(texts, LETTERS), first)


def test_a_plan_spares_the_probe_and_changes_no_digit() -> None:
    model, texts = tiny.model(), prompts()
    expected = model.next_token_logprobs(texts, LETTERS)
    planned = model.planned(texts)
    assert planned.plan is not None
    assert planned.planned(texts[:3]) is planned
    assert model.plan is None
    passes = []
    model.network.register_forward_pre_hook(lambda *_: passes.append(1))
    np.testing.assert_array_equal(planned.next_token_logprobs(texts, LETTERS), expected)
    n_planned = len(passes)
    np.testing.assert_array_equal(model.next_token_logprobs(texts, LETTERS), expected)
    assert len(passes) > 2 * n_planned


def test_what_is_done_is_neither_probed_nor_computed() -> None:
    model, texts = tiny.model(), prompts(3)
    model.network.register_forward_pre_hook(lambda *_: pytest.fail("it was computed"))
    done = frozenset(range(3))
    assert list(model.stream_logprobs(texts, LETTERS, done=done)) == []
    assert list(model.stream_continuations(texts, [LETTERS] * 3, done=done)) == []
    assert list(model.generate(texts, max_new_tokens=2, done=done)) == []


def test_bad_calls_are_refused() -> None:
    model = tiny.model()
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        model.next_token_logprobs(["a"], [" A"], batch_size=0)
    with pytest.raises(ValueError, match="the candidate '' must add known tokens"):
        model.next_token_logprobs(["a"], [""])
    with pytest.raises(ValueError, match="no chat template; use the style completion"):
        tiny.model(chat=False).chat([{"role": "user", "content": "hi"}])
    assert model.next_token_logprobs([], [" A"]).shape == (0, 1)
