"""`veracal compare` as its users meet it: letters, graded answers, likelihoods."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import calibration
from tests.conftest import ROOT
from tests.veracal.command_line import refusal, run, without_marks
from veracal import write_report


def test_runs_on_different_items_are_compared_on_what_both_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"{number},{number % 7},3,{'AB'[number % 3 == 0]}" for number in range(60)]
    for name, part in (("before", rows[:50]), ("after", rows[10:])):
        (tmp_path / f"{name}.csv").write_text("\n".join(["id,logit_A,logit_B,answer", *part]))
        assert run("import", tmp_path / f"{name}.csv", "--format", "csv", "--out", tmp_path / name) == 0
    capsys.readouterr()
    pair = (tmp_path / "before", tmp_path / "after")
    status, message = refusal(capsys, "compare", *pair)
    assert status == 1
    assert "only in before: 0, 1, 2 … (10 in all)" in message
    assert "--items common" in message
    assert run("compare", *pair, "--items", "common", "--json", "--html", tmp_path / "page.html") == 0
    found = json.loads(capsys.readouterr().out)
    assert {name: found["items"][name] for name in ("common", "only_before", "only_after")} == {
        "common": 40, "only_before": 10, "only_after": 10,
    }  # fmt: skip
    assert found["before"]["n_items"] == found["after"]["n_items"] == 40
    bounds = found["items"]["change_bounds"]["accuracy"]
    assert bounds["low"] < found["change"]["accuracy"]["value"] < bounds["high"]
    assert "compared on the 40 items that both hold" in (tmp_path / "page.html").read_text()
    assert run("compare", *pair, "--items", "common") == 0
    assert "Note on the changes: compared on the 40 items that both hold" in capsys.readouterr().out


def test_runs_in_different_styles_are_compared_and_what_differs_is_printed(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for style in ("completion", "chat-prefill"):
        assert run("extract", model, "--items", "demo", "--limit", 2, "--style", style, "--out", tmp_path / style) == 0
    assert run("compare", tmp_path / "completion", tmp_path / "chat-prefill") == 0
    assert "Differs: style: completion before, chat-prefill after." in capsys.readouterr().out


def test_runs_on_other_items_are_not_compared(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (recorded / "smollm2-chat.csv").read_text().splitlines()
    (tmp_path / "short.csv").write_text("\n".join(text[:-1]))
    assert run("import", recorded / "smollm2-chat.csv", "--out", tmp_path / "a") == 0
    assert run("import", tmp_path / "short.csv", "--out", tmp_path / "b") == 0
    capsys.readouterr()
    status, line = refusal(capsys, "compare", tmp_path / "a", tmp_path / "b", "--html", tmp_path / "page.html")
    assert status == 1
    assert "two runs must hold the same items; only in before: medicine/14 (1 in all)" in line
    assert not (tmp_path / "page.html").exists()


@pytest.mark.usefixtures("figures_undrawn")
def test_graded_runs_are_compared(
    model: Path, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [tmp_path / style for style in ("completion", "chat")]
    for out in runs:
        assert (
            run("ask", model, "--questions", questions, "--style", out.name, "--max-new-tokens", 3, "--out", out) == 0
        )
        assert run("grade", out, "--grader", "match") == 0
    capsys.readouterr()
    assert run("compare", *runs, "--html", tmp_path / "page.html", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert set(without_marks(found)) == {"before", "after", "change", "settings"}
    assert found["settings"]["style"] == ["completion", "chat"]
    assert {"category", "measure", "change", "low", "high", "p_value", "q_value"} <= set(found["change"][0])
    assert (tmp_path / "page.html").is_file()
    assert run("compare", *runs) == 0
    table = capsys.readouterr().out
    assert "all adversarial" in table
    assert "Differs: style: completion before, chat after." in table
    assert run("compare", *runs, "--items", "common", "--json") == 0
    common = json.loads(capsys.readouterr().out)
    assert common["items"]["only_before"] == common["items"]["only_after"] == 0
    assert common["change"] == found["change"]
    assert set(common["items"]["change_bounds"]) == {"correct", "tempted", "abstained", "incorrect"}
    status, error = refusal(capsys, "compare", runs[0], tmp_path / "nothing")
    assert status == 1
    assert "no run here" in error


def test_scores_by_likelihood_are_compared(
    model: Path, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [tmp_path / primer for primer in ("none", "qa-6")]
    for out in runs:
        assert run("truthfulqa", model, "--questions", questions, "--primer", out.name, "--out", out) == 0
    capsys.readouterr()
    assert run("compare", *runs, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["before"]) == set(found["change"]) == {"mc1", "mc2"}
    assert found["change"]["mc1"][-1]["category"] == "all"
    assert run("compare", *runs, "--items", "common", "--json") == 0
    common = json.loads(capsys.readouterr().out)
    assert common["change"] == found["change"]
    assert set(common["items"]["change_bounds"]) == {"mc1", "mc2"}
    assert run("compare", *runs) == 0
    assert "mc2" in capsys.readouterr().out


@pytest.fixture
def three_runs(tmp_path: Path) -> Path:
    """Folder of the runs `before`, `after` (right more often, twice as sharp) and `third` of 120 items each."""
    rng = np.random.default_rng(0)
    answer, clear = rng.integers(0, 3, 120), rng.uniform(0.5, 1.5, 120)
    for name, signal in (("before", 1.0), ("after", 1.3), ("third", 1.1)):
        seen = signal * clear[:, None] * (signal * clear[:, None] * (np.arange(3) == answer[:, None]))
        logits = (seen + rng.standard_normal((120, 3))) * (2 if name == "after" else 1)
        rows = [f"{item},{','.join(map(str, row))},{'ABC'[answer[item]]}" for item, row in enumerate(logits.tolist())]
        (tmp_path / f"{name}.csv").write_text("\n".join(["id,logit_A,logit_B,logit_C,answer", *rows]))
        assert run("import", tmp_path / f"{name}.csv", "--format", "csv", "--out", tmp_path / name) == 0
    return tmp_path


def test_runs_are_compared_at_equal_accuracy(three_runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pair, third = [three_runs / name for name in ("before", "after")], three_runs / "third"
    capsys.readouterr()
    assert run("compare", *pair, "--equal-accuracy", "--json") == 0
    alone = json.loads(capsys.readouterr().out)["equal_accuracy"]
    first, second = (calibration.read_scored_run(path) for path in pair)
    assert alone == json.loads(json.dumps(calibration.compare_at_equal_accuracy(first, second).to_dict()))
    assert run("compare", *pair, "--equal-accuracy", "--difficulty", third, "--json") == 0
    told = json.loads(capsys.readouterr().out)["equal_accuracy"]
    assert told["equally_hard"] != alone["equally_hard"]
    assert told["same_candidates"] == alone["same_candidates"]
    assert run("compare", *pair, "--equal-accuracy") == 0
    printed = capsys.readouterr().out
    assert "On items that are equally hard for both: accuracy 0." in printed
    assert "Over the same candidates: every option of every item, right or wrong" in printed
    assert run("compare", *pair, "--json") == 0
    assert "equal_accuracy" not in json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("figures_undrawn")
def test_the_page_has_a_section_on_equal_accuracy_if_it_is_asked_for(three_runs: Path) -> None:
    pair, page = [three_runs / name for name in ("before", "after")], three_runs / "page.html"
    assert run("compare", *pair, "--html", page) == 0
    assert "At equal accuracy" not in page.read_text()
    options = ("--equal-accuracy", "--difficulty", three_runs / "third")
    assert run("compare", *pair, *options, "--html", page) == 0
    text = page.read_text()
    assert text.count(">At equal accuracy</") >= 1
    for caption in ("Items that are equally hard for both", "The same candidates: every option of every item"):
        assert caption in text
    with pytest.raises(ValueError, match="difficulty has no effect without equal_accuracy=True"):
        write_report(pair, page, difficulty=three_runs / "third")


def test_a_difficulty_needs_its_option_and_a_third_run(three_runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pair = [three_runs / name for name in ("before", "after")]
    capsys.readouterr()
    status, message = refusal(capsys, "compare", *pair, "--difficulty", three_runs / "third")
    assert (status, message) == (2, "veracal: Invalid value: --difficulty needs --equal-accuracy")
    status, message = refusal(capsys, "compare", *pair, "--equal-accuracy", "--difficulty", pair[0])
    assert status == 1
    assert "the run that tells the difficulty is one of those compared" in message


def test_the_guide_compares_at_equal_accuracy(
    three_runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Commands and script of the section run as they stand there."""
    section = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8").partition("\n### At equal accuracy\n")[2]
    commands, script = re.findall(r"```(?:python)?\n(.*?)```", section.partition("\n##")[0], flags=re.DOTALL)
    monkeypatch.chdir(three_runs)
    (three_runs / "runs").mkdir()
    for name, path in (("base", "before"), ("post", "after"), ("third", "third")):
        (three_runs / path).rename(three_runs / "runs" / name)
    for line in commands.splitlines():
        assert run(*shlex.split(line)[1:]) == 0
    assert "Over the same candidates" in capsys.readouterr().out
    exec(script, {})  # noqa: S102 (the guide's own script)
    assert "[" in capsys.readouterr().out


