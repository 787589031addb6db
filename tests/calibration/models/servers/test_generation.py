"""Texts of servers that refuse parameters: left out, renamed, remembered, and told where that changes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calibration import extract
from calibration.errors import AnswerError
from calibration.models.protocol import Generated
from calibration.models.servers.server_model import ServerModel
from calibration.runs.folder import Run
from factuality import Question, ask
from factuality.answers.responses import RESPONSES
from tests import fake_server as fake
from tests import tiny
from tests.fake_server import fake_server, reach

UNSUPPORTED = "Unsupported parameter: '{0}' is not supported with this model. Use 'max_completion_tokens' instead."
FIXED = "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported."
QUESTIONS = [Question(f"sun/{n}", "sun", f"Question {n}?", ("white",), ("yellow",)) for n in range(3)]


def texts(model: ServerModel, prompts: Sequence[str], **options: Any) -> list[Generated]:
    return [text for _, found in model.generate(prompts, max_new_tokens=4, **options) for text in found]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("top_p", "Input validation error: `top_p` must be > 0.0 and < 1.0"),
        ("max_tokens", UNSUPPORTED.format("max_tokens")),
    ],
)
def test_a_refused_parameter_changes_nothing(name: str, message: str) -> None:
    """Left out where it says what goes without saying, renamed where only its name is refused; asked once a run."""
    with fake_server() as server:
        known = texts(reach(server), ["Once", "Twice"])
        server.always = fake.refusing(name, {"error": message}, code=422)
        model = reach(server)
        before = len(server.requests)
        assert texts(model, ["Once", "Twice", "Thrice"], batch_size=1)[:2] == known
        bodies = [body for path, body, _ in server.requests[before:] if path == "/v1/completions"]
    assert sum(name in body for body in bodies) == (1 if name == "top_p" else 0)  # the other was found at the start
    assert len(bodies) == (4 if name == "top_p" else 3)


def test_letters_where_the_length_has_another_name() -> None:
    items = tiny.items(4)
    with fake_server() as server:
        with pytest.warns(UserWarning, match="have letters that the source did not give"):
            run = extract(reach(server), items)
        server.always = fake.refusing("max_tokens", UNSUPPORTED.format("max_tokens"), param="max_tokens")
        with pytest.warns(UserWarning, match="have letters that the source did not give"):
            again = extract(reach(server), items)
        assert again.frame.equals(run.frame)
        assert server.requests[-1][1]["max_completion_tokens"] == 1


def test_a_fixed_temperature_is_told_and_stored(tmp_path: Path) -> None:
    with fake_server(always=fake.refusing("temperature", FIXED, param="temperature")) as server:
        model = reach(server)
        assert model.description["server"] == "temperature the server's own"
        with pytest.warns(UserWarning, match="temperature") as caught:
            ask(model, QUESTIONS, out=tmp_path / "run", max_new_tokens=4)
        told = [str(warning.message) for warning in caught if "takes no" in str(warning.message)]
        assert told == [
            f"{server.url}: the server takes no temperature of 0.0 ({FIXED}): it is the server's own, usually 1, at "
            "which answers are drawn"
        ]
        assert Run(tmp_path / "run", kind=RESPONSES).manifest["settings"]["server"] == "temperature the server's own"
        # At 1 it goes without saying; letters hang on no temperature.
        texts(model, ["Once"], temperature=1.0, seeds=[3])
        np.testing.assert_allclose(
            model.next_token_logprobs(["Answer:"], ["A"])[0, 0], _letter("Answer:", "A"), atol=1e-5
        )


def _letter(prompt: str, letter: str) -> float:
    top = dict(list(fake.distribution(prompt).items())[:20])
    return top.get(letter, min(top.values()))


def test_a_refused_seed_is_told() -> None:
    refusing = fake.refusing("seed", {"detail": [{"loc": ["body", "seed"], "msg": "Extra inputs"}]}, code=422)
    with fake_server(always=refusing) as server:
        model = reach(server)
        with pytest.warns(UserWarning, match=r"takes no seed of 5 \(.*\): the same seed may give other") as caught:
            assert len(texts(model, ["Once", "Twice"], temperature=0.7, seeds=[5, 5])) == 2
        assert len(caught) == 1


def test_refused_stop_texts_are_cut_here() -> None:
    with fake_server(form="list") as server:
        first = next(iter(fake.distribution("Once")))
        word = next(iter(fake.distribution("Once" + first)))  # the second token
        stopped = texts(reach(server), ["Once"], stop=[word])
        server.always = fake.refusing("stop", "Unsupported parameter: 'stop'", param="stop")
        cut = texts(reach(server), ["Once"], stop=[word])
    assert cut[0].text == first
    assert cut[0].finish == stopped[0].finish == "stop"
    assert cut[0].text == stopped[0].text
    assert cut[0].logprobs == stopped[0].logprobs


def test_other_refusals_stay() -> None:
    """A refusal that leaving out does not mend is told, and nothing is left out because of it."""
    with fake_server() as server:
        model = reach(server)
        server.always = fake.status(400, "invalid: temperature, top_p and seed of this model")
        with pytest.raises(AnswerError, match="HTTP 400, invalid: temperature, top_p and seed"):
            texts(model, ["Once"])
        server.always = None
        texts(model, ["Once"])
        assert {"temperature", "top_p", "max_tokens"} <= server.requests[-1][1].keys()


def test_a_question_is_named_where_its_answer_cannot_be_used() -> None:
    def odd(answer: dict[str, Any]) -> None:
        answer["choices"][0]["logprobs"]["token_logprobs"][1] = float("nan")

    with fake_server() as server:
        model = reach(server)
        server.always = fake.changed(odd)
        message = (
            rf"^question sun/0: {server.url}/completions: a log-probability must be .* gives nan .*was done is kept$"
        )
        with pytest.raises(ValueError, match=message):
            ask(model, QUESTIONS, max_new_tokens=4)
