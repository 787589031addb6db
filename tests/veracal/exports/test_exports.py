"""Runs in the formats of other tools: valid there, and equal when they come back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import huggingface_hub
import jsonschema  # type: ignore[import-untyped]
import numpy as np
import polars as pl
import pytest
import yaml  # type: ignore[import-untyped]

import veracal as vc
from calibration import Pairs, Predictions, Verdicts
from calibration.logs.graded_answers import GradedAnswers
from calibration.logs.log import Log
from calibration.logs.run_folders import write_log
from calibration.runs.folder import Run
from factuality.logs.graded_answers import write_answers
from tests.conftest import ROOT
from tests.veracal.command_line import refusal, run
from tests.veracal.exports.runs_of_all_kinds import RUNS
from veracal.exports.exported_table import exported_table
from veracal.exports.run_contents import read_content
from veracal.importing import _written

# The schemas of the wheel every_eval_ever 0.3.0, under its licence (MIT), which lies beside them.
SCHEMAS = Path(__file__).parent / "every_eval_ever_0_3_0"


def made(folder: Path, content: Any, *, items: pl.DataFrame | None = None) -> Path:
    folder.mkdir()
    (folder / "log").write_text(str(folder))
    log = Log(
        format="made", task="colours", model="org/m", content=content, items=items, files=(folder / "log",),
        origin={"harness": "HELM"}, settings={"metric": "exact_match"},
    )  # fmt: skip
    if isinstance(content, GradedAnswers):
        write_answers(log, content, folder / "run")
    else:
        write_log(log, folder / "run")
    return folder / "run"


def letters(folder: Path) -> Path:
    csv = folder.with_suffix(".csv")
    csv.write_text(
        "subject,index,logit_A,logit_B,logit_C,answer\nart,0,0.25,1,-2,B\nart,1,3,1.5,,B\nlaw,0,1,2,3.125,C\n"
    )
    vc.import_logs(csv, folder, model="org/m")
    return folder


def pairs(folder: Path) -> Path:
    content = Pairs.from_arrays(
        [0.1 + 0.2, 0.75, 1.0], [0, 1, 1], item=["a", "b", "c"], group=["x", "x", "y"], cluster=["1", "1", "2"],
        weight=[1.0, 2.5, 1.0], model="org/m",
    )  # fmt: skip
    return made(folder, content)


def verdicts(folder: Path) -> Path:
    rows = {"item": ["a", "b", "c", "d"], "grade": ["correct", "incorrect", "abstained", "ungraded"]}
    frame = pl.DataFrame(rows).with_columns(model=pl.lit("org/m"), revision=pl.lit(""), subject=pl.lit("x"))
    items = pl.DataFrame({"item": rows["item"], "question": ["Q?"] * 4, "options": [["red", "blue"]] * 4})
    return made(folder, Verdicts(frame), items=items)


def answers(folder: Path) -> Path:
    return made(folder, graded(folder))


def graded(folder: Path) -> GradedAnswers:
    grades = ["correct", "incorrect", "abstained", "ungraded", "correct", "partial"]
    rows = [
        {
            "item": str(number), "sample": 0, "category": "c", "question": f"What is {number}?",
            "response": "It is red.", "references": ["red"] if number else [], "grade": grade,
            "confidence": 0.1 + 0.2 if number else None, "reason": "", "credit": 0.3 if grade == "partial" else None,
        }
        for number, grade in enumerate(grades)
    ]  # fmt: skip
    schema = pl.Schema({"references": pl.List(pl.String()), "confidence": pl.Float64()})
    return GradedAnswers(pl.DataFrame(rows, schema_overrides=schema), "exact_match")


def content_of(path: Path) -> pl.DataFrame:
    """All that an export holds of a run."""
    return exported_table(read_content(path))


def kept_notes(path: Path) -> dict[str, Any]:
    """What a run's manifest says beside the names and hashes of its own files."""
    manifest = Run(path).manifest
    settings = {
        name: manifest["settings"].get(name) for name in ("task", "date", "metric", "shots", "grader", "primer")
    }
    return {"settings": settings, **{name: manifest.get(name) for name in ("origin", "remarks")}}


MADE = [
    letters,
    pairs,
    RUNS["pairs"],
    RUNS["letters"],
    RUNS["verdicts"],
    verdicts,
    answers,
    RUNS["own verdicts"],
    RUNS["graded answers"],
    RUNS["multiple choice"],
]


