"""A grader on a file that people have judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from factuality.people.labelled_files import grade_labelled_file
from tests.label_files import write_labels

KEYS = {"accuracy", "balanced_accuracy", "kappa", "auroc", "rate", "human_rate", "corrected_rate"}
COUNTS = {"n", "n_unclear", "n_ungraded", "n_labels"}


def test_every_number_with_its_interval(tmp_path: Path) -> None:
    found = grade_labelled_file(write_labels(tmp_path / "labels.csv", 330, unclear=30), "match", labels=50)
    assert set(found) == KEYS | COUNTS | {"failures"}
    assert (found["n"], found["n_unclear"], found["n_ungraded"], found["n_labels"]) == (300, 30, 0, 50)
    assert found["accuracy"]["value"] == pytest.approx(280 / 300)
    assert found["rate"]["value"] == pytest.approx(100 / 300)
    assert found["human_rate"]["value"] == pytest.approx(80 / 300)
    for key in KEYS:
        assert set(found[key]) == {"value", "low", "high", "level"}
        assert found[key]["low"] < found[key]["value"] < found[key]["high"]
    assert found["corrected_rate"]["low"] < 80 / 300 < found["corrected_rate"]["high"]


def test_the_seed_names_the_sample(tmp_path: Path) -> None:
    path = write_labels(tmp_path / "labels.csv", 300)
    first, again, other = (
        grade_labelled_file(path, "match", labels=40, seed=seed)["corrected_rate"] for seed in (0, 0, 1)
    )
    assert first == again != other


def test_a_small_file_is_labelled_whole(tmp_path: Path) -> None:
    found = grade_labelled_file(write_labels(tmp_path / "labels.csv", 30), "match")
    assert found["n_labels"] == 30
    assert found["corrected_rate"]["low"] == found["corrected_rate"]["high"] == found["human_rate"]["value"]
    with pytest.raises(ValueError, match="labels must be at least 2, got 1"):
        grade_labelled_file(write_labels(tmp_path / "labels.csv", 30), "match", labels=1)


def test_a_grader_that_agrees_throughout_has_intervals_that_json_can_hold(tmp_path: Path) -> None:
    path = write_labels(tmp_path / "labels.csv", 60, every=1)  # people say the opposite throughout
    found = grade_labelled_file(path, "match")
    assert found["accuracy"]["value"] == 0
    json.dumps(found, allow_nan=False)
    text = path.read_text(encoding="utf-8").replace("true", "?").replace("false", "true").replace("?", "false")
    path.write_text(text, encoding="utf-8")
    found = grade_labelled_file(path, "match")
    assert found["kappa"]["value"] == found["kappa"]["high"] == 1
    assert 0.8 < found["kappa"]["low"] < 1
    assert "reason" not in found["kappa"]
    json.dumps(found, allow_nan=False)
