"""Decision boards: options with probabilities, joined with the rows that hold what was right."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calibration import Pairs, Predictions, ece
from calibration.logs.formats import read_logs
from calibration.logs.log import Log
from calibration.logs.options import LogOptions

CRITERIA = {"A": "red", "B": "green", "C": "blue"}
PROBABILITIES = {"A": 0.2, "B": 0.5, "C": 0.3}


def row(name: str, gold: Any = "B", **further: Any) -> dict[str, Any]:
    return {
        "id": name, "family": "colours", "split": "test", "state": "",
        "questions": {"q": {"type": "choice", "instructions": f"Which of {name}?", "criteria": CRITERIA}},
        "expected": {"q": gold}, "metadata": {}, "_evaluation": {"run_id": f"24:{name}"},
    } | further  # fmt: skip


def result(name: str, probabilities: Mapping[str, Any] | None = None, **further: Any) -> dict[str, Any]:
    given = PROBABILITIES if probabilities is None else probabilities
    answer = {"type": "choice", "choice": "B", "probabilities": given, "confidence": 0.25}
    return {
        "run_id": f"24:{name}", "dataset": "Colours", "engine": "e", "status": "ok",
        "response": {"model": "m", "answers": {"q": answer}},
    } | further  # fmt: skip


def written(path: Path, records: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def index_log(folder: Path, results: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> Log:
    files = [written(folder / "results.jsonl", results), written(folder / "rows.jsonl", rows)]
    (log,) = read_logs(files, options=LogOptions())
    return log


def test_results_and_rows_in_any_order_become_predictions(tmp_path: Path) -> None:
    results, rows = [result("a"), result("b", {"C": 0.1, "A": 0.6, "B": 0.3})], [row("b", "A"), row("a")]
    log = index_log(tmp_path, results, rows)
    (turned,) = read_logs([tmp_path / "rows.jsonl", tmp_path / "results.jsonl"], options=LogOptions())
    run = log.content
    assert isinstance(run, Predictions)
    assert isinstance(turned.content, Predictions)
    assert turned.content.frame.equals(run.frame)
    np.testing.assert_allclose(run.probabilities, [[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]], atol=1e-7)
    assert (run.answer.tolist(), run.item.tolist(), run.subject.tolist()) == ([1, 0], ["a", "b"], ["colours"] * 2)
    assert (log.task, log.model, log.format) == ("Colours", "m", "decision-index")
    assert log.items is not None
    assert log.items["options"].to_list()[0] == ["red", "green", "blue"]


def test_the_confidence_of_a_result_is_never_its_probability(tmp_path: Path) -> None:
    run = index_log(tmp_path, [result("a")], [row("a")]).content
    assert isinstance(run, Predictions)
    assert run.confidence.tolist() == [pytest.approx(0.5)]


def test_statuses_and_results_without_rows_are_counted(tmp_path: Path) -> None:
    others = [{"run_id": f"24:{status}", "dataset": "Colours", "status": status} for status in ("error", "abstained")]
    log = index_log(tmp_path, [result("a"), *others, result("z")], [row("a"), row("y")])
    assert [remark for remark in log.remarks if "left out" in remark] == [
        "1 record is left out: error",
        "1 record is left out: abstained",
        "1 record is left out: without a row of the suite",
    ]


def test_results_that_were_asked_with_another_text_are_left_out(tmp_path: Path) -> None:
    rows = [row(name, _evaluation={"run_id": f"24:{name}", "payload_sha256": "0" * 64}) for name in "abc"]
    results = [result("a", payload_sha256="0" * 64), result("b", payload_sha256="1" * 64), result("c")]
    log = index_log(tmp_path, results, rows)
    assert isinstance(log.content, Predictions)
    assert log.content.item.tolist() == ["a", "c"]
    assert "1 record is left out: asked with another text than the suite's row has (payload_sha256)" in log.remarks


def test_several_questions_of_a_row_are_items_of_their_own(tmp_path: Path) -> None:
    asked = {"q": row("a")["questions"]["q"], "r": {"type": "noul", "instructions": "Is it?"}}
    answers = {**result("a")["response"]["answers"], "r": {"type": "noul", "noul": 0.7}}
    log = index_log(
        tmp_path,
        [result("a", response={"model": "m", "answers": answers})],
        [row("a", questions=asked, expected={"q": "A", "r": True})],
    )
    assert isinstance(log.content, Predictions)
    assert log.content.item.tolist() == ["a/q", "a/r"]
    assert log.content.n_options.tolist() == [3, 2]
    np.testing.assert_allclose(log.content.probabilities[1, :2].max(), 0.7, atol=1e-7)
    assert log.content.correct.tolist() == [False, True]


@pytest.mark.parametrize(
    ("results", "rows", "message"),
    [
        ([result("a")], [], r"results\.jsonl: the gold is not in it; give the suite's rows too"),
        ([], [row("a")], r"rows\.jsonl: no results here"),
        ([result("a"), result("a")], [row("a")], r"results\.jsonl, line 2: run ids must be unique, 24:a is at line 1"),
        ([result("a")], [row("a"), row("a")], r"rows\.jsonl, line 2: run ids must be unique, 24:a occurs twice"),
        ([result("a", {"A": 0.5, "B": 0.5})], [row("a")], r"line 1: probabilities of A, B, asked were A, B, C"),
        ([result("a", {"A": 0.5, "B": 0.5, "C": 0.5})], [row("a")], r"line 1: probabilities must be .* sum to 1"),
        ([result("a", {"A": 0.5, "B": 0.5, "C": "x"})], [row("a")], "line 1: probabilities must be numbers by option"),
        ([result("a")], [row("a", {"A": 0.5, "B": 0.5})], r"no answer .* \(1 without a gold among the options\)"),
        ([result("a", status="error")], [row("a")], r"no answer with probabilities and a gold \(1 error\)"),
        ([result("a"), result("b", response={"model": "n", "answers": result("b")["response"]["answers"]})],
         [row("a"), row("b")], "must be of one model, got 'm' and 'n'"),
    ],
)  # fmt: skip
def test_results_that_are_refused(
    results: list[dict[str, Any]], rows: list[dict[str, Any]], message: str, tmp_path: Path
) -> None:
    files = [
        written(tmp_path / name, records)
        for name, records in (("results.jsonl", results), ("rows.jsonl", rows))
        if records
    ]
    with pytest.raises(ValueError, match=message):
        read_logs(files, options=LogOptions())


def bench(name: str, top: float, *, correct: bool, **further: Any) -> dict[str, Any]:
    record = {
        "task_id": name,
        "family": "f",
        "ok": True,
        "valid": True,
        "correct": correct,
        "predicted": "x",
        "model": "m",
    }
    return record | {"probs": {"x": top, "y": 1 - top}} | further


def test_rows_of_jevbench_are_pairs_of_the_probability_that_was_graded(tmp_path: Path) -> None:
    rows = [
        bench("a", 0.75, correct=True),
        bench("b", 0.5, correct=False),
        bench("c", 0.75, correct=False, ok=False),
        bench("d", 0.75, correct=False, probs=None),
        bench("e", 0.25, correct=False),
    ]
    (log,) = read_logs([written(tmp_path / "rows.jsonl", rows)], options=LogOptions())
    assert isinstance(log.content, Pairs)
    assert log.content.confidence.tolist() == [0.75, 0.5, 0.25]
    assert ece(log.content.confidence, log.content.correct) == pytest.approx((0.25 + 0.5 + 0.25) / 3)
    assert log.remarks == (
        "the gold is not in it: only the top probability and whether it was right are known",
        "1 of 5 rows is left out: not ok",
        "1 of 5 rows is left out: without probabilities or verdict",
        "in 1 row another option than the predicted one is the most probable: the confidence is that of the predicted "
        "one, which was graded",
    )


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [bench("a", 0.5, correct=True), bench("a", 0.5, correct=True)],
            "line 2: task ids must be unique, a is at",
        ),
        ([bench("a", 1.5, correct=True)], r"line 1: probs must be in \[0, 1\] and sum to 1, got"),
        ([bench("a", 0.9, correct=True, probs={"x": 0.9, "y": 0.8})], r"line 1: probs must be .* \(1\.7\)"),
        (
            [bench("a", 0.5, correct=True, predicted="z")],
            "line 1: predicted must be one of the options x, y, got 'z'",
        ),
        ([bench("a", 0.5, correct=True, probs={"x": "y"})], "line 1: probs must be numbers by option"),
        ([bench("a", 0.5, correct=True, ok=False)], "no row of m has probabilities and a verdict"),
    ],
)
def test_rows_of_jevbench_that_are_refused(rows: list[dict[str, Any]], message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        read_logs([written(tmp_path / "rows.jsonl", rows)], options=LogOptions())
