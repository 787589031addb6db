"""Every Eval Ever's instance records: verdicts and answers, one metric, with the aggregate file beside them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from calibration import Pairs, Verdicts
from calibration.logs.formats import read_logs
from calibration.logs.graded_answers import GradedAnswers
from calibration.logs.log import Log
from calibration.logs.options import LogOptions


def record(
    item: str, score: float, *, choices: Sequence[str] | None = ("red", "blue"), **others: Any
) -> dict[str, Any]:
    correct = others.pop("correct", score == 1)
    return {
        "schema_version": "0.3.0", "evaluation_id": "colours/org_m/1700000000", "model_id": "org/m",
        "evaluation_name": "colours", "sample_id": item, "interaction_type": "single_turn",
        "input": {"raw": f"What is {item}?", "reference": ["red"], "choices": choices},
        "output": {"raw": ["red" if correct else "blue"]}, "answer_attribution": [],
        "evaluation": {"score": score, "is_correct": correct}, **others,
    }  # fmt: skip


def written(folder: Path, records: Sequence[dict[str, Any]], *, result: dict[str, Any] | None = None) -> Path:
    folder.mkdir()
    (folder / "a_samples.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records))
    if result is not None:
        results = [{"evaluation_name": "colours", "metric_config": {"lower_is_better": False}, **result}]
        total = {
            "schema_version": "0.3.0", "evaluation_id": "colours/org_m/1700000000", "evaluation_results": results,
            "evaluation_timestamp": "2026-01-02", "eval_library": {"name": "lm_eval", "version": "0.4.9"},
        }  # fmt: skip
        (folder / "a.json").write_text(json.dumps(total, indent=1))
    return folder


def read(folder: Path, **options: Any) -> Log:
    (log,) = read_logs([folder], options=LogOptions(**options))
    return log


def test_multiple_choice_becomes_verdicts_with_texts(tmp_path: Path) -> None:
    result = {"score_details": {"score": 0.5, "uncertainty": {"num_samples": 2}}}
    log = read(written(tmp_path / "a", [record("x", 1), record("y", 0)], result=result))
    assert isinstance(log.content, Verdicts)
    assert (log.format, log.task, log.model, log.date) == ("every-eval-ever", "colours", "org/m", "2026-01-02")
    assert log.content.frame["grade"].to_list() == ["correct", "incorrect"]
    assert log.items is not None
    assert log.items["options"].to_list() == [["red", "blue"]] * 2
    assert log.origin["harness"] == "lm_eval 0.4.9"
    assert log.remarks == (
        "the aggregate file states 0.5, as these 2 records do",
        "right and wrong alone: the records hold no confidence",
    )


def test_free_answers_become_graded_answers_with_their_samples(tmp_path: Path) -> None:
    rows = [record(name, score, choices=None) for name, score in [("x", 1), ("y", 0), ("x", 0)]]
    spoken = [{"turn_idx": 0, "role": "user", "content": "?"}, {"turn_idx": 1, "role": "assistant", "content": "red"}]
    rows[1] |= {"interaction_type": "multi_turn", "output": None, "messages": spoken}
    log = read(written(tmp_path / "a", rows))
    assert isinstance(log.content, GradedAnswers)
    assert log.content.grader == "colours"
    frame = log.content.frame
    assert frame["sample"].to_list() == [0, 0, 1]
    assert frame["response"].to_list() == ["red", "red", "blue"]
    assert frame["references"].to_list() == [["red"]] * 3
    assert read(tmp_path / "a", epoch=2).content.frame["item"].to_list() == ["x"]
    with pytest.raises(ValueError, match="no question has 3 answers"):
        read(tmp_path / "a", epoch=3)
    mean = read(tmp_path / "a", epoch="mean").content.frame
    assert mean.select("item", "response", "credit", "reason").rows() == [
        ("x", "red", 0.5, "2 answers: correct, incorrect"),
        ("y", "red", None, ""),
    ]  # fmt: skip


def test_a_confidence_in_the_metadata_makes_pairs(tmp_path: Path) -> None:
    rows = [
        record(name, 1, metadata={"confidence": text, "subject": "art"}) for name, text in [("x", "0.75"), ("y", "1")]
    ]
    log = read(written(tmp_path / "a", rows))
    assert isinstance(log.content, Pairs)
    assert log.content.confidence.tolist() == [0.75, 1.0]
    assert log.content.subject.tolist() == ["art", "art"]


def test_one_of_several_metrics_is_named(tmp_path: Path) -> None:
    rows = [record("x", 1, evaluation_result_id="exact"), record("x", 0.5, evaluation_result_id="f1")]
    folder = written(tmp_path / "a", rows)
    with pytest.raises(ValueError, match=r"several results of colours are recorded: exact \(1\), f1 \(1\); say which"):
        read(folder)
    assert read(folder, metric="exact").content.frame["grade"].to_list() == ["correct"]
    with pytest.raises(ValueError, match=r"a score of 0 or 1, got 0\.5; say what such values become with --partial"):
        read(folder, metric="f1")
    assert read(folder, metric="f1", partial="incorrect").content.frame["grade"].to_list() == ["incorrect"]
    counted = read(folder, metric="f1", partial="half").content
    assert counted.frame.select("grade", "credit").rows() == [("partial", 0.5)]
    with pytest.raises(ValueError, match=r"no result 'f2' of colours; there are: exact \(1\), f1 \(1\)"):
        read(folder, metric="f2")


def test_further_answers_to_an_item_are_left_out_of_verdicts(tmp_path: Path) -> None:
    folder = written(tmp_path / "a", [record("x", 1), record("y", 0), record("x", 0)])
    assert read(folder).content.frame["grade"].to_list() == ["correct", "incorrect"]
    assert "1 of 3 records left out: further answers to an item" in read(folder).remarks
    assert read(folder, epoch=2).content.frame["grade"].to_list() == ["incorrect"]
    mean = read(folder, epoch="mean")
    assert mean.content.frame.select("item", "credit").rows() == [("x", 0.5), ("y", None)]
    assert "right and wrong alone: a confidence is of one answer to an item" in mean.remarks
    with pytest.raises(ValueError, match="an item with options counts once"):
        read(folder, epoch="all")


def test_a_confidence_of_partly_right_records_is_told_and_left_out(tmp_path: Path) -> None:
    rows = [record("x", 1, metadata={"confidence": "0.9"}), record("y", 0.5, metadata={"confidence": "0.6"})]
    log = read(written(tmp_path / "a", rows), partial="half")
    assert isinstance(log.content, Verdicts)
    assert log.content.accuracy == log.origin["accuracy"] == 0.75
    told = "right and wrong alone: a confidence is of right or wrong, and some answers are ungraded or partly right"
    assert told in log.remarks
    assert isinstance(read(tmp_path / "a", partial="incorrect").content, Pairs)


def test_failures_are_ungraded(tmp_path: Path) -> None:
    log = read(written(tmp_path / "a", [record("x", 1), record("y", 0, error="timeout")]))
    assert log.content.frame["grade"].to_list() == ["correct", "ungraded"]
    assert "1 of 2 records failed: ungraded" in log.remarks


def test_earlier_versions_have_texts_for_lists(tmp_path: Path) -> None:
    row = record("x", 1, choices=None)
    row["input"]["reference"], row["output"]["raw"] = "red", "It is red."
    frame = read(written(tmp_path / "a", [row])).content.frame
    assert (frame["references"].to_list(), frame["response"].to_list()) == ([["red"]], ["It is red."])


def test_models_and_tasks_are_logs_of_their_own(tmp_path: Path) -> None:
    rows = [record("x", 1), {**record("x", 0), "model_id": "org/n"}, {**record("x", 0), "evaluation_name": "shapes"}]
    folder = written(tmp_path / "a", rows)
    logs = read_logs([folder], options=LogOptions())
    assert [(log.task, log.model) for log in logs] == [("colours", "org/m"), ("colours", "org/n"), ("shapes", "org/m")]
    assert read(folder, task="shapes").task == "shapes"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"evaluation": {"score": 1.0, "is_correct": False}},
            r"agrees with is_correct, got 1 and false: colours is no",
        ),
        ({"evaluation": {"score": 62.5, "is_correct": True}}, r"agrees with is_correct, got 62\.5 and true"),
        (
            {"evaluation": {"score": None, "is_correct": True}},
            r"line 1: not as .* \(the score must be a number, got null",
        ),
        ({"evaluation": {"score": 1.0, "is_correct": "yes"}}, r'\(is_correct must be true or false, got "yes"'),
        ({"evaluation": {"score": 1.0}}, r"line 1: must have 'is_correct'"),
        ({"input": None}, r"a_samples\.jsonl, line 1: not as Every Eval Ever's schema says"),
    ],
)
def test_records_without_a_verdict_are_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(written(tmp_path / "a", [{**record("x", 1), **change}]))


def test_a_cut_line_is_named(tmp_path: Path) -> None:
    folder = written(tmp_path / "a", [record("x", 1)])
    with (folder / "a_samples.jsonl").open("a") as file:
        file.write('{"schema_version": "0.')
    with pytest.raises(ValueError, match=r"a_samples\.jsonl, line 2: not JSON"):
        read(folder)


def test_a_score_over_other_records_is_told_and_one_over_the_same_must_agree(tmp_path: Path) -> None:
    many = {"score_details": {"score": 0.25, "uncertainty": {"num_samples": 9}}}
    log = read(written(tmp_path / "a", [record("x", 1)], result=many))
    assert (
        log.remarks[0] == "the aggregate file states 0.25 over 9 samples; these are 1 records, with 1, and not compared"
    )
    percent = {"score_details": {"score": 100.0, "uncertainty": {"num_samples": 1}}}
    assert "states 100, as these" in read(written(tmp_path / "b", [record("x", 1)], result=percent)).remarks[0]
    same = {"score_details": {"score": 0.25, "uncertainty": {"num_samples": 1}}}
    with pytest.raises(ValueError, match=r"the aggregate file states 0\.25, but the 1 records give 1"):
        read(written(tmp_path / "c", [record("x", 1)], result=same))
    lower = {"metric_config": {"lower_is_better": True}, "score_details": {"score": 1}}
    with pytest.raises(ValueError, match="a lower score of colours is better: no verdict"):
        read(written(tmp_path / "d", [record("x", 1)], result=lower))


@pytest.mark.parametrize("details", [None, "high", {"score": "high"}, {"score": None, "uncertainty": 3}])
def test_an_aggregate_file_without_a_score_says_nothing(tmp_path: Path, details: Any) -> None:
    log = read(written(tmp_path / "a", [record("x", 1)], result={"score_details": details}))
    assert log.remarks == ("right and wrong alone: the records hold no confidence",)


def test_aggregates_alone_are_refused(tmp_path: Path) -> None:
    folder = written(tmp_path / "a", [record("x", 1)], result={"score_details": {"score": 1}})
    (folder / "a_samples.jsonl").unlink()
    with pytest.raises(ValueError, match="no samples: aggregate results alone; looked for instance records"):
        read(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{"checkpoint": "c", "decisions": [\n{"case_id": "1", "qtype": 0, "p": [0.5, 0.5], "t": [0.9, 0.1]}\n]}',
            r"caldec's decisions: the gold \(t\) is a distribution over options",
        ),
        (
            '{"item_id": "1", "category": "x", "human": {"n": 24, "rate": 0.25}, "answers": {}}\n',
            r"d3code's answers: the gold \(human\.rate\) is a share of raters",
        ),
    ],
)
def test_decisions_whose_gold_is_no_answer_are_refused_by_name(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "log.json").write_text(text)
    with pytest.raises(ValueError, match=message):
        read(tmp_path / "log.json")


@pytest.mark.parametrize("choices", [None, ("red", "blue")])
@pytest.mark.parametrize("others", [{}, {"confidence": "0.5"}])
def test_groups_in_the_metadata_are_kept_and_others_are_told(
    choices: Sequence[str] | None, others: dict[str, str], tmp_path: Path
) -> None:
    metadata = [{"language": "de", "author": "me", **others}, others]
    rows = [record(name, 1, choices=choices, metadata=given) for name, given in zip("xy", metadata, strict=True)]
    log = read(written(tmp_path / "a", rows))
    assert isinstance(log.content, GradedAnswers | Verdicts | Pairs)
    assert log.content.frame["language"].to_list() == ["de", None]
    assert "author" not in log.content.frame.columns
    assert "not kept, because their names say no group such as a language or a year: author" in log.remarks
