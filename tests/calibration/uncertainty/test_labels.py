"""Names of measures: one table, which has them all."""

from __future__ import annotations

import numpy as np
import pytest

from calibration import Predictions, compare, diagnose, recalibrate, summarize
from calibration.uncertainty.labels import MEASURE_LABELS, axis_label, row_label, text_label
from calibration.uncertainty.measures import MEASURES


@pytest.mark.parametrize("key", list(MEASURES))
def test_every_measure_has_both_names(key: str) -> None:
    assert row_label(key).strip()
    assert axis_label(key).strip()


def test_every_row_of_a_summary_has_a_name() -> None:
    run = Predictions.from_arrays([[2.0, 0.0], [0.0, 1.0], [0.2, 0.5]] * 6, [0, 1, 0] * 6)
    keys = [*summarize(run), "letter_mass", "tie_rate"]
    assert [key for key in keys if key not in MEASURE_LABELS] == []


def test_no_two_measures_share_a_name() -> None:
    names = [label.row for label in MEASURE_LABELS.values() if label.row != "  noise floor"]
    assert len(set(names)) == len(names)
    axes = [label.axis for label in MEASURE_LABELS.values() if label.axis]
    assert len(set(axes)) == len(axes)


def test_names_in_a_sentence_hold_no_comma() -> None:
    assert [text_label(key) for key in ("ece_top", "accuracy_by_subject_mean", "temperature", "tempted")] == [
        "ECE (top)", "accuracy (subject mean)", "best temperature", "tempted",
    ]  # fmt: skip
    assert not any("," in text_label(key) for key in MEASURE_LABELS)


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
    for label in ("AUROC", "best temperature", "debiased CE² (top)", "accuracy (ties ½)", "signed gap by"):
        assert label in words
    keys = [key for key in MEASURE_LABELS if "_" in key or key in ("nll", "brier", "auroc", "aurc", "augrc")]
    assert [note for note in notes if set(keys) & set(note.replace(":", " ").replace(",", " ").split())] == []
