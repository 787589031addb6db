"""Which files a model computes with, and what their hash tells apart."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from calibration.models.weights.model_files import ModelFiles, refuse_changes, weight_files
from calibration.models.weights.weights_hash import weights_hash


def change(file: Path) -> None:
    """Turn one bit; size and time stay."""
    content = bytearray(file.read_bytes())
    content[-3] ^= 1
    file.write_bytes(content)


def test_the_hash_is_of_content_alone(saved: Path, folder: Path, tmp_path: Path) -> None:
    before = weights_hash(ModelFiles.of_folder(saved))
    assert weights_hash(ModelFiles.of_folder(folder)) == before
    (tmp_path / "link").symlink_to(folder, target_is_directory=True)
    assert weights_hash(ModelFiles.of_folder(tmp_path / "link")) == before
    for name in ("README.md", "training_args.bin", "optimizer.safetensors", "trainer_state.json", "modeling_own.py"):
        (folder / name).write_text("what the model does not compute with")
    assert weights_hash(ModelFiles.of_folder(folder)) == before
    assert weights_hash(ModelFiles.of_folder(folder, code=True)) != before


def test_every_file_that_is_computed_with_counts(saved: Path, folder: Path) -> None:
    files = ModelFiles.of_folder(folder)
    shards = [name for name in files.names if name.endswith(".safetensors")]
    assert len(shards) > 1
    assert set(files.names) - set(shards) == {
        "chat_template.jinja", "config.json", "generation_config.json", "model.safetensors.index.json",
        "tokenizer.json", "tokenizer_config.json",
    }  # fmt: skip
    before = weights_hash(files)
    for name in files.names:
        change(folder / name)
        assert weights_hash(ModelFiles.of_folder(folder)) != before, name
        shutil.copy(saved / name, folder / name)
    assert weights_hash(ModelFiles.of_folder(folder)) == before


@pytest.mark.parametrize(
    "name",
    ["adapter_config.json", "adapter_model.safetensors", "added_tokens.json", "special_tokens_map.json", "merges.txt",
     "vocab.json", "tokenizer.model", "chat_template.json", "additional_chat_templates/tool_use.jinja"],
)  # fmt: skip
def test_a_file_more_that_is_computed_with_counts(name: str, folder: Path) -> None:
    before = weights_hash(ModelFiles.of_folder(folder))
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("{}")
    first = weights_hash(ModelFiles.of_folder(folder))
    (folder / name).write_text("[]")
    assert len({before, first, weights_hash(ModelFiles.of_folder(folder))}) == 3


def test_two_shards_in_each_others_place_are_another_model(folder: Path) -> None:
    before = weights_hash(ModelFiles.of_folder(folder))
    first, second = sorted(folder.glob("model-*.safetensors"))[:2]
    first.rename(folder / "kept")
    second.rename(first)
    (folder / "kept").rename(second)
    assert weights_hash(ModelFiles.of_folder(folder)) != before


def test_weights_are_those_that_transformers_reads(folder: Path) -> None:
    shards = sorted(path.name for path in folder.glob("model-*.safetensors"))
    assert weight_files(folder) == ["model.safetensors.index.json", *shards]
    (folder / "model.safetensors").touch()
    assert weight_files(folder) == ["model.safetensors"]
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "transformers_weights": "own.safetensors"}))
    assert weight_files(folder) == ["own.safetensors"]


def test_a_gguf_file_is_its_content_and_the_tokenizer_beside_it(tmp_path: Path) -> None:
    (tmp_path / "first.gguf").write_bytes(b"GGUF one")
    before = weights_hash(ModelFiles.of_gguf(tmp_path / "first.gguf"))
    (tmp_path / "other.gguf").write_bytes(b"GGUF two")
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "first.gguf").rename(tmp_path / "renamed.gguf")
    assert weights_hash(ModelFiles.of_gguf(tmp_path / "renamed.gguf")) == before
    assert weights_hash(ModelFiles.of_gguf(tmp_path / "other.gguf")) != before
    (tmp_path / "tokenizer.json").write_text("{}")
    assert weights_hash(ModelFiles.of_gguf(tmp_path / "renamed.gguf")) != before


def test_files_that_change_while_a_model_is_loaded_are_refused(folder: Path) -> None:
    files = ModelFiles.of_folder(folder)
    before = files.states
    refuse_changes(before, files.states)
    (folder / "new.safetensors").touch()  # a download brings files
    change(folder / "config.json")
    with pytest.raises(ValueError, match=r"config\.json: changed while the model was loaded; start again when it is"):
        refuse_changes(before, files.states)
