"""HELM's run folders, written as HELM writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

OPTIONS = ("red", "green", "blue")


def token(text: str, logprob: float | None, tops: Mapping[str, float] | None = None) -> dict[str, Any]:
    return {"text": text, "logprob": logprob, **({} if tops is None else {"top_logprobs": dict(tops)})}


def instance(name: str, right: Iterable[int] = (0,), *, options: Sequence[str] = OPTIONS, **others: Any) -> Any:
    references = [
        {"output": {"text": text}, "tags": ["correct", "A"] if index in right else ["A"]}
        for index, text in enumerate(options)
    ]
    return {"input": {"text": f"What is {name}?"}, "references": references, "split": "test", "id": name, **others}


def request(asked: Mapping[str, Any], tokens: Sequence[Mapping[str, Any]], **others: Any) -> dict[str, Any]:
    text = "".join(token["text"] for token in tokens)
    logprob = sum(token["logprob"] or 0.0 for token in tokens)
    completion = {"text": text, "logprob": logprob, "tokens": list(tokens), "finish_reason": {"reason": "length"}}
    return {
        "instance": dict(asked), "train_trial_index": 0, "request": {"prompt": asked["input"]["text"]},
        "result": {"success": True, "embedding": [], "completions": [completion], "cached": True},
        "num_train_instances": 5, "prompt_truncated": False, **others,
    }  # fmt: skip


def letter(name: str, written: str, logprob: float | None = 0.0, *, right: Iterable[int] = (0,), **others: Any) -> Any:
    tops = others.pop("tops", None)
    options = others.pop("options", OPTIONS)
    asked = instance(name, right, options=options, **others)
    return request(asked, [token(written, logprob, tops)], output_mapping=dict(zip("ABC", options, strict=False)))


def stat(name: str, value: float, split: str = "test", **others: Any) -> dict[str, Any]:
    return {"name": {"name": name, "split": split, **others}, "count": 1, "sum": value, "sum_squared": value**2}


def scored(name: str, trial: int = 0, /, **scores: float) -> dict[str, Any]:
    stats = [stat(metric, value) for metric, value in {"num_references": 3, **scores}.items()]
    return {"instance_id": name, "train_trial_index": trial, "stats": stats}


def helm_run(
    folder: Path,
    states: Sequence[Mapping[str, Any]],
    *,
    method: str = "multiple_choice_joint",
    name: str = "colours:kind=all",
    model: str = "org/model",
    per_instance: Sequence[Mapping[str, Any]] = (),
    stats: Sequence[Mapping[str, Any]] = (),
) -> Path:
    """Write a run folder; files of which nothing is given are left out."""
    folder.mkdir(parents=True)
    adapter = {"method": method, "model": model, "model_deployment": "host/x", "max_train_instances": 5}
    spec = {"name": f"{name},method={method},model={model.replace('/', '_')}", "scenario_spec": {}}
    files = {
        "run_spec": {**spec, "adapter_spec": adapter},
        "scenario_state": {"adapter_spec": adapter, "request_states": list(states)},
        "per_instance_stats": list(per_instance),
        "stats": list(stats),
    }
    for file, content in files.items():
        if content:
            (folder / f"{file}.json").write_text(json.dumps(content, indent=2))
    return folder
