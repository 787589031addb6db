"""The table of measures: keys, names, and the measures that a run defines."""

from __future__ import annotations

import numpy as np
import pytest

from calibration import Predictions, UndefinedMeasure, auroc, compare, diagnose, ece, log_loss, recalibrate, summarize
from calibration.uncertainty.defined_measures import defined_measures
from calibration.uncertainty.kinds.protocol import Measure
from calibration.uncertainty.kinds.share import Share
from calibration.uncertainty.measure_names import axis_label, row_label, text_label
from calibration.uncertainty.measure_table import MEASURES, TABLE, listed_measures, measure_key

ALL_RIGHT = Predictions.from_arrays([[2.0, 0.0], [1.0, 0.0]], [0, 0])


@pytest.mark.parametrize("key", list(MEASURES))
def test_every_measure_has_both_names(key: str) -> None:
    assert row_label(key).strip()
    assert axis_label(key).strip()


def test_every_row_of_a_summary_has_a_name() -> None:
    run = Predictions.from_arrays([[2.0, 0.0], [0.0, 1.0], [0.2, 0.5]] * 6, [0, 1, 0] * 6)
    keys = [*summarize(run), "letter_mass", "tie_rate"]
    assert [key for key in keys if key not in {row.key for row in TABLE}] == []


def test_no_two_measures_share_a_name() -> None:
    keys = [row.key for row in TABLE]
    assert len(set(keys)) == len(keys)
    names = [row.label for row in TABLE if not row.label.startswith(" ")]  # indented ones are told with their measure
    assert len(set(names)) == len(names)
    axes = [row.long for row in TABLE if row.long]
    assert len(set(axes)) == len(axes)


def test_a_metric_of_whole_distributions_has_one_key_in_either_view() -> None:
    assert measure_key(log_loss, "top") == measure_key(log_loss, "choices") == "nll"
    assert (measure_key(ece, "top"), measure_key(ece, "choices")) == ("ece_top", "ece_choices")


def test_directions_are_those_of_errors_and_of_discrimination() -> None:
    better = {row.key: row.better for row in TABLE if row.metric is not None}
    assert [key for key, direction in better.items() if direction == "higher"] == ["auroc"]
    assert [key for key, direction in better.items() if direction is None] == [
        "signed_gap", "calibration_slope", "calibration_intercept", "calibration_in_the_large",
    ]  # fmt: skip


def test_the_mean_of_subjects_is_for_several_subjects() -> None:
    several, single = (listed_measures(several_subjects=flag) for flag in (True, False))
    assert set(several) - set(single) == {"accuracy_by_subject_mean"}
    assert list(several)[:2] == ["accuracy", "accuracy_by_subject_mean"]


def test_an_undefined_measure_is_noted() -> None:
    defined, notes = defined_measures(ALL_RIGHT, {"auroc": MEASURES["auroc"], "accuracy": MEASURES["accuracy"]})
    assert list(defined) == ["accuracy"]
    assert notes == ["AUROC is left out: AUROC needs right and wrong answers, got 2 right and 0 wrong"]
    with pytest.raises(UndefinedMeasure, match="AUROC needs right and wrong answers"):
        auroc(ALL_RIGHT.confidence, ALL_RIGHT.correct)


def test_a_mistake_is_not_taken_for_an_undefined_measure() -> None:
    def mistaken(run: Predictions) -> Measure:
        return Share(run.correct.reshape(3, 5).astype(float))

    with pytest.raises(ValueError, match="cannot reshape"):
        defined_measures(ALL_RIGHT, {"accuracy": mistaken})


def test_names_in_a_sentence_hold_no_comma() -> None:
    assert [text_label(key) for key in ("ece_top", "accuracy_by_subject_mean", "temperature", "tempted")] == [
        "ECE (top)", "accuracy (subject mean)", "best temperature", "tempted",
    ]  # fmt: skip
    assert not any("," in text_label(key) for key in (row.key for row in TABLE))


def notes_of_all_kinds() -> list[str]:
    """Notes of runs that leave much blank or out: all right, alike, few subjects, in part different items."""
    logits = np.random.default_rng(0).normal(size=(40, 4)) * 2
    run = Predictions.from_arrays(logits, logits.argmax(axis=1), subject=["law"] * 20 + ["art"] * 20)
    other = Predictions(run.frame.with_row_index().filter(run.frame["item"].str.len_bytes() > 1).drop("index"))
    alike = Predictions.from_arrays([[2.0, 0.0]] * 12, [0] * 12)
    drawn = (logits + np.random.default_rng(6).gumbel(size=(40, 4))).argmax(axis=1)
    calibrated = Predictions.from_arrays(logits, drawn)
    notes = [*summarize(run).notes, *summarize(alike).notes, *summarize(calibrated).notes, *diagnose(run).notes]
    for method in ("histogram", "isotonic"):
        notes += recalibrate(run, method).notes
    compared = compare(run, other, items="common")
    return [*notes, *compared.notes, *compared.after.notes]


def test_notes_name_measures_as_the_tables_do() -> None:
    notes = notes_of_all_kinds()
    words = " ".join(notes)
    for label in ("AUROC", "best temperature", "log loss", "accuracy (ties ½)", "signed gap by"):
        assert label in words
    keys = [
        key for key in [row.key for row in TABLE] if "_" in key or key in ("nll", "brier", "auroc", "aurc", "augrc")
    ]
    assert [note for note in notes if set(keys) & set(note.replace(":", " ").replace(",", " ").split())] == []
