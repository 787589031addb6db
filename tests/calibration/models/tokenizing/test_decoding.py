"""Decoding: special tokens that mark thoughts stay in the text, all others go."""

from __future__ import annotations

import pytest

from calibration.models.local.generation import _cut
from calibration.models.tokenizing.decoding import decoded, first_token_behind, thought_marks
from tests import tiny

MARKS = ["[THINK]", "[/THINK]", "<|channel|>", "<|message|>"]


def test_only_marks_of_thoughts_are_kept() -> None:
    tokenizer = tiny.tokenizer()
    assert thought_marks(tokenizer) == {}
    tokenizer.add_special_tokens({"additional_special_tokens": MARKS})
    marks = thought_marks(tokenizer)
    assert sorted(marks.values()) == sorted(MARKS)
    text = "<s>[THINK]Why, and what?[/THINK] It is one.<|end|>"
    tokens = tokenizer(text, add_special_tokens=False)["input_ids"]
    assert decoded(tokenizer, tokens, marks) == "[THINK]Why, and what?[/THINK] It is one."
    assert decoded(tokenizer, tokens, {}) == "Why, and what? It is one."


@pytest.mark.parametrize("thoughts", ["[THINK]Why?[/THINK]", "<think>Why — 日本?</think>\n\n", ""])
@pytest.mark.parametrize("opened", ["", "<think>"])
def test_the_answer_s_own_tokens_are_told_from_those_of_its_thoughts(thoughts: str, opened: str) -> None:
    tokenizer = tiny.tokenizer()
    tokenizer.add_special_tokens({"additional_special_tokens": MARKS})
    before = tokenizer(thoughts, add_special_tokens=False)["input_ids"]
    tokens = before + tokenizer("one two", add_special_tokens=False)["input_ids"] + [tokenizer.eos_token_id]
    logprobs = [-float(place) for place in range(len(tokens))]
    if thoughts or not opened:
        ends = frozenset({tokenizer.eos_token_id})
        answer = _cut(tokenizer, tokens, logprobs, (), None, ends, opened=opened)
        assert (answer.text, answer.thoughts, answer.finish) == ("one two", thoughts.strip(), "end")
        assert answer.logprobs == tuple(logprobs[len(before) :])
    assert first_token_behind(tokenizer, tokens, len(thoughts), thought_marks(tokenizer)) == len(before)


def test_thoughts_that_were_cut_have_no_answer() -> None:
    tokenizer = tiny.tokenizer()
    tokens = tokenizer("Which river is", add_special_tokens=False)["input_ids"]
    answer = _cut(tokenizer, tokens, [-1.0] * len(tokens), (), None, frozenset(), opened="<think>")
    assert (answer.text, answer.thoughts, answer.logprobs) == ("", "Which river is", ())
    assert answer.finish == "length"


def test_who_ends_inside_thoughts_that_the_prompt_opened_has_no_answer() -> None:
    tokenizer = tiny.tokenizer()
    ends = frozenset({tokenizer.eos_token_id})
    answer = _cut(tokenizer, [tokenizer.eos_token_id], [-1.0], (), None, ends, opened="<think>")
    assert (answer.text, answer.thoughts, answer.finish) == ("", "<think>", "end")
    assert _cut(tokenizer, [tokenizer.eos_token_id], [-1.0], (), None, ends, opened="").thoughts == ""
