"""Logs of OpenAI's evals: events in every version, which of them is the verdict, what is told and refused."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from calibration import Verdicts
from calibration.logs.formats import read_logs
from calibration.logs.graded_answers import GradedAnswers
from calibration.logs.log import Log
from calibration.logs.options import LogOptions

SPEC = {
    "completion_fns": ["gpt-4"],
    "eval_name": "planets.dev.v0",
    "split": "dev",
    "run_config": {
        "eval_spec": {"cls": "evals.elsuite.basic.match:Match", "args": {"num_few_shot": 4, "api_key": "SECRET"}},
        "max_samples": 5,
        "command": "/home/SOMEBODY/bin/oaieval",
    },
    "created_by": "SOMEBODY",
    "run_id": "R",
    "created_at": "2023-04-11 17:13:51",
}
PROMPT = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Which planet is the largest?"}]
JUDGE = [{"role": "user", "content": "Is Jupiter right?"}]


def event(kind: str, sample: str = "planets.dev.0", number: int | None = None, **data: Any) -> dict[str, Any]:
    order = {} if number is None else {"event_id": number}
    return {"run_id": "R", **order, "sample_id": sample, "type": kind, "data": data, "created_by": "SOMEBODY"}


def asked(sampled: Any = "Jupiter", sample: str = "planets.dev.0", prompt: Any = PROMPT, **more: Any) -> dict[str, Any]:
    return event("sampling", sample, prompt=prompt, sampled=sampled, **more)


def matched(correct: Any, sample: str = "planets.dev.0", expected: Any = "Jupiter", **more: Any) -> dict[str, Any]:
    return event("match", sample, correct=correct, expected=expected, picked=expected if correct else None, **more)


def report(**values: Any) -> dict[str, Any]:
    return {"final_report": values}


def written(tmp_path: Path, *lines: Any, spec: Any = SPEC) -> Path:
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in ({"spec": spec}, *lines)))
    return path


def read(path: Path, **options: Any) -> Log:
    (log,) = read_logs([path], options=LogOptions(**options))
    return log


def answers(log: Log) -> list[tuple[Any, ...]]:
    assert isinstance(log.content, GradedAnswers)
    return log.content.frame.select("item", "question", "response", "references", "grade").rows()


QUESTION = "Which planet is the largest?"


@pytest.mark.parametrize("correct", [True, 1, 1.0])
@pytest.mark.parametrize("sampled", ["Jupiter", ["Jupiter"]])
def test_free_answers_have_the_verdict_of_their_match(tmp_path: Path, correct: Any, sampled: Any) -> None:
    log = read(written(tmp_path, asked(sampled), matched(correct), report(accuracy=1.0)))
    assert answers(log) == [("planets.dev.0", QUESTION, "Jupiter", ["Jupiter"], "correct")]
    assert (log.task, log.model, log.date) == ("planets.dev.v0", "gpt-4", "2023-04-11 17:13:51")
    assert (log.remarks, log.settings) == ((), {"metric": "match"})
    assert log.origin == {
        "harness": "evals",
        "class": "Match",
        "split": "dev",
        "items": 1,
        "max_samples": 5,
        "shots": 4,
        "accuracy": 1.0,
    }
    assert "SECRET" not in repr(log)
    assert "SOMEBODY" not in repr(log)


def test_letters_become_verdicts(tmp_path: Path) -> None:
    lines = [
        asked("B", "planets.dev.1"),
        matched(False, "planets.dev.1", "A"),
        asked("A"),
        matched(True, expected=["A"]),
    ]
    log = read(written(tmp_path, *lines, report(accuracy=0.5)))
    assert isinstance(log.content, Verdicts)
    assert log.content.item.tolist() == ["planets.dev.1", "planets.dev.0"]
    assert log.content.correct.tolist() == [False, True]
    assert log.remarks == ("right and wrong alone: the log has letters without log-probabilities",)
    assert log.items is not None
    assert log.items["question"].to_list() == [QUESTION] * 2


def test_the_report_may_stand_anywhere(tmp_path: Path) -> None:
    path = written(tmp_path, asked(), matched(True))
    path.write_text(json.dumps(report(accuracy=1.0)) + "\n" + path.read_text())
    assert read(path).remarks == ()


def test_a_log_without_a_report_is_unfinished(tmp_path: Path) -> None:
    log = read(written(tmp_path, asked(), matched(True), asked("Mars", "planets.dev.7")))
    assert log.remarks == ("the log is unfinished (no final_report): 1 of 2 samples have a verdict",)
    assert [row[-1] for row in answers(log)] == ["correct", "ungraded"]


def test_samples_with_an_error_are_ungraded(tmp_path: Path) -> None:
    failed = event("error", "planets.dev.7", message="timeout", type="Timeout")
    log = read(written(tmp_path, asked(), matched(True), asked("Mars", "planets.dev.7"), failed, report(accuracy=1.0)))
    assert log.remarks == ("1 of 2 samples have no verdict, 1 of them after an error",)


def test_a_stated_accuracy_that_differs_is_told(tmp_path: Path) -> None:
    log = read(written(tmp_path, asked(), matched(True), report(accuracy=0.25)))
    assert log.remarks == ("the log states an accuracy of 0.2500, its own records give 1.0000",)


def test_the_first_version_has_raw_samples_and_one_name_of_the_model(tmp_path: Path) -> None:
    spec = {"model_name": "text-davinci-003", "eval_name": "planets", "run_id": "R"}
    raw = event("raw_sample", input=PROMPT, ideal="Jupiter")
    sampling = event("sampling", prompt="Q: Which planet is the largest?\nA:", sampled="Mars")
    log = read(written(tmp_path, raw, sampling, event("match", correct=False), report(accuracy=0.0), spec=spec))
    assert answers(log) == [("planets.dev.0", "Q: Which planet is the largest?\nA:", "Mars", ["Jupiter"], "incorrect")]
    assert log.model == "text-davinci-003"


@pytest.mark.parametrize(
    ("spec", "model"),
    [
        ({"model_names": {"completions": ["ada"]}}, "ada"),
        ({"model_name": {"completions": "babbage"}}, "babbage"),
        ({"completion_fns": ["/home/SOMEBODY/fn/curie"]}, "curie"),
        ({}, "log"),
    ],
)
def test_models_are_named_in_every_version(tmp_path: Path, spec: Any, model: str) -> None:
    assert read(written(tmp_path, asked(), matched(True), spec={"eval_name": "planets", **spec})).model == model


def judged(**data: Any) -> list[dict[str, Any]]:
    """A judge's turn in another conversation, written in front of the answer."""
    answer = {**asked(["Jupiter"]), "event_id": 0}
    judgment = {**asked("Yes, it is. B", prompt=JUDGE), "event_id": 2}
    return [judgment, event("metrics", number=3, **data), {**asked("Jupiter"), "event_id": 1}, answer]


