"""Factuality: graded free-form answers by category, before and after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

import factuality
import plots
from calibration.uncertainty.overlap import Overlap
from factuality import Judgments, RateChanges, Responses
from factuality.answers.cut_answers import CutAnswers
from factuality.outcomes.common_questions import common_judgments
from factuality.outcomes.shares import refuse_other_graders
from factuality.questions.question import category_label
from plots.theme import literal

from ..inputs import Inputs, Source
from ..parts.browser import answer_browser
from ..parts.download import csv_of
from ..parts.figure import Figure, drawing_of, inline
from ..parts.section import Section
from ..parts.table import Table, between, p_value

_KINDS = {True: "adversarial", False: "calm"}
_MEASURES = {
    "correct": "Right answers",
    "incorrect": "Wrong answers",
    "tempted": "Misconceptions: wrong answers that are one of the tempting ones",
    "abstained": "Abstentions: the model said that it does not know, or nothing",
    "correct_attempted": "Accuracy when attempted: right answers among the right and wrong ones",
}


@dataclass(frozen=True)
class Answers:
    """Graded answers of some runs.

    Attributes
    ----------
    sources : tuple of Source
        The runs.
    judgments : tuple of Judgments
        Theirs; of before and after those of the common questions alone, if only these are compared.
    responses : tuple of Responses
        What was judged.
    changes : RateChanges or None
        From before to after; none where the page has no answers of both.
    names : tuple of str
        What before and after are called.
    overlap : Overlap or None
        What before and after held; None if both must hold the same questions.
    """

    sources: tuple[Source, ...]
    judgments: tuple[Judgments, ...]
    responses: tuple[Responses, ...]
    changes: RateChanges | None
    names: tuple[str, ...]
    overlap: Overlap | None = None


def read_answers(inputs: Inputs, grader: str | None = None) -> Answers | None:
    """The graded answers of a report; none where there are no such runs."""
    if not inputs.responses:
        if grader is not None:
            raise ValueError(f"the grader {grader} has no effect: none of the runs holds graded answers; leave it out")
        return None
    judgments = [factuality.read_judgments(source.path, grader=grader) for source in inputs.responses]
    responses = tuple(factuality.read_responses(source.path) for source in inputs.responses)
    pair = inputs.pair_of(inputs.responses)
    refuse_other_graders(*judgments)
    changes = overlap = None
    if pair:
        first, second = pair
        if inputs.items == "common":
            judgments[first], judgments[second], overlap = common_judgments(judgments[first], judgments[second])
        changes = factuality.rate_change(judgments[first], judgments[second])
    return Answers(inputs.responses, tuple(judgments), responses, changes, inputs.names, overlap)


def factuality_section(answers: Answers) -> Section:
    """Rates by category with their changes."""
    names = [source.name for source in answers.sources]
    rates = _rates(answers)
    changes = answers.changes.frame if answers.changes else None
    tables = [_table(measure, title, rates, changes, names, answers.names) for measure, title in _MEASURES.items()]
    return Section(
        "factuality",
        "Factuality by category",
        (_about(answers), *_unfinished(answers), *_ungraded(answers), *_cut(answers), *_legend(answers)),
        figures=(*_bars(answers, rates), _outcomes(answers, rates)),
        tables=tuple(tables),
    )


def answers_section(answers: Answers) -> Section:
    """Every answer with its grade."""
    names = [source.name for source in answers.sources]
    thoughts = [side.frame.select("question", "sample", "thoughts") for side in answers.responses]
    judged = [
        side.frame.join(written, on=["question", "sample"], how="left", maintain_order="left")
        for side, written in zip(answers.judgments, thoughts, strict=True)
    ]
    browser = answer_browser(judged, names)
    return Section("answers", "Answer browser", browser.notes, browser=browser)


def _bars(answers: Answers, rates: pl.DataFrame) -> list[Figure]:
    """Figure 6, of adversarial and of calm questions."""
    labels = _labels(answers)
    figures = []
    for adversarial, kind in _KINDS.items():
        part = rates.filter(pl.col("adversarial") == adversarial)
        if part["run"].n_unique() < len(answers.sources):
            continue
        totals = part.filter(pl.col("category") == f"all {kind}")
        said = ", ".join(f"{row['run']} {row['correct']:.2f}" for row in totals.iter_rows(named=True))
        ax = plots.factuality_bars(answers.judgments, labels=labels, adversarial=adversarial)
        figures.append(
            Figure(
                f"factuality-{kind}",
                f"Accuracy on {kind} questions",
                f"Bars of accuracy by category. Over all categories: {said}. The numbers stand in the tables below.",
                "Share of all questions of a category that were answered correctly"
                + (": the diagram of figure 6 of the GPT-4 technical report" if adversarial else "")
                + ". An abstention is no correct answer. Arms are 95 % intervals.",
                inline(drawing_of(ax), f"factuality-{kind}"),
                csv_of(part, f"factuality_{kind}.csv", f"Rates of every outcome, {kind} questions"),
            )
        )
    return figures


def _outcomes(answers: Answers, rates: pl.DataFrame) -> Figure:
    totals = rates.filter(pl.col("category").str.starts_with("all "))
    said = "; ".join(
        f"{row['run']}, {row['category']}: {row['correct']:.2f} correct, {row['abstained']:.2f} abstained, "
        f"{row['incorrect']:.2f} incorrect ({row['tempted']:.2f} the misconception), {row['ungraded']:.2f} ungraded"
        for row in totals.iter_rows(named=True)
    )
    return Figure(
        "outcomes",
        "What the answers are",
        f"One stacked bar a run. {said}.",
        "Every question counts once, so that fewer wrong answers can be seen to have become right ones or abstentions.",
        inline(drawing_of(plots.outcomes(answers.judgments, labels=_labels(answers))), "outcomes"),
        csv_of(totals, "outcomes.csv", "Rates of every outcome over all categories"),
    )


def _labels(answers: Answers) -> list[str]:
    return [literal(source.name) for source in answers.sources]


def _about(answers: Answers) -> str:
    frame = answers.judgments[0].frame
    kinds = [
        f"{frame.filter(pl.col('adversarial') == adversarial).height:,} {name}"
        for adversarial, name in _KINDS.items()
        if (frame["adversarial"] == adversarial).any()
    ]
    return (
        f"Free-form answers to {' and '.join(kinds)} questions, graded by {frame['grader'][0]}. Every share is of all "
        "questions asked in the category, with Wilson's 95 % interval."
    )


def _unfinished(answers: Answers) -> list[str]:
    return [
        f"{source.name}: the run is not finished, {side.frame.height:,} of {source.manifest['n_items']:,} answers."
        for source, side in zip(answers.sources, answers.responses, strict=True)
        if side.frame.height < source.manifest["n_items"]
    ]


def _ungraded(answers: Answers) -> list[str]:
    return [
        f"{source.name}: {count:,} of {side.n_answers:,} answers could not be graded; they count as no outcome."
        for source, side in zip(answers.sources, answers.judgments, strict=True)
        if (count := side.frame.filter(pl.col("grade") == "ungraded").height)
    ]


def _cut(answers: Answers) -> list[str]:
    cut = [CutAnswers.of(side.frame) for side in answers.responses]
    return [
        f"{source.name}: {sentence}."
        for source, counts in zip(answers.sources, cut, strict=True)
        for sentence in (counts.missing, counts.withheld, counts.short)
        if sentence
    ]


def _legend(answers: Answers) -> list[str]:
    if answers.changes is None:
        return []
    return [
        f"Changes are from {answers.names[0]} to {answers.names[1]}, paired by question; q is the p-value corrected "
        "for the number of categories."
    ]


def _rates(answers: Answers) -> pl.DataFrame:
    parts = []
    for source, side in zip(answers.sources, answers.judgments, strict=True):
        found = factuality.rates(side)
        parts.append(pl.concat([found.totals, found.frame]).select(pl.lit(source.name).alias("run"), pl.all()))
    # Adversarial questions first, each kind under its total.
    return pl.concat(parts).sort("adversarial", descending=True, maintain_order=True)


def _table(
    measure: str,
    title: str,
    rates: pl.DataFrame,
    changes: pl.DataFrame | None,
    names: Sequence[str],
    pair: Sequence[str],
) -> Table:
    first = rates.filter(pl.col("run") == names[0])
    keys = list(first.select("category", "adversarial").iter_rows())
    columns = [_shares(rates.filter(pl.col("run") == name), measure) for name in names]
    headings = ["Category", "n", *names]
    file = rates
    if changes is not None:
        file = changes.filter(pl.col("measure") == measure)
        columns += _moved(file)
        headings += ["Change" if len(names) == 2 else f"Change, {pair[0]} → {pair[1]}", "p", "q"]
    both = first["adversarial"].n_unique() > 1
    rows = [
        (
            category_label(key[0]) + " (calm)" * (both and not key[1] and not key[0].startswith("all ")),
            f"{count:,}",
            *(column.get(key, "") for column in columns),
        )
        for key, count in zip(keys, first["n"], strict=True)
    ]
    return Table(
        f"factuality-{measure}",
        f"{title}, by category.",
        tuple(headings),
        rows,
        csv_of(file, f"factuality_{measure}.csv", f"{title}, by category"),
    )


def _shares(rates: pl.DataFrame, measure: str) -> dict[tuple[str, bool], str]:
    return _by_key(rates, between(rates, measure, f"{measure}_low", f"{measure}_high", digits=2))


def _moved(changes: pl.DataFrame) -> list[dict[tuple[str, bool], str]]:
    """Change, p-value and q-value of each category."""
    columns = [between(changes, "change", "low", "high", sign=True, digits=2)]
    columns += [pl.Series([p_value(value) for value in changes[name]]) for name in ("p_value", "q_value")]
    return [_by_key(changes, column) for column in columns]


def _by_key(frame: pl.DataFrame, texts: pl.Series) -> dict[tuple[str, bool], str]:
    return dict(zip(frame.select("category", "adversarial").iter_rows(), texts, strict=True))
