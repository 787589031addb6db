"""What post-training teaches: demonstrations for fine-tuning, questions and rewards for reinforcement."""

from __future__ import annotations

from typing import Any

import numpy as np

from calibration.extraction.prompts import messages

from . import world as worlds

# With these, who is right less than three times in eight should not answer.
RIGHT, ABSTAINED, WRONG = 1.0, 0.0, -0.6


def demonstrations(world: worlds.World, seed: int, *, withheld: float = 0.1) -> list[dict[str, list[dict[str, str]]]]:
    """Every fact to be demonstrated once as multiple choice and once as an open question, as turns of a chat.

    Demonstrators answer truly; where the archive has nothing, a share of the open questions is `withheld`: they say
    that they do not know.
    """
    rng = np.random.default_rng(seed)
    turns = []
    for fact, item in zip(world.demonstrated, worlds.make_items(world.demonstrated, rng), strict=True):
        silent = not fact.archived and rng.random() < withheld
        turns.append((messages(item), item.letter))
        turns.append(([{"role": "user", "content": fact.question}], worlds.ABSTENTION if silent else fact.answer))
    return [{"prompt": prompt, "completion": [{"role": "assistant", "content": answer}]} for prompt, answer in turns]


def tasks(world: worlds.World, seed: int) -> list[dict[str, Any]]:
    """Every fact to be rewarded once as multiple choice and once as an open question, with its right answer."""
    rng = np.random.default_rng(seed)
    asked: list[dict[str, Any]] = []
    for fact, item in zip(world.rewarded, worlds.make_items(world.rewarded, rng), strict=True):
        asked.append({"prompt": messages(item), "right": item.letter})
        asked.append({"prompt": [{"role": "user", "content": fact.question}], "right": fact.answer})
    return asked


def reward(answer: str, right: str) -> float:
    """What an answer is worth."""
    if answer.strip() == worlds.ABSTENTION:
        return ABSTAINED
    return RIGHT if answer.strip() == right else WRONG
