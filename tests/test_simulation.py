"""The benchmark behind docs/simulation.md, on few samples of small populations."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest

from benchmarks.coverage import truths
from benchmarks.coverage.__main__ import DOCS, main
from benchmarks.coverage.analyses import AnalysisCell, analysis_cells
from benchmarks.coverage.bands import held_at_once
from benchmarks.coverage.cells import AnyCell, Cell, grid_cells, named_cells
from benchmarks.coverage.counting import Counts, count_block
from benchmarks.coverage.page import page
from benchmarks.coverage.plan import tasks_again, tasks_up_to
from benchmarks.coverage.populations import FIVE, LAYOUTS, Population, draw, shares
from benchmarks.coverage.rates import RateCell
from benchmarks.coverage.record import Record, read_record
from benchmarks.coverage.truths import truth_of
from calibration import Predictions
from calibration.uncertainty.measure_table import MEASURES

TIED = Cell(kind="ties", population=Population(ties=True, temperatures=(1.0, 0.6)), n_items=60)


@pytest.fixture(autouse=True)
def small_populations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truths, "ITEMS", 20_000)


def test_a_calibrated_model_is_off_by_nothing() -> None:
    values, _ = truth_of(Population(temperatures=(1.0, 0.5))).values
    for key in ("signed_gap", "ece_top", "ece_choices", "smooth_ece", "debiased_ce2"):
        assert values[key] == pytest.approx(0, abs=1e-6)
    assert values["temperature"] == pytest.approx(1, abs=1e-3)
    assert values["accuracy"] == pytest.approx(0.7, abs=0.01)


def test_the_best_temperature_undoes_that_of_the_model() -> None:
    _, values = truth_of(Population(temperatures=(1.0, 0.5))).values
    assert values["temperature"] == pytest.approx(2, rel=1e-3)


@pytest.mark.parametrize(
    "population", [Population(temperatures=(1.0, 0.6)), Population(ties=True), Population(n_options=2, noise=(0.5, 0))]
)
def test_truths_are_what_large_samples_come_to(population: Population) -> None:
    """The measures of one sample of 20,000 items are counted as equal within four standard errors of a mean."""
    run, _ = draw(population, 20_000, np.random.default_rng(3)).runs()
    assert isinstance(run, Predictions)
    values = truth_of(population).values[0]
    means = [key for key in truths.LETTERS if key not in ("ece_quantile", "temperature", *truths.OF_CURVES)]
    sampled = {key: MEASURES[key](run).value for key in means if not key.startswith("calibration_")}
    assert sampled == pytest.approx({key: values[key] for key in sampled}, abs=4 * 0.8 / np.sqrt(20_000))


def test_lines_and_curves_of_large_samples_come_to_their_truths() -> None:
    """Coefficients have a standard error of .03, distances from a curve one of .01: five of each count as equal."""
    population = Population(temperatures=(0.6, 1.0), correlation=0.5)
    truth, runs = truth_of(population), draw(population, 20_000, np.random.default_rng(3)).runs()
    for index, run in enumerate(runs):
        assert isinstance(run, Predictions)
        for key, error in (("calibration_slope", 0.15), ("calibration_intercept", 0.15), ("ici", 0.05), ("emax", 0.05)):
            assert MEASURES[key](run).value == pytest.approx(truth.of_run(key, index, run), abs=error)
    assert truth.of_run("calibration_slope", 0, runs[0]) == pytest.approx(0.6, abs=0.05)
    assert truth.of_run("ici", 1, runs[1]) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("kind", ["bands of the curve", "hard–easy gaps", "the worst group"])
def test_analyses_are_counted_beside_measures(kind: str) -> None:
    """One sample of 200 items: each quantity counts, at most one in three intervals misses."""
    cell = AnalysisCell(kind=kind, population=Population(temperatures=(1.0, 0.6), layout="ten even"), n_items=200)
    counts = count_block(cell, cell.quantities, 0, seed=0, times=1)
    assert list(counts) == list(cell.quantities)
    assert sum(count.printed for count in counts.values())
    assert sum(count.below + count.above for count in counts.values()) <= sum(c.printed for c in counts.values()) / 3


def test_sets_of_options_and_mixed_tests_have_truths() -> None:
    """Ten options: more are in sets of three than of two; temperatures of a half are those of twice as sharp logits."""
    values = truth_of(Population(n_options=10, accuracy=0.5, temperatures=(1.0, 0.5))).values
    assert values[0]["accuracy"] < values[0]["top2_coverage"] < values[0]["top3_coverage"] < 1
    assert values[0]["top3_gap"] == pytest.approx(0, abs=1e-6) != values[1]["top3_gap"]
    names = {cell.kind for cell in analysis_cells()}
    assert {"temperature by number of options", "temperature by length of the question"} < names


def test_many_intervals_hold_at_once_or_not() -> None:
    """By hand: truths in the middle, and one that lies two half-widths above."""
    low, high = np.array([0.0, 1.0]), np.array([2.0, 2.0])
    whole, position = held_at_once(low, high, np.array([1.0, 1.5]))
    assert (whole.low, whole.high, position) == (-0.75, 0.75, 0.0)
    assert held_at_once(low, high, np.array([1.0, 2.5]))[1] == pytest.approx(1.5)


def test_a_model_that_is_nearly_always_right_is_as_often_as_its_name_says() -> None:
    """200,000 answers: four standard errors of a share of .001 are .0003."""
    drawn = draw(Population(accuracy=0.999, spread=1.0), 200_000, np.random.default_rng(0))
    assert (drawn.seen[0].argmax(axis=1) == drawn.answer).mean() == pytest.approx(0.999, abs=0.0003)
    assert "spread 1" in Population(spread=1.0).text


def test_stated_values_count_as_stated() -> None:
    """With a confidence of .5 for all, the gap is .5 less the accuracy, and ranks say nothing."""
    values, _ = truth_of(Population(stated=(0.5,))).values
    assert values["signed_gap"] == pytest.approx(0.5 - values["accuracy"])
    assert values["auroc"] == pytest.approx(0.5)
    assert values["aurc"] == pytest.approx(1 - values["accuracy"])
    assert values["nll_top"] == pytest.approx(np.log(2))
    assert values["brier_top"] == pytest.approx(0.25)


def test_quantile_bins_are_those_of_the_sample() -> None:
    """Two bins of stated values .3 and .7: the truth is that of two bins, wherever the sample opens them."""
    population = Population(n_options=2, stated=(0.7, 0.9), temperatures=(1.0, 0.5))
    truth = truth_of(population)
    run, _ = draw(population, 200, np.random.default_rng(0)).runs()
    assert truth.of_run("ece_quantile", 0, run) == pytest.approx(truth.values[0]["ece_top"])


def test_the_least_median_distance_of_a_curve_is_sought_from_many_places() -> None:
    """Certain answers make valleys in it: from one place, three of these six lower limits were above the truth."""
    cell = Cell(kind="certain", population=Population(certain=0.3, temperatures=(1.0, 0.6)), n_items=200)
    counts = count_block(cell, ("e50 before",), 1, seed=0, times=6)["e50 before"]
    assert (counts.printed, counts.below) == (6, 0)


@pytest.mark.parametrize("layout", LAYOUTS[1:])
def test_shares_of_clusters_add_up(layout: str) -> None:
    assert shares(layout).sum() == pytest.approx(1)  # type: ignore[arg-type]


def test_cells_have_names_of_their_own() -> None:
    cells: list[AnyCell] = [*named_cells(), *analysis_cells(), *grid_cells(0.00001, 0)]
    assert len({cell.name for cell in cells}) == len(cells) > 200
    assert [cell.name for cell in grid_cells(0.00001, 0)] == [cell.name for cell in grid_cells(0.00001, 0)]


def test_samples_of_a_block_are_the_same_whatever_is_counted() -> None:
    """Three samples of a block, with all quantities and with one."""
    whole = count_block(TIED, TIED.quantities, 1, seed=0, times=3)
    assert count_block(TIED, ["brier change"], 1, seed=0, times=3) == {"brier change": whole["brier change"]}
    assert whole["brier change"].times == whole["brier change"].printed == 3


def test_a_model_against_itself_changes_by_nothing() -> None:
    """Two samples of a model against itself."""
    itself = Cell(kind="same", population=Population(correlation=1.0), n_items=60)
    counts = count_block(itself, ["ece_top change", "signed_gap change"], 0, seed=0, times=2)
    assert counts["ece_top change"].width == counts["ece_top change"].off_squared == 0
    assert counts["signed_gap change"].coverage == 1


def test_labels_of_all_answers_leave_nothing_open() -> None:
    """Three samples of 60 answers, all of them labelled: the rate of these answers is known."""
    cell = RateCell(n_questions=30, n_answers=2, rate=0.5, likeness=0.5)
    counts = count_block(cell, cell.quantities, 0, seed=0, times=3)
    assert counts["labels_alone these"].coverage == 1
    assert counts["labels_alone these"].width == pytest.approx(0, abs=1e-6)
    assert counts["labels_alone new"].width > 0.1


def test_counting_goes_on_where_it_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A hundred samples of the accuracy, at once and in two goes."""
    options = ["--kinds", "ties", "--measures", "accuracy", "--largest", "60", "--share", "0", "--workers", "1"]
    once, twice, out = tmp_path / "once.json", tmp_path / "twice.json", ["--out", str(tmp_path / "page.md")]
    main([*options, *out, "--times", "100", "--most", "100", "--record", str(once)])
    main([*options, *out, "--times", "50", "--most", "50", "--record", str(twice)])
    main([*options, *out, "--times", "100", "--most", "100", "--record", str(twice)])
    whole, parts = (read_record(path, seed=0).cells[TIED.name].counts["accuracy after"] for path in (once, twice))
    assert whole.times == 100
    assert astuple(whole) == pytest.approx(astuple(parts))
    assert "minutes more on idle cores" in " ".join(capsys.readouterr().err.split())
    assert "`accuracy`, before" in (tmp_path / "page.md").read_text()