def test_a_judge_is_told_from_the_model_by_the_order_of_events(tmp_path: Path) -> None:
    log = read(written(tmp_path, *judged(choice="Y", score=1.0), report(score=1.0)))
    assert isinstance(log.content, GradedAnswers)
    assert log.content.frame.select("response", "reason", "grade").rows() == [("Jupiter", "Yes, it is. B", "correct")]


def test_an_answer_behind_reasoning_is_the_last_of_its_conversation(tmp_path: Path) -> None:
    longer = [*PROMPT, {"role": "assistant", "content": "Well, …"}, {"role": "system", "content": "So?"}]
    lines = [asked("Well, …"), asked("Jupiter", prompt=longer), asked("Yes", prompt=JUDGE), matched(True)]
    assert answers(read(written(tmp_path, *lines)))[0][1:3] == (QUESTION, "Jupiter")


def fact(**spec: Any) -> dict[str, Any]:
    run = {"eval_spec": {"cls": "evals:ModelBasedClassify", "args": {"modelgraded_spec": "fact", **spec}}}
    return {**SPEC, "run_config": run}


@pytest.mark.parametrize(("choice", "grade"), [("A", "correct"), ("E", "correct"), ("D", "incorrect")])
def test_choices_of_fact_have_credit_only_if_that_is_asked_for(tmp_path: Path, choice: str, grade: str) -> None:
    path = written(tmp_path, *judged(choice=choice, score=None), spec=fact())
    with pytest.raises(ValueError, match=rf"log\.jsonl: the judge chose {choice}, .*take that with --scorer fact"):
        read(path)
    assert answers(read(path, scorer="fact"))[0][-1] == grade


def test_choices_of_other_judges_are_listed_and_refused(tmp_path: Path) -> None:
    lines = judged(choice="Good", score=None)
    with pytest.raises(ValueError, match="the judge chose Good, and no choice has a score; what each is worth is not"):
        read(written(tmp_path, *lines, spec=fact(modelgraded_spec="taste")), scorer="taste")
    with pytest.raises(ValueError, match="a choice of fact must be one of A to E, got Good"):
        read(written(tmp_path, *lines, spec=fact()), scorer="fact")


def test_invalid_choices_are_ungraded(tmp_path: Path) -> None:
    other = event("metrics", "planets.dev.1", choice="__invalid__", score=None)
    path = written(tmp_path, *judged(choice="C", score=None), asked("Mars", "planets.dev.1"), other, spec=fact())
    assert [row[-1] for row in answers(read(path, scorer="fact"))] == ["correct", "ungraded"]


