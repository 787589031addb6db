"""Results that show themselves: printed, in a notebook, and by their reprs."""

from __future__ import annotations

import copy
import dataclasses
import math
import pickle

import numpy as np
import pytest

import veracal as vc
from calibration.result_tables.html import as_html
from calibration.result_tables.preview import preview
from calibration.result_tables.result_table import ResultTable, result_columns
from calibration.uncertainty.noise_floor import NullECE

NULL = NullECE(observed=0.042, mean=0.02, quantile95=0.03, p_value=0.0004, draws=1000)
# Values that others are computed from, or that stand inside a result that shows them.
NO_RESULTS = {
    "AnnotatedComparison", "AnnotatedSets", "Annotations", "CalibrationTest", "HumanLabels",
    "Item", "Question", "Rubric", "Runs", "ScoreDecomposition",
}  # fmt: skip
RESULTS = [name for name in vc.__all__ if dataclasses.is_dataclass(getattr(vc, name, None)) and name not in NO_RESULTS]


@pytest.mark.parametrize("name", RESULTS)
def test_every_result_shows_itself_in_a_notebook(name: str) -> None:
    assert hasattr(getattr(vc, name), "_repr_html_")


@pytest.fixture(scope="module")
def run() -> vc.Predictions:
    rng = np.random.default_rng(1)
    logits = 2 * rng.normal(size=(120, 4))
    answer = (logits / 2 + rng.gumbel(size=logits.shape)).argmax(axis=1)
    return vc.Predictions.from_arrays(logits, answer, subject=["art", "law", "war"] * 40, model="base")


def test_a_printed_result_is_its_table() -> None:
    assert str(NULL).splitlines() == [
        "ECE 0.042, noise floor 0.030: 1,000 draws of labels from the model's own probabilities",
        "                                  value",
        "ECE                              0.0420",
        "  mean of a calibrated model     0.0200",
        "  noise floor                    0.0300",
        "p, that the model is calibrated  < .001",
    ]
    assert repr(NULL).startswith("<NullECE: ECE 0.042, noise floor 0.030: 1,000 draws")


def test_a_run_shows_its_sizes_and_first_rows(run: vc.Predictions) -> None:
    lines = str(run).splitlines()
    assert lines[0].startswith("base, 120 items of 3 subjects, accuracy 0.")
    assert lines[1].split() == ["item", "subject", "answer", "predicted", "confidence", "correct"]
    assert lines[-2:] == ["… and 115 more.", "summarize(run) measures it, with intervals and noise floors."]
    assert len(repr(run)) < 120


def test_a_run_in_several_orders_of_options_shows_itself(run: vc.Predictions) -> None:
    turned = run.frame.with_columns(
        order=run.frame["order"].list.reverse(), logprobs=run.frame["logprobs"].list.reverse()
    )
    both = vc.Predictions(run.frame.vstack(turned.with_columns(answer=3 - turned["answer"])))
    lines = str(both).splitlines()
    assert lines[0] == "base, 120 items of 3 subjects"
    assert lines[1].split() == ["item", "subject", "order"]


def test_a_recalibration_names_its_measures(run: vc.Predictions) -> None:
    found = vc.recalibrate(run)
    assert found.ece_top is found.change["ece_top"]
    assert "brier" in dir(found)
    with pytest.raises(AttributeError, match="Recalibration has no 'ece_tpo'; the nearest: 'ece_top'"):
        found.ece_tpo  # noqa: B018
    for same in (copy.copy(found), pickle.loads(pickle.dumps(found))):  # noqa: S301 (its own)
        assert same.ece_top.value == found.ece_top.value
    lines = str(found).splitlines()
    assert lines[0] == "Recalibration by temperature, cross-fitted by items: 120 items"
    assert lines[2].startswith("ECE, top ")
    assert lines[3].startswith("  noise floor ")


def test_a_diagnosis_has_two_tables(run: vc.Predictions) -> None:
    first, second = str(vc.diagnose(run)).split("\n\n")
    assert [line.split("  ")[0] or line.split()[0] for line in first.splitlines()[2:4]] == ["as is", "other items"]
    assert [line[:1] for line in second.splitlines()[2:]] == ["A", "B", "C", "D"]


def test_sets_and_thresholds_stand_beside_their_guarantees(run: vc.Predictions) -> None:
    sets = vc.conformal_sets(run, class_conditional=True)
    coverage, letters = sets.tables
    assert coverage.rows[0] == ("coverage", f"{sets.coverage.value:.3f}", str(sets.coverage)[6:])
    assert coverage.rows[1] == ("  guaranteed at least", "0.9", "")
    assert [row[0] for row in letters.rows] == ["A", "B", "C", "D"]
    none = vc.selective_threshold(run, error=0.001)
    assert math.isinf(none.threshold)
    assert none.table.rows[0] == ("confidence from which is answered", "none", "")
    assert none.table.notes[0].startswith("Note: nothing is answered: ")


def test_groups_show_a_row_each(run: vc.Predictions) -> None:
    groups = vc.by_group(run, "subject", "accuracy")
    assert [row[:2] for row in groups.table.rows] == [("art", "40"), ("law", "40"), ("war", "40")]
    assert (
        repr(groups)
        == "<GroupMeasures: accuracy by subject; q: that the group differs from all other items; print shows it>"
    )
    assert groups.to_latex().count(r"\begin{table}") == 1


def test_a_curve_has_a_row_a_bin_that_holds_something() -> None:
    curve = vc.reliability_curve([0.25, 0.35, 0.39, 0.95], [1, 0, 1, 1])
    assert curve.table.heading == ("Reliability curve of 4 values: ECE 0.265",)  # (.75 + .26 + .05) / 4
    assert [row[:4] for row in curve.table.rows] == [
        ("0.2–0.3", "1", "0.250", "1.000"),
        ("0.3–0.4", "2", "0.370", "0.500"),
        ("0.9–1", "1", "0.950", "1.000"),
    ]
    assert repr(vc.risk_coverage([0.9, 0.8], [1, 0])).startswith("<RiskCoverage: Risk–coverage curve: AURC 0.")


def test_changes_at_equal_accuracy_are_attributes(run: vc.Predictions) -> None:
    matched = vc.compare_at_equal_accuracy(run, run)
    assert matched.ece_choices.value == 0.0
    assert len(matched.tables) == 2
    assert matched.to_markdown().count("| :---") == 2


def test_a_decision_is_a_sentence(run: vc.Predictions) -> None:
    decision = vc.decide(vc.change(run, run, "ece_top"), margin=0.02)
    assert repr(decision) == f"<Decision: {decision}>"
    assert decision.table.heading == (f"{decision}.",)


def test_long_tables_scroll_and_are_reached_with_a_keyboard() -> None:
    short, long = (
        ResultTable(columns=result_columns(["", "value"]), rows=(("a", "1"),) * n_rows) for n_rows in (20, 21)
    )
    assert "tabindex" not in as_html(short)
    assert 'tabindex="0"' in as_html(long)
    assert as_html(short, short).count("<style>") == 1


def test_a_preview_cuts_long_texts_and_has_no_line_breaks() -> None:
    table = preview(vc.Pairs.from_arrays([0.5], [1], item=["a\n" + 100 * "b"]).frame.select("item"), heading="")
    assert table.rows == (("a " + 57 * "b" + "…",),)
