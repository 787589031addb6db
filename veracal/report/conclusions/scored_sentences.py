"""Conclusions on runs of confidences or of verdicts."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from calibration import Change, Comparison, Summary
from calibration.number_texts import interval_text

from ..decisions import KEPT, change_clause, numbers_text
from ..scored_results import ScoredResults
from ..several_results import SeveralResults
from .directions import decided_change, decided_gap, error_claim, is_off, lean_claim, p_value_of
from .several_sentences import run_change_claim, several_claims, several_sentence

# Fewest answers for a sentence on calibration.
_FEWEST = 100

_CHANGES = {"accuracy": "accuracy", "signed_gap": "confidence − accuracy", "ece_top": "the ECE"}


def scored_claims(results: ScoredResults) -> dict[str, float | None]:
    """P-values of all that the conclusions on runs may claim, by claim.

    Claims are leanings and errors of each run by its number, and changes by the keys of their measures.
    """
    claims: dict[str, float | None] = {}
    for number, summary in enumerate(results.summaries):
        if "ece_top" in summary and _is_enough(summary):
            claims[lean_claim(str(number))] = p_value_of(summary, "signed_gap")
            claims[error_claim(str(number))] = p_value_of(summary, "ece_top")
    if results.comparison is not None:
        claims |= {key: results.comparison.change[key].p_value for key in _told(results.comparison)}
    if results.several is not None:
        claims |= several_claims(results.several, _told_of_all(results.several))
    return claims


def scored_summary(results: SeveralResults, shown: Collection[str]) -> str:
    """What changed from the reference to the other runs, in a sentence."""
    return several_sentence(results, {key: _CHANGES[key] for key in _told_of_all(results)}, shown)


def scored_conclusions(results: ScoredResults, shown: Collection[str], *, several: bool = False) -> list[str]:
    """Accuracy and calibration of each run, and what changed between them.

    Parameters
    ----------
    results : ScoredResults
        Of runs of one kind.
    shown : collection of str
        Which of `scored_claims` are shown.
    several : bool
        Whether runs of other kinds stand beside them, so that the sentences must say of what they are.
    """
    runs = enumerate(zip(results.names, results.summaries, strict=True))
    sentences = [_run(name, summary, str(number), shown) for number, (name, summary) in runs]
    if results.comparison is not None:
        names, comparison = results.compared_names, results.comparison
        changes = [_change(key, comparison.change, shown) for key in _told(comparison)]
        sentences.append(f"From {names[0]} to {names[1]}, {'; '.join(changes)}.")
    if results.several is not None:
        sentences += _changes_of_all(results.several, shown)
    return [f"{results.title}: {sentence}" for sentence in sentences] if several else sentences


def _is_enough(summary: Summary) -> bool:
    return summary.point("n_items") >= _FEWEST


def _told(comparison: Comparison) -> list[str]:
    """Keys of the changes that are told: with few answers only that of accuracy."""
    return [
        key for key in _CHANGES if key in comparison.change and (key == "accuracy" or _is_enough(comparison.before))
    ]


def _told_of_all(several: SeveralResults) -> list[str]:
    summaries = several.comparison.summaries.values()
    enough = all(_is_enough(summary) for summary in summaries)
    return [key for key in _CHANGES if key in several.comparison.measures and (key == "accuracy" or enough)]


def _changes_of_all(several: SeveralResults, shown: Collection[str]) -> list[str]:
    """What changed from the reference to each other run."""
    sentences = []
    for name in several.others:
        changes = several.changes(name)
        keys = [key for key in _told_of_all(several) if key in changes]
        of_run = [key for key in keys if run_change_claim(key, name) in shown]
        clauses = "; ".join(_change(key, changes, of_run) for key in keys)
        sentences.append(f"From {several.reference} to {name}, {clauses}.")
    return sentences


def _change(key: str, changes: Mapping[str, Change], shown: Collection[str]) -> str:
    change, name = changes[key], _CHANGES[key]
    wide = change.clustered
    known = wide is not None and wide.known
    new_subjects = f", new subjects {interval_text(wide.low, wide.high, form='+.3f')}" if wide and known else ""
    decision = decided_change(key, changes, shown)
    numbers = numbers_text(decision, more=new_subjects)
    return change_clause(name, decision, numbers)


def _run(name: str, summary: Summary, number: str, shown: Collection[str]) -> str:
    n_items = int(summary.point("n_items"))
    text = f"{name} is right in {summary['accuracy']} of {n_items:,} answer{'s' * (n_items != 1)}"
    if "ece_top" not in summary:
        return f"{text}; nothing is known of its confidence."
    error = f"an ECE of {summary['ece_top']}, noise floor {summary.point('ece_top_null95'):.3f}"
    if not _is_enough(summary):
        return f"{text}, too few to tell how far its confidence can be trusted: {error}."
    off = "is not calibrated: it has" if is_off(summary, "ece_top", number, shown) else "has"
    return f"{text}; its confidence {_lean(summary, number, shown)} and {off} {error}."


def _lean(summary: Summary, number: str, shown: Collection[str]) -> str:
    """How far confidence and accuracy are apart, as far as that is shown."""
    decision = decided_gap(summary, number, shown)
    if decision is None:
        return f"is not shown to differ from that on average ({summary.point('signed_gap'):+.3f})"
    numbers = numbers_text(decision)
    if decision.side:
        return f"is {'above' if decision.side > 0 else 'below'} that on average ({numbers})"
    if decision.word == "within":
        return f"is within {KEPT} of that on average ({numbers})"
    return f"is not shown to differ from that on average ({numbers})"
