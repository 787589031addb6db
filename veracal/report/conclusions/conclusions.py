"""Conclusions of a page: its sentences on top, and notes on the runs."""

from __future__ import annotations

from calibration import Predictions

from ..inputs import Source
from ..results import ChoiceResults, PairResults, Results
from ..scored_results import ScoredResults
from .answer_sentences import answers_conclusions
from .pair_sentences import predictions_conclusions
from .scored_sentences import scored_conclusions

# Name of the changes in notes, after "On".
_CHANGES = "the changes"


def conclusions(results: Results) -> list[str]:
    """Sentences made from the numbers, the most important first."""
    pair, answers, choices = results.pair, results.answers, results.choices
    sentences = []
    if pair is not None:
        sentences += predictions_conclusions(
            pair.comparison,
            diagnosis=pair.diagnoses[1] if pair.diagnoses else None,
            subject="The change of settings" if pair.runs.one_model else "Post-training",
        )
    if answers is not None:
        sentences += answers_conclusions(answers)
    for stated in results.scored_runs:
        sentences += scored_conclusions(stated)
    if choices is not None and not sentences:
        sentences += _choices_conclusions(choices)
    return sentences


def run_notes(results: Results) -> list[tuple[str, str]]:
    """Notes on each run and on the changes: a name and a sentence."""
    notes = _pair_notes(results.pair) if results.pair else []
    for stated in results.scored_runs:
        notes += _scored_notes(stated)
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


def _choices_conclusions(results: ChoiceResults) -> list[str]:
    """In how many questions each run finds the truth likelier than every falsehood."""
    return [
        f"{source.name} finds the best answer likelier than every false one in {estimate} of {score.n_questions:,} "
        f"questions (primer {score.frame['primer'][0]})."
        for source, score, estimate in zip(
            results.sources, results.scores["mc1"], results.estimates["mc1"], strict=True
        )
    ]
