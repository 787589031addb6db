"""The likeliest tokens of an answer: what is read in every form, what bounds the others, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import pytest

from calibration.errors import NoLogprobsError
from calibration.models.servers.top_tokens import ROUNDING, TopTokens, log_probability, without_letters


def table(values: dict[str, Any], **own: Any) -> dict[str, Any]:
    """A choice of completions: alternatives by text."""
    return {"logprobs": {"top_logprobs": [values], **own}}


def listed(*entries: tuple[Any, Any], **more: Any) -> dict[str, Any]:
    """A choice of a chat: a list of alternatives."""
    top = [{"token": token, "logprob": value, **more} for token, value in entries]
    return {"logprobs": {"content": [{"top_logprobs": top}]}}


def test_spellings_are_tokens_of_their_own() -> None:
    apart = table({" A": -1.0, "A": -2.0})
    assert TopTokens.of(apart, 2).logprob("A", None) == (-2.0, False)
    numbered = {
        "logprobs": {
            "content": [
                {"top_logprobs": [{"token": "A", "logprob": -1.0, "id": 7}, {"token": "A", "logprob": -2.0, "id": 8}]}
            ]
        }
    }
    assert TopTokens.of(numbered, 2).logprob("A", 8) == (-2.0, False)


@pytest.mark.parametrize(
    ("choice", "number", "message"),
    [
        (listed(("A", -1.0), ("A", -2.0)), None, r"two tokens are spelt 'A' in .* by nothing else: 'A' -1, 'A' -2$"),
        (listed(("token_id:7", -1.0), ("token_id:7", -2.0)), 7, r"two tokens have the number 7 .*'token_id:7' -1"),
        (listed(("ĠA", -1.0), ("ĠA", -2.0)), None, "two tokens are spelt ' A' .*'ĠA' -1"),
    ],
)
def test_two_tokens_of_one_spelling(choice: dict[str, Any], number: int | None, message: str) -> None:
    text = " A" if "Ġ" in str(choice) else "A"
    with pytest.raises(NoLogprobsError, match=message):
        TopTokens.of(choice, 2).logprob(text, number)
    # Other tokens are not touched by it.
    assert TopTokens.of(choice, 2).logprob("B", None if number is None else 9)[1]


def test_a_table_that_has_lost_a_token() -> None:
    """Two tokens of one text have become one: the answer's own log-probability tells which was lost."""
    own = {"tokens": ["A"], "token_logprobs": [-0.1]}
    lost = table({"B": -3.0, "A": -8.0}, **own)
    with pytest.raises(NoLogprobsError, match="two tokens are spelt 'A'"):
        TopTokens.of(lost, 3, usual=3).logprob("A", None)
    assert TopTokens.of(lost, 3, usual=3).logprob("B", None) == (-3.0, False)
    kept = table({"A": -0.1, "B": -3.0}, **own)
    assert TopTokens.of(kept, 3, usual=3).logprob("A", None) == (-0.1, False)
    # As many as ever: none was lost.
    assert TopTokens.of(lost, 2, usual=2).logprob("A", None) == (-8.0, False)


@pytest.mark.parametrize(
    ("told", "bound"),
    [
        # .5 + .4 leave .1: less than the smallest. .5 + .1 leave .4: more than that.
        ({"x": 0.5, "y": 0.4}, 0.1),
        ({"x": 0.5, "y": 0.1}, 0.1),
        ({"x": 0.99, "y": 0.009999}, 2e-6),
    ],
)
def test_a_bound_is_the_tighter_of_two(told: dict[str, float], bound: float) -> None:
    top = TopTokens.of(table({text: math.log(value) for text, value in told.items()}), 2)
    value, bounded = top.logprob(" A", None)
    assert bounded
    assert value == pytest.approx(math.log(bound), abs=1e-4)


def test_a_token_that_was_drawn_bounds_nothing() -> None:
    """It stands beside those that were asked for: it must not loosen the bound or be luck."""
    drawn = TopTokens.of(table({"x": -1.0, "y": -2.0, "A": -9.0}), 2)
    assert drawn.logprob("A", None) == (-2.0, True)


@pytest.mark.parametrize("untold", [-9999.0, -3.4e38, None, -(10**400)])
def test_what_is_not_told(untold: Any) -> None:
    """All mass given leaves no minus infinity."""
    top = TopTokens.of(table({"x": -0.7, "y": -0.8, "A": untold}), 3)
    value, bounded = top.logprob("A", None)
    assert bounded
    assert value == pytest.approx(math.log(1 - math.exp(-0.7) - math.exp(-0.8)), abs=1e-3)
    whole = TopTokens.of(table({"x": -1e-9, "A": untold}), 2)
    assert -15 < whole.logprob("A", None)[0] < -13


