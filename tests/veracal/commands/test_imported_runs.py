"""Runs that were imported from logs, in the commands that read runs."""

from __future__ import annotations

import json
import math
from pathlib import Path

import polars as pl
import pytest

import factuality
from calibration.logs.answer_likelihoods import AnswerLikelihoods
from calibration.logs.graded_answers import GradedAnswers
from calibration.logs.log import Log
from factuality.logs.answer_likelihoods import write_likelihoods
from factuality.logs.graded_answers import write_answers
from factuality.multiple_choice.likelihoods import run_variants
from tests.calibration.logs.inspect_logs.inspect_files import free, write_json
from tests.pages import Page
from tests.veracal.command_line import refusal, run


def answers_run(folder: Path, model: str, grades: list[str], *, references: list[str], samples: int = 1) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / "log.json"
    file.write_text(model)
    rows = [
        {
            "item": str(number), "sample": sample, "category": "colours", "question": f"What colour is {number}?",
            "response": "It is red." if grade == "correct" else "It is green.", "references": references,
            "grade": grade, "confidence": None, "reason": "",
        }
        for number, grade in enumerate(grades)
        for sample in range(samples)
    ]  # fmt: skip
    content = GradedAnswers(pl.DataFrame(rows, schema_overrides={"references": pl.List(pl.String)}), "match")
    write_answers(Log(format="made", task="t", model=model, content=content, files=(file,)), content, folder / "run")
    return folder / "run"


