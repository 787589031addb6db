"""A server of OpenAI's protocol on loopback: a made-up model, several dialects, and every fault that is asked for."""

from __future__ import annotations

import hashlib
import json
import math
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from calibration.items.item import LETTERS
from calibration.models.servers.server_model import ServerModel, connect

NAME = "tiny"
# Forty tokens: letters in two spellings, and words.
VOCABULARY = [
    *(" " + letter for letter in LETTERS[:8]),
    *LETTERS[:8],
    *(" " + word for word in ["the", "a", "of", "is", "one", "two", "three", "four", "yes", "no"]),
    *["The", "An", "If", "It", "So", "We", "He", "In", "On", "At", "Is", "To", "Do", "Up"],
]
IDS = {token: 100 + place for place, token in enumerate(VOCABULARY)}

Fault = Callable[["_Handler", dict[str, Any]], dict[str, Any] | None]
"""Answers in place of the server (then none), or changes the answer that it would give."""


def distribution(prompt: str) -> dict[str, float]:
    """Log-probability of each token of the vocabulary after a text, the likeliest first: decided by the text alone."""
    weights = {token: 6.0 * hashlib.sha256(f"{prompt}\x1e{token}".encode()).digest()[0] / 255 for token in VOCABULARY}
    total = math.log(math.fsum(math.exp(weight) for weight in weights.values()))
    found = {token: weight - total for token, weight in weights.items()}
    return dict(sorted(found.items(), key=lambda entry: (-entry[1], entry[0])))


def tokens_of(text: str) -> list[str]:
    """Words with the space before them, and what stands between them; together they are the text."""
    return re.findall(r" ?\w+|\s|[^\w\s]", text)


def rendered(body: dict[str, Any]) -> str:
    """The text of a chat."""
    turns = [f"<{turn['role']}>{turn['content']}" for turn in body["messages"]]
    if body.get("continue_final_message"):
        return "<end>".join(turns)
    return "<end>".join([*turns, "<assistant>"])


@dataclass
class FakeServer:
    """What the server is like, and what it was asked.

    Attributes
    ----------
    ways : tuple of str
        What it answers: ``completions``, ``chat/completions``, ``echo``.
    form : {"table", "list", "numbered"}
        How completions tell alternatives: a table by text (the original), a list, a list with token ids (llama.cpp).
    tokenizer : {"", "llama.cpp", "vllm"}
        Whose endpoints it has beside the API.
    window : int
        Tokens that it reads.
    most : int
        How many alternatives it gives without refusing.
    answers : str
        The model that it says it is.
    delay : callable
        Seconds before an answer, from its prompt.
    faults : list
        What goes wrong with the next requests to the API, in turn; none of them: nothing.
    always : callable, optional
        What goes wrong with all others.
    tells : dict
        What it tells of itself: JSON by the path at which it is got.
    fingerprint : str
        The ``system_fingerprint`` of its answers, none if empty.
    """

    ways: tuple[str, ...] = ("completions", "chat/completions", "echo")
    form: str = "table"
    tokenizer: str = ""
    window: int = 4096
    most: int = 20
    answers: str = NAME
    opens_turns: bool = True
    delay: Callable[[str], float] = lambda _: 0.0
    faults: list[Fault | None] = field(default_factory=list)
    always: Fault | None = None
    tells: dict[str, object] = field(default_factory=dict)
    fingerprint: str = ""
    requests: list[tuple[str, dict[str, Any], dict[str, str]]] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def prompts(self) -> list[str]:
        """Texts that were completed, one token each."""
        return [body["prompt"] for path, body, _ in self.requests if path == "/v1/completions"]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one write an answer: two would wait for the other side each time
    fake: FakeServer

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def do_GET(self) -> None:
        if self.path == "/props" and self.fake.tokenizer == "llama.cpp":
            told = self.fake.tells.get("/props", {})
            assert isinstance(told, dict)
            self.send(200, {"default_generation_settings": {"n_ctx": self.fake.window}, **told})
        elif self.path in self.fake.tells:
            self.send(200, self.fake.tells[self.path])
        else:
            self.refuse(404, "no such path")

    def do_POST(self) -> None:
        fake = self.fake
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        api = self.path.startswith("/v1/")
        with fake.lock:
            fake.requests.append((self.path, body, dict(self.headers)))
            fake.under_way += 1
            fake.most_under_way = max(fake.most_under_way, fake.under_way)
            fault = fake.faults.pop(0) if api and fake.faults else fake.always if api else None
        try:
            answer: dict[str, Any] | None = body
            if fault is not None:
                answer = fault(self, body)
            if answer is not None:
                self.answer(answer)
        finally:
            with fake.lock:
                fake.under_way -= 1

    def answer(self, body: dict[str, Any]) -> None:
        """Answer as the server does when nothing goes wrong; `body` may hold ``change``, applied to the answer."""
        fake = self.fake
        change = body.pop("change", lambda answer: answer)
        if self.path in ("/tokenize", "/apply-template"):
            self._tokenize(body)
            return
        way = self.path.removeprefix("/v1/")
        if way not in fake.ways:
            self.refuse(404, f"no {way} here")
            return
        chat = way == "chat/completions"
        if chat and body.get("continue_final_message") and not fake.opens_turns:
            body.pop("continue_final_message")  # as a server that does not know the word
        text = rendered(body) if chat else body["prompt"]
        time.sleep(fake.delay(text))
        asked = body.get("top_logprobs", 0) if chat else body["logprobs"]
        body = {**body, "max_tokens": body.get("max_tokens", body.get("max_completion_tokens"))}
        size = len(tokens_of(text))
        if asked > fake.most:
            self.refuse(400, f"logprobs must be at most {fake.most}")
        elif size + body["max_tokens"] > fake.window:
            self.refuse(
                400, f"This model's maximum context length is {fake.window} tokens, you asked for {size} tokens"
            )
        else:
            choice = self._echo(text) if body.get("echo") and "echo" in fake.ways else self._write(text, body, asked)
            usage = {"prompt_tokens": size, "completion_tokens": body["max_tokens"]}
            told = {"system_fingerprint": fake.fingerprint} if fake.fingerprint else {}
            self.send(200, change({"model": fake.answers, "choices": [choice], "usage": usage, **told}))

    def _write(self, text: str, body: dict[str, Any], asked: int) -> dict[str, Any]:
        """Greedy words, or those that the seed picks."""
        chat = "messages" in body
        content, table, written = [], [], ""
        finish = "length"
        for place in range(max(body["max_tokens"], 1)):
            known = distribution(text + written)
            picked = body.get("seed", 0) + place if body.get("temperature") else 0
            token = list(known)[picked % len(known)]
            top = {**dict(list(known.items())[:asked]), token: known[token]}
            table.append(top)
            content.append(
                {
                    **self._entry(token, known),
                    "top_logprobs": [self._entry(other, known) for other in list(top)[:asked]],
                }
            )
            if any(stop in written + token for stop in body.get("stop", ())):
                finish = "stop"
                break
            written += token
        said: dict[str, Any] = {"content": content}
        if not chat and self.fake.form == "table":
            if body.get("return_tokens_as_token_ids"):
                table = [{f"token_id:{IDS[token]}": value for token, value in top.items()} for top in table]
            said = {"top_logprobs": table, "token_logprobs": [entry["logprob"] for entry in content]}
        text_of = {"message": {"content": written}} if chat else {"text": written}
        return {**text_of, "logprobs": said, "finish_reason": finish}

    def _entry(self, token: str, known: dict[str, float]) -> dict[str, Any]:
        number = {"id": IDS[token]} if self.fake.form == "numbered" else {}
        return {"token": token, "logprob": known[token], **number}

    def _echo(self, text: str) -> dict[str, Any]:
        tokens = tokens_of(text)
        values = [None, *(-0.1 * len(token) for token in tokens[1:])]
        return {"text": text, "logprobs": {"tokens": tokens, "token_logprobs": values}, "finish_reason": "length"}

    def _tokenize(self, body: dict[str, Any]) -> None:
        llama = self.fake.tokenizer == "llama.cpp"
        if not self.fake.tokenizer or (self.path == "/apply-template" and not llama):
            self.refuse(404, "no such path")
        elif self.path == "/apply-template":
            self.send(200, {"prompt": rendered(body)})
        else:
            text = rendered(body) if "messages" in body else body["content" if llama else "prompt"]
            ids = [IDS.get(token, 1000 + sum(token.encode())) for token in tokens_of(text)]
            self.send(200, {"tokens": ids, **({} if llama else {"max_model_len": self.fake.window})})

    def refuse(self, status: int, message: str, **headers: str) -> None:
        """An error in the protocol's form."""
        self.send(status, {"error": {"message": message}}, **headers)

    def send(self, status: int, content: object, **headers: str) -> None:
        """Any content: JSON, or bytes as they are."""
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(raw)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(raw)


