"""Conclusions of a page: its sentences on top, and notes on the runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from calibration import Predictions

from ..inputs import FEW, PredictionPair, Source
from ..letter_runs_results import LetterRunsResults
from ..pair_results import PairResults
from ..results import Results
from ..scored_results import ScoredResults
from ..several_results import SeveralResults
from .answer_sentences import answers_conclusions, answers_summary
from .choice_sentences import choices_conclusions, choices_summary
from .letter_runs_sentences import letter_run_sentences, letter_runs_summary
from .pair_sentences import predictions_conclusions
from .scored_sentences import scored_conclusions, scored_summary
from .shown_claims import ANSWERS, CHOICES, PAIR

# Name of the changes in notes, after "On".
_CHANGES = "the changes"


def conclusions(results: Results, shown: Mapping[str, frozenset[str]]) -> list[str]:
    """Sentences made from the numbers, the most important first; `shown` is what `shown_claims` gives."""
    sentences = [*_of_letters(results, shown)]
    if (answers := results.answers) is not None:
        sentences += answers_summary(answers, shown[ANSWERS]) if answers.several is not None else []
        sentences += answers_conclusions(answers, shown[ANSWERS]) if few(answers.several) else []
    for stated in results.scored_runs:
        if stated.several is not None:
            sentences.append(f"{stated.title}: {scored_summary(stated.several, shown[stated.name])}")
        if few(stated.several):
            sentences += scored_conclusions(stated, shown[stated.name], several=has_several_kinds(results))
    if (choices := results.choices) is not None:
        sentences += [choices_summary(choices, shown[CHOICES])] if choices.several is not None else []
        sentences += choices_conclusions(choices, shown[CHOICES]) if few(choices.several) else []
    return sentences


def _of_letters(results: Results, shown: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """On two runs of predictions, or more."""
    if (pair := results.pair) is not None:
        yield from predictions_conclusions(
            pair.comparison,
            diagnosis=pair.diagnoses[1] if pair.diagnoses else None,
            subject=_cause(pair.runs),
            shown=shown[PAIR],
        )
    if (letters := results.letter_runs) is not None:
        yield letter_runs_summary(letters, shown)
        if few(letters.several):
            yield from (of_run[0] for of_run in letter_run_sentences(letters, shown).values())


def run_sentences(results: Results, shown: Mapping[str, frozenset[str]]) -> dict[str, list[str]]:
    """Sentences on each of many runs, by the section that they stand in."""
    sentences: dict[str, list[str]] = {}
    if (letters := results.letter_runs) is not None and not few(letters.several):
        of_runs = letter_run_sentences(letters, shown).values()
        sentences[letters.several.name] = [sentence for of_run in of_runs for sentence in of_run[:1]]
    if (answers := results.answers) is not None and answers.several is not None and not few(answers.several):
        sentences[answers.several.name] = answers_conclusions(answers, shown[ANSWERS])
    for stated in results.scored_runs:
        if stated.several is not None and not few(stated.several):
            sentences[stated.several.name] = scored_conclusions(stated, shown[stated.name])
    if (choices := results.choices) is not None and choices.several is not None and not few(choices.several):
        sentences[choices.several.name] = list(choices_conclusions(choices, shown[CHOICES]))
    return sentences


def few(several: SeveralResults | None) -> bool:
    """Whether runs are told one by one."""
    return several is None or len(several.names) <= FEW


def has_several_kinds(results: Results) -> bool:
    """Whether runs of several kinds stand beside each other."""
    letters = results.pair is not None or results.letter_runs is not None
    return len(results.scored_runs) + letters + (results.answers is not None) > 1


def _cause(runs: PredictionPair) -> str:
    """What the first sentence is about."""
    if runs.one_model:
        return "The change of settings"
    return "Post-training" if runs.post_training else f"Going from {runs.names[0]} to {runs.names[1]}"


def run_notes(results: Results) -> list[tuple[str, str]]:
    """Notes on each run and on the changes: a name and a sentence."""
    notes = _pair_notes(results.pair) if results.pair else []
    notes += _letter_runs_notes(results.letter_runs) if results.letter_runs else []
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
    if results.several is not None:  # they stand beside the table of all runs
        return [*results.notes]
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


def _letter_runs_notes(results: LetterRunsResults) -> list[tuple[str, str]]:
    """Notes on unfinished runs; others stand beside the table of all runs."""
    unfinished = [
        (source.name, _unfinished(source, results.runs.predictions[source.name])) for source in results.runs.sources
    ]
    return [(name, note) for name, note in unfinished if note]


def _unfinished(source: Source, run: Predictions) -> str:
    n_items = source.manifest["n_items"]
    return f"the run is not finished, {run.n_items:,} of {n_items:,} items" if run.n_items < n_items else ""
