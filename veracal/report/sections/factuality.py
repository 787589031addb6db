"""Rates of right, wrong and abstained answers by category, before and after."""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl

import plots
from calibration.number_texts import counted, p_value, with_interval
from factuality import RateChanges
from factuality.answers.cut_answers import CutAnswers
from factuality.questions.question import category_label
from plots.theme import literal

from ..answer_results import AnswerResults
from ..blocks.download import Download
from ..blocks.figure import MOST_DRAWN, Figure, first_drawn
from ..blocks.section import Section
from ..blocks.table import Table
from ..inputs import FEW

_KINDS = {True: "adversarial", False: "control"}
_MEASURES = {
    "correct": "Right answers",
    "incorrect": "Wrong answers",
    "tempted": "Common misconceptions: wrong answers that repeat a distractor",
    "abstained": "Abstentions: the model said that it does not know, or nothing",
    "correct_attempted": "Accuracy when attempted: right answers among the right and wrong ones",
}

# Category, and whether its questions are adversarial.
_Key = tuple[str, bool]


def factuality(results: AnswerResults) -> Section:
    """Rates by category with their changes."""
    return Section(
        name="factuality",
        title="Factuality by category",
        paragraphs=(
            _about(results), *_unfinished(results), *_ungraded(results), *_cut(results), *results.notes,
            *_legend(results),
        ),
        figures=(*_accuracies(results), _outcomes(results)),
        tables=tuple(
            _table(results, measure, title)
            for measure, title in _MEASURES.items()
            if measure != "tempted" or results.tempting
        ),
    )  # fmt: skip


def _accuracies(results: AnswerResults) -> list[Figure]:
    """Figure 6 of the GPT-4 report, of adversarial and of control questions."""
    names = [source.name for source in results.sources]
    judgments, drawn = results.judgments[:MOST_DRAWN], names[:MOST_DRAWN]
    figures = []
    for adversarial, kind in _KINDS.items():
        rates = results.rates.filter(pl.col("adversarial") == adversarial)
        if rates["run"].n_unique() < len(names):
            continue
        totals = results.totals.filter(pl.col("adversarial") == adversarial)
        name = kind if results.adversarial else "all"
        summary = ", ".join(f"{row['run']} {row['correct']:.2f}" for row in totals.iter_rows(named=True))
        figures.append(
            Figure(
                name=f"factuality-{name}",
                title=f"Accuracy on {name} questions",
                text=f"Bars of accuracy by category. Over all categories: {summary}. The numbers stand in the tables "
                "below.",
                caption="Share of all questions of a category that were answered correctly"
                + (": the diagram of figure 6 of the GPT-4 technical report" if adversarial else "")
                + f". An abstention is no correct answer. Error bars are 95 % intervals.{first_drawn(len(names))}",
                draw=partial(
                    plots.factuality_bars,
                    judgments,
                    labels=[literal(name) for name in drawn],
                    adversarial=adversarial,
                ),
                download=Download(f"factuality_{name}.csv", f"Rates of every outcome, {name} questions", rates),
            )
        )
    return figures


def _outcomes(results: AnswerResults) -> Figure:
    totals = results.totals
    summary = "; ".join(
        f"{row['run']}, {category_label(row['category'], controls=results.adversarial)}: {row['correct']:.2f} correct, "
        f"{row['abstained']:.2f} abstained, {row['incorrect']:.2f} incorrect"
        + f" ({row['tempted']:.2f} the common misconception)" * results.tempting
        + f", {row['ungraded']:.2f} ungraded"
        for row in totals.iter_rows(named=True)
    )
    return Figure(
        name="outcomes",
        title="What the answers are",
        text=f"One stacked bar a run. {summary}.",
        caption="Every question counts once, so that fewer wrong answers can be seen to have become right ones or "
        f"abstentions.{first_drawn(len(results.sources))}",
        draw=partial(
            plots.outcomes,
            results.judgments[:MOST_DRAWN],
            labels=[literal(source.name) for source in results.sources[:MOST_DRAWN]],
        ),
        download=Download("outcomes.csv", "Rates of every outcome over all categories", totals),
    )


