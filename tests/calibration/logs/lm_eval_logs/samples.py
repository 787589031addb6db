"""Files of lm-eval's samples in the layouts of its versions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

DATE = "2026-01-02T03-04-05.678901"
LAYOUTS = ("0.4.0", "0.4.3", "0.4.7", "0.5.0.dev1")

Value = dict[str, Any]


def choice(doc_id: int, options: Sequence[str], likelihoods: Sequence[float], target: object, **fields: Any) -> Value:
    """A record of options as the harness holds it, before it is written."""
    doc = fields.pop("doc", {"question": f"Question {doc_id}?"})
    contexts = fields.pop("contexts", [f"Question {doc_id}?\nAnswer:"] * len(options))
    metrics = {name: fields.pop(name) for name in list(fields) if name != "extra"}
    return {
        "doc_id": doc_id,
        "doc": doc,
        "target": target,
        "arguments": [[context, option] for context, option in zip(contexts, options, strict=True)],
        "resps": [[[value, False]] for value in likelihoods],
        "filtered_resps": [[value, False] for value in likelihoods],
        "filter": "none",
        "metrics": list(metrics),
        **metrics,
        **fields.get("extra", {}),
    }


def answer(doc_id: int, text: str, left: str, **fields: Any) -> Value:
    """A record of a written answer; `left` is what the filter makes of it."""
    filter_name, target = fields.pop("filter", "none"), fields.pop("target", "right")
    return {
        "doc_id": doc_id,
        "doc": {"question": f"Question {doc_id}?"},
        "target": target,
        "arguments": [[f"Q: Question {doc_id}?\nA:", {"until": ["\n"]}]],
        "resps": [[text]],
        "filtered_resps": [left],
        "filter": filter_name,
        "metrics": list(fields),
        **fields,
    }


def written(value: Value, layout: str) -> Value:
    """A record as a version writes it."""
    record = dict(value)
    if layout == "0.5.0.dev1":  # a record a scorer, with what each repeat scored
        record["scores_per_repeat"] = {name: [record[name]] for name in record["metrics"]}
        record["scorer"] = record.pop("filter")
    elif layout != "0.4.7":
        del record["filter"], record["metrics"]
    if layout != "0.4.0":
        requests = enumerate(record["arguments"])
        # As text, gen_args_10 comes before gen_args_2.
        named = {f"gen_args_{number}": {"arg_0": first, "arg_1": second} for number, (first, second) in requests}
        record["arguments"] = {name: named[name] for name in sorted(named)}
        record["resps"], record["filtered_resps"] = (_texts(record[name]) for name in ("resps", "filtered_resps"))
        record["target"] = str(record["target"])
        record["doc_hash"] = record["prompt_hash"] = record["target_hash"] = f"{record['doc_id']:064x}"
    return record


def write(folder: Path, task: str, records: Sequence[Value], *, layout: str = "0.4.7", date: str = DATE) -> Path:
    """A file of samples."""
    rows = [written(record, layout) for record in records]
    folder.mkdir(exist_ok=True, parents=True)
    if layout == "0.4.0":
        path = folder / f"pretrained=model_{task}.jsonl"
        path.write_text(json.dumps(rows, indent=4))
    else:
        path = folder / f"samples_{task}_{date}.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def write_results(folder: Path, tasks: Mapping[str, Value], *, date: str = DATE, **fields: Any) -> Path:
    """The results file of a run."""
    names = list(tasks)
    document = {
        "results": {task: {"alias": task, **metrics} for task, metrics in tasks.items()},
        "group_subtasks": {},
        "configs": {task: {"task": task, "output_type": "multiple_choice"} for task in names},
        "versions": dict.fromkeys(names, 1.0),
        "n-shot": dict.fromkeys(names, 5),
        "config": {"model": "hf", "model_args": {"pretrained": "org/model"}, "limit": None},
        "date": 1767323045.0,
        "lm_eval_version": "0.4.13",
        "model_name": "org/model",
        **fields,
    }
    path = folder / f"results_{date}.json"
    path.write_text(json.dumps(document, indent=2))
    return path


def _texts(value: Any) -> Any:
    return [_texts(member) for member in value] if isinstance(value, list) else str(value)
