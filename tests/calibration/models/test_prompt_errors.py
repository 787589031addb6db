"""Errors about a prompt say what it asks, and what helps."""

from __future__ import annotations

import pytest

from calibration.errors import AnswerError, ContinuationError, NotFiniteError, PromptTooLongError, RowError
from calibration.models.prompt_errors import prompts_named

NAMES = ["item law/0", "item law/1"]


def fail(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (PromptTooLongError(1, 3000, 2048), r"^item law/1: the prompt has 3000 .* 2048; nothing is cut: ask for less$"),
        (ContinuationError(0, "?"), r"^item law/0: the continuation '\?' must add tokens .*; leave it out$"),
        (AnswerError(1, "no letters"), r"^item law/1: no letters; what was done is kept$"),
        (NotFiniteError(0), r"^item law/0: the model's logits are not finite .*; what was done is kept$"),
    ],
)
def test_an_error_about_a_prompt_is_named(error: RowError, message: str) -> None:
    with pytest.raises(ValueError, match=message) as raised, prompts_named(NAMES, if_too_long="ask for less"):
        fail(error)
    assert type(raised.value) is ValueError
    assert raised.value.__suppress_context__


def test_other_errors_pass_as_they_are() -> None:
    error = ValueError("a server refuses")
    with pytest.raises(ValueError, match="a server refuses") as raised, prompts_named(NAMES, if_too_long=""):
        fail(error)
    assert raised.value is error