def _about(results: AnswerResults) -> str:
    frame = results.judgments[0].frame
    kinds = [
        (frame.filter(pl.col("adversarial") == adversarial)["question"].n_unique(), f"{name} " * results.adversarial)
        for adversarial, name in _KINDS.items()
        if (frame["adversarial"] == adversarial).any()
    ]
    *firsts, (n_last, kind) = kinds
    asked = " and ".join(
        [*(f"{number:,} {name}".strip() for number, name in firsts), counted(n_last, f"{kind}question")]
    )
    return (
        f"Free-form answers to {asked}, graded by {frame['grader'][0]}. Every share is of all "
        "questions asked in the category, with Wilson's 95 % interval."
    )


def _unfinished(results: AnswerResults) -> list[str]:
    return [
        f"{source.name}: the run is not finished, {answers.frame.height:,} of {source.manifest['n_items']:,} answers."
        for source, answers in zip(results.sources, results.responses, strict=True)
        if answers.frame.height < source.manifest["n_items"]
    ]


def _ungraded(results: AnswerResults) -> list[str]:
    return [
        f"{source.name}: {count:,} of {counted(judged.n_answers, 'answer')} could not be graded; "
        f"{'it counts' if count == 1 else 'they count'} as no outcome."
        for source, judged in zip(results.sources, results.judgments, strict=True)
        if (count := judged.frame.filter(pl.col("grade") == "ungraded").height)
    ]


def _cut(results: AnswerResults) -> list[str]:
    cut = [CutAnswers.of(asked.frame) for asked in results.responses]
    return [
        f"{source.name}: {sentence}."
        for source, counts in zip(results.sources, cut, strict=True)
        for sentence in (counts.missing, counts.withheld, counts.short)
        if sentence
    ]


def _legend(results: AnswerResults) -> list[str]:
    shown = _shown_changes(results)
    if not shown:
        return []
    others = next(iter(shown)) if len(shown) == 1 else "each other run"
    return [
        f"Changes are from {results.reference} to {others}, paired by question; q is the p-value corrected for the "
        "number of categories."
    ]


def _shown_changes(results: AnswerResults) -> dict[str, RateChanges]:
    """Changes from the reference to a few other runs; of many none."""
    return results.changes if len(results.changes) < FEW else {}


def _table(results: AnswerResults, measure: str, title: str) -> Table:
    names = [source.name for source in results.sources]
    first = results.rates.filter(pl.col("run") == names[0])
    columns = [_rate_cells(results.rates.filter(pl.col("run") == name), measure) for name in names]
    headings = ["Category", "n", *names]
    table = results.rates
    changes = _shown_changes(results)
    for after, of_run in changes.items():
        changed = of_run.frame.filter(pl.col("measure") == measure)
        columns += _change_cells(changed)
        headings += ["Change" if len(names) == 2 else f"Change, {results.reference} → {after}", "p", "q"]
    if changes:
        tables = [
            of_run.frame.filter(pl.col("measure") == measure).select(pl.lit(after).alias("run"), pl.all())
            for after, of_run in changes.items()
        ]
        table = tables[0].drop("run") if len(tables) == 1 else pl.concat(tables)
    both_kinds = first["adversarial"].n_unique() > 1
    rows = [
        (
            category_label(category, controls=results.adversarial)
            + " (control)" * (both_kinds and not adversarial and not category.startswith("all ")),
            f"{count:,}",
            *(column.get((category, adversarial), "") for column in columns),
        )
        for category, adversarial, count in first.select("category", "adversarial", "n").iter_rows()
    ]
    return Table(
        name=f"factuality-{measure}",
        caption=f"{title}, by category.",
        columns=tuple(headings),
        rows=rows,
        download=Download(f"factuality_{measure}.csv", f"{title}, by category", table),
    )


def _rate_cells(rates: pl.DataFrame, measure: str) -> dict[_Key, str]:
    return {
        _key(row): with_interval(row[measure], row[f"{measure}_low"], row[f"{measure}_high"], form=".2f")
        for row in rates.iter_rows(named=True)
    }


def _change_cells(changes: pl.DataFrame) -> list[dict[_Key, str]]:
    """Change, p-value and q-value of each category."""
    rows = list(changes.iter_rows(named=True))
    return [
        {_key(row): with_interval(row["change"], row["low"], row["high"], form="+.2f") for row in rows},
        {_key(row): p_value(row["p_value"]) for row in rows},
        {_key(row): p_value(row["q_value"]) for row in rows},
    ]


def _key(row: dict[str, Any]) -> _Key:
    return row["category"], row["adversarial"]
