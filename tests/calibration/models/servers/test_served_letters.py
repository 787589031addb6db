"""Letters of servers with odd habits: read right, bounded and told, or refused by item, address and value."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calibration import extract, read_run
from calibration.extraction.prompts import completion
from calibration.items.item import LETTERS
from calibration.models.protocol import Prompt
from tests import fake_server as fake
from tests import tiny
from tests.fake_server import NAME, fake_server, reach

pytestmark = [
    pytest.mark.filterwarnings("ignore:of .* rows .* have letters that the source did not give"),
    pytest.mark.filterwarnings("ignore:the model puts"),
]

Answer = dict[str, Any]


def tables(answer: Answer) -> list[dict[str, float]]:
    found: list[dict[str, float]] = answer["choices"][0]["logprobs"]["top_logprobs"]
    return found


def respelt(spelling: Callable[[str], str]) -> fake.Fault:
    """A server that spells the tokens of its tables and lists in another way."""

    def change(answer: Answer) -> None:
        told = answer["choices"][0]["logprobs"]
        if "content" in told:
            for entry in told["content"]:
                for token in entry["top_logprobs"]:
                    token["token"] = spelling(token["token"])
                    token["bytes"] = list(token["token"].encode())
        else:
            told["top_logprobs"] = [
                {spelling(text): value for text, value in table.items()} for table in told["top_logprobs"]
            ]

    return fake.changed(change)


@pytest.mark.parametrize("form", ["table", "list"])
@pytest.mark.parametrize("mark", ["Ġ", "▁"])
def test_marks_are_spaces(form: str, mark: str) -> None:
    items = tiny.items(6)
    with fake_server(form=form) as server:
        run = extract(reach(server), items)
        server.always = respelt(lambda text: text.replace(" ", mark))
        assert extract(reach(server), items).frame.equals(run.frame)


def test_fewer_alternatives_than_ever_go_on() -> None:
    """A token that is not listed is bounded by the least that is."""
    items = tiny.items(6)
    with fake_server() as server:
        model = reach(server)

        def shorten(answer: Answer) -> None:
            (table,) = tables(answer)
            answer["choices"][0]["logprobs"]["top_logprobs"] = [dict(list(table.items())[:19])]

        whole = extract(model, items, form="space")
        server.always = fake.changed(shorten)
        run = extract(model, items, form="space")
    for row, item in enumerate(items):
        known = list(fake.distribution(completion(item)).items())[:19]
        listed = np.array([f" {letter}" in dict(known) for letter in "ABCD"])
        assert run.frame["bounded"][row].to_list() == (~listed).tolist()
        np.testing.assert_array_equal(run.logprobs[row, listed], whole.logprobs[row, listed])
        np.testing.assert_allclose(run.logprobs[row, ~listed], known[-1][1], atol=1e-5)


def test_a_server_that_gives_ten_without_a_word() -> None:
    def ten(answer: Answer) -> None:
        (first,) = answer["choices"][0]["logprobs"]["content"]
        del first["top_logprobs"][10:]

    with fake_server(form="list", always=fake.changed(ten)) as server:
        with pytest.warns(UserWarning, match="the log-probabilities of the 10 likeliest .* 20 were asked for") as told:
            model = reach(server)
        assert len(told) == 1
        model.chat([{"role": "user", "content": "Hi"}])  # told once, not for each way of asking
        assert extract(model, tiny.items(6)).n_items == 6


@pytest.mark.parametrize(("most", "tries"), [(10, [20, 10]), (8, [20, 10, 8]), (3, [20, 10, 8, 5, 4, 3])])
def test_a_cap_is_found_by_trying(most: int, tries: list[int]) -> None:
    with fake_server(most=most) as server:
        with pytest.warns(UserWarning, match=rf"of the {most} likeliest next tokens"):
            reach(server)
        assert [body["logprobs"] for _, body, _ in server.requests] == tries


def test_a_server_without_letters_is_quoted() -> None:
    with fake_server(always=respelt(lambda text: f"w{text.strip()}")) as server:
        likeliest, value = next(iter(fake.distribution(completion(tiny.items(1)[0])).items()))
        message = (
            rf"^item law/0: {server.url}/completions: none of the letters is among the 20 likeliest tokens that the "
            rf"server lists \('w{likeliest.strip()}' {value:.4g}, .*…\); another style, few-shot examples"
        )
        items = tiny.items(1)
        with pytest.raises(ValueError, match=message.replace("law/0", re.escape(items[0].id))):
            extract(reach(server), items)


def test_a_server_that_writes_no_spaces_leaves_the_form_unresolved() -> None:
    """Only where no text begins with a space: then " A" and "A" are one."""
    with (
        fake_server(always=respelt(str.strip)) as server,
        pytest.warns(UserWarning, match=r"may write ' A' and 'A' alike, and which of them is read is unresolved"),
    ):
        reach(server).added_tokens(Prompt("Answer:"), "A")


def repeated(handler: Any, body: Answer) -> None:
    """A table whose text names its first token twice."""
    table = dict(list(fake.distribution(body["prompt"]).items())[:20])
    first = json.dumps(next(iter(table)))
    choice = {"text": "", "logprobs": {"top_logprobs": [table]}}
    text = json.dumps({"model": NAME, "choices": [choice]})
    handler.send(200, text.replace(first, f"{first}: -9.0, {first}", 1).encode())


def with_first(value: float) -> fake.Fault:
    def change(answer: Answer) -> None:
        (table,) = tables(answer)
        table[next(iter(table))] = value

    return fake.changed(change)


def more_choices(answer: Answer) -> None:
    answer["choices"] = [{**answer["choices"][0], "index": 1}, {**answer["choices"][0], "index": 2}]


ODD: dict[str, tuple[fake.Fault, str]] = {
    "a token twice": (repeated, "two tokens are spelt '.+': an object of the answer names it twice"),
    "NaN": (with_first(math.nan), "must be a finite number at most 0, the server gives nan for"),
    "infinite": (with_first(-math.inf), "must be a finite number at most 0, the server gives -inf for"),
    "positive": (with_first(0.5), r"must be a finite number at most 0, the server gives 0\.5 for"),
    "too much mass": (with_first(-0.001), r"must sum to at most 1, .* have the sum 1\.\d+ \("),
    "other choices": (fake.changed(more_choices), r"the server gives 2 with the indices \[1, 2\]"),
    "no choice": (fake.changed(lambda answer: answer.update(choices=[])), r"must hold a choice, the server gives \[\]"),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_answers_are_refused_by_item_address_and_value(name: str, tmp_path: Path) -> None:
    fault, message = ODD[name]
    items = tiny.items(6)
    with fake_server() as server:
        model = reach(server)

        def turned(done: int, _: int) -> None:
            if done == 2:
                server.always = fault

        message = rf"^item [a-z]+/\d: {server.url}/completions: .*{message}.*; what was done is kept$"
        with pytest.raises(ValueError, match=message):
            extract(model, items, batch_size=1, out=tmp_path / "run", progress=turned)
    assert 2 <= read_run(tmp_path / "run").n_items < 6


def test_choices_in_another_order() -> None:
    """The choice of index 0 is read."""

    def backwards(answer: Answer) -> None:
        other = {"index": 1, "logprobs": {"top_logprobs": [{f" {letter}": -3.0 for letter in LETTERS[:20]}]}}
        answer["choices"] = [other, {**answer["choices"][0], "index": 0}]

    items = tiny.items(6)
    with fake_server() as server:
        run = extract(reach(server), items)
        server.always = fake.changed(backwards)
        np.testing.assert_array_equal(extract(reach(server), items).logprobs, run.logprobs)


@pytest.mark.parametrize(
    ("ways", "change", "advice"),
    [
        ((), None, "is this the address of its API, and the model's name there"),
        (("chat/completions",), {"logprobs": None}, "ask a model or a server that gives them"),
    ],
)
def test_no_log_probabilities_are_told_for_what_they_are(ways: tuple[str, ...], change: Any, advice: str) -> None:
    fault = None if change is None else fake.changed(lambda answer: answer["choices"][0].update(change))
    with (
        fake_server(ways=ways, always=fault) as server,
        pytest.raises(ValueError, match=rf"^{server.url}: the server gives no log-probabilities .*{advice}"),
    ):
        reach(server)


@pytest.mark.parametrize("tokenizer", ["llama.cpp", "vllm"])
def test_a_server_with_a_tokenizer_is_quoted_too(tokenizer: str) -> None:
    """It knows the letters' tokens without asking; what it lists is looked at all the same."""

    def thinks(handler: Any, body: Answer) -> Answer | None:
        if "prompt" not in body or handler.path == "/tokenize":
            return body
        numbered = body.get("return_tokens_as_token_ids")
        words = {"<think>": -0.01} | {f"w{n}": -9.0 - n for n in range(body["logprobs"] - 1)}
        table = {f"token_id:{n}" if numbered else text: value for n, (text, value) in enumerate(words.items())}
        handler.send(200, {"model": NAME, "choices": [{"text": "", "logprobs": {"top_logprobs": [table]}}]})
        return None

    items = tiny.items(3)
    with fake_server(tokenizer=tokenizer, always=thinks) as server:
        message = rf"^item {items[0].id}: {server.url}/completions: none of .* \('<think>' -0.01, 'w0' -9, .*thought"
        with pytest.raises(ValueError, match=message):
            extract(reach(server), items)
    with fake_server(tokenizer=tokenizer) as server:
        model = reach(server)
        with pytest.warns(UserWarning, match=r"/v1/completions: none of the letters is among the 20 likeliest tokens"):
            model.next_token_logprobs(["Answer:"], [" Z"])  # the made-up model has no such token
