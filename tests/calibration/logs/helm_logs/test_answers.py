"""HELM's generated answers: a metric's scores as verdicts."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from calibration import Verdicts
from calibration.logs.formats import read_logs
from calibration.logs.graded_answers import GradedAnswers
from calibration.logs.log import Log
from calibration.logs.options import LogOptions
from tests.calibration.logs.helm_logs.run_folders import helm_run, instance, request, scored, stat, token


def answer(name: str, *tokens: tuple[str, float | None], **others: Any) -> dict[str, Any]:
    annotations = others.pop("annotations", None)
    state = request(instance(name, **others), [token(*piece) for piece in tokens])
    return {**state, **({} if annotations is None else {"annotations": annotations})}


STATES = [answer("a", ("It is", -0.2), (" red.", -0.3)), answer("b", ("It is", -0.2), (" blue.", -0.7))]


def read(folder: Path, **options: str) -> Log:
    (log,) = read_logs([folder], options=LogOptions(**options))  # type: ignore[arg-type]
    return log


def test_answers_that_are_compared_with_references_keep_them(tmp_path: Path) -> None:
    scores = [
        scored("a", exact_match=0, quasi_exact_match=1, f1_score=0.5),
        scored("b", exact_match=0, quasi_exact_match=0, f1_score=0),
    ]
    folder = helm_run(tmp_path / "run", STATES, method="generation", per_instance=scores)
    with pytest.raises(
        ValueError,
        match=r"no one metric is the verdict: exact_match, quasi_exact_match, f1_score \(1 of 2 values are neither 0 "
        r"nor 1\); say which with --metric",
    ):
        read(folder)
    log = read(folder, metric="quasi_exact_match")
    assert isinstance(log.content, GradedAnswers)
    assert log.content.grader == "quasi_exact_match"
    frame = log.content.frame
    assert frame["grade"].to_list() == ["correct", "incorrect"]
    assert frame["references"].to_list() == [["red"], ["red"]]
    assert frame["response"].to_list() == ["It is red.", "It is blue."]
    assert frame["confidence"].to_list() == pytest.approx([math.exp(-0.5), math.exp(-0.9)])
    with pytest.raises(ValueError, match=r"no metric 'quasi_match'; there are: .*; the nearest: 'quasi_exact_match'"):
        read(folder, metric="quasi_match")


def test_scores_of_judges_are_verdicts_where_they_are_0_or_1(tmp_path: Path) -> None:
    notes = {"safety": {"prompt_text": "Is it safe?", "gpt_score": 1, "gpt_reasoning": "It is."}}
    states = [answer("a", ("No.", -0.2), annotations=notes), *STATES[1:], answer("c", ("Well.", -0.2))]
    scores = [scored("a", safety_score=1.0), scored("a"), scored("b", safety_score=0.0), scored("c", safety_score=0.75)]
    stats = [stat("safety_score", 0.25), stat("num_instances", 9)]
    folder = helm_run(tmp_path / "run", states, method="generation", per_instance=scores, stats=stats)
    with pytest.raises(
        ValueError, match=r"a verdict must be 0 or 1, safety_score of c is 0\.75 \(1 of 3 values are nei"
    ):
        read(folder)
    counted = read(folder, partial="half")
    assert counted.content.frame.select("grade", "credit").rows() == [
        ("correct", None), ("incorrect", None), ("partial", 0.75),
    ]  # fmt: skip
    assert counted.remarks[0] == "1 of 3 values of safety_score lie between 0 and 1: credit; its mean is 0.583333"
    assert read(folder, partial="ungraded").content.frame["grade"].to_list() == ["correct", "incorrect", "ungraded"]
    log = read(folder, partial="incorrect")
    assert log.content.frame["grade"].to_list() == ["correct", "incorrect", "incorrect"]
    assert log.content.frame["references"].to_list() == [[], [], []]
    assert log.content.frame["confidence"].to_list() == [None, None, None]
    assert log.content.frame["reason"].to_list() == ["gpt_reasoning: It is.", "safety_score", "safety_score"]
    assert log.remarks == (
        "1 of 3 values of safety_score lie between 0 and 1: incorrect; its mean is 0.583333",
        "references are not kept: no metric compares answers with them, they may be labels",
        "stats.json states safety_score 0.25 over 9 instances; these are 3, with 0.583333, and not compared",
    )


def test_letters_behind_a_chain_of_thought_are_graded_answers(tmp_path: Path) -> None:
    folder = helm_run(
        tmp_path / "run", STATES, method="multiple_choice_joint_chain_of_thought",
        per_instance=[scored("a", chain_of_thought_correctness=1), scored("b", chain_of_thought_correctness=0)],
    )  # fmt: skip
    assert read(folder).content.frame["grade"].to_list() == ["correct", "incorrect"]


def test_scores_alone_are_verdicts_without_texts(tmp_path: Path) -> None:
    scores = [scored("a", exact_match=1), scored("b", exact_match=0)]
    folder = helm_run(tmp_path / "run", STATES, per_instance=scores, stats=[stat("exact_match", 0.5)])
    (folder / "scenario_state.json").unlink()
    log = read(folder)
    assert isinstance(log.content, Verdicts)
    assert (log.items, log.settings) == (None, {"metric": "exact_match", "split": "test"})
    assert log.content.frame["grade"].to_list() == ["correct", "incorrect"]
    assert log.remarks[0] == "right and wrong alone, without texts: the folder has no scenario_state.json"
    scores = [scored("a", f1_score=0.25), scored("b", f1_score=0)]
    folder = helm_run(tmp_path / "credit", STATES, per_instance=scores, stats=[stat("f1_score", 0.125)])
    (folder / "scenario_state.json").unlink()
    counted = read(folder, partial="half")
    assert isinstance(counted.content, Verdicts)
    assert counted.content.frame["credit"].to_list() == [0.25, None]
    assert counted.content.accuracy == counted.origin["accuracy"] == 0.125


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ([], r"generated answers have no verdicts in it; looked for per_instance_stats\.json"),
        ([scored("a"), scored("b")], "no one metric is the verdict: none; without scores there are no verdicts"),
        ([scored("a", exact_match=1)], "exact_match is logged for 1 of 2 instances, not for b"),
        (
            [scored("a", rating=7), scored("b", rating=1)],
            "a verdict must be 0 or 1, rating of a is 7; it is no verdict",
        ),
    ],
)
def test_what_gives_no_verdicts_is_refused(tmp_path: Path, scores: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(helm_run(tmp_path / "run", STATES, method="generation", per_instance=scores))


@pytest.mark.parametrize("method", ["language_modeling", "ranking_binary"])
def test_methods_without_right_answers_are_refused(tmp_path: Path, method: str) -> None:
    with pytest.raises(ValueError, match=f"{method} asks no question with a right answer"):
        read(helm_run(tmp_path / "run", STATES, method=method))


def test_groups_of_instances_are_kept_and_others_are_told(tmp_path: Path) -> None:
    states = [
        answer("a", ("Yes.", -0.2), extra_data={"language": "de", "author": "me"}, sub_split="hard"),
        answer("b", ("No.", -0.2), sub_split="easy"),
    ]
    scores = [scored("a", exact_match=1), scored("b", exact_match=0)]
    log = read(helm_run(tmp_path / "run", states, method="generation", per_instance=scores))
    assert isinstance(log.content, GradedAnswers)
    assert log.content.frame.select("category", "language").rows() == [("hard", "de"), ("easy", None)]
    assert "author" not in log.content.frame.columns
    assert "not kept, because their names say no group such as a language or a year: author" in log.remarks
    named = helm_run(tmp_path / "n", states, method="generation", per_instance=scores, name="colours:subject=warm")
    content = read(named).content
    assert isinstance(content, GradedAnswers)
    assert content.frame.select("category", "split_category").rows() == [("warm", "hard"), ("warm", "easy")]
