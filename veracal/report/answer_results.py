"""Numbers of graded free-form answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

import factuality
from calibration.uncertainty.overlap import Overlap
from factuality import Judgments, RateChanges, Responses
from factuality.outcomes.common_questions import common_judgments, questions_of_all
from factuality.outcomes.shares import refuse_other_graders

from ..people_labels import Corrections, corrections
from .inputs import Inputs, Source
from .several_results import SeveralResults, several_results


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
    reference : str
        Name of the run that the others are compared with.
    changes : dict of str to RateChanges
        From the reference to each other run, by its name; empty if there are no two.
    several : SeveralResults or None
        All runs compared, of three or more.
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
    reference: str
    changes: dict[str, RateChanges]
    several: SeveralResults | None
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


def answer_results(
    inputs: Inputs, grader: str | None, people: Sequence[Path] = (), *, all_pairs: bool = False
) -> AnswerResults | None:
    """Every number of graded answers; None if the page has none.

    `people` are files of labels, one a run in their order; `all_pairs` tells whether all pairs of runs are shown.

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
    sources = inputs.responses
    judgments = [factuality.read_judgments(source.path, grader=grader) for source in inputs.responses]
    responses = tuple(factuality.read_responses(source.path) for source in inputs.responses)
    refuse_other_graders(*judgments)
    pairs, several, overlap = inputs.compared(sources), None, None
    if len(pairs) > 1:
        several = _several(
            inputs, dict(zip((source.name for source in sources), judgments, strict=True)), all_pairs=all_pairs
        )
        if inputs.items == "common":
            judgments = _on_common_questions(judgments)
    elif pairs and inputs.items == "common":
        ((before, after),) = pairs
        judgments[before], judgments[after], overlap = common_judgments(judgments[before], judgments[after])
    rates = [factuality.rates(judged) for judged in judgments]
    return AnswerResults(
        sources=inputs.responses,
        judgments=tuple(judgments),
        responses=responses,
        rates=_by_run(inputs.responses, [pl.concat([table.totals, table.frame]) for table in rates]),
        totals=_by_run(inputs.responses, [table.totals for table in rates]),
        reference=inputs.reference,
        changes={
            sources[after].name: factuality.rate_change(judgments[before], judgments[after]) for before, after in pairs
        },
        several=several,
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


def _several(inputs: Inputs, judgments: dict[str, Judgments], *, all_pairs: bool) -> SeveralResults:
    return several_results(
        "answers-all-runs",
        "Graded answers: all runs",
        lambda every: factuality.compare_judgments(
            judgments, reference=inputs.reference, all_pairs=every, items=inputs.items
        ),
        n_runs=len(judgments),
        all_pairs=all_pairs,
    )


def _on_common_questions(judgments: Sequence[Judgments]) -> list[Judgments]:
    common = questions_of_all({str(number): judged.frame for number, judged in enumerate(judgments)})
    return [Judgments(judged.frame.filter(pl.col("question").is_in(common))) for judged in judgments]


def _by_run(sources: Sequence[Source], tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    named = (
        table.select(pl.lit(source.name).alias("run"), pl.all()) for source, table in zip(sources, tables, strict=True)
    )
    return pl.concat(named).sort("adversarial", descending=True, maintain_order=True)
