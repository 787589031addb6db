"""Claims of a page that its tests show, all of them together."""

from __future__ import annotations

from collections.abc import Iterator

from calibration.uncertainty.q_values import shown_together

from ..equal_accuracy_sentences import equal_accuracy_claims
from ..group_sentences import change_claims, group_claims, subject_claims
from ..results import Results
from .answer_sentences import answer_claims
from .choice_sentences import choice_claims
from .letter_runs_sentences import letter_run_claims
from .pair_claims import pair_claims
from .scored_sentences import scored_claims

PAIR, ANSWERS, CHOICES, SUBJECTS = "pair", "answers", "by likelihood", "subjects"
"""Parts of a page; runs of confidences, each of several runs, and groups are parts by their own names."""


def equal_accuracy_part(kind: str) -> str:
    """Name of the part of a page on changes at equal accuracy.

    Examples
    --------
    >>> equal_accuracy_part("confidences")
    'confidences at equal accuracy'
    """
    return f"{kind} at equal accuracy"


def subjects_part(name: str) -> str:
    """Name of a page's part on the subjects of a run.

    Examples
    --------
    >>> subjects_part("rl")
    'subjects of rl'
    """
    return f"{SUBJECTS} of {name}"


def shown_claims(results: Results) -> dict[str, frozenset[str]]:
    """Claims of every part of a page that are shown.

    All claims are one family, tested by Holm's procedure: of pages on which nothing is true of what they could claim,
    at most 5 % claim anything. A table of groups is one claim, by its smallest q-value.
    """
    claims = dict(_claims(results))
    family = {(part, claim): p_value for part, tests in claims.items() for claim, p_value in tests.items()}
    shown = shown_together(family)
    return {part: frozenset(claim for claim in tests if (part, claim) in shown) for part, tests in claims.items()}


def _claims(results: Results) -> Iterator[tuple[str, dict[str, float | None]]]:
    if (pair := results.pair) is not None:
        yield PAIR, pair_claims(pair.comparison, pair.diagnoses[1] if pair.diagnoses else None)
        if pair.subjects is not None:
            yield SUBJECTS, subject_claims(pair.subjects)
    if (letters := results.letter_runs) is not None:
        yield from letter_run_claims(letters).items()
        for pair in letters.pairs:
            if pair.subjects is not None:
                yield subjects_part(pair.runs.names[1]), subject_claims(pair.subjects)
    for scored in results.scored_runs:
        yield scored.name, scored_claims(scored)
    if results.answers is not None:
        yield ANSWERS, answer_claims(results.answers)
    if results.choices is not None:
        yield CHOICES, choice_claims(results.choices)
    for kind, matched in results.equal_accuracy.items():
        yield equal_accuracy_part(kind), equal_accuracy_claims(matched)
    for grouped in results.groups:
        yield grouped.part, {**change_claims(grouped), **group_claims(grouped)}
