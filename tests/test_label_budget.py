"""The script behind the tables of what labels buy, with few draws."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

from tests.docs_scripts import docs_script
from tests.label_files import write_labels


@pytest.fixture(scope="module")
def label_budget() -> ModuleType:
    return docs_script("label_budget")


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
