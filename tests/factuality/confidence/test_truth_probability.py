"""P(True): the letters of both orders, read from the bare model."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logsumexp

from calibration.models.protocol import Prompt
from factuality import Responses, ask
from factuality.confidence.truth_probability import p_true
from tests import tiny
from tests.factuality import sets

FORMS = ("Question: {}\nProposed Answer: {}\nIs the proposed answer:\nA. True\nB. False\nAnswer:",
         "Question: {}\nProposed Answer: {}\nIs the proposed answer:\nA. False\nB. True\nAnswer:")  # fmt: skip


def test_both_orders_by_hand() -> None:
    model, asked = tiny.model(chat=False), sets.questions(5)
    answers = ask(model, asked, samples=2, temperature=1.0, max_new_tokens=4)
    found = p_true(model, answers).frame
    assert list(found.select("question", "sample").iter_rows()) == list(
        answers.frame.select("question", "sample").iter_rows()
    )
    texts = {question.id: question.question.strip() for question in asked}
    for name, response, confidence, mass in zip(
        found["question"], answers.frame["response"], found["confidence"], found["letter_mass"], strict=True
    ):
        prompts = [form.format(texts[name], response) for form in FORMS]
        letters = model.next_token_logprobs(prompts, [" A", " B", "A", "B"]).astype(np.float64)
        both = np.logaddexp(letters[:, :2], letters[:, 2:])  # (n_orders, A and B)
        ahead = both[:, 0] - both[:, 1]
        expected = None if mass < 0.01 else pytest.approx(expit((ahead[0] - ahead[1]) / 2), abs=1e-4)
        assert confidence == expected
        assert mass == pytest.approx(np.exp(logsumexp(both, axis=1)).mean(), rel=1e-3)


class Judge:
    """Believes what says "white", and likes the letter A by three nats whatever it means."""

    def __init__(self, mass: float = 0.9) -> None:
        self.mass = mass

    def chat(self, *_: object, **__: object) -> str:
        raise ValueError("no chat template")

    def added_tokens(self, _: Prompt, text: str) -> tuple[int, ...] | None:
        return (ord(text[-1]),) if text.startswith(" ") else None

    def next_token_logprobs(self, prompts: list[Prompt], candidates: list[str], **_: object) -> np.ndarray:
        rows = []
        for prompt in prompts:
            belief = 2.0 if "Answer: It is white" in prompt.text else -1.0
            ahead = 3.0 + (belief if "A. True" in prompt.text else -belief)
            rows.append([np.log(self.mass * expit(ahead)), np.log(self.mass * expit(-ahead))])
        assert [text.strip() for text in candidates] == ["A", "B"]
        return np.array(rows, dtype=np.float32)


def test_a_love_of_a_letter_cancels_and_no_answer_is_no_confidence() -> None:
    asked = sets.questions(2)
    answers = Responses.from_texts({"q0": "It is white.", "q1": "It is red."}, asked)
    found = p_true(Judge(), answers).frame  # type: ignore[arg-type]
    np.testing.assert_allclose(found["confidence"], expit([2.0, -1.0]), atol=1e-5)
    np.testing.assert_allclose(found["letter_mass"], [0.9, 0.9], atol=1e-5)
    assert found["confidence_kind"].to_list() == ["p-true"] * 2
    silent = p_true(Judge(mass=0.005), answers).frame  # type: ignore[arg-type]
    assert silent["confidence"].to_list() == [None, None]
