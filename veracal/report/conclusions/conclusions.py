"""Conclusions of a page: its sentences on top, and notes on the runs."""

from __future__ import annotations

from calibration import Predictions
from factuality.multiple_choice.scores import Variant

from ..choice_results import ChoiceResults
from ..inputs import PredictionPair, Source
from ..pair_results import PairResults
from ..results import Results
from ..scored_results import ScoredResults
from .answer_sentences import answers_conclusions
from .pair_sentences import predictions_conclusions
from .scored_sentences import scored_conclusions

# What a score by likelihood says, of its value and the number of questions.
_LIKELIER: dict[Variant, str] = {
    "mc1": "finds the best answer likelier than every false one in {} of {} questions",
    "mc2": "gives the true answers {} of the probability of all, on average over {} questions",
    "binary": "finds the best answer likelier than the best false one in {} of {} questions",
}
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
            subject=_cause(pair.runs),
        )
    if answers is not None:
        sentences += answers_conclusions(answers)
    several = len(results.scored_runs) + (pair is not None) + (answers is not None) > 1
    for stated in results.scored_runs:
        sentences += scored_conclusions(stated, several=several)
    if choices is not None and not sentences:
        sentences += _choices_conclusions(choices)
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


def _choices_conclusions(results: ChoiceResults) -> list[str]:
    """How far each run finds the truth likelier than falsehoods."""
    main = results.main
    rows = zip(results.sources, results.scores[main], results.estimates[main], strict=True)
    return [
        f"{source.name} {_LIKELIER[main].format(estimate, f'{score.n_questions:,}')} (primer "
        f"{score.frame['primer'][0]})."
        for source, score, estimate in rows
    ]
