"""True against false answers by likelihood: the scores of TruthfulQA."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

import plots
from calibration.uncertainty.overlap import Overlap
from factuality.multiple_choice.common_questions import common_scores
from factuality.multiple_choice.likelihoods import read_multiple_choice, read_questions
from factuality.multiple_choice.scores import MultipleChoice, Variant, variants_of

from ..inputs import Inputs, Source
from ..parts.download import csv_of
from ..parts.figure import Figure, drawing_of, inline
from ..parts.section import Section
from ..parts.table import Table


@dataclass(frozen=True)
class Choices:
    """The multiple-choice runs of a report.

    Attributes
    ----------
    sources : tuple of Source
        The runs.
    results : dict of Variant to list of MultipleChoice
        Every score that the questions have, of every run; of before and after those of the common questions alone, if
        only these are compared.
    n_asked : tuple of int
        How many questions each run holds.
    overlap : Overlap or None
        What before and after held; None if nothing is left out.
    """

    sources: tuple[Source, ...]
    results: dict[Variant, list[MultipleChoice]]
    n_asked: tuple[int, ...]
    overlap: Overlap | None = None


def read_choices(inputs: Inputs) -> Choices | None:
    """The multiple-choice runs of a report; none where there are no such runs."""
    sources = inputs.multiple_choice
    if not sources:
        return None
    variants = variants_of([question for source in sources for question in read_questions(source.path)])
    results = {
        variant: [read_multiple_choice(source.path, variant=variant) for source in sources] for variant in variants
    }
    n_asked = tuple(scores.n_questions for scores in results["mc1"])
    overlap = None
    if inputs.items == "common" and (pair := inputs.pair_of(sources)):
        first, second = pair
        pairs = {variant: (scores[first], scores[second]) for variant, scores in results.items()}
        common, overlap = common_scores(pairs)
        for variant, (before, after) in common.items():
            results[variant][first], results[variant][second] = before, after
    return Choices(sources, results, n_asked, overlap)


def multiple_choice_section(choices: Choices) -> Section:
    """Figure 7, and every score that the questions have, of every run."""
    sources, results = choices.sources, choices.results
    variants = list(results)
    frame = _frame(sources, results)
    rows = [
        (
            row["run"],
            row["primer"],
            f"{row['questions']:,}",
            *(f"{row[name]:.3f} [{row[f'{name}_low']:.3f}, {row[f'{name}_high']:.3f}]" for name in variants),
        )
        for row in frame.iter_rows(named=True)
    ]
    said = ", ".join(f"{row['run']} ({row['primer']}) {row['mc1']:.2f}" for row in frame.iter_rows(named=True))
    labels = [source.name for source in sources]
    download = csv_of(frame, "multiple_choice.csv", "True against false answers by likelihood: " + ", ".join(variants))
    figure = Figure(
        "mc1",
        "Questions whose best answer is the likeliest (mc1)",
        f"Bars of mc1 by run and primer: {said}.",
        "Share of questions in which the model finds the best answer likelier than every false one: the diagram of "
        "figure 7 of the GPT-4 technical report. Arms are 95 % intervals.",
        inline(drawing_of(plots.truthfulqa_bars(results["mc1"], labels=labels)), "mc1"),
        download,
    )
    table = Table(
        "multiple-choice-table",
        "Every score, with 95 % intervals for new questions.",
        ("Run", "Primer", "Questions", *variants),
        rows,
    )
    return Section(
        "multiple-choice",
        "True against false answers, by likelihood",
        (
            "Nothing is generated here: each written answer is scored by how likely the model finds it, as in "
            "TruthfulQA's multiple choice.",
            *(
                f"{source.name}: the run is not finished, {n_asked:,} of {source.manifest['n_items']:,} questions."
                for source, n_asked in zip(sources, choices.n_asked, strict=True)
                if n_asked < source.manifest["n_items"]
            ),
        ),
        figures=(figure,),
        tables=(table,),
    )


def multiple_choice_verdict(choices: Choices) -> list[str]:
    """In how many questions each run finds the truth likelier than every falsehood."""
    found = [(source.name, scores) for source, scores in zip(choices.sources, choices.results["mc1"], strict=True)]
    return [
        f"{name} finds the best answer likelier than every false one in {one.estimate()} of {one.n_questions:,} "
        f"questions (primer {one.frame['primer'][0]})."
        for name, one in found
    ]


def _frame(sources: Sequence[Source], results: Mapping[Variant, list[MultipleChoice]]) -> pl.DataFrame:
    rows = []
    for place, source in enumerate(sources):
        first = results["mc1"][place]
        row: dict[str, str | int | float] = {
            "run": source.name,
            "primer": str(first.frame["primer"][0]),
            "questions": first.n_questions,
        }
        for name in results:
            found = results[name][place].estimate()
            row |= {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
        rows.append(row)
    return pl.DataFrame(rows)
