"""Run folders: whole or refused, never mixed, never half."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from calibration import Predictions, read_run
from calibration.errors import SettingsDifferError
from calibration.runs.folder import Run
from calibration.runs.manifests import FORMAT
from calibration.runs.run_writer import RunWriter
from tests import tiny

SETTINGS = {"model": "m", "shots": 0, "style": "completion"}


def part(*items: str) -> pl.DataFrame:
    rows = len(items)
    return Predictions.from_arrays([[0.0, 1.0]] * rows, [1] * rows, item=items, model="m").frame


def test_answers_come_back_in_the_order_of_the_items(tmp_path: Path) -> None:
    items = tiny.items(4)
    run = RunWriter.open(tmp_path / "run", SETTINGS, items=items)
    run.append(tiny.rows([items[2], items[0]]))
    run.append(tiny.rows(items[3:]))
    assert read_run(tmp_path / "run").item.tolist() == [items[0].id, items[2].id, items[3].id]
    run.update(state="running")
    assert (run.manifest["n_items"], run.manifest["n_done"]) == (4, 3)
    texts = run.items()
    assert texts is not None
    assert texts["question"].to_list() == [item.question for item in items]


def test_a_run_with_other_settings_is_refused_by_their_names(tmp_path: Path) -> None:
    RunWriter.open(tmp_path / "run", SETTINGS, n_items=1)
    RunWriter.open(tmp_path / "run", SETTINGS, n_items=1)  # the same settings continue
    for refuse in (RunWriter.open, Run.finished):
        with pytest.raises(SettingsDifferError, match=r"shots: 0 there, 5 now; dtype: None there, 'float32' now"):
            refuse(tmp_path / "run", {**SETTINGS, "shots": 5, "dtype": "float32"})


def test_a_half_written_part_is_not_read(tmp_path: Path) -> None:
    run = RunWriter.open(tmp_path / "run", SETTINGS, n_items=2)
    run.append(part("a"))
    (tmp_path / "run" / "parts" / "part-000001.tmp").write_bytes(b"PAR1half")
    assert read_run(tmp_path / "run").item.tolist() == ["a"]
    run.append(part("b"))
    assert read_run(tmp_path / "run").item.tolist() == ["a", "b"]


def test_a_folder_that_was_killed_before_its_manifest_can_be_used_again(tmp_path: Path) -> None:
    (tmp_path / "run" / "parts").mkdir(parents=True)
    (tmp_path / "run" / "items.tmp").touch()  # of an earlier version
    (tmp_path / "run" / "run.lock").touch()
    run = RunWriter.open(tmp_path / "run", SETTINGS, items=tiny.items(2))
    assert run.manifest["n_items"] == 2
    assert sorted(path.name for path in run.path.iterdir()) == ["items.parquet", "parts", "run.json", "run.lock"]


def test_what_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no run here \(a run folder holds run\.json\)"):
        read_run(tmp_path)
    run = RunWriter.open(tmp_path / "run", SETTINGS, n_items=1)
    with pytest.raises(ValueError, match="the run holds no answers yet"):
        read_run(run.path)
    (run.path / "parts" / "part-000000.parquet").write_bytes(b"nonsense")
    with pytest.raises(ValueError, match=r"part-000000\.parquet: not a readable part of a run"):
        read_run(run.path)
    manifest = run.path / "run.json"
    manifest.write_text(json.dumps({"format": FORMAT + 1}))
    with pytest.raises(ValueError, match=rf"format {FORMAT + 1} is newer than this version reads"):
        read_run(run.path)
    for broken in ("{", "[]", '{"format": "1"}'):
        manifest.write_text(broken)
        with pytest.raises(ValueError, match=r"run\.json: "):
            read_run(run.path)


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(ValueError, match="it holds other files"):
        RunWriter.open(tmp_path, SETTINGS)
    with pytest.raises(ValueError, match="it holds other files"):
        RunWriter.open(tmp_path / "thesis.tex", SETTINGS)


def test_a_folder_with_brackets_in_its_name_is_that_folder(tmp_path: Path) -> None:
    for name, items in (("run1", ("a", "b")), ("run[1]", ("c",))):
        RunWriter.open(tmp_path / name, SETTINGS, n_items=len(items)).append(part(*items))
    assert read_run(tmp_path / "run[1]").item.tolist() == ["c"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_items": "3"}, r"'n_items' must be a whole number from 0 to 1,000,000,000, got '3'"),
        ({"settings": None}, r"'settings' must be an object that is not empty, got None"),
        ({"packages": 3}, r"'packages' must be an object of texts, got 3"),
        ({"format": True}, r"'format' must be a whole number from 1 to 1, got True"),
    ],
)
def test_a_manifest_of_another_shape_is_refused(change: dict[str, object], message: str, tmp_path: Path) -> None:
    run = RunWriter.open(tmp_path / "run", SETTINGS, n_items=1)
    (run.path / "run.json").write_text(json.dumps({**run.manifest, **change}))
    with pytest.raises(ValueError, match=message):
        read_run(run.path)
