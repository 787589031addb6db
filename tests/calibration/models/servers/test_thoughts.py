"""Thoughts of models behind servers, told apart by the server or not; arguments for the server's chat template."""

from __future__ import annotations

from typing import Any

import pytest

from calibration.models.protocol import Prompt
from calibration.models.servers.answers import written
from calibration.models.servers.server_model import ServerModel, connect
from calibration.models.tokenizing.chat_formats import ChatFormat
from factuality.grading.abstention import declines
from tests.fake_server import NAME, FakeServer, fake_server, rendered, tokens_of

HI = [{"role": "user", "content": "Hi"}]


def reach(server: FakeServer, **format: Any) -> ServerModel:
    chat_format = ChatFormat.of(**format)
    return connect(f"openai:{NAME}@{server.url}", chat_format=chat_format, timeout=10.0, attempts=2, pause=0.001)


def choice(message: dict[str, Any], finish: str, tokens: str = "") -> dict[str, Any]:
    entries = [{"token": token, "logprob": -0.25 * (place + 1)} for place, token in enumerate(tokens.split("|"))]
    return {"message": message, "finish_reason": finish, "logprobs": {"content": entries}}


def test_thoughts_in_the_text_are_cut_from_it_with_their_tokens() -> None:
    message = {"content": "<think>\nYellow?\n</think>\n\nIt is white."}
    answer = written(choice(message, "stop", "<think>|\nYellow?\n|</think>|\n\n|It| is white.|"), ())
    assert (answer.text, answer.thoughts, answer.finish) == ("It is white.", "<think>\nYellow?\n</think>", "end")
    assert answer.logprobs == (-1.25, -1.5, -1.75)


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_thoughts_beside_the_text(name: str) -> None:
    answer = written(choice({"content": "White.", name: "Yellow?"}, "stop", "<think>|Yellow?|</think>|White|."), ())
    assert (answer.text, answer.thoughts, answer.logprobs) == ("White.", "Yellow?", (-1.0, -1.25))
    # Where the tokens do not spell the answer, those of the thoughts cannot be told apart.
    unknown = written(choice({"content": "White.", name: "Yellow?"}, "stop", "t0|t1"), ())
    assert (unknown.text, unknown.logprobs) == ("White.", ())
    cut = written(choice({"content": None, name: "Okay, the user"}, "length", "Okay|, the user"), ())
    assert (cut.text, cut.thoughts, cut.logprobs, cut.finish) == ("", "Okay, the user", (), "length")


def test_thoughts_as_parts_of_the_content() -> None:
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "Yellow?"}]},
        {"type": "text", "text": "White."},
    ]
    answer = written(choice({"content": parts}, "stop", "Yellow?|White."), ())
    assert (answer.text, answer.thoughts) == ("White.", "Yellow?")


def test_parts_are_thoughts_by_their_type_and_texts_without_one() -> None:
    parts = [{"type": "reasoning", "text": "Yellow?"}, {"type": "text", "text": "It is "}, "white."]
    answer = written(choice({"content": parts}, "stop", "Yellow?|It is |white."), ())
    assert (answer.text, answer.thoughts, answer.logprobs) == ("It is white.", "Yellow?", (-0.5, -0.75))


@pytest.mark.parametrize("reason", ["content_filter", "tool_calls", "function_call", "SAFETY", "error", "abort"])
def test_what_the_server_ends_is_withheld(reason: str) -> None:
    nothing = written({"message": {"content": None}, "finish_reason": reason, "logprobs": None}, ())
    assert (nothing.text, nothing.logprobs, nothing.finish) == ("", (), "withheld")
    begun = written(choice({"content": "It is"}, reason, "It| is"), ("\n",))
    assert (begun.text, begun.finish) == ("It is", "withheld")


def test_a_text_that_was_cut_is_inside_the_thoughts_that_the_template_opened() -> None:
    cut = written(choice({"content": "Okay, the user"}, "length", "Okay|, the user"), (), opened=True)
    assert (cut.text, cut.thoughts) == ("", "Okay, the user")
    # A server that takes thoughts out of its answers leaves no mark.
    whole = written(choice({"content": "White."}, "stop", "White|."), (), opened=True)
    assert (whole.text, whole.thoughts) == ("White.", "")


