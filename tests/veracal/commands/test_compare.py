"""`veracal compare` as its users meet it: letters, graded answers, likelihoods."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.veracal.command_line import refusal, run


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
    assert set(found) == {"before", "after", "change", "settings"}
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
