"""Summaries, comparisons and their numbers as notebooks, papers and programs see them."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from calibration import Change, Comparison, Estimate, Predictions, Summary, compare, summarize


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    logits = np.random.default_rng(0).normal(size=(60, 3))
    sides = [Predictions.from_arrays(scale * logits, [0, 1] * 30, model=name) for name, scale in (("a", 1), ("b", 2))]
    return compare(sides[0], sides[1], level=0.9)


@pytest.fixture(scope="module")
def summary(comparison: Comparison) -> Summary:
    return comparison.before


def test_measures_are_attributes(summary: Summary, comparison: Comparison) -> None:
    assert summary.ece_top is summary["ece_top"]
    assert comparison.ece_top is comparison.change["ece_top"]
    assert {"ece_top", "values", "to_latex"} <= set(dir(summary)) & ({"values"} | set(dir(comparison)))
    with pytest.raises(AttributeError, match="no 'ece_tpo'; the nearest: 'ece_top'"):
        _ = summary.ece_tpo
    with pytest.raises(AttributeError, match="no 'bier'; the nearest: 'brier'"):
        _ = comparison.bier


def test_copies_are_equal(summary: Summary) -> None:
    assert copy.deepcopy(summary) == summary
    assert pickle.loads(pickle.dumps(summary)) == summary  # noqa: S301 (our own)


def test_a_repr_is_a_line(summary: Summary, comparison: Comparison) -> None:
    assert repr(summary) == f"<Summary of a: {len(summary.values)} numbers of 60 items; print shows them>"
    assert (
        repr(comparison) == f"<Comparison of a and b: {len(comparison.change)} changes on 60 items; print shows them>"
    )


def test_a_caption_tells_items_bins_level_and_floor(summary: Summary, comparison: Comparison) -> None:
    how = (
        "ECE: 10 bins of equal width. Noise floor: the 95 \\% quantile of what a calibrated model would score on as "
        "many items."
    )
    assert f"{{Calibration of a on 60 items with 90 \\% intervals. {how}}}" in summary.to_latex()
    assert "{a before and b after on the same 60 items; changes are after $-$ before, with 90" in comparison.to_latex()
    assert how in comparison.to_latex()
    assert "90 % interval" in str(summary)


def test_all_formats_hold_the_same_numbers(summary: Summary) -> None:
    number = f"{summary.point('brier'):.4f}"
    for text in (str(summary), summary.to_markdown(), summary.to_latex(), summary._repr_html_()):
        assert number in text


def test_a_run_without_a_name_has_a_table() -> None:
    run = Predictions.from_arrays([[1.0, 0.0], [0.0, 1.0]] * 6, [0, 1] * 6)
    assert str(summarize(run)).startswith(" ")
    assert "Note on before" in compare(run, run).to_markdown()


def test_a_number_is_formatted_as_its_value(summary: Summary, comparison: Comparison) -> None:
    number, change = summary.estimate("accuracy"), comparison.change["mean_confidence"]
    assert f"{number:.2f}" == f"{number.value:.2f}"
    assert f"{change:+.2f}" == f"{change.value:+.2f}"
    assert (f"{number}", f"{change}") == (str(number), str(change))
    assert (repr(number), repr(change)) == (f"<Estimate: {number}>", f"<Change: {change}>")


def test_a_number_knows_its_items(summary: Summary, comparison: Comparison) -> None:
    assert (summary.estimate("accuracy").n, comparison.change["accuracy"].n) == (60, 60)
    assert Estimate(value=0.5, low=0.4, high=0.6, level=0.95).n is None


def test_a_number_shows_what_is_known_in_a_notebook(summary: Summary) -> None:
    html = summary.estimate("ece_top")._repr_html_()
    assert "ECE (top)" in html
    assert "90 % interval" in html
    assert ">60</td>" in html
    sure = Change(value=0.1, low=0.05, high=0.15, level=0.95, p_value=1e-9, clustered=None, label="not validated")
    assert "&lt; .001" in sure._repr_html_()
    assert "Note: not validated." in sure._repr_html_()
    blank = Estimate(value=0.1, low=float("nan"), high=float("nan"), level=0.95, reason="too few items")
    assert "interval" not in blank._repr_html_()
    assert "too few items" in blank._repr_html_()
