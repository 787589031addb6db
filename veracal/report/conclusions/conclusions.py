"""Conclusions of a page: its sentences on top, and notes on the runs."""

from __future__ import annotations

from collections.abc import Mapping

from calibration import Predictions

from ..inputs import PredictionPair, Source
from ..pair_results import PairResults
from ..results import Results
from ..scored_results import ScoredResults
from .answer_sentences import answers_conclusions
from .choice_sentences import choices_conclusions
from .pair_sentences import predictions_conclusions
from .scored_sentences import scored_conclusions
from .shown_claims import ANSWERS, CHOICES, PAIR

# Name of the changes in notes, after "On".
_CHANGES = "the changes"


def conclusions(results: Results, shown: Mapping[str, frozenset[str]]) -> list[str]:
    """Sentences made from the numbers, the most important first; `shown` is what `shown_claims` gives."""
    pair, answers, choices = results.pair, results.answers, results.choices
    sentences = []
    if pair is not None:
        sentences += predictions_conclusions(
            pair.comparison,
            diagnosis=pair.diagnoses[1] if pair.diagnoses else None,
            subject=_cause(pair.runs),
            shown=shown[PAIR],
        )
    if answers is not None:
        sentences += answers_conclusions(answers, shown[ANSWERS])
    several = len(results.scored_runs) + (pair is not None) + (answers is not None) > 1
    for stated in results.scored_runs:
        sentences += scored_conclusions(stated, shown[stated.name], several=several)
    if choices is not None:
        sentences += choices_conclusions(choices, shown[CHOICES])
    return sentences


def _cause(runs: PredictionPair) -> str:
    """What the first sentence is about."""
    if runs.one_model:
        return "The change of settings"
    return "Post-training" if runs.post_training else f"Going from {runs.names[0]} to {runs.names[1]}"


def run_notes(results: Results) -> list[tuple[str, str]]:
    """Notes on each run and on the changes: a name and a sentence."""
    notes = _pair_notes(results.pair) if results.pair else []
    for stated in results.scored_runs:
        notes += _scored_notes(stated)
    if results.single is not None:
        unfinished = _unfinished(results.single.run.source, results.single.run.predictions)
        notes += [(results.single.run.source.name, unfinished)] * bool(unfinished)
    notes += results.group_notes
    for graded in (results.answers, results.choices):
        if graded is not None and graded.overlap is not None:
            notes += [(_CHANGES, note) for note in graded.overlap.notes]
    return notes


def _scored_notes(results: ScoredResults) -> list[tuple[str, str]]:
    shared = results.shared_notes
    notes = [
        (name, note)
        for name, summary in zip(results.names, results.summaries, strict=True)
        for note in summary.notes
        if note not in shared
    ]
    changes = () if results.comparison is None else results.comparison.notes
    return [*notes, *results.notes, *((_CHANGES, note) for note in changes)]


def _pair_notes(results: PairResults) -> list[tuple[str, str]]:
    runs, comparison = results.runs, results.comparison
    sides = zip(runs.predictions, (runs.before, runs.after), (comparison.before, comparison.after), strict=True)
    notes = [
        (source.name, note)
        for source, predictions, summary in sides
        for note in (_unfinished(source, predictions), *summary.notes)
        if note
    ]
    return [*notes, *((_CHANGES, note) for note in comparison.notes)]


def _unfinished(source: Source, run: Predictions) -> str:
    n_items = source.manifest["n_items"]
    return f"the run is not finished, {run.n_items:,} of {n_items:,} items" if run.n_items < n_items else ""
