"""Lettered questions: every class under every letter, what that cancels, and what is not read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factuality.grading.judge_letters import MINIMUM_MASS, Readings, read_letters, total

from ... import tiny
from ..judges import FakeJudge

CLASSES = ["red", "green", "blue"]
LIKED = {"red": 1.0, "green": 0.5, "blue": -1.0}


def softmax(values: list[float]) -> np.ndarray:
    powers = np.exp(values)
    return np.asarray(powers / powers.sum())


def likes(prompt: str, line: str) -> float:
    return LIKED[line] + 0.1 * ("much" in prompt)


def test_each_class_stands_under_each_letter_once() -> None:
    judge = FakeJudge(likes)
    read_letters(judge, ["What colour?"], CLASSES)
    assert [prompt.split("\n")[1:4] for prompt in judge.asked] == [
        ["A. red", "B. green", "C. blue"],
        ["A. green", "B. blue", "C. red"],
        ["A. blue", "B. red", "C. green"],
    ]
    assert judge.asked[0] == (
        "<user>What colour?\nA. red\nB. green\nC. blue\n\nReply with the letter alone.<assistant>"
    )


def test_a_preference_for_letters_cancels() -> None:
    wanted = softmax(list(LIKED.values()))
    for bias in ([0, 0, 0], [3, 0, 0], [-2, 5, 1]):
        found = read_letters(FakeJudge(likes, bias=bias), ["What colour?", "How much colour?"], CLASSES)
        np.testing.assert_allclose(found.probabilities, [wanted, wanted], atol=1e-6)
        np.testing.assert_allclose(found.mass, 1, atol=1e-6)  # of both forms of the letters
        assert found.flipped([0, 1, 2]).tolist() == [bias != [0, 0, 0]] * 2


@given(st.lists(st.floats(-5, 5), min_size=9, max_size=9), st.integers(1, 2))
def test_turning_the_classes_turns_the_probabilities(values: list[float], shift: int) -> None:
    """A judge that minds letter, class and order in any way: only which class stands first is forgotten."""
    table = np.array(values).reshape(3, 3)

    def minds(prompt: str, line: str) -> float:
        letter = prompt[prompt.index(f". {line}\n") - 1]
        return float(table[CLASSES.index(line), "ABC".index(letter)])

    turned = CLASSES[shift:] + CLASSES[:shift]
    found = read_letters(FakeJudge(minds), ["?"], CLASSES).probabilities[0]
    again = read_letters(FakeJudge(minds), ["?"], turned).probabilities[0]
    np.testing.assert_allclose(again, np.roll(found, -shift), atol=1e-5)


def test_flips_are_counted_by_group() -> None:
    logprobs = np.log([[[0.4, 0.1, 0.5], [0.1, 0.4, 0.5], [0.3, 0.3, 0.4]]])
    assert Readings(logprobs).flipped(["a", "b", "c"]).tolist() == [False]
    assert Readings(logprobs).flipped(["a", "b", "b"]).tolist() == [False]
    logprobs = np.log([[[0.4, 0.3, 0.3], [0.3, 0.4, 0.3], [0.3, 0.3, 0.4]]])
    assert Readings(logprobs).flipped(["a", "b", "c"]).tolist() == [True]
    assert Readings(logprobs).flipped(["a", "b", "b"]).tolist() == [False]


def test_sums_of_groups() -> None:
    np.testing.assert_allclose(total(np.array([[0.1, 0.2, 0.3, 0.4]]), ["x", "y", "x", "x"]), [[0.8, 0.2]])


def test_a_judge_that_writes_no_letter_is_not_read() -> None:
    found = read_letters(FakeJudge(likes, mass=0.004), ["?"], CLASSES)
    assert found.problems == ["the judge puts 4.0e-03 on the letters, less than 0.01"]
    assert MINIMUM_MASS == 0.01
    assert read_letters(FakeJudge(likes, mass=0.02), ["?"], CLASSES).problems == [""]


def test_impossible_letters_are_finite() -> None:
    found = Readings(np.full((1, 2, 2), -np.inf))
    np.testing.assert_allclose(found.probabilities, [[0.5, 0.5]])
    assert found.problems[0].startswith("the judge puts 0.0e+00")
    one = Readings(np.array([[[0.0, -np.inf], [0.0, -np.inf]]]))
    np.testing.assert_allclose(one.probabilities, [[1, 0]])


def test_prompts_that_are_too_long_are_left_out_and_the_others_read() -> None:
    judge = FakeJudge(likes, window=200)
    found = read_letters(judge, ["?", "long " * 100, "?", "long " * 90], CLASSES)
    long = "longer than the judge's context window"
    assert found.problems == ["", long, "", long]
    np.testing.assert_allclose(found.probabilities[0], found.probabilities[2])
    assert len(judge.asked) == 6
    assert read_letters(judge, ["long " * 100], CLASSES).problems == [long]


def test_styles() -> None:
    plain = FakeJudge(likes, chats=False)
    read_letters(plain, ["?"], CLASSES)
    assert plain.asked[0] == "?\nA. red\nB. green\nC. blue\nAnswer:"
    chatting = FakeJudge(likes)
    read_letters(chatting, ["?"], CLASSES, style="completion")
    assert chatting.asked[0] == plain.asked[0]
    with pytest.raises(ValueError, match="no chat template; use the style completion"):
        read_letters(plain, ["?"], CLASSES, style="chat")
    with pytest.raises(ValueError, match="style must be one of auto, chat, completion, got 'spoken'"):
        read_letters(plain, ["?"], CLASSES, style="spoken")  # type: ignore[arg-type]
    for count in (1, 27):
        with pytest.raises(ValueError, match=f"there must be 2 to 26 classes, got {count}"):
            read_letters(plain, ["?"], ["x"] * count)


def test_log_probabilities_are_those_of_the_model() -> None:
    model = tiny.model()
    found = read_letters(model, ["What is it?", "And what is this, at length?"], CLASSES, style="completion")
    first = "What is it?\nA. red\nB. green\nC. blue\nAnswer:"
    texts = [" A", " B", " C", "A", "B", "C"]
    spaced, bare = model.next_token_logprobs([first], texts).reshape(2, 3)
    np.testing.assert_allclose(found.logprobs[0, 0], np.logaddexp(spaced, bare), atol=1e-4)
    second = "What is it?\nA. green\nB. blue\nC. red\nAnswer:"
    spaced, bare = model.next_token_logprobs([second], texts).reshape(2, 3)
    np.testing.assert_allclose(found.logprobs[0, 1], np.logaddexp(spaced, bare)[[2, 0, 1]], atol=1e-4)
