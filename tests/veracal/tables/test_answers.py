"""Tables of answers to open questions on stdout."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from factuality import Question, RateChanges, Responses, grade, rate_change, rates
from factuality.people.labelled_files import grade_labelled_file
from tests.factuality import sets
from tests.label_files import write_labels
from tests.veracal.terminal import EVIL, SHOWN, printed
from veracal import console
from veracal.tables.answers import print_changes, print_labelled_file, print_rates


@pytest.mark.usefixtures("wide_terminal")
def test_categories_are_shown_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    asked = [Question("sun", EVIL, "What colour is the Sun?", ("white",), ("yellow",))]
    print_rates(EVIL, rates(grade(Responses.from_texts({"sun": "White."}, asked), grader="match")))
    assert printed(capsys).count(SHOWN) == 2
    row = {"category": EVIL, "adversarial": True, "n": 1, "before": 0.0, "after": 1.0, "change": 1.0, "measure": EVIL}
    changes = pl.DataFrame([row | dict.fromkeys(("low", "high", "p_value", "q_value"), 0.5)])
    print_changes((EVIL, EVIL), RateChanges(changes, 0.95))
    assert printed(capsys).count(SHOWN.replace("_", " ")) == 4


@pytest.mark.parametrize("width", [80, 140])
def test_the_table_fits_and_shows_every_share(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console.OUT, "_width", width)
    grades = ["correct", "correct", "incorrect", "abstained"]
    print_rates("title", rates(sets.judgments(grades, adversarial=[True, True, True, False])))
    text = capsys.readouterr().out
    lines = text.splitlines()
    assert lines[0] == "title"
    names = [line.split("  ")[0] for line in lines[2:] if not line.startswith("  ") and ":" not in line]
    assert names == ["science", "science, control", "all adversarial", "all control"]
    assert "67 [21–94]" in " ".join(text.split())  # Wilson of 2 in 3
    assert "…" not in text
    assert "all adversarial: accuracy when attempted 0.667 [" in text


@pytest.mark.usefixtures("wide_terminal")
def test_where_a_grader_fails(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    print_labelled_file("match", grade_labelled_file(write_labels(tmp_path / "labels.csv", 300), "match"))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("match against people: 300 answers, 0 unclear left out, 0 ungraded, 100 labels")
    rows = [line.split("  ") for line in lines[lines.index("Where it fails") + 2 :]]
    assert {row[0] for row in rows} == {"sun", "moon", "up to 3 words"}
    whole = next([cell.strip() for cell in row if cell.strip()] for row in rows if row[0] == "up to 3 words")
    assert whole[1] == "300"
    assert whole[3:] == ["27 %", "33 %", "7 %", "0 %"]


@pytest.mark.usefixtures("wide_terminal")
def test_questions_are_controls_only_beside_adversarial_ones(capsys: pytest.CaptureFixture[str]) -> None:
    side = sets.judgments(["correct", "abstained"], adversarial=[False, False])
    print_rates("title", rates(side))
    print_changes(("a", "b"), rate_change(side, side))
    text = capsys.readouterr().out
    assert "all: accuracy when attempted 1.000 [" in text
    assert {"control", "adversarial", "tempted", "calm"}.isdisjoint(text.split())
