"""The sections of a page, in the order of reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from .answer_results import AnswerResults
from .blocks.section import Section, numbered
from .conclusions.conclusions import conclusions, few, run_sentences
from .conclusions.letter_runs_sentences import letter_run_sentences
from .conclusions.shown_claims import SUBJECTS, equal_accuracy_part, shown_claims, subjects_part
from .escaping import minus
from .group_sentences import SUBJECT_GAP
from .letter_runs_results import LetterRunsResults
from .pair_commands import pair_command
from .pair_results import PairResults
from .results import GRADED, Results
from .scored_results import ScoredResults
from .sections.all_runs import all_runs
from .sections.answers import answers
from .sections.changes import changes
from .sections.diagnosis import diagnosis
from .sections.equal_accuracy import equal_accuracy as equal_accuracy_section
from .sections.factuality import factuality
from .sections.groups import groups as groups_sections
from .sections.items import items as items_section
from .sections.letter_audit import letter_audit
from .sections.multiple_choice import multiple_choice
from .sections.people import people as people_section
from .sections.recalibration import recalibration
from .sections.reliability import reliability
from .sections.run_diagnoses import run_diagnoses
from .sections.run_diagrams import run_diagrams
from .sections.runs import runs as runs_section
from .sections.scored import scored as scored_section
from .sections.subjects import subjects
from .several_results import SeveralResults
from .single_results import SingleResults


def laid_out(results: Results) -> tuple[list[str], list[Section]]:
    """The conclusions of a page, and its sections."""
    shown = shown_claims(results)
    return conclusions(results, shown), _sections(results, shown)


# Claims that are shown, by part of a page.
_Shown = Mapping[str, frozenset[str]]


def _sections(results: Results, shown: _Shown) -> list[Section]:
    """The sections in the order of reading."""
    pair, graded, choices = results.pair, results.answers, results.choices
    return [
        *(_pair_sections(pair, results, shown) if pair else ()),
        *(_letter_runs_sections(results.letter_runs, results, shown) if results.letter_runs else ()),
        *(
            section
            for numbers in results.scored_runs
            for section in (
                *_all_runs(numbers.several, results, shown),
                scored_section(numbers),
                *_equal_accuracy(results, numbers.name, numbers.compared_names, shown),
                *_groups(results, numbers.name, shown),
                *_pairs_recalibration(numbers),
            )
        ),
        *(_letter_sections(results.single) if results.single else ()),
        *(_answer_sections(results, graded, shown) if graded else ()),
        *((*_all_runs(choices.several, results, shown), multiple_choice(choices)) if choices else ()),
        *_item_sections(results),
        runs_section(results.inputs),
    ]


def _answer_sections(results: Results, graded: AnswerResults, shown: _Shown) -> list[Section]:
    return [
        *_all_runs(graded.several, results, shown),
        factuality(graded),
        *((people_section(graded),) if graded.corrections else ()),
        *_groups(results, GRADED, shown),
        answers(graded),
    ]


def _groups(results: Results, kind: str, shown: _Shown) -> list[Section]:
    """Groups of the runs of one kind."""
    return [
        section
        for grouped in results.groups
        if grouped.kind == kind
        for section in groups_sections(grouped, shown[grouped.part])
    ]


def _equal_accuracy(results: Results, kind: str, names: Sequence[str], shown: _Shown) -> list[Section]:
    """Changes of runs of one kind at equal accuracy, if asked for."""
    matched = results.equal_accuracy.get(kind)
    if matched is None:
        return []
    return [equal_accuracy_section(matched, names, shown=shown[equal_accuracy_part(kind)], kind=kind)]


def _pairs_recalibration(results: ScoredResults) -> list[Section]:
    if not results.recalibrations:
        return []
    return [recalibration(results.names, results.recalibrations, results.by, what="The confidence")]


def _letter_sections(single: SingleResults) -> list[Section]:
    names = [single.run.source.name]
    return [
        letter_audit([single.run.source], single.letters, single.letter_shares),
        *((recalibration(names, single.recalibrations, single.by),) if single.recalibrations else ()),
    ]


def _item_sections(results: Results) -> list[Section]:
    """The item browser, of runs of predictions."""
    if (pair := results.pair) is not None:
        return [items_section((pair.runs.before, pair.runs.after), pair.runs.names, pair.runs.texts)]
    if (letters := results.letter_runs) is not None:
        # What changed there is from the first.
        names = [letters.several.reference, *letters.several.others]
        return [items_section([letters.runs.predictions[name] for name in names], names, letters.runs.texts)]
    if (single := results.single) is not None:
        return [items_section([single.run.predictions], [single.run.source.name], single.run.texts)]
    return []


def _all_runs(several: SeveralResults | None, results: Results, shown: _Shown) -> list[Section]:
    """Three runs of a kind or more side by side."""
    if several is None:
        return []
    sentences = run_sentences(results, shown).get(several.name, ())
    more = () if few(several) else (pair_command(several, results.inputs),)
    return [all_runs(several, sentences=sentences, more=more)]


def _letter_runs_sections(letters: LetterRunsResults, results: Results, shown: _Shown) -> list[Section]:
    runs, several = letters.runs, letters.several
    diagrams = [
        run_diagrams(
            runs.predictions, several.comparison.summaries, bins, view, name=f"reliability-{view}", several=True
        )
        for view, bins in letters.bins.items()
    ]
    names = [*runs.predictions]
    return [
        *_all_runs(several, results, shown),
        Section(name="reliability", title="Reliability diagrams", figures=tuple(diagrams)),
        *_changes_of_pairs(letters, shown),
        *_groups(results, "", shown),
        *((run_diagnoses(letters.diagnoses),) if letters.diagnoses else ()),
        letter_audit(runs.sources, letters.letters, letters.letter_shares),
        *((recalibration(names, letters.recalibrations, letters.by),) if letters.recalibrations else ()),
    ]


def _changes_of_pairs(letters: LetterRunsResults, shown: _Shown) -> Iterator[Section]:
    """What changed from the reference to each other run of a few."""
    sentences = letter_run_sentences(letters, shown)
    for number, pair in enumerate(letters.pairs, start=1):
        before, after = pair.runs.names
        section = changes(pair)
        with_sentences = replace(section, paragraphs=(*map(minus, sentences[after][1:]), *section.paragraphs))
        yield numbered(with_sentences, number, title=f"{before} → {after}: {_lower(section.title)}")
        if pair.subjects is not None:
            section = subjects(pair, pair.subjects, shown=SUBJECT_GAP in shown[subjects_part(after)])
            yield numbered(section, number, title=f"{before} → {after}: {_lower(section.title)}")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _pair_sections(pair: PairResults, results: Results, shown: _Shown) -> list[Section]:
    return [
        reliability(pair),
        changes(pair),
        *_equal_accuracy(results, "", pair.runs.names, shown),
        *((diagnosis(pair, pair.diagnoses),) if pair.diagnoses else ()),
        *((subjects(pair, pair.subjects, shown=SUBJECT_GAP in shown[SUBJECTS]),) if pair.subjects else ()),
        *_groups(results, "", shown),
        letter_audit(pair.runs.predictions, pair.letters, pair.letter_shares),
        *((recalibration(pair.runs.names, pair.recalibrations, pair.by),) if pair.recalibrations else ()),
    ]