@pytest.mark.parametrize("make", MADE)
def test_records_pass_the_schemas_and_come_back_equal(make: Any, tmp_path: Path) -> None:
    path = make(tmp_path / "made") or tmp_path / "made"
    assert run("export", path, "--format", "every-eval-ever", "--out", tmp_path / "out") == 0
    (total,), (samples,) = (list((tmp_path / "out").glob(f"*{end}")) for end in ("[0-9a-f].json", "_samples.jsonl"))
    aggregate = json.loads(total.read_text())
    records = [json.loads(line) for line in samples.read_text().splitlines()]
    jsonschema.validate(aggregate, json.loads((SCHEMAS / "eval.schema.json").read_text()))
    for record in records:
        jsonschema.validate(record, json.loads((SCHEMAS / "instance_level_eval.schema.json").read_text()))
    assert (
        samples.name
        == f"{total.stem}_samples.jsonl"
        == Path(aggregate["detailed_evaluation_results"]["file_path"]).name
    )
    assert {record["evaluation_result_id"] for record in records} == {
        aggregate["evaluation_results"][0]["evaluation_result_id"]
    }
    (again,) = vc.import_logs(tmp_path / "out", tmp_path / "again")
    assert again.log.format == "every-eval-ever"
    assert content_of(tmp_path / "again").equals(content_of(path))
    assert run("export", tmp_path / "again", "--format", "every-eval-ever", "--out", tmp_path / "twice") == 0
    vc.import_logs(tmp_path / "twice", tmp_path / "third")
    assert content_of(tmp_path / "third").equals(content_of(path))
    assert kept_notes(tmp_path / "third") == kept_notes(tmp_path / "again")


@pytest.mark.parametrize("make", [letters, pairs, verdicts, answers])
@pytest.mark.parametrize("format", ["every-eval-ever", "csv", "jsonl", "parquet"])
def test_settings_dates_and_origins_come_back(make: Any, format: str, tmp_path: Path) -> None:
    content: Any = graded(tmp_path) if make is answers else read_content(make(tmp_path / "other")).content
    log = Log(
        format="made", task="arc:challenge|25", model="org/m", date="2024-05-01T10-11-12.5", files=(Path(__file__),),
        content=content,
        origin={"harness": "HELM", "shots": 5}, settings={"metric": "exact_match", "normalize": "chars"},
        remarks=("20 of 13,812 items",),
    )  # fmt: skip
    first = _written(log, tmp_path / "run")
    out = tmp_path / ("out" if format == "every-eval-ever" else f"out.{format}")
    vc.export_run(tmp_path / "run", out, format=format)
    (again,) = vc.import_logs(out, tmp_path / "again")
    assert type(again.result) is type(first)
    assert (again.log.task, again.log.date, again.log.remarks) == (log.task, log.date, log.remarks)
    assert kept_notes(tmp_path / "again") == kept_notes(tmp_path / "run")
    assert again.log.settings["normalize"] == "chars"


def test_samples_of_a_question_keep_their_numbers(tmp_path: Path) -> None:
    content = graded(tmp_path)
    frame = pl.concat([content.frame.with_columns(sample=pl.lit(number, dtype=pl.Int32)) for number in (2, 0, 5)])
    path = made(tmp_path / "several", GradedAnswers(frame, "exact_match"))
    vc.export_run(path, tmp_path / "out", format="every-eval-ever")
    vc.import_logs(tmp_path / "out", tmp_path / "again")
    assert content_of(tmp_path / "again").equals(content_of(path))
    assert content_of(path)["sample"].unique().to_list() == [0, 2, 5]


def test_the_mean_over_questions_of_several_answers_is_compared(tmp_path: Path) -> None:
    frame = graded(tmp_path).frame.head(2)  # right, wrong
    several = pl.concat([frame, *(frame.head(1).with_columns(sample=pl.lit(n, dtype=pl.Int32)) for n in (1, 2))])
    path = made(tmp_path / "several", GradedAnswers(several, "exact_match"))
    vc.export_run(path, tmp_path / "out", format="every-eval-ever")
    (again,) = vc.import_logs(tmp_path / "out", tmp_path / "again")
    assert not any("not compared" in remark for remark in again.log.remarks)
    (total,) = (tmp_path / "out").glob("*[0-9a-f].json")
    aggregate = json.loads(total.read_text())
    details = aggregate["evaluation_results"][0]["score_details"]
    assert (details["uncertainty"]["num_samples"], details["details"]) == (4, {"num_questions": "2"})
    assert aggregate["detailed_evaluation_results"]["total_rows"] == 4
    del aggregate["eval_library"]["additional_details"]
    total.write_text(json.dumps(aggregate))
    (again,) = vc.import_logs(tmp_path / "out", tmp_path / "bare")
    assert "the aggregate file states 0.5, as the mean over these 2 questions does" in again.log.remarks


