"""`veracal summarize` as its users meet it."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from calibration import read_run
from calibration.analysis.label_noise import label_noise
from calibration.analysis.position_bias import position_bias
from calibration.items.annotations import load_annotations
from calibration.predictions.rotations import average_permutations
from calibration.runs.run_writer import RunWriter
from tests.veracal.command_line import refusal, run


def interrupted(folder: Path, rows: pl.DataFrame) -> None:
    """A run as it would be if it had been interrupted after these rows."""
    for part in (folder / "parts").iterdir():
        part.unlink()
    half = RunWriter(folder)
    half.append(rows)
    half.update(state="running")


def test_every_rotation_of_the_options(
    model: Path, mmlu: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["extract", model, "--items", f"mmlu:{mmlu}", "--limit", 3]
    plain, cyclic = tmp_path / "plain", tmp_path / "cyclic"
    assert run(*command, "--out", plain) == 0
    assert run(*command, "--permutations", "cyclic", "--out", cyclic, "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["n_items"], result["permutations"]) == (6, "cyclic")
    assert read_run(cyclic).frame.height == 24

    assert run("summarize", cyclic, "--json") == 0
    captured = capsys.readouterr()
    summary = json.loads(captured.out)
    assert "warning" not in captured.err
    mean = average_permutations(read_run(cyclic))
    assert summary["n_items"] == 6
    assert summary["accuracy"]["value"] == mean.accuracy
    assert summary["position_bias"] == position_bias(read_run(cyclic)).to_dict()
    assert run("summarize", plain, "--json") == 0
    assert "position_bias" not in json.loads(capsys.readouterr().out)
    assert run("summarize", cyclic) == 0
    shown = capsys.readouterr().out
    bias = position_bias(read_run(cyclic))
    assert "its numbers are of the mean over the rotations of each item's options." in shown
    assert f"The answer changes with the order for {bias.flip_rate} of the items." in shown
    for row in bias.letters.iter_rows(named=True):
        assert f"{row['mean_probability']:.3f} [{row['mean_probability_low']:.3f}, " in shown

    assert run("compare", plain, cyclic, "--html", tmp_path / "page.html") == 0
    shown = capsys.readouterr().out
    assert shown.count("of the mean over the rotations") == 1
    assert "Differs: permutations: none before, cyclic after." in shown
    assert run("compare", plain, cyclic, "--json") == 0
    comparison = json.loads(capsys.readouterr().out)
    assert comparison["after"]["brier"] == summary["brier"]
    assert comparison["settings"]["permutations"] == ["none", "cyclic"]

    # What an interrupted run has: one item less in every rotation, then none.
    part = next((cyclic / "parts").iterdir())
    rows = pl.read_parquet(part)
    interrupted(cyclic, rows[1:])
    assert run("summarize", cyclic, "--json") == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["n_items"] == 5
    assert f"warning: {cyclic} is not finished: 5 of 6 items" in captured.err
    interrupted(cyclic, rows.unique("item"))
    status, line = refusal(capsys, "summarize", cyclic)
    assert status == 1
    assert "no item was asked with each of its options under each letter once" in line


def test_summarize_with_annotations(recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, path = tmp_path / "run", tmp_path / "annotations.csv"
    assert run("import", recorded / "smollm2-chat.csv", "--out", folder) == 0
    letters = read_run(folder)
    rows = [
        f"{item},{'ok' if row % 3 else 'wrong_groundtruth'},{'' if row % 3 else 'D'}"
        for row, item in enumerate(letters.item)
    ]
    path.write_text("\n".join(["item,error_type,corrected_answer", *rows]))
    capsys.readouterr()
    assert run("summarize", folder, "--annotations", path, "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary.pop("annotations") == json.loads(json.dumps(label_noise(letters, load_annotations(path)).to_dict()))
    assert run("summarize", folder, "--json") == 0
    assert json.loads(capsys.readouterr().out) == summary
    assert run("summarize", folder, "--annotations", path) == 0
    table = capsys.readouterr().out
    for words in ("as given  without faulty  corrected answers", "wrong_groundtruth", "Note: "):
        assert words in table
    assert run("summarize", folder, "--annotations", tmp_path / "none.csv") == 1
