"""Arguments that every back end takes: what is refused, and with which words."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from calibration.models.arguments import (
    Decoding,
    Temperatures,
    refuse_continuations,
    refuse_decoding,
    refuse_small_batch,
)

ANY, VLLM = Temperatures(), Temperatures(coldest=0.01, hottest=2.0, back_end="vLLM")


@pytest.mark.parametrize(
    ("changes", "temperatures", "message"),
    [
        ({"max_new_tokens": 0}, ANY, "max_new_tokens must be at least 1, got 0"),
        ({"stop": ("\n", "")}, ANY, "a stop text must not be empty"),
        ({"temperature": -1.0}, ANY, "the temperature must be 0 (greedy) or more, got -1.0"),
        ({"temperature": math.nan}, ANY, "the temperature must be 0 (greedy) or more, got nan"),
        ({"temperature": math.inf}, ANY, "the temperature must be 0 (greedy) or more, got inf"),
        (
            {"temperature": 1e-9},
            Temperatures(coldest=1e-6),
            "the temperature must be 0 (greedy) or from 1e-06 up, got 1e-09",
        ),
        ({"temperature": 3.0}, VLLM, "the temperature must be 0 (greedy) or from 0.01 to 2.0 with vLLM, got 3.0"),
        ({"temperature": 1.0, "seeds": (7,)}, ANY, "sampling takes a seed for each of 2 prompts, got 1"),
    ],
)
def test_generation_is_refused(changes: dict[str, Any], temperatures: Temperatures, message: str) -> None:
    decoding = Decoding(**{"max_new_tokens": 1, **changes})
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        refuse_decoding(2, decoding, temperatures)


@pytest.mark.parametrize("temperature", [0.01, 1.0, 2.0])
def test_temperatures_within_the_limits_are_taken(temperature: float) -> None:
    refuse_decoding(1, Decoding(max_new_tokens=1, stop=("\n",), temperature=temperature, seeds=(7,)), VLLM)


def test_batches_and_continuations_are_counted() -> None:
    refuse_small_batch(None)
    refuse_small_batch(1)
    refuse_continuations(2, 2)
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        refuse_small_batch(0)
    with pytest.raises(ValueError, match="there must be continuations for each of 3 prompts, got 2"):
        refuse_continuations(3, 2)
