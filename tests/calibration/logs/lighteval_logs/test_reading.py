"""Details of lighteval in the layouts of its versions."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.special import softmax

from calibration import Predictions
from calibration.logs.answer_likelihoods import AnswerLikelihoods
from calibration.logs.formats import read_logs
from calibration.logs.graded_answers import GradedAnswers
from calibration.logs.log import Log
from calibration.logs.options import LogOptions

DATE = "2026-01-02T03-04-05.678901"
LAYOUTS = ("structs", "0.10", "native", "texts")
TEXTS = [" warm", " very cold indeed", " mild"]

Value = dict[str, Any]


def row(choices: list[str], gold: Any, outputs: list[Any], **fields: Any) -> Value:
    """A row as lighteval holds it, before it is written."""
    named: Value = {name: fields.pop(name) for name in ("id", "task", "specific", "tokens") if name in fields}
    return {"choices": choices, "gold": gold, "outputs": outputs, "metrics": fields, **named}


def written(value: Value, layout: str) -> Value:
    """A row in the layout of a version."""
    is_text = all(isinstance(output, str) for output in value["outputs"])
    if layout == "structs":
        return {
            "doc": {
                "query": "Why?", "choices": value["choices"], "gold_index": value["gold"], "id": value.get("id", "7"),
                "task_name": value.get("task", "weather|5"), "specific": value.get("specific"),
            },
            "model_response": {
                "logprobs": None if is_text else value["outputs"], "text": value["outputs"] if is_text else None,
                "output_tokens": value.get("tokens", []),
            },
            "metric": value["metrics"],
        }  # fmt: skip
    pairs = value["outputs"] if is_text else [(output, False) for output in value["outputs"]]
    columns = {
        "example": "Why?", "full_prompt": "Shots. Why?", "choices": value["choices"], "gold_index": value["gold"],
        "predictions": value["outputs"] if layout == "native" else pairs, "metrics": value["metrics"],
        "specifics": value.get("specific"), "cont_tokens": value.get("tokens"), "num_asked_few_shots": 5,
    }  # fmt: skip
    if layout == "0.10":
        return {**columns, "predictions": value["outputs"], "prediction_logits": None if is_text else value["outputs"]}
    if layout == "native":
        return columns
    return {name: str(cell) for name, cell in columns.items()}


def write(folder: Path, rows: list[Value], *, layout: str, name: str = "weather|5") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"details_{name}_{DATE}.parquet"
    pl.DataFrame([written(value, layout) for value in rows], infer_schema_length=None).write_parquet(path)
    return path


def write_results(folder: Path, task: str, results: Value, **functions: str) -> Path:
    metrics = [{"metric_name": name, "sample_level_fn": function} for name, function in functions.items()]
    document = {
        "config_general": {"model_config": {"model_name": "org/model"}, "lighteval_sha": "?"},
        "results": {task: results},
        "versions": {},
        "config_tasks": {task: {"name": task, "metrics": metrics}},
    }
    path = folder / f"results_{DATE}.json"
    path.write_text(json.dumps(document))
    return path


def log(path: Path, **options: Any) -> Log:
    (only,) = read_logs([path], options=LogOptions(**options))
    return only


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(ValueError, match="details_") as error:
        read_logs([path], options=LogOptions(**options))
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_options_are_shares_in_every_layout(tmp_path: Path, layout: str) -> None:
    rows = [
        row(TEXTS, 0, [-5.0, -6.0, -9.0], acc=1, id="3"),
        row(TEXTS[:2], 1, [-5.0, -6.0], acc=0, id="5"),
    ]
    read = log(write(tmp_path, rows, layout=layout))
    assert isinstance(read.content, Predictions)
    np.testing.assert_allclose(read.content.probabilities[0], softmax([-5, -6, -9]), atol=1e-6)
    assert (read.content.answer.tolist(), read.content.correct.tolist()) == ([0, 1], [True, False])
    assert (read.task, read.origin["shots"], read.origin["accuracy"]) == ("weather", 5, 0.5)
    assert read.items is not None
    assert read.items["options"].to_list()[0] == ["warm", "very cold indeed", "mild"]
    assert read.remarks == (
        "the log's acc is 0.5000, that of --normalize none, which is taken; it agrees in every record",
    )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_letters_keep_their_mass(tmp_path: Path, layout: str) -> None:
    read = log(write(tmp_path, [row([" A", " B"], [1], [-1.0, -2.0], acc=0)], layout=layout))
    assert isinstance(read.content, Predictions)
    assert read.content.frame["letter_mass"].to_list() == pytest.approx([math.exp(-1) + math.exp(-2)])
    assert read.content.answer.tolist() == [1]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_lengths_divide(tmp_path: Path, layout: str) -> None:
    rows = [row(TEXTS, 0, [-5.0, -6.0, -9.0], acc=1, tokens=[[1], [2, 3, 4], [5]])]
    path = write(tmp_path, rows, layout=layout)
    for length, counts in (("chars", [4, 16, 4]), ("tokens", [1, 3, 1])):
        content = log(path, normalize=length).content
        assert isinstance(content, Predictions)
        np.testing.assert_allclose(content.probabilities[0], softmax(np.array([-5, -6, -9]) / counts), atol=1e-6)
    without = write(tmp_path / "without", [row(TEXTS, 0, [-5.0, -6.0, -9.0], acc=1)], layout=layout)
    assert "the log has no numbers of tokens" in refusal(without, normalize="tokens")


def test_results_tell_model_and_normalisation(tmp_path: Path) -> None:
    rows = [row(TEXTS, 1, [-5.0, -6.0, -9.0], raw=0, by_length=1, with_space=1)]
    path = write(tmp_path, rows, layout="structs")
    write_results(
        tmp_path, "weather|5", {"raw": 0.0},
        raw="LoglikelihoodAcc(logprob_normalization=None)",
        by_length="LoglikelihoodAcc(logprob_normalization=LogProbCharNorm(name='norm', ignore_first_space=True))",
        with_space="LoglikelihoodAcc(logprob_normalization=LogProbCharNorm(name='norm', ignore_first_space=False))",
    )  # fmt: skip
    read = log(path)
    assert (read.model, read.date) == ("org/model", DATE)
    assert [remark.partition(",")[0] for remark in read.remarks] == [
        "the log's acc is 0.0000",
        "the log's acc_norm is 1.0000",
    ]


def test_results_and_model_are_looked_for_where_lighteval_puts_them(tmp_path: Path) -> None:
    rows = [row(TEXTS, 0, [-5.0, -6.0, -9.0], acc=1)]
    path = write(tmp_path / "details" / "org" / "own" / DATE, rows, layout="structs")
    assert log(path).model == "org/own"
    (tmp_path / "results" / "org" / "own").mkdir(parents=True)
    write_results(tmp_path / "results" / "org" / "own", "weather|5", {"acc": 0.5})
    read = log(path)
    assert read.model == "org/model"
    assert "the results state an accuracy of 0.5000; the mean of these records is 1.0000" in read.remarks


@pytest.mark.parametrize("layout", LAYOUTS)
def test_subjects_of_mmlu_are_one_log(tmp_path: Path, layout: str) -> None:
    for subject in ("anatomy", "world_religions"):
        task = f"lighteval|mmlu:{subject}|5|0"
        rows = [row([" A", " B"], 0, [-1.0, -2.0], acc=1, id="0", task=task)]
        write(tmp_path, rows, layout=layout, name=task)
    read = log(tmp_path)
    assert isinstance(read.content, Predictions)
    assert (read.task, read.content.item.tolist()) == ("mmlu", ["anatomy/0", "world_religions/0"])
    assert log(tmp_path, task="mmlu:anatomy").task == "mmlu:anatomy"


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("harness_hendrycksTest-anatomy_5", "mmlu:anatomy"),
        ("leaderboard_arc_challenge_25", "arc_challenge"),
        ("harness|arc:challenge|25", "arc:challenge"),
    ],
)
def test_names_whose_signs_were_replaced(tmp_path: Path, name: str, task: str) -> None:
    path = write(tmp_path, [row([" A", " B"], 0, [-1.0, -2.0], acc=1)], layout="native", name=name)
    assert log(path, task=task).task == task


@pytest.mark.parametrize("layout", LAYOUTS)
def test_true_and_false_answers_stand_one_behind_the_other(tmp_path: Path, layout: str) -> None:
    choices = [" best", " bad", " best", " good", " bad"]
    mass = (math.exp(-1) + math.exp(-2)) / sum(math.exp(-value) for value in (1, 2, 3))
    rows = [
        row(choices, [0, 2, 3], [-1.0, -3.0, -1.0, -2.0, -3.0], truthfulqa_mc1=1, truthfulqa_mc2=mass,
            specific={"len_mc1": 2})
    ]  # fmt: skip
    path = write(tmp_path, rows, layout=layout, name="truthfulqa:mc|0")
    content = log(path).content
    assert isinstance(content, AnswerLikelihoods)
    assert content.frame.select("correct", "incorrect").row(0) == (["best", "good"], ["bad"])
    assert not content.mc1_alone
    content = log(path, metric="truthfulqa_mc1").content
    assert isinstance(content, AnswerLikelihoods)
    assert content.mc1_alone
    assert (content.variant, content.frame["correct"].to_list()) == ("mc1", [["best"]])
    assert "the metric must be one of truthfulqa_mc1, truthfulqa_mc2" in refusal(path, metric="acc")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_written_answers_keep_their_verdicts(tmp_path: Path, layout: str) -> None:
    rows = [row(["right"], [0], ["It is right."], em=1, f1=0.5, id="0"), row(["x"], [0], ["y"], em=0, f1=0.0, id="1")]
    content = log(write(tmp_path, rows, layout=layout)).content
    assert isinstance(content, GradedAnswers)
    assert content.frame["grade"].to_list() == ["correct", "incorrect"]
    assert content.frame["references"].to_list() == [["right"], ["x"]]
    assert content.frame["response"].to_list() == ["It is right.", "y"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            row(TEXTS, [0, 2], [-5.0, -6.0, -9.0], acc=1),
            "(doc_id 7): several options are right, or none ([0, 2])",
        ),
        (row(TEXTS, [3], [-5.0, -6.0, -9.0], acc=1), "gold_index must name one of the 3 choices, got 3"),
        (row(TEXTS, ["B"], [-5.0, -6.0, -9.0], acc=1), "gold_index must be the index of a choice, or several, got"),
        (row(TEXTS, [0.5], [-5.0, -6.0, -9.0], acc=1), "gold_index must be the index of a choice, or several, got"),
        (row(TEXTS, [0], [-5.0, -6.0], acc=1), "there must be a log-likelihood of each of 3 choices, got 2"),
        (row(TEXTS, [0], [-5.0, -6.0, -9.0], acc=0), "but the log counts it as wrong"),
    ],
)
def test_what_is_refused(tmp_path: Path, value: Value, message: str) -> None:
    assert message in refusal(write(tmp_path, [value], layout="structs"))


def test_results_alone_and_damaged_tables_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"results_.*: results of lighteval without details"):
        log(write_results(tmp_path, "weather|5", {}))
    path = write(tmp_path, [row(TEXTS, 0, [-5.0, -6.0, -9.0], acc=1)], layout="structs")
    path.write_bytes(path.read_bytes()[:-20])
    assert "not a readable Parquet file" in refusal(path)


def test_rows_of_two_tasks_are_refused(tmp_path: Path) -> None:
    rows = [row(TEXTS, 0, [-5.0, -6.0, -9.0], acc=1, id=str(number), task="weather|5") for number in range(2)]
    rows.append(row(TEXTS, 0, [-5.0, -6.0, -9.0], acc=1, id="2", task="climate|5"))
    message = "all rows must be of one task and its shots, got 'weather|5' (row 0) and 'climate|5' (row 2)"
    assert message in refusal(write(tmp_path, rows, layout="structs"))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_rows_without_an_accuracy_are_told_and_the_others_checked(tmp_path: Path, layout: str) -> None:
    rows = [row(TEXTS, 0, [-5.0, -6.0, -9.0], acc=acc, id=str(number)) for number, acc in enumerate([1, None])]
    told = "not every record logs an accuracy of the likeliest option: 1 of 2 right options is unchecked"
    assert told in log(write(tmp_path, rows, layout=layout)).remarks
    rows[0]["metrics"]["acc"] = 0
    assert "but the log counts it as wrong" in refusal(write(tmp_path, rows, layout=layout))


def test_a_row_that_occurs_twice_is_refused_with_its_file(tmp_path: Path) -> None:
    for outputs, metrics in ((["right"], {"em": 1}), ([-5.0, -6.0], {"acc": 1})):
        rows = [row([" x", " y"], [0], outputs, id="0", **metrics) for _ in range(2)]
        assert "must occur once" in refusal(write(tmp_path, rows, layout="structs"))


def test_a_first_row_without_log_likelihoods_makes_no_answers_of_the_others(tmp_path: Path) -> None:
    rows = [row(TEXTS, 0, ["warm"], acc=1, id="0"), row(TEXTS, 0, [-5.0, -6.0, -9.0], acc=1, id="1")]
    assert "row 1 (doc_id 1): there must be a written answer, as in the first row" in refusal(
        write(tmp_path, rows, layout="structs")
    )


@pytest.mark.parametrize(("option", "value"), [("partial", "half"), ("metric", "acc")])
def test_options_have_no_use_for_what_is_said_of_answers(tmp_path: Path, option: str, value: str) -> None:
    path = write(tmp_path, [row(TEXTS, 0, [-5.0, -6.0, -9.0], acc=1)], layout=LAYOUTS[0])
    assert f"--{option} ({option}= in Python) says" in refusal(path, **{option: value})


@pytest.mark.parametrize("layout", LAYOUTS)
def test_groups_of_written_answers_are_kept(tmp_path: Path, layout: str) -> None:
    rows = [
        row(["4"], 0, ["4"], extractive_match=1.0, id=str(number), specific={"language": language, "source": "web"})
        for number, language in enumerate(("de", "fr"))
    ]
    read = log(write(tmp_path, rows, layout=layout))
    assert isinstance(read.content, GradedAnswers)
    assert read.content.frame["language"].to_list() == ["de", "fr"]
    assert "source" not in read.content.frame.columns
    assert read.remarks[-1].endswith(": source")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_one_verdict_of_several_answers_is_told(tmp_path: Path, layout: str) -> None:
    read = log(write(tmp_path, [row(["4"], 0, ["4", "5"], pass_at_2=1.0)], layout=layout))
    assert "the log has up to 2 answers to a question and one verdict for all: they are one answer here" in read.remarks
