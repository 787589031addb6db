"""Stop texts of servers that take none: answers are cut where the first of them begins."""

from __future__ import annotations

from typing import Any

import pytest

from calibration.errors import NoLogprobsError
from calibration.models.protocol import Generated
from calibration.models.servers.stops import cut_at_stop

TOKENS = ["It", " is", " white", ".\n", "\nQ", ":"]
ANSWER = Generated("".join(TOKENS), (-0.1, -0.2, -0.3, -0.4, -0.5, -0.6), "length")


def choices(tokens: list[str]) -> list[dict[str, Any]]:
    """Both forms in which servers tell tokens."""
    return [{"logprobs": {"tokens": tokens}}, {"logprobs": {"content": [{"token": token} for token in tokens]}}]


@pytest.mark.parametrize(
    ("stop", "text", "n_tokens"),
    [
        (["\n"], "It is white.", 4),
        (["\n\n"], "It is white.", 5),
        (["Q:", "white"], "It is ", 3),
        (["It"], "", 1),
        ([":"], "It is white.\n\nQ", 6),
    ],
)
def test_an_answer_is_cut(stop: list[str], text: str, n_tokens: int) -> None:
    for choice in choices(TOKENS):
        assert cut_at_stop(ANSWER, choice, stop) == Generated(text, ANSWER.logprobs[:n_tokens], "stop")
    for choice in choices([token.replace(" ", "Ġ") for token in TOKENS]):
        assert cut_at_stop(ANSWER, choice, stop).text == text


def test_an_answer_without_a_stop_text_stays() -> None:
    assert cut_at_stop(ANSWER, {}, ["."][:0]) is ANSWER
    assert cut_at_stop(ANSWER, {}, ["black"]) is ANSWER


def test_tokens_that_do_not_spell_the_answer() -> None:
    for choice in (*choices(["t0"] * 6), {}, {"logprobs": None}):
        with pytest.raises(NoLogprobsError, match=r"takes no stop texts, and its tokens do not spell .* before '\\n'"):
            cut_at_stop(ANSWER, choice, ["\n"])