def test_a_metric_is_the_verdict_if_nothing_was_matched(tmp_path: Path) -> None:
    log = read(written(tmp_path, asked(), event("metrics", accuracy=1.0), report(accuracy=1.0)))
    assert (answers(log)[0][-1], log.settings) == ("correct", {"metric": "accuracy"})
    both = written(tmp_path, asked(), event("metrics", accuracy=1.0, strict=False, length=7))
    with pytest.raises(ValueError, match=r"several metrics, name one with --metric .*: accuracy, strict$"):
        read(both)
    assert answers(read(both, metric="strict"))[0][-1] == "incorrect"
    with pytest.raises(ValueError, match="no metric 'length' with verdicts; there are: accuracy, strict"):
        read(both, metric="length")


def test_a_report_s_accuracy_says_nothing_of_another_metric(tmp_path: Path) -> None:
    path = written(tmp_path, asked(), event("metrics", accuracy=0.5, f1=1.0), report(accuracy=0.5))
    assert read(path, metric="f1").remarks == ()


def test_matches_go_before_metrics(tmp_path: Path) -> None:
    log = read(written(tmp_path, asked(), matched(True), event("metrics", accuracy=1.0, f1_score=0.3)))
    assert log.settings == {"metric": "match"}
    with pytest.raises(ValueError, match=r"sample planets\.dev\.0: a verdict must be right .* f1_score is 0\.3"):
        read(written(tmp_path, asked(), matched(True), event("metrics", f1_score=0.3)), metric="f1_score")


def test_several_matches_of_a_sample_must_agree(tmp_path: Path) -> None:
    assert answers(read(written(tmp_path, asked(), matched(True), matched(1))))[0][-1] == "correct"
    with pytest.raises(ValueError, match=r"sample planets\.dev\.0: an answer has one verdict, matches .* differ"):
        read(written(tmp_path, asked(), matched(True), matched(False)))


def several(tmp_path: Path, *, letters: bool = False) -> Path:
    """Two answers to the first sample, of which one is right, and one to the second."""
    texts = ("B", "A") if letters else ("Jupiter", "Mars")
    second = "planets.dev.1"
    lines = [asked(texts[0]), matched(True, expected=texts[0]), asked(texts[1]), matched(False, expected=texts[0]),
             asked(texts[0], second), matched(True, second, expected=texts[0])]  # fmt: skip
    return written(tmp_path, *lines, report(accuracy=2 / 3))


def test_several_answers_to_a_sample_are_samples_or_one_of_them(tmp_path: Path) -> None:
    log = read(several(tmp_path))
    assert isinstance(log.content, GradedAnswers)
    assert log.content.frame.select("item", "sample", "response", "grade").rows() == [
        ("planets.dev.0", 0, "Jupiter", "correct"),
        ("planets.dev.0", 1, "Mars", "incorrect"),
        ("planets.dev.1", 0, "Jupiter", "correct"),
    ]
    assert log.remarks == (
        "all answers, up to 2 a sample, are taken (--epoch)",
        "the mean over samples is 0.7500, over all answers 0.6667",
    )
    assert (log.settings["epoch"], log.origin["accuracy"]) == ("all", pytest.approx(2 / 3))
    second = read(several(tmp_path), epoch=2)
    assert answers(second) == [("planets.dev.0", QUESTION, "Mars", ["Jupiter"], "incorrect")]
    assert second.remarks == ("answer 2 of 2 to a sample is taken (--epoch)",)
    with pytest.raises(ValueError, match="no epoch 3: samples have 2 answers at most"):
        read(several(tmp_path), epoch=3)


@pytest.mark.parametrize("letters", [False, True])
def test_the_mean_of_several_answers_is_the_credit_of_a_sample(tmp_path: Path, *, letters: bool) -> None:
    log = read(several(tmp_path, letters=letters), epoch="mean")
    assert isinstance(log.content, Verdicts if letters else GradedAnswers)
    rows = log.content.frame.select("item", "grade", "credit").rows()
    assert rows == [("planets.dev.0", "partial", 0.5), ("planets.dev.1", "correct", None)]
    assert any("the credit of an item is the mean verdict of its answers" in remark for remark in log.remarks)


def test_of_several_letters_one_counts(tmp_path: Path) -> None:
    log = read(several(tmp_path, letters=True))
    assert isinstance(log.content, Verdicts)
    assert log.content.frame.select("item", "grade").rows() == [
        ("planets.dev.0", "correct"), ("planets.dev.1", "correct"),
    ]  # fmt: skip
    assert "answer 1 of 2 to a sample is taken (--epoch)" in log.remarks
    with pytest.raises(ValueError, match="counts once: the epoch must be a number or mean, got 'all'"):
        read(several(tmp_path, letters=True), epoch="all")


