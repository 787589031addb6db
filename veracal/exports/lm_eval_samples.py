"""The format ``lm-eval``: samples of lm-evaluation-harness, with results beside them."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator
from datetime import datetime
from importlib import metadata
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import softmax

from calibration import Predictions
from calibration.files.atomic import write_bytes, written_file
from calibration.files.file_names import file_name
from calibration.items.item import LETTERS
from calibration.logs.exported_run import exported_text
from calibration.logs.graded_answers import OF_ANSWERS, OF_QUESTIONS, OF_VERDICTS
from calibration.logs.lm_eval_logs.exported_rows import EXPORTED
from calibration.predictions.letter_table import SCHEMA
from calibration.runs.run_kinds import PREDICTIONS
from calibration.tables.stored_tables import RUN_NOTE
from factuality import Judgments
from factuality.answers.responses import RESPONSES

from .export_format import ExportFormat, ExportOptions
from .exported_table import exported_table
from .run_contents import RunContent

_UNSAFE_IN_MODEL = re.compile(r"[\"<>:/|\\?*\[\]]+")  # as lm-eval names its folders
_UNSAFE_IN_TASK = re.compile(r"[^\w.-]+")
# What lm-eval takes for a letter rather than a text.
_LABEL = re.compile(r"\W?\w\W?")
_FURTHER = tuple({**OF_QUESTIONS, **OF_ANSWERS, **OF_VERDICTS})
_SCORES = {"correct": 1.0, "incorrect": 0.0, "abstained": 0.0, "ungraded": math.nan}
_HALF = math.log(0.5)
# Dates of logs, also as lm-eval writes them in names of files.
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}[-:]\d{2}[-:]\d{2})(\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?")

Sample = dict[str, Any]


def _write(run: RunContent, out: Path, options: ExportOptions) -> list[Path]:
    if out.exists() and not out.is_dir():
        raise ValueError(f"{out}: must be a folder, in which samples and results are written in one of the model's")
    samples = _samples(run)
    first = next(samples)  # what cannot be held is refused before anything is written
    started = _began(run)
    date = started.replace(tzinfo=None).isoformat().replace(":", "-")
    named = options.task or run.settings.get("task") or run.path.resolve().name
    task = file_name(str(named).strip("_-"), unsafe=_UNSAFE_IN_TASK, otherwise="task")
    folder = out / _folder_name(run.model)
    files = [folder / f"samples_{task}_{date}.jsonl", folder / f"results_{date}.json"]
    for path in files:
        options.refuse_existing(path)
    folder.mkdir(parents=True, exist_ok=True)
    scores: dict[str, list[float]] = {name: [] for name in first["metrics"]}
    hashes = hashlib.sha256()
    with written_file(files[0]) as file:
        for sample in chain([first], samples):
            file.write(f"{json.dumps(sample, ensure_ascii=False)}\n".encode())
            hashes.update("".join(sample[f"{name}_hash"] for name in ("doc", "prompt", "target")).encode())
            for name, values in scores.items():
                values.append(_scored(sample, name))
    results = _results(run, scores, hashes.hexdigest(), task, started)
    results[RUN_NOTE] = exported_text(run.manifest, task=options.task)
    write_bytes(f"{json.dumps(results, indent=2, ensure_ascii=False)}\n".encode(), files[1])
    return files


def _began(run: RunContent) -> datetime:
    """When the evaluation was run, by its log or by the run's beginning."""
    logged = str(run.settings.get("date") or "") if "format" in run.settings else ""
    if match := _DATE.fullmatch(logged):
        return datetime.fromisoformat(f"{match[1]}T{match[2].replace('-', ':')}{(match[3] or '')[:7]}")
    if "started" in run.manifest:
        return datetime.fromisoformat(run.manifest["started"])
    return datetime.now().astimezone()


def _folder_name(model: str) -> str:
    """The folder of a model as lm-eval names it, unless it would lead elsewhere."""
    return file_name(model, unsafe=_UNSAFE_IN_MODEL, instead="__", otherwise="model")


def _samples(run: RunContent) -> Iterator[Sample]:
    """A sample a row, as lm-eval 0.4.7 to 0.4.13 write them."""
    content = run.content
    if isinstance(content, Judgments):
        if content.frame["question"].is_duplicated().any():
            raise ValueError(
                "lm-eval's samples hold one answer a question, and the run has several; csv, jsonl hold it"
            )
        for number, row in enumerate(exported_table(run).iter_rows(named=True)):
            yield _answer(row, number)
        return
    if not isinstance(content, Predictions):
        raise TypeError(f"samples of lm-eval hold no {type(content).__name__}")
    if content.permuted:
        raise ValueError(
            "lm-eval's samples hold one order of the options, and items of the run stand in several; csv, jsonl and "
            "parquet hold them"
        )
    frame = content.frame
    is_bounded = frame["bounded"].list.any()
    if is_bounded.any():
        raise ValueError(
            f"lm-eval's samples hold no upper bounds, and item {frame['item'][int(is_bounded.arg_max() or 0)]!r} has a "
            "letter that is only bounded; csv, jsonl and parquet hold it"
        )
    # Without a letter mass they are shares of what options have together, as likelihoods of texts are.
    of_letters = frame["letter_mass"].null_count() == 0
    names = [name for name in frame.columns if name not in SCHEMA]
    by_text = not of_letters and _are_texts(run)
    for number, row in enumerate(frame.iter_rows(named=True)):
        yield _choice(row, number, run, of_letters=of_letters, by_text=by_text, names=names)


