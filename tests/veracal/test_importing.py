"""Logs that become run folders, whatever names them: files or the folder that they lie in."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import veracal as vc
from calibration import Verdicts
from calibration.logs.log import Log
from veracal.importing import folder_names


def test_a_folder_is_imported_as_its_files_are(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "letters.csv").write_text("logit_A,logit_B,answer\n1.5,0.5,A\n")
    (folder / "notes.txt").write_text("no log")
    (by_folder,) = vc.import_logs(folder, tmp_path / "run")
    (by_file,) = vc.import_logs(folder / "letters.csv", tmp_path / "run")  # of the same file: the same run
    assert (by_folder.path, by_folder.n_items) == (by_file.path, by_file.n_items) == (tmp_path / "run", 1)


@pytest.mark.parametrize("task", ["..", ".", "../../elsewhere", "/elsewhere"])
def test_no_task_leads_out_of_the_folder(task: str, tmp_path: Path) -> None:
    frame = pl.DataFrame({"item": ["a"], "grade": ["correct"], "model": "m", "revision": "", "subject": ""})
    logs = [Log(format="evals", task=name, model="m", content=Verdicts(frame)) for name in (task, "other")]
    out = tmp_path / "runs"
    assert all((out / name).resolve().parent == out.resolve() for name in folder_names(logs))
