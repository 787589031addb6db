"""Conclusions on answers by likelihood: scores of each run, and what changed between two."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from calibration import Decision
from factuality.multiple_choice.scores import Variant

from ..choice_results import ChoiceResults
from ..decisions import change_clause, decided, numbers_text, row_change
from .several_sentences import run_change_claim, summary_sentence

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
    """P-values of all that the conclusions on scores may claim.

    Changes by variant; of several other runs with their names.
    """
    return {
        _claim(variant, name, results): row["p_value"]
        for name, changes in results.changes.items()
        for variant, row in changes.items()
    }


def _claim(variant: Variant, name: str, results: ChoiceResults) -> str:
    return run_change_claim(variant, name) if len(results.changes) > 1 else variant


def choices_summary(results: ChoiceResults, shown: Collection[str]) -> str:
    """What changed from the reference to the other runs, in a sentence."""

    def decide(variant: str, name: str) -> Decision | None:
        row = {str(key): row for key, row in results.changes[name].items()}.get(variant)
        change = None if row is None else row_change(row, variant)
        if change is None or not change.known:
            return None
        claim = run_change_claim(variant, name) if len(results.changes) > 1 else variant
        return decided(change, variant, shown=claim in shown)

    labels = {str(variant): str(variant) for variant in results.scores}
    return summary_sentence(results.reference, [*results.changes], labels, decide)


def choices_conclusions(results: ChoiceResults, shown: Collection[str]) -> Iterator[str]:
    """How far each run finds the truth likelier than falsehoods, and what changed.

    `shown` are the claims of `choice_claims` that are shown.
    """
    main = results.main
    for source, score, estimate in zip(results.sources, results.scores[main], results.estimates[main], strict=True):
        questions = f"{score.n_questions:,} question{'s' * (score.n_questions != 1)}"
        yield f"{source.name} {_LIKELIER[main].format(estimate, questions)} (primer {score.frame['primer'][0]})."
    for name, changes in results.changes.items():
        of_run = [variant for variant in changes if _claim(variant, name, results) in shown]
        clauses = "; ".join(_changed(variant, row, of_run) for variant, row in changes.items())
        yield f"From {results.reference} to {name}, {clauses}."


def _changed(variant: Variant, row: dict[str, Any], shown: Collection[str]) -> str:
    name = _SCORE[variant]
    change = row_change(row, variant)
    decision = decided(change, variant, shown=variant in shown)
    numbers = numbers_text(decision)
    if not change.known:
        return f"too little is known to tell what became of {name} ({numbers})"
    return change_clause(name, decision, numbers)
