"""Conclusions on graded answers: rates of one run, or what changed between two."""

from __future__ import annotations

from typing import Any

import polars as pl

from ...number_texts import with_interval
from ..answer_results import AnswerResults

_CHANGED = {
    "incorrect": "wrong answers",
    "tempted": "common misconceptions among them",
    "correct": "right answers",
    "abstained": "abstentions",
}


def answers_conclusions(results: AnswerResults) -> list[str]:
    """Rates of right and false answers, or their changes from before to after."""
    if results.changes is not None:
        return changed_rates(results.changes.frame)
    totals = [results.totals.filter(run=source.name) for source in results.sources]
    return [_rates(row, controls=results.adversarial) for table in totals for row in table.iter_rows(named=True)]


def changed_rates(changes: pl.DataFrame) -> list[str]:
    """Changes of right and wrong answers, from the frame of a `RateChanges`."""
    sentences = []
    controls = "all adversarial" in changes["category"]
    for kind, name in (("adversarial", "adversarial questions"), ("calm", "control questions")):
        rows = {row["measure"]: row for row in changes.iter_rows(named=True) if row["category"] == f"all {kind}"}
        if not controls and not _tempted(rows.get("tempted", {})):
            rows.pop("tempted", None)
        clauses = [_changed(rows[measure], label) for measure, label in _CHANGED.items() if measure in rows]
        if clauses:
            sentences.append(f"On {name if controls else 'all questions'} " + "; ".join(clauses) + ".")
    return sentences


def _tempted(row: dict[str, Any]) -> bool:
    return bool(row.get("before") or row.get("after"))


def _rates(row: dict[str, Any], *, controls: bool) -> str:
    correct, incorrect, abstained = (
        with_interval(row[key], row[f"{key}_low"], row[f"{key}_high"], form=".2f")
        for key in ("correct", "incorrect", "abstained")
    )
    kind = ("adversarial " if row["adversarial"] else "control ") * controls
    return (
        f"{row['run']} answers {correct} of {row['n']:,} {kind}questions correctly, "
        f"states something false in {incorrect}, and withholds an answer in {abstained}."
    )


def _changed(row: dict[str, Any], label: str) -> str:
    numbers = f"{row['before']:.2f} → {row['after']:.2f}"
    if row["low"] is None or row["high"] is None:
        return f"{label} {numbers}, too few to tell"
    direction = (row["low"] > 0) - (row["high"] < 0)
    moved = ("stayed within noise", "rose", "fell")[direction]
    change = with_interval(row["change"], row["low"], row["high"], form="+.2f")
    return f"{label} {moved} ({numbers}, change {change})"
