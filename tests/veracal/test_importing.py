"""Logs that become run folders, whatever names them: files or the folder that they lie in."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import veracal as vc
from calibration import Verdicts
from calibration.logs.log import Log
from factuality import read_judgments
from factuality.grading.grading import list_graders
from tests.calibration.files.test_file_names import HOSTILE
from veracal.importing import folder_names


def test_a_folder_is_imported_as_its_files_are(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "letters.csv").write_text("logit_A,logit_B,answer\n1.5,0.5,A\n")
    (folder / "notes.txt").write_text("no log")
    (by_folder,) = vc.import_logs(folder, tmp_path / "run")
    (by_file,) = vc.import_logs(folder / "letters.csv", tmp_path / "run")  # of the same file: the same run
    assert (by_folder.path, by_folder.n_items) == (by_file.path, by_file.n_items) == (tmp_path / "run", 1)


@pytest.mark.parametrize("task", HOSTILE)
def test_no_task_leads_out_of_the_folder(task: str, tmp_path: Path) -> None:
    frame = pl.DataFrame({"item": ["a"], "grade": ["correct"], "model": "m", "revision": "", "subject": ""})
    logs = [Log(format="evals", task=name, model=task, content=Verdicts(frame)) for name in (task, "other")]
    out = tmp_path / "runs"
    assert all((out / name).resolve().parent == out.resolve() for name in folder_names(logs))


def records(names: list[str], grader: str) -> str:
    """Instance records of Every Eval Ever, one of each evaluation."""
    values = [
        {
            "schema_version": "0.3.0", "evaluation_id": f"{name}/1", "model_id": "../m", "evaluation_name": name,
            "evaluation_result_id": grader, "sample_id": "1", "interaction_type": "single_turn",
            "input": {"raw": "Q?", "reference": ["red"]}, "output": {"raw": ["red"]}, "answer_attribution": [],
            "evaluation": {"score": 1.0, "is_correct": True},
        }
        for name in names
    ]  # fmt: skip
    return "".join(f"{json.dumps(value)}\n" for value in values)


def test_runs_of_names_that_meet_lie_beside_each_other(tmp_path: Path) -> None:
    names = ["Art", "art", "a/rt", "a:rt", "../art", "e\u0301", "\u00e9", "x" * 300]
    (tmp_path / "records.jsonl").write_text(records(names, "../judge " * 60), encoding="utf-8")
    runs = vc.import_logs(tmp_path / "records.jsonl", tmp_path / "runs")
    assert [run.log.task for run in runs] == names
    assert len({run.path.name.casefold() for run in runs}) == len(names)
    assert {run.path.parent for run in runs} == {tmp_path / "runs"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["records.jsonl", "runs"]
    # A grader of any length is a file of its run, and known by its whole name.
    assert list_graders(runs[0].path) == ["log:" + "../judge " * 60]
    assert read_judgments(runs[0].path).frame["grade"].to_list() == ["correct"]


@pytest.mark.parametrize("format", ["lm-eval", "every-eval-ever"])
@pytest.mark.parametrize("model", ["..", "../../elsewhere", "/elsewhere", "C:\\elsewhere", "nul", "m" * 300])
def test_no_model_leads_an_export_out_of_its_folder(model: str, format: str, tmp_path: Path) -> None:
    (tmp_path / "letters.csv").write_text("logit_A,logit_B,answer\n1.5,0.5,A\n")
    (run,) = vc.import_logs(tmp_path / "letters.csv", tmp_path / "run", model=model)
    done = vc.export_run(run.path, tmp_path / "out" / "deep", format=format, task=f"{model}/x")
    assert all((tmp_path / "out" / "deep").resolve() in file.resolve().parents for file in done.files)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["letters.csv", "out", "run"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["deep"]
