"""Models behind servers: what they are asked, what is read from their answers, and every way in which they fail."""

from __future__ import annotations

import contextlib
import math
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration import Item, extract, load_model, read_run
from calibration.errors import (
    AnswerError,
    ContinuationError,
    NoLogprobsError,
    OtherModelError,
    PromptTooLongError,
    RefusedError,
    ServerError,
)
from calibration.extraction.letter_audit import audit
from calibration.extraction.prompts import completion
from calibration.items.item import LETTERS
from calibration.models.protocol import Generated, Prompt, Token
from calibration.models.servers.answers import echoed, written
from calibration.models.servers.connections import Connection
from calibration.models.servers.server_model import ServerModel, connect
from calibration.models.servers.top_tokens import TopTokens
from calibration.runs.folder import Run
from tests import fake_server as fake
from tests import tiny
from tests.fake_server import NAME, FakeServer, fake_server

# The letters of a made-up model come out anyhow; the tests that mean them look for these words.
pytestmark = [
    pytest.mark.filterwarnings("ignore:of .* rows .* have letters that the source did not give"),
    pytest.mark.filterwarnings("ignore:the model puts"),
]

SPACED = [" A", " B", " C", " D"]
KEY = "sk-a-very-secret-key"
HI = [{"role": "user", "content": "Hi"}]


def reach(server: FakeServer, *, timeout: float = 10.0, attempts: int = 4) -> ServerModel:
    """The model, with pauses that a test can wait for."""
    return connect(f"openai:{NAME}@{server.url}", timeout=timeout, attempts=attempts, pause=0.001)


