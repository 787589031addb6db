"""The terminal: whatever a text holds, it is shown as a text on its own line."""

from __future__ import annotations

import contextlib
import json
import logging
import re
from typing import Any

import polars as pl
import pytest

from calibration import Predictions, compare, summarize
from factuality import Question, Responses, grade, rates
from veracal import console

EVIL = "m\x1b]0;title\x07\x1b[31m\r\u202e\x9b2J[bold]:smile:\nveracal: done"
SHOWN = r"m\x1b]0;title\x07\x1b[31m\r\u202e\x9b2J[bold]:smile:\nveracal: done"
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    for terminal in (console.OUT, console.ERR):
        monkeypatch.setattr(terminal, "_width", 200)


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    """What was shown, on both streams."""
    seen = capsys.readouterr()
    text = seen.out + seen.err
    assert OBEYED.findall(text) == []
    assert not any(line.startswith("veracal: done") for line in text.splitlines())
    return text


def test_messages_and_results_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    console.say(EVIL)
    console.print_line(EVIL)
    assert printed(capsys) == f"{SHOWN}\n{SHOWN}\n"


def test_tables_show_texts_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    console.print_rows(EVIL, ["", EVIL], [[EVIL, "1"]])
    assert printed(capsys).count(SHOWN) == 3
    run = Predictions.from_arrays([[1.0, 0.0], [0.0, 1.0]] * 6, [0, 1] * 6)
    console.print_summary(EVIL, summarize(run))
    assert SHOWN in printed(capsys)
    console.print_comparison((EVIL, EVIL), compare(run, run))
    shown = printed(capsys)
    assert f"Before: {SHOWN}\nAfter:  {SHOWN}\n" in shown
    assert f"Note on {SHOWN}: " in shown


def test_tables_of_answers_show_categories_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    asked = [Question("sun", EVIL, "What colour is the Sun?", ("white",), ("yellow",))]
    console.print_rates(EVIL, rates(grade(Responses.from_texts({"sun": "White."}, asked), grader="match")))
    assert printed(capsys).count(SHOWN) == 2
    row = {"category": EVIL, "adversarial": True, "n": 1, "before": 0.0, "after": 1.0, "change": 1.0, "measure": EVIL}
    changes = pl.DataFrame([row | dict.fromkeys(("low", "high", "p_value", "q_value"), 0.5)])
    console.print_changes((EVIL, EVIL), changes, "measure")
    assert printed(capsys).count(SHOWN.replace("_", " ")) == 4


def test_progress_shows_its_label_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with console.progress(EVIL) as show:
        show(1, 2)
    assert SHOWN in printed(capsys)


def test_waiting_shows_its_label_as_it_is(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    labels: list[Any] = []

    def status(label: Any) -> contextlib.nullcontext[None]:
        labels.append(label)
        return contextlib.nullcontext()

    monkeypatch.setattr(console.ERR, "status", status)
    with console.waiting(EVIL):
        pass
    console.ERR.print(*labels)
    assert printed(capsys) == f"{SHOWN}\n"


def test_json_is_the_same_data(capsys: pytest.CaptureFixture[str]) -> None:
    console.print_json({EVIL: EVIL})
    assert json.loads(printed(capsys)) == {EVIL: EVIL}


def test_logs_of_other_libraries_are_escaped(caplog: pytest.LogCaptureFixture) -> None:
    before = logging.getLogRecordFactory()
    logging.setLogRecordFactory(console.LogRecord)
    try:
        logging.getLogger("other").warning("a model of type %s", "\x1b[31mevil\n")
    finally:
        logging.setLogRecordFactory(before)
    assert caplog.messages == ["a model of type \\x1b[31mevil\n"]
