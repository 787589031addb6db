"""Written answers, single continuations and TruthfulQA in lm-eval's samples."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from calibration import Verdicts
from calibration.logs.answer_likelihoods import MC1_ALONE, AnswerLikelihoods
from calibration.logs.formats import read_logs
from calibration.logs.graded_answers import GradedAnswers
from calibration.logs.log import Log
from calibration.logs.options import LogOptions
from tests.calibration.logs.lm_eval_logs.samples import LAYOUTS, Value, answer, choice, write, write_results


def log(path: Path, **options: Any) -> Log:
    (only,) = read_logs([path], options=LogOptions(**options))
    return only


def answers(path: Path, **options: Any) -> GradedAnswers:
    content = log(path, **options).content
    assert isinstance(content, GradedAnswers)
    return content


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(ValueError, match=path.name) as error:
        read_logs([path], options=LogOptions(**options))
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_answers_keep_the_verdicts_of_the_harness(tmp_path: Path, layout: str) -> None:
    records = [
        answer(1, "It is right.", "right", exact_match=1.0),
        answer(0, "Who knows?", "[invalid]", exact_match=0.0),
    ]
    read = log(write(tmp_path, "asked", records, layout=layout))
    assert isinstance(read.content, GradedAnswers)
    frame = read.content.frame
    assert frame["grade"].to_list() == ["incorrect", "correct"]
    assert frame.select("question", "response", "references").row(1) == ("Question 1?", "It is right.", ["right"])
    assert read.content.grader == "exact_match"
    assert any("no answer could be read from 1 of 2" in remark for remark in read.remarks)
    assert read.origin["accuracy"] == 0.5


def test_one_of_several_filters_is_named(tmp_path: Path) -> None:
    records = [
        answer(number, "x", "x", filter=name, exact_match=grade)
        for name, grade in (("strict", 0.0), ("flexible", 1.0))
        for number in range(3)
    ]
    path = write(tmp_path, "asked", records)
    assert "several filters: 'strict', 'flexible'; say which with --filter" in refusal(path)
    assert "no filter 'lax'; there are: 'flexible', 'strict'" in refusal(path, filter="lax")
    assert answers(path, filter="flexible").frame["grade"].to_list() == ["correct"] * 3
    assert log(path, filter="strict").settings == {"filter": "strict", "metric": "exact_match"}


def test_filters_that_old_records_do_not_name_follow_one_another(tmp_path: Path) -> None:
    records = [answer(number % 2, "x", "x", exact_match=float(number > 1)) for number in range(4)]
    path = write(tmp_path, "asked", records, layout="0.4.3")
    assert "several filters: '', '2'" in refusal(path)
    assert answers(path, filter="2").frame["grade"].to_list() == ["correct"] * 2
    configs = {"asked": {"filter_list": [{"name": "strict"}, {"name": "flexible"}]}}
    write_results(tmp_path, {"asked": {"exact_match,strict": 0.0}}, configs=configs)
    assert answers(path, filter="strict").frame["grade"].to_list() == ["incorrect"] * 2


def test_one_of_several_verdicts_is_named(tmp_path: Path) -> None:
    fields = {"bleu_acc": 1, "rouge_acc": 0.0, "bleu_max": 41.1, "listed": [1], "none": None, "no_number": math.nan}
    path = write(tmp_path, "asked", [answer(0, "x", "x", **fields)])
    assert "several metrics are verdicts: bleu_acc, rouge_acc; say which with --metric" in refusal(path)
    assert "bleu_max is no verdict" in refusal(path, metric="bleu_max")
    assert "no metric 'f1'; there are: bleu_acc" in refusal(path, metric="f1")
    assert answers(path, metric="rouge_acc").frame["grade"].to_list() == ["incorrect"]
    assert "--normalize" in refusal(path, normalize="chars")


def test_values_between_0_and_1_are_credit_if_it_is_said_what_they_become(tmp_path: Path) -> None:
    values = [1.0, 0.25, 0.0, 0.5, math.nan]
    path = write(tmp_path, "asked", [answer(number, "x", "x", f1=value) for number, value in enumerate(values)])
    refused = refusal(path, metric="f1")
    assert "f1 is no verdict: it must be 0 or 1 of each answer, got 0.25 in line" in refused
    assert "; --partial half, incorrect or ungraded says" in refused
    counted = log(path, partial="half")
    assert isinstance(counted.content, GradedAnswers)
    assert counted.content.frame.select("grade", "credit").rows() == [
        ("correct", None), ("partial", 0.25), ("incorrect", None), ("partial", 0.5), ("ungraded", None),
    ]  # fmt: skip
    assert (counted.origin["accuracy"], counted.settings["partial"]) == (1.75 / 4, "half")
    assert "2 of 5 answers have partial credit and count with it" in counted.remarks
    assert "f1 says nothing of 1 of 5 answers: it is ungraded" in counted.remarks
    wrong = answers(path, partial="incorrect").frame["grade"].to_list()
    assert wrong == ["correct", "incorrect", "incorrect", "incorrect", "ungraded"]


def test_a_nested_score_is_refused_by_its_cell(tmp_path: Path) -> None:
    path = write(tmp_path, "asked", [answer(0, "x", "x", judged=1.0), answer(1, "x", "x", judged=[1.0])])
    assert "judged are no verdicts of 0 and 1, got [1.0] in line 2 (doc_id 1)" in refusal(path)


def test_an_answer_without_a_number_is_ungraded(tmp_path: Path) -> None:
    records = [answer(0, "x", "x", judged=math.nan), answer(1, "x", "x", judged=1.0)]
    read = log(write(tmp_path, "asked", records))
    assert isinstance(read.content, GradedAnswers)
    assert read.content.frame["grade"].to_list() == ["ungraded", "correct"]
    assert read.origin["accuracy"] == 1.0


def test_of_several_repeats_the_filtered_answer_counts(tmp_path: Path) -> None:
    record = answer(0, "x", "most said so", exact_match=1.0)
    record["resps"] = [["a", "b", "c"]]
    assert answers(write(tmp_path, "asked", [record])).frame["response"].to_list() == ["most said so"]


def repeated(tmp_path: Path) -> Path:
    """Two questions of three answers; the log takes the best of each for its own number."""
    records = []
    for number, right in enumerate(([1.0, 0.0, 1.0], [0.0, 0.0, 0.0])):
        record = answer(number, "", "", exact_match=max(right))
        record["resps"], record["filtered_resps"] = [["It is a", "It is b", "It is c"]], [["a", "b", "c"]]
        records.append({**record, "scores_per_repeat": {"exact_match": right}})
    return write(tmp_path, "asked", records)


def test_repeats_with_verdicts_of_their_own_are_samples(tmp_path: Path) -> None:
    read = log(repeated(tmp_path))
    assert isinstance(read.content, GradedAnswers)
    assert read.content.frame.select("item", "sample", "response", "grade").rows() == [
        ("asked/0", 0, "It is a", "correct"), ("asked/0", 1, "It is b", "incorrect"),
        ("asked/0", 2, "It is c", "correct"), ("asked/1", 0, "It is a", "incorrect"),
        ("asked/1", 1, "It is b", "incorrect"), ("asked/1", 2, "It is c", "incorrect"),
    ]  # fmt: skip
    assert read.origin["accuracy"] == 0.5
    assert read.remarks[-2:] == (
        "all answers, up to 3 to a question, each a sample",
        "exact_match of the log, over all answers by its own rule, is 0.5000; here 0.3333",
    )


def test_one_of_several_repeats_is_taken_or_their_mean(tmp_path: Path) -> None:
    path = repeated(tmp_path)
    second = log(path, epoch=2)
    assert isinstance(second.content, GradedAnswers)
    assert second.content.frame.select("sample", "response", "grade").rows() == [(0, "It is b", "incorrect")] * 2
    assert (second.settings["epoch"], second.content.frame["reason"][0]) == ("2", "none: b")
    mean = answers(path, epoch="mean").frame
    assert mean.select("item", "grade", "credit").rows() == [
        ("asked/0", "partial", pytest.approx(2 / 3)), ("asked/1", "incorrect", None),
    ]  # fmt: skip
    assert "no epoch 4: the question has 3 answers" in refusal(path, epoch=4)


def test_answers_with_one_verdict_cannot_be_chosen_among(tmp_path: Path) -> None:
    record = answer(0, "x", "most said so", exact_match=1.0)
    record["resps"] = [["a", "b", "c"]]
    path = write(tmp_path, "asked", [record])
    told = "the log has up to 3 answers to a question and one verdict for all: they are one answer here"
    assert told in log(path).remarks
    assert "chooses among answers with a verdict each, got one verdict for all" in refusal(path, epoch=2)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (answer(0, "x", "x", bypass=None), "nothing was graded: the harness ran with --predict_only"),
        (answer(0, "x", "x"), "nothing was graded"),
        (answer(0, "x", "-123.4", word_perplexity=[-123.4, 20], bits_per_byte=[-1, 2]), "of whole texts (perplexity)"),
        (answer(0, "x", "x", rouge=0.3), "nothing says which answers are right: rouge are no verdicts"),
    ],
)
def test_what_has_no_verdicts_is_refused(tmp_path: Path, record: Value, message: str) -> None:
    assert message in refusal(write(tmp_path, "asked", [record]))


def test_one_continuation_an_item_has_a_verdict_alone(tmp_path: Path) -> None:
    records = [choice(number, [" word"], [-2.0], "word", acc=float(number), perplexity=-2.0) for number in (0, 1)]
    read = log(write(tmp_path, "lambada", records))
    assert isinstance(read.content, Verdicts)
    assert read.content.correct.tolist() == [False, True]


def truthful(doc_id: int, likelihoods: list[float], *, variant: str, score: float) -> Value:
    mc1: dict[str, list[Any]] = {"choices": ["best", "bad", "worse"], "labels": [1, 0, 0]}
    mc2: dict[str, list[Any]] = {"choices": ["best", "good", "bad", "worse"], "labels": [1, 1, 0, 0]}
    doc = {"question": "So?", "mc1_targets": mc1, "mc2_targets": mc2}
    options = [f" {text}" for text in (mc1 if variant == "mc1" else mc2)["choices"]]
    return choice(doc_id, options, likelihoods, "0", acc=score, doc=doc)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_true_and_false_answers_are_told_apart(tmp_path: Path, layout: str) -> None:
    records = [
        truthful(0, [-3.0, -2.0, -4.0], variant="mc1", score=0.0),
        truthful(1, [-1.0, -2.0, -4.0], variant="mc1", score=1.0),
    ]
    content = log(write(tmp_path, "truthfulqa_mc1", records, layout=layout)).content
    assert isinstance(content, AnswerLikelihoods)
    assert (content.variant, content.mc1_alone) == ("mc1", True)
    assert content.frame.select("correct", "incorrect_logprobs").row(0) == (["best"], [-2.0, -4.0])
    mass = (math.exp(-1) + math.exp(-2)) / sum(math.exp(-value) for value in (1, 2, 3, 4))
    record = truthful(0, [-1.0, -2.0, -3.0, -4.0], variant="mc2", score=mass)
    content = log(write(tmp_path / "mc2", "truthfulqa_mc2", [record], layout=layout)).content
    assert isinstance(content, AnswerLikelihoods)
    assert (content.variant, content.mc1_alone) == ("mc2", False)
    assert content.frame["correct"].to_list() == [["best", "good"]]


def test_another_score_of_true_answers_is_refused(tmp_path: Path) -> None:
    record = truthful(5, [-1.0, -2.0, -3.0, -4.0], variant="mc2", score=0.5)
    assert "(doc_id 5): the score mc2 is 0.880797" in refusal(write(tmp_path, "truthfulqa_mc2", [record]))


def test_scores_of_true_answers_that_are_missing_are_counted_and_the_others_checked(tmp_path: Path) -> None:
    def path(score: float) -> Path:
        records = [truthful(0, [-3.0, -2.0, -4.0], variant="mc1", score=score)]
        records.append({**truthful(1, [-1.0, -2.0, -4.0], variant="mc1", score=1.0), "acc": None})
        return write(tmp_path, "truthfulqa_mc1", records)

    assert log(path(0.0)).remarks == ("the score mc1 is the log's acc, which 1 of 2 records lack", MC1_ALONE)
    assert "(doc_id 0): the score mc1 is 0, the log has acc 1" in refusal(path(1.0))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_answer_that_occurs_twice_is_refused_with_its_file(tmp_path: Path, layout: str) -> None:
    records = [answer(number, "x", "x", exact_match=1.0) for number in (0, 1)]
    records[1] = {**records[1], "doc_id": 0}
    message = refusal(write(tmp_path, "asked", records, layout=layout))
    assert "asked/0" in message or "several filters" in message
    twice = [truthful(0, [-3.0, -2.0, -4.0], variant="mc1", score=0.0)] * 2
    assert "each question must occur once" in refusal(write(tmp_path, "truthfulqa_mc1", twice, layout=layout))


def test_true_answers_without_their_texts_or_with_an_infinite_likelihood_are_refused(tmp_path: Path) -> None:
    record = truthful(0, [-3.0, -2.0, -4.0], variant="mc1", score=0.0)
    message = "(doc_id 0): the log must hold the answer of each log-likelihood"
    assert message in refusal(write(tmp_path, "truthfulqa_mc1", [{**record, "arguments": []}]))
    record = truthful(0, [-3.0, -math.inf, -4.0], variant="mc1", score=0.0)
    assert "(doc_id 0): log-likelihoods must be finite" in refusal(write(tmp_path, "truthfulqa_mc1", [record]))


def test_partial_credit_that_no_answer_has_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, "weather", [answer(0, "So.", "So.", exact_match=1.0)])
    assert "no answer has partial credit: --partial decides nothing" in log(path, partial="half").remarks
    assert not any("partial" in remark for remark in log(path).remarks)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_groups_of_the_documents_are_kept_and_others_are_told(tmp_path: Path, layout: str) -> None:
    docs = [
        {"question": "Q?", "answer": "A", "language": "de", "year": 2024, "subject": "law", "author": "me"},
        {"question": "R?", "answer": "B", "year": "old", "passage": "x" * 200},
    ]
    records = [answer(number, "So.", "So.", exact_match=1.0) | {"doc": doc} for number, doc in enumerate(docs)]
    read = log(write(tmp_path, "weather", records, layout=layout))
    assert isinstance(read.content, GradedAnswers)
    frame = read.content.frame
    assert frame.select("category", "language", "year", "subject").rows() == [
        ("law", "de", "2024", "law"), (read.task, None, "old", None),
    ]  # fmt: skip
    assert "author" not in frame.columns
    assert read.remarks[-1] == "not kept, because their names say no group such as a language or a year: author"
