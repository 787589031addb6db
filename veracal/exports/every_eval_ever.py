"""The format ``every-eval-ever``: an aggregate file, and a record of each row."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterator
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from calibration import Pairs, Predictions, Verdicts
from calibration.files.atomic import write_bytes
from calibration.files.file_names import file_name
from calibration.items.item import LETTERS
from calibration.logs.answer_likelihoods import AnswerLikelihoods
from calibration.logs.every_eval_logs.exported_rows import answer_metadata, likelihood_metadata, row_metadata
from calibration.logs.every_eval_logs.records import CONFIDENCE, LETTERED
from calibration.logs.exported_run import exported_text
from calibration.logs.graded_answers import BareAnswers
from calibration.tables.stored_tables import RUN_NOTE
from factuality import Judgments

from .export_format import ExportFormat, ExportOptions
from .exported_table import exported_table
from .measured_scores import Score, scores_of
from .run_contents import LIKELIHOOD_KINDS, SCORED_KINDS, RunContent

_SCHEMA = "0.3.0"
# Settings that decide numbers and name nobody.
_DECIDE = (
    "style", "shots", "primer", "samples", "temperature", "permutations", "normalize", "filter", "scorer", "metric",
    "split", "epoch", "partial", "grader",
)  # fmt: skip
_UNSAFE = re.compile(r"[^\w.-]+")


def _write(run: RunContent, out: Path, options: ExportOptions) -> list[Path]:
    if out.exists() and not out.is_dir():
        raise ValueError(f"{out}: must be a folder, in which an aggregate file and its records are written")
    task = options.task or run.settings.get("task") or run.path.resolve().name
    started = (
        datetime.fromisoformat(run.manifest["started"]) if "started" in run.manifest else datetime.now().astimezone()
    )
    stamp = str(int(started.timestamp()))
    evaluation = f"{task}/{run.model}/{stamp}"
    date = str(run.settings.get("date") or "") if "format" in run.settings else ""
    grader = _grader(run)
    records = "".join(
        json.dumps(
            {
                "schema_version": _SCHEMA, "evaluation_id": evaluation, "model_id": run.model, "evaluation_name": task,
                "evaluation_result_id": grader, "interaction_type": "single_turn", **record,
            },
            ensure_ascii=False, allow_nan=False,
        ) + "\n"
        for record in _records(run)
    ).encode()  # fmt: skip
    digest = hashlib.sha256(records)
    name = str(uuid.UUID(bytes=digest.digest()[:16], version=4))
    organization, _, model = run.model.rpartition("/")
    folder = "/".join(
        file_name(part, unsafe=_UNSAFE, instead="_", otherwise="unknown") for part in (str(task), organization, model)
    )
    total = {
        "schema_version": _SCHEMA,
        "evaluation_id": evaluation,
        "evaluation_timestamp": date or started.isoformat(),
        "retrieved_timestamp": stamp,
        "source_metadata": {
            "source_type": "evaluation_run",
            "source_organization_name": options.organization or "unknown",
            "evaluator_relationship": "other",
        },
        "eval_library": _library(run, options),
        "model_info": {
            "name": run.model,
            "id": run.model,
            "additional_details": {"deployment_type": "unknown", "model_availability": "unknown"},
        },
        "evaluation_results": [_result(score, task, grader, options) for score in scores_of(run)],
        "detailed_evaluation_results": {
            "format": "jsonl",
            "file_path": f"data/{folder}/{name}_samples.jsonl",
            "hash_algorithm": "sha256",
            "checksum": digest.hexdigest(),
            "total_rows": records.count(b"\n"),
        },
    }
    out.mkdir(parents=True, exist_ok=True)
    files = [out / f"{name}.json", out / f"{name}_samples.jsonl"]
    write_bytes(records, files[1])
    write_bytes((json.dumps(total, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode(), files[0])
    return files


def _grader(run: RunContent) -> str:
    """What the records are scored by; a log's own grader without its mark."""
    if isinstance(run.content, Judgments):
        return str(run.content.frame["grader"][0]).removeprefix("log:")
    return "mc1" if isinstance(run.content, AnswerLikelihoods) else "accuracy"


def _library(run: RunContent, options: ExportOptions) -> dict[str, Any]:
    """What evaluated the model: this package, or the tool whose log was imported."""
    version = metadata.version("veracal")
    harness = run.manifest.get("origin", {}).get("harness")
    details = {name: str(run.settings[name]) for name in _DECIDE if run.settings.get(name) is not None}
    averaged = isinstance(run.content, Predictions) and run.content.permuted  # each item stands in its own order
    details[RUN_NOTE] = exported_text(run.manifest, task=options.task, besides=("permutations",) if averaged else ())
    if harness is None:
        return {"name": "veracal", "version": version, "additional_details": details}
    return {
        "name": str(harness),
        "version": "unknown",
        "additional_details": {**details, "exported_by": f"veracal {version}"},
    }


