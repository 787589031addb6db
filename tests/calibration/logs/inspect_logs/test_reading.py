"""Logs of Inspect: what they become, what is kept, and what is told."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calibration import Pairs, Predictions, Verdicts
from calibration.logs.formats import read_logs
from calibration.logs.graded_answers import GradedAnswers
from calibration.logs.inspect_logs.shown_order import _order_of
from calibration.logs.log import Log
from calibration.logs.options import LogOptions

from .inspect_files import OPTIONS, free, header, lettered, sample, token, write_eval, write_json

LIKELIEST = {" B": 0.4, "B": 0.1, " A": 0.2, " C": 0.1}


def read(path: Path, **options: Any) -> Log:
    (log,) = read_logs([path], options=LogOptions(**options))
    return log


def written(tmp_path: Path, *samples: Any, head: Any = None, **options: Any) -> Log:
    return read(write_json(tmp_path / "log.json", samples, head), **options)


def test_letters_have_all_tokens_that_write_them_and_bounds_where_none_is_listed(tmp_path: Path) -> None:
    log = written(tmp_path, sample("q", tokens=lettered(LIKELIEST), metadata={"subject": "astronomy", "who": "me"}))
    run = log.content
    assert isinstance(run, Predictions)
    np.testing.assert_allclose(np.exp(run.logprobs[0]), [0.2, 0.5, 0.1, 0.1], rtol=1e-6)
    assert run.frame["bounded"][0].to_list() == [False, False, False, True]
    np.testing.assert_allclose(run.frame["letter_mass"][0], 0.8, rtol=1e-6)
    assert (run.item[0], run.subject[0], run.answer[0], run.model) == ("q", "astronomy", 1, "openai/gpt-4o")
    assert log.items is not None
    assert log.items["options"].to_list() == [list(OPTIONS)]


def test_a_missing_letter_has_no_more_than_the_least_listed_token(tmp_path: Path) -> None:
    log = written(tmp_path, sample(tokens=lettered({" B": 0.5, " A": 0.2, " C": 0.1, " the": 0.01})))
    assert isinstance(log.content, Predictions)
    np.testing.assert_allclose(np.exp(log.content.logprobs[0, 3]), 0.01, rtol=1e-6)


@pytest.mark.parametrize(
    ("answer", "tokens"),
    [
        ("B", [token("B", {"B": 0.5, "A": 0.2})]),
        ("B)", [token("B", {"B": 0.5, "A": 0.2}), token(")")]),
        ("**ANSWER: B**", [token("**"), token("ANSWER"), token(":"), token(" B", {" B": 0.5, " A": 0.2}), token("**")]),
        ("ANSWER:B", [token("ANSWER"), token(":B", {":B": 0.5, ":A": 0.2})]),
        ("Answer: B", [token("Answer"), token(":"), token("ĠB", {"ĠB": 0.5, "ĠA": 0.2})]),
        (
            "ANSWER: B\n\n" + "so " * 50,
            [*lettered({" B": 0.5, " A": 0.2}), token("\n\n"), *[token("so ") for _ in range(50)]],
        ),
        ("ANSWER: B\n\nIt is huge.", [*lettered({" B": 0.5, " A": 0.2}), token("\n\n"), token("It is huge.")]),
    ],
)
def test_the_letter_is_found_however_it_is_written(tmp_path: Path, answer: str, tokens: Any) -> None:
    content = written(tmp_path, sample(answer=answer, tokens=tokens)).content
    assert isinstance(content, Predictions)
    np.testing.assert_allclose(np.exp(content.logprobs[0, :2]), [0.2, 0.5], rtol=1e-6)


def test_a_token_that_servers_list_as_unknown_is_no_letter(tmp_path: Path) -> None:
    tokens = lettered({" B": 0.5, " A": 0.2})
    tokens[-1]["top_logprobs"].append({"token": " C", "logprob": -9999.0})
    run = written(tmp_path, sample(tokens=tokens)).content
    assert isinstance(run, Predictions)
    assert run.frame["bounded"][0].to_list() == [False, False, True, True]
    np.testing.assert_allclose(np.exp(run.logprobs[0, 2]), 0.2, rtol=1e-6)


def test_a_token_that_was_drawn_from_beyond_the_likeliest_counts(tmp_path: Path) -> None:
    tokens = [token("B", {"A": 0.7, "C": 0.2}, logprob=math.log(0.05))]
    log = written(tmp_path, sample(answer="B", tokens=tokens))
    assert isinstance(log.content, Predictions)
    np.testing.assert_allclose(np.exp(log.content.logprobs[0, :3]), [0.7, 0.05, 0.2], rtol=1e-6)
    assert "1 of 1 answers is not the likeliest letter: answers were drawn" in log.remarks


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (sample(), "the log has no log-probabilities"),
        (sample(answer="I think B", tokens=[token("I think"), token(" B", LIKELIEST)]), "0 of 1 answers are a letter"),
        (
            sample(answer=[{"type": "reasoning", "reasoning": "hm"}, {"type": "text", "text": "ANSWER: B"}],
                   tokens=lettered(LIKELIEST)),
            "the model reasoned in front of its letter",
        ),
        (
            sample(answer="so " * 50 + "ANSWER: B", tokens=[token("so ")] * 50 + lettered(LIKELIEST)),
            "0 of 1 answers are a letter",
        ),
        (sample(target="B,C", tokens=lettered(LIKELIEST)), "some items have several right options"),
        (sample(target=["A", "B"], tokens=lettered(LIKELIEST)), "some items have several right options"),
        (sample(target="7", tokens=lettered(LIKELIEST)), "some items have several right options, or none"),
        (sample(tokens=[token("ANSWER"), token(":"), token(" B", {" B": 1.0})]), "all log-probabilities are 0"),
        (sample(read="B, C", answer="ANSWER: B, C", tokens=lettered(LIKELIEST)), "0 of 1 answers are a letter"),
        (
            sample(tokens=lettered(LIKELIEST),
                   scores={"choice": {"value": "C", "answer": "D", "explanation": "Choices were shuffled before …"}}),
            "options were shuffled for each answer",
        ),
    ],
)  # fmt: skip
def test_letters_that_are_no_confidence_become_verdicts(tmp_path: Path, record: Any, reason: str) -> None:
    log = written(tmp_path, record)
    assert isinstance(log.content, Verdicts)
    assert log.content.accuracy == 1
    assert any(remark.startswith(f"right and wrong alone: {reason}") for remark in log.remarks)
    assert log.items is not None
    assert log.items.select("question", "options").rows() == [("Which planet is the largest?", list(OPTIONS))]


def test_options_that_a_solver_shuffles_give_verdicts(tmp_path: Path) -> None:
    plan = {"steps": [{"solver": "multiple_choice", "params": {"shuffle": True}}]}
    log = written(tmp_path, sample(tokens=lettered(LIKELIEST)), head=header(plan=plan))
    assert isinstance(log.content, Verdicts)


def shuffled(order: str, written: str, *, value: str, read: str | None = None, **fields: Any) -> dict[str, Any]:
    """A sample whose options the model saw in another order, with its own letter and its likeliest ones."""
    shown = "\n".join(f"{letter}) {OPTIONS[int(index)]}" for letter, index in zip("ABCD", order, strict=True))
    own = "ABCD"[int(order["ABCD".index(written)])]
    explanation = (
        "Choices were shuffled before generating a response, the following was sent to the model:\n\n"
        f"{shown}\nShuffled answer:\nANSWER: {written}"
    )
    likeliest = {f" {written}": 0.5, " A": 0.2, " C": 0.1} if written != "A" else {" A": 0.5, " C": 0.1}
    scores = {"choice": {"value": value, "answer": own, "explanation": explanation}}
    answer = f"ANSWER: {read or own}"
    return sample(fields.pop("number", 1), answer, tokens=lettered(likeliest, f" {written}"), scores=scores, **fields)


@pytest.mark.parametrize("read", ["B", "D"])
def test_shuffled_letters_are_led_back_to_the_options(tmp_path: Path, read: str) -> None:
    # Under A, B, C, D stood options 3, 2, 0, 1: the answer D is option 1, whose own letter is B, and it is right.
    plan = {"steps": [{"solver": "multiple_choice", "params": {"shuffle": True}}]}
    plain = sample(2, tokens=lettered(LIKELIEST))  # whose order was drawn as it was
    log = written(tmp_path, shuffled("3201", "D", value="C", read=read), plain, head=header(plan=plan))
    run = log.content
    assert isinstance(run, Predictions)
    assert (run.answer.tolist(), run.predicted.tolist()) == ([1, 1], [1, 1])
    np.testing.assert_allclose(np.exp(run.logprobs[0, [1, 3, 0]]), [0.5, 0.2, 0.1], rtol=1e-6)
    assert run.frame["bounded"].to_list()[0] == [False, False, True, False]
    np.testing.assert_allclose(np.exp(run.logprobs[1]), [0.2, 0.5, 0.1, 0.1], rtol=1e-6)
    assert any(remark.startswith("options were shuffled for each answer: letters that the") for remark in log.remarks)


def test_a_shuffled_letter_that_contradicts_its_verdict_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the right letter is B, the answer B, and the scorer choice calls it wrong"):
        written(tmp_path, shuffled("3201", "D", value="I"))


@pytest.mark.parametrize(("old", "new"), [("A) ", "A. "), ("Shuffled answer", "Answer"), ("B) ", "B) not ")])
def test_an_order_that_cannot_be_read_gives_verdicts(tmp_path: Path, old: str, new: str) -> None:
    record = shuffled("3201", "D", value="C")
    score = record["scores"]["choice"]
    score["explanation"] = score["explanation"].replace(old, new)
    log = written(tmp_path, record)
    assert isinstance(log.content, Verdicts)
    assert any("options were shuffled for each answer: letters of the log are not" in remark for remark in log.remarks)


def test_options_that_begin_alike_or_are_the_same_are_told_apart_or_not(tmp_path: Path) -> None:
    alike = ["Mars", "Mars I", "Mars\nB) I", "Io"]
    assert _order_of("A) Mars I\nB) Mars\nC) Io\nD) Mars\nB) I", alike) == (1, 0, 3, 2)
    assert _order_of("A) Io\nB) Io", ["Io", "Io"]) is None
    assert _order_of("A) Io\nB) Mars\nC) Io", ["Io", "Mars"]) is None


def test_a_few_answers_without_a_letter_are_left_out_and_told(tmp_path: Path) -> None:
    good = [sample(number, tokens=lettered(LIKELIEST)) for number in range(9)]
    odd = sample(9, answer="No idea.", value="I", read="", tokens=[token("No idea.")])
    log = written(tmp_path, *good, odd)
    assert isinstance(log.content, Predictions)
    assert log.content.n_items == 9
    assert "1 of 10 answers is no letter alone and was left out; choice calls 0 of them right" in log.remarks
    assert isinstance(written(tmp_path, *good[:8], odd).content, Verdicts)


def test_without_other_tokens_the_confidence_of_the_letter_is_kept(tmp_path: Path) -> None:
    tokens = [token("B", logprob=math.log(0.6))]
    wrong = sample(2, answer="A", read="A", value="I", tokens=[token("A", logprob=math.log(0.3))])
    log = written(tmp_path, sample(answer="B", tokens=tokens), wrong)
    assert isinstance(log.content, Pairs)
    np.testing.assert_allclose(log.content.confidence, [0.6, 0.3])
    assert log.content.correct.tolist() == [True, False]


def test_a_verdict_that_contradicts_its_letter_is_refused(tmp_path: Path) -> None:
    message = r"log\.json, sample 1: the right letter is B, the answer B, and the scorer choice calls it wrong"
    with pytest.raises(ValueError, match=message):
        written(tmp_path, sample(value="I", tokens=lettered(LIKELIEST)))


def test_a_log_probability_that_is_none_is_refused(tmp_path: Path) -> None:
    tokens = [token("B", {"B": 0.5, "A": 0.2}, logprob=math.nan)]
    with pytest.raises(ValueError, match=r"log\.json, sample 1: a log-probability must be a number .* got nan"):
        written(tmp_path, sample(answer="B", tokens=tokens))


def epochs() -> list[dict[str, Any]]:
    return [
        sample("b", tokens=lettered({" B": 0.6, " A": 0.1, " C": 0.1, " D": 0.05})),
        sample("b", epoch=2, tokens=lettered({" B": 0.4, " A": 0.3, " C": 0.2})),
        sample("a", tokens=lettered({" B": 0.5, " A": 0.2, " C": 0.1, " D": 0.1})),
    ]


def test_an_item_counts_once_whatever_the_epochs(tmp_path: Path) -> None:
    first = written(tmp_path, *epochs())
    assert isinstance(first.content, Predictions)
    assert first.content.item.tolist() == ["b", "a"]
    assert first.settings["epoch"] == 1
    assert "epoch 1 of 2 is taken (--epoch)" in first.remarks
    second = written(tmp_path, *epochs(), epoch=2)
    assert isinstance(second.content, Predictions)
    np.testing.assert_allclose(np.exp(second.content.logprobs[0, :3]), [0.3, 0.4, 0.2], rtol=1e-6)
    with pytest.raises(ValueError, match=r"no epoch 3; there are: 1, 2"):
        written(tmp_path, *epochs(), epoch=3)
    with pytest.raises(ValueError, match=r"an item with options counts once"):
        written(tmp_path, *epochs(), epoch="all")


def test_the_mean_over_epochs_is_of_probabilities(tmp_path: Path) -> None:
    log = written(tmp_path, *epochs(), epoch="mean")
    assert "the mean over 2 epochs" in log.remarks
    mean = log.content
    assert isinstance(mean, Predictions)
    np.testing.assert_allclose(np.exp(mean.logprobs[0, :3]), [0.2, 0.5, 0.15], rtol=1e-6)
    # D is not listed in the second epoch: at most what lies outside the letters, 0.1.
    np.testing.assert_allclose(np.exp(mean.logprobs[0, 3]), (0.05 + 0.1) / 2, rtol=1e-6)
    assert mean.frame["bounded"].to_list() == [[False, False, False, True], [False] * 4]
    np.testing.assert_allclose(mean.frame["letter_mass"].to_list(), [(0.85 + 0.9) / 2, 0.9], rtol=1e-6)


def test_the_mean_of_verdicts_is_the_credit_of_an_item(tmp_path: Path) -> None:
    samples = [sample(), sample(1, "ANSWER: A", epoch=2, value="I", read="A"), sample(2), sample(2, epoch=2)]
    log = written(tmp_path, *samples, head=header(0.75), epoch="mean")
    assert isinstance(log.content, Verdicts)
    assert log.content.frame.select("item", "grade", "credit").rows() == [("1", "partial", 0.5), ("2", "correct", None)]
    assert log.content.accuracy == log.origin["accuracy"] == 0.75
    assert log.items is not None
    assert log.items["item"].to_list() == ["1", "2"]
    assert "the credit of an item is the mean verdict of its answers" in log.remarks
    assert not any("accuracy" in remark for remark in log.remarks)


def test_free_answers_keep_their_verdicts_and_epochs_are_samples(tmp_path: Path) -> None:
    head = header(0.75, scorer="match")
    samples = [free("a"), free("a", "Mars", epoch=2, value="I"), free("b"), free("b", epoch=2)]
    log = written(tmp_path, *samples, head=head)
    assert isinstance(log.content, GradedAnswers)
    columns = log.content.frame.select("item", "sample", "response", "grade", "references", "category")
    assert columns.rows() == [
        ("a", 0, "Jupiter", "correct", ["Jupiter"], "planets"),
        ("a", 1, "Mars", "incorrect", ["Jupiter"], "planets"),
        ("b", 0, "Jupiter", "correct", ["Jupiter"], "planets"),
        ("b", 1, "Jupiter", "correct", ["Jupiter"], "planets"),
    ]
    assert log.content.grader == "match"
    assert log.remarks == ("2 of the dataset's 100 items", "all 2 epochs, each a sample")
    second = written(tmp_path, *samples, head=head, epoch=2).content
    assert isinstance(second, GradedAnswers)
    assert second.frame.select("sample", "response").rows() == [(0, "Mars"), (0, "Jupiter")]
    mean = written(tmp_path, *samples, head=head, epoch="mean")
    assert isinstance(mean.content, GradedAnswers)
    assert mean.content.frame.select("item", "sample", "response", "grade", "credit", "reason").rows() == [
        ("a", 0, "Jupiter", "partial", 0.5, "2 answers: correct, incorrect"),
        ("b", 0, "Jupiter", "correct", None, "2 answers: correct, correct"),
    ]
    assert mean.settings["epoch"] == "mean"
    assert not any("accuracy" in remark for remark in mean.remarks)


def test_half_credit_is_ungraded_unless_asked_and_the_difference_is_told(tmp_path: Path) -> None:
    samples = [free(1), free(2, value="P"), free(3, value=math.nan), free(4, value="I")]
    log = written(tmp_path, *samples, head=header(0.5, scorer="match"))
    assert isinstance(log.content, GradedAnswers)
    assert log.content.frame["grade"].to_list() == ["correct", "ungraded", "ungraded", "incorrect"]
    assert (log.settings["partial"], log.origin["accuracy"]) == ("ungraded", 0.5)
    assert "1 of 4 answers has half credit and counts as ungraded" in log.remarks
    assert "1 of 4 answers have no verdict of match" in log.remarks
    wrong = written(tmp_path, *samples, head=header(0.5, scorer="match"), partial="incorrect")
    assert "accuracy by the log's rule over all its answers is 0.5000, as imported 0.3333" in wrong.remarks


def test_partial_credit_that_counts_gives_the_accuracy_of_the_log(tmp_path: Path) -> None:
    samples = [free(1), free(2, value="P"), free(3, value=math.nan), free(4, value=0.25), free(5, value="I")]
    log = written(tmp_path, *samples, head=header(1.75 / 4, scorer="match"), partial="half")
    assert isinstance(log.content, GradedAnswers)
    columns = log.content.frame.select("grade", "credit")
    assert columns.rows() == [
        ("correct", None), ("partial", 0.5), ("ungraded", None), ("partial", 0.25), ("incorrect", None),
    ]  # fmt: skip
    assert log.settings["partial"] == "half"
    assert "2 of 5 answers have partial credit and count with it" in log.remarks
    assert not any("accuracy" in remark for remark in log.remarks)


def test_epochs_of_partial_credit_are_reduced_as_the_log_does(tmp_path: Path) -> None:
    # (1 + 1/2) / 2 of the first item, 0 of the second, which has one epoch alone.
    samples = [free("a"), free("a", epoch=2, value="P"), free("b", value="I")]
    log = written(tmp_path, *samples, head=header(0.375, scorer="match"), partial="half")
    assert log.origin["accuracy"] == 0.375
    assert not any("accuracy" in remark for remark in log.remarks)


def test_items_with_options_may_be_partly_right(tmp_path: Path) -> None:
    log = written(tmp_path, sample(value="P"), sample(2), head=header(0.75), partial="half")
    assert isinstance(log.content, Verdicts)
    assert log.content.frame.select("grade", "credit").rows() == [("partial", 0.5), ("correct", None)]
    assert log.content.accuracy == log.origin["accuracy"] == 0.75
    assert "1 of 2 answers has half credit and counts with it" in log.remarks


@pytest.mark.parametrize("archive", [True, False])
def test_invalidated_samples_are_left_out_and_told(tmp_path: Path, *, archive: bool) -> None:
    edit = {"timestamp": "2026-01-02T03:04:05+00:00", "author": "SOMEBODY", "reason": "leaked"}
    samples = [free(1), free(2, value="I", invalidation=edit), free(3)]
    head = {**header(2 / 3, scorer="match"), "invalidated": True}
    head["results"]["completed_samples"] = 3
    path = write_eval(tmp_path / "log.eval", samples, head) if archive else None
    log = read(path or write_json(tmp_path / "log.json", samples, head))
    assert isinstance(log.content, GradedAnswers)
    assert log.content.frame["item"].to_list() == ["1", "3"]
    assert "1 of 3 answers was invalidated and is left out" in log.remarks
    assert any("0.6667 over 3 answers; here are 2, whose accuracy" in remark for remark in log.remarks)
    assert "SOMEBODY" not in str(log)


def test_a_log_of_invalidated_samples_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"log\.json: all 1 samples were invalidated"):
        written(tmp_path, free(1, invalidation={"author": "x"}))


@pytest.mark.parametrize("stated", [0.5, 50.0])
def test_an_accuracy_may_be_stated_in_per_cent(tmp_path: Path, stated: float) -> None:
    log = written(tmp_path, free(1), free(2, value="I"), head=header(stated, scorer="match"))
    assert log.remarks == ("2 of the dataset's 100 items",)


def test_an_accuracy_of_other_records_is_told(tmp_path: Path) -> None:
    log = written(tmp_path, free(1), free(2, value="I"), head=header(0.9, scorer="match"))
    assert "the log states an accuracy of 0.9000, its own records give 0.5000" in log.remarks
    results = {**header(0.9, scorer="match")["results"], "completed_samples": 10}
    log = written(tmp_path, free(1), free(2, value="I"), head=header(results=results))
    assert any("0.9000 over 10 answers; here are 2, whose accuracy" in remark for remark in log.remarks)


def test_other_reducers_than_the_mean_are_told(tmp_path: Path) -> None:
    head = header(1.0, scorer="match", config={"epochs": 2, "epochs_reducer": ["max"]})
    log = written(tmp_path, free(1), free(1, value="I", epoch=2), head=head)
    assert "the log states an accuracy of 1.0000, whose answers to an item are reduced by max" in log.remarks


@pytest.mark.parametrize("status", ["started", "cancelled", "error"])
def test_unfinished_logs_are_told(tmp_path: Path, status: str) -> None:
    dataset = {"name": "planets", "samples": 3, "sample_ids": [1, 2, 3]}
    log = written(tmp_path, free(1), head=header(status=status, dataset=dataset))
    assert log.remarks[0] == f"the log is unfinished (status {status}): it holds 1 of 3 answers"


def test_a_sample_that_ended_with_an_error_is_ungraded(tmp_path: Path) -> None:
    failed = free(2, scores={}, error={"message": "timeout at SOMEBODY"})
    log = read(write_eval(tmp_path / "log.eval", [free(1), failed]))
    assert isinstance(log.content, GradedAnswers)
    assert log.content.frame["grade"].to_list() == ["correct", "ungraded"]
    assert "1 of 2 answers have no verdict of match, 1 of them after an error" in log.remarks


def test_samples_come_in_the_order_of_the_dataset(tmp_path: Path) -> None:
    dataset = {"name": "planets", "samples": 3, "sample_ids": [3, 1, 2]}
    log = written(tmp_path, free(1), free(2), free(3), head=header(dataset=dataset))
    assert isinstance(log.content, GradedAnswers)
    assert log.content.frame["item"].to_list() == ["3", "1", "2"]


def test_items_of_a_shuffled_dataset_without_ids_are_named_by_their_texts(tmp_path: Path) -> None:
    dataset = {"name": "planets", "samples": 2, "shuffled": True}
    logs = [
        written(tmp_path, free(1, input=first), free(2, input=second), head=header(dataset=dataset))
        for first, second in (("one?", "two?"), ("two?", "one?"))
    ]
    ids = [log.content.frame["item"].to_list() for log in logs if isinstance(log.content, GradedAnswers)]
    assert ids[0] == ids[1][::-1]
    assert "the dataset was shuffled and has no ids: items are named by their texts" in logs[0].remarks


def test_what_is_kept_names_nobody(tmp_path: Path) -> None:
    head = header(
        1.0,
        scorer="match",
        model="hf//home/SOMEBODY/llama",
        task_args={"fewshot": 5, "cot": False, "token": "SECRET", "language": "EN_US"},
        config={"epochs": 1, "limit": 1},
        plan={"steps": [{"solver": "generate", "params": {"key": "SECRET"}}, {"solver": 'ask(key = "SECRET")'}]},
    )
    log = written(tmp_path, free(1), head=head)
    assert log.origin == {
        "harness": "inspect_ai",
        "version": "0.3.200",
        "dataset": "nasa/planets",
        "items": 1,
        "of": 100,
        "epochs": 1,
        "limit": 1,
        "solvers": ["generate", "ask"],
        "fewshot": 5,
        "cot": False,
        "language": "EN_US",
        "accuracy": 1.0,
    }
    assert (log.task, log.model, log.date) == ("planets", "hf/llama", "2026-01-02T03:04:05+00:00")
    assert "SECRET" not in repr(log)
    assert "SOMEBODY" not in repr(log)


def test_halves_of_characters_are_replaced(tmp_path: Path) -> None:
    log = written(tmp_path, free(1, "Jupiter \ud83e", input="Which \udc00?"))
    assert isinstance(log.content, GradedAnswers)
    assert log.content.frame.select("question", "response").rows() == [("Which \ufffd?", "Jupiter \ufffd")]


@pytest.mark.parametrize("value", ["P", math.nan])
def test_a_log_without_any_verdict_is_refused(tmp_path: Path, value: Any) -> None:
    with pytest.raises(ValueError, match=r"log\.json: none of the 2 answers has a verdict of match"):
        written(tmp_path, free(1, value=value), free(2, value=value))


def test_a_number_and_a_text_that_are_the_same_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"log\.json: ids must differ, 1 is the id of two samples"):
        written(tmp_path, free(1), free("1"))


def test_a_scorer_of_one_task_means_nothing_to_the_others_in_a_folder(tmp_path: Path) -> None:
    both = {"a": {"value": "C"}, "b": {"value": "I"}}
    write_json(tmp_path / "1.json", [free(scores=both)], header(task="moons"))
    write_json(tmp_path / "2.json", [free()])
    assert read(tmp_path, task="moons", scorer="a").settings["scorer"] == "a"
    with pytest.raises(ValueError, match="no task 'suns'; there are: moons, planets"):
        read(tmp_path, task="suns")


def test_options_of_other_formats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"--filter .* says nothing about a log of inspect"):
        written(tmp_path, free(1), filter="none")


def test_letters_whose_log_probabilities_no_distribution_gives_keep_their_verdicts(tmp_path: Path) -> None:
    tokens = [token("ANSWER"), token(":"), token(" B", {" B": 0.9, " A": 0.8, " C": 0.1})]
    log = written(tmp_path, sample(1, tokens=lettered(LIKELIEST)), sample(2, tokens=tokens))
    assert isinstance(log.content, Verdicts)
    told = "right and wrong alone: log-probabilities of the letters sum to 1.8 as probabilities in sample 2, more than"
    assert any(remark.startswith(told) for remark in log.remarks)


@pytest.mark.parametrize(("target", "value"), [("B", "I"), ("C", "C")])
def test_a_verdict_alone_must_be_that_of_its_letters(tmp_path: Path, target: str, value: str) -> None:
    message = rf"sample 1: the right letter is {target}, the answer B, and the scorer choice calls it"
    with pytest.raises(ValueError, match=message):
        written(tmp_path, sample(target=target, value=value))
    shuffled = header(plan={"steps": [{"solver": "multiple_choice", "params": {"shuffle": True}}]})
    assert isinstance(written(tmp_path, sample(target=target, value=value), head=shuffled).content, Verdicts)
    other = sample(target=target, value=value, scorer="judge")
    assert isinstance(written(tmp_path, other).content, Verdicts)


def test_letters_that_are_all_unknown_keep_their_verdicts(tmp_path: Path) -> None:
    tokens = [token("ANSWER"), token(":"), {**token(" B", {" A": 1.0}), "logprob": -9999.0}]
    tokens[2]["top_logprobs"] = [{"token": " A", "logprob": -9999.0}]
    log = written(tmp_path, sample(tokens=tokens))
    assert isinstance(log.content, Verdicts)
    assert "0 of 1 answers are a letter" in str(log.remarks)


def test_many_log_probabilities_of_exactly_0_beside_others_are_told(tmp_path: Path) -> None:
    sure = [token("ANSWER"), token(":"), token(" B", {" B": 1.0})]
    log = written(tmp_path, sample(1, tokens=lettered(LIKELIEST)), sample(2, tokens=sure))
    assert "1 of 2 log-probabilities are exactly 0, which may stand for none: their confidence is 1" in log.remarks
