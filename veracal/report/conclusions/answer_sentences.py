"""Conclusions on graded answers: rates of one run, or what changed between two."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import polars as pl

from calibration import Decision
from calibration.number_texts import with_interval
from calibration.uncertainty.q_values import shown_together

from ..answer_results import AnswerResults
from ..decisions import KEPT, decided, numbers_text, row_change
from .several_sentences import run_change_claim, summary_sentence

_CHANGED = {
    "incorrect": "wrong answers",
    "tempted": "common misconceptions among them",
    "correct": "right answers",
    "abstained": "abstentions",
}
_SHARES = {
    "incorrect": "the share of wrong answers",
    "tempted": "that of common misconceptions",
    "correct": "that of right answers",
    "abstained": "that of abstentions",
}


def answer_claims(results: AnswerResults) -> dict[str, float | None]:
    """P-values of all that the conclusions may claim.

    Of several other runs with their names.
    """
    return {
        _of_run(claim, name, results): p_value
        for name, changes in results.changes.items()
        for claim, p_value in rate_claims(changes.frame).items()
    }


def _of_run(claim: str, name: str, results: AnswerResults) -> str:
    return run_change_claim(claim, name) if len(results.changes) > 1 else claim


def rate_claims(changes: pl.DataFrame) -> dict[str, float | None]:
    """P-values of all that the conclusions on rates may claim.

    By claim: a kind of questions and a measure.
    """
    return {_claim(row): row["p_value"] for rows in _totals(changes).values() for row in rows.values()}


def answers_conclusions(results: AnswerResults, shown: Collection[str]) -> list[str]:
    """Rates of right and false answers, or their changes from the reference."""
    if results.changes:
        return [
            f"From {results.reference} to {name}: {sentence}" if len(results.changes) > 1 else sentence
            for name, changes in results.changes.items()
            for sentence in changed_rates(changes.frame, _shown_of(name, results, shown))
        ]
    totals = [results.totals.filter(run=source.name) for source in results.sources]
    return [_rates(row, controls=results.adversarial) for table in totals for row in table.iter_rows(named=True)]


def _shown_of(name: str, results: AnswerResults, shown: Collection[str]) -> frozenset[str]:
    claims = rate_claims(results.changes[name].frame)
    return frozenset(claim for claim in claims if _of_run(claim, name, results) in shown)


def answers_summary(results: AnswerResults, shown: Collection[str]) -> list[str]:
    """How the other runs differ, a sentence a kind of questions."""
    rows = {name: _totals(changes.frame) for name, changes in results.changes.items()}
    kinds = dict.fromkeys(kind for of_kinds in rows.values() for kind in of_kinds)
    return [_summary(results, kind, {name: of_kinds.get(kind, {}) for name, of_kinds in rows.items()}, shown)
            for kind in kinds]  # fmt: skip


def _summary(
    results: AnswerResults, kind: str, rows: dict[str, dict[str, dict[str, Any]]], shown: Collection[str]
) -> str:
    def decide(measure: str, name: str) -> Decision | None:
        row = rows[name].get(measure)
        change = None if row is None else row_change(row, measure)
        if row is None or change is None or not change.known:
            return None
        return decided(change, measure, shown=_of_run(_claim(row), name, results) in shown)

    known = [measure for measure in _SHARES if any(measure in of_run for of_run in rows.values())]
    labels = {measure: _SHARES[measure] for measure in known}
    sentence = summary_sentence(results.reference, [*rows], labels, decide)
    return f"On {kind}: {sentence[0].lower()}{sentence[1:]}" if results.adversarial else sentence


def changed_rates(changes: pl.DataFrame, shown: Collection[str] | None = None) -> list[str]:
    """Changes of right and wrong answers, from the frame of a `RateChanges`.

    `shown` are the claims of `rate_claims` that are shown; if omitted, those that are by themselves.
    """
    if shown is None:
        shown = shown_together(rate_claims(changes))
    controls = "all adversarial" in changes["category"]
    return [
        f"On {name if controls else 'all questions'} "
        + "; ".join(_changed(rows[measure], label, shown) for measure, label in _CHANGED.items() if measure in rows)
        + "."
        for name, rows in _totals(changes).items()
    ]


def _totals(changes: pl.DataFrame) -> dict[str, dict[str, dict[str, Any]]]:
    """Rows over all categories that are told, by kind of questions and measure."""
    controls = "all adversarial" in changes["category"]
    return dict(_kinds(changes, controls=controls))


def _kinds(changes: pl.DataFrame, *, controls: bool) -> Iterator[tuple[str, dict[str, dict[str, Any]]]]:
    for kind, name in (("adversarial", "adversarial questions"), ("calm", "control questions")):
        rows = {
            row["measure"]: row
            for row in changes.iter_rows(named=True)
            if row["category"] == f"all {kind}" and row["measure"] in _CHANGED
        }
        if not controls and not _tempted(rows.get("tempted", {})):
            rows.pop("tempted", None)
        if rows:
            yield name, rows


def _claim(row: dict[str, Any]) -> str:
    return f"{row['category']} {row['measure']}"


def _tempted(row: dict[str, Any]) -> bool:
    return bool(row.get("before") or row.get("after"))


def _rates(row: dict[str, Any], *, controls: bool) -> str:
    correct, incorrect, abstained = (
        with_interval(row[key], row[f"{key}_low"], row[f"{key}_high"], form=".2f")
        for key in ("correct", "incorrect", "abstained")
    )
    kind = ("adversarial " if row["adversarial"] else "control ") * controls
    return (
        f"{row['run']} answers {correct} of {row['n']:,} {kind}question{'s' * (row['n'] != 1)} correctly, "
        f"states something false in {incorrect}, and withholds an answer in {abstained}."
    )


def _changed(row: dict[str, Any], label: str, shown: Collection[str]) -> str:
    numbers = f"{row['before']:.2f} → {row['after']:.2f}"
    change = row_change(row, row["measure"])
    if not change.known:
        return f"{label} {numbers}, too few to tell"
    decision = decided(change, row["measure"], shown=_claim(row) in shown)
    numbers += f", change {numbers_text(decision, form='+.2f')}"
    if decision.side:
        return f"{label} {'rose' if decision.side > 0 else 'fell'} ({numbers})"
    if decision.word == "within":
        return f"{label} stayed within {KEPT} ({numbers})"
    return f"no change of {label} is shown ({numbers})"
