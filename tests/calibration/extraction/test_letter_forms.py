"""The letter form is what the tokenizer says it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from calibration.extraction.letter_forms import letter_forms
from calibration.models.local.transformers_model import LocalModel
from calibration.models.protocol import Prompt, Token
from tests import tiny

AddedTokens = Callable[[str], tuple[Token, ...] | None]


def after(model: LocalModel, prompt: str) -> AddedTokens:
    return lambda text: model.added_tokens(Prompt(prompt), text)


def table(known: dict[str, tuple[int, ...]]) -> AddedTokens:
    return known.get


def test_both_forms_of_a_real_tokenizer_the_natural_one_first() -> None:
    model = tiny.model()
    for style, first in (("completion", "space"), ("chat", "bare"), ("chat-prefill", "space")):
        forms = letter_forms(after(model, "Answer:"), 4, style)  # type: ignore[arg-type]
        assert forms[0].name == first
        assert {form.texts for form in forms} == {(" A", " B", " C", " D"), ("A", "B", "C", "D")}
        assert all(form.single for form in forms)


def test_one_token_a_letter_is_better_than_the_natural_form() -> None:
    known = {" A": (9, 1), " B": (9, 2), "A": (1,), "B": (2,)}
    forms = letter_forms(table(known), 2, "completion")
    assert [(form.name, form.single) for form in forms] == [("bare", True), ("space", False)]


def test_two_forms_with_the_same_tokens_are_one() -> None:
    forms = letter_forms(table({" A": (1,), " B": (2,), "A": (1,), "B": (2,)}), 2, "completion")
    assert [form.name for form in forms] == ["space"]


@pytest.mark.parametrize(
    "known",
    [
        {" A": (1,), " B": (1,), "A": (3,), "B": (3,)},  # the same token for two letters
        {" A": (1,), " B": (1, 2)},  # one letter begins another
        {" A": (1,), "B": (2,)},  # a letter is missing in each form
        {" A": (), " B": ()},  # the letters add nothing
    ],
)
def test_letters_that_collide_are_refused(known: dict[str, tuple[int, ...]]) -> None:
    with pytest.raises(ValueError, match="must give each of the letters A to B tokens of its own"):
        letter_forms(table(known), 2, "completion")


def test_a_tokenizer_that_knows_no_letters_is_refused() -> None:
    model = LocalModel("words", "", tiny.network(), tiny.tokenizer(letters="unknown"))
    with pytest.raises(ValueError, match="letters A to D tokens of its own"):
        letter_forms(after(model, "Answer:"), 4, "completion")