def expected(prompt: str, candidates: list[str], most: int = 20) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Log-probabilities and flags by the definition."""
    known = fake.distribution(prompt)
    told = dict(list(known.items())[:most])
    bound = min(*told.values(), math.log(1 - math.fsum(map(math.exp, told.values())) + 1e-6))
    values = np.array([told.get(text, bound) for text in candidates])
    return values, np.array([text not in told for text in candidates])


def bounds_of(run: Any) -> list[list[bool]]:
    found: list[list[bool]] = run.frame["bounded"].to_list()
    return found


# What is read


@pytest.mark.parametrize("form", ["table", "list", "numbered"])
@pytest.mark.parametrize("tokenizer", ["", "llama.cpp", "vllm"])
def test_letters_of_a_completion(form: str, tokenizer: str) -> None:
    prompts = [f"{completion(item)}" for item in tiny.items(12)]
    candidates = [*SPACED, "A", "B", "C", "D"]
    with fake_server(form=form, tokenizer=tokenizer) as server:
        model = reach(server)
        pieces = list(model.stream_logprobs(prompts, candidates))
        table = model.next_token_logprobs(prompts, candidates)
    assert [row for rows, _ in pieces for row in rows] == list(range(12))
    some = 0
    for (_, values), prompt, line in zip(pieces, prompts, table, strict=True):
        right, missing = expected(prompt, candidates)
        np.testing.assert_allclose(np.ma.getdata(values)[0], right, atol=1e-5)
        np.testing.assert_allclose(line, right, atol=1e-5)
        assert np.ma.getmaskarray(values)[0].tolist() == missing.tolist()
        some += missing.sum()
        # An upper bound is one.
        exact = [fake.distribution(prompt)[text] for text in candidates]
        assert (np.ma.getdata(values)[0] >= np.array(exact) - 1e-5).all()
    assert 0 < some < 12 * 8


def test_a_run_flags_the_letters_that_the_server_did_not_give(tmp_path: Path) -> None:
    items = tiny.items(12)
    with (
        fake_server() as server,
        pytest.warns(UserWarning, match=r"rows \d+ have letters that the source did not give, and \d+ have no other"),
    ):
        run = extract(reach(server), items, form="space", out=tmp_path / "run")
    for row, item in enumerate(items):
        right, missing = expected(completion(item), SPACED)
        np.testing.assert_allclose(run.logprobs[row], right, atol=1e-5)
        assert bounds_of(run)[row] == missing.tolist()
        given = math.fsum(math.exp(value) for value, out in zip(right, missing, strict=True) if not out)
        assert run.frame["letter_mass"][row] == pytest.approx(given, abs=1e-5)
        bare, unseen = expected(completion(item), ["A", "B", "C", "D"])
        assert run.frame["other_form_mass"][row] == pytest.approx(np.exp(bare[~unseen]).sum(), abs=1e-5)
    assert run.frame.equals(read_run(tmp_path / "run").frame)
    settings = Run(tmp_path / "run").manifest["settings"]
    assert (settings["model"], settings["revision"], settings["dtype"]) == (NAME, "", "as served")


def test_a_chat_is_sent_as_its_turns_and_hashed_as_they_are() -> None:
    items = tiny.items(6)
    with fake_server(tokenizer="llama.cpp", ways=("chat/completions",)) as server:
        run = extract(reach(server), items, style="chat")
        again = extract(reach(server), items, style="chat")
        opened = extract(reach(server), items, style="chat-prefill")
        asked = [
            body for path, body, _ in server.requests if path == "/v1/chat/completions" and "Question 3" in str(body)
        ]
        with pytest.raises(
            ValueError, match=r"tiny: the server completes no text .*HTTP 404, no completions here.*chat"
        ):
            extract(reach(server), items)
    assert asked[0]["messages"][-1]["role"] == "user"
    assert asked[0]["messages"][-1]["content"].startswith("The following is a multiple choice question about law.")
    assert (asked[0]["logprobs"], asked[0]["top_logprobs"], asked[0]["max_tokens"]) == (True, 20, 1)
    assert asked[-1]["messages"][-1] == {"role": "assistant", "content": "Answer:"}
    assert run.frame.equals(again.frame)
    assert set(run.frame["prompt"]).isdisjoint(opened.frame["prompt"])
    rendered = fake.rendered(asked[0])
    bare, _ = expected(rendered, ["A", "B", "C", "D"])
    np.testing.assert_allclose(run.logprobs[3], bare, atol=1e-5)
    spaced, _ = expected(fake.rendered(asked[-1]), SPACED)
    np.testing.assert_allclose(opened.logprobs[3], spaced, atol=1e-5)


def test_an_opened_turn_is_refused_where_the_server_would_close_it() -> None:
    with fake_server(opens_turns=False) as server:
        model = reach(server)
        assert model.chat(HI)
        with pytest.raises(ValueError, match="tiny: the server does not go on with an opened turn; use the style chat"):
            model.chat(HI, prefill="Answer:")
        ((_, (text,)),) = model.generate([model.chat(HI)], max_new_tokens=1)
        assert text.text
        assert {row["style"] for row in audit(model, tiny.items(3)).rows} == {"completion", "chat"}


def test_a_server_of_completions_alone_has_no_chat() -> None:
    with fake_server(ways=("completions",)) as server:
        model = reach(server)
        with pytest.raises(
            ValueError, match=r"tiny: the server completes no chats .*HTTP 404, .*; use the style completion"
        ):
            model.chat(HI)


@pytest.mark.parametrize("text", ["Hi", "[]", '{"messages": [], "prefill": ""}', "3"])
def test_a_text_is_completed_as_it_is_and_never_read_as_a_chat(text: str) -> None:
    with fake_server() as server:
        reach(server).next_token_logprobs([text], [" A"])
        assert server.requests[-1][:2] == ("/v1/completions", {**server.requests[-1][1], "prompt": text})


@pytest.mark.parametrize("tokenizer", ["llama.cpp", "vllm"])
def test_a_tokenizer_says_which_tokens_a_letter_adds(tokenizer: str) -> None:
    with fake_server(tokenizer=tokenizer) as server:
        model = reach(server)
        assert model.added_tokens(Prompt("Answer:"), " A") == (fake.IDS[" A"],)
        assert model.added_tokens(Prompt("Answer:"), "A") == (fake.IDS["A"],)
        assert model.added_tokens(Prompt("Answe"), "r") is None
        assert len(model.added_tokens(Prompt("Answer:"), " A B") or ()) == 2
        chat = model.chat(HI, prefill="Answer:")
        assert model.added_tokens(chat, " B") == (fake.IDS[" B"],)
        with pytest.raises(ValueError, match="the candidate 'r' must add known tokens to the prompt"):
            model.next_token_logprobs(["Answe"], ["r"])


def test_without_a_tokenizer_letters_are_those_that_the_server_shows() -> None:
    with fake_server() as server:
        model = reach(server)
        told = list(fake.distribution("Answer:"))[:20]
        for lead in ("", " "):
            seen = any(lead + letter in told for letter in LETTERS)
            numbers = [model.added_tokens(Prompt("Answer:"), lead + letter) for letter in "ABCD"]
            assert seen == all(numbers)
            assert len(set(numbers)) == (4 if seen else 1)
        assert model.added_tokens(Prompt("Answer:"), "\tA") is None
        asked = len(server.requests)
        model.added_tokens(Prompt("Answer:"), "B")
        assert len(server.requests) == asked  # once a prompt


def test_whole_texts_by_echo() -> None:
    prompts = ["The sky is", "Snow is"]
    answers = [[" blue", " dark red"], [" white"]]
    with fake_server() as server:
        model = reach(server)
        found = {row: values[0].tolist() for (row,), values in model.stream_continuations(prompts, answers)}
        # Several tokens as a candidate: the same.
        table = model.next_token_logprobs(["The sky is"], [" blue", " dark"])
        with pytest.raises(ContinuationError, match="the continuation 'x' must add tokens"):
            list(model.stream_continuations(["The sky"], [["x"]]))
        with pytest.raises(ContinuationError):
            model.stream_continuations(["The sky"], [[""]])
        with pytest.raises(ValueError, match="there must be continuations for each of 1 prompts, got 0"):
            model.stream_continuations(["The sky"], [])
    assert found == {0: pytest.approx([-0.5, -0.9]), 1: pytest.approx([-0.6])}
    assert table.shape == (1, 2)


def test_a_candidate_of_several_tokens() -> None:
    with fake_server(tokenizer="vllm") as server:
        found = reach(server).next_token_logprobs(["The sky is", "Snow is"], [" blue", " dark red"])
    np.testing.assert_allclose(found, [[-0.5, -0.9]] * 2, atol=1e-6)
    message = r"tiny: texts of several tokens need a server that gives .*`echo`"
    with (
        fake_server(tokenizer="llama.cpp", ways=("completions",)) as server,
        pytest.raises(ValueError, match=message),
    ):
        reach(server).next_token_logprobs(["The sky is"], [" dark red"])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "A", " A", "token_id:3", "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["content", "top_logprobs", "token_logprobs", "tokens", "token", "logprob", "id", " A"]),
            inner,
        )
    ),
    max_leaves=8,
)


@given(st.fixed_dictionaries({"logprobs": JSON}, optional={"text": JSON, "message": JSON, "stop_reason": JSON}))
def test_any_json_is_read_or_refused(choice: dict[str, Any]) -> None:
    """What is read of it is what it must be."""
    with contextlib.suppress(NoLogprobsError):
        top = TopTokens.of(choice, 2)
        assert all(not value > 0 for value in (*top.by_text.values(), *top.by_id.values(), top.bound))
        assert math.isfinite(top.bound)
    with contextlib.suppress(NoLogprobsError):
        found = written(choice, ["."])
        assert all(math.isfinite(value) and value <= 0 for value in found.logprobs)
        found.text.encode()
    with contextlib.suppress(NoLogprobsError):
        tokens, logprobs = echoed({"choices": [choice]}, "A")
        assert len(tokens) == len(logprobs)


# What is written


def generated(model: ServerModel, prompts: Sequence[str | Prompt], **options: Any) -> list[Generated]:
    return [text for _, texts in model.generate(prompts, max_new_tokens=4, **options) for text in texts]


@pytest.mark.parametrize("form", ["table", "list"])
def test_generation(form: str) -> None:
    prompts = ["Once", "Twice"]
    with fake_server(form=form) as server:
        model = reach(server)
        greedy = generated(model, prompts)
        chat = generated(model, [model.chat(HI)])
        drawn = generated(model, prompts, temperature=0.7, seeds=[3, 2**40 + 5])
        bodies = [body for _, body, _ in server.requests][-2:]
        word = greedy[0].text.split()[1]
        (stopped, _) = generated(model, prompts, stop=[word])
        assert len(generated(model, prompts, done=frozenset({0}))) == 1
    written = ""
    for _ in range(4):  # the likeliest token each time
        written += next(iter(fake.distribution("Once" + written)))
    assert greedy[0].text == written
    assert greedy[0].logprobs[0] == pytest.approx(next(iter(fake.distribution("Once").values())))
    assert (len(greedy[0].logprobs), greedy[0].finish) == (4, "length")
    assert chat[0].finish == "length"
    assert [text.text for text in drawn] != [text.text for text in greedy]
    assert sorted(body["seed"] for body in bodies) == [3, 5]  # under way at once, in any order
    assert {body["temperature"] for body in bodies} == {0.7}
    assert stopped.finish == "stop"
    assert word not in stopped.text


@pytest.mark.parametrize(
    ("said", "finish"),
    [({}, "stop"), ({"stop_reason": None}, "end"), ({"stop_reason": "."}, "stop"), ({"stop_reason": 2}, "end")],
)
def test_what_ended_a_text(said: dict[str, Any], finish: str) -> None:
    def ended(answer: dict[str, Any]) -> None:
        answer["choices"][0] |= {"finish_reason": "stop", **said}

    with fake_server() as server:
        model = reach(server)
        server.always = fake.changed(ended)
        assert generated(model, ["Once"], stop=["."])[0].finish == finish
        assert generated(model, ["Once"])[0].finish == ("stop" if said.get("stop_reason") == "." else "end")


def test_generation_refuses() -> None:
    with fake_server() as server:
        model = reach(server)
        for options, message in (
            ({"stop": [""]}, "a stop text must not be empty"),
            ({"temperature": -1.0}, "the temperature must be 0"),
            ({"temperature": 1.0, "seeds": [1]}, "a seed for each of 2 prompts, got 1"),
            ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ):
            with pytest.raises(ValueError, match=message):
                generated(model, ["a", "b"], **options)
        with pytest.raises(ValueError, match="max_new_tokens must be at least 1, got 0"):
            model.generate(["a"], max_new_tokens=0)
        server.always = fake.changed(lambda answer: answer["choices"][0].update(logprobs=None))
        with pytest.raises(
            AnswerError, match=r"/v1/completions: the text's tokens must have log-probabilities, the server gives none"
        ):
            generated(model, ["a"])


# How it is asked


def test_requests_are_under_way_together_and_their_order_is_the_prompts() -> None:
    items = tiny.items(24)

    def late(prompt: str) -> float:
        return 0.02 * (len(prompt) % 5)

    with fake_server(delay=late) as server:
        model = reach(server)
        prompts = [completion(item) for item in items]
        rows = [row for (row,), _ in model.stream_logprobs(prompts, SPACED, batch_size=6, done=frozenset({0, 7}))]
        assert rows == [row for row in range(24) if row not in {0, 7}]
        assert 2 <= server.most_under_way <= 6
        server.most_under_way = 0
        together = model.next_token_logprobs(prompts, SPACED, batch_size=6)
        server.most_under_way = 0
        np.testing.assert_array_equal(model.next_token_logprobs(prompts, SPACED, batch_size=1), together)
        assert server.most_under_way == 1
        with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
            model.stream_logprobs(prompts, SPACED, batch_size=0)
        assert list(model.stream_logprobs([], SPACED)) == []


def test_the_way_is_asked_for_once() -> None:
    with fake_server() as server:
        model = reach(server)
        assert [path for path, _, _ in server.requests] == ["/v1/completions"]
        model.chat(HI)
        model.chat(HI)
        assert [path for path, _, _ in server.requests] == ["/v1/completions", "/v1/chat/completions"]
    with fake_server(most=5, ways=("completions",)) as server:  # refuses 20, as OpenAI's oldest models do
        with pytest.warns(UserWarning, match="the 5 likeliest next tokens, 20 were asked for") as caught:
            model = reach(server)
        values = model.next_token_logprobs(["Answer:"], SPACED)[0]
    assert len(caught) == 1
    np.testing.assert_allclose(values, expected("Answer:", SPACED, 5)[0], atol=1e-5)


@pytest.mark.parametrize("tokenizer", ["llama.cpp", "vllm"])
def test_a_prompt_that_is_too_long_is_refused_before_anything_is_asked(tokenizer: str, tmp_path: Path) -> None:
    items = [*tiny.items(3), Item("long/0", "law", "why? " * 600, ("a", "b", "c", "d"), 0)]
    with fake_server(tokenizer=tokenizer, window=700) as server:
        model = reach(server)
        with pytest.raises(
            ValueError, match=r"^item long/0: the prompt has \d+ tokens.*context window 700; nothing is cut"
        ):
            extract(model, items, out=tmp_path / "run")
        assert not (tmp_path / "run").exists()
        asked = [text for text in server.prompts if "Question 0" in text]
        assert not asked
        with pytest.raises(PromptTooLongError, match="and 4 more are asked for"):
            generated(model, ["word " * 698])


def test_a_prompt_that_only_the_server_finds_too_long(tmp_path: Path) -> None:
    items = [*tiny.items(3), Item("long/0", "law", "why? " * 600, ("a", "b", "c", "d"), 0)]
    message = r"^item long/0: the prompt has \d+ tokens, .* window 700; nothing is cut"
    with fake_server(window=700) as server, pytest.raises(ValueError, match=message):
        extract(reach(server), items, out=tmp_path / "run")
    assert read_run(tmp_path / "run").n_items == 3  # what came before is kept


# Names and keys


@pytest.mark.parametrize("spec", ["openai:tiny", "openai:@http://127.0.0.1/v1", "openai:tiny@ftp://host/v1", "openai:"])
def test_a_spec_in_another_form(spec: str) -> None:
    with pytest.raises(ValueError, match="a server must be named like openai:NAME@URL"):
        load_model(spec)


@pytest.mark.parametrize("options", [{"dtype": "float32"}, {"device": "cpu"}, {"revision": "main"}])
def test_what_is_the_servers_to_choose(options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="dtype, device and revision of a model behind a server are the server's"):
        load_model("openai:tiny@http://127.0.0.1:1/v1", **options)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="trust_remote_code has no effect on a model behind a server"):
        load_model("openai:tiny@http://127.0.0.1:1/v1", trust_remote_code=True)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (f"http://me:{KEY}@127.0.0.1:1/v1", "the URL must hold no credentials: set VERACAL_API_KEY to the key instead"),
        (f"http://127.0.0.1:1/v1?key={KEY}", "the URL must be an address like"),
        (f"http://127.0.0.1:1/v1#{KEY}", "the URL must be an address like"),
        ("http://exam\x01ple/v1", "the URL must be an address like"),
        ("http:///v1", "the URL must be an address like"),
        ("http://127.0.0.1:99999/v1", "the URL must be an address like"),
    ],
)
def test_credentials_in_a_url_are_refused_and_not_repeated(url: str, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        load_model(f"openai:tiny@{url}")
    assert KEY not in "".join(traceback.format_exception(caught.value))


def test_the_key_comes_from_the_environment_and_is_told_to_none_but_the_server(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-another")
    monkeypatch.setenv("VERACAL_API_KEY", KEY)
    with fake_server() as server:
        model = load_model(f"openai:{NAME}@{server.url}")
        assert isinstance(model, ServerModel)
        extract(model, tiny.items(4), out=tmp_path / "run")
        assert {headers["Authorization"] for _, _, headers in server.requests} == {f"Bearer {KEY}"}
        server.always = fake.status(401, f"{KEY} is not a key\x1b[31m")
        with pytest.raises(
            RefusedError, match=r"/v1/completions: HTTP 401, \*\*\* is not a key \[31m; set VERACAL_API_KEY"
        ) as caught:
            model.next_token_logprobs(["Answer:"], SPACED)
    told = (
        "".join(traceback.format_exception(caught.value))
        + caplog.text
        + repr(model)
        + repr(vars(model))
        + repr(vars(model.server))
    )
    told += repr(model.server.connection) + str(model.description)
    written = b"".join(path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file())
    assert KEY not in told
    assert KEY.encode() not in written
    monkeypatch.delenv("VERACAL_API_KEY")
    with fake_server() as server:
        reach(server)
        assert server.requests[0][2]["Authorization"] == "Bearer sk-another"
        monkeypatch.delenv("OPENAI_API_KEY")
        reach(server)
        assert "Authorization" not in server.requests[-1][2]
        monkeypatch.setenv("VERACAL_API_KEY", "schlüssel")
        with pytest.raises(ValueError, match=r"the server's key .* must be printable ASCII") as caught_key:
            reach(server)
        assert "schl" not in str(caught_key.value)


def test_another_model_is_refused() -> None:
    with (
        fake_server(answers="other-7b") as server,
        pytest.raises(
            OtherModelError, match=r"the model 'tiny' was asked for, the server answers with 'other-7b'; name that"
        ),
    ):
        reach(server)
    with fake_server(answers="tiny-2026-05-01") as server:  # the version that a name stands for
        model = reach(server)
        assert (model.name, model.revision) == ("tiny", "tiny-2026-05-01")
        server.answers = "tiny-2026-06-01"
        with pytest.raises(
            OtherModelError, match="answered with the model 'tiny-2026-05-01' and now does with 'tiny-2026-06-01'"
        ):
            model.next_token_logprobs(["Answer:"], SPACED)


# Faults


PASSING: dict[str, tuple[fake.Fault, str]] = {
    "too many requests": (fake.status(429, "slow down"), r"HTTP 429, slow down \(4 tries\); ask for less at a time"),
    "server error": (fake.status(500), r"HTTP 500, out of breath \(4 tries\); see that the server is well"),
    "bad gateway": (fake.status(502), r"HTTP 502"),
    "unavailable": (fake.status(503), r"HTTP 503"),
    "gateway timeout": (fake.status(504), r"HTTP 504"),
    "reset": (fake.reset, r"the connection broke \(.*\) \(4 tries\)"),
    "cut": (fake.cut, r"the connection broke \(.*\) \(4 tries\)"),
    "half a JSON": (
        fake.raw(b'{"choices": [{"te'),
        r"not a whole JSON object with 'choices' but {\"choices\": \[{\"te",
    ),
    "garbage": (
        fake.raw(b"\x00\xff<html>\x1b[2J busy"),
        r"not a whole JSON object with 'choices' but .*<html> \[2J busy",
    ),
    "nothing": (fake.raw(b""), r"not a whole JSON object with 'choices' but nothing"),
    "deep": (fake.raw(b"[" * 100_000), r"not a whole JSON object with 'choices' but \[\["),
    "another JSON": (
        fake.raw(b'{"error": "busy"}'),
        r"not a whole JSON object with 'choices' but {\"error\": \"busy\"}",
    ),
    "silence": (fake.silence(3.0), r"no answer within 0.5 s \(2 tries\); ask for less at a time"),
}


@pytest.mark.parametrize("name", PASSING)
def test_a_fault_that_passes_leaves_no_trace(name: str, tmp_path: Path) -> None:
    """Twice wrong, then right."""
    fault, _ = PASSING[name]
    items = tiny.items(6)
    with fake_server() as server:
        run = extract(reach(server), items)
        model = reach(server, timeout=0.5 if name == "silence" else 10.0)
        server.faults = [None, fault, None, fault, fault]
        assert extract(model, items, batch_size=2).frame.equals(run.frame)


@pytest.mark.parametrize("name", PASSING)
def test_a_fault_that_stays_is_told_and_what_was_done_is_kept(name: str, tmp_path: Path) -> None:
    fault, message = PASSING[name]
    items = tiny.items(8)
    with fake_server() as server:
        run = extract(reach(server), items)
        model = reach(server, timeout=0.5 if name == "silence" else 10.0, attempts=2 if name == "silence" else 4)
        made = model.added_tokens  # the letters' form is found before the faults begin

        def numbered(prompt: Prompt, text: str) -> tuple[Token, ...] | None:
            found = made(prompt, text)
            server.faults, server.always = [None] * 3, fault
            return found

        model.added_tokens = numbered  # type: ignore[method-assign]
        with pytest.raises(ServerError, match=rf"^{server.url}/completions: .*{message}") as caught:
            extract(model, items, batch_size=1, out=tmp_path / "run")
        assert "\n" not in str(caught.value)
        kept = read_run(tmp_path / "run")
        assert kept.frame.equals(run.frame[: kept.n_items])
        assert kept.n_items == 3
        assert Run(tmp_path / "run").manifest["state"] == "running"
        server.faults, server.always = [], None
        assert extract(reach(server), items, out=tmp_path / "run").frame.equals(run.frame)


OTHER: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "another model": (
        lambda answer: answer.update(model="other-7b"),
        r"answered with the model 'tiny' and now does with 'other-7b'",
    ),
    "no logprobs": (
        lambda answer: answer["choices"][0].update(logprobs=None),
        "20 log-probabilities were asked for, the server gives 0",
    ),
    "fewer logprobs": (
        lambda answer: answer["choices"][0]["logprobs"].update(top_logprobs=[{" A": -1.0}]),
        "20 log-probabilities were asked for, the server gives 1",
    ),
    "probabilities": (
        lambda answer: answer["choices"][0]["logprobs"].update(top_logprobs=[{f"t{n}": 0.05 for n in range(20)}]),
        "must be a finite number at most 0, the server gives 0.05 for 't0'",
    ),
    "no choice": (lambda answer: answer.update(choices=[]), r"an answer must hold a choice, the server gives \[\]"),
}


@pytest.mark.parametrize("name", OTHER)
def test_a_server_that_changes_its_answers_midway(name: str, tmp_path: Path) -> None:
    """What was done before is kept, nothing of the other kind is, and a healthy server continues."""
    change, message = OTHER[name]
    items = tiny.items(8)
    with fake_server() as server:
        run = extract(reach(server), items)
        model = reach(server)

        def turned(done: int, _: int) -> None:
            if done == 3:
                server.always = fake.changed(change)

        with pytest.raises(ValueError, match=message) as caught:
            extract(model, items, batch_size=1, out=tmp_path / "run", progress=turned)
        assert "\n" not in str(caught.value)
        kept = read_run(tmp_path / "run")
        assert 3 <= kept.n_items < 8
        assert kept.frame.equals(run.frame[: kept.n_items])
        assert Run(tmp_path / "run").manifest["state"] == "running"
        server.always = None
        assert extract(reach(server), items, out=tmp_path / "run").frame.equals(run.frame)
    assert Run(tmp_path / "run").manifest["state"] == "complete"


def test_answers_beside_a_failure_are_kept(tmp_path: Path) -> None:
    """One prompt fails for good while others are under way: theirs are kept, and no more are begun."""
    items = tiny.items(24)

    def bad(handler: Any, body: dict[str, Any]) -> dict[str, Any] | None:
        if "Question 2:" in body["prompt"]:
            handler.refuse(400, "I will not answer this")
            return None
        return body

    with fake_server() as server:
        model = reach(server)
        server.always = bad
        with pytest.raises(
            ValueError, match=r"^item history/1: .*HTTP 400, I will not answer this; what was done is kept$"
        ):
            extract(model, items, batch_size=3, out=tmp_path / "run")
    kept = read_run(tmp_path / "run")
    assert {"history/0", "law/0"} <= set(kept.frame["item"])
    assert "history/1" not in set(kept.frame["item"])
    assert kept.n_items < 12


def test_pauses_grow_and_are_blurred(monkeypatch: pytest.MonkeyPatch) -> None:
    naps: list[float] = []
    monkeypatch.setattr("calibration.models.servers.retries.pause", lambda seconds, _: naps.append(seconds))
    with fake_server(always=fake.status(500)) as server:
        connection = Connection(server.url, attempts=8, pause=1.0)
        for _ in range(40):
            with pytest.raises(ServerError):
                connection.ask(f"{server.url}/completions", {}, "choices")
    pauses = np.array(naps).reshape(40, 7)
    assert (pauses <= np.minimum(2.0 ** np.arange(7), 60)).all()
    assert (pauses.max(axis=0) > np.minimum(2.0 ** np.arange(7), 60) * 0.6).all()
    assert len(set(pauses[:, 0])) == 40


def test_no_server_there() -> None:
    with fake_server() as server:
        pass
    with pytest.raises(
        ServerError, match=r"/v1/completions: no connection \(.*\) \(2 tries\); is a server running there\?"
    ):
        reach(server, attempts=2)


def test_redirections_are_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERACAL_API_KEY", KEY)
    with fake_server() as server, fake_server() as elsewhere:
        server.always = fake.status(307, "moved", Location=f"{elsewhere.url}/completions?k=1")
        with pytest.raises(ValueError, match="HTTP 307, moved"):
            reach(server)
        with pytest.raises(RefusedError, match=rf"it points to {elsewhere.url}/completions, give that address"):
            Connection(server.url).ask(f"{server.url}/completions", {}, "choices")
        assert not elsewhere.requests


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda answer: answer["choices"][0].update(logprobs=None),
            "20 log-probabilities were asked for, the server gives 0",
        ),
        (
            lambda answer: answer["choices"][0].pop("logprobs"),
            "20 log-probabilities were asked for, the server gives 0",
        ),
        (
            lambda answer: answer["choices"][0]["logprobs"].update(top_logprobs=[{" A": -1.0}]),
            "20 log-probabilities were asked for, the server gives 1",
        ),
        (lambda answer: answer.update(choices=[]), r"an answer must hold a choice, the server gives \[\]"),
        (lambda answer: answer.update(choices="no"), "an answer must hold a choice, the server gives no"),
    ],
)
def test_other_logprobs_than_asked_for(change: Any, message: str, tmp_path: Path) -> None:
    with fake_server(ways=("completions",)) as server:
        model = reach(server)
        server.always = fake.changed(change)
        with pytest.raises(AnswerError, match=rf"^{server.url}/completions: {message}"):
            model.next_token_logprobs(["Answer:"], SPACED)
        with pytest.raises(
            ValueError, match=r"gives no log-probabilities of next tokens \(completions: .*; chat/completions: HTTP 404"
        ):
            reach(server)


def test_a_refusal_is_told_at_once() -> None:
    with fake_server(always=fake.status(401, "no key")) as server:
        with pytest.raises(RefusedError, match=r"HTTP 401, no key; set VERACAL_API_KEY \(or OPENAI_API_KEY\)"):
            reach(server)
        assert len(server.requests) == 1
    for content in (b"", b"<html>", b'{"detail": ["x"]}', b'{"error": "plain"}', b"[1]", b'{"error": {"code": 3}}'):

        def fault(handler: Any, _: dict[str, Any], content: bytes = content) -> None:
            handler.send(418, content)

        with fake_server(always=fault) as server, pytest.raises(RefusedError, match="HTTP 418"):
            Connection(server.url).ask(server.url + "/completions", {}, "choices")


def test_an_interrupt_keeps_what_was_done(tmp_path: Path) -> None:
    items = tiny.items(12)
    with fake_server() as server:
        model = reach(server)

        def stop(done: int, _: int) -> None:
            if done == 5:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            extract(model, items, out=tmp_path / "run", progress=stop, batch_size=2)
        assert read_run(tmp_path / "run").n_items == 5
        before = len(server.requests)
        whole_run = extract(model, items, out=tmp_path / "run")
        assert whole_run.n_items == 12
        assert sum("Question" in text for text in server.prompts[before:]) <= 8  # those that are left, and the form's


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "calibration.models.servers.connections.find_spec", lambda name: None if name == "httpx2" else name
    )
    with pytest.raises(ValueError, match=r"a server needs the package httpx2: pip install 'veracal\[server\]'"):
        load_model("openai:tiny@http://127.0.0.1:1/v1")