def test_no_block_begins_after_the_time(tmp_path: Path) -> None:
    record = tmp_path / "none.json"
    main(
        [
            "--minutes",
            "0",
            "--workers",
            "1",
            "--share",
            "0",
            "--record",
            str(record),
            "--out",
            str(tmp_path / "page.md"),
        ]
    )
    assert not record.exists()
    assert "Nothing was counted yet." in (tmp_path / "page.md").read_text()


def test_a_record_is_of_one_seed(tmp_path: Path) -> None:
    Record(seed=1).write(tmp_path / "one.json")
    with pytest.raises(ValueError, match="holds samples of seed 1, not 0"):
        read_record(tmp_path / "one.json", seed=0)


def test_what_held_too_seldom_is_drawn_again() -> None:
    record = Record()
    held, missed = Counts(times=50, printed=50, below=1), Counts(times=50, printed=50, below=4)
    rare = Counts(times=50, printed=2, below=2)  # printed in under 5 % of samples: none
    failed = Counts(times=50, printed=50, below=11)  # .78 is below .93 by 4.2 standard errors: it is known
    record.add(TIED, {"brier before": held, "brier after": missed, "nll after": rare, "nll before": failed}, 1.0)
    again = list(tasks_again([TIED], record, 200))
    assert {task.wanted for task in again} == {("brier after",)}
    assert [task.block for task in again] == [1, 2, 3]
    assert "brier before" not in next(iter(tasks_up_to([TIED], record, 50))).wanted