def _result(score: Score, task: str, grader: str, options: ExportOptions) -> dict[str, Any]:
    dataset: dict[str, Any] = {"dataset_name": task, "source_type": "other"}
    if options.dataset is not None:
        dataset = {"dataset_name": task, "source_type": "hf_dataset", "hf_repo": options.dataset}
    # A sample of the schema is a record; the interval is for questions drawn anew with all their answers.
    uncertainty: dict[str, Any] = {"num_samples": score.n_samples}
    questions = {"details": {"num_questions": str(score.n)}} if score.n < score.n_samples else {}
    if score.low is not None and score.high is not None:
        limits = {"lower": score.low, "upper": score.high, "confidence_level": 0.95}
        uncertainty = {"confidence_interval": limits, **uncertainty}
    return {
        "evaluation_result_id": grader if score.key in ("accuracy", "mc1") else score.key,
        "evaluation_name": task,
        "source_data": dataset,
        "metric_config": {
            "metric_id": score.key,
            "metric_name": score.name,
            "metric_unit": score.unit,
            "lower_is_better": score.lower_is_better,
            "score_type": "continuous",
            "min_score": 0,
            "max_score": "Infinity" if score.most is None else score.most,
        },
        "score_details": {"score": score.value, **questions, "uncertainty": uncertainty},
    }


def _records(run: RunContent) -> Iterator[dict[str, Any]]:
    """What is particular to each row's record."""
    content = run.measured  # a sample is an item: not one of its orders
    if isinstance(content, Judgments):
        yield from (_judged(row) for row in exported_table(run).iter_rows(named=True))
        return
    if isinstance(content, AnswerLikelihoods):
        yield from (_likeliest(row) for row in exported_table(run).iter_rows(named=True))
        return
    if isinstance(content, BareAnswers):
        raise TypeError("records hold right or wrong, not answers without verdicts")
    for row in content.frame.iter_rows(named=True):
        texts = run.texts_by_item.get(row["item"], {})
        choices = [str(text) for text in texts.get("options") or ()]
        if isinstance(content, Predictions):
            letters = list(LETTERS[: len(row["logprobs"])])
            lettered = {} if choices else {LETTERED: "the options have no texts"}
            choices = [choices[index] for index in row["order"]] if choices else letters
            chosen = int(np.argmax(row["logprobs"]))
            reference, answer, correct = [choices[row["answer"]]], letters[chosen], chosen == row["answer"]
            method, error = "likeliest answer letter", None
        else:
            reference, answer, method, lettered = [], "", "right or wrong alone", {}
            graded = isinstance(content, Pairs) or row["grade"] != "ungraded"
            correct = row["correct"] if isinstance(content, Pairs) else row["grade"] == "correct"
            error = None if graded else "no verdict"
        yield _record(
            row["item"], str(texts.get("question") or ""), reference, answer, method=method, correct=correct,
            choices=choices or None, error=error, credit=row["credit"] if isinstance(content, Verdicts) else None,
            kept={**_subject(row), **lettered, **row_metadata(content, row)},
        )  # fmt: skip


def _judged(row: dict[str, Any]) -> dict[str, Any]:
    """A judged answer; one without a verdict is an error."""
    kept = answer_metadata(row)
    if row["category"]:
        kept["category"] = row["category"]
    if row["confidence"] is not None:
        kept[CONFIDENCE] = repr(row["confidence"])
    return _record(
        row["question"], row["text"], [str(text) for text in row["references"] or ()], row["response"],
        method=row["grader"], correct=row["grade"] == "correct", choices=None, credit=row["credit"],
        error="no verdict" if row["grade"] == "ungraded" else None, kept=kept,
    )  # fmt: skip


def _likeliest(row: dict[str, Any]) -> dict[str, Any]:
    """A question of TruthfulQA: whether its ideal answer is likelier than every false one."""
    choices = [*row["correct"][:1], *row["incorrect"]]
    likelihoods = [*row["correct_logprobs"][:1], *row["incorrect_logprobs"]]
    ideal, best_false = likelihoods[0], max(likelihoods[1:])
    chosen = 0 if ideal > best_false else 1 + likelihoods[1:].index(best_false)
    kept = likelihood_metadata(row)
    if row["category"]:
        kept["category"] = row["category"]
    return _record(
        row["item"], row["question"], choices[:1], choices[chosen], method="likeliest answer", correct=chosen == 0,
        choices=choices, error=None, kept=kept,
    )  # fmt: skip


def _record(
    item: str, question: str, reference: list[str], answer: str, *, method: str, correct: bool,
    choices: list[str] | None, error: str | None, kept: dict[str, str], credit: float | None = None,
) -> dict[str, Any]:  # fmt: skip
    return {
        "sample_id": item,
        "sample_hash": hashlib.sha256((question + "".join(reference)).encode()).hexdigest(),
        "input": {"raw": question, "reference": reference, "choices": choices},
        "output": {"raw": [answer]},
        "answer_attribution": [
            {
                "turn_idx": 0, "source": "output.raw", "extracted_value": answer, "extraction_method": method,
                "is_terminal": True,
            }
        ],
        "evaluation": {"score": float(correct) if credit is None else credit, "is_correct": bool(correct)},
        "error": error,
        "metadata": kept,
    }  # fmt: skip


def _subject(row: dict[str, Any]) -> dict[str, str]:
    return {"subject": row["subject"]} if row["subject"] else {}


EVERY_EVAL_EVER = ExportFormat(
    name="every-eval-ever",
    what="a folder with an aggregate file and instance records of Every Eval Ever, schema 0.3.0",
    write=_write,
    kinds=(*SCORED_KINDS, *LIKELIHOOD_KINDS),
    options=("task", "dataset", "organization"),
)
