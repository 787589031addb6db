"""The demo on its real model, as a newcomer runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.real


def test_the_demo_ends_with_a_page_and_gives_the_recorded_letters(tmp_path: Path, recorded: Path) -> None:
    veracal = Path(sys.executable).parent / "veracal"
    found = subprocess.run([veracal, "demo", "--json"], cwd=tmp_path, capture_output=True, text=True, check=True)
    result = json.loads(found.stdout)
    page = tmp_path / "demo" / "report.html"
    assert result["page"] == str(page)
    assert "Raw completion" in page.read_text(encoding="utf-8")
    for side, style in (("before", "completion"), ("after", "chat")):
        out = tmp_path / style
        subprocess.run([veracal, "import", recorded / f"smollm2-{style}.csv", "--out", out], check=True)
        again = subprocess.run([veracal, "summarize", out, "--json"], capture_output=True, text=True, check=True)
        summary = json.loads(again.stdout)
        for key in ("accuracy", "ece_top", "ece_choices", "brier"):
            assert result[side][key]["value"] == pytest.approx(summary[key]["value"], abs=1e-4)
    # A second start finds the finished runs, asks nothing and prints the page's path last.
    last = subprocess.run([veracal, "demo"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert last.splitlines()[-1] == f"Report: {page}"
