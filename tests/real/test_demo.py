"""The demo as a newcomer runs it, and what its models must show."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from factuality import rate_change, rates, read_judgments

pytestmark = pytest.mark.real


def test_the_pair_shows_over_confidence_and_fewer_misconceptions(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).parent / "veracal"), "demo", "--json"]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    result = json.loads(found.stdout)
    before, change = result["before"], result["change"]
    floor = before["ece_choices_null95"]
    assert before["ece_choices"]["value"] <= max(2 * floor, 0.02)
    assert change["ece_choices"]["value"] >= 0.08
    assert change["ece_choices"]["p_value"] < 0.001
    assert abs(change["accuracy"]["value"]) <= 0.03
    pair = [read_judgments(tmp_path / "demo" / name) for name in ("base-completion-answers", "rl-chat-answers")]
    moved = rate_change(*pair).frame.filter(pl.col("category") == "all adversarial")
    assert moved.filter(pl.col("measure") == "tempted")["high"].item() < 0
    pretrained = rates(pair[0]).overall()
    assert pretrained["tempted_low"] > pretrained["correct_high"]
