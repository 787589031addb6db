"""HELM's joint multiple choice: letters, their probability if it is real, and HELM's grades."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from calibration import Pairs, Predictions, Verdicts
from calibration.logs.formats import read_logs
from calibration.logs.log import Log
from calibration.logs.options import LogOptions
from tests.calibration.logs.helm_logs.run_folders import helm_run, letter, scored, stat


def read(folder: Path, **options: str) -> Log:
    (log,) = read_logs([folder], options=LogOptions(**options))  # type: ignore[arg-type]
    return log


def test_letters_without_log_probabilities_are_verdicts_with_texts(tmp_path: Path) -> None:
    states = [letter("a", " A"), letter("b", "B"), letter("c", " maybe")]
    scores = [scored("a", exact_match=1), scored("b", exact_match=0), scored("c", exact_match=0)]
    stats = [stat("exact_match", 1 / 3), stat("num_instances", 3), stat("exact_match", 0.1, "valid")]
    log = read(helm_run(tmp_path / "run", states, per_instance=scores, stats=stats))
    assert isinstance(log.content, Verdicts)
    assert (log.format, log.task, log.model) == ("helm", "colours:kind=all", "org/model")
    assert dict(zip(log.content.item, log.content.correct, strict=True)) == {"a": True, "b": False, "c": False}
    assert log.remarks == (
        "1 of 3 answers is no letter of an option, such as 'maybe': wrong",
        "right and wrong alone: every log-probability is 0.0, which stands for none",
        "stats.json states exact_match 0.333333, as these 3 records do",
    )
    assert log.items is not None
    assert log.items["options"].to_list()[0] == ["red", "green", "blue"]
    assert log.origin["max_train_instances"] == 5


def test_the_probability_of_the_generated_letter_is_its_confidence(tmp_path: Path) -> None:
    states = [letter("a", " A", math.log(0.75)), letter("b", " C", math.log(0.5)), letter("c", " The", math.log(0.25))]
    log = read(helm_run(tmp_path / "run", states))
    assert isinstance(log.content, Pairs)
    assert log.content.confidence.tolist() == pytest.approx([0.75, 0.5, 0.25])
    assert log.content.correct.tolist() == [True, False, False]
    assert (
        "the confidence is the probability of the generated letter; those of other letters are unknown" in log.remarks
    )


def test_answers_without_a_log_probability_are_left_out_and_counted(tmp_path: Path) -> None:
    log = read(helm_run(tmp_path / "run", [letter("a", " A", -0.5), letter("b", " B", None)]))
    assert log.content.frame["item"].to_list() == ["a"]
    assert "1 of 2 answers left out: without a log-probability" in log.remarks[-1]
    assert log.remarks[-1].endswith("is 1.0000, of all 0.5000")


def test_likeliest_tokens_give_letters_and_bound_those_that_are_not_listed(tmp_path: Path) -> None:
    first = letter("a", " A", math.log(0.5), tops={" A": math.log(0.5), "A": math.log(0.1), " B": math.log(0.2)})
    second = letter("b", " B", -0.1, tops={"▁B": -0.1, "▁C": -3.0, "▁A": -4.0}, right=(2,))
    none = letter("c", " x", -0.1, tops={" x": -0.1, " y": -3.0})
    log = read(helm_run(tmp_path / "run", [first, second, none]))
    assert isinstance(log.content, Predictions)
    frame = log.content.frame
    assert frame["item"].to_list() == ["a", "b"]
    # " A" and "A" are both the letter; C is at most what is left, 0.2, and as likely as the last listed at most, 0.1.
    assert [math.exp(value) for value in frame["logprobs"][0]] == pytest.approx([0.6, 0.2, 0.1])
    assert frame["bounded"].to_list() == [[False, False, True], [False, False, False]]
    assert frame["answer"].to_list() == [0, 2]
    assert "1 of 2 items lists not every letter: those missing are bounded" in log.remarks
    assert "1 of 3 items left out: no letter is among the listed tokens" in log.remarks


def test_one_listed_token_is_no_more_than_the_generated_letter(tmp_path: Path) -> None:
    states = [letter(name, " A", -0.5, tops={" A": -0.5}) for name in "ab"]
    assert isinstance(read(helm_run(tmp_path / "run", states)).content, Pairs)


def test_the_right_one_of_two_options_with_one_text_is_the_tagged_one(tmp_path: Path) -> None:
    tops = {"A": -1.0, "B": -2.0, "C": -3.0}
    state = letter("a", "A", -1.0, right=(1,), options=("red", "red", "blue"), tops=tops)
    log = read(helm_run(tmp_path / "run", [state], per_instance=[scored("a", exact_match=1)]))
    assert log.content.frame["answer"].to_list() == [1]


def test_several_right_options_give_verdicts(tmp_path: Path) -> None:
    states = [letter("a", "B", right=(0, 1)), letter("b", "C", right=(0, 1))]
    assert read(helm_run(tmp_path / "run", states)).content.frame["grade"].to_list() == ["correct", "incorrect"]


def test_a_grade_that_contradicts_the_answer_is_refused(tmp_path: Path) -> None:
    folder = helm_run(tmp_path / "run", [letter("a", "A")], per_instance=[scored("a", exact_match=0)])
    with pytest.raises(ValueError, match=r"scenario_state\.json: exact_match of a is 0, but its answer is right by"):
        read(folder)


def test_a_mean_over_other_records_is_told_and_one_over_the_same_must_agree(tmp_path: Path) -> None:
    stats = [stat("exact_match", 0.5), stat("num_instances", 4)]
    log = read(helm_run(tmp_path / "part", [letter("a", "A")], stats=stats))
    assert "stats.json states exact_match 0.5 over 4 instances; these are 1, with 1, and not compared" in log.remarks
    folder = helm_run(tmp_path / "same", [letter("a", "A")], stats=[stat("exact_match", 0.5), stat("num_instances", 1)])
    with pytest.raises(ValueError, match=r"stats\.json: stats\.json states exact_match 0\.5, but the 1 records give 1"):
        read(folder)


def test_splits_are_named_and_copies_and_trials_left_out(tmp_path: Path) -> None:
    copy = letter("a", "B", perturbation={"name": "typos", "robustness": True})
    again = {**letter("a", "B"), "train_trial_index": 1}
    states = [letter("v", "B", split="valid"), letter("a", "A"), copy, again]
    folder = helm_run(tmp_path / "run", states)
    with pytest.raises(
        ValueError, match=r"requests of several splits: valid \(1\), test \(2\); say which with --split"
    ):
        read(folder)
    log = read(folder, split="test")
    assert log.content.frame["item"].to_list() == ["a"]
    assert log.remarks[:3] == (
        "1 of 4 requests left out: of perturbed copies",
        "1 of 4 requests left out: of other splits",
        "1 of 4 requests left out: of further trials, which ask the same instances again",
    )
    assert log.settings["split"] == "test"
    with pytest.raises(ValueError, match=r"no split 'train'; there are: valid \(1\), test \(2\)"):
        read(folder, split="train")
    assert read(folder, split="valid").content.frame["grade"].to_list() == ["incorrect"]


def test_copies_that_change_nothing_are_the_items_where_there_are_no_others(tmp_path: Path) -> None:
    identity = {"name": "identity", "robustness": True}
    states = [letter("a", "A", perturbation=identity), letter("a", "B", perturbation={"name": "typos"})]
    assert read(helm_run(tmp_path / "run", states)).content.frame["grade"].to_list() == ["correct"]
    with pytest.raises(ValueError, match="all 1 requests are of perturbed copies"):
        read(helm_run(tmp_path / "typos", states[1:]))


def test_an_instance_that_occurs_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"each instance must occur once, request 0 \(a\) and request 1 \(a\)"):
        read(helm_run(tmp_path / "run", [letter("a", "A"), letter("a", "B")]))


def test_letters_whose_log_probabilities_no_distribution_gives_keep_their_verdicts(tmp_path: Path) -> None:
    tops = {"A": math.log(0.9), "B": math.log(0.8), "C": -3.0}
    log = read(helm_run(tmp_path / "run", [letter("a", "A", math.log(0.9), tops=tops)]))
    assert isinstance(log.content, Verdicts)
    told = "right and wrong alone: log-probabilities of the letters sum to 1.75 as probabilities in "
    assert log.remarks[-1].startswith(told)


def test_many_log_probabilities_of_exactly_0_beside_others_are_told(tmp_path: Path) -> None:
    log = read(helm_run(tmp_path / "run", [letter("a", " A", -0.5), letter("b", " B", 0.0), letter("c", " C", 0.0)]))
    assert isinstance(log.content, Pairs)
    assert "2 of 3 log-probabilities are exactly 0, which may stand for none: their confidence is 1" in log.remarks
