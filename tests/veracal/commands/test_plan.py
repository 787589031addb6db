"""`veracal plan`: items that a wanted precision needs, for people and for machines."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from calibration import read_scored_run, required_n
from tests.veracal.command_line import refusal, run


def imported(path: Path, name: str, right: np.ndarray) -> Path:
    confidence = np.linspace(0.55, 0.95, len(right))
    rows = [
        f"{row},{sure},{int(is_right)},g{row // 5}\n"
        for row, (sure, is_right) in enumerate(zip(confidence, right, strict=True))
    ]
    (path / f"{name}.csv").write_text("id,confidence,correct,subject\n" + "".join(rows))
    assert run("import", path / f"{name}.csv", "--out", path / name) == 0
    return path / name


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder, rows = tmp_path_factory.mktemp("runs"), np.arange(100)
    return imported(folder, "base", rows % 4 > 0), imported(folder, "post", rows % 5 > 0)


def test_a_half_width(runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run("plan", runs[0], "--half-width", 0.05) == 0
    out = capsys.readouterr().out
    assert "Items needed for an interval of ±0.05, judged by base" in out
    pilot = read_scored_run(runs[0])
    wanted = {"accuracy": "accuracy", "signed gap": "signed_gap", "ECE": "ece_top"}
    needed = {name: line.split()[-1] for line in out.splitlines() for name in wanted if line.startswith(name)}
    assert needed == {name: f"{required_n(pilot, key, half_width=0.05):,}" for name, key in wanted.items()}


def test_a_paired_change_for_machines(runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    options = ("--change", 0.05, "--power", 0.9, "--measures", "accuracy, brier_top", "--json")
    assert run("plan", runs[0], "--after", runs[1], *options) == 0
    found = json.loads(capsys.readouterr().out)
    before, after = (read_scored_run(path) for path in runs)
    for key in ("accuracy", "brier_top"):
        n = required_n(before, key, change=0.05, power=0.9, after=after)
        assert found["measures"][key] == {"n_items": n, "n_clusters": None, "reason": None}
    assert (found["change"], found["half_width"], found["power"]) == (0.05, None, 0.9)


def test_a_pilot_that_cannot_tell_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pilot = imported(tmp_path, "pilot", np.arange(60) > 1)
    capsys.readouterr()
    assert run("plan", pilot, "--change", -0.02, "--measures", "accuracy") == 0
    out = capsys.readouterr().out
    assert "cannot tell" in out
    assert "the pilot has 2 answers that are wrong (or right) among 60" in out


def test_subjects_drawn_anew_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pilot = imported(tmp_path, "pilot", np.arange(100) % 4 > 0)
    capsys.readouterr()
    assert run("plan", pilot, "--half-width", 0.05, "--measures", "accuracy", "--sampling", "subjects") == 0
    needed = required_n(read_scored_run(pilot), "accuracy", half_width=0.05, sampling="subjects")
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("accuracy"))
    assert row.split()[1:] == [f"{needed:,}", f"{needed.clusters:,}"]


@pytest.mark.parametrize(
    ("options", "status", "message"),
    [
        ((), 2, "give --half-width X or --change X, one of them"),
        (("--half-width", 0.1, "--change", 0.1), 2, "give --half-width X or --change X, one of them"),
        (("--half-width", 0.1, "--power", 0.9), 2, "--power has no effect beside --half-width"),
        (("--half-width", 0), 1, "half_width must be above 0, got 0"),
        (("--change", 0.1, "--power", 0.2), 1, "power must be at least 0.5 and below 1, got 0.2"),
        (("--change", 0.1, "--measures", "nonsense"), 1, "nonsense"),
    ],
)
def test_wrong_use_is_one_line(
    runs: tuple[Path, Path], options: tuple[object, ...], status: int, message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    capsys.readouterr()
    got, line = refusal(capsys, "plan", runs[0], *options)
    assert got == status
    assert message in line
