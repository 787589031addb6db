"""Every number of a report, before anything is laid out."""

from __future__ import annotations

from pathlib import Path

import pytest

import calibration
import factuality
from calibration import Item
from tests.pages import choices, responses, write_runs
from veracal.report.inputs import Inputs, read_inputs
from veracal.report.results import compute_results


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    """Two runs of predictions on two subjects."""
    subjects = [f"s{row % 2}" for row in range(40)]
    items = [
        Item(f"{subject}/{row}", subject, f"Which? {row}", ("p", "q", "r", "s"), row % 4)
        for row, subject in enumerate(subjects)
    ]
    return read_inputs(write_runs(tmp_path, items))


def test_numbers_of_a_pair_are_those_of_the_library(inputs: Inputs) -> None:
    results = compute_results(inputs)
    pair = results.pair
    assert pair is not None
    before, after = pair.runs.before, pair.runs.after
    assert pair.comparison.to_dict() == calibration.compare(before, after).to_dict()
    assert pair.diagnoses is not None
    assert pair.diagnoses[1].frame.equals(calibration.diagnose(after).frame)
    assert pair.subjects is not None
    assert pair.subjects.frame.equals(calibration.subject_changes(before, after).frame)
    assert pair.bins["top"].filter(run="model-after")["count"].sum() == 40
    assert pair.letters["run"].to_list() == ["model-before", "model-after"]
    assert pair.recalibrations == {}
    assert results.answers is None
    assert results.choices is None


def test_recalibrations_come_by_method_and_in_the_order_of_the_runs(inputs: Inputs) -> None:
    pair = compute_results(inputs, methods=["histogram", "isotonic"], by="items").pair
    assert pair is not None
    assert list(pair.recalibrations) == ["histogram", "isotonic"]
    before, after = pair.recalibrations["isotonic"]
    assert before.frame.equals(calibration.recalibrate(pair.runs.before, "isotonic").frame)
    assert after.frame.equals(calibration.recalibrate(pair.runs.after, "isotonic").frame)


def test_one_subject_has_no_changes_by_subject_and_few_items_no_diagnosis(tmp_path: Path) -> None:
    items = [Item(f"law/{row}", "law", f"Which? {row}", ("p", "q", "r", "s"), row % 4) for row in range(9)]
    pair = compute_results(read_inputs(write_runs(tmp_path, items))).pair
    assert pair is not None
    assert pair.subjects is None
    assert pair.diagnoses is None


def test_answers_have_rates_and_changes(tmp_path: Path) -> None:
    runs = [responses(tmp_path / name, name, wrong) for name, wrong in (("base", 12), ("rl", 4))]
    answers = compute_results(read_inputs(runs)).answers
    assert answers is not None
    assert list(answers.changes) == ["rl"]
    assert answers.changes["rl"].frame.equals(factuality.rate_change(*answers.judgments).frame)
    assert answers.totals["run"].to_list() == ["base", "rl", "base", "rl"]
    assert answers.totals["adversarial"].to_list() == [True, True, False, False]
    assert answers.rates.filter(category="history", adversarial=True)["run"].to_list() == ["base", "rl"]


def test_choices_have_an_estimate_a_run_and_variant(tmp_path: Path) -> None:
    runs = [choices(tmp_path / name, name, "none", won) for name, won in (("base", 8), ("rl", 16))]
    results = compute_results(read_inputs(runs)).choices
    assert results is not None
    assert list(results.estimates) == ["mc1", "mc2"]
    assert [estimate.value for estimate in results.estimates["mc1"]] == [0.25, 0.5]


def test_a_grader_without_answers_is_refused(inputs: Inputs) -> None:
    with pytest.raises(ValueError, match="the grader match has no effect: none of the runs holds graded answers"):
        compute_results(inputs, grader="match")
