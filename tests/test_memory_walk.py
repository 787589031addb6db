"""The guide's walk through a model in memory runs as it is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT


# peft asks transformers in an old way, and tells how it reads the layers of the demo's model.
@pytest.mark.filterwarnings(
    "ignore:`is_gradient_checkpointing` is deprecated",
    "ignore:fan_in_fan_out is set",
    "ignore:.pin_memory. argument is set",  # as the trainer asks for without a GPU
)
def test_the_walk_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("peft")
    guide = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    section = guide.partition("\n## A model in memory\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL)
    assert len(blocks) == 3
    monkeypatch.chdir(tmp_path)
    exec(compile("\n".join(blocks), "guide.md", "exec"), {})  # noqa: S102
    printed = capsys.readouterr().out.splitlines()
    looks = [line.split()[0] for line in printed if re.match(r"\d+ ", line)]
    assert looks == ["0", "10", "20"] * 2  # of the loop, of the trainer
    assert len([line for line in printed if re.match(r"[+-]\d", line)]) == 2  # changes: trained, adapted
    folders = [path.name for path in (tmp_path / "runs").iterdir()]
    assert {f"{kind}-{step}" for kind in ("step", "trained") for step in (0, 10, 20)} <= {*folders}