def status(code: int, message: str = "out of breath", **headers: str) -> Fault:
    """An answer with another status."""

    def fault(handler: _Handler, _: dict[str, Any]) -> None:
        handler.refuse(code, message, **headers)

    return fault


def refusing(name: str, message: object, *, code: int = 400, value: object = None, **details: object) -> Fault:
    """An answer that refuses requests with a parameter (of a value), in a server's own words."""

    def fault(handler: _Handler, body: dict[str, Any]) -> dict[str, Any] | None:
        if name not in body or (value is not None and body[name] != value):
            return body
        handler.send(code, {"error": {"message": message, **details}} if details else message)
        return None

    return fault


def raw(content: bytes) -> Fault:
    """An answer with the status 200 that holds these bytes."""

    def fault(handler: _Handler, _: dict[str, Any]) -> None:
        handler.send(200, content)

    return fault


def cut(handler: _Handler, _: dict[str, Any]) -> None:
    """Half of an answer, and then the connection's end."""
    handler.send(200, b'{"choices": [{"text"', Content_Length="500")
    handler.close_connection = True


def reset(handler: _Handler, _: dict[str, Any]) -> None:
    """A connection that is reset without an answer."""
    handler.close_connection = True
    # No lingering: closing sends a reset.
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.shutdown(socket.SHUT_RD)
    handler.connection.close()


def silence(seconds: float) -> Fault:
    """Nothing for a while, and then nothing."""

    def fault(handler: _Handler, _: dict[str, Any]) -> None:
        time.sleep(seconds)
        handler.close_connection = True

    return fault


def changed(change: Callable[[dict[str, Any]], object]) -> Fault:
    """The right answer, changed in place."""

    def fault(_: _Handler, body: dict[str, Any]) -> dict[str, Any]:
        def apply(answer: dict[str, Any]) -> dict[str, Any]:
            change(answer)
            return answer

        return {**body, "change": apply}

    return fault


@contextmanager
def fake_server(**settings: Any) -> Iterator[FakeServer]:
    """Serve until the end of the block; `url` is the address of the API."""
    fake = FakeServer(**settings)
    handler = type("Handler", (_Handler,), {"fake": fake})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.block_on_close = False
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # broken connections are meant
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def reach(server: FakeServer) -> ServerModel:
    """The model of the server, connected without patience."""
    return connect(f"openai:{NAME}@{server.url}", timeout=10.0, attempts=2, pause=0.001)
