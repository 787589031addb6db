"""The order in which a model saw the options, where a solver shuffled them."""

from __future__ import annotations

from collections.abc import Sequence

from ...items.item import LETTERS
from .sample import Sample

# How the scorer explains what the model saw: options by their letters, then its answer.
_SHUFFLED = "Choices were shuffled before generating a response, the following was sent to the model:"
_ANSWER = "\nShuffled answer:\n"


def is_explained(sample: Sample) -> bool:
    """Whether a scorer explains that the options were shuffled."""
    return any(_SHUFFLED in score.explanation for score in sample.scores.values())


def shown_order(sample: Sample) -> tuple[int, ...] | None:
    """Which option stood under each letter.

    Their own order unless a scorer explains another; None if its explanation cannot be read.
    """
    text = next((score.explanation for score in sample.scores.values() if _SHUFFLED in score.explanation), None)
    if text is None:
        return tuple(range(len(sample.choices)))
    shown, answer, _ = text.partition(_SHUFFLED)[2].rpartition(_ANSWER)
    return _order_of(shown.strip("\n"), sample.choices) if answer else None


def _order_of(shown: str, options: Sequence[str]) -> tuple[int, ...] | None:
    """The order of options below each other; None unless all are, each once."""
    if len(set(options)) < len(options) or len(options) > len(LETTERS):
        return None
    order: list[int] = []
    left = shown
    for letter in LETTERS[: len(options)]:
        # Of options of which one begins like another the longer.
        fitting = [index for index, option in enumerate(options) if left.startswith(f"{letter}) {option}")]
        if not fitting:
            return None
        index = max(fitting, key=lambda row: len(options[row]))
        order.append(index)
        left = left.removeprefix(f"{letter}) {options[index]}").removeprefix("\n")
    return tuple(order) if not left.strip() and len(set(order)) == len(options) else None