def test_scores_of_truthfulqa_are_stated_by_variant(tmp_path: Path) -> None:
    RUNS["multiple choice"](tmp_path / "run")
    vc.export_run(tmp_path / "run", tmp_path / "out", format="every-eval-ever")
    (total,) = (tmp_path / "out").glob("*[0-9a-f].json")
    results = json.loads(total.read_text())["evaluation_results"]
    scores = {result["evaluation_result_id"]: result["score_details"]["score"] for result in results}
    for variant in ("mc1", "mc2", "binary"):
        assert scores[variant] == vc.read_multiple_choice(tmp_path / "run", variant=variant).score
    (samples,) = (tmp_path / "out").glob("*_samples.jsonl")
    records = [json.loads(line) for line in samples.read_text(encoding="utf-8").splitlines()]
    assert np.mean([record["evaluation"]["score"] for record in records]) == scores["mc1"]
    assert records[0]["input"]["choices"] == ["=right", "=1+1 y"]


def test_the_aggregate_file_states_scores_with_intervals(tmp_path: Path) -> None:
    path = letters(tmp_path / "made")
    arguments = ("--task", "mmlu", "--dataset", "cais/mmlu", "--organization", "us")
    assert run("export", path, "--format", "every-eval-ever", "--out", tmp_path / "out", *arguments) == 0
    (total,) = (tmp_path / "out").glob("*[0-9a-f].json")
    aggregate = json.loads(total.read_text())
    results = {result["metric_config"]["metric_id"]: result for result in aggregate["evaluation_results"]}
    assert list(results) == ["accuracy", "ece_top", "brier", "nll"]
    content = vc.read_run(path)
    assert isinstance(content, Predictions)
    assert results["accuracy"]["score_details"]["score"] == content.accuracy == pytest.approx(2 / 3)
    assert results["nll"]["score_details"]["score"] == vc.estimate(content, "nll").value
    assert results["accuracy"]["source_data"]["hf_repo"] == "cais/mmlu"
    assert aggregate["eval_library"]["name"] == "veracal"
    assert aggregate["source_metadata"]["source_organization_name"] == "us"
    assert "made" not in total.read_text()


def test_the_hub_reads_the_file_of_results(tmp_path: Path) -> None:
    out = tmp_path / ".eval_results" / "mmlu.yaml"
    arguments = ("--dataset", "cais/mmlu", "--dataset-task", "default", "--source", "https://example.org/a#b")
    assert run("export", letters(tmp_path / "made"), "--format", "eval-results", "--out", out, *arguments) == 0
    (entry,) = huggingface_hub.parse_eval_result_entries(yaml.safe_load(out.read_text()))
    assert (entry.dataset_id, entry.task_id, entry.value) == ("cais/mmlu", "default", 66.6667)
    assert entry.source_url == "https://example.org/a#b"
    assert entry.notes is not None
    assert entry.notes.startswith("accuracy in per cent of 3, 95 % interval ")


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (
            ("--format", "csvs", "--out", "x"),
            2,
            "must be one of csv, jsonl, parquet, lm-eval, every-eval-ever, eval-results",
        ),
        (("--format", "eval-results", "--out", "x.yaml"), 1, "eval-results needs --dataset"),
        (("--format", "eval-results", "--out", "x", "--dataset", "a/b"), 1, "x: must be a YAML file"),
        (
            ("--format", "eval-results", "--out", "x.yaml", "--task", "t"),
            1,
            "--task says nothing in the format eval",
        ),
        (
            ("--format", "every-eval-ever", "--out", "x", "--source", "u"),
            1,
            "--source says nothing in the format",
        ),
        (
            ("--format", "every-eval-ever", "--out", "x", "--grader", "match"),
            1,
            "a grader is of free answers; this",
        ),
    ],
)
def test_what_cannot_be_exported_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], status: int, message: str
) -> None:
    got, line = refusal(capsys, "export", letters(tmp_path / "made"), *arguments)
    assert (got, message in line) == (status, True)