def test_the_page_is_that_of_its_counts() -> None:
    stored = read_record(DOCS / "simulation.json", seed=0)
    assert (DOCS / "simulation.md").read_text() == page(stored)


def test_the_page_names_what_held_too_seldom_first() -> None:
    """Counts by hand: 88 of 100 is below .93 by 1.96 standard errors, 80 of 100 by 5."""
    record = Record()
    counts = {
        "brier before": Counts(times=100, printed=100, below=12, width=10.0, off=50.0, off_squared=26.0),
        "brier after": Counts(times=100, printed=100, below=5, above=15),
        "brier change": Counts(times=100, printed=100, above=5, tested=100, rejected=7),
        "nll after": Counts(times=100, printed=4, below=4),
    }
    record.add(TIED, counts, 1.0)
    text = page(record)
    first = text.split("\n\n")[1]
    assert "3 numbers" in first
    assert "1 more have none" in first
    assert "The least coverage is .800. Under .93 are 2;" in first
    assert "more than three standard errors are 1" in first
    assert f"- **`brier`, after – {TIED.name}: .800 ± .022 (5 below and 15 above of 100 printed" in text
    assert f"- `brier`, before – {TIED.name}: .880" in text
    # The estimates have a standard deviation of .1: 0.1 wide is a quarter of 2 × 1.96 × .1.
    row = "| `brier`, before | 1 of 1 | .880 | .880 | 1 | 1.000 | .120 | .000 | 0.1 | 0.26 |  | 100 |"
    assert row in text
    assert "| .070 of 100 |" in text


# Cells that broke intervals: measure and side, population, items.
BREAKING = {
    "unseen errors": ("signed_gap before", Population(accuracy=0.994), 60),
    "unseen errors of a loss": ("brier after", Population(accuracy=0.994, temperatures=(1.0, 0.6)), 60),
    "few flips": ("signed_gap change", Population(correlation=0.99), 60),
    "from a calibrated start": ("ece_top change", Population(temperatures=(1.0, 0.9), correlation=0.95), 200),
    "pooled choices": ("ece_choices change", Population(temperatures=(0.9, 0.5), correlation=0.95), 200),
    "smoothed": ("smooth_ece change", Population(temperatures=(1.0, 0.9), correlation=0.95), 200),
    "squares": ("debiased_ce2 before", Population(accuracy=0.988), 200),
    "one huge cluster": ("brier before", Population(layout="one huge"), 200),
    "sharp clusters": ("temperature after", Population(temperatures=(1.0, 0.7), layout="ten even"), 200),
    "a factor of clusters": ("temperature change", Population(temperatures=(1.0, 0.7), layout="ten even"), 200),
    "squares of few errors": (
        "debiased_ce2 change",
        Population(n_options=10, accuracy=0.97, temperatures=(1.5, 1.5), correlation=0.5, layout="strata"),
        60,
    ),
    "certainties": ("nll change", Population(certain=0.03, temperatures=(1.0, 0.6)), 200),
    "sets of options": ("top2_gap change", Population(accuracy=0.99, temperatures=(0.5, 1.0)), 60),
    "stated": ("signed_gap change", Population(stated=FIVE, temperatures=(1.0, 0.7), layout="ten uneven"), 200),
}


@pytest.mark.slow  # 60 samples of fourteen cells
@pytest.mark.parametrize("name", list(BREAKING))
def test_intervals_hold_where_they_broke(name: str) -> None:
    """Of the intervals in 60 samples of a cell 86 % hold at least: .93 less two standard errors."""
    quantity, population, n_items = BREAKING[name]
    cell = Cell(kind=name, population=population, n_items=n_items)
    counts = count_block(cell, [quantity], 0, seed=0, times=60)[quantity]
    assert not counts.printed or counts.coverage >= 0.86