def test_arguments_go_to_the_template_and_must_change_something() -> None:
    def thinks(handler: Any, body: dict[str, Any]) -> dict[str, Any]:
        """A template that opens thoughts unless it is told not to."""
        closed = body.get("chat_template_kwargs", {}).get("enable_thinking") is False
        if "messages" in body:
            size = len(tokens_of(rendered(body))) + (0 if closed else 3)
            return {**body, "change": lambda answer: {**answer, "usage": {"prompt_tokens": size}}}
        return body

    with fake_server(ways=("chat/completions",), always=thinks) as server:
        model = reach(server, template_args={"enable_thinking": False})
        assert model.description["template_args"] == '{"enable_thinking": false}'
        list(model.generate([model.chat(HI)], max_new_tokens=2))
        assert server.requests[-1][1]["chat_template_kwargs"] == {"enable_thinking": False}
        assert reach(server, template_args={"enable_thinking": True}).description["template_args"]
        with pytest.raises(
            ValueError, match=r"takes no notice of {'thinking': False}: a chat has \d+ tokens with them"
        ):
            reach(server, template_args={"thinking": False})
    with fake_server() as server:
        model = reach(server)
        list(model.generate([model.chat(HI)], max_new_tokens=2))
        assert not any("chat_template_kwargs" in body for _, body, _ in server.requests)


def test_arguments_that_a_server_refuses() -> None:
    def refuse(handler: Any, body: dict[str, Any]) -> dict[str, Any] | None:
        if "chat_template_kwargs" not in body:
            return body
        handler.refuse(400, "Unrecognized request argument supplied: chat_template_kwargs")
        return None

    with fake_server(always=refuse) as server, pytest.raises(ValueError, match="refuses the template's arguments"):
        reach(server, template_args={"enable_thinking": False})


@pytest.mark.parametrize(
    ("format", "option"),
    [({"chat_template": "x.jinja"}, "chat_template"), ({"date": "2026-02-03"}, "date"), ({"bos": "yes"}, "bos")],
)
def test_what_is_the_server_s_is_refused(format: dict[str, Any], option: str) -> None:
    with fake_server() as server, pytest.raises(ValueError, match=f"are the server's: leave out {option}="):
        reach(server, **format)


def test_the_end_of_a_chat_is_shown_where_the_server_shows_its_text() -> None:
    with fake_server(tokenizer="llama.cpp") as server:
        model = reach(server)
        assert model.view(model.chat(HI)).end == repr("<user>Hi<end><assistant>")
        assert model.view(Prompt("Why?")).end == "'Why?'"
    with fake_server() as server:
        model = reach(server)
        view = model.view(model.chat(HI))
        assert (view.end, view.notes) == (
            "",
            ("the chat template is the server's, which does not show the text of a chat",),
        )


REFUSAL = "I'm sorry, I can't help with that."


@pytest.mark.parametrize(
    "message",
    [
        {"content": None, "refusal": REFUSAL},
        {"content": "", "refusal": REFUSAL},
        {"content": [{"type": "refusal", "refusal": REFUSAL}], "refusal": None},
        {"content": [{"type": "thinking", "text": "Hm."}], "refusal": REFUSAL},
    ],
)
def test_a_refusal_is_what_the_model_wrote(message: dict[str, Any]) -> None:
    answer = written({"message": message, "finish_reason": "stop", "logprobs": None}, ())
    assert (answer.text, answer.finish, answer.logprobs) == (REFUSAL, "end", ())
    assert declines(answer.text)


def test_a_refusal_has_log_probabilities_of_its_own() -> None:
    entries = [{"token": "I can't", "logprob": -0.5}, {"token": " help.", "logprob": -0.25}]
    message = {"content": None, "refusal": "I can't help."}
    told = {"message": message, "finish_reason": "stop", "logprobs": {"content": None, "refusal": entries}}
    assert written(told, ()).logprobs == (-0.5, -0.25)


def test_a_refusal_beside_a_text_or_of_a_filter_changes_neither() -> None:
    answer = written(choice({"content": "White.", "refusal": REFUSAL}, "stop", "White|."), ())
    assert (answer.text, answer.logprobs) == ("White.", (-0.25, -0.5))
    withheld = written({"message": {"content": None, "refusal": REFUSAL}, "finish_reason": "content_filter"}, ())
    assert (withheld.text, withheld.finish) == (REFUSAL, "withheld")
