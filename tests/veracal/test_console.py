"""The terminal: whatever a text holds, it is shown as a text on its own line."""

from __future__ import annotations

import contextlib
import json
import logging
import re
import threading
import time
from typing import Any

import pytest

from tests.veracal.terminal import EVIL, SHOWN, printed
from veracal import console

pytestmark = pytest.mark.usefixtures("wide_terminal")


def test_messages_and_results_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    console.say(EVIL)
    console.print_line(EVIL)
    assert printed(capsys) == f"{SHOWN}\n{SHOWN}\n"


def test_tables_show_texts_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    console.print_table(EVIL, ["", EVIL], [[EVIL, "1"]])
    assert printed(capsys).count(SHOWN) == 3


def test_names_wrap_in_a_narrow_terminal_and_numbers_stay_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console.OUT, "_width", 46)
    row = ["a category of many words", "0.123456", "[+0.123456, +0.234567]"]
    console.print_table("", ["", "change", "interval"], [row])
    text = printed(capsys)
    assert row[1] in text
    assert row[2] in text
    assert "…" not in text
    assert "categ" in text


def test_progress_shows_its_label_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with console.progress(EVIL) as show:
        show(1, 2)
    assert SHOWN in printed(capsys)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console.ERR, "_force_terminal", True)
    monkeypatch.setattr(console.ERR, "is_interactive", True)
    monkeypatch.setattr(console.ERR, "_width", 80)
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.usefixtures("terminal")
def test_a_bar_has_counts_rate_and_times(capsys: pytest.CaptureFixture[str]) -> None:
    with console.progress("Extracting") as show:
        show(4, 8)
        time.sleep(0.01)
        show(8, 8)
    last = capsys.readouterr().err.rpartition("Extracting")[2]
    assert "8/8" in last
    assert re.search(r"[\d.]+ items/s", last)
    assert "0:00:00" in last
    assert "…" not in last


def test_a_log_has_no_line_of_a_late_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with console.late_progress("Reading", seconds=0) as show:
        show(1, 2)
    assert capsys.readouterr().err == ""


def test_a_log_has_a_line_a_minute_and_one_at_the_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 1.0, 21.0, 61.0, 61.0, 71.0, 71.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    with console.progress("Extracting") as show:
        show(10, 100)  # an earlier run left them
        show(30, 100)
        show(70, 100)
        show(100, 100)
    assert capsys.readouterr().err.splitlines() == [
        "Extracting: 70 of 100, 1.0 items/s, 0:01:00, 0:00:30 left",
        "Extracting: 100 of 100, 1.3 items/s, 0:01:10",
    ]


@pytest.mark.usefixtures("terminal")
def test_what_is_not_wanted_is_not_shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "SHOWN", console.Shown(notes=False, progress=False))
    with (
        console.progress("Extracting") as show,
        console.late_progress("Reading", seconds=0),
        console.waiting("Waiting"),
    ):
        show(1, 2)
    console.say("note")
    console.print_line("result")
    console.alert("warning")
    assert tuple(capsys.readouterr()) == ("result\n", "warning\n")


def test_long_work_shows_how_far_it_is_and_nothing_stays(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console.ERR, "_force_terminal", True)
    monkeypatch.setattr(console.ERR, "is_interactive", True)
    monkeypatch.setenv("TERM", "xterm")
    with console.late_progress(EVIL, seconds=0) as show:
        show(1, 2)
        for timer in [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]:
            timer.join()
    text = capsys.readouterr().err
    assert SHOWN in text
    assert "50%" in text
    assert not any(isinstance(thread, threading.Timer) for thread in threading.enumerate())


def test_short_work_and_pipes_show_no_bar(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with console.late_progress("Reading", seconds=0) as show:
        show(1, 2)
    monkeypatch.setattr(console.ERR, "_force_terminal", True)
    with console.late_progress("Reading", seconds=60) as show:
        show(1, 2)
    assert "Reading" not in capsys.readouterr().err


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
    console.print_json("letters-run", {"run": "", "model": "", "n_items": 1, "headline": {}, EVIL: EVIL})
    assert json.loads(printed(capsys))[EVIL] == EVIL


def test_logs_of_other_libraries_are_escaped(caplog: pytest.LogCaptureFixture) -> None:
    before = logging.getLogRecordFactory()
    logging.setLogRecordFactory(console.LogRecord)
    try:
        logging.getLogger("other").warning("a model of type %s", "\x1b[31mevil\n")
    finally:
        logging.setLogRecordFactory(before)
    assert caplog.messages == ["a model of type \\x1b[31mevil\n"]
