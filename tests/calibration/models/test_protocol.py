"""Prompts: texts and chats side by side, and the probabilities that every back end gives of what follows them."""

from __future__ import annotations

import pickle

import numpy as np

from calibration.models.checked_model import as_prompts
from calibration.models.protocol import Prompt
from calibration.models.servers.chats import chat_prompt
from calibration.models.tokenizing.tokenization import encode
from tests import tiny

TURNS = [{"role": "user", "content": "Which river is it?"}]
LETTERS = [" A", " B"]


def test_a_plain_text_is_a_prompt_of_no_chat() -> None:
    chat = Prompt("<|user|>Hi", tuple(TURNS))
    assert as_prompts(["Hi", chat]) == [Prompt("Hi"), chat]
    assert [prompt.is_chat for prompt in as_prompts(["Hi", chat])] == [False, True]


def test_prompts_travel_between_processes() -> None:
    prompt = tiny.model().chat(TURNS, prefill="Answer:")
    assert pickle.loads(pickle.dumps(prompt)) == prompt  # noqa: S301 (made here)


def test_a_chat_keeps_its_turns_and_how_the_last_one_is_opened() -> None:
    local, served = tiny.model().chat(TURNS, prefill="Answer:"), chat_prompt(TURNS, "Answer:")
    assert local.text == "<|user|>Which river is it?<|end|><|assistant|>Answer:"
    assert (local.turns, local.opened) == (served.turns, served.opened) == (tuple(TURNS), "Answer:")


def test_texts_and_chats_in_one_list_are_encoded_as_alone() -> None:
    """Only the texts get the tokenizer's beginning-of-text token, number 0."""
    model = tiny.model(bos=True)
    prompts = as_prompts(["Why?", model.chat(TURNS), "When?", "Who?"])
    together = encode(model.tokenizer, prompts)
    assert together == [encode(model.tokenizer, [prompt])[0] for prompt in prompts]
    assert [tokens[0] == 0 for tokens in together] == [True, False, True, True]


def test_the_table_holds_what_the_stream_gives() -> None:
    model = tiny.model()
    prompts: list[str | Prompt] = ["Answer:", model.chat(TURNS), "Which river? Answer:"]
    table = model.next_token_logprobs(prompts, LETTERS)
    assert table.dtype == np.float32
    for rows, values in model.stream_logprobs(prompts, LETTERS):
        np.testing.assert_array_equal(table[rows], values)
    np.testing.assert_allclose(table[1], model.next_token_logprobs(prompts[1:2], LETTERS)[0], atol=1e-5)
