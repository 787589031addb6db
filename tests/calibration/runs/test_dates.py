"""The date in the prompts of a run: kept by whoever continues it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calibration import Verdicts, extract
from calibration.errors import SettingsDifferError
from calibration.logs.log import Log
from calibration.logs.run_folders import write_log
from calibration.models.local.transformers_model import LocalModel
from calibration.models.protocol import DatedModel, Model
from calibration.models.tokenizing.chat_formats import ChatFormat
from calibration.runs.dates import date_of_run, dated_as_run
from calibration.runs.folder import Run
from factuality import ask, truthfulqa_mc
from tests import tiny
from tests.calibration.models.tokenizing.test_chat_templates import GRANITE, LLAMA_3_1, LLAMA_3_2, QWEN
from tests.factuality import sets

DAY = "2026-02-03"


def model(template: str = GRANITE, date: str | None = None) -> LocalModel:
    tokenizer = tiny.tokenizer()
    tokenizer.chat_template = template
    return LocalModel("tiny", "", tiny.network(), tokenizer, chat_format=ChatFormat.of(date=date))


def extracted(asked: Model, **options: Any) -> object:
    return extract(asked, tiny.items(6), style="chat", **options)


def answered(asked: Model, **options: Any) -> object:
    return ask(asked, sets.questions(4), style="chat", max_new_tokens=2, **options)


def scored(asked: Model, **options: Any) -> object:
    options.pop("shard", None)
    return truthfulqa_mc(asked, sets.questions(3), primer="none", style="chat", **options)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("made", [extracted, answered, scored])
def test_a_run_that_is_continued_keeps_its_date(made: Callable[..., object], tmp_path: Path) -> None:
    out = tmp_path / "run"
    made(model(date=DAY), out=out, shard=(1, 2))
    today = model()
    assert today.description["date"] != DAY
    made(today, out=out, shard=(2, 2))
    assert (Run(out).manifest["state"], date_of_run(out)) == ("complete", DAY)
    assert today.description["date"] != DAY  # another run of it is of today
    with pytest.raises(SettingsDifferError, match=rf"date: '{DAY}' there, '2026-02-04' now"):
        made(model(date="2026-02-04"), out=out)


@pytest.mark.parametrize("template", [GRANITE, LLAMA_3_1, LLAMA_3_2])
def test_a_model_on_another_day_writes_what_one_of_that_day_does(template: str, tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "Why?"}]
    there = model(template, DAY)
    other = model(template).dated(dt.date(2026, 2, 3))
    assert other.chat(turns) == there.chat(turns)
    assert other.description == there.description
    given = model(template, "2026-02-04")
    assert given.dated(dt.date(2026, 2, 3)) is given
    assert dated_as_run(given, tmp_path / "none") is given


def test_a_template_without_a_date_stays(tmp_path: Path) -> None:
    undated = model(QWEN)
    assert isinstance(undated, DatedModel)
    assert undated.dated(dt.date(2026, 2, 3)) is undated
    assert date_of_run(tmp_path) is None
    assert dated_as_run(undated, None) is undated


def test_the_date_of_a_log_is_none_of_a_chat_template(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    verdicts = Verdicts.from_frame({"correct": [1, 0]}, model="m")
    files = (tmp_path / "a.json",)
    write_log(Log(format="inspect", task="", model="m", date=DAY, content=verdicts, files=files), tmp_path / "run")
    assert (Run(tmp_path / "run").manifest["settings"]["date"], date_of_run(tmp_path / "run")) == (DAY, None)
