"""The engine of vLLM, played by a small transformers model: the answers of the local model, and how it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from calibration import extract
from calibration.errors import ContinuationError, PromptTooLongError
from calibration.extraction.prompts import completion, messages
from calibration.models.local.transformers_model import LocalModel
from calibration.models.protocol import Prompt
from calibration.models.vllm import questions
from calibration.models.vllm.vllm_model import VllmModel
from tests import fake_vllm, tiny

SEVERAL = [" A", " B", " river", " Answer: C"]


def rows_of(pieces: Iterator[tuple[list[int], Any]]) -> dict[int, Any]:
    return {row: value for rows, values in pieces for row, value in zip(rows, values, strict=True)}


@pytest.mark.parametrize("candidates", [[" A", " B", " C", " D", "A", "B"], SEVERAL])
def test_letters_are_those_of_the_local_model(model: VllmModel, local: LocalModel, candidates: list[str]) -> None:
    prompts = [completion(item) for item in tiny.items(12)]
    expected = local.next_token_logprobs(prompts, candidates)
    assert np.ptp(expected[:, 0]) > 0.02
    np.testing.assert_allclose(model.next_token_logprobs(prompts, candidates), expected, atol=1e-4)
    for text in candidates:
        prompt = Prompt(prompts[0])
        assert model.added_tokens(prompt, text) == local.added_tokens(prompt, text)


def test_chats(model: VllmModel, local: LocalModel) -> None:
    chats = [model.chat(messages(item), prefill="Answer:") for item in tiny.items(4)]
    assert chats == [local.chat(messages(item), prefill="Answer:") for item in tiny.items(4)]
    np.testing.assert_allclose(
        model.next_token_logprobs(chats, SEVERAL),
        local.next_token_logprobs(chats, SEVERAL),
        atol=1e-4,
    )


def test_continuations_are_those_of_the_local_model(model: VllmModel, local: LocalModel) -> None:
    prompts = ["Q: Which river?\nA:", "Q: When?\nA:", "Q: Who?\nA:"]
    texts = [[" the longest one", " the longest two", " none"], [], [" one"]]
    expected = rows_of(local.stream_continuations(prompts, texts))
    found = rows_of(model.stream_continuations(prompts, texts))
    for row in (0, 2):
        np.testing.assert_allclose(found[row], expected[row], atol=1e-4)
    assert len(found[1]) == 0
    with pytest.raises(ContinuationError, match="must add tokens") as caught:
        model.stream_continuations(prompts, [["x"], [""], ["y"]])
    assert caught.value.row == 1
    with pytest.raises(ValueError, match="continuations for each of 3 prompts, got 1"):
        model.stream_continuations(prompts, [["x"]])


def test_many_tokens_are_asked_for_in_parts(
    model: VllmModel, local: LocalModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fake_vllm, "MAX_LOGPROB_TOKEN_IDS", 2)
    monkeypatch.setattr(questions, "_MOST_WANTED", 2)
    np.testing.assert_allclose(
        model.next_token_logprobs(["Answer:"], SEVERAL), local.next_token_logprobs(["Answer:"], SEVERAL), atol=1e-4
    )


def test_greedy_answers_are_those_of_the_local_model(model: VllmModel, local: LocalModel) -> None:
    prompts = [completion(item) for item in tiny.items(6)]
    plain = rows_of(local.generate(prompts, max_new_tokens=12))
    stop = [plain[0].text[3:5]]
    for stops in ((), stop):
        expected = rows_of(local.generate(prompts, max_new_tokens=12, stop=stops))
        found = rows_of(model.generate(prompts, max_new_tokens=12, stop=stops))
        for row, answer in expected.items():
            assert (found[row].text, found[row].finish) == (answer.text, answer.finish)
            np.testing.assert_allclose(found[row].logprobs, answer.logprobs, atol=1e-4)
    assert found[0].finish == "stop"
    assert {answer.finish for answer in plain.values()} >= {"length"}


def test_the_end_of_a_turn_ends_an_answer(model: VllmModel) -> None:
    """A word that the network writes first somewhere is made what closes a turn."""
    prompts = [f"{word} Answer:" for word in ("The", "river", "capital", "history", "Question", "one", "two", "why")]
    settings = [fake_vllm.SamplingParams(temperature=0.0, max_tokens=1)] * len(prompts)
    asked = [{"prompt_token_ids": model.tokenizer(prompt)["input_ids"][:-1]} for prompt in prompts]
    written = [found.outputs[0] for found in model.engine.generate(asked, settings, use_tqdm=False)]
    prompt, name = next(
        (prompt, output.text) for prompt, output in zip(prompts, written, strict=True) if output.text.isalnum()
    )
    tokenizer = tiny.tokenizer(bos=True)
    tokenizer.chat_template = tiny.CHAT_TEMPLATE.replace("<|end|>", name)
    (running_on,) = rows_of(model.generate([prompt], max_new_tokens=5)).values()
    assert running_on.text.startswith(name)
    tokenizer.add_special_tokens({"additional_special_tokens": [name]})
    (answer,) = rows_of(VllmModel("tiny", "", model.engine, tokenizer).generate([prompt], max_new_tokens=5)).values()
    assert (answer.text, answer.finish, len(answer.logprobs)) == ("", "end", 1)


def test_seeds_decide_the_draws(model: VllmModel) -> None:
    prompts = ["Answer:", "The river"]

    def drawn(seeds: list[int]) -> list[str]:
        found = rows_of(model.generate(prompts, max_new_tokens=8, temperature=1.5, seeds=seeds))
        return [found[row].text for row in range(2)]

    assert drawn([3, 2**70]) == drawn([3, 2**70])
    assert drawn([3, 4]) != drawn([5, 6])


def test_what_is_done_is_not_asked_again(model: VllmModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "_PIECE", 2)
    prompts = ["b b", "a a", "b", "a"]
    whole = rows_of(model.stream_logprobs(prompts, [" A"]))
    first = [
        tuple(model.tokenizer.decode(each["prompt_token_ids"][1:]) for each in piece) for piece in model.engine.asked
    ]
    assert first == [("a", "a a"), ("b", "b b")]  # what begins alike together, in the same pieces whatever is done
    model.engine.asked.clear()
    left = rows_of(model.stream_logprobs(prompts, [" A"], done=frozenset({1, 3, 0})))
    assert len(model.engine.asked) == 1
    assert left == {2: whole[2]}
    written = rows_of(model.generate(prompts, max_new_tokens=2, done=frozenset({0, 2, 3})))
    assert list(written) == [1]
    assert rows_of(model.stream_logprobs([], [" A"])) == {}


def test_extraction_is_that_of_the_local_model(model: VllmModel, local: LocalModel) -> None:
    items = tiny.items(8)
    found, expected = (extract(each, items, style="chat") for each in (model, local))
    np.testing.assert_allclose(found.probabilities, expected.probabilities, atol=1e-4)
    assert found.frame["model"][0].startswith("vllm:")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"max_new_tokens": 0}, "max_new_tokens must be at least 1, got 0"),
        ({"stop": [""]}, "a stop text must not be empty"),
        ({"temperature": 2.5, "seeds": [1]}, "from 0.01 to 2.0 with vLLM, got 2.5"),
        ({"temperature": 1.0}, "a seed for each of 1 prompts, got 0"),
    ],
)
def test_refusals_of_an_answer(model: VllmModel, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        model.generate(["Answer:"], **{"max_new_tokens": 4, **options})


def test_a_long_prompt_is_refused_at_the_call(model: VllmModel) -> None:
    room = model.context_window - 1  # for <s>
    prompts = ["Answer:", " one" * 3000]
    for call in (
        lambda: model.stream_logprobs(prompts, [" A"]),
        lambda: model.stream_continuations(prompts, [[" A"], [" A"]]),
        lambda: model.generate(prompts, max_new_tokens=4),
    ):
        with pytest.raises(PromptTooLongError, match=f"the model's context window {room + 1}") as caught:
            call()
        assert caught.value.row == 1
    # A prompt that leaves room for one token is read.
    token = str(model.tokenizer.decode([7]))
    longest = token * (room - 1)
    assert len(model.tokenizer(longest, add_special_tokens=False)["input_ids"]) == room - 1
    assert np.isfinite(model.next_token_logprobs([longest], [" A"])).all()
    with pytest.raises(PromptTooLongError):
        model.next_token_logprobs([longest + token], [" A"])