def test_grade_shows_the_verdicts_of_the_log_or_those_of_a_grader_of_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = answers_run(tmp_path / "a", "m", ["correct", "incorrect", "abstained", "ungraded"], references=["red"])
    assert run("grade", path, "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["grader"], shown["n_answers"]) == ("log:match", 4)
    assert {name: shown["calm"][name]["value"] for name in ("correct", "incorrect", "abstained", "ungraded")} == {
        "correct": 0.25, "incorrect": 0.25, "abstained": 0.25, "ungraded": 0.25,
    }  # fmt: skip
    assert run("grade", path, "--grader", "log:match", "--json") == 0
    assert json.loads(capsys.readouterr().out) == shown
    for grader in ("match", "combined:words"):
        assert run("grade", path, "--grader", grader, "--json") == 0
        again = json.loads(capsys.readouterr().out)
        assert (again["grader"], again["calm"]["correct"]["value"]) == (grader, 0.25)
    status, line = refusal(capsys, "compare", path, path)
    assert (status, "name one of these graders" in line) == (1, True)


def test_options_of_graders_do_nothing_to_the_verdicts_of_a_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = answers_run(tmp_path / "a", "m", ["correct"], references=["red"])
    status, line = refusal(capsys, "grade", path, "--batch-size", "4")
    assert (status, "--batch-size has no effect on the verdicts of the log; name a --grader" in line) == (2, True)


def test_answers_without_references_are_shown_and_not_graded_by_comparison(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = answers_run(tmp_path / "a", "m", ["correct", "incorrect"], references=[])
    assert run("grade", path) == 0
    capsys.readouterr()
    status, line = refusal(capsys, "grade", path, "--grader", "match")
    assert status == 1
    assert "match compares answers with right ones, and the 2 questions come without any, such as '0'" in line


def test_two_imported_runs_of_answers_are_compared_and_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = answers_run(tmp_path / "a", "m", ["incorrect"] * 6 + ["correct"] * 2, references=[])
    after = answers_run(tmp_path / "b", "n", ["correct"] * 7 + ["incorrect"], references=[])
    assert run("compare", before, after, "--json") == 0
    changes = {row["measure"]: row for row in json.loads(capsys.readouterr().out)["change"]}
    assert changes["correct"]["change"] == pytest.approx(5 / 8)
    assert run("report", before, after, "--html", tmp_path / "page.html") == 0
    assert "log:match" in (tmp_path / "page.html").read_text()


def test_several_answers_to_a_question_are_counted_by_question(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = answers_run(tmp_path / "a", "m", ["correct", "incorrect", "incorrect"], references=["red"], samples=2)
    after = answers_run(tmp_path / "b", "n", ["correct", "correct", "incorrect"], references=["red"], samples=2)
    assert run("grade", before) == 0
    shown = capsys.readouterr().out
    assert "answers" in shown.splitlines()[1]
    assert shown.splitlines()[3].split()[:3] == ["all", "3", "6"]
    assert "Note: 6 answers to 3 questions: each share is the mean over the questions" in shown
    assert run("grade", before, "--json") == 0
    numbers = json.loads(capsys.readouterr().out)
    assert (numbers["n_answers"], numbers["calm"]["n"], numbers["calm"]["n_answers"]) == (6, 3, 6)
    for items in ("same", "common"):
        assert run("compare", before, after, "--items", items, "--html", tmp_path / "page.html") == 0
        assert "After: 6 answers to 3 questions" in capsys.readouterr().out
    page = (tmp_path / "page.html").read_text()
    assert "Free-form answers to 3 questions" in page
    assert "n: 6 answers to 3 questions: each share is the mean over the questions" in page


def test_partial_credit_goes_from_the_log_to_rates_changes_and_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, values in (("a", ["C", "P", "I", "P"]), ("b", ["C", "C", "P", "P"])):
        samples = [free(number, value=value) for number, value in enumerate(values, start=1)]
        log = write_json(tmp_path / f"{name}.json", samples)
        assert run("import", log, "--partial", "half", "--model", name, "--out", tmp_path / name) == 0
    assert "2 of 4 answers have half credit and count with it" in capsys.readouterr().err
    before, after = tmp_path / "a", tmp_path / "b"
    assert run("grade", before) == 0
    assert "Note: 2 of 4 answers are partly right: the credit counts as right" in capsys.readouterr().out
    assert run("grade", before, "--json") == 0
    numbers = json.loads(capsys.readouterr().out)["calm"]
    assert (numbers["n_partial"], numbers["correct"]["value"], numbers["incorrect"]["value"]) == (2, 0.5, 0.5)
    assert run("compare", before, after, "--json", "--html", tmp_path / "page.html") == 0
    changes = {row["measure"]: row for row in json.loads(capsys.readouterr().out)["change"]}
    assert (changes["correct"]["change"], changes["incorrect"]["change"]) == (0.25, -0.25)
    assert "b: 2 of 4 answers are partly right" in (tmp_path / "page.html").read_text()
    capsys.readouterr()
    assert run("summarize", before) == 0
    printed = capsys.readouterr()
    assert "2 of 4 answers are partly right" in printed.out
    assert "nothing to calibrate: none of 2 answers that are right or wrong has a confidence" in printed.out


def likelihoods_run(folder: Path, model: str, right: float, *, mc1_alone: bool = False) -> Path:
    folder.mkdir()
    file = folder / "log.json"
    file.write_text(model)
    rows = {
        "item": ["a", "b"], "category": ["x", "x"], "question": ["What is a?", "What is b?"],
        "correct": [["red"], ["blue", "azure"]], "incorrect": [["green"], ["brown"]],
        "correct_logprobs": [[right], [-1.0, -2.0]], "incorrect_logprobs": [[-2.0], [-3.0]],
    }  # fmt: skip
    content = AnswerLikelihoods(pl.DataFrame(rows), "mc1" if mc1_alone else "mc2", mc1_alone)
    log = Log(format="made", task="t", model=model, content=content, files=(file,))
    write_likelihoods(log, content, folder / "run")
    return folder / "run"


def test_two_imported_runs_of_likelihoods_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = likelihoods_run(tmp_path / "a", "m", -3.0), likelihoods_run(tmp_path / "b", "n", -1.0)
    assert run("compare", before, after, "--json") == 0
    compared = json.loads(capsys.readouterr().out)
    # By hand: softmax over the answers, summed over the true ones.
    a = math.exp(-3) / (math.exp(-3) + math.exp(-2))
    b = (math.exp(-1) + math.exp(-2)) / (math.exp(-1) + math.exp(-2) + math.exp(-3))
    assert {name: score["value"] for name, score in compared["before"].items()} == {
        "mc1": 0.5,
        "mc2": pytest.approx((a + b) / 2),
    }
    assert compared["change"]["mc1"][-1]["change"] == 0.5


def test_a_log_of_mc1_alone_has_no_mc2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = likelihoods_run(tmp_path / "a", "m", -3.0, mc1_alone=True)
    after = likelihoods_run(tmp_path / "b", "n", -1.0)
    assert factuality.read_multiple_choice(before).score == 0.5
    # What a harness put in front of the questions is not in the log's settings.
    assert factuality.read_multiple_choice(before).frame["primer"].unique().to_list() == ["unknown"]
    with pytest.raises(ValueError, match="holds the answers of mc1 alone, the variant must be that; got 'mc2'"):
        factuality.read_multiple_choice(before, variant="mc2")
    assert run("compare", before, after, "--json") == 0
    assert [*json.loads(capsys.readouterr().out)["change"]] == ["mc1"]
    page = tmp_path / "page.html"
    assert run("report", before, "--html", page) == 0
    shown = Page(page)
    assert b"mc1" in shown.files["multiple_choice.csv"]
    assert b"mc2" not in shown.files["multiple_choice.csv"]
    assert "The rows of the browsers" not in shown.words
    assert run("export", before, "--out", tmp_path / "rows.csv") == 0
    assert run("import", tmp_path / "rows.csv", "--out", tmp_path / "again") == 0
    assert "report" in capsys.readouterr().err.splitlines()[-1]
    assert run_variants([tmp_path / "again"]) == ("mc1",)
    assert run("export", before, "--format", "every-eval-ever", "--out", tmp_path / "records") == 0
    (aggregate,) = (path for path in (tmp_path / "records").rglob("*.json"))
    assert "Mean probability of the correct answers" not in aggregate.read_text()
    status, line = refusal(capsys, "summarize", before)
    assert (status, f"its scores are shown by: veracal report {before} --html PAGE" in line) == (1, True)


def test_a_diagram_of_common_items_says_so_and_its_file_holds_them(tmp_path: Path) -> None:
    for name, grades in (("before", ["correct", "wrong", "not attempted"]), ("after", ["correct", "correct", "wrong"])):
        rows = [
            f"q{number},{name},What is {number}?,It is.,{grades[number % 3]},0.{number % 9 + 1}" for number in range(60)
        ]
        rows = [row.replace("not attempted", "wrong") if row.startswith("q2,") else row for row in rows]
        table = tmp_path / f"{name}.csv"
        table.write_text("\n".join(["id,model,question,response,verdict,confidence", *rows]))
        assert run("import", table, "--out", tmp_path / name) == 0
    page = tmp_path / "page.html"
    assert run("report", tmp_path / "before", tmp_path / "after", "--html", page) == 0
    shown = Page(page)
    assert "empty bins stay empty. Drawn are the 41 items that both runs hold." in shown.words
    bins = pl.read_csv(shown.files["answer-confidence_bins.csv"])
    assert bins.group_by("run").agg(pl.col("count").sum()).sort("run").rows() == [("after", 41), ("before", 41)]
