"""Thoughts in front of an answer, in the spellings of many families, whole and cut."""

from __future__ import annotations

import pytest

from calibration.models.tokenizing.thoughts import answer_in, begins_thoughts, opens_thoughts, split_thoughts

HARMONY = "<|channel|>analysis<|message|>Yellow? No.<|end|><|start|>assistant<|channel|>final<|message|>"
OPENED = [
    "<think>", "<thinking>", "<Thought>", "<reasoning>", "<seed:think>", "[THINK]", "◁think▷", "<|START_THINKING|>",
    "<|begin_of_thought|>", "<|inner_prefix|>", "<|channel>thought", "<|channel|>analysis<|message|>",
    "<|start|>assistant<|channel|>analysis<|message|>", "Here's my thought process:",
]  # fmt: skip
CLOSED = [
    "<think>\nYellow? No.\n</think>\n\n", "<thinking>Yellow? No.</thinking>", "<Thought>Yellow? No.</Thought>\n",
    "<reasoning>\nYellow? No.\n</reasoning>\n", "<seed:think>Yellow? No.</seed:think>", "[THINK]Yellow? No.[/THINK]",
    "◁think▷Yellow? No.◁/think▷", "<|START_THINKING|>Yellow? No.<|END_THINKING|>",
    "<|begin_of_thought|>Yellow? No.<|end_of_thought|>", "<|inner_prefix|>Yellow? No.<|inner_suffix|>",
    "<|channel>thought\nYellow? No.<channel|>", HARMONY, HARMONY.replace("<|end|>", ""),
    "Here is my thought process: Yellow? No. Here is my response: ", "analysisYellow? No.assistantfinal",
    "<think>Yellow?</think>\n<think>No.</think>", "<think>Yellow? <think>No.</think> So white.</think>",
    "<thinking>Yellow? <reflection>No.</reflection></thinking>",
]  # fmt: skip


@pytest.mark.parametrize("thoughts", CLOSED)
@pytest.mark.parametrize("answer", ["It is white.", "It is </think>, they say.", "<b>White</b>", ""])
def test_the_answer_is_what_follows_the_thoughts(thoughts: str, answer: str) -> None:
    split = split_thoughts(thoughts + answer)
    assert (split.thoughts, split.answer, split.closed) == (thoughts.strip(), answer, True)
    assert answer_in(f"\n{thoughts}\n{answer}\n") == answer


@pytest.mark.parametrize("mark", OPENED)
def test_thoughts_without_an_end_are_no_answer(mark: str) -> None:
    for text in (f"{mark}\nYellow? No", f"{mark} Is it </thin", mark):
        assert split_thoughts(text).answer == ""
        assert split_thoughts(text).thoughts == text
        assert answer_in(text) is None


@pytest.mark.parametrize("end", ["\n</think>\n\n", ".</think>", "</think>\n", "[/THINK]", "\n◁/think▷", "</reasoning>"])
def test_a_lone_end_closes_thoughts_that_the_prompt_opened(end: str) -> None:
    split = split_thoughts(f"Yellow? No{end}It is white.")
    assert (split.thoughts, split.answer) == (f"Yellow? No{end}".strip(), "It is white.")
    assert split_thoughts(f"Yellow? No{end}It is white.", opened=True) == split


@pytest.mark.parametrize(
    "answer",
    [
        'The tag "</think>" ends the thoughts.',
        "Write `</think>` and then the answer.",
        "The tag </think> ends the thoughts.",
        "Use <think> and </think> around it.\nThat is all.",
        "Analysis shows that it is white.",
        "analysis of light shows that it is white",
        "I think it is white.",
        "<b>White</b>",
        "",
    ],
)
def test_an_answer_that_speaks_of_thoughts_stays_whole(answer: str) -> None:
    assert split_thoughts(answer).answer == answer
    assert split_thoughts(answer).thoughts == ""


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("<think>\n\n</think>\n\nWhite.", "White."),
        ("</think>\n\nWhite.", "White."),
        ("<|channel|>final<|message|>White.<|return|>", "White."),
    ],
)
def test_empty_thoughts_are_none(text: str, answer: str) -> None:
    split = split_thoughts(text)
    assert (split.thoughts, split.answer, split.closed) == ("", answer, True)


@pytest.mark.parametrize(
    "wrapped", ["<answer>\nB\n</answer>", "<response>B</response>", "<output>B", "<|START_RESPONSE|>B<|END_RESPONSE|>"]
)
def test_what_stands_around_the_answer_behind_thoughts_is_taken_off(wrapped: str) -> None:
    assert split_thoughts(f"<think>Hm.</think>\n{wrapped}").answer == "B"
    assert split_thoughts(wrapped).answer == wrapped


def test_a_text_that_begins_inside_thoughts_needs_their_end() -> None:
    assert split_thoughts("Yellow? No", opened=True).closed is False
    assert split_thoughts("Yellow? No", opened=True).thoughts == "Yellow? No"
    assert split_thoughts("<think>Again.</think>White.", opened=True).answer == "White."


def test_prompts_that_open_thoughts() -> None:
    for mark in OPENED:
        assert opens_thoughts(f"<|user|>Why?<|assistant|>{mark}\n").endswith(mark.removeprefix("<|start|>assistant"))
        assert begins_thoughts(f"\n{mark} Hm.")
    for prompt in ("Why?", "What does <think> mean?", "<think>\n\n</think>\n\n", "[THINK]x[/THINK]"):
        assert opens_thoughts(prompt) == ""


def test_long_texts_take_linear_time() -> None:
    text = "<think>" * 20_000 + " <|channel|>analysis " * 20_000 + "</think>" * 3 + "White."
    assert split_thoughts(text).answer.endswith("White.")


@pytest.mark.parametrize("piece", ["\n", " ", "a\n", "<", "<think>", "</think>", "<|end|>\n", "<|channel|>final ", "◁"])
def test_long_texts_take_no_time_to_speak_of(piece: str) -> None:
    long = piece * (100_000 // len(piece))
    assert split_thoughts(f"<think>Hm.</think> Paris {long}").answer.startswith("Paris")
    assert split_thoughts(f"<|channel|>analysis<|message|>Hm. {long}").thoughts.startswith("<|channel|>analysis")
