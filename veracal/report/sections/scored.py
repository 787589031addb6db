"""Runs whose answers are right or wrong: their measures, changes and diagrams."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

import plots
from calibration import Estimate, Pairs, Summary, risk_coverage, signed_gap, subject_changes
from calibration.number_texts import interval_text, p_value, with_interval
from calibration.predictions.predictions import View
from calibration.uncertainty.measure_names import named_with, run_label
from plots.theme import literal

from ..abbreviations import meanings
from ..blocks.download import Download
from ..blocks.figure import MOST_DRAWN, Figure, drawn_names, first_drawn
from ..blocks.section import Section
from ..blocks.table import Table
from ..scored_results import ScoredResults
from .reliability import ABOUT_BAND, ABOUT_BINS, DIAGRAMS, curve_band, curve_bands
from .run_diagrams import run_diagrams

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing


_OF_CONFIDENCE = (
    "Reliability of the confidence",
    "Accuracy against confidence: on the dashed diagonal, what is said with 70 % comes true 70 % of the time; bars "
    "below it are over-confident.",
)


def scored(results: ScoredResults) -> Section:
    """Every measure of each run, what changed, and the diagrams that their confidences allow."""
    figures: list[Figure] = []
    if results.confident:
        figures += [_diagrams(results, view) for view in results.views]
        figures += _risk_coverage(results)
        figures += _forests(results)
    return Section(
        name=results.name,
        title=results.title,
        paragraphs=(
            *(f"{note[0].upper()}{note[1:]}." for note in results.shared_notes if results.several is None),
            *_abbreviations(results),
        ),
        figures=tuple(figures),
        tables=(_measures(results), *_changes(results)),
    )


def _abbreviations(results: ScoredResults) -> list[str]:
    keys = [key for summary in results.summaries for key in summary]
    sentence = meanings([_label(key, results) for key in keys] + ["p"] * (results.comparison is not None))
    return [sentence] if sentence else []


def _measures(results: ScoredResults) -> Table:
    keys = list(dict.fromkeys(key for summary in results.summaries for key in summary))
    rows = [(_label(key, results), *(_cell(summary, key) for summary in results.summaries)) for key in keys]
    frames = [
        summary.frame.select(pl.lit(name).alias("run"), pl.all())
        for name, summary in zip(results.names, results.summaries, strict=True)
    ]
    return Table(
        name=f"{results.name}-measures",
        caption="Every measure of each run, with 95 % intervals.",
        columns=("Measure", *results.names),
        rows=rows,
        download=Download(f"{results.name}.csv", f"{results.title}: every measure", pl.concat(frames)),
    )


def _changes(results: ScoredResults) -> list[Table]:
    comparison = results.comparison
    if comparison is None:
        return []
    wide = any(change.clustered and change.clustered.known for change in comparison.change.values())
    rows = [
        (
            _label(key, results),
            with_interval(comparison.before.point(key), None, None),
            with_interval(comparison.after.point(key), None, None),
            with_interval(change.value, change.low, change.high, form="+.3f"),
            p_value(change.p_value),
            *(
                ["" if change.clustered is None else interval_text(change.clustered.low, change.clustered.high)]
                if wide
                else []
            ),
        )
        for key, change in comparison.change.items()
    ]
    return [
        Table(
            name=f"{results.name}-changes",
            caption="What changed, paired by item, for these subjects" + " and for new ones" * wide + ".",
            columns=("Measure", *results.compared_names, "Change [95 % interval]", "p", *["New subjects"] * wide),
            rows=rows,
            download=Download(f"{results.name}_changes.csv", f"{results.title}: what changed", comparison.frame),
        )
    ]


def _diagrams(results: ScoredResults, view: View) -> Figure:
    """Diagrams of a run, of a pair, or of each of several runs."""
    if len(results.names) == 1 or results.compared is not None:
        return _reliability(results, view)
    mark = f"-{view}" if len(results.views) > 1 else ""
    return run_diagrams(
        dict(zip(results.names, results.confident, strict=True)),
        dict(zip(results.names, results.summaries, strict=True)),
        results.bins(view), view, name=f"{results.name}-reliability{mark}", several=len(results.views) > 1,
    )  # fmt: skip


def _reliability(results: ScoredResults, view: View) -> Figure:
    compared: dict[str, Summary] = {}
    if results.comparison is not None:
        sides = (results.comparison.before, results.comparison.after)
        compared = dict(zip(results.compared_names, sides, strict=True))
    errors = ", ".join(
        f"{compared.get(name, summary).point(f'ece_{view}'):.3f} for {name}"
        for name, summary in zip(results.names, results.summaries, strict=True)
    )
    pair = results.compared
    if pair is not None and isinstance(pair[0], Pairs):
        names = drawn_names((results.compared_names[0], results.compared_names[1]))
        bands = curve_bands(*pair)
        banded = bands is not None
        draw: Callable[[], Axes | Drawing] = partial(plots.before_after, *pair, labels=names, band=bands or False)
    else:
        band = curve_band(results.confident[0]) if view == "top" else None
        banded = band is not None
        draw = partial(plots.reliability, results.confident[0], view=view, band=band or False)
    title, caption = DIAGRAMS[view] if len(results.views) > 1 else _OF_CONFIDENCE
    mark = f"-{view}" if len(results.views) > 1 else ""
    return Figure(
        name=f"{results.name}-reliability{mark}",
        title=title,
        text=f"Reliability diagrams. ECE {errors}.",
        caption=f"{caption} {ABOUT_BINS}" + ABOUT_BAND * banded + _drawn_runs(results),
        draw=draw,
        download=Download(
            f"{results.name}_bins{mark.replace('-', '_')}.csv", f"{results.title}: bins of the diagrams",
            results.bins(view),
        ),
    )  # fmt: skip


def _drawn_runs(results: ScoredResults) -> str:
    """Which runs a diagram shows, and on which items, where that is not all."""
    if results.compared is None:
        return ""
    n_items = results.compared[0].n_items
    whole = dict(zip(results.names, results.runs, strict=True))
    if all(whole[name].n_items == n_items for name in results.compared_names):
        return ""
    return f" Drawn are the {n_items:,} items that both runs hold."


def _risk_coverage(results: ScoredResults) -> list[Figure]:
    if any(run.weights is not None for run in results.confident):
        return []
    names = results.names
    curves = pl.concat(
        risk_coverage(run.confidence, run.correct).frame.select(pl.lit(name).alias("run"), pl.all())
        for name, run in zip(results.names, results.confident, strict=True)
    )
    areas = ", ".join(
        f"{name} {summary.point('aurc'):.3f}"
        for name, summary in zip(results.names, results.summaries, strict=True)
        if "aurc" in summary
    )
    return [
        Figure(
            name=f"{results.name}-risk-coverage",
            title="Error rate of the surest answers",
            text=f"Risk–coverage curves. Area under them: {areas}.",
            caption="Error rate against the share of questions answered, the most confident first: how often a model "
            f"would err that answers only where it is sure. {meanings(['AURC', 'AUGRC'])}{first_drawn(len(names))}",
            draw=partial(
                plots.risk_coverage,
                results.confident[:MOST_DRAWN],
                labels=[literal(name) for name in names[:MOST_DRAWN]],
            ),
            download=Download(f"{results.name}_risk_coverage.csv", f"{results.title}: risk–coverage curves", curves),
        )
    ]


def _forests(results: ScoredResults) -> Iterator[Figure]:
    """Forest plots of what changed between runs, group by group."""
    for number, (names, (before, after)) in enumerate(results.pairs.items(), start=1):
        if len(set(before.subject.tolist())) < 2:
            continue
        frame = subject_changes(before, after, signed_gap).frame
        several = results.several is not None
        mark, change = (f"-{number}", f"{names[0]} → {names[1]}: change") if several else ("", "Change")
        yield Figure(
            name=f"{results.name}-forest{mark}",
            title=f"{change} of the signed gap, group by group",
            text=f"A forest plot of {frame.height:,} groups.",
            caption="Change of mean confidence − accuracy with its 95 % interval; to the right of 0 confidence "
            "rose against accuracy. Filled points: groups named at a false discovery rate of 5 %.",
            draw=partial(plots.by_subject, before, after, labels=drawn_names(names)),
            download=Download(
                f"{results.name}_groups{mark.replace('-', '_')}.csv",
                f"{results.title}: signed gap of each group" + f", {names[0]} → {names[1]}" * several,
                frame,
            ),
        )


def _label(key: str, results: ScoredResults) -> str:
    measure = key.removesuffix("_null95").removesuffix("_within")
    label = run_label(measure, whole=len(results.views) > 1)
    return label if measure == key else named_with(key, label)


def _cell(summary: Summary, key: str) -> str:
    if key not in summary:
        return ""
    value = summary[key]
    if isinstance(value, Estimate):
        return with_interval(value.value, value.low, value.high)
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"
