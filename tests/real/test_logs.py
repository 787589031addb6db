"""Logs of other tools: what each entry of their reference becomes, with its values or why it is refused.

A row an entry of REFERENCE.json, whose values were computed independently of this project.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calibration import Pairs, Predictions, Verdicts, brier_score, ece, log_loss
from calibration.logs.answer_likelihoods import AnswerLikelihoods
from calibration.logs.formats import read_logs
from calibration.logs.graded_answers import GradedAnswers
from calibration.logs.log import Log
from calibration.logs.mean_verdicts import accuracy_by_item
from calibration.logs.options import LogOptions

pytestmark = pytest.mark.real

_TOLERANCE = 1e-6
# Formats all of whose entries have a row.
WHOLE_FORMATS = ("helm/", "inspect/", "lighteval/", "lm_eval/", "openai_evals/")


@dataclass(frozen=True)
class Row:
    """What one entry becomes.

    Attributes
    ----------
    entry : str
        Its name in REFERENCE.json.
    content : type or None
        What it is imported as; None if it is refused.
    why : str
        The beginning of a remark that says why it is less than predictions, or a part of the refusal.
    accuracy : tuple of str
        Where the reference states the accuracy, by the log's own rule.
    numbers : tuple of str or None
        Where the reference states accuracy, calibration and scores of options: of what is imported, if it does.
    options : mapping
        Choices that the log leaves open.
    """

    entry: str
    content: type | None
    why: str = ""
    accuracy: tuple[str, ...] = ()
    numbers: tuple[str, ...] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


_NO_LOGPROBS = "right and wrong alone: the log has no log-probabilities"
_CHOICE = ("accuracy", "choice")
_ACCURACY = ("accuracy",)
_NO_SAMPLES = "results of lm-eval without samples"
_MADE = "lm_eval/made_v0.4.13_samples_vc_"
_CHARS: dict[str, Any] = {"numbers": ("length_normalised",), "options": {"normalize": "chars"}}

_NO_REAL_LOGPROBS = "right and wrong alone: every log-probability is 0.0, which stands for none"

ROWS = (
    Row("helm/bbq_joint_llama-3-8b", Verdicts, _NO_REAL_LOGPROBS, accuracy=("accuracy_from_letters", "test")),
    Row("helm/hellaswag_joint_pythia-1b", Verdicts, _NO_REAL_LOGPROBS, accuracy=("accuracy_from_letters", "valid")),
    Row(
        "helm/xstest_llama-3-8b-chat",
        GradedAnswers,
        "3 of 25 values of xst_score lie between 0 and 1: ungraded",
        accuracy=("per_instance_mean", "xst_score", "test"),
        options={"metric": "xst_score", "partial": "ungraded"},
    ),
    Row("inspect/eee_data_arc_qwen.json", Verdicts, _NO_LOGPROBS, accuracy=_CHOICE),
    Row("inspect/log_streaming.eval", GradedAnswers, accuracy=("accuracy", "match")),
    Row("inspect/made_0.3.285_graded.eval", GradedAnswers, accuracy=("accuracy", "model_graded_fact")),
    Row("inspect/made_0.3.285_graded.json", GradedAnswers, accuracy=("accuracy", "model_graded_fact")),
    Row("inspect/made_0.3.285_mc-logprobs-json.json", Predictions, accuracy=_CHOICE, numbers=("calibration_epoch_1",)),
    Row("inspect/made_0.3.285_mc-logprobs.eval", Predictions, accuracy=_CHOICE, numbers=("calibration_epoch_1",)),
    Row("inspect/mmlu-summary-choices.eval", Verdicts, _NO_LOGPROBS, accuracy=_CHOICE),
    Row("inspect/v0.3.116_mmlu_gpt-4.eval", Verdicts, _NO_LOGPROBS, accuracy=_CHOICE),
    Row("inspect/v0.3.133_popularity_gpt-4o-mini.eval", GradedAnswers, accuracy=("accuracy", "match")),
    Row(
        "inspect/vitals_An-R-Eval_claude-3-7-sonnet.json",
        GradedAnswers,
        accuracy=("accuracy", "model_graded_qa(partial_credit = TRUE)"),
    ),
    Row(
        "openai_evals/v1.0_us-tort-law_gpt-3.5-turbo.jsonl",
        Verdicts,
        "right and wrong alone: the log has letters without log-probabilities",
        accuracy=("accuracy",),
    ),
    Row("openai_evals/v2_modelgraded_fact_unfinished.jsonl", None, "the judge chose E, and no choice has a score"),
    Row("lighteval/v0.13.0_details_anli_r1_0.parquet", Predictions, accuracy=_ACCURACY, numbers=()),
    Row("lm_eval/made_v0.4.13_results.json", None, _NO_SAMPLES),
    Row(
        f"{_MADE}gen.jsonl",
        GradedAnswers,
        accuracy=("graded", "strict-match", "exact_match"),
        options={"filter": "strict-match"},
    ),
    Row(f"{_MADE}mc2.jsonl", AnswerLikelihoods, accuracy=("mc2_mean_mass_on_true",)),
    Row(f"{_MADE}mmlu_algebra.jsonl", Predictions, accuracy=_ACCURACY, numbers=()),
    Row(f"{_MADE}mmlu_history.jsonl", Predictions, accuracy=_ACCURACY, numbers=()),
    Row(f"{_MADE}text.jsonl", Predictions, accuracy=_ACCURACY, numbers=()),
    Row(f"{_MADE}text.jsonl", Predictions, **_CHARS),
    Row(f"{_MADE}wino.jsonl", Predictions, accuracy=_ACCURACY, numbers=()),
    Row("lm_eval/pre0.4_pubmed_qa.jsonl", Predictions, accuracy=_ACCURACY, numbers=()),
    Row("lm_eval/v0.3_writeout_winogrande_llama13.json", Predictions, accuracy=_ACCURACY, numbers=()),
    Row("lm_eval/v0.4.2_predict_only_scheming_mc_gpt4.jsonl", None, "nothing was graded: .* --predict_only"),
    Row("lm_eval/v0.4.2_predict_only_scheming_results.json", None, _NO_SAMPLES),
    Row(
        "lm_eval/v0.4.8_truthfulqa_gen_gptneo125m.jsonl",
        GradedAnswers,
        accuracy=("graded", "none", "rougeL_acc"),
        options={"metric": "rougeL_acc"},
    ),
    Row("lm_eval/v0.4.8_truthfulqa_gen_results.json", None, _NO_SAMPLES),
    Row("lm_eval/v0.4.9_gen_mc_xml_qwen.jsonl", GradedAnswers, accuracy=("graded", "xml-extract", "exact_match")),
    Row("lm_eval/v0.4.12dev_sciq_qwen2.5-1.5b-instruct.jsonl", Predictions, accuracy=_ACCURACY, numbers=()),
    Row("lm_eval/v0.4.12dev_sciq_qwen2.5-1.5b-instruct.jsonl", Predictions, **_CHARS),
    Row("lm_eval/v0.4.12dev_sciq_results.json", None, _NO_SAMPLES),
    Row("lm_eval/v0.4.13dev_negotiationtom_belief_qwen3-8b.jsonl", Predictions, accuracy=_ACCURACY, numbers=()),
    Row("lm_eval/v0.4.13dev_negotiationtom_results.json", None, _NO_SAMPLES),
)


@pytest.fixture(scope="module")
def reference(data: Path) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((data / "logs" / "REFERENCE.json").read_text(encoding="utf-8"))
    return values


def imported(data: Path, row: Row) -> Log:
    (log,) = read_logs([data / "logs" / row.entry], options=LogOptions(**row.options))
    return log


def stated(reference: Mapping[str, Any], row: Row, keys: tuple[str, ...]) -> Any:
    """What the reference states of an entry."""
    value = reference[row.entry]
    for key in keys:
        value = value[key]
    return value


def named(rows: list[Row]) -> dict[str, Any]:
    """Arguments of a test that has a case a row."""
    return {"argnames": "row", "argvalues": rows, "ids": [row.entry for row in rows]}


@pytest.mark.parametrize(**named([row for row in ROWS if row.content is not None]))
def test_an_entry_becomes_what_it_holds_and_says_why_if_that_is_less(data: Path, row: Row) -> None:
    log = imported(data, row)
    assert type(log.content) is row.content
    assert not row.why or any(remark.startswith(row.why) for remark in log.remarks)


@pytest.mark.parametrize(**named([row for row in ROWS if row.accuracy]))
def test_an_entry_has_its_accuracy_by_the_rule_of_the_log(data: Path, reference: dict[str, Any], row: Row) -> None:
    expected = stated(reference, row, row.accuracy)
    assert imported(data, row).origin["accuracy"] == pytest.approx(expected, abs=_TOLERANCE)


@pytest.mark.parametrize(**named([row for row in ROWS if row.content in (Verdicts, Pairs) and row.accuracy]))
def test_verdicts_have_the_accuracy_of_the_reference(data: Path, reference: dict[str, Any], row: Row) -> None:
    content = imported(data, row).content
    assert isinstance(content, Verdicts | Pairs)
    assert content.accuracy == pytest.approx(stated(reference, row, row.accuracy), abs=_TOLERANCE)


@pytest.mark.parametrize(**named([row for row in ROWS if row.numbers is not None]))
def test_predictions_have_the_numbers_of_the_reference(data: Path, reference: dict[str, Any], row: Row) -> None:
    expected, run = stated(reference, row, row.numbers or ()), imported(data, row).content
    assert isinstance(run, Predictions)
    numbers = {
        "n": run.n_items,
        "accuracy": run.accuracy,
        "ece_top": ece(run.confidence, run.correct),
        "ece_choices": ece(run.choice_confidence, run.choice_correct),
        "brier": brier_score(run.probabilities, run.answer),
        "nll": log_loss(run.probabilities, run.answer),
        "mean_confidence": float(np.mean(run.confidence)),
    }
    assert numbers == pytest.approx({name: expected[name] for name in numbers}, abs=_TOLERANCE)


@pytest.mark.parametrize(**named([row for row in ROWS if row.content is None]))
def test_an_entry_is_refused_with_its_reason(data: Path, row: Row) -> None:
    with pytest.raises(ValueError, match=row.why) as error:
        imported(data, row)
    assert "\n" not in str(error.value)


def test_every_entry_of_a_whole_format_has_a_row(reference: dict[str, Any]) -> None:
    expected = {entry for entry in reference if entry.startswith(WHOLE_FORMATS)}
    assert {row.entry for row in ROWS if row.entry.startswith(WHOLE_FORMATS)} == expected


@pytest.mark.parametrize("epoch", [1, 2])
def test_graded_answers_of_inspect_count_as_the_reference_does(
    data: Path, reference: dict[str, Any], epoch: int
) -> None:
    row = Row("inspect/log_streaming.eval", GradedAnswers, options={"epoch": epoch})
    content = imported(data, row).content
    assert isinstance(content, GradedAnswers)
    assert content.frame.height == reference[row.entry]["n_items"]


@pytest.mark.parametrize(
    ("entry", "options"),
    [
        ("inspect/log_streaming.eval", {"epoch": "mean"}),
        ("inspect/log_streaming.eval", {"epoch": "mean", "partial": "half"}),
        ("inspect/vitals_An-R-Eval_claude-3-7-sonnet.json", {"partial": "half"}),
        ("inspect/made_0.3.285_graded.eval", {"partial": "half"}),
        ("inspect/made_0.3.285_graded.json", {"partial": "half", "epoch": "mean"}),
    ],
)
def test_credit_gives_the_accuracy_of_the_log(
    data: Path, reference: dict[str, Any], entry: str, options: dict[str, Any]
) -> None:
    content = imported(data, Row(entry, GradedAnswers, options=options)).content
    (expected,) = reference[entry]["accuracy"].values()
    assert accuracy_by_item(content) == pytest.approx(expected, abs=_TOLERANCE)
