"""Generation: the answer of the bare model, greedy or drawn, alone or in a batch, cut where it ends."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from calibration.errors import PromptTooLongError
from calibration.models.local.generation import end_tokens
from calibration.models.local.transformers_model import LocalModel
from calibration.models.protocol import Generated, Prompt
from calibration.models.sharing.architectures import shared_attentions
from tests import tiny

PROMPTS = ["Who?", "What is the capital of this country?", "When did it happen, and why?", "A", "B", "Which river"]


def answers(model: LocalModel, prompts: Sequence[str | Prompt], **options: object) -> list[Generated]:
    found: dict[int, Generated] = {}
    for rows, texts in model.generate(prompts, **{"max_new_tokens": 12, **options}):  # type: ignore[arg-type]
        assert not found.keys() & set(rows)
        found.update(zip(rows, texts, strict=True))
    return [found[row] for row in range(len(prompts))]


def bare(model: LocalModel, prompt: str, ends: frozenset[int], count: int = 12) -> tuple[list[int], list[float]]:
    """Greedy tokens and their log-probabilities by whole forwards without a cache."""
    ids: list[int] = list(model.tokenizer(prompt)["input_ids"])
    logprobs: list[float] = []
    start = len(ids)
    while len(logprobs) < count:
        with torch.inference_mode():
            values = torch.log_softmax(model.network(torch.tensor([ids]), use_cache=False).logits[0, -1].float(), -1)
        ids.append(int(values.argmax()))
        logprobs.append(float(values.max()))
        if ids[-1] in ends:
            break
    return ids[start:], logprobs


@pytest.mark.parametrize("kind", list(tiny.CONFIGS))
def test_the_greedy_answer_of_the_bare_model_in_any_batch(kind: str) -> None:
    model = tiny.model(kind)
    ends = end_tokens(model.network, model.tokenizer)
    expected = [bare(model, prompt, ends) for prompt in PROMPTS]
    for batch_size in (1, 4):
        for (tokens, logprobs), found in zip(expected, answers(model, PROMPTS, batch_size=batch_size), strict=True):
            np.testing.assert_allclose(found.logprobs, logprobs, atol=1e-3)
            assert found.finish == ("end" if tokens[-1] in ends else "length")
            kept = tokens[:-1] if tokens[-1] in ends else tokens
            assert found.text == model.tokenizer.decode(kept, skip_special_tokens=True)


def test_an_answer_ends_where_the_model_ends_it() -> None:
    model = tiny.model()
    whole = answers(model, PROMPTS)
    tokens = [bare(model, prompt, frozenset())[0] for prompt in PROMPTS]
    model.network.generation_config.eos_token_id = [tokens[0][5], tokens[1][3]]
    ends = {1, tokens[0][5], tokens[1][3]}
    assert ends <= end_tokens(model.network, model.tokenizer)
    ended = answers(model, PROMPTS)
    first_ends = {row: min(map(new.index, ends & {*new})) for row, new in enumerate(tokens) if ends & {*new}}
    for row, index in first_ends.items():
        assert ended[row].finish == "end"
        assert ended[row].text == model.tokenizer.decode(tokens[row][:index], skip_special_tokens=True)
        np.testing.assert_allclose(ended[row].logprobs, whole[row].logprobs[: index + 1], atol=1e-5)
    others = [row for row in range(len(PROMPTS)) if row not in first_ends]
    assert others
    assert [ended[row] for row in others] == [whole[row] for row in others]
    assert {answer.finish for answer in ended} == {"end", "length"}


def test_an_answer_is_cut_before_a_stop_text() -> None:
    model = tiny.model()
    whole = answers(model, PROMPTS)
    stop = (whole[0].text[6:9], whole[1].text[2:4])  # spelt across tokens
    found = answers(model, PROMPTS, stop=stop)
    for before, after in zip(whole, found, strict=True):
        places = [before.text.find(text) for text in stop if text in before.text]
        assert after.text == (before.text[: min(places)] if places else before.text)
        assert after.finish == ("stop" if places else before.finish)
        np.testing.assert_allclose(after.logprobs, before.logprobs[: len(after.logprobs)], atol=1e-5)
    assert found[0].finish == found[1].finish == "stop"
    assert len(found[0].logprobs) < 12
    alone = [answers(model, [prompt], stop=stop)[0] for prompt in PROMPTS]
    assert [one.text for one in alone] == [one.text for one in found]


def test_a_stop_text_far_behind_the_beginning_of_an_answer() -> None:
    model = tiny.model()
    drawn = {"max_new_tokens": 80, "temperature": 1.0, "seeds": [3]}
    (whole,) = answers(model, PROMPTS[:1], **drawn)
    place = len(whole.text) - 20
    stop = whole.text[place : place + 6]
    assert whole.text.find(stop) == place
    assert len(whole.logprobs) == 80
    (found,) = answers(model, PROMPTS[:1], stop=[stop], **drawn)
    assert (found.text, found.finish) == (whole.text[:place], "stop")
    assert 50 < len(found.logprobs) < 80


def test_what_closes_a_turn_of_the_template_ends_an_answer() -> None:
    model = tiny.model()
    turn_end = model.tokenizer.convert_tokens_to_ids("<|end|>")
    assert turn_end in end_tokens(model.network, model.tokenizer)
    assert turn_end not in end_tokens(model.network, tiny.tokenizer(chat=False))
    model.tokenizer.chat_template = "{{ raise_exception('no') }}"
    assert turn_end not in end_tokens(model.network, model.tokenizer)


def test_the_checkpoint_s_own_settings_are_left_out_and_left_alone() -> None:
    model = tiny.model()
    plain = answers(model, PROMPTS)
    own = model.network.generation_config
    own.repetition_penalty, own.do_sample, own.temperature, own.suppress_tokens = 5.0, True, 3.0, [0, 1, 2]
    assert answers(model, PROMPTS) == plain
    assert model.network.generation_config is own


def test_a_tokenizer_s_padding_does_not_matter() -> None:
    model = tiny.model(bos=True)
    assert model.tokenizer.pad_token is None
    plain = answers(model, PROMPTS)
    model.tokenizer.pad_token, model.tokenizer.padding_side = "<|user|>", "right"
    assert answers(model, PROMPTS) == plain
    turns = ({"role": "user", "content": ""},)
    assert plain != answers(model, [Prompt(text, turns) for text in PROMPTS])


def test_what_is_done_is_not_asked_again() -> None:
    model = tiny.model()
    whole = answers(model, PROMPTS, batch_size=2)
    done = frozenset({0, 3, 4})
    found = dict(
        pair
        for rows, texts in model.generate(PROMPTS, max_new_tokens=12, batch_size=2, done=done)
        for pair in zip(rows, texts, strict=True)
    )
    assert found == {row: whole[row] for row in range(len(PROMPTS)) if row not in done}


def test_bad_use_is_refused_at_the_call() -> None:
    model = tiny.model(max_position_embeddings=20)
    with pytest.raises(PromptTooLongError, match=r"has 9 tokens and 12 more are asked for, .* window 20") as caught:
        model.generate(["A", "A" * 9], max_new_tokens=12)
    assert caught.value.row == 1
    assert answers(model, ["A" * 8])[0].logprobs
    with pytest.raises(ValueError, match="max_new_tokens must be at least 1, got 0"):
        model.generate(["A"], max_new_tokens=0)
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        model.generate(["A"], max_new_tokens=1, batch_size=0)
    with pytest.raises(ValueError, match="a stop text must not be empty"):
        model.generate(["A"], max_new_tokens=1, stop=[""])


def drawn(model: LocalModel, prompt: str, seed: int, temperature: float, count: int = 12) -> tuple[str, list[float]]:
    """An exponential race by whole forwards: the token with the least waiting time at the rate p^(1/T) comes next."""
    ids: list[int] = list(model.tokenizer(prompt)["input_ids"])
    start, waits = len(ids), np.random.default_rng(seed)
    ends = end_tokens(model.network, model.tokenizer)
    logprobs: list[float] = []
    token = -1
    while len(logprobs) < count and token not in ends:
        with torch.inference_mode():
            logits = model.network(torch.tensor([ids]), use_cache=False).logits[0, -1].double().numpy()
        raw = logits - np.log(np.exp(logits).sum())
        token = int((waits.standard_exponential(len(raw)) / np.exp(raw / temperature)).argmin())
        ids.append(token)
        logprobs.append(float(raw[token]))
    kept = ids[start:-1] if token in ends else ids[start:]
    return str(model.tokenizer.decode(kept, skip_special_tokens=True)), logprobs


@pytest.mark.parametrize("kind", ["llama", "gemma3", "mamba"])
@pytest.mark.parametrize("temperature", [0.7, 1.0, 1.6])
def test_a_drawn_answer_is_its_seed_s_in_any_batch_with_raw_logprobs(kind: str, temperature: float) -> None:
    model = tiny.model(kind)
    seeds = [5, 2**64 - 1, 7, 5, 9, 11]
    expected = [drawn(model, prompt, seed, temperature) for prompt, seed in zip(PROMPTS, seeds, strict=True)]
    for batch_size in (1, 4):
        found = answers(model, PROMPTS, batch_size=batch_size, temperature=temperature, seeds=seeds)
        for (text, logprobs), one in zip(expected, found, strict=True):
            assert one.text == text
            np.testing.assert_allclose(one.logprobs, logprobs, atol=1e-3)
    turned = answers(model, PROMPTS[::-1], temperature=temperature, seeds=seeds[::-1])[::-1]
    assert [one.text for one in turned] == [one.text for one in found]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_tokens_are_drawn_from_the_tempered_softmax(temperature: float) -> None:
    model, count = tiny.model(), 4000
    with torch.inference_mode():
        logits = model.network(torch.tensor([model.tokenizer("Who?")["input_ids"]])).logits[0, -1].double()
    expected = count * torch.softmax(logits / temperature, -1).numpy()
    raw = torch.log_softmax(logits, -1).numpy()
    found = answers(
        model, ["Who?"] * count, batch_size=500, temperature=temperature, seeds=range(count), max_new_tokens=1
    )
    # A token is known by its log-probability.
    seen = Counter(int(np.abs(raw - one.logprobs[0]).argmin()) for one in found)
    common = np.flatnonzero(expected >= 5).tolist()
    observed = np.array([*(seen[token] for token in common), count - sum(seen[token] for token in common)])
    wanted = np.array([*expected[common], count - expected[common].sum()])
    assert len(common) > 3
    assert chisquare(observed, wanted).pvalue > 0.01


def test_different_seeds_differ_and_a_low_temperature_is_greedy() -> None:
    model = tiny.model()
    texts = {one.text for one in answers(model, ["Who?"] * 20, temperature=1.0, seeds=range(20))}
    assert len(texts) > 15
    for temperature in (1e-6, 1e-4):
        cold = answers(model, PROMPTS, temperature=temperature, seeds=range(len(PROMPTS)))
        assert [one.text for one in cold] == [one.text for one in answers(model, PROMPTS)]
    done = frozenset({0, 3, 4})
    whole = answers(model, PROMPTS, batch_size=2, temperature=1.0, seeds=range(6))
    rest = model.generate(PROMPTS, max_new_tokens=12, batch_size=2, temperature=1.0, seeds=range(6), done=done)
    assert {row: text for rows, texts in rest for row, text in zip(rows, texts, strict=True)} == {
        row: whole[row] for row in range(6) if row not in done
    }


def test_bad_sampling_is_refused_at_the_call() -> None:
    model = tiny.model()
    for temperature in (-1.0, 1e-9, math.inf, math.nan):
        with pytest.raises(ValueError, match=r"the temperature must be 0 \(greedy\) or from 1e-06 up, got"):
            model.generate(["A"], max_new_tokens=1, temperature=temperature, seeds=[0])
    with pytest.raises(ValueError, match="sampling takes a seed for each of 2 prompts, got 1"):
        model.generate(["A", "B"], max_new_tokens=1, temperature=1.0, seeds=[0])


@pytest.mark.parametrize("kind", list(tiny.CONFIGS))
def test_what_prompts_share_is_computed_once_and_changes_no_answer(kind: str) -> None:
    model = tiny.model(kind)
    prompts = [
        f"{'Who? What is the capital of this country? ' * 4}{text}" for text in (*PROMPTS, PROMPTS[1], PROMPTS[1])
    ]
    alone = [answers(model, [prompt], temperature=1.0, seeds=[row])[0] for row, prompt in enumerate(prompts)]
    model = model.planned(prompts)  # the probe comes before the count
    sizes: list[int] = []

    def count(_module: object, _arguments: tuple[object, ...], named: dict[str, torch.Tensor]) -> None:
        sizes.append(named["input_ids"].numel())

    model.network.register_forward_pre_hook(count, with_kwargs=True)
    together = answers(model, prompts, temperature=1.0, seeds=range(len(prompts)))
    for found, expected in zip(together, alone, strict=True):
        assert found.text == expected.text
        np.testing.assert_allclose(found.logprobs, expected.logprobs, atol=1e-3)
    whole = sum(len(model.tokenizer(prompt)["input_ids"]) for prompt in prompts)
    read = sum(size for size in sizes if size > len(prompts))  # a step of writing has a token a prompt
    slides = any(any(attention.windows) for attention in shared_attentions(model.network))
    assert (read < 0.5 * whole) == (kind not in tiny.WITHOUT_SHARING and not slides)


def test_memory_that_runs_out_makes_smaller_batches() -> None:
    model = tiny.model().planned(PROMPTS)  # the probe needs memory, too
    whole = answers(model, PROMPTS)

    def narrow(_module: object, _arguments: tuple[object, ...], named: dict[str, torch.Tensor]) -> None:
        if len(named["input_ids"]) > 2:
            raise MemoryError

    model.network.register_forward_pre_hook(narrow, with_kwargs=True)
    assert [found.text for found in answers(model, PROMPTS)] == [found.text for found in whole]
