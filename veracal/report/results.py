"""Every number of a report, computed before anything is laid out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

import calibration
import factuality
from calibration import Comparison, Diagnosis, Estimate, GroupChanges
from calibration.predictions.predictions import View
from calibration.recalibration.cross_fitting import FoldKind
from calibration.recalibration.recalibration import Recalibration
from calibration.runs.scored_runs import read_scored_run
from calibration.uncertainty.overlap import Overlap
from factuality import Judgments, RateChanges, Responses
from factuality.confidence.confidences import scored_confidences
from factuality.multiple_choice.common_questions import common_scores
from factuality.multiple_choice.likelihoods import read_multiple_choice, read_questions
from factuality.multiple_choice.scores import MultipleChoice, Variant, possible_variants
from factuality.outcomes.common_questions import common_judgments
from factuality.outcomes.shares import refuse_other_graders

from ..groups import PairGroups, pair_groups
from ..recalibrations import recalibrations
from .inputs import Inputs, PredictionPair, Source
from .letter_statistics import letter_shares, letter_statistics
from .scored_results import ScoredResults, scored_results

# Items below which nothing can be fitted on some folds and tried on another.
_FEWEST = 10

_VIEWS: tuple[View, ...] = ("choices", "top")


@dataclass(frozen=True, kw_only=True)
class PairResults:
    """Numbers of two runs of predictions.

    Attributes
    ----------
    runs : PredictionPair
        The runs.
    comparison : Comparison
        Every measure of both, and its change.
    bins : dict of polars.DataFrame
        Bins of the reliability diagrams, by view; ``run`` names the run.
    diagnoses : pair of Diagnosis or None
        Of both runs; None if there are too few items for folds.
    subjects : GroupChanges or None
        Change of the signed gap by subject; None if there is one subject.
    groups : tuple of PairGroups
        Changes by other columns that were asked for.
    letters, letter_shares : polars.DataFrame
        As in `letter_statistics` and `letter_shares`.
    recalibrations : dict of pair of Recalibration
        Of both runs, by method.
    by : {"items", "subjects"}
        What the recalibrations split into folds.
    """

    runs: PredictionPair
    comparison: Comparison
    bins: dict[View, pl.DataFrame]
    diagnoses: tuple[Diagnosis, Diagnosis] | None
    subjects: GroupChanges | None
    groups: tuple[PairGroups, ...]
    letters: pl.DataFrame
    letter_shares: pl.DataFrame
    recalibrations: dict[str, tuple[Recalibration, Recalibration]]
    by: FoldKind


@dataclass(frozen=True, kw_only=True)
class AnswerResults:
    """Numbers of graded free-form answers.

    Attributes
    ----------
    sources : tuple of Source
        The runs.
    judgments : tuple of Judgments
        Theirs; of before and after those on the common questions alone, if only these are compared.
    responses : tuple of Responses
        The answers.
    rates : polars.DataFrame
        Rates of every outcome, a row a run and category; adversarial questions first, each kind under its total.
    totals : polars.DataFrame
        The same over all categories.
    changes : RateChanges or None
        From before to after; None if the page has no answers of both.
    names : tuple of str
        Names of before and after.
    overlap : Overlap or None
        Questions of before and after; None if both must hold the same ones.
    notes : tuple of str
        How questions with several answers are counted, a sentence a run that has some.
    """

    sources: tuple[Source, ...]
    judgments: tuple[Judgments, ...]
    responses: tuple[Responses, ...]
    rates: pl.DataFrame
    totals: pl.DataFrame
    changes: RateChanges | None
    names: tuple[str, ...]
    overlap: Overlap | None
    notes: tuple[str, ...]

    @property
    def adversarial(self) -> bool:
        """True if any question is adversarial; the others are control questions only beside such."""
        return bool(self.totals["adversarial"].any())

    @property
    def tempting(self) -> bool:
        """True if a question invites a misconception, or an answer repeats one."""
        return self.adversarial or bool(self.totals["tempted"].sum())


@dataclass(frozen=True, kw_only=True)
class ChoiceResults:
    """Numbers of TruthfulQA's multiple choice by likelihood.

    Attributes
    ----------
    sources : tuple of Source
        The runs.
    scores : dict of tuple of MultipleChoice
        Scores of every run, by variant; of before and after those on the common questions alone, if only these are
        compared.
    estimates : dict of tuple of Estimate
        Mean score of every run, by variant.
    n_asked : tuple of int
        Number of questions in each run.
    overlap : Overlap or None
        Questions of before and after; None if nothing is left out.
    """

    sources: tuple[Source, ...]
    scores: dict[Variant, tuple[MultipleChoice, ...]]
    estimates: dict[Variant, tuple[Estimate, ...]]
    n_asked: tuple[int, ...]
    overlap: Overlap | None


@dataclass(frozen=True, kw_only=True)
class Results:
    """Every number of a report.

    Attributes
    ----------
    inputs : Inputs
        The runs.
    pair : PairResults or None
        Of two runs of predictions.
    answers : AnswerResults or None
        Of graded answers.
    choices : ChoiceResults or None
        Of answers by likelihood.
    stated : tuple of ScoredResults
        Of runs of pairs, of runs of verdicts, and of the confidence of free answers, as far as there are any.
    """

    inputs: Inputs
    pair: PairResults | None
    answers: AnswerResults | None
    choices: ChoiceResults | None
    stated: tuple[ScoredResults, ...] = ()


def compute_results(
    inputs: Inputs,
    *,
    grader: str | None = None,
    methods: Sequence[str] = (),
    by: FoldKind = "items",
    groups: Sequence[str] = (),
) -> Results:
    """Every number of a report.

    Parameters
    ----------
    inputs : Inputs
        The runs.
    grader : str, optional
        Whose judgments of answers to read; required if there are several.
    methods : sequence of str
        Methods of recalibration.
    by : {"items", "subjects"}
        What `methods` split into folds.
    groups : sequence of str
        Columns by which changes are told, each a name or several with commas.

    Raises
    ------
    ValueError
        For an unknown column, a method that cannot be fitted on one of the runs, a grader without answers, several
        graders of which none is named, and runs on other questions.
    FileNotFoundError
        For answers that were not graded.
    """
    # What a run may refuse comes before what takes long.
    recalibrated = _recalibrations(inputs.pair, methods, by) if inputs.pair else {}
    grouped = _groups(inputs.pair, groups)
    answers = _answer_results(inputs, grader)
    pair = _pair_results(inputs.pair, recalibrated, by, grouped) if inputs.pair else None
    choices = _choice_results(inputs) if inputs.multiple_choice else None
    stated = (*_run_results(inputs), *(_confidence_results(inputs, answers) if answers else ()))
    return Results(inputs=inputs, pair=pair, answers=answers, choices=choices, stated=stated)


def _run_results(inputs: Inputs) -> Iterator[ScoredResults]:
    """Numbers of runs of pairs and of runs of verdicts."""
    kinds = {
        "confidences": ("Confidences", inputs.pairs),
        "verdicts": ("Right and wrong answers", inputs.verdicts),
    }
    for name, (title, sources) in kinds.items():
        runs: list[Any] = [read_scored_run(source.path) for source in sources]
        if runs:
            names = [source.name for source in sources]
            yield scored_results(name, title, names, runs, pair=inputs.before_and_after(sources), items=inputs.items)


def _confidence_results(inputs: Inputs, answers: AnswerResults) -> Iterator[ScoredResults]:
    """Numbers of the confidence of free answers, if all are of one kind."""
    pairs = [scored_confidences(judgments) for judgments in answers.judgments]
    scored = [held for held in pairs if held is not None]
    if len(scored) == len(pairs) and len({held.kind for held in scored}) == 1:
        names = [source.name for source in answers.sources]
        notes = [(name, note) for name, held in zip(names, scored, strict=True) for note in held.notes]
        yield scored_results(
            "answer-confidence", f"Confidence of the answers ({scored[0].kind})", names,
            [held.pairs for held in scored], pair=inputs.before_and_after(answers.sources), items="common", notes=notes,
        )  # fmt: skip


def _recalibrations(
    pair: PredictionPair, methods: Sequence[str], by: FoldKind
) -> dict[str, tuple[Recalibration, Recalibration]]:
    before, after = (
        recalibrations(run, methods, by=by, name=name)
        for name, run in zip(pair.names, (pair.before, pair.after), strict=True)
    )
    return dict(zip(methods, zip(before, after, strict=True), strict=True))


def _groups(pair: PredictionPair | None, columns: Sequence[str]) -> tuple[PairGroups, ...]:
    if pair is None and columns:
        raise ValueError(f"groups by {columns[0]} are told of two runs of multiple-choice items, and there are none")
    return tuple(pair_groups(pair.before, pair.after, by, texts=pair.texts) for by in columns) if pair else ()


def _pair_results(
    pair: PredictionPair,
    recalibrated: dict[str, tuple[Recalibration, Recalibration]],
    by: FoldKind,
    groups: tuple[PairGroups, ...],
) -> PairResults:
    before, after = pair.before, pair.after
    few, one_subject = before.n_items < _FEWEST, len(set(before.subject.tolist())) < 2
    return PairResults(
        runs=pair,
        comparison=replace(calibration.compare(before, after), items=pair.overlap),
        bins={view: _bins(pair, view) for view in _VIEWS},
        diagnoses=None if few else (calibration.diagnose(before), calibration.diagnose(after)),
        subjects=None if one_subject else calibration.subject_changes(before, after),
        groups=groups,
        letters=letter_statistics((before, after), pair.names),
        letter_shares=letter_shares((before, after)),
        recalibrations=recalibrated,
        by=by,
    )


def _bins(pair: PredictionPair, view: View) -> pl.DataFrame:
    values = (run.view(view) for run in (pair.before, pair.after))
    return pl.concat(
        calibration.reliability_curve(confidence, correct, item=item).frame.select(pl.lit(name).alias("run"), pl.all())
        for name, (confidence, correct, item) in zip(pair.names, values, strict=True)
    )


def _answer_results(inputs: Inputs, grader: str | None) -> AnswerResults | None:
    if not inputs.responses:
        if grader is not None:
            raise ValueError(f"the grader {grader} has no effect: none of the runs holds graded answers; leave it out")
        return None
    judgments = [factuality.read_judgments(source.path, grader=grader) for source in inputs.responses]
    responses = tuple(factuality.read_responses(source.path) for source in inputs.responses)
    refuse_other_graders(*judgments)
    changes = overlap = None
    if pair := inputs.before_and_after(inputs.responses):
        before, after = pair
        if inputs.items == "common":
            judgments[before], judgments[after], overlap = common_judgments(judgments[before], judgments[after])
        changes = factuality.rate_change(judgments[before], judgments[after])
    rates = [factuality.rates(judged) for judged in judgments]
    return AnswerResults(
        sources=inputs.responses,
        judgments=tuple(judgments),
        responses=responses,
        rates=_by_run(inputs.responses, [pl.concat([table.totals, table.frame]) for table in rates]),
        totals=_by_run(inputs.responses, [table.totals for table in rates]),
        changes=changes,
        names=inputs.names,
        overlap=overlap,
        notes=tuple(
            f"{source.name}: {note}."
            for source, table in zip(inputs.responses, rates, strict=True)
            for note in table.notes
        ),
    )


def _by_run(sources: Sequence[Source], tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    named = (
        table.select(pl.lit(source.name).alias("run"), pl.all()) for source, table in zip(sources, tables, strict=True)
    )
    return pl.concat(named).sort("adversarial", descending=True, maintain_order=True)


def _choice_results(inputs: Inputs) -> ChoiceResults:
    sources = inputs.multiple_choice
    variants = possible_variants([question for source in sources for question in read_questions(source.path)])
    scores = {
        variant: [read_multiple_choice(source.path, variant=variant) for source in sources] for variant in variants
    }
    n_asked = tuple(score.n_questions for score in scores["mc1"])
    overlap = None
    if inputs.items == "common" and (pair := inputs.before_and_after(sources)):
        before, after = pair
        common, overlap = common_scores({variant: (row[before], row[after]) for variant, row in scores.items()})
        for variant, row in scores.items():
            row[before], row[after] = common[variant]
    return ChoiceResults(
        sources=sources,
        scores={variant: tuple(row) for variant, row in scores.items()},
        estimates={variant: tuple(score.estimate() for score in row) for variant, row in scores.items()},
        n_asked=n_asked,
        overlap=overlap,
    )
