"""Pages of three runs or more: side by side, each beside the reference."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import veracal as vc
from tests.pages import Page, choices, responses, unpacked

N = 120
RNG = np.random.default_rng(3)
SCORES = RNG.normal(size=(N, 4)) * 1.5
ANSWER = (SCORES + RNG.gumbel(size=(N, 4))).argmax(axis=1)
ITEMS = [f"law/{row}" if row % 2 else f"art/{row}" for row in range(N)]
NAMES = ("base", "sft", "rl")


def letters(model: str, sharp: float, *, items: int = N) -> vc.Predictions:
    scores = SCORES[:items] * sharp + 0.1 * np.random.default_rng(len(model)).normal(size=(items, 4))
    names = ITEMS[:items]
    subject = [name.partition("/")[0] for name in names]
    return vc.Predictions.from_arrays(logits=scores, answer=ANSWER[:items], item=names, subject=subject, model=model)


def confident(model: str, sure: float) -> vc.Pairs:
    return vc.Pairs.from_arrays([sure] * N, [1, 1, 0] * (N // 3), model=model)


STAGES = [letters(name, sharp) for name, sharp in zip(NAMES, (1.0, 1.1, 5.0), strict=True)]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of three runs of letters."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("veracal.report.blocks.figure.to_svg", _blank)
        path = tmp_path_factory.mktemp("several") / "page.html"
        vc.write_report(STAGES, path, all_pairs=True, groups=["subject"], recalibrate=["temperature"])
    return path


def _blank(figure: Any) -> str:
    from matplotlib import pyplot as plt

    plt.close(figure)
    return '<svg width="1pt" height="1pt"></svg>'


def test_a_page_of_three_runs_shows_all_of_them_and_each_beside_the_first(written: Path) -> None:
    page = Page(written)
    expected = [
        "all-runs", "reliability", "changes-1", "subjects-1", "changes-2", "subjects-2", "pair-1-groups-subject",
        "pair-2-groups-subject", "diagnosis", "letters", "recalibration", "items", "runs", "definitions",
    ]  # fmt: skip
    assert [name for name in page.ids if name in expected] == expected
    assert len({*page.ids}) == len(page.ids)
    assert {*page.named} <= {*page.ids}
    assert len({*page.files}) == sum(address.startswith("data:") for address in page.addresses) / 2
    assert "base, sft, rl · veracal" in page.words
    assert "3 runs on the same 120 multiple-choice items." in page.words
    assert [run["name"] for run in unpacked(page.source, "items")["runs"]] == list(NAMES)


def test_the_numbers_are_those_of_the_comparison(written: Path) -> None:
    page, comparison = Page(written), vc.compare(STAGES)
    every = vc.compare_runs(STAGES, all_pairs=True)
    table = pl.read_csv(io.BytesIO(page.files["all-runs.csv"]))
    assert table["q_value"].to_list() == pytest.approx(comparison.frame["q_value"].to_list())
    for key in ("accuracy", "ece_top", "nll"):
        rows = table.filter(measure=key)
        assert dict(zip(rows["run"], rows["group"], strict=True)) == every.groups(key)
    pairs = pl.read_csv(io.BytesIO(page.files["all-runs-pairs.csv"]))
    row = pairs.row(
        by_predicate=(pl.col("before") == "sft") & (pl.col("after") == "rl") & (pl.col("measure") == "nll"), named=True
    )
    assert row["change"] == pytest.approx(every.changes["sft", "rl"]["nll"].value)
    assert row["q_value"] == pytest.approx(every.q_values["sft", "rl", "nll"])
    n_tests = sum(rate is not None for rate in comparison.q_values.values())
    assert f"over the {n_tests} tests of runs and measures (Benjamini and Hochberg)" in page.words


def test_sentences_on_top_are_of_each_run_beside_the_reference(written: Path) -> None:
    words = Page(written).words
    assert "Compared with base, accuracy is " in words
    assert "the ECE over choices is higher in rl and " in words
    assert "Going from base to sft " in words
    assert "Going from base to rl " in words
    assert "over-confident: ECE over choices" in words
    assert "Post-training" not in words


@pytest.mark.usefixtures("figures_undrawn")
def test_another_reference_and_order(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    sized = [letters(f"m-{size}", sharp) for size, sharp in (("7B", 1.0), ("135M", 1.1), ("1.5B", 3.0))]
    vc.write_report(sized, path, order="size")
    assert "m-135M, m-1.5B, m-7B" in Page(path).words
    assert "Compared with m-135M" in Page(path).words
    vc.runs(sized).report(path, reference="m-7B")
    assert "m-7B, m-135M, m-1.5B" in Page(path).words
    assert "Compared with m-7B" in Page(path).words
    vc.write_report(sized[:2], path, reference="m-135M")
    assert "m-135M → m-7B" in Page(path).words
    assert "Going from m-135M to m-7B" in Page(path).words


@pytest.mark.usefixtures("figures_undrawn")
def test_many_runs_stand_side_by_side_and_a_command_makes_the_page_of_two(tmp_path: Path) -> None:
    many = [letters(f"step {n}", 1 + n / 4) for n in range(5)]
    path = tmp_path / "page.html"
    vc.write_report(many, path)
    page = Page(path)
    assert "step 0, step 1, step 2, step 3, step 4" in page.words
    assert not [name for name in page.ids if name.startswith(("changes", "subjects"))]
    assert 'veracal.write_report([before, after], "pair.html")' in page.words
    top = page.words.partition("All runs")[0]
    assert "Compared with step 0" in top
    assert "Going from" not in top
    assert "Going from step 0 to step 4" in page.words


@pytest.mark.usefixtures("figures_undrawn")
def test_runs_of_other_kinds_stand_side_by_side_too(tmp_path: Path) -> None:
    sure = [confident(name, at) for name, at in zip(NAMES, (0.6, 0.7, 0.95), strict=True)]
    answered = [
        responses(tmp_path / f"answers-{name}", name, wrong) for name, wrong in zip(NAMES, (2, 5, 14), strict=True)
    ]
    scored = [
        choices(tmp_path / f"scores-{name}", name, "none", won) for name, won in zip(NAMES, (30, 20, 2), strict=True)
    ]
    path = tmp_path / "page.html"
    vc.write_report([*sure, *answered, *scored], path, labels=[*NAMES] * 3)
    page = Page(path)
    for name in ("confidences-all-runs", "answers-all-runs", "likelihood-all-runs", "confidences-reliability"):
        assert name in page.ids, name
    assert "Confidences: Compared with base, accuracy is " in page.words
    assert "confidence − accuracy is higher in sft and rl" in page.words
    assert "From base to rl, accuracy stayed within 0.03" in page.words
    assert "From base to rl: On adversarial questions" in page.words
    assert "Compared with base, mc1 is " in page.words
    assert "Change, base → rl" in page.words
    rates = pl.read_csv(io.BytesIO(page.files["factuality_correct.csv"]))
    assert set(rates["run"]) == {"sft", "rl"}


@pytest.mark.usefixtures("figures_undrawn")
def test_common_items_of_three_runs(tmp_path: Path) -> None:
    runs = [*STAGES[:2], letters("short", 2.0, items=100)]
    path = tmp_path / "page.html"
    with pytest.raises(
        ValueError, match=r"base \(before\) and short \(after\): two runs must hold the same items.*common"
    ):
        vc.write_report(runs, path)
    assert not path.exists()
    vc.write_report(runs, path, items="common")
    assert "Only the 100 items that all runs hold are compared" in Page(path).words


@pytest.mark.parametrize(
    ("runs", "options", "message"),
    [
        ([*STAGES, STAGES[0]], {}, "a run is given twice: run 4"),
        (STAGES, {"reference": "dpo"}, "the reference must be one of base, sft, rl, got 'dpo'"),
        (
            STAGES,
            {"order": "size"},
            "order='size' needs the number of parameters in the name of every model.*base tells none",
        ),
        (STAGES, {"order": "age"}, "order must be one of given, date, size; got 'age'"),
        (STAGES, {"equal_accuracy": True}, "equal_accuracy=True compares two runs, got 3"),
        (STAGES, {"labels": ["A", "B"]}, r"labels must be one a run \(3\).*got 2"),
    ],
)
def test_what_a_page_of_several_runs_refuses(runs: Any, options: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        vc.write_report(runs, tmp_path / "page.html", **options)
    assert not (tmp_path / "page.html").exists()


def test_dates_order_runs(tmp_path: Path, figures_undrawn: None) -> None:
    folders = [responses(tmp_path / name, name, 3) for name in ("c", "a", "b")]
    for folder, day in zip(folders, ("03", "01", "02"), strict=True):
        manifest = folder / "run.json"
        text = manifest.read_text(encoding="utf-8")
        before, key, rest = text.partition('"started": "')
        manifest.write_text(f"{before}{key}2026-01-{day}{rest[10:]}", encoding="utf-8")
    vc.write_report(folders, tmp_path / "page.html", order="date")
    words = Page(tmp_path / "page.html").words
    assert "a, b, c" in words
