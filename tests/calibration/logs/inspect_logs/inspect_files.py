"""Logs as Inspect writes them, small."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.archives import write_archive

OPTIONS = ("Mars", "Jupiter", "Venus", "Saturn")


def token(text: str, likeliest: Mapping[str, float] | None = None, logprob: float | None = None) -> dict[str, Any]:
    """A generated token; `likeliest` are probabilities by token."""
    listed = [{"token": other, "logprob": math.log(share)} for other, share in (likeliest or {}).items()]
    own = logprob if logprob is not None else math.log((likeliest or {}).get(text, 1.0))
    return {"token": text, "logprob": own, "top_logprobs": listed}


def lettered(likeliest: Mapping[str, float], written: str = " B") -> list[dict[str, Any]]:
    """Tokens of "ANSWER: B", with the likeliest at the letter."""
    return [token("ANSWER"), token(":"), token(written, likeliest)]


def sample(
    number: int | str = 1,
    answer: Any = "ANSWER: B",
    *,
    value: Any = "C",
    scorer: str = "choice",
    read: str | None = "B",
    tokens: Sequence[Mapping[str, Any]] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """A sample in the order of members that Inspect writes."""
    choice: dict[str, Any] = {"message": {"content": answer, "role": "assistant"}, "stop_reason": "stop"}
    if tokens is not None:
        choice["logprobs"] = {"content": list(tokens)}
    record = {
        "id": number,
        "epoch": 1,
        "input": "Which planet is the largest?",
        "choices": list(OPTIONS),
        "target": "B",
        "messages": [],
        "output": {"model": "m", "choices": [choice]},
        "scores": {scorer: {"value": value, "answer": read, "explanation": "ANSWER: B", "history": []}},
        "metadata": {},
        "store": {},
        "events": [{"event": "model", "output": {"id": 7}}],
        "attachments": {},
    }
    return {name: entry for name, entry in {**record, **fields}.items() if entry is not None}


def free(number: int | str = 1, answer: Any = "Jupiter", **fields: Any) -> dict[str, Any]:
    """A sample with a free answer."""
    given = {"scorer": "match", "read": answer if isinstance(answer, str) else "", "target": "Jupiter", **fields}
    return sample(number, answer, choices=None, **given)


def header(accuracy: float | None = None, *, scorer: str = "choice", **fields: Any) -> dict[str, Any]:
    """A header; `fields` replace or add to those of ``eval``, or stand beside it (plan, status, results)."""
    metrics = {"accuracy": {"name": "accuracy", "value": accuracy}}
    results = {"scores": [{"name": scorer, "scorer": scorer, "metrics": metrics}]} if accuracy is not None else {}
    beside: dict[str, Any] = {name: fields.pop(name) for name in ("status", "plan", "results") if name in fields}
    evaluation = {
        "task": "planets",
        "created": "2026-01-02T03:04:05+00:00",
        "model": "openai/gpt-4o",
        "model_args": {"api_key": "SECRET", "path": "/home/SOMEBODY"},
        "dataset": {"name": "nasa/planets", "samples": 100, "shuffled": False},
        "config": {"epochs": 1},
        "revision": {"origin": "git@github.com:SOMEBODY/SECRET.git"},
        "packages": {"inspect_ai": "0.3.200"},
        **fields,
    }
    return {"version": 2, "status": "success", "eval": evaluation, "results": results, **beside}


def write_json(path: Path, samples: Sequence[Any] | None, head: Mapping[str, Any] | None = None) -> Path:
    """A log in one JSON document."""
    path.write_text(json.dumps({**(head or header()), "samples": samples}))
    return path


def write_eval(
    path: Path,
    samples: Sequence[Any],
    head: Mapping[str, Any] | None = None,
    *,
    method: int = 93,
    name: str = "header.json",
    damage: str = "",
) -> Path:
    """A log in an archive."""
    members = [
        (f"samples/{record['id']}_epoch_{record.get('epoch', 1)}.json", json.dumps(record).encode())
        for record in samples
    ]
    start = ("_journal/start.json", b"{}") if name == "header.json" else ()
    ends = [start] if start else []
    return write_archive(
        path, [*ends, *members, (name, json.dumps(head or header()).encode())], method=method, damage=damage
    )
