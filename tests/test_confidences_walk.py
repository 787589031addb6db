"""The walk through confidences in the guide runs as it stands there."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT


def test_the_walk_of_the_guide_runs(capsys: pytest.CaptureFixture[str]) -> None:
    guide = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    section = guide.split("## A data frame of confidences\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)
    assert len(blocks) == 1
    exec(compile(blocks[0], "guide.md", "exec"), {})  # noqa: S102
    assert capsys.readouterr().out.rstrip().endswith("(interval not validated)")
