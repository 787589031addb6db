"""What changed from a reference to several runs, a sentence for all of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from calibration import Decision

from ..decisions import KEPT
from ..several_results import SeveralResults
from .directions import decided_change

# Runs that a clause names; of more it gives the number.
_NAMED = 4

# Of the claims on all runs that are shown, those on one run.
Decide = Callable[[str, str], Decision | None]


def run_change_claim(key: str, name: str) -> str:
    """The claim that a measure changed from the reference to a run.

    Examples
    --------
    >>> run_change_claim("accuracy", "rl")
    'accuracy of rl'
    """
    return f"{key} of {name}"


def several_claims(results: SeveralResults, keys: Sequence[str]) -> dict[str, float | None]:
    """P-values of the changes of some measures from the reference to each other run."""
    return {
        run_change_claim(key, name): changes[key].p_value
        for name in results.others
        for changes in [results.changes(name)]
        for key in keys
        if key in changes
    }


def several_sentence(results: SeveralResults, labels: Mapping[str, str], shown: Collection[str]) -> str:
    """Which measures are higher, lower or the same in the other runs.

    Parameters
    ----------
    results : SeveralResults
        The runs.
    labels : mapping of str to str
        The measures that are told, by key.
    shown : collection of str
        Which of `several_claims` are shown.
    """

    def decide(key: str, name: str) -> Decision | None:
        changes = results.changes(name)
        of_run = {key} if run_change_claim(key, name) in shown else ()
        return decided_change(key, changes, of_run) if key in changes and changes[key].known else None

    return summary_sentence(results.reference, results.others, labels, decide)


def summary_sentence(reference: str, others: Sequence[str], labels: Mapping[str, str], decide: Decide) -> str:
    """Which measures are higher, lower or the same in other runs.

    `decide` decides one of a run.

    Examples
    --------
    >>> from calibration import decide, Change
    >>> moved = Change(value=0.02, low=0.01, high=0.03, level=0.95, p_value=0.001, clustered=None)
    >>> summary_sentence("base", ["sft", "rl"], {"accuracy": "accuracy"}, lambda key, name: decide(moved, measure=key))
    'Compared with base, accuracy is higher in sft and rl.'
    """
    clauses = [_clause(label, [(name, decide(key, name)) for name in others]) for key, label in labels.items()]
    return f"Compared with {reference}, {'; '.join(clauses)}."


def _clause(label: str, decisions: Sequence[tuple[str, Decision | None]]) -> str:
    of_finding: dict[str, list[str]] = {}
    for name, decision in decisions:
        of_finding.setdefault(_finding(decision), []).append(name)
    parts = [
        f"{finding} in {_runs(of_finding[finding], len(decisions))}" for finding in _FINDINGS if finding in of_finding
    ]
    return f"{label} is {listed(parts)}"


_HIGHER, _LOWER, _SAME = "higher", "lower", f"the same to within {KEPT}"
_NOT_SHOWN, _UNKNOWN = "not shown to differ", "without an interval"
_FINDINGS = (_HIGHER, _LOWER, _SAME, _NOT_SHOWN, _UNKNOWN)


def _finding(decision: Decision | None) -> str:
    if decision is None:
        return _UNKNOWN
    if decision.side:
        return _HIGHER if decision.side > 0 else _LOWER
    return _SAME if decision.word == "within" else _NOT_SHOWN


def _runs(names: Sequence[str], n_all: int) -> str:
    """Which runs: some by name, or how many."""
    if len(names) <= _NAMED:
        return listed(names)
    return f"all {n_all} other runs" if len(names) == n_all else f"{len(names)} of the {n_all} other runs"


def listed(texts: Sequence[str]) -> str:
    """Texts with commas, and a word before the last.

    Examples
    --------
    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    *first, last = texts
    return f"{', '.join(first)} and {last}" if first else last
