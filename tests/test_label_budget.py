"""The script behind the tables of what labels buy, with few draws."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.label_files import write_labels


@pytest.fixture(scope="module")
def label_budget() -> ModuleType:
    path = Path(__file__).parent.parent / "docs" / "label_budget.py"
    spec = importlib.util.spec_from_file_location("label_budget", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["label_budget"] = module
    spec.loader.exec_module(module)
    return module


def test_simulated_rates(label_budget: ModuleType) -> None:
    for kind in ("good", "useless", "reversed"):
        lines = list(label_budget.of_rates(kind, (0.03, 0.22), 20))
        assert [line.split(" | ")[0] for line in lines] == ["| rate", "| ---", "| 0.03", "| 0.22"]
        numbers = [[float(cell) for cell in re.findall(r"\d\.\d{3}", line)] for line in lines[2:]]
        assert min(row[0] for row in numbers) > 0.75
        assert min(row[2] for row in numbers) > 0.75


def test_files(label_budget: ModuleType, tmp_path: Path) -> None:
    files = [write_labels(tmp_path / f"{name}.csv", 200) for name in ("one", "two")]
    # 53 answers right to both, 14 only to the grader, 133 to neither: (133 + 14 / 2) / 147.
    lines = list(label_budget.of_files(files, "match", 5))
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| one, AUROC 0.952", "| two, AUROC 0.952", "| mean width"]
