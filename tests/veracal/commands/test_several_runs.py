"""`veracal compare` of three runs: their table, groups, names, and what is for two runs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.pages import Page, choices, responses
from tests.veracal.command_line import refusal, run

NAMES = ("base", "sft", "rl")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("stages")
    rng = np.random.default_rng(0)
    sharp, answer = rng.normal(size=(60, 2)), rng.integers(0, 2, 60)
    for name, scale in zip(NAMES, (1.0, 2.0, 8.0), strict=True):
        logits = scale * sharp + 0.2 * rng.normal(size=sharp.shape)
        lines = [f"{row},{a},{b},{'AB'[right]}" for row, ((a, b), right) in enumerate(zip(logits, answer, strict=True))]
        (folder / f"{name}.csv").write_text("\n".join(["id,logit_A,logit_B,answer", *lines]))
        assert run("import", folder / f"{name}.csv", "--format", "csv", "--out", folder / name) == 0
    return [folder / name for name in NAMES]


def test_three_runs_stand_in_one_table(runs: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("compare", *runs) == 0
    printed = capsys.readouterr().out
    lines = printed.splitlines()
    start = next(at for at, line in enumerate(lines) if line.strip() == "signed gap")
    assert [line.split()[0] for line in lines[start + 1 : start + 4]] == list(NAMES)
    assert "changes are from base; q is the false discovery rate over the" in printed
    assert "tests of runs and measures" in printed
    assert max(len(line) for line in lines if not line.startswith(("Note", "Also"))) <= 80


def test_a_run_is_called_by_its_name(runs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = runs[0].with_suffix(".csv")
    named = tmp_path / "named"
    assert run("import", log, "--format", "csv", "--out", named, "--name", " Base, v2 ") == 0
    assert run("summarize", named) == 0
    assert capsys.readouterr().out.splitlines()[0] == "Base, v2"
    assert run("compare", named, runs[1]) == 0
    assert capsys.readouterr().out.splitlines()[:2] == ["Before: Base, v2", "After:  sft"]
    assert run("compare", named, *runs[1:], "--json") == 0
    assert list(json.loads(capsys.readouterr().out)["runs"]) == ["Base, v2", "sft", "rl"]
    assert json.loads((named / "run.json").read_text())["settings"]["model"] == "base"
    assert refusal(capsys, "import", log, "--out", tmp_path / "b", "--name", " ") == (
        2,
        "veracal: Invalid value: --name must hold a name, got an empty one",
    )


def test_a_label_may_have_a_comma(runs: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("compare", *runs, "--labels", "A, v2", "--labels", "B", "--labels", "C", "--json") == 0
    assert list(json.loads(capsys.readouterr().out)["runs"]) == ["A, v2", "B", "C"]


def test_all_pairs_have_groups_and_labels_name_the_runs(runs: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("compare", *runs, "--all-pairs", "--labels", "A,B,C", "--reference", "B", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found["runs"]) == ["A", "B", "C"]
    assert [(change["before"], change["after"]) for change in found["changes"]] == [("B", "A"), ("B", "C"), ("A", "C")]
    letters = found["groups"]["signed_gap"]
    assert not set(letters["A"]) & set(letters["C"])
    assert 0 <= found["changes"][0]["change"]["signed_gap"]["q_value"] <= 1


@pytest.mark.usefixtures("figures_undrawn")
def test_the_page_of_three_runs_is_written(
    runs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    assert run("compare", *runs, "--reference", "sft", "--html", page) == 0
    assert f"Report: {page}" in capsys.readouterr().err
    assert "Compared with sft" in Page(page).words


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--labels", "A,B"), "labels must be one a run (3)"),
        (("--reference", "dpo"), "the reference must be one of base, sft, rl, got 'dpo'"),
        (("--margin", "0.01"), "--margin is for two runs"),
    ],
)
def test_what_three_runs_cannot_have_is_one_line(
    runs: list[Path], capsys: pytest.CaptureFixture[str], options: tuple[str, ...], message: str
) -> None:
    status, text = refusal(capsys, "compare", *runs, *options)
    assert status in (1, 2)
    assert message in text


def test_a_run_given_twice_is_refused(runs: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert "a run is given twice" in refusal(capsys, "compare", *runs, runs[0])[1]


def test_graded_answers_and_scores_by_likelihood_stand_in_tables_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graded = [
        responses(tmp_path / f"answers-{name}", name, wrong) for name, wrong in zip(NAMES, (2, 5, 11), strict=True)
    ]
    assert run("compare", *graded, "--all-pairs") == 0
    printed = capsys.readouterr().out
    assert ["base", "0.833", "[0.641,", "0.933]", "a"] in [line.split() for line in printed.splitlines()]
    assert "signed gap" in printed
    by_likelihood = [choices(tmp_path / name, name, "none", won) for name, won in zip(NAMES, (26, 20, 8), strict=True)]
    assert run("compare", *by_likelihood, "--json") == 0
    assert list(json.loads(capsys.readouterr().out)["changes"][0]["change"]) == ["mc1", "mc2"]
    assert (
        "--grader is for runs of graded answers" in refusal(capsys, "compare", *by_likelihood, "--grader", "match")[1]
    )
    assert "not graded by words yet" in refusal(capsys, "compare", *graded, "--grader", "words")[1]
    assert "answers-base holds responses, " in refusal(capsys, "compare", *graded, by_likelihood[0])[1]
