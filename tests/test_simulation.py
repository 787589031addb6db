"""The script behind docs/simulation.md, on a small population."""

from __future__ import annotations

import re
from types import ModuleType

import pytest

from tests.docs_scripts import docs_script


@pytest.fixture(scope="module")
def simulation() -> ModuleType:
    return docs_script("simulation")


def rates(lines: list[str]) -> list[float]:
    return [float(cell) for line in lines[2:] for cell in re.findall(r"(\d\.\d{3}) \|", line)]


def test_tables_hold_the_coverage_of_each_interval(simulation: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """With 30 samples a cell the coverages of 95 % in the table lie above 0.75."""
    monkeypatch.setattr(simulation, "POPULATION", 20_000)
    lines = list(simulation.table(list(simulation.REGIMES), (200,), ("signed_gap", "debiased_ce2"), 30))
    assert [line.split(" | ")[0] for line in lines[2:]] == [f"| {regime}" for regime in simulation.REGIMES]
    found = rates(lines)
    assert len(found) == 2 * len(simulation.REGIMES)
    assert min(found) > 0.75


def test_subjects_are_drawn_whole(simulation: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "SUBJECTS", 200)
    lines = list(simulation.clustered_table(("signed_gap",), 30))
    assert len(rates(lines)) == 6
    assert min(rates(lines)) > 0.75


@pytest.mark.slow  # 15 samples of four populations by seven tests
def test_tests_of_calibration_seldom_reject_calibrated_models(
    simulation: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With 15 samples a cell the rates of rejection at 5 % lie below 0.4."""
    monkeypatch.setattr(simulation, "POPULATION", 20_000)
    assert max(rates(list(simulation.rejections(15)))) < 0.4


def test_a_table_of_rejections_has_a_row_a_population(simulation: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "POPULATION", 2_000)
    lines = list(simulation.rejections(1))
    assert [line.split(" | ")[:2] for line in lines[2:]] == [
        ["| calibrated", "200"], ["| calibrated", "1,000"], ["| discrete", "200"], ["| discrete", "1,000"],
    ]  # fmt: skip
    assert len(rates(lines)) == 4 * 7
