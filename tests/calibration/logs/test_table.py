"""Tables as logs: the header decides what they hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from calibration import Pairs, Predictions, Verdicts
from calibration.logs.formats import read_logs
from calibration.logs.graded_answers import GradedAnswers
from calibration.logs.log import Log
from calibration.logs.options import LogOptions
from calibration.tables import table_files
from tests.workbooks import workbook
from veracal import import_logs


def log_of(path: Path, text: str, scale: float | None = None) -> Log:
    path.write_text(text, encoding="utf-8")
    (log,) = read_logs([path], options=LogOptions(scale=scale))
    return log


@pytest.mark.parametrize(
    ("name", "text", "format", "content"),
    [
        ("a.csv", "confidence,correct\n0.9,yes\n0.4,no\n", "table", Pairs),
        ("a.tsv", "Prob\tLabel\n0.9\t1\n0.4\t0\n", "table", Pairs),
        ("a.csv", "id;Verdict\n1;Correct\n2;wrong\n", "table", Verdicts),
        ("a.csv", "question,answer,verdict\nWhy?,So.,correct\n", "table", GradedAnswers),
        ("a.csv", "logit_A,logit_B,answer\n1,2,B\n", "csv", Predictions),
        ("a.jsonl", '{"p": 0.3, "is_correct": true}\n', "table", Pairs),
        ("a.jsonl", '{"probs": [0.3, 0.7], "target": "B"}\n', "table", Predictions),
        ("a.json", '[{"prob_A": 0.3, "prob_B": 0.7, "answer": "B"}]', "table", Predictions),
    ],
)
def test_the_header_decides_what_a_table_holds(
    name: str, text: str, format: str, content: type, tmp_path: Path
) -> None:
    log = log_of(tmp_path / name, text)
    assert (log.format, type(log.content), log.model) == (format, content, "a")


def test_rows_without_confidence_or_verdict_are_left_out_and_told(tmp_path: Path) -> None:
    rows = "confidence,correct,language\n90,yes,de\n40,no,fr\n,no,fr\n50,,fr\n70,refused,de\n"
    log = log_of(tmp_path / "a.csv", rows, scale=100)
    assert isinstance(log.content, Pairs)
    assert log.content.confidence.tolist() == [0.9, 0.4]
    assert log.content.frame["language"].to_list() == ["de", "fr"]
    assert log.remarks == (
        "1 of 5 rows is left out: without a confidence",
        "1 of 5 rows is left out: abstained",
        "1 of 5 rows is left out: ungraded",
    )
    with pytest.raises(ValueError, match=r"a\.csv, line 2: 'confidence' must be in \[0, 1\], got 90; per cent\?"):
        log_of(tmp_path / "a.csv", rows)


def test_graded_answers_keep_questions_references_and_samples(tmp_path: Path) -> None:
    rows = "Why?,So.,Correct,So.,0.5\nWhy?,No.,wrong,So.,\nWho?,Me.,not attempted,,0.1\n"
    text = f"question,response,verdict,target,p\n{rows}"
    content = log_of(tmp_path / "a.csv", text).content
    assert isinstance(content, GradedAnswers)
    assert content.frame["sample"].to_list() == [0, 1, 0]
    assert content.frame["references"].to_list() == [["So."], ["So."], []]
    assert content.frame["confidence"].to_list() == [0.5, None, 0.1]
    assert content.frame["grade"].to_list() == ["correct", "incorrect", "abstained"]
    (run,) = import_logs(tmp_path / "a.csv", tmp_path / "run")
    assert run.n_items == 3


def test_graders_of_two_tables_are_one_if_their_verdicts_stand_in_columns_of_one_name(tmp_path: Path) -> None:
    text = "question,response,verdict\nWhy?,So.,correct\n"
    for name in ("before.csv", "after.csv"):
        content = log_of(tmp_path / name, text).content
        assert isinstance(content, GradedAnswers)
        assert content.grader == "verdict"


def test_a_workbook_of_graded_answers(tmp_path: Path) -> None:
    rows = [["Question", "Answer", "Verdict"], ["Why?", "So.", "Correct"], ["Who?", "Me.", "wrong"]]
    (log,) = read_logs([workbook(tmp_path / "a.xlsx", {"Sheet1": rows})], options=LogOptions())
    assert isinstance(log.content, GradedAnswers)
    assert log.content.frame["grade"].to_list() == ["correct", "incorrect"]


def test_parquet_and_saved_tables(tmp_path: Path) -> None:
    pl.DataFrame({"conf": [0.5], "correct": [True]}).write_parquet(tmp_path / "a.parquet")
    (log,) = read_logs([tmp_path / "a.parquet"], options=LogOptions())
    assert isinstance(log.content, Pairs)
    Predictions.from_arrays([[0.0, 1.0]], [1], model="m").save(tmp_path / "b.parquet")
    (log,) = read_logs([tmp_path / "b.parquet"], options=LogOptions())
    assert (type(log.content), log.model) == (Predictions, "m")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "foo,confidnce,correctt\n1,2,3\n",
            r"a\.csv: the columns must hold letters \(answer, .*\), confidences .*, got 'foo', 'confidnce', "
            "'correctt'; the nearest: 'confidnce' to 'confidence', 'correctt' to 'correct'",
        ),
        ("prob,p,correct\n1,1,1\n", r"a\.csv: 'prob' and 'p' both mean 'confidence'"),
        ("confidence,correct\nhigh,1\n", r"a\.csv, line 2: 'confidence' must be a number, got 'high'"),
        ("confidence,correct\n0.5,B\n", r"a\.csv, line 2: 'correct' must be 0 or 1, .* got 'B'"),
        ("confidence,correct\n,1\n0.5,\n", r"a\.csv: no row has a confidence and is right or wrong"),
        ("verdict,model\n1,x\n0,y\n", r"a\.csv: the rows must be of one model, got 'x' \(line 2\) and 'y' \(line 3\)"),
    ],
)
def test_tables_that_are_refused(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        log_of(tmp_path / "a.csv", text)


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("confidence,correct\n0.9,1\n0.4,0\n", LogOptions(answers="letters"), "--answers .* got confidences"),
        ("id,correct\na,1\nb,0\n", LogOptions(scale=100), "--scale .* got verdicts without confidences"),
        ("question,answer,correct\nWhy?,So.,1\n", LogOptions(scale=100), "--scale .* got graded answers without"),
    ],
)
def test_an_option_that_a_table_has_no_use_for_is_refused(
    text: str, options: LogOptions, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=said):
        read_logs([path], options=options)


@pytest.mark.parametrize(("name", "format"), [("run.csv", "csv"), ("run.csv", "table"), ("run.parquet", "table")])
@pytest.mark.parametrize("options", [LogOptions(answers="letters"), LogOptions(scale=100)])
def test_a_table_of_our_own_leaves_nothing_to_say(name: str, format: str, options: LogOptions, tmp_path: Path) -> None:
    run = Predictions.from_arrays(probabilities=[[0.3, 0.7]], answer=[1], model="m")
    run.save(tmp_path / name)
    with pytest.raises(ValueError, match="got a table that veracal wrote"):
        read_logs([tmp_path / name], format=format, options=options)


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "a.xlsx", {"one": [["confidence", "correct"], [0.9, 1]]})
    (log,) = read_logs([path], options=LogOptions())
    assert isinstance(log.content, Pairs)
    monkeypatch.setattr(table_files, "LARGEST", 1000)
    with pytest.raises(
        ValueError, match=r"a\.xlsx: \d+ KiB that unpack to 0 MiB are more than the 0 MiB of a workbook"
    ):
        read_logs([path], options=LogOptions())


@pytest.mark.parametrize("header", ["id,verdict", "question,response,verdict"])
def test_values_between_are_as_partial_says(header: str, tmp_path: Path) -> None:
    rows = ["a,1", "b,0.25", "c,partially correct", "d,no"]
    cells = [row if header.startswith("id") else f"{row[0]}?,{row}" for row in rows]
    (path := tmp_path / "a.csv").write_text("\n".join([header, *cells]))
    (log,) = read_logs([path], options=LogOptions(partial="half"))
    assert isinstance(log.content, Verdicts | GradedAnswers)
    assert log.content.frame["credit"].to_list() == [None, 0.25, 0.5, None]
    assert "2 of 4 answers have partial credit and count with it" in log.remarks
    (wrong,) = read_logs([path], options=LogOptions(partial="incorrect"))
    assert isinstance(wrong.content, Verdicts | GradedAnswers)
    assert wrong.content.frame["grade"].to_list() == ["correct", "incorrect", "incorrect", "incorrect"]
    with pytest.raises(ValueError, match="'verdict' must be 0 or 1"):
        read_logs([path], options=LogOptions())


def test_a_confidence_is_of_right_or_wrong(tmp_path: Path) -> None:
    (path := tmp_path / "a.csv").write_text("confidence,correct\n0.9,1\n0.4,0.5\n")
    with pytest.raises(ValueError, match="a confidence is of right or wrong: partial must be incorrect or ungraded"):
        read_logs([path], options=LogOptions(partial="half"))
    (log,) = read_logs([path], options=LogOptions(partial="ungraded"))
    assert isinstance(log.content, Pairs)
    assert log.content.n_items == 1
    assert "1 of 2 rows is left out: ungraded" in log.remarks


LINES = '{"id": "a", "verdict": "correct"}\n{"id": "b", "verdict": "wrong"}\n'
COMMAS = "id,verdict\na,correct\nb,wrong\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", LINES), ("a.txt", LINES), ("a.parquet", LINES), ("a", LINES), ("a.tsv", "\ufeff" + LINES),
        ("a.csv", '[{"id": "a", "verdict": "correct"}, {"id": "b", "verdict": "wrong"}]'),
        ("a.jsonl", COMMAS), ("a.json", COMMAS), ("a.txt", COMMAS), ("a", COMMAS), ("a.xlsx", COMMAS),
        ("a.log", COMMAS.replace(",", "\t")), ("a.txt", COMMAS.replace(",", ";")),
    ],
)  # fmt: skip
def test_the_content_decides_of_which_kind_a_table_is(name: str, text: str, tmp_path: Path) -> None:
    log = log_of(tmp_path / name, text)
    assert isinstance(log.content, Verdicts)
    assert log.content.frame.select("item", "grade").rows() == [("a", "correct"), ("b", "incorrect")]
    assert Verdicts.from_frame(tmp_path / name).frame["grade"].to_list() == ["correct", "incorrect"]


VERDICTS = pl.DataFrame({"id": ["a", "b"], "verdict": ["correct", "wrong"]})


@pytest.mark.parametrize(
    "write",
    [
        VERDICTS.write_parquet,
        VERDICTS.write_ipc,
        VERDICTS.write_ipc_stream,
        lambda path: workbook(path, {"rows": [["id", "verdict"], *map(list, VERDICTS.rows())]}),
    ],
    ids=["parquet", "arrow", "stream", "workbook"],
)
@pytest.mark.parametrize("name", ["a.csv", "a.txt"])
def test_binary_tables_are_told_by_their_content(name: str, write: Callable[[Path], object], tmp_path: Path) -> None:
    path = tmp_path / name
    write(path)
    (log,) = read_logs([path], options=LogOptions())
    assert isinstance(log.content, Verdicts)
    assert log.content.frame.select("item", "grade").rows() == [("a", "correct"), ("b", "incorrect")]


def test_letters_and_own_tables_are_told_by_their_content(tmp_path: Path) -> None:
    letters = log_of(tmp_path / "letters.txt", "logit_A,logit_B,answer\n1,2,B\n")
    assert (letters.format, type(letters.content)) == ("csv", Predictions)
    run = Verdicts.from_frame({"verdict": [1, 0]}, model="m")
    run.save(tmp_path / "own.csv")
    run.save(tmp_path / "own.jsonl")
    (tmp_path / "own.csv").rename(tmp_path / "csv.jsonl")
    (tmp_path / "own.jsonl").rename(tmp_path / "jsonl.csv")
    for name in ("csv.jsonl", "jsonl.csv"):
        (log,) = read_logs([tmp_path / name], options=LogOptions())
        assert isinstance(log.content, Verdicts)
        assert (log.format, log.content.frame.equals(run.frame)) == ("veracal", True)


@pytest.mark.parametrize("text", ["Only words.\n", "# Notes\n\na, b, c\n"])
def test_other_texts_are_no_tables(text: str, tmp_path: Path) -> None:
    (path := tmp_path / "README.txt").write_text(text)
    with pytest.raises(ValueError, match="a log of no known format"):
        read_logs([path], options=LogOptions())


def test_a_nested_score_is_refused_by_its_cell(tmp_path: Path) -> None:
    (path := tmp_path / "a.jsonl").write_text('{"id": 1, "verdict": 1}\n{"id": 2, "verdict": [1]}\n')
    with pytest.raises(ValueError, match=r"a\.jsonl, line 2: 'verdict' must be 0 or 1, .* got \[1\]"):
        read_logs([path], options=LogOptions())
