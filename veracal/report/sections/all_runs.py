"""All runs of a kind side by side, with what differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import polars as pl

import plots
from calibration.analysis.runs_table import CHIEF, runs_table
from calibration.number_texts import interval_text, p_value, with_interval
from plots.theme import literal

from ..abbreviations import meanings
from ..blocks.download import Download
from ..blocks.figure import Figure
from ..blocks.section import Section
from ..blocks.table import Table
from ..escaping import minus
from ..several_results import SeveralResults

_COMMON_LETTER = (
    "Group: runs without a common letter are shown to differ, all pairs of a measure tested together (Holm); a common "
    "letter is no proof that two runs are alike."
)
_NO_GROUPS = "Which runs differ from each other needs the tests of all pairs, as with --all-pairs."


def all_runs(results: SeveralResults, *, sentences: Sequence[str] = (), more: Sequence[str] = ()) -> Section:
    """All runs of a kind side by side.

    Parameters
    ----------
    results : SeveralResults
        The runs.
    sentences : sequence of str
        On each of them.
    more : sequence of str
        Further paragraphs.
    """
    comparison = results.comparison
    return Section(
        name=results.name,
        title=results.title,
        paragraphs=(
            *map(minus, sentences),
            *(f"{_sentence(note, results.names)}." for note in comparison.notes),
            _COMMON_LETTER if results.groups else _NO_GROUPS,
            meanings([comparison.label(key) for key in CHIEF if key in comparison.measures]),
            *more,
        ),
        figures=(_figure(results),),
        tables=(_table(results), *_pairs(results)),
    )


def _figure(results: SeveralResults) -> Figure:
    comparison = results.comparison
    return Figure(
        name=f"{results.name}-beside",
        title="Every run beside the others",
        text=f"A panel a measure, a row a run: {', '.join(results.names)}. The numbers stand in the table below.",
        caption="Each measure with its 95 % interval; grey bands reach from 0 to the noise floor. The dashed line is "
        f"at {comparison.reference}; runs that differ from it at a false discovery rate of 5 % are filled.",
        draw=partial(plots.runs, comparison, labels=[literal(name) for name in results.names]),
        download=Download(f"{results.name}.csv", f"{results.title}: every measure", results.frame),
    )


def _sentence(note: str, names: Sequence[str]) -> str:
    """A note as a sentence; a run's name at its beginning stays."""
    return note if note.startswith(tuple(names)) else f"{note[0].upper()}{note[1:]}"


def _table(results: SeveralResults) -> Table:
    comparison = results.comparison
    table = runs_table(
        comparison.frame, (), labels={key: comparison.label(key) for key in comparison.measures}, groups=results.groups,
        level=comparison.level, sizes="", reference=comparison.reference, floors=True,
    )  # fmt: skip
    headings = [column.heading for column in table.columns]
    return Table(
        name=f"{results.name}-measures",
        caption=f"Every run with 95 % intervals, and its difference from {comparison.reference}.",
        columns=(
            "Run",
            *(heading[0].upper() + heading[1:] if len(heading) > 1 else heading for heading in headings[1:]),
        ),
        rows=[(row[0].strip(), *row[1:]) for row in table.rows],
        headed=True,
    )


def _pairs(results: SeveralResults) -> Iterator[Table]:
    """Changes of all pairs, if somebody asked for them."""
    every = results.every_pair
    if every is None or not results.asked_pairs:
        return
    rates = every.q_values
    chief = {key: every.label(key) for key in CHIEF if key in every.measures}
    rows: list[tuple[str, ...]] = []
    records = []
    for key, label in chief.items():
        rows.append((label, "", "", "", ""))
        for (before, after), changes in every.changes.items():
            if key not in changes:
                continue
            change, rate = changes[key], rates[before, after, key]
            rows.append(
                (f"{before} → {after}", with_interval(change.value, None, None, form="+.3f"),
                 interval_text(change.low, change.high), p_value(change.p_value), p_value(rate))
            )  # fmt: skip
    for (before, after), changes in every.changes.items():
        records += [
            {"before": before, "after": after, "measure": key, "change": change.value, "low": change.low,
             "high": change.high, "p_value": change.p_value, "q_value": rates[before, after, key]}
            for key, change in changes.items()
        ]  # fmt: skip
    n_tests = sum(rate is not None for rate in rates.values())
    numbers = dict.fromkeys(("change", "low", "high", "p_value", "q_value"), pl.Float64)
    schema = dict.fromkeys(("before", "after", "measure"), pl.String) | numbers
    yield Table(
        name=f"{results.name}-pairs",
        caption=f"All pairs of runs; q is the false discovery rate over the {n_tests:,} tests of pairs and measures.",
        columns=("Runs", "Change", "95 % interval", "p", "q"),
        rows=rows,
        download=Download(
            f"{results.name}-pairs.csv",
            f"{results.title}: all pairs",
            pl.DataFrame(records, schema=schema).fill_nan(None),
        ),
        headed=True,
    )
