"""What a manifest may say: every field of another kind is refused by its name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calibration import extract, read_run
from calibration.models.local.transformers_model import LocalModel
from calibration.runs.folder import Run
from calibration.runs.manifests import settings_mark, shown
from factuality import read_judgments
from tests import tiny
from tests.conftest import KEPT

SHARD = {"number": 1, "of": 2, "n_items": 12}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return Path(shutil.copytree(KEPT / "letters", tmp_path / "run"))


def edit(run: Path, **fields: Any) -> None:
    """Give fields of run.json other values; those of settings are named settings_NAME, and None takes one away."""
    manifest = json.loads((run / "run.json").read_text(encoding="utf-8"))
    for name, value in fields.items():
        outer, _, inner = name.partition("settings_")
        parent, field = (manifest["settings"], inner) if not outer else (manifest, name)
        if value is None:
            del parent[field]
        else:
            parent[field] = value
    (run / "run.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"n_items": 7}, r"'n_items' must be settings\.n_items \(24\), got 7$"),
        ({"settings_n_items": 25}, r"'n_items' must be settings\.n_items \(25\), got 24$"),
        ({"settings_n_items": 12, "settings_samples": 3}, r".*\(12\) times settings\.samples \(3\), got 24"),
        ({"n_items": -5}, r"'n_items' must be a whole number from 0 to 1,000,000,000, got -5"),
        ({"n_items": 10**30}, r"'n_items' must be a whole number from 0 to 1,000,000,000, got 10{30}$"),
        ({"n_items": True}, r"'n_items' must be a whole number .*, got True"),
        ({"n_items": 24.0}, r"'n_items' must be a whole number .*, got 24\.0"),
        ({"n_items": None}, r"'n_items' must be a whole number .*, and is missing"),
        ({"n_done": "many"}, r"'n_done' must be a whole number .*, got 'many'"),
        ({"n_done": float("nan")}, r"'n_done' must be a finite number, got nan"),
        ({"n_done": 25}, r"'n_done' must be at most n_items \(24\), got 25"),
        ({"n_done": 23}, r"'state' must be running where n_done \(23\) is below n_items \(24\), got complete"),
        ({"state": "finished?"}, r"'state' must be one of running, complete, got 'finished\?'"),
        ({"state": [1]}, r"'state' must be one of running, complete, got \[1\]"),
        ({"format": 0}, r"'format' must be a whole number from 1 to 1, got 0"),
        ({"format": -1}, r"'format' must be a whole number from 1 to 1, got -1"),
        ({"format": 2}, r"format 2 is newer than this version reads \(1\); upgrade"),
        ({"format": 10**400}, r"'format' must be .*, got 10{59}…0{20} \(401 characters\)$"),
        ({"kind": ["predictions"]}, r"'kind' must be a name in small letters, got \['predictions'\]"),
        ({"kind": "pre\ndictions"}, r"'kind' must be a name in small letters, got 'pre\\ndictions'"),
        ({"settings": {}}, r"'settings' must be an object that is not empty, got \{\}"),
        ({"settings": None}, r"'settings' must be an object that is not empty, and is missing"),
        ({"settings_model": None}, r"'settings\.model' must be a text, and is missing"),
        ({"settings_model": 3}, r"'settings\.model' must be a text, got 3"),
        ({"settings_model": "\ud800"}, r"'settings\.model' must be valid Unicode, got '\\ud800'"),
        ({"settings_\ud800": "x"}, r"'settings' must be valid Unicode, got '\\ud800'"),
        ({"settings_revision": 1}, r"'settings\.revision' must be a text, got 1"),
        ({"settings_samples": 0}, r"'settings\.samples' must be a whole number from 1 to .*, got 0"),
        ({"settings_permutations": "all"}, r"'settings\.permutations' must be none or cyclic, got 'all'"),
        ({"settings_shots": float("inf")}, r"'settings\.shots' must be a finite number, got inf"),
        ({"packages": {"veracal": 1}}, r"'packages' must be an object of texts, got \{'veracal': 1\}"),
        ({"shard": 3}, r"'shard' must be an object, got 3"),
        ({"shard": {**SHARD, "number": 0}}, r"'shard\.number' must be a whole number from 1 to .*, got 0"),
        ({"shard": {**SHARD, "number": 3}}, r"'shard' must have number <= of and n_items <= n_items of the run"),
        ({"shard": {"number": 1, "of": 2}}, r"'shard\.n_items' must be .*, and is missing"),
    ],
)  # fmt: skip
def test_a_field_that_no_run_has_is_refused_by_name(fields: dict[str, Any], message: str, run: Path) -> None:
    edit(run, **fields)
    with pytest.raises(ValueError, match=rf"run\.json: {message}"):
        read_run(run)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace('"n_done"', '"n_items": 7,\n "n_done"'), "the field 'n_items' must occur once"),
        (lambda text: text.replace('"shots": 0', '"shots": 0, "shots": 5'), "the field 'shots' must occur once"),
        (lambda text: text[:-30], "not readable JSON"),
        (lambda _: "", "not readable JSON"),
        (lambda _: "[1]", r"must be an object with the fields of a run, got \[1\]"),
        (lambda _: "[" * 100_000, "not readable JSON"),
        (lambda text: text.replace('"n_done": 24', f'"n_done": {"9" * 5000}'), "'n_done' must be .*, got inf"),
    ],
)
def test_a_manifest_that_is_no_object_is_refused(change: Callable[[str], str], message: str, run: Path) -> None:
    file = run / "run.json"
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"run\.json: .*{message}"):
        read_run(run)


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_other_encodings_are_refused(encoding: str, run: Path) -> None:
    edit(run, state="é")
    text = (run / "run.json").read_text(encoding="utf-8").replace("\\u00e9", "é")
    (run / "run.json").write_bytes(text.encode(encoding))
    with pytest.raises(ValueError, match=r"run\.json: must be UTF-8, byte \d+ is not"):
        read_run(run)


def test_a_byte_order_mark_is_none_of_the_text(run: Path) -> None:
    whole = read_run(run)
    file = run / "run.json"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert read_run(run).frame.equals(whole.frame)


def test_every_reader_looks_at_the_manifest(run: Path, tmp_path: Path) -> None:
    shutil.copytree(KEPT / "graded", tmp_path / "graded")
    edit(tmp_path / "graded", n_done=-1)
    with pytest.raises(ValueError, match=r"graded/run\.json: 'n_done' must be a whole number"):
        read_judgments(tmp_path / "graded", grader="match")
    edit(run, state=0)
    with pytest.raises(ValueError, match=r"run\.json: 'state' must be one of"):
        extract(tiny.model(), tiny.items(2), out=run)


def test_new_runs_say_what_their_parts_carry(tmp_path: Path) -> None:
    model: LocalModel = tiny.model()
    extract(model, tiny.items(2), out=tmp_path / "run")
    manifest = Run(tmp_path / "run").manifest
    assert manifest["marks"] == ["checksum", "settings"]
    # Settings that only a later version names do not make a part another run's.
    assert settings_mark(manifest, {"later": 0}) == settings_mark(
        {**manifest, "settings": {**manifest["settings"], "later": 0}}, {}
    )


def test_long_values_are_cut() -> None:
    assert shown("x") == "'x'"
    assert shown("\x1b[31m\u202e") == r"'\x1b[31m\u202e'"
    assert shown("y" * 500) == "'" + "y" * 59 + "…" + "y" * 19 + "' (502 characters)"
