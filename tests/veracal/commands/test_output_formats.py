"""`--format` and `--as`: what is on stdout is the format of choice and nothing else."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.conftest import KEPT
from tests.veracal.command_line import refusal, run

LETTERS, AFTER = KEPT / "letters", KEPT / "letters-after"
HEADS = {"md": "**", "latex": "% needs", "html": "<!DOCTYPE html>", "csv": "measure,", "json": "{"}


def printed(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert run(*arguments) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("form", HEADS)
def test_a_comparison_is_in_the_format_of_choice(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "compare", LETTERS, AFTER, "--format", form)
    assert out.startswith(HEADS[form])
    assert "ece_choices" in out or "ECE, choices" in out


def test_csv_has_every_digit_and_opens_as_csv(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(printed(capsys, "summarize", LETTERS, "--format", "csv"))))
    by_key = {row["measure"]: float(row["value"]) for row in rows}
    assert by_key["accuracy"] == 14 / 24
    assert by_key["n_items"] == 24


def test_json_is_that_of_the_flag(capsys: pytest.CaptureFixture[str]) -> None:
    first = json.loads(printed(capsys, "summarize", LETTERS, "--format", "json"))
    assert first == json.loads(printed(capsys, "summarize", LETTERS, "--json"))


def test_several_runs_have_their_noise_floors_in_papers(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "compare", LETTERS, AFTER, "--labels", "a,b", "--format", "latex")
    assert "{floor}" in out


def test_the_tables_of_graded_answers_have_an_option_beside_that_of_files(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = printed(capsys, "grade", KEPT / "graded", "--grader", "match", "--as", "md")
    assert out.startswith("**rl, graded by match")
    assert "| :-" in out


@pytest.mark.parametrize(("form", "head"), [("md", "| run"), ("csv", "run,kind,model,task,n_items,n_done,state,")])
def test_lists_have_every_column_whatever_the_terminal(
    form: str, head: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = printed(capsys, "runs", KEPT / "letters", "--format", form)
    assert out.startswith(head)
    assert all(name in out.splitlines()[0] for name in ("model", "task", "state", "headline"))


def test_sources_have_sizes_as_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    assert 'mmlu,"MMLU\'s test items, 57 subjects",14042,' in printed(capsys, "sources", "--format", "csv")


def test_plans_are_documents_too(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "plan", LETTERS, "--half-width", "0.1", "--measures", "accuracy", "--format", "csv")
    assert out.splitlines()[0] == "measure,n_items,n_clusters,reason"


def test_json_and_another_format_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    status, message = refusal(capsys, "summarize", LETTERS, "--json", "--format", "md")
    assert status == 2
    assert "--json is --format json" in message


def test_a_failure_prints_no_half_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("compare", LETTERS, KEPT / "graded", "--format", "md") == 1
    assert capsys.readouterr().out == ""
