"""MMLU-Redux joined to the recorded pair: what faulty items and keys do to calibration."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from calibration import Change, import_log
from calibration.analysis.annotated_runs import compare_annotated
from calibration.analysis.label_noise import label_noise
from calibration.items.annotations import load_annotations

pytestmark = pytest.mark.real


def test_the_annotations_are_those_that_were_published(data: Path) -> None:
    found = load_annotations(data / "mmlu_redux" / "annotations.csv")
    counts = dict(found.frame["error_type"].value_counts().iter_rows())
    assert counts == {
        "ok": 5309,
        "bad_question_clarity": 131,
        "wrong_groundtruth": 107,
        "multiple_correct_answers": 39,
        "no_correct_answer": 35,
        "expert": 32,
        "bad_options_clarity": 25,
    }
    assert 1 - counts["ok"] / found.n_items == pytest.approx(0.0649, abs=1e-3)  # Gema et al. 2024, abstract


@pytest.mark.parametrize(
    ("name", "accuracy", "gap", "ece_top", "ece_choices"),
    [
        (
            "llama-3.1-8b",
            (0.6191, 0.6359, 0.6346),
            (-0.0275, -0.0395, -0.0383),
            (0.0438, 0.0503, 0.0496),
            (0.0178, 0.0231, 0.0224),
        ),
        (
            "llama-3.1-8b-instruct",
            (0.6034, 0.6189, 0.6176),
            (0.1216, 0.1090, 0.1100),
            (0.1222, 0.1096, 0.1106),
            (0.0710, 0.0649, 0.0659),
        ),
    ],
)
def test_the_recorded_models(
    name: str,
    accuracy: tuple[float, ...],
    gap: tuple[float, ...],
    ece_top: tuple[float, ...],
    ece_choices: tuple[float, ...],
    data: Path,
) -> None:
    run = import_log(data / "recorded" / f"{name}.csv", format="csv")
    noise = label_noise(run, load_annotations(data / "mmlu_redux" / "annotations.csv"))
    sets = (noise.as_keyed, noise.without_faulty, noise.corrected)
    assert [int(one.point("n_items")) for one in sets] == [5678, 5309, 5411]
    assert (noise.n_not_annotated, noise.n_not_in_run) == (14042 - 5678, 0)
    for key, values in {
        "accuracy": accuracy, "signed_gap": gap, "ece_top": ece_top, "ece_choices": ece_choices
    }.items():  # fmt: skip
        assert [one.point(key) for one in sets] == pytest.approx(values, abs=5e-5)
    # Faults make a model look less accurate, and so surer than it is, whatever it is.
    for effects, sign in ((noise.dropping, -1), (noise.correcting, -1)):
        effect = effects["signed_gap"]
        assert isinstance(effect, Change)
        assert sign * effect.low > 0
        assert sign * effect.high > 0
    wrong = noise.types.row(by_predicate=pl.col("error_type") == "wrong_groundtruth", named=True)
    assert wrong["n_rekeyed"] == 101
    assert wrong["accuracy_rekeyed"] > 2 * wrong["accuracy"]
    (contradiction,) = [note for note in noise.notes if "which they keep" in note]
    assert contradiction.endswith("astronomy/59, global_facts/4")


def test_what_post_training_did_on_each_set(data: Path) -> None:
    before, after = (
        import_log(data / "recorded" / f"llama-3.1-8b{name}.csv", format="csv") for name in ("", "-instruct")
    )
    got = compare_annotated(before, after, load_annotations(data / "mmlu_redux" / "annotations.csv"))
    sets = (got.as_keyed, got.without_faulty, got.corrected)
    # The gap changes alike on each set; the top ECE of a model that was not sure enough hides part of that change.
    assert [one.change["signed_gap"].value for one in sets] == pytest.approx([0.149, 0.149, 0.148], abs=1e-3)
    assert [one.change["ece_top"].value for one in sets] == pytest.approx([0.078, 0.059, 0.061], abs=1e-3)
    assert [one.change["ece_choices"].value for one in sets] == pytest.approx([0.053, 0.042, 0.043], abs=1.5e-3)
