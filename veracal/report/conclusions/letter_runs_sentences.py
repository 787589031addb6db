"""Conclusions on three runs of predictions or more."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from calibration import Comparison, Decision

from ..letter_runs_results import LetterRunsResults
from .directions import BEFORE, decided_change, decided_error, error_claim, lean_claim
from .pair_claims import is_enough, pair_claims
from .pair_sentences import predictions_conclusions
from .several_sentences import summary_sentence

# What is told of all runs together, by key of the measure.
_LABELS = {
    "accuracy": "accuracy",
    "ece_choices": "the ECE over choices",
    "signed_gap": "confidence − accuracy",
    "auroc": "the AUROC",
}
# Claims on the reference, which are the same beside each other run.
_OF_REFERENCE = frozenset({lean_claim(BEFORE), error_claim(BEFORE)})


def run_part(name: str) -> str:
    """Name of a page's part on what changed to a run.

    Examples
    --------
    >>> run_part("rl")
    'letters of rl'
    """
    return f"letters of {name}"


def letter_run_claims(results: LetterRunsResults) -> dict[str, dict[str, float | None]]:
    """P-values of all that the conclusions may claim, by part of the page.

    Claims on the reference stand in the first part alone.
    """
    parts = {
        run_part(name): pair_claims(comparison, results.diagnoses.get(name))
        for name, comparison in results.comparisons.items()
    }
    first, *others = parts
    return {first: parts[first]} | {
        part: {claim: p_value for claim, p_value in parts[part].items() if claim not in _OF_REFERENCE}
        for part in others
    }


def of_every_run(results: LetterRunsResults, shown: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """What is shown of each other run, with what is shown of the reference."""
    names = [*results.comparisons]
    of_reference = shown[run_part(names[0])] & _OF_REFERENCE
    return {name: shown[run_part(name)] | of_reference for name in names}


def letter_runs_summary(results: LetterRunsResults, shown: Mapping[str, frozenset[str]]) -> str:
    """What all other runs are beside the reference, in a sentence."""
    of_runs = of_every_run(results, shown)

    def decide(key: str, name: str) -> Decision | None:
        return _decided(key, results.comparisons[name], of_runs[name])

    enough = all(is_enough(comparison) for comparison in results.comparisons.values())
    known = [key for key in _LABELS if any(key in comparison.change for comparison in results.comparisons.values())]
    labels = {key: _LABELS[key] for key in known if enough or key == "accuracy"}
    return summary_sentence(results.several.reference, results.several.others, labels, decide)


def _decided(key: str, comparison: Comparison, shown: Collection[str]) -> Decision | None:
    if key not in comparison.change or not comparison.change[key].known:
        return None
    return decided_error(comparison, shown) if key == "ece_choices" else decided_change(key, comparison.change, shown)


def letter_run_sentences(results: LetterRunsResults, shown: Mapping[str, frozenset[str]]) -> dict[str, list[str]]:
    """What changed to each other run, in sentences, the first a summary."""
    of_runs = of_every_run(results, shown)
    return {
        name: predictions_conclusions(
            comparison,
            diagnosis=results.diagnoses.get(name),
            subject=f"Going from {results.several.reference} to {name}",
            shown=of_runs[name],
        )
        for name, comparison in results.comparisons.items()
    }
