"""Connections: waits that a server asks for, and keys that it gives back."""

from __future__ import annotations

import html
import json
import signal
import threading
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from calibration.errors import RefusedError, ServerError
from calibration.models.servers.connections import Connection
from calibration.models.servers.retries import pause
from tests import fake_server as fake
from tests.fake_server import fake_server

KEY = "sk-secret-1234567890-XYZ&<a>"


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds of the waits, which do not take place."""
    seconds: list[float] = []
    monkeypatch.setattr("calibration.models.servers.retries.pause", lambda nap, _: seconds.append(nap))
    return seconds


def ask(url: str, **options: Any) -> dict[str, Any]:
    body = {"prompt": "Answer:", "logprobs": 1, "max_tokens": 1}
    return Connection(url, pause=0.001, **options).ask(f"{url}/completions", body, "choices")


@pytest.mark.parametrize(
    "header", ["Mon, 01 Jan 99999999999 00:00:00 GMT", "Mon, 01 Jan 2024 00:00:00 +999999999999999999", "soon", "-5"]
)
def test_what_is_no_time_is_not_waited_for(header: str, naps: list[float]) -> None:
    with fake_server(faults=[fake.status(503, Retry_After=header)]) as server:
        assert ask(server.url)["choices"]
    assert len(naps) == 1
    assert naps[0] < 0.1


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("301", "6 minutes"),
        ("86400", "24 hours"),
        ("99999999999", "more than 36,500 days"),
        ("9" * 400, "more than 36,500 days"),
        ("Fri, 31 Dec 9999 23:59:59 GMT", "more than 36,500 days"),
    ],
)
def test_long_waits_end_the_work(header: str, words: str, naps: list[float]) -> None:
    message = f"HTTP 429, quota; it asks to wait {words}: what was done is kept, the same command continues after that"
    with fake_server(always=fake.status(429, "quota", Retry_After=header)) as server:
        with pytest.raises(ServerError, match=message):
            ask(server.url)
        assert len(server.requests) == 1
    assert not naps


def test_a_wait_is_told_once_while_it_lasts(naps: list[float]) -> None:
    busy = fake.status(503, "busy", Retry_After="299")
    with (
        fake_server(faults=[busy, busy, fake.status(503, "busy", Retry_After="2")]) as server,
        pytest.warns(UserWarning, match="HTTP 503, busy; waits 299 s, as the server asks") as caught,
    ):
        assert ask(server.url)["choices"]
    assert len(caught) == 1
    assert [int(nap) for nap in naps] == [299, 299, 2]
    with fake_server(faults=[fake.status(503, Retry_After="4")]) as server:
        ask(server.url)  # too short to be told


def test_an_interrupt_ends_a_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    def interrupted(seconds: float, give_up: threading.Event) -> None:
        threading.Timer(0.2, interrupt).start()
        pause(seconds, give_up)

    monkeypatch.setattr("calibration.models.servers.retries.pause", interrupted)
    own = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's job in the background ignores it
    with (
        fake_server(always=fake.status(503, "busy", Retry_After="30")) as server,
        warnings.catch_warnings(action="ignore"),
        pytest.raises(KeyboardInterrupt),
    ):
        ask(server.url)
    signal.signal(signal.SIGINT, own)
    assert len(server.requests) == 1


def _status_line(handler: Any, _: dict[str, Any]) -> None:
    handler.wfile.write(f"HTTP/1.1 4x1 no such key {KEY}\r\n\r\n".encode())
    handler.close_connection = True


def _raw(status: int, content: str) -> fake.Fault:
    return lambda handler, _: handler.send(status, content.encode())


ECHOES: dict[str, fake.Fault] = {
    "message": fake.status(401, f"Incorrect API key provided: {KEY}."),
    "text": _raw(403, f"key {KEY} has no access"),
    "html": _raw(401, f"<html><body>key {html.escape(KEY)} is unknown</body></html>"),
    "half a JSON": _raw(401, '{"error": "key ' + KEY.replace("-", "\\u002d") + '"'),
    "list": _raw(422, json.dumps({"detail": [{"loc": ["body"], "input": {"key": KEY}}]})),
    "cut behind the key": _raw(400, "x" * 180 + KEY),
    "garbage": _raw(200, f"<p>{html.escape(KEY)}"),
    "other JSON": _raw(200, json.dumps({"error": KEY})),
    "status line": _status_line,
    "location": fake.status(307, "moved", Location="http://h/" + KEY.replace("&", "%26").replace("<a>", "")),
    "busy": fake.status(503, KEY),
    "to wait": fake.status(503, KEY, Retry_After="999"),
}


@pytest.mark.parametrize("name", ECHOES)
def test_the_key_is_in_no_message(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERACAL_API_KEY", KEY)
    with fake_server(always=ECHOES[name]) as server, pytest.raises((ServerError, RefusedError)) as caught:
        ask(server.url, attempts=2)
    assert server.requests[0][2]["Authorization"] == f"Bearer {KEY}"
    told = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))
    assert "***" in told
    assert "1234567890" not in told


def test_the_key_is_in_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def echo(change: dict[str, Any]) -> None:
        change |= {"model": f"m-{KEY}", "choices": [{"text": f"You sent {KEY}.", "t": [{KEY: html.escape(KEY)}]}]}

    monkeypatch.setenv("VERACAL_API_KEY", KEY)
    with fake_server(always=fake.changed(echo)) as server:
        answer = ask(server.url)
    assert answer["model"] == "m-***"
    assert answer["choices"] == [{"text": "You sent ***.", "t": [{"***": "***"}]}]


def test_an_address_holds_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERACAL_API_KEY", "sk-secret-1234567890")
    make: Callable[[str], Connection] = Connection
    with pytest.raises(ValueError, match="the URL must hold no credentials") as caught:
        make("http://127.0.0.1:1/sk%2Dsecret-1234567890/v1")
    assert "1234567890" not in str(caught.value)


ERRORS_INSIDE = [
    ({"error": {"code": 400, "message": "no such model"}}, {}),
    ({"error": "no such model"}, {}),
    ({}, {"error": {"code": 403, "message": "no such model"}}),
]


@pytest.mark.parametrize(("beside", "inside"), ERRORS_INSIDE)
def test_an_error_beside_or_in_the_choices_is_no_answer(beside: dict[str, Any], inside: dict[str, Any]) -> None:
    def spoil(answer: dict[str, Any]) -> None:
        answer.update(beside)
        answer["choices"][0].update(inside)

    with (
        fake_server(always=fake.changed(spoil)) as server,
        pytest.raises(RefusedError, match=r"the answer holds an error( \(\d+\))?, no such model"),
    ):
        ask(server.url)


def test_half_a_text_that_a_gateway_ends_is_refused() -> None:
    def spoil(answer: dict[str, Any]) -> None:
        answer["choices"][0]["finish_reason"] = "error"

    with (
        fake_server(always=fake.changed(spoil)) as server,
        pytest.raises(RefusedError, match="the answer holds an error, the text ends with an error"),
    ):
        ask(server.url)


def test_an_error_in_the_choices_that_may_pass_is_asked_again(naps: list[float]) -> None:
    def spoil(answer: dict[str, Any]) -> None:
        answer["choices"][0]["error"] = {"code": 502, "message": "gone"}

    with fake_server(faults=[fake.changed(spoil)]) as server:
        assert "error" not in ask(server.url)["choices"][0]
        assert len(server.requests) == 2
    assert len(naps) == 1
