"""Loading: folders, GGUF files, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import accelerate
import numpy as np
import pytest

from calibration import extract, load_model
from calibration.models.local.transformers_model import LocalModel
from tests import tiny


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save(tmp_path_factory.mktemp("model") / "tiny")


def test_a_folder_answers_as_the_model_that_was_saved(folder: Path) -> None:
    loaded = load_model(str(folder), device="cpu")
    assert loaded.description["dtype"] == "float32"
    assert loaded.description["device"] == "cpu"
    expected = tiny.model().next_token_logprobs(["Answer:"], [" A", " B"])
    np.testing.assert_allclose(loaded.next_token_logprobs(["Answer:"], [" A", " B"]), expected, atol=1e-5)


def test_dtype_is_as_asked(folder: Path) -> None:
    assert load_model(str(folder), dtype="bfloat16").description["dtype"] == "bfloat16"


def test_layers_on_several_devices_answer_as_on_one(folder: Path, tmp_path: Path) -> None:
    items = tiny.items(12)
    expected = extract(load_model(str(folder), device="cpu"), items)
    assert extract(load_model(str(folder), device="map"), items).frame.equals(expected.frame)
    # The disk stands for a second device: its layers are not where the first ones are.
    network = tiny.network()
    places = {"model.embed_tokens": "cpu", "model.layers.0": "cpu", "model.layers.1": "disk", "model.layers.2": "disk"}
    places |= {"model.norm": "cpu", "model.rotary_emb": "cpu", "lm_head": "cpu"}
    spread = accelerate.dispatch_model(network, places, main_device="cpu", offload_dir=str(tmp_path))
    assert {weights.device.type for weights in spread.parameters()} == {"cpu", "meta"}
    found = extract(LocalModel(str(folder), "", spread, tiny.tokenizer()), items)
    np.testing.assert_allclose(found.logprobs, expected.logprobs, atol=1e-5)


def test_a_device_map_needs_its_package(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calibration.models.checkpoints.checkpoint.find_spec", lambda _: None)
    with pytest.raises(ValueError, match=r"the device map needs the package accelerate: pip install 'veracal\[gguf\]'"):
        load_model(str(folder), device="map")


@pytest.mark.parametrize(
    ("spec", "options", "error", "message"),
    [
        ("/nowhere/at/all", {}, FileNotFoundError, "neither a folder, a .gguf file nor a hub name"),
        ("nowhere/model.gguf", {}, FileNotFoundError, "no such file: nowhere/model.gguf"),
        ("FOLDER", {"dtype": "int4"}, ValueError, "dtype must be auto, float32, .* got 'int4'"),
        ("FOLDER", {"device": "tpu9"}, ValueError, "the device 'tpu9' cannot be used"),
        ("FOLDER", {"revision": "main"}, ValueError, "the revision 'main' has no effect on what is no name on the hub"),
        ("NOISE.gguf", {"revision": "v2"}, ValueError, "NOISE.gguf: the revision 'v2' has no effect"),
        ("EMPTY", {}, ValueError, "a model's folder must hold config.json"),
        ("BROKEN", {}, ValueError, "not a causal language model that can be loaded"),
        ("NOISE.gguf", {}, ValueError, "NOISE.gguf: of the GGUF version 0, and versions 2 and 3 are read"),
    ],
)
def test_refusals(
    spec: str, options: dict[str, Any], error: type[Exception], message: str, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "EMPTY").mkdir()
    (tmp_path / "BROKEN").mkdir()
    (tmp_path / "BROKEN" / "config.json").write_text('{"model_type": "unheard-of"}')
    (tmp_path / "NOISE.gguf").write_bytes(b"GGUF" + bytes(100))
    path = {"FOLDER": folder}.get(spec, tmp_path / spec if spec.isupper() or spec.startswith("NOISE") else Path(spec))
    with pytest.raises(error, match=message) as caught:
        load_model(str(path), **options)
    assert "\n" not in str(caught.value)
