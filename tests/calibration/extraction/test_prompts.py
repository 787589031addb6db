"""Prompts, letter for letter."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calibration import Item, load_mmlu
from calibration.extraction.prompts import completion, messages, shots_of

ITEM = Item("0", "high_school_physics", " How fast? ", (" slow ", "fast"), 1)
SHOT = Item("1", "high_school_physics", "How far?", ("near", "far"), 0)


def test_completion_with_a_shot() -> None:
    assert completion(ITEM, [SHOT]) == (
        "The following are multiple choice questions (with answers) about high school physics.\n\n"
        "How far?\nA. near\nB. far\nAnswer: A\n\n"
        "How fast?\nA.  slow \nB. fast\nAnswer:"
    )


def test_without_a_subject_nothing_is_claimed_about_one() -> None:
    item = Item("0", "", "Q", ("a", "b"), 0)
    assert completion(item).startswith("The following are multiple choice questions (with answers).\n\n")
    assert messages(item)[0]["content"].startswith("The following is a multiple choice question. Answer with")


def test_a_chat_has_a_turn_a_shot() -> None:
    turns = messages(ITEM, [SHOT])
    assert [turn["role"] for turn in turns] == ["user", "assistant", "user"]
    assert turns[1]["content"] == "A"
    assert turns[2]["content"].endswith("\n\nHow fast?\nA.  slow \nB. fast")


def test_shots_are_the_first_of_the_subject() -> None:
    assert shots_of([ITEM], {"high_school_physics": [SHOT, ITEM]}, 1) == {"high_school_physics": (SHOT,)}
    with pytest.raises(ValueError, match="2 shots are asked for, the subject 'high_school_physics' has 1 dev items"):
        shots_of([ITEM], {"high_school_physics": [SHOT]}, 2)
    with pytest.raises(ValueError, match="shots must be 0 or more, got -1"):
        shots_of([ITEM], {}, -1)


@pytest.mark.parametrize(
    "solved",
    [
        Item("1", "high_school_physics", "How fast?", (" slow ", "fast"), 1),
        Item("1", "high_school_physics", "  how\tFAST? ", ("fast", "slow"), 0),
        Item("1", "high_school_physics", "How fast?", ("slow", "fast"), 0),
        Item("1", "high_school_physics", "How fast?", ("fast", "slower", "slowest"), 0),
    ],
    ids=["same", "other order and spaces", "other key", "other wrong options"],
)
def test_a_solved_item_that_is_asked_is_refused_by_its_content(solved: Item) -> None:
    message = "a few-shot example must not be asked, 0 is: it is 1 among the examples of 'high_school_physics'"
    with pytest.raises(ValueError, match=message):
        shots_of([SHOT, ITEM], {"high_school_physics": [solved]}, 1)
    # Only what is shown counts, and only in front of its own subject.
    other = Item("2", "high_school_physics", "How long?", ("short", "long"), 1)
    assert shots_of([ITEM], {"high_school_physics": [other, solved]}, 1)["high_school_physics"] == (other,)
    elsewhere = Item("2", "law", "How fast?", (" slow ", "fast"), 1)
    assert shots_of([elsewhere], {"law": [other], "high_school_physics": [solved]}, 1)["law"] == (other,)


def test_accents_written_in_two_ways_are_the_same() -> None:
    asked, solved = (Item(name, "", f"Caf{e}?", ("yes", "no"), 0) for name, e in (("0", "é"), ("1", "e\u0301")))
    with pytest.raises(ValueError, match="a few-shot example must not be asked, 0 is"):
        shots_of([asked], {"": [solved]}, 1)


def test_ids_are_compared_unless_they_number_rows() -> None:
    def item(name: str, question: str) -> Item:
        return Item(name, "s", question, ("yes", "no"), 0)

    with pytest.raises(ValueError, match="a few-shot example must not be asked, q0 is: it is q0 among"):
        shots_of([item("q0", "Is it so?")], {"s": [item("q0", "Is it really so?")]}, 1)
    for name in ("0", "s/0"):
        assert shots_of([item(name, "Is it so?")], {"s": [item(name, "Is it dry?")]}, 1)
    # A question that asks nothing by itself has another answer each time.
    stems = [Item(name, "s", "Which is true?", options, 0) for name, options in (("0", ("a", "b")), ("1", ("c", "d")))]
    assert shots_of(stems[:1], {"s": stems[1:]}, 1)


@pytest.mark.real
def test_the_prompts_that_lm_eval_recorded(data: Path) -> None:
    items = {item.question: item for item in load_mmlu(data / "mmlu", subjects=["anatomy"])}
    log = (data / "logs" / "lm-eval" / "samples_mmlu_anatomy.jsonl").read_text(encoding="utf-8")
    samples = [json.loads(line) for line in log.splitlines()]
    assert len(samples) == 40
    for sample in samples:
        item = items[sample["doc"]["question"]]
        assert completion(item) == sample["arguments"]["gen_args_0"]["arg_0"]
