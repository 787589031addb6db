"""True against false answers by likelihood: the scores of TruthfulQA."""

from __future__ import annotations

from functools import partial

import polars as pl

import plots
from calibration.number_texts import with_interval
from factuality.multiple_choice.scores import Variant

from ..abbreviations import meanings
from ..blocks.download import Download
from ..blocks.figure import MOST_DRAWN, Figure, first_drawn
from ..blocks.section import Section
from ..blocks.table import Table
from ..choice_results import ChoiceResults

_TITLES: dict[Variant, str] = {
    "mc1": "Questions whose best answer is the likeliest (mc1)",
    "mc2": "Probability of the true answers (mc2)",
    "binary": "Questions whose best answer is likelier than the best false one (binary)",
}
_CAPTIONS: dict[Variant, str] = {
    "mc1": "Share of questions in which the model finds the best answer likelier than every false one: the diagram of "
    "figure 7 of the GPT-4 technical report.",
    "mc2": "Probability of the true answers among all that are given, on average.",
    "binary": "Share of questions in which the model finds the best answer likelier than the best false one.",
}


def multiple_choice(results: ChoiceResults) -> Section:
    """Figure 7 of the GPT-4 report, and every score of every run."""
    frame, variant = _frame(results), results.main
    summary = ", ".join(f"{row['run']} ({row['primer']}) {row[variant]:.2f}" for row in frame.iter_rows(named=True))
    labels = [source.name for source in results.sources]
    title = "True against false answers by likelihood: " + ", ".join(results.scores)
    figure = Figure(
        name=variant,
        title=_TITLES[variant],
        text=f"Bars of {variant} by run and primer: {summary}.",
        caption=f"{_CAPTIONS[variant]} Error bars are 95 % intervals.{first_drawn(len(labels))}",
        draw=partial(plots.truthfulqa_bars, results.scores[variant][:MOST_DRAWN], labels=labels[:MOST_DRAWN]),
        download=Download("multiple_choice.csv", title, frame),
    )
    return Section(
        name="multiple-choice",
        title="True against false answers, by likelihood",
        paragraphs=(
            "Nothing is generated here: each written answer is scored by how likely the model finds it, as in "
            "TruthfulQA's multiple choice.",
            meanings(results.scores),
            *(
                f"{source.name}: the run is not finished, {n_asked:,} of {source.manifest['n_items']:,} questions."
                for source, n_asked in zip(results.sources, results.n_asked, strict=True)
                if n_asked < source.manifest["n_items"]
            ),
        ),
        figures=(figure,),
        tables=(_table(frame, tuple(results.scores)),),
    )


def _table(frame: pl.DataFrame, variants: tuple[str, ...]) -> Table:
    rows = [
        (
            row["run"],
            row["primer"],
            f"{row['questions']:,}",
            *(with_interval(row[name], row[f"{name}_low"], row[f"{name}_high"]) for name in variants),
        )
        for row in frame.iter_rows(named=True)
    ]
    return Table(
        name="multiple-choice-table",
        caption="Every score, with 95 % intervals for new questions.",
        columns=("Run", "Primer", "Questions", *variants),
        rows=rows,
    )


def _frame(results: ChoiceResults) -> pl.DataFrame:
    rows = []
    for index, (source, score) in enumerate(zip(results.sources, results.scores[results.main], strict=True)):
        row: dict[str, str | int | float] = {
            "run": source.name,
            "primer": str(score.frame["primer"][0]),
            "questions": score.n_questions,
        }
        for name, estimates in results.estimates.items():
            estimate = estimates[index]
            row |= {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}
        rows.append(row)
    return pl.DataFrame(rows)
