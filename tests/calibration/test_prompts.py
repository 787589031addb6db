"""Prompts, letter for letter."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calibration import Item, load_mmlu
from calibration.prompts import completion, messages, shots_of

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


@pytest.mark.real
def test_the_prompts_that_lm_eval_recorded(data: Path) -> None:
    items = {item.question: item for item in load_mmlu(data / "mmlu", subjects=["anatomy"])}
    log = (data / "logs" / "lm-eval" / "samples_mmlu_anatomy.jsonl").read_text(encoding="utf-8")
    samples = [json.loads(line) for line in log.splitlines()]
    assert len(samples) == 40
    for sample in samples:
        item = items[sample["doc"]["question"]]
        assert completion(item) == sample["arguments"]["gen_args_0"]["arg_0"]
