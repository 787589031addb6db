"""Which files a model computes with, and what their hash tells apart."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from calibration.models.weights.model_files import ModelFiles, refuse_changes, weight_files


def change(file: Path) -> None:
    """Turn one bit; size and time stay."""
    content = bytearray(file.read_bytes())
    content[-3] ^= 1
    file.write_bytes(content)


def test_the_hash_is_of_content_alone(saved: Path, folder: Path, tmp_path: Path) -> None:
    before = ModelFiles.of_folder(saved).hash()
    assert ModelFiles.of_folder(folder).hash() == before
    (tmp_path / "link").symlink_to(folder, target_is_directory=True)
    assert ModelFiles.of_folder(tmp_path / "link").hash() == before
    for name in ("README.md", "training_args.bin", "optimizer.safetensors", "trainer_state.json", "modeling_own.py"):
        (folder / name).write_text("what the model does not compute with")
    assert ModelFiles.of_folder(folder).hash() == before
    assert ModelFiles.of_folder(folder, code=True).hash() != before


def test_every_file_that_is_computed_with_counts(saved: Path, folder: Path) -> None:
    files = ModelFiles.of_folder(folder)
    shards = [name for name in files.names if name.endswith(".safetensors")]
    assert len(shards) > 1
    assert set(files.names) - set(shards) == {
        "chat_template.jinja", "config.json", "generation_config.json", "model.safetensors.index.json",
        "tokenizer.json", "tokenizer_config.json",
    }  # fmt: skip
    before = files.hash()
    for name in files.names:
        change(folder / name)
        assert ModelFiles.of_folder(folder).hash() != before, name
        shutil.copy(saved / name, folder / name)
    assert ModelFiles.of_folder(folder).hash() == before


@pytest.mark.parametrize(
    "name",
    ["adapter_config.json", "adapter_model.safetensors", "added_tokens.json", "special_tokens_map.json", "merges.txt",
     "vocab.json", "tokenizer.model", "chat_template.json", "additional_chat_templates/tool_use.jinja"],
)  # fmt: skip
def test_a_file_more_that_is_computed_with_counts(name: str, folder: Path) -> None:
    before = ModelFiles.of_folder(folder).hash()
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("{}")
    first = ModelFiles.of_folder(folder).hash()
    (folder / name).write_text("[]")
    assert len({before, first, ModelFiles.of_folder(folder).hash()}) == 3


def test_two_shards_in_each_others_place_are_another_model(folder: Path) -> None:
    before = ModelFiles.of_folder(folder).hash()
    first, second = sorted(folder.glob("model-*.safetensors"))[:2]
    first.rename(folder / "kept")
    second.rename(first)
    (folder / "kept").rename(second)
    assert ModelFiles.of_folder(folder).hash() != before


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
    before = ModelFiles.of_gguf(tmp_path / "first.gguf").hash()
    (tmp_path / "other.gguf").write_bytes(b"GGUF two")
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "first.gguf").rename(tmp_path / "renamed.gguf")
    assert ModelFiles.of_gguf(tmp_path / "renamed.gguf").hash() == before
    assert ModelFiles.of_gguf(tmp_path / "other.gguf").hash() != before
    (tmp_path / "tokenizer.json").write_text("{}")
    assert ModelFiles.of_gguf(tmp_path / "renamed.gguf").hash() != before


def test_files_that_change_while_a_model_is_loaded_are_refused(folder: Path) -> None:
    files = ModelFiles.of_folder(folder)
    before = files.states
    refuse_changes(before, files.states)
    (folder / "new.safetensors").touch()  # a download brings files
    change(folder / "config.json")
    with pytest.raises(ValueError, match=r"config\.json: changed while the model was loaded; start again when it is"):
        refuse_changes(before, files.states)