@pytest.mark.parametrize(
    ("date", "day"), [("2024-05-01T10-11-12.5", "2024-05-01"), ("2024-05-01", "2024-05-01"), ("May", None), ("", None)]
)
def test_results_have_the_day_of_the_evaluation(date: str, day: str | None, tmp_path: Path) -> None:
    log = Log(format="made", task="t", model="m", date=date, content=graded(tmp_path), files=(Path(__file__),))
    _written(log, tmp_path / "run")
    vc.export_run(tmp_path / "run", tmp_path / "a.yml", format="eval-results", dataset="a/b", dataset_task="c")
    (entry,) = huggingface_hub.parse_eval_result_entries(yaml.safe_load((tmp_path / "a.yml").read_text()))
    assert entry.date == day
    assert entry.verify_token is None


def test_results_of_truthfulqa_are_of_a_variant(tmp_path: Path) -> None:
    RUNS["multiple choice"](tmp_path / "run")
    for variant in ("mc1", "mc2", "binary"):
        vc.export_run(
            tmp_path / "run", tmp_path / f"{variant}.yaml", format="eval-results", dataset="org/truthful_qa",
            dataset_task="multiple_choice", variant=variant,
        )  # fmt: skip
        data = yaml.safe_load((tmp_path / f"{variant}.yaml").read_text())
        (entry,) = huggingface_hub.parse_eval_result_entries(data)
        score = vc.read_multiple_choice(tmp_path / "run", variant=variant).score
        assert entry.value == pytest.approx(100 * score, abs=1e-4)
        assert entry.notes is not None
        assert entry.notes.startswith(f"{variant} in per cent of 13, 95 % interval ")
        # The hub's own writer says the same.
        assert huggingface_hub.eval_result_entries_to_yaml([entry]) == data


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("pairs", {"dataset": "a b"}, "--dataset must be the id of a data set on the hub"),
        ("pairs", {"dataset": "a/b/c"}, "--dataset must be the id of a data set on the hub"),
        ("pairs", {"dataset_task": "x\u2028y"}, "--dataset-task must be a text of one line"),
        ("pairs", {"source": "javascript:alert(1)"}, "--source must be the address of a page"),
        ("pairs", {"variant": "mc1"}, "--variant is of TruthfulQA's multiple choice; the run holds pairs"),
        ("multiple choice", {}, "eval-results needs --variant: which score of multiple choice, of mc1, mc2, binary"),
        ("multiple choice", {"variant": "mc3"}, "--variant must be one of mc1, mc2, binary, got 'mc3'"),
    ],
)
def test_results_that_the_hub_would_refuse(kind: str, options: dict[str, str], message: str, tmp_path: Path) -> None:
    RUNS[kind](tmp_path / "run")
    given = {"dataset": "cais/mmlu", "dataset_task": "default", **options}
    with pytest.raises(ValueError, match=message):
        vc.export_run(tmp_path / "run", tmp_path / "a.yaml", format="eval-results", **given)  # type: ignore[arg-type]
    assert not (tmp_path / "a.yaml").exists()


def test_a_run_in_every_order_of_the_options_is_exported_as_the_mean_over_them(tmp_path: Path) -> None:
    path = ROOT / "tests" / "kept_runs" / "letters-rotated"
    assert run("export", path, "--format", "every-eval-ever", "--out", tmp_path / "out") == 0
    vc.import_logs(tmp_path / "out", tmp_path / "again")
    assert read_content(tmp_path / "again").content.frame.equals(Run(path).averaged().frame)


def test_damaged_rows_of_an_export_are_refused(tmp_path: Path) -> None:
    assert run("export", pairs(tmp_path / "made"), "--format", "every-eval-ever", "--out", tmp_path / "out") == 0
    (samples,) = (tmp_path / "out").glob("*_samples.jsonl")
    samples.write_text(samples.read_text().replace('{\\"revision\\"', '{\\"revisio\\"', 1))
    with pytest.raises(ValueError, match=r"line 1: the metadata 'veracal_row' must be as exported"):
        vc.import_logs(tmp_path / "out", tmp_path / "again")