def _are_texts(run: RunContent) -> bool:
    """Whether options have texts that differ and that none takes for letters."""
    listed = [texts.get("options") for texts in run.texts_by_item.values()]
    if not listed or len(listed) < run.n_rows or not all(listed):
        return False
    differ = all(len(set(texts)) == len(texts) and all(text.strip() for text in texts) for texts in listed if texts)
    return differ and not all(_LABEL.fullmatch(text) for texts in listed if texts for text in texts)


def _choice(
    row: dict[str, Any], number: int, run: RunContent, *, of_letters: bool, by_text: bool, names: list[str]
) -> Sample:
    likelihoods, answer, texts = row["logprobs"], row["answer"], run.texts_by_item.get(row["item"], {})
    question, options = str(texts.get("question") or ""), texts.get("options")
    letters = LETTERS[: len(likelihoods)]
    # Letters stand where the texts of options are unknown.
    ordered = [options[index] for index in row["order"]] if options and options != list(letters) else None
    if of_letters:
        labels = list(letters)
    else:
        labels = ordered if by_text and ordered else [f"Option {letter}" for letter in letters]
    doc: Sample = {
        "question": question,
        **({"choices": ordered} if ordered else {}),
        "answer": answer,
        "subject": row["subject"],
        EXPORTED: {
            "item": row["item"],
            "subject": row["subject"],
            "content": row["content"],
            "columns": {name: _plain(row[name]) for name in names},
        },
    }
    pairs = [[str(value), str(of_letters and value > _HALF)] for value in likelihoods]
    probabilities = softmax(np.array(likelihoods))
    return _sample(
        doc, number, str(answer),
        [(question, f" {label}") for label in labels],
        [[pair] for pair in pairs], pairs,
        {"acc": float(np.argmax(likelihoods) == answer), "brier_score": [answer, str(probabilities)]},
    )  # fmt: skip


def _answer(row: dict[str, Any], number: int) -> Sample:
    references = [str(text) for text in row.get("references") or ()]
    if row["ideal"] and references[:1] != [row["ideal"]]:  # one without a word is among the right ones of no question
        references = [row["ideal"], *references]
    doc = {
        "question": row["text"],
        "category": row["category"],
        EXPORTED: {
            "item": row["question"], "category": row["category"], "references": references, "grade": row["grade"],
            "confidence": row["confidence"], "reason": row["reason"], "grader": row["grader"],
            "further": {name: row[name] for name in _FURTHER if row.get(name) is not None},
        },
    }  # fmt: skip
    target = references[0] if len(references) == 1 else str(references) if references else ""
    metric = str(row["grader"]).removeprefix("log:")
    return _sample(
        doc, number, target, [(row["text"], {"until": []})], [[row["response"]]], [row["response"]],
        {metric: _SCORES[row["grade"]] if row["credit"] is None else row["credit"]},
    )  # fmt: skip


def _sample(
    doc: Sample, number: int, target: str, requests: list[tuple[str, Any]], outputs: list[Any], filtered: list[Any],
    metrics: Sample,
) -> Sample:  # fmt: skip
    return {
        "doc_id": number,
        "doc": doc,
        "target": target,
        "arguments": {
            f"gen_args_{index}": {"arg_0": context, "arg_1": asked} for index, (context, asked) in enumerate(requests)
        },
        "resps": outputs,
        "filtered_resps": filtered,
        "filter": "none",
        "metrics": list(metrics),
        "doc_hash": _hash(json.dumps(doc, indent=2, ensure_ascii=False)),
        "prompt_hash": _hash(requests[0][0]),
        "target_hash": _hash(target),
        **metrics,
    }


def _plain(value: Any) -> Any:
    """A value of a further column as JSON has it, dates as texts."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _results(
    run: RunContent, scores: dict[str, list[float]], hashes: str, task: str, started: datetime
) -> dict[str, Any]:
    means: dict[str, float] = {}
    for name, values in scores.items():
        known = np.array([value for value in values if not math.isnan(value)])
        if len(known):
            means[f"{name},none"] = float(known.mean())
        if len(known) > 1:
            means[f"{name}_stderr,none"] = float(known.std(ddof=1) / math.sqrt(len(known)))
    n_samples = len(next(iter(scores.values())))
    is_choice = run.kind == PREDICTIONS.name
    shots = run.settings.get("shots")
    known_shots = {task: shots} if isinstance(shots, int) else {}
    return {
        "results": {task: {"alias": task, **means}},
        "group_subtasks": {task: []},
        "configs": {
            task: {
                "task": task, "output_type": "multiple_choice" if is_choice else "generate_until",
                "target_delimiter": " ",
                "metric_list": [{"metric": name, "higher_is_better": name != "brier_score"} for name in scores],
            },
        },
        "versions": {task: "Yaml"},
        "n-shot": known_shots,
        "higher_is_better": {task: {name: name != "brier_score" for name in scores}},
        "n-samples": {task: {"original": run.manifest["n_items"], "effective": n_samples}},
        "config": {"model": "veracal", "model_args": {"pretrained": run.model}, "limit": None},
        "date": started.timestamp(),
        "exported_by": f"veracal {metadata.version('veracal')}",
        "task_hashes": {task: hashes},
        "model_source": "veracal",
        "model_name": run.model,
        "model_name_sanitized": _folder_name(run.model),
    }  # fmt: skip


def _scored(sample: Sample, name: str) -> float:
    """Value of a metric of a sample; the Brier score of its probabilities."""
    if name != "brier_score":
        return float(sample[name])
    probabilities = softmax([float(likelihood) for likelihood, _ in sample["filtered_resps"]])
    probabilities[sample[name][0]] -= 1
    return float((probabilities**2).sum())


LM_EVAL = ExportFormat(
    name="lm-eval",
    what="a folder of the model with samples and results of lm-evaluation-harness",
    kinds=(PREDICTIONS.name, RESPONSES.name),
    write=_write,
    options=("task",),
    holds_infinite=False,
)