def test_half_credit_is_ungraded_unless_asked(tmp_path: Path) -> None:
    lines = [*judged(choice="P", score=0.5), asked("x", "planets.dev.1"), event("metrics", "planets.dev.1", score=1.0)]
    log = read(written(tmp_path, *lines, report(score=0.75)))
    assert [row[-1] for row in answers(log)] == ["ungraded", "correct"]
    assert log.remarks == (
        "1 of 2 answers has half credit and counts as ungraded",
        "with its partial credit the accuracy is 0.7500",
    )
    assert answers(read(written(tmp_path, *lines), partial="incorrect"))[0][-1] == "incorrect"


def test_partial_credit_of_samples_counts_if_asked(tmp_path: Path) -> None:
    lines = [asked(), event("metrics", f1_score=0.3), asked("x", "planets.dev.1"),
             event("metrics", "planets.dev.1", f1_score=1.0)]  # fmt: skip
    log = read(written(tmp_path, *lines), partial="half")
    assert isinstance(log.content, GradedAnswers)
    assert log.content.frame.select("grade", "credit").rows() == [("partial", 0.3), ("correct", None)]
    assert log.settings == {"metric": "f1_score", "partial": "half"}
    assert "1 of 2 answers has partial credit and counts with it" in log.remarks


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], r"log\.jsonl: the log holds no events of samples"),
        ([report(accuracy=1.0)], r"the log holds no events of samples, a report at most"),
        ([asked()], r"no sample was graded: looked for match and metrics with verdicts, got sampling"),
        ([asked(), {"spec": {**SPEC, "run_id": "S"}}], r"holds 2 runs \(R, S\); give each a file of its own"),
        ([asked(), {**matched(True), "data": None}], r"line 3: the data of an event must be a JSON object, got None"),
        ([asked(), matched("yes")], r"sample planets\.dev\.0: matches must be true, false or a number .* got 'yes'"),
        ([asked(), [1]], r"line 3: an event must be a JSON object, got list"),
        ([asked(), event("metrics", accuracy=math.nan)], r"none of the 1 samples has a verdict"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(tmp_path: Path, lines: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message) as error:
        read(written(tmp_path, *lines))
    assert "\n" not in str(error.value)


def test_a_log_without_a_spec_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps({**asked(), "event_id": 0}) + "\n")
    with pytest.raises(ValueError, match="looked for a line with spec, which names model and eval"):
        read(path)


def test_a_truncated_line_is_refused_by_number(tmp_path: Path) -> None:
    path = written(tmp_path, asked(), matched(True))
    path.write_text(path.read_text()[:-20])
    with pytest.raises(ValueError, match=r"log\.jsonl, line 3: not JSON"):
        read(path)


@pytest.mark.parametrize(
    ("correct", "expected", "picked"), [(False, "Jupiter", "Jupiter"), (0, ["B"], "B"), (True, "A", "B")]
)
def test_a_match_that_contradicts_what_it_picked_is_refused(
    tmp_path: Path, correct: Any, expected: Any, picked: str
) -> None:
    match = event("match", correct=correct, expected=expected, picked=picked)
    with pytest.raises(ValueError, match=r"log\.jsonl, sample planets\.dev\.0: expected is .*, picked .* calls that"):
        read(written(tmp_path, asked(), match))


def test_another_text_than_the_expected_one_may_be_right(tmp_path: Path) -> None:
    match = event("match", correct=True, expected="Jupiter", picked="It is Jupiter.")
    assert answers(read(written(tmp_path, asked(), match)))[0][-1] == "correct"


def test_events_and_specs_of_two_runs_are_refused(tmp_path: Path) -> None:
    other = {**asked(sample="planets.dev.1"), "run_id": "S"}
    with pytest.raises(ValueError, match=r"log\.jsonl, line 4: an event must be of the run R, got one of S; give each"):
        read(written(tmp_path, asked(), matched(True), other))
    with pytest.raises(ValueError, match=r"log\.jsonl, line 4: the spec of a run must stand once, run 'R' has another"):
        read(written(tmp_path, asked(), matched(True), {"spec": {**SPEC, "completion_fns": ["gpt-3"]}}))


@pytest.mark.parametrize("expected", ["Jupiter", "A"])
def test_groups_of_the_data_set_are_kept_and_others_are_told(tmp_path: Path, expected: str) -> None:
    groups = {"language": "de", "author": "me", "metadata": {"year": 2024}}
    raw = event("raw_sample", input="Which?", ideal=expected)
    log = read(
        written(tmp_path, raw | {"data": raw["data"] | groups}, asked(), matched(True, expected=expected), report())
    )
    assert isinstance(log.content, GradedAnswers | Verdicts)
    assert log.content.frame.select("language", "year").rows() == [("de", 2024)]
    assert "author" not in log.content.frame.columns
    assert "not kept, because their names say no group such as a language or a year: author" in log.remarks