def test_fewer_than_were_asked_for() -> None:
    words = {f"w{n}": math.log(0.04) for n in range(19)}
    top = TopTokens.of(table(words), 20, usual=20)
    assert top.n_given == 19
    assert top.logprob("A", None) == (math.log(0.04), True)
    assert TopTokens.of(table(dict(list(words.items())[:10])), 20, usual=20).n_given == 10
    with pytest.raises(NoLogprobsError, match=r"^20 log-probabilities were asked for, the server gives 9 \('w0' -3.2"):
        TopTokens.of(table(dict(list(words.items())[:9])), 20, usual=20)
    # Few that have nearly all of the probability are enough.
    assert TopTokens.of(table({"A": math.log(0.995)}), 20, usual=20).logprob("B", None)[0] < math.log(0.0051)


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (None, "^2 log-probabilities were asked for, the server gives 0$"),
        ({}, "the server gives 0"),
        ({"content": []}, "the server gives 0"),
        ({"content": None, "top_logprobs": None}, "the server gives 0"),
        ({"content": [{"top_logprobs": "x"}]}, "the server gives 0"),
        ({"content": [{"top_logprobs": [{"token": "A", "logprob": -1}]}]}, r"the server gives 1 \('A' -1\)"),
        ({"top_logprobs": [{"A": 0.3, "B": -2}]}, "must be a finite number at most 0, the server gives 0.3 for 'A'"),
        ({"top_logprobs": [{"A": -0.1, "B": -0.2}]}, r"must sum to at most 1, .* the sum 1.724 \('A' -0.1, 'B' -0.2\)"),
        ({"top_logprobs": [{"A": "x", "B": -2}]}, "the server gives 'x' for 'A'"),
        ({"top_logprobs": [{"A": math.nan, "B": -2}]}, "the server gives nan for 'A'"),
        ({"top_logprobs": [{"A": -2, "B": -math.inf}]}, "the server gives -inf for 'B'"),
        ({"top_logprobs": [{"A": math.inf, "B": -2}]}, "the server gives inf for 'A'"),
        ({"top_logprobs": [{"A": 1e300, "B": -2}]}, r"the server gives 1e\+300 for 'A'"),
        ({"top_logprobs": [{"A": 10**400, "B": -2}]}, "the server gives 10{39} for 'A'"),
        ({"top_logprobs": [{"A": True, "B": -2}]}, "the server gives True for 'A'"),
        ({"top_logprobs": [{"A": [1], "B": -2}]}, r"the server gives \[1\] for 'A'"),
        ({"top_logprobs": [{"A": None, "B": None}]}, "2 log-probabilities were asked for, the server gives 0"),
        (
            {"content": [{"top_logprobs": [{"token": {"x": 1}, "logprob": -1}, {"token": "A", "logprob": -1}]}]},
            r"a token must be a text or bytes, the server gives \{'x': 1\}",
        ),
    ],
)
def test_what_is_no_log_probability(told: Any, message: str) -> None:
    with pytest.raises(NoLogprobsError, match=message):
        TopTokens.of({"logprobs": told}, 2)


def test_rounding_above_zero() -> None:
    assert log_probability(1e-7, "A") == log_probability(ROUNDING, "A") == 0
    assert log_probability(0, "A") == 0
    with pytest.raises(NoLogprobsError, match=r"the server gives 0\.0011 for 'A'"):
        log_probability(0.0011, "A")
    top = TopTokens.of(table({"A": 1e-7, "B": -20.0}), 2)
    assert top.logprob("A", None) == (0, False)


def test_log_probabilities_of_two_decimals() -> None:
    """0.495, 0.304 and 0.201, each rounded up: as the server writes them they sum to 1.003."""
    written = {"A": -0.7, "B": -1.19, "C": -1.6}
    mass = sum(map(math.exp, written.values()))
    assert mass > 1.001
    top = TopTokens.of(table(written), 3)
    assert sum(math.exp(top.logprob(text, None)[0]) for text in written) == pytest.approx(1, abs=1e-12)
    for text, value in written.items():
        assert 0 <= value - top.logprob(text, None)[0] <= 0.005
    # What rounding hides may be on another token.
    assert math.log(0.005) < top.bound < math.log(0.0061)
    # As exact numbers they are of separate contexts.
    with pytest.raises(NoLogprobsError, match=r"the sum 1\.003"):
        TopTokens.of(table({**written, "A": -0.700001}), 3)


@pytest.mark.parametrize(
    ("choice", "text"),
    [
        (listed(("ĠA", -1.0), ("The", -2.0)), " A"),
        (listed(("▁A", -1.0), ("▁The", -2.0)), " A"),
        (table({"ĠA": -1.0, "Ġ": -2.0}), " A"),
        (listed(([32, 65], -1.0), ([66], -2.0)), " A"),
        (listed(("x", -1.0), bytes=[32, 65]), " A"),
        (table({r"bytes:\x20\x41": -1.0, "B": -2.0}), " A"),
        (listed((r"bytes:\x20\x41", -1.0), bytes=list(rb"bytes:\x20\x41")), " A"),
        # Bytes of a name that the server made up, or of half a character, tell nothing.
        (listed(("A", -1.0), bytes=list(b"token_id:65")), "A"),
        (listed(("A", -1.0), bytes=[195]), "A"),
        (listed(("A", -1.0), bytes=[999]), "A"),
        (listed(("A", -1.0), bytes=[]), "A"),
        # A server that writes spaces means the sign.
        (listed(("▁A", -1.0), (" The", -2.0)), "▁A"),
    ],
)
def test_spellings(choice: dict[str, Any], text: str) -> None:
    top = TopTokens.of(choice, len(choice["logprobs"].get("content", [{}])[0].get("top_logprobs", [1, 2])))
    assert top.logprob(text, None) == (-1.0, False)


def test_numbers_in_place_of_texts() -> None:
    top = TopTokens.of(listed(("token_id:65", -1.0), ("token_id:66", -2.0)), 2)
    assert top.logprob("A", 65) == (-1.0, False)
    assert top.logprob("C", 67) == (-2.0, True)
    assert "numbers its tokens and has no tokenizer" in without_letters(top)


@pytest.mark.parametrize("token", ["<think>", "<|channel|>", "[THINK]", "◁think▷", "<thinking>", " <reasoning>"])
def test_thoughts_are_named(token: str) -> None:
    top = TopTokens.of(listed((token, -0.1), ("The", -4.0)), 2)
    assert f"({token!r} -0.1, 'The' -4); the model begins with a thought" in without_letters(top)
    other = TopTokens.of(listed(("The", -0.1), (token, -4.0)), 2)
    assert "thought:" not in without_letters(other)
