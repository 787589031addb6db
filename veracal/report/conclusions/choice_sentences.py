"""Conclusions on answers by likelihood: scores of each run, and what changed between two."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from factuality.multiple_choice.scores import Variant

from ..choice_results import ChoiceResults
from ..decisions import change_clause, decided, numbers_text, row_change

# What a score by likelihood says, of its value and the number of questions.
_LIKELIER: dict[Variant, str] = {
    "mc1": "finds the best answer likelier than every false one in {} of {}",
    "mc2": "gives the true answers {} of the probability of all, on average over {}",
    "binary": "finds the best answer likelier than the best false one in {} of {}",
}
# What changes with it.
_SCORE: dict[Variant, str] = {
    "mc1": "the share of questions whose best answer is likelier than every false one (mc1)",
    "mc2": "the probability of the true answers (mc2)",
    "binary": "the share of questions whose best answer is likelier than the best false one (binary)",
}


def choice_claims(results: ChoiceResults) -> dict[str, float | None]:
    """P-values of all that the conclusions on scores may claim: changes by variant."""
    return {variant: row["p_value"] for variant, row in results.changes.items()}


def choices_conclusions(results: ChoiceResults, shown: Collection[str]) -> Iterator[str]:
    """How far each run finds the truth likelier than falsehoods, and what changed.

    `shown` are the claims of `choice_claims` that are shown.
    """
    main = results.main
    for source, score, estimate in zip(results.sources, results.scores[main], results.estimates[main], strict=True):
        questions = f"{score.n_questions:,} question{'s' * (score.n_questions != 1)}"
        yield f"{source.name} {_LIKELIER[main].format(estimate, questions)} (primer {score.frame['primer'][0]})."
    if results.changes:
        clauses = "; ".join(_changed(variant, row, shown) for variant, row in results.changes.items())
        yield f"From {results.names[0]} to {results.names[1]}, {clauses}."


def _changed(variant: Variant, row: dict[str, Any], shown: Collection[str]) -> str:
    name = _SCORE[variant]
    change = row_change(row, variant)
    decision = decided(change, variant, shown=variant in shown)
    numbers = numbers_text(decision)
    if not change.known:
        return f"too little is known to tell what became of {name} ({numbers})"
    return change_clause(name, decision, numbers)
