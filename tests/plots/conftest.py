"""Two recorded runs to draw."""

from __future__ import annotations

from pathlib import Path

import pytest

import calibration
from calibration import Predictions


@pytest.fixture
def pair(recorded: Path) -> tuple[Predictions, Predictions]:
    """A small model asked for a completion and through its chat template."""
    before, after = (calibration.import_log(recorded / f"smollm2-{style}.csv") for style in ("completion", "chat"))
    return before, after