def drawn_run(path: Path, sharpness: float) -> Path:
    """A run folder of 200 items that are as sure as their answers, times a sharpness."""
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(200, 4)) * 1.5
    answer = (logits + rng.gumbel(size=(200, 4))).argmax(axis=1)
    table = pl.DataFrame(logits * sharpness, schema=[f"logit_{letter}" for letter in "ABCD"])
    table = table.with_columns(id=pl.int_range(200), answer=pl.Series(["ABCD"[index] for index in answer]))
    table.write_csv(path.with_suffix(".csv"))
    assert run("import", path.with_suffix(".csv"), "--format", "csv", "--out", path) == 0
    return path


def test_margins_decide_what_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pair = drawn_run(tmp_path / "before", 1.0), drawn_run(tmp_path / "after", 3.0)
    margins = ("--margin", "ece=0.02", "--margin", "accuracy=0.05", "--margin", "auroc=0.001")
    capsys.readouterr()
    assert run("compare", *pair, *margins) == 0  # the exit status tells nothing of what changed
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("ECE (top) is worse by more than 0.02: +0.") for line in lines)
    assert any(line.startswith("accuracy changed by no more than 0.05: +0.000, between") for line in lines)
    assert any(line.startswith("AUROC: cannot tell whether it changed by more than 0.001") for line in lines)
    assert run("compare", *pair, *margins, "--json") == 0
    decisions = json.loads(capsys.readouterr().out)["decisions"]
    assert {key: decision["word"] for key, decision in decisions.items()} == {
        "accuracy": "within", "ece_top": "worse", "ece_choices": "worse", "auroc": "cannot tell",
    }  # fmt: skip
    assert decisions["auroc"]["n_needed"] > decisions["auroc"]["n_items"] == 200
    assert run("compare", *pair, "--margin", "0.5", "--json") == 0
    assert "brier" in json.loads(capsys.readouterr().out)["decisions"]


@pytest.mark.parametrize(
    ("margins", "message"),
    [
        (["-1"], "--margin must be [MEASURE=]X with X a number of 0 or more, got '-1'"),
        (["ece=much"], "got 'ece=much'"),
        (["0.1", "ece=0.1"], "--margin is of every measure, or of some by name, not both"),
        (["ece=0.1", "ece=0.2"], "--margin names ece twice"),
    ],
)
def test_margins_that_say_nothing_are_refused(
    margins: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pair = drawn_run(tmp_path / "before", 1.0), tmp_path / "before"
    capsys.readouterr()
    status, line = refusal(capsys, "compare", *pair, *(part for margin in margins for part in ("--margin", margin)))
    assert status == 2
    assert message in line


def test_a_margin_of_an_unknown_measure_names_the_nearest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = drawn_run(tmp_path / "before", 1.0)
    capsys.readouterr()
    status, line = refusal(capsys, "compare", path, path, "--margin", "acuracy=0.1")
    assert status == 1
    assert "no compared measure 'acuracy'; the nearest: 'accuracy'" in line
