"""Runs of every kind of a page, and how they are grouped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import polars as pl

from calibration.predictions.scored_runs import ScoredRun
from calibration.runs.folder import Run

from ..groups import PairGroups, answer_groups, answer_pair_groups, pair_groups, run_groups
from .answer_results import AnswerResults
from .grouped_runs import KindOfRuns
from .inputs import FEW, Inputs, PredictionRuns, Source
from .scored_results import ScoredResults

GRADED = "answers-graded"
"""Name of the groups of graded answers."""

# Name of a run, and what gives the groups of what changed from the reference to it.
_Compared = tuple[str, Callable[[str], PairGroups]]


def kinds_of_runs(
    inputs: Inputs, scored: Sequence[ScoredResults], answers: AnswerResults | None
) -> Iterator[KindOfRuns]:
    """Runs of every kind, and how they are grouped."""
    letters = inputs.pair is not None or inputs.several is not None
    several = len(scored) + letters + (answers is not None) > 1
    if (pair := inputs.pair) is not None:
        yield KindOfRuns(
            name="", title="Multiple-choice answers" if several else "", alone={}, compared=pair.names,
            compare=partial(pair_groups, pair.before, pair.after, texts=pair.texts),
        )  # fmt: skip
    if inputs.several is not None:
        yield from _letter_kinds(inputs.several, "Multiple-choice answers" if several else "")
    for results in scored:
        yield from _scored_kinds(results, _texts(inputs, results), results.title if several else "")
    if answers is not None:
        yield from _answer_kinds(inputs, answers, "Graded answers" if several else "")


def _letter_kinds(runs: PredictionRuns, title: str) -> Iterator[KindOfRuns]:
    before = runs.predictions[runs.reference]
    pairs: list[_Compared] = [
        (name, partial(pair_groups, before, after, texts=runs.texts))
        for name, after in runs.predictions.items()
        if name != runs.reference
    ]
    alone = KindOfRuns(name="", title=title, alone={runs.reference: partial(run_groups, before, texts=runs.texts)})
    yield from _of_several(alone, runs.reference, pairs)


def _scored_kinds(results: ScoredResults, texts: pl.DataFrame | None, title: str) -> Iterator[KindOfRuns]:
    runs: dict[str, ScoredRun] = dict(zip(results.names, results.runs, strict=True))
    if results.several is not None:
        first = results.several.reference
        pairs: list[_Compared] = [
            (after, partial(pair_groups, *pair, texts=texts)) for (_, after), pair in results.pairs.items()
        ]
        alone = KindOfRuns(name=results.name, title=title, alone={first: partial(run_groups, runs[first], texts=texts)})
        yield from _of_several(alone, first, pairs)
        return
    pair = results.compared
    yield KindOfRuns(
        name=results.name,
        title=title,
        alone={
            name: partial(run_groups, run, texts=texts)
            for name, run in runs.items()
            if pair is None or name not in results.compared_names
        },
        compared=() if pair is None else results.compared_names,
        compare=None if pair is None else partial(pair_groups, *pair, texts=texts),
        by_subject=pair is None and any(len(set(run.subject.tolist())) > 1 for run in results.runs),
    )


def _answer_kinds(inputs: Inputs, answers: AnswerResults, title: str) -> Iterator[KindOfRuns]:
    judged = {source.name: judgments for source, judgments in zip(answers.sources, answers.judgments, strict=True)}
    pairs: list[_Compared] = [
        (name, partial(answer_pair_groups, judged[answers.reference], judged[name])) for name in answers.changes
    ]
    if len(pairs) > 1:
        first = answers.reference
        alone = KindOfRuns(name=GRADED, title=title, alone={first: partial(answer_groups, judged[first])})
        yield from _of_several(alone, first, pairs)
        return
    pair = inputs.before_and_after(answers.sources)
    yield KindOfRuns(
        name=GRADED,
        title=title,
        alone={
            source.name: partial(answer_groups, answers.judgments[index])
            for index, source in enumerate(answers.sources)
            if pair is None
        },
        compared=() if pair is None else (answers.reference, pairs[0][0]),
        compare=None if pair is None else pairs[0][1],
    )


def _of_several(alone: KindOfRuns, reference: str, pairs: Sequence[_Compared]) -> Iterator[KindOfRuns]:
    """Changes from the reference, if runs are few; otherwise the reference alone."""
    if not 1 < len(pairs) < FEW:
        yield alone
        return
    for number, (name, compare) in enumerate(pairs, start=1):
        before = f"{alone.title}, " if alone.title else ""
        yield KindOfRuns(
            name="-".join(filter(None, (alone.name, f"pair-{number}"))),
            kind=alone.name,
            title=f"{before}{reference} → {name}",
            alone={},
            compared=(reference, name),
            compare=compare,
        )


def _texts(inputs: Inputs, results: ScoredResults) -> pl.DataFrame | None:
    """Texts of the items, from the first run that has some."""
    sources: dict[str, Sequence[Source]] = {
        "choices": inputs.predictions, "confidences": inputs.pairs, "verdicts": inputs.verdicts,
    }  # fmt: skip
    tables = (Run(source.path).items() for source in sources.get(results.name, ()))
    return next((table for table in tables if table is not None), None)
