"""What a manifest says of a model, and what tells models apart."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from calibration import extract, load_model, read_run
from calibration.errors import SettingsDifferError
from calibration.models.settings import model_identity, model_settings
from calibration.runs.folder import Run
from calibration.runs.merging import merge_runs
from calibration.runs.run_writer import RunWriter
from tests import tiny
from tests.conftest import KEPT


def save(folder: Path, seed: int) -> None:
    tiny.network(seed=seed).save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)


def test_a_loaded_model_has_a_hash_of_its_weights(tmp_path: Path) -> None:
    save(tmp_path / "one", 0)
    shutil.copytree(tmp_path / "one", tmp_path / "copy")
    save(tmp_path / "two", 1)
    one, copy, two = (model_settings(load_model(str(tmp_path / name))) for name in ("one", "copy", "two"))
    assert one["weights"] == copy["weights"] != two["weights"]
    assert model_identity(one) == model_identity(copy) == f"weights {one['weights']}"
    assert list(one) == ["model", "revision", "dtype", "tokenizer", "weights"]
    made = model_settings(tiny.model())
    assert "weights" not in made
    assert model_identity(made) is None


def test_other_weights_under_one_path_are_other_settings(tmp_path: Path) -> None:
    path, items = tmp_path / "checkpoint", tiny.items(6)
    save(path, 0)
    whole = extract(load_model(str(path)), items, out=tmp_path / "whole")
    for number in (1, 2):
        extract(load_model(str(path)), items, shard=(number, 2), out=tmp_path / f"old-{number}")
    save(path, 1)
    other = load_model(str(path))
    for name in ("whole", "old-1"):
        with pytest.raises(SettingsDifferError, match=r"made with other settings \(weights: '\w{16}' there, '\w{16}'"):
            extract(other, items, out=tmp_path / name)
    assert read_run(tmp_path / "whole").frame.equals(whole.frame)
    extract(other, items, shard=(2, 2), out=tmp_path / "new-2")
    with pytest.raises(SettingsDifferError, match=r"new-2 was made with other settings than .*old-1 \(weights: "):
        merge_runs([tmp_path / "old-1", tmp_path / "new-2"], out=tmp_path / "merged")
    assert not (tmp_path / "merged").exists()
    merge_runs([tmp_path / "old-1", tmp_path / "old-2"], out=tmp_path / "merged")
    np.testing.assert_allclose(read_run(tmp_path / "merged").logprobs, whole.logprobs, atol=1e-4)


def test_weights_are_named_beside_other_differences(tmp_path: Path) -> None:
    RunWriter.open(tmp_path, {"model": "a", "weights": "1", "prompts": "p"}, n_items=1)
    with pytest.raises(SettingsDifferError, match="model: 'a' there, 'b' now; weights: '1' there, '2' now"):
        RunWriter.open(tmp_path, {"model": "b", "weights": "2", "prompts": "q"})


@pytest.mark.parametrize("name", ["letters", "letters-half"])
def test_a_run_without_a_hash_of_its_weights_is_not_continued(name: str, tmp_path: Path) -> None:
    run = Path(shutil.copytree(KEPT / name, tmp_path / name))
    settings = json.loads((run / "run.json").read_text())["settings"]
    before = Run(run).read_frame()
    for refuse in (RunWriter.open, Run.finished):
        with pytest.raises(
            SettingsDifferError, match=r"no hash of the model's weights .* is read and compared, but not"
        ):
            refuse(run, {**settings, "weights": "0f4b", "of_a_later_version": True})
    assert Run(run).read_frame().equals(before)
    # Of recorded answers and other models without files nothing more was ever known.
    assert Run.finished(run, settings).equals(before)


def test_a_run_without_a_word_on_its_server_is_not_continued(tmp_path: Path) -> None:
    RunWriter.open(tmp_path, {"model": "gpt"}, n_items=1)
    with pytest.raises(SettingsDifferError, match="no word on the server that answered"):
        RunWriter.open(tmp_path, {"model": "gpt", "server": "version 0.9.1"})
    with pytest.raises(SettingsDifferError, match="made with other settings"):
        RunWriter.open(tmp_path, {"model": "other", "server": "version 0.9.1"})
