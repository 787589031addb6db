"""Decoding: special tokens that mark thoughts stay in the text, all others go."""

from __future__ import annotations

import pytest
from transformers import PreTrainedTokenizerBase

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


THOUGHTS = ("[THINK]Why?[/THINK]", "<think>Why — 日本?</think>\n\n")


def thinking(thoughts: str) -> tuple[PreTrainedTokenizerBase, list[int], int]:
    """A tokenizer with marks of thoughts, the tokens of thoughts and an answer, and how many are of the thoughts."""
    tokenizer = tiny.tokenizer()
    tokenizer.add_special_tokens({"additional_special_tokens": MARKS})
    before = tokenizer(thoughts, add_special_tokens=False)["input_ids"]
    tokens = before + tokenizer("one two", add_special_tokens=False)["input_ids"] + [tokenizer.eos_token_id]
    return tokenizer, tokens, len(before)


@pytest.mark.parametrize(
    ("thoughts", "opened"), [*((thoughts, opened) for thoughts in THOUGHTS for opened in ("", "<think>")), ("", "")]
)
def test_the_answer_s_own_tokens_are_told_from_those_of_its_thoughts(thoughts: str, opened: str) -> None:
    tokenizer, tokens, n_thoughts = thinking(thoughts)
    logprobs = [-float(position) for position in range(len(tokens))]
    ends = frozenset({tokenizer.eos_token_id})
    answer = _cut(tokenizer, tokens, logprobs, (), None, ends, opened=opened)
    assert (answer.text, answer.thoughts, answer.finish) == ("one two", thoughts.strip(), "end")
    assert answer.logprobs == tuple(logprobs[n_thoughts:])


@pytest.mark.parametrize("thoughts", [*THOUGHTS, ""])
def test_the_first_token_behind_thoughts(thoughts: str) -> None:
    tokenizer, tokens, n_thoughts = thinking(thoughts)
    assert first_token_behind(tokenizer, tokens, len(thoughts), thought_marks(tokenizer)) == n_thoughts


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
