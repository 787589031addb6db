"""Numbers of graded free-form answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

import factuality
from calibration.uncertainty.overlap import Overlap
from factuality import Judgments, RateChanges, Responses
from factuality.outcomes.common_questions import common_judgments
from factuality.outcomes.shares import refuse_other_graders

from ..people_labels import Corrections, corrections
from .inputs import Inputs, Source


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
    corrections : tuple of Corrections
        Of each run by people's labels; empty if there are none.
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
    corrections: tuple[Corrections, ...] = ()

    @property
    def adversarial(self) -> bool:
        """True if any question is adversarial; the others are control questions only beside such."""
        return bool(self.totals["adversarial"].any())

    @property
    def tempting(self) -> bool:
        """True if a question invites a misconception, or an answer repeats one."""
        return self.adversarial or bool(self.totals["tempted"].sum())


def answer_results(inputs: Inputs, grader: str | None, people: Sequence[Path] = ()) -> AnswerResults | None:
    """Every number of graded answers; None if the page has none.

    `people` are files of labels, one a run in their order.

    Raises
    ------
    ValueError
        For a grader without answers, several graders of which none is named, and runs on other questions; for files of
        labels that are not as many as the runs.
    FileNotFoundError
        For answers that were not graded.
    """
    if people and len(people) != len(inputs.responses):
        raise ValueError(
            f"people's labels need one file a run of graded answers, in their order: {len(people)} for "
            f"{len(inputs.responses)}"
        )
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
        corrections=tuple(
            corrections(source.path, judged, file)
            for source, judged, file in zip(inputs.responses, judgments, people, strict=bool(people))
        ),
    )


def _by_run(sources: Sequence[Source], tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    named = (
        table.select(pl.lit(source.name).alias("run"), pl.all()) for source, table in zip(sources, tables, strict=True)
    )
    return pl.concat(named).sort("adversarial", descending=True, maintain_order=True)
