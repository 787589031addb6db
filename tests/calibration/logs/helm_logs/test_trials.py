"""Further trials of HELM, which ask the same instances again: samples, one of them, or their mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from calibration import Predictions, Verdicts
from calibration.logs.formats import read_logs
from calibration.logs.graded_answers import GradedAnswers
from calibration.logs.log import Log
from calibration.logs.options import LogOptions
from tests.calibration.logs.helm_logs.run_folders import helm_run, instance, letter, request, scored, stat, token
from tests.calibration.logs.helm_logs.test_separate import asked


def read(folder: Path, **options: Any) -> Log:
    (log,) = read_logs([folder], options=LogOptions(**options))
    return log


def again(state: dict[str, Any], trial: int = 1) -> dict[str, Any]:
    return {**state, "train_trial_index": trial}


def answers(folder: Path) -> Path:
    """Two instances in two trials; the first answers right, right in part, the second right, wrong."""
    texts = [("a", " red"), ("b", " red"), ("a", " reddish"), ("b", " blue")]
    states = [request(instance(name), [token(text, -0.5)]) for name, text in texts]
    scores = [scored("a", f1=1), scored("b", f1=1), scored("a", 1, f1=0.5), scored("b", 1, f1=0)]
    stats = [stat("f1", 2.5 / 4), stat("num_instances", 2)]
    return helm_run(
        folder, [*states[:2], *map(again, states[2:])], method="generation", per_instance=scores, stats=stats
    )


def test_trials_of_answers_are_samples(tmp_path: Path) -> None:
    log = read(answers(tmp_path / "run"), partial="half")
    assert isinstance(log.content, GradedAnswers)
    assert log.content.frame.select("item", "sample", "response", "grade", "credit").rows() == [
        ("a", 0, "red", "correct", None),
        ("b", 0, "red", "correct", None),
        ("a", 1, "reddish", "partial", 0.5),
        ("b", 1, "blue", "incorrect", None),
    ]
    assert "all 2 trials, each a sample" in log.remarks
    assert "stats.json states f1 0.625, as these 4 records do" in log.remarks
    assert (log.settings["epoch"], log.origin["accuracy"], log.origin["n_items"]) == ("all", 0.625, 2)


def test_one_trial_is_taken_or_their_mean(tmp_path: Path) -> None:
    folder = answers(tmp_path / "run")
    second = read(folder, partial="half", epoch=2)
    assert isinstance(second.content, GradedAnswers)
    assert second.content.frame.select("sample", "credit").rows() == [(0, 0.5), (0, None)]
    assert "trial 2 of 2 is taken (--epoch)" in second.remarks
    assert any(remark.startswith("2 of 4 requests left out: of further trials") for remark in second.remarks)
    assert any("over 2 instances and 2 trials; these are 2, with 0.25" in remark for remark in second.remarks)
    mean = read(folder, partial="half", epoch="mean")
    assert isinstance(mean.content, GradedAnswers)
    assert mean.content.frame.select("item", "credit").rows() == [("a", 0.75), ("b", 0.5)]
    assert mean.origin["accuracy"] == 0.625
    with pytest.raises(ValueError, match="no epoch 3: the log has 2 trials"):
        read(folder, partial="half", epoch=3)


def test_letters_count_once_or_by_their_mean(tmp_path: Path) -> None:
    states = [letter("a", "A"), letter("b", "A"), again(letter("a", "B")), again(letter("b", "A"))]
    scores = [
        scored(name, trial, exact_match=value) for name, trial, value in
        (("a", 0, 1), ("b", 0, 1), ("a", 1, 0), ("b", 1, 1))
    ]  # fmt: skip
    folder = helm_run(tmp_path / "run", states, per_instance=scores, stats=[stat("exact_match", 0.75)])
    first = read(folder)
    assert isinstance(first.content, Verdicts)
    assert (first.content.accuracy, first.settings["epoch"]) == (1.0, 1)
    mean = read(folder, epoch="mean")
    assert isinstance(mean.content, Verdicts)
    assert mean.content.frame.select("item", "grade", "credit").rows() == [
        ("a", "partial", 0.5),
        ("b", "correct", None),
    ]
    assert mean.content.accuracy == mean.origin["accuracy"] == 0.75
    assert mean.items is not None
    assert mean.items["item"].to_list() == ["a", "b"]
    with pytest.raises(ValueError, match="an item with options counts once"):
        read(folder, epoch="all")


def test_the_probability_of_the_written_letter_has_no_mean(tmp_path: Path) -> None:
    states = [letter("a", "A", -0.2), letter("b", "A", -0.3)]
    folder = helm_run(tmp_path / "run", [*states, *map(again, states)])
    with pytest.raises(
        ValueError, match="the written letter alone has no mean over trials: the epoch must be a number"
    ):
        read(folder, epoch="mean")


def test_probabilities_of_options_have_a_mean(tmp_path: Path) -> None:
    first = asked("a", [[(" red", -1.0)], [(" pale", -1.0), (" green", -1.0)]])
    second = asked("a", [[(" red", -2.0)], [(" pale", -0.5), (" green", -0.5)]])
    states = [*first, *map(again, second)]
    folder = helm_run(tmp_path / "run", states, method="multiple_choice_separate_original")
    mean = read(folder, epoch="mean").content
    assert isinstance(mean, Predictions)
    assert mean.probabilities[0, 0] == pytest.approx(mean.probabilities[0, 1])
    assert mean.probabilities[0].sum() == pytest.approx(1)


def test_scores_without_requests_have_trials_too(tmp_path: Path) -> None:
    folder = answers(tmp_path / "run")
    (folder / "scenario_state.json").unlink()
    assert read(folder, partial="half").content.frame["grade"].to_list() == ["correct", "correct"]
    mean = read(folder, partial="half", epoch="mean")
    assert mean.content.frame["credit"].to_list() == [0.75, 0.5]
    assert "stats.json states f1 0.625, as these 4 records do" in mean.remarks


def test_items_without_a_right_reference_are_counted(tmp_path: Path) -> None:
    states = [letter("a", "A"), letter("b", "B", right=())]
    log = read(helm_run(tmp_path / "run", states))
    assert isinstance(log.content, Verdicts)
    assert log.content.accuracy == 0.5
    assert log.remarks[0].startswith("1 of 2 items has no reference that is tagged as correct, such as b: HELM counts")
    with pytest.raises(ValueError, match=r"no item has a reference that is tagged as correct: nothing says what is"):
        read(helm_run(tmp_path / "none", [letter("b", "B", right=())]))


def test_answers_without_a_right_reference_are_counted(tmp_path: Path) -> None:
    states = [request(instance("a"), [token(" red", -0.5)]), request(instance("b", right=()), [token(" x", -0.5)])]
    scores = [scored("a", exact_match=1), scored("b", exact_match=0)]
    log = read(helm_run(tmp_path / "run", states, method="generation", per_instance=scores))
    assert any(remark.startswith("1 of 2 instances have no reference that is tagged") for remark in log.remarks)


def test_several_completions_to_a_request_have_one_verdict(tmp_path: Path) -> None:
    state = request(instance("a"), [token(" red", -0.5)])
    state["result"]["completions"] *= 2
    log = read(helm_run(tmp_path / "run", [state], method="generation", per_instance=[scored("a", exact_match=1)]))
    assert any("up to 2 completions to a request and one verdict for all" in remark for remark in log.remarks)
