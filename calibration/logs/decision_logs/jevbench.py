"""JevBench: named options with probabilities, and whether the likeliest was right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from ...predictions.pairs import Pairs
from ..format import Format
from ..log import Log
from ..options import LogOptions
from ..source import Source

_SIGNS = frozenset({"task_id", "probs", "correct", "predicted"})
_FURTHER = ("split", "group")
# Probabilities of many options, each rounded, may be off their sum of 1 by so much.
_TOLERANCE = 0.02


def _read(sources: Sequence[Source], options: LogOptions) -> list[Log]:
    return [log for source in sources for log in _logs(source, options.model)]


def _logs(source: Source, name: str | None) -> list[Log]:
    by_model: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for where, record in source.records():
        if not (isinstance(record, dict) and "task_id" in record):
            raise ValueError(f"{source.path}, {where}: a row must have task_id, probs and correct")
        by_model.setdefault(str(record.get("model") or source.path.stem), []).append((where, record))
    if name is not None and len(by_model) > 1:
        raise ValueError(f"{source.path}: one name is for one model, the file holds {', '.join(by_model)}")
    return [_log(source, name or model, rows) for model, rows in by_model.items()]


def _log(source: Source, model: str, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> Log:
    left_out: Counter[str] = Counter()
    n_unequal = 0
    kept: list[dict[str, Any]] = []
    positions: dict[str, str] = {}
    for where, row in rows:
        position = f"{source.path}, {where}"
        item = str(row["task_id"])
        if item in positions:
            raise ValueError(f"{position}: task ids must be unique, {item} is at {positions[item]} too")
        positions[item] = where
        if row.get("ok") is False:
            left_out["not ok"] += 1
            continue
        if row.get("valid") is False:
            left_out["not valid"] += 1
            continue
        probabilities = row.get("probs")
        if not isinstance(probabilities, dict) or not isinstance(row.get("correct"), bool):
            left_out["without probabilities or verdict"] += 1
            continue
        values = _distribution(row, probabilities, position)
        top = max(values.values())
        graded = values.get(str(row.get("predicted")), top)
        n_unequal += graded != top
        kept.append(
            {
                "item": item,
                "cluster": item,
                "subject": str(row.get("family") or ""),
                "confidence": graded,
                "correct": row["correct"],
                "n_options": len(values),
                **{name: str(row[name]) for name in _FURTHER if row.get(name) is not None},
            }
        )
    if not kept:
        raise ValueError(f"{source.path}: no row of {model} has probabilities and a verdict")
    frame = pl.DataFrame(kept, infer_schema_length=None).with_columns(
        model=pl.lit(model), revision=pl.lit(""), weight=pl.lit(1.0)
    )
    try:
        pairs = Pairs(frame)
    except ValueError as error:
        raise ValueError(f"{source.path}: {error}") from None
    remarks = ["the gold is not in it: only the top probability and whether it was right are known"]
    remarks += [f"{n} of {len(rows)} rows {'is' if n == 1 else 'are'} left out: {what}" for what, n in left_out.items()]
    if n_unequal:
        rows_of = "row" if n_unequal == 1 else "rows"
        remarks.append(
            f"in {n_unequal} {rows_of} another option than the predicted one is the most probable: the confidence is "
            "that of the predicted one, which was graded"
        )
    return Log(
        format="jevbench", task="jevbench", model=model, content=pairs, files=(source.path,), remarks=tuple(remarks),
        origin={"n_records": len(rows), "n_items": len(kept)},
    )  # fmt: skip


def _distribution(row: Mapping[str, Any], probabilities: Mapping[str, Any], position: str) -> dict[str, float]:
    """Probabilities by option, among which is the predicted one."""
    try:
        values = {str(name): float(value) for name, value in probabilities.items()}
    except (TypeError, ValueError):
        raise ValueError(f"{position}: probs must be numbers by option, got {probabilities!r}") from None
    if not values or not np.isfinite(list(values.values())).all():
        raise ValueError(f"{position}: probs must be numbers by option, got {probabilities!r}")
    total = sum(values.values())
    if abs(total - 1) > _TOLERANCE or min(values.values()) < 0:
        raise ValueError(f"{position}: probs must be in [0, 1] and sum to 1, got {probabilities!r:.60} ({total:.6g})")
    predicted = row.get("predicted")
    if predicted is not None and str(predicted) not in values:
        raise ValueError(f"{position}: predicted must be one of the options {', '.join(values)}, got {predicted!r}")
    return values


JEVBENCH = Format(
    name="jevbench",
    what="rows of JevBench: JSONL with task_id, probs, predicted and correct",
    recognises=lambda source: source.columns >= _SIGNS,
    read=_read,
)
