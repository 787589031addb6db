"""Engines of vLLM: how one is made, on which GPUs, and what is refused before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from calibration import load_model
from calibration.models.local.transformers_model import LocalModel
from calibration.models.vllm import engines
from tests import tiny


def test_how_the_engine_is_made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VLLM_LOGGING_STREAM")
    made: Any = load_model(f"vllm:{folder}")
    assert made.engine.options == {
        "tokenizer_revision": None,
        "revision": None,
        "trust_remote_code": False,
        "tensor_parallel_size": 1,
        "dtype": "float32",  # as the checkpoint is stored, which vLLM's own auto would round
        "enable_prefix_caching": True,
        "logprobs_mode": "raw_logprobs",
        "load_format": "safetensors",
    }
    assert made.description["dtype"] == "float32"
    assert made.description["tokenizer"] == load_model(str(folder)).description["tokenizer"]
    assert load_model(f"vllm:{folder}", dtype="bfloat16", device="cuda").description["dtype"] == "bfloat16"


def test_weights_are_those_of_the_folder(folder: Path, local: LocalModel, tmp_path: Path) -> None:
    weights = load_model(f"vllm:{folder}").description["weights"]
    assert weights == local.description["weights"]
    network = tiny.network()
    with torch.no_grad():
        network.get_parameter("model.norm.weight")[3] = float("nan")
    network.save_pretrained(tmp_path)
    tiny.tokenizer(bos=True).save_pretrained(tmp_path)
    with pytest.raises(
        ValueError, match=r"its weights hold numbers that are not finite \(model\.norm\.weight, 1 of 32\)"
    ):
        load_model(f"vllm:{tmp_path}")


@pytest.mark.parametrize(("gpus", "expected"), [(1, 1), (2, 2), (3, 2), (4, 4), (8, 4)])
def test_gpus_share_the_heads_evenly(gpus: int, expected: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    loaded: Any = load_model(f"vllm:{folder}")  # 4 heads, 2 of keys and values
    assert loaded.engine.options["tensor_parallel_size"] == expected


@pytest.mark.parametrize(
    ("spec", "options", "gpus", "error", "message"),
    [
        ("vllm:FOLDER", {"device": "cpu"}, 1, ValueError, "the device of vLLM must be auto or cuda, got 'cpu'"),
        ("vllm:FOLDER", {"dtype": "float64"}, 1, ValueError, "dtype must be auto, float32, .* got 'float64'"),
        ("vllm:FOLDER", {}, 0, ValueError, "vLLM needs a GPU, and CUDA sees none"),
        ("vllm:/nowhere/at/all", {}, 1, FileNotFoundError, "neither a folder, a .gguf file nor a hub name"),
        ("vllm:BROKEN", {}, 1, ValueError, "vLLM cannot load it: "),
    ],
)
def test_refusals_of_a_model(
    spec: str,
    options: dict[str, Any],
    gpus: int,
    error: type[Exception],
    message: str,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    (tmp_path / "config.json").write_text('{"model_type": "unheard-of"}')
    spec = spec.replace("FOLDER", str(folder)).replace("BROKEN", str(tmp_path))
    with pytest.raises(error, match=message) as caught:
        load_model(spec, **options)
    assert "\n" not in str(caught.value)


def test_without_vllm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda _: None)
    with pytest.raises(ValueError, match=r"pip install 'veracal\[vllm\]'"):
        load_model("vllm:tiny")
