"""Shares of answers by group, against shares and changes of the group alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import factuality
import plots
from factuality import Judgments, rate_change, rate_changes_by_group, rates, rates_by_group
from factuality.confidence.confidences import confidence_pairs


def judged(seed: int, *, abstaining: float = 0.2) -> Judgments:
    rng = np.random.default_rng(seed)
    grades = np.where(rng.random(120) < abstaining, "abstained", np.where(rng.random(120) < 0.5, "correct", "wrong"))
    return Judgments.from_frame(
        {
            "question": [f"What is {row}?" for row in range(120)],
            "answer": "that",
            "verdict": grades,
            "confidence": rng.random(120),
            "language": np.repeat(["de", "fr", "sw"], 40),
            "year": np.tile([1999, 2005, 2020, 2024], 30),
        }
        | {"answer": ["that"] * 120}
    )


@pytest.mark.parametrize("share", ["correct", "incorrect", "abstained"])
def test_a_share_is_that_of_the_group_alone(share: str) -> None:
    judgments = judged(0)
    groups = rates_by_group(judgments, "language", share)  # type: ignore[arg-type]
    assert (groups.measure, groups.by) == (share, ("language",))
    for row in groups.frame.iter_rows(named=True):
        alone = rates(Judgments(judgments.frame.filter(language=row["language"]))).overall()
        assert [row["n_items"], row["value"], row["low"], row["high"]] == [
            alone["n"], *(pytest.approx(alone[f"{share}{end}"], abs=1e-12) for end in ("", "_low", "_high")),
        ]  # fmt: skip
    assert groups.frame["difference_q_value"].null_count() == 0


def test_a_change_is_that_of_the_group_alone() -> None:
    before, after = judged(0), judged(1)
    groups = rate_changes_by_group(before, after, "language,year", "correct")
    assert groups.frame.height == 12
    row = groups.frame.row(0, named=True)
    sides = (Judgments(side.frame.filter(language="de", year=1999)) for side in (before, after))
    alone = rate_change(*sides).frame.filter(measure="correct", category="all calm").row(0, named=True)
    assert [row[key] for key in ("change", "low", "high", "p_value")] == [
        pytest.approx(alone[key], abs=1e-9) for key in ("change", "low", "high", "p_value")
    ]


def test_a_share_is_called_by_its_name_in_a_figure() -> None:
    axes = plots.by_group(rates_by_group(judged(0), "language", "abstained"))
    assert axes.get_xlabel() == "Share of abstentions"


def test_an_ungraded_answer_counts_as_none() -> None:
    table = {"question": list("abcd"), "answer": list("abcd"), "verdict": ["correct", "", "", "wrong"]}
    groups = rates_by_group(Judgments.from_frame(table | {"language": list("xxyy")}), "language")
    assert groups.frame["value"].to_list() == [0.5, 0.0]


def test_groups_by_what_judgments_hold_anyway() -> None:
    judgments = judged(0)
    assert rates_by_group(judgments, "question_length").frame.height == 3
    with pytest.raises(ValueError, match=r"no column is called 'lang'; there are: .*language, year"):
        rates_by_group(judgments, "lang")
    with pytest.raises(ValueError, match="no share 'right'"):
        rates_by_group(judgments, "language", "right")  # type: ignore[arg-type]


def repeated(seed: int) -> Judgments:
    rng = np.random.default_rng(seed)
    odds = np.repeat(np.random.default_rng(9).random(60), 3)
    table: dict[str, Any] = {"question": [f"What is {row // 3}?" for row in range(180)], "answer": ["that"] * 180}
    table |= {"correct": (rng.random(180) < odds).astype(int), "language": np.repeat(["de", "sw"], 90)}
    return Judgments.from_frame(table)


def test_several_answers_to_a_question_are_counted_as_in_rates() -> None:
    before, after = repeated(0), repeated(1)
    for language in ("de", "sw"):
        row = rates_by_group(before, "language").frame.row(by_predicate=pl.col("language") == language, named=True)
        sides = [Judgments(side.frame.filter(language=language)) for side in (before, after)]
        alone = rates(sides[0]).overall()
        assert [row[key] for key in ("value", "low", "high")] == pytest.approx(
            [alone[f"correct{end}"] for end in ("", "_low", "_high")], abs=1e-12
        )
        moved = rate_changes_by_group(before, after, "language").frame
        change = moved.row(by_predicate=pl.col("language") == language, named=True)
        both = rate_change(*sides).frame.filter(measure="correct", category="all calm").row(0, named=True)
        keys = ("before", "after", "change", "low", "high", "p_value")
        assert [change[key] for key in keys] == pytest.approx([both[key] for key in keys], abs=1e-12)
    mixed = Judgments(before.frame.with_columns(language=pl.Series(["de", "fr", "sw"] * 60)))
    with pytest.raises(ValueError, match=r"all answers to a question must be in one group, question .* of language"):
        rates_by_group(mixed, "language")


def test_further_columns_stay_with_confidences_and_files(tmp_path: Path) -> None:
    judgments = judged(0)
    assert {"language", "year"} <= {*confidence_pairs(judgments).pairs.frame.columns}
    judgments.save(tmp_path / "judged.parquet")
    assert Judgments.from_frame(tmp_path / "judged.parquet").frame.equals(judgments.frame)
    with pytest.raises(ValueError, match="a further column must hold one text"):
        Judgments(judgments.frame.with_columns(tags=pl.lit([1, 2])))


def test_columns_of_a_question_file_come_with_the_judgments(tmp_path: Path) -> None:
    rows = [
        {"question": f"Wo liegt {place}?", "answer": place, "language": language, "tags": ["x"]}
        for place, language in (("Paris", "de"), ("Rom", "de"), ("Oslo", "no"))
    ]
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    questions = factuality.load_questions(tmp_path / "questions.jsonl")
    assert questions[0].columns == {"language": "de"}
    answers = factuality.Responses.from_texts({"0": "Paris", "1": "Paris", "2": "Oslo"}, questions)
    judgments = factuality.grade(answers, grader="match")
    assert rates_by_group(judgments, "language").frame.select("language", "value").rows() == [("de", 0.5), ("no", 1.0)]
