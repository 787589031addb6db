"""The example letters come out of the model that they were recorded from."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from calibration import extract, import_log, load_items
from calibration.models.local.transformers_model import LocalModel

pytestmark = pytest.mark.real


@pytest.mark.parametrize("style", ["completion", "chat"])
def test_the_recorded_letters(style: Literal["completion", "chat"], smollm2: LocalModel, recorded: Path) -> None:
    items = load_items(recorded / "questions.jsonl")
    run, kept = extract(smollm2, items, style=style), import_log(recorded / f"smollm2-{style}.csv")
    np.testing.assert_array_equal(run.answer, kept.answer)
    np.testing.assert_allclose(run.probabilities, kept.probabilities, atol=1e-4)
