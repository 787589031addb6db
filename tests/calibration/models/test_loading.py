"""Loading: folders, GGUF files, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calibration import load_model
from tests import tiny


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "tiny"
    tiny.network().save_pretrained(path)
    tiny.tokenizer().save_pretrained(path)
    return path


def test_a_folder_answers_as_the_model_that_was_saved(folder: Path) -> None:
    loaded = load_model(str(folder), device="cpu")
    assert loaded.description["dtype"] == "float32"
    assert loaded.description["device"] == "cpu"
    expected = tiny.model().next_token_logprobs(["Answer:"], [" A", " B"])
    np.testing.assert_allclose(loaded.next_token_logprobs(["Answer:"], [" A", " B"]), expected, atol=1e-5)


def test_dtype_is_as_asked(folder: Path) -> None:
    assert load_model(str(folder), dtype="bfloat16").description["dtype"] == "bfloat16"


@pytest.mark.parametrize(
    ("spec", "options", "error", "message"),
    [
        ("/nowhere/at/all", {}, FileNotFoundError, "neither a folder, a .gguf file nor a hub name"),
        ("nowhere/model.gguf", {}, FileNotFoundError, "no such file: nowhere/model.gguf"),
        ("FOLDER", {"dtype": "int4"}, ValueError, "dtype must be auto, float32, .* got 'int4'"),
        ("FOLDER", {"device": "tpu9"}, ValueError, "the device 'tpu9' cannot be used"),
        ("EMPTY", {}, ValueError, "a model's folder must hold config.json"),
        ("BROKEN", {}, ValueError, "not a causal language model that can be loaded"),
        ("NOISE.gguf", {}, ValueError, "not a causal language model that can be loaded"),
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
