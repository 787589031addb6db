"""A folder with a small model, and vLLM's engine played by it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from calibration import load_model
from calibration.models.local.transformers_model import LocalModel
from calibration.models.vllm.vllm_model import VllmModel
from tests import fake_vllm, tiny


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "tiny"
    tiny.network().save_pretrained(path)
    tiny.tokenizer(bos=True).save_pretrained(path)
    return path


@pytest.fixture(autouse=True)
def one_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vllm", fake_vllm)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    for name in ("VLLM_LOGGING_STREAM", "VLLM_NO_USAGE_STATS"):
        monkeypatch.setenv(name, "as it was")


@pytest.fixture
def model(folder: Path, one_gpu: None) -> VllmModel:
    loaded = load_model(f"vllm:{folder}")
    assert isinstance(loaded, VllmModel)
    return loaded


@pytest.fixture(scope="module")
def local(folder: Path) -> LocalModel:
    loaded = load_model(str(folder), device="cpu")
    assert isinstance(loaded, LocalModel)
    return loaded
