"""Several runs beside each other: their changes are those of two, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from calibration import Pairs, Predictions, compare, compare_runs

RNG = np.random.default_rng(0)
LOGITS, ANSWER = RNG.normal(size=(80, 4)), RNG.integers(0, 4, 80)
RUNS = {
    name: Predictions.from_arrays(scale * LOGITS + 0.3 * RNG.normal(size=(80, 4)), ANSWER, model=name)
    for name, scale in (("base", 1.0), ("sft", 2.0), ("rl", 6.0))
}


def test_changes_are_those_of_the_reference_and_each_run_alone() -> None:
    got = compare_runs(list(RUNS.values()))
    assert list(got.summaries) == ["base", "sft", "rl"]
    assert list(got.changes) == [("base", "sft"), ("base", "rl")]
    for name in ("sft", "rl"):
        two = compare(RUNS["base"], RUNS[name])
        for key, change in two.change.items():
            of_several = got.change(name, key)
            assert of_several is not None
            assert (of_several.value, of_several.low, of_several.high) == pytest.approx(
                (change.value, change.low, change.high), nan_ok=True
            )
        assert got.summaries[name].to_dict() == two.after.to_dict()


def test_the_reference_may_be_any_run_and_items_come_in_any_order() -> None:
    shuffled = Predictions(RUNS["rl"].frame.sample(fraction=1.0, shuffle=True, seed=1))
    got = compare_runs([RUNS["base"], RUNS["sft"], shuffled], reference="sft")
    assert got.reference == "sft"
    assert list(got.summaries) == ["base", "sft", "rl"]
    change = got.change("rl", "signed_gap")
    assert change is not None
    assert change.value == pytest.approx(compare(RUNS["sft"], RUNS["rl"]).change["signed_gap"].value)


def test_rates_of_false_discoveries_are_over_all_tests_of_the_table() -> None:
    got = compare_runs(list(RUNS.values()), all_pairs=True)
    assert list(got.changes) == [("base", "sft"), ("base", "rl"), ("sft", "rl")]
    tested = sorted(
        (change.p_value, test) for test, change in
        (((*pair, key), change) for pair, changes in got.changes.items() for key, change in changes.items())
        if change.p_value is not None
    )  # fmt: skip
    least, test = tested[0]
    ties = sum(p_value == least for p_value, _ in tested)
    assert got.q_values[test] == pytest.approx(min(1.0, least * len(tested) / ties))
    assert f"over the {len(tested)} tests" in got.notes[0]


def test_groups_tell_which_runs_are_shown_to_differ() -> None:
    got = compare_runs(RUNS, all_pairs=True)
    assert got.groups("signed_gap") == {"base": "a", "sft": "b", "rl": "c"}
    with pytest.raises(ValueError, match="groups need all pairs"):
        compare_runs(RUNS).groups("signed_gap")
    with pytest.raises(ValueError, match="no change of 'n_items' is tested; tested are accuracy"):
        got.groups("n_items")


def test_common_items_are_those_that_all_runs_hold() -> None:
    item = [f"q{index}" for index in range(80)]
    named = {name: Predictions.from_arrays(LOGITS, ANSWER, item=item, model=name) for name in "abc"}
    parts = [Predictions(run.frame[start : start + 60]) for start, run in zip((0, 10, 20), named.values(), strict=True)]
    with pytest.raises(ValueError, match="items"):
        compare_runs(parts)
    got = compare_runs(parts, items="common")
    assert got.n_common == 40
    assert got.notes[0] == "only the 40 items that all runs hold are compared"
    assert all(summary["n_items"] == 40 for summary in got.summaries.values())


def test_the_frame_has_a_row_a_run_and_measure() -> None:
    got = compare_runs(RUNS)
    frame = got.frame
    assert frame.height == 3 * len(got.measures)
    row = frame.filter(run="rl", measure="ece_top").row(0, named=True)
    assert row["value"] == got.summaries["rl"].point("ece_top")
    assert row["noise_floor"] == got.summaries["rl"].point("ece_top_null95")
    assert frame.filter(run="base")["change"].null_count() == len(got.measures)


def test_what_is_no_comparison_is_refused_in_one_line() -> None:
    first, second, third = RUNS.values()
    with pytest.raises(ValueError, match="at least two runs, got 1"):
        compare_runs([first])
    with pytest.raises(ValueError, match="labels must be one a run, 3, got 2: A, B"):
        compare_runs([first, second, third], labels=["A", "B"])
    with pytest.raises(ValueError, match="a run is given twice, as A and as C"):
        compare_runs([first, second, Predictions(first.frame.clone())], labels=["A", "B", "C"])
    with pytest.raises(ValueError, match="two runs are called 'A'"):
        compare_runs([first, second], labels=["A", "A"])
    with pytest.raises(ValueError, match="the reference must be one of base, sft, rl, got 'dpo'"):
        compare_runs(RUNS, reference="dpo")
    pairs = Pairs.from_arrays(np.full(80, 0.6), np.ones(80), model="pairs")
    with pytest.raises(
        ValueError, match=r"base \(before\) and pairs \(after\): two runs that are compared must hold the same"
    ):
        compare_runs([first, pairs])


def test_compare_takes_a_list_of_runs() -> None:
    got = compare(list(RUNS.values()))
    assert got.to_dict() == compare_runs(list(RUNS.values())).to_dict()
    assert compare(RUNS).reference == "base"
    with pytest.raises(TypeError, match="or a list of several; got one"):
        compare(RUNS["base"])  # type: ignore[call-overload]


def test_changes_without_an_interval_are_no_tests() -> None:
    rng = np.random.default_rng(0)
    few = {}
    for name in ("", "sft", "rl"):
        confidence = rng.uniform(0.3, 1, 20)
        few[name] = Pairs.from_arrays(confidence, rng.random(20) < confidence)
    got = compare_runs(few, all_pairs=True)
    assert "auroc" in got.measures
    assert "auroc" not in got.tested
    assert set(got.frame.filter(measure="auroc")["q_value"]) == {None}
    assert got.q_values["", "rl", "accuracy"] is not None
    assert compare_runs({"sft": few["sft"], "": few[""]}, reference="").reference == ""


def test_a_tuple_of_runs_is_a_list_of_runs() -> None:
    runs = RUNS["base"], RUNS["sft"]
    assert compare(runs).frame.equals(compare(list(runs)).frame)
    with pytest.raises(TypeError, match="several runs are compared in one list"):
        compare(runs, RUNS["rl"])  # type: ignore[arg-type]


def test_models_without_names_may_answer_alike() -> None:
    one, other = (Pairs.from_arrays([0.9, 0.4, 0.6] * 10, [1, 0, 1] * 10) for _ in range(2))
    change = compare_runs([one, other]).change("run 2", "accuracy")
    assert change is not None
    assert change.value == 0


def test_labels_in_one_text_are_refused() -> None:
    with pytest.raises(ValueError, match="labels must be a list of names, one a run, got the text 'ab'"):
        compare_runs([RUNS["base"], RUNS["sft"]], labels="ab")


def test_a_run_on_other_items_is_refused_by_its_name() -> None:
    fewer = Predictions(RUNS["rl"].frame.head(79))
    with pytest.raises(
        ValueError, match=r"base \(before\) and rl \(after\): two runs must hold the same items; only in b"
    ):
        compare_runs([RUNS["base"], RUNS["sft"], fewer])


def test_several_runs_show_themselves_as_a_table() -> None:
    shown = compare_runs(RUNS, all_pairs=True)
    assert repr(shown) == f"<RunsComparison of base, sft, rl: {len(shown.measures)} measures; print shows them>"
    table = {row[0]: row for row in shown.table.rows[-4:]}
    change, letters = shown.change("rl", "auroc"), shown.groups("auroc")
    assert change is not None
    assert list(table) == ["AUROC", "  base", "  sft", "  rl"]
    assert table["  rl"][1] == f"{shown.summaries['rl'].point('auroc'):.3f}"
    assert table["  rl"][4] == f"{change.value:+.3f}"
    assert [table[f"  {name}"][-1] for name in RUNS] == [letters[name] for name in RUNS]
    for text in (str(shown), shown.to_markdown(), shown.to_latex(), shown._repr_html_()):
        assert f"{change.value:+.3f}" in text
    assert max(len(line) for line in str(shown).splitlines() if not line.startswith(("Note", "Also", "Runs"))) <= 80


def test_a_table_of_runs_against_one_has_no_letters() -> None:
    shown = compare_runs(RUNS)
    assert "group" not in str(shown)
    assert [column.heading for column in shown.table.columns][3] == "floor"
    assert f"changes are from base, q is the false discovery rate. {'ECE: 10 bins'}" in shown.table.caption
