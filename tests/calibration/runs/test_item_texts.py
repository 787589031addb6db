"""The table of items: texts, and further columns that come back with the rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from calibration import Pairs, Predictions, Verdicts, read_run
from calibration.logs.log import Log
from calibration.logs.run_folders import write_log
from calibration.runs.folder import Run
from calibration.runs.item_texts import hash_of_items, item_texts
from calibration.runs.run_kinds import PAIRS, VERDICTS
from calibration.runs.run_writer import RunWriter
from tests import tiny

LANGUAGES = ["de", "fr", None]
ITEMS = [
    replace(item, columns={} if language is None else {"language": language})
    for item, language in zip(tiny.items(3), LANGUAGES, strict=True)
]


def test_columns_of_items_stand_behind_their_texts_and_change_no_hash() -> None:
    texts = item_texts(ITEMS)
    assert texts.columns == ["item", "subject", "question", "options", "answer", "content", "language"]
    assert texts["language"].to_list() == LANGUAGES
    assert hash_of_items(texts) == hash_of_items(item_texts(tiny.items(3)))
    assert texts.drop("language").equals(item_texts(tiny.items(3)))


def test_columns_that_are_called_as_those_of_a_run_are_left_out() -> None:
    item = replace(tiny.items(1)[0], columns={"Model": "x", "prompt": "y", "language": "de"})
    assert item_texts([item]).columns[-2:] == ["content", "language"]


def test_columns_of_items_come_back_with_the_run(tmp_path: Path) -> None:
    run = RunWriter.open(tmp_path / "run", {"model": "m"}, items=ITEMS)
    run.append(tiny.rows(ITEMS))
    frame = read_run(tmp_path / "run").frame
    assert frame["language"].to_list() == LANGUAGES
    assert "question" not in frame.columns


def frames() -> list[Predictions | Pairs | Verdicts]:
    language = pl.Series("language", ["de", "fr"])
    verdicts = pl.DataFrame({"item": ["a", "b"], "grade": ["correct", "incorrect"]}).with_columns(
        model=pl.lit("m"), revision=pl.lit(""), subject=pl.lit("")
    )
    return [
        Predictions(
            Predictions.from_arrays([[1, 0], [0, 1]], [0, 0], item=["a", "b"], model="m").frame.with_columns(language)
        ),
        Pairs(Pairs.from_arrays([0.9, 0.6], [1, 0], item=["a", "b"], model="m").frame.with_columns(language)),
        Verdicts(verdicts.with_columns(language)),
    ]


@pytest.mark.parametrize("content", frames(), ids=["letters", "pairs", "verdicts"])
def test_without_texts_the_table_holds_items_and_further_columns_alone(
    tmp_path: Path, content: Predictions | Pairs | Verdicts
) -> None:
    (tmp_path / "log").write_text("x")
    log = Log(format="f", task="", model="m", files=(tmp_path / "log",), content=content)
    kind = {Pairs: PAIRS, Verdicts: VERDICTS}.get(type(content), Run(tmp_path).kind)
    for _ in range(2):  # the second import finds the first
        write_log(log, tmp_path / "run")
    run = Run(tmp_path / "run", kind)
    texts = run.items()
    assert texts is not None
    assert texts.columns == ["item", "language"]
    assert run.ordered().equals(content.frame)
    assert run.read_frame().columns == list(kind.schema)


def test_columns_of_a_log_join_its_content_and_its_texts(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("x")
    content = frames()[0]
    texts = pl.DataFrame({"item": ["b", "a"], "question": ["B?", "A?"], "year": [1, 2]})
    log = Log(format="f", task="", model="m", files=(tmp_path / "log",), content=content, items=texts)
    assert isinstance(log.content, Predictions)
    assert log.content.frame.select("item", "language", "year").rows() == [("a", "de", 2), ("b", "fr", 1)]
    write_log(log, tmp_path / "run")
    read = read_run(tmp_path / "run").frame
    assert read.sort("item").select("item", "language", "year").rows() == [("a", "de", 2), ("b", "fr", 1)]
    assert read["item"].to_list() == ["b", "a"]


def test_a_run_without_further_columns_has_no_table_of_them(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("x")
    log = Log(
        format="f",
        task="",
        model="m",
        files=(tmp_path / "log",),
        content=Predictions.from_arrays([[1, 0]], [0], model="m"),
    )
    write_log(log, tmp_path / "run")
    assert sorted(path.name for path in (tmp_path / "run").iterdir() if path.suffix != ".lock") == ["parts", "run.json"]
