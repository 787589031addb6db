"""Numbers by a column: a forest plot and a table a measure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial

import plots
from calibration import GroupChanges, GroupMeasures
from calibration.analysis.clearest_groups import clearest_groups
from calibration.files.digest import digest
from calibration.files.file_names import file_name
from calibration.number_texts import p_value, with_interval
from calibration.uncertainty.across_groups import AcrossGroups

from ...groups import PairGroups, RunGroups, is_share, worst_sentence
from ..abbreviations import meanings
from ..blocks.download import Download
from ..blocks.figure import Figure, drawn_names
from ..blocks.section import Section
from ..blocks.table import Table
from ..escaping import minus
from ..group_sentences import apart, moved, run_claim
from ..grouped_runs import GroupedRuns

_UNSAFE = re.compile(r"[^\w-]+", re.ASCII)
_TESTS = (
    "q is a p-value corrected for the number of groups: of “q, as all others”, that the group does not differ from all "
    "other items{}."
)
# Notes on single groups that are shown.
_FEW_NOTES = 5
MOST_SHOWN = 100
"""How many groups a figure and a table of the page show: of more those that are most clearly apart."""


def groups(grouped: GroupedRuns, shown: Collection[str]) -> list[Section]:
    """Sections on groups: of changes, and of each run that is not compared.

    `shown` are the claims on them that are shown.
    """
    sections = [] if grouped.changes is None else [_changes(grouped, grouped.changes, shown)]
    alone = len(grouped.measures) == 1 and not sections
    for number, (name, measured) in enumerate(grouped.measures.items(), start=1):
        of_run = frozenset(key for key in measured.measures if run_claim(name, key) in shown)
        sections.append(_measures(grouped, measured, "" if alone else name, "" if alone else f"-{number}", of_run))
    return sections


def _changes(grouped: GroupedRuns, changes: PairGroups, shown: Collection[str]) -> Section:
    """Every measure of every group before and after."""
    mark, by = _mark(grouped), _heading(grouped.by)
    names = (grouped.names[0], grouped.names[1])
    paragraphs = [meanings(["p", "q"])]
    for key, table in changes.changes.items():
        label = changes.labels[key]
        across = [] if table.across is None else [as_sample(f"change of the {label}", table.across)]
        paragraphs.append(" ".join([moved(label, table.frame, shown=key in shown), *across]))
    notes = dict.fromkeys(note for table in changes.changes.values() for note in table.notes)
    return Section(
        name=mark,
        title=_title(grouped, by),
        paragraphs=(*paragraphs, *few(list(notes), "groups")),
        figures=tuple(
            Figure(
                name=f"{mark}-{key}",
                title=f"Change of the {changes.labels[key]} by {by}",
                text=f"A forest plot. {moved(changes.labels[key], table.frame, shown=key in shown)}",
                caption=f"Change of the {changes.labels[key]} with its 95 % interval. Filled points: groups named at a "
                "false discovery rate of 5 %. Last row: all items together, the line through it for a new group."
                + left_out(table.frame.height, "groups"),
                draw=partial(plots.by_group, table, labels=drawn_names(names), most=MOST_SHOWN),
                download=Download(
                    f"{mark}-{key}.csv",
                    f"{_sentence(changes.labels[key])} of each group, before and after",
                    table.frame,
                ),
            )
            for key, table in changes.changes.items()
        ),
        tables=tuple(
            change_table(table, names, name=f"{mark}-{key}-table", what=changes.labels[key], by=by)
            for key, table in changes.changes.items()
        ),
    )


def _measures(grouped: GroupedRuns, measured: RunGroups, name: str, suffix: str, shown: Collection[str]) -> Section:
    """Every measure of every group of one run."""
    mark, by = _mark(grouped) + suffix, _heading(grouped.by)
    paragraphs: list[str] = []
    for key, table in measured.measures.items():
        label = measured.labels[key]
        sentences = apart(label, table.frame, shown=key in shown)
        if key in measured.worst:
            sentences.append(f"{minus(worst_sentence(label, measured.worst[key])).replace('_', ' ')}.")
        if table.across is not None:
            sentences.append(as_sample(label, table.across, form=".3f"))
        paragraphs.append(" ".join(sentences))
    paragraphs = [_TESTS.format(_calibrated(measured)), *filter(None, paragraphs)]
    notes = dict.fromkeys(note for table in measured.measures.values() for note in table.notes)
    drawn = [key for key in measured.measures if grouped.drawn is None or key in grouped.drawn]
    files = {
        key: Download(f"{mark}-{key}.csv", f"{_sentence(measured.labels[key])} of each group", table.frame)
        for key, table in measured.measures.items()
    }
    figures = [
        Figure(
            name=f"{mark}-{key}",
            title=f"{_sentence(measured.labels[key])} by {by}",
            text=f"A forest plot of {table.frame.height:,} groups.",
            caption=_caption(measured.labels[key], table),
            draw=partial(plots.by_group, table, most=MOST_SHOWN),
            download=files[key],
        )
        for key, table in measured.measures.items()
        if key in drawn
    ]
    return Section(
        name=mark,
        title=_title(grouped, by, name),
        paragraphs=(*paragraphs, *few(list(notes), "groups")),
        figures=tuple(figures),
        tables=tuple(
            _measure_table(
                table,
                key,
                measured.labels[key],
                name=f"{mark}-{key}-table",
                by=by,
                # A figure has the file beside it.
                file=None if key in drawn or table.frame.height <= MOST_SHOWN else files[key],
            )
            for key, table in measured.measures.items()
        ),
    )


def _calibrated(measured: RunGroups) -> str:
    """The q-value of calibration in words, if a table has one."""
    return "" if all(map(is_share, measured.measures)) else "; of “q, calibrated”, that the group can be calibrated"


def _mark(grouped: GroupedRuns) -> str:
    """Id of a section, and part of names of files.

    A digest stands for lost signs.
    """
    columns = "-".join(grouped.by)
    plain = file_name(columns, unsafe=_UNSAFE)
    by = plain if plain == columns else f"{plain}-{digest(columns)[:8]}"
    return f"{grouped.name}-groups-{by}" if grouped.name else f"groups-{by}"


def _heading(by: Sequence[str]) -> str:
    return " and ".join(column.replace("_", " ") for column in by)


def _title(grouped: GroupedRuns, by: str, run: str = "") -> str:
    before = ", ".join(text for text in (grouped.title, run) if text)
    return f"{before} by {by}" if before else f"By {by}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _caption(label: str, table: GroupMeasures) -> str:
    compared = table.frame["difference_q_value"].null_count() < table.frame.height
    filled = "that differ from all other items" if compared else "in which the model cannot be calibrated"
    floors = "" if table.frame["noise_floor"].null_count() == table.frame.height else " Ticks: noise floors."
    wide = ", the line through it for a new group" if table.across is not None else ""
    return (
        f"{_sentence(label)} with its 95 % interval. Filled points: groups {filled}, at a false discovery rate of "
        f"5 %.{floors} Last row: all items together{wide}.{left_out(table.frame.height, 'groups')}"
    )


def _measure_table(table: GroupMeasures, key: str, label: str, *, name: str, by: str, file: Download | None) -> Table:
    """Value, noise floor and q-values of every group."""
    frame, n_columns = table.frame, len(table.by)
    floors = frame["noise_floor"].null_count() < frame.height
    against_zero = not is_share(key) and frame["q_value"].null_count() < frame.height
    against_rest = frame["difference_q_value"].null_count() < frame.height
    headings = [
        _sentence(by), "Items", f"{_sentence(label)} [95 % interval]", *["Noise floor"] * floors,
        *["q, calibrated"] * against_zero, *["q, as all others"] * against_rest,
    ]  # fmt: skip
    rows = [
        (
            group_cell(row[column] for column in frame.columns[:n_columns]),
            f"{row['n_items']:,}",
            with_interval(row["value"], row["low"], row["high"]),
            *[with_interval(row["noise_floor"], None, None)] * floors,
            *[p_value(row["q_value"])] * against_zero,
            *[p_value(row["difference_q_value"])] * against_rest,
        )
        for row in clearest_groups(table, MOST_SHOWN).iter_rows(named=True)
    ]
    caption = f"{_sentence(label)} by {by}.{left_out(frame.height, 'groups')}"
    return Table(name=name, caption=caption, columns=tuple(headings), rows=rows, download=file)


def as_sample(label: str, across: AcrossGroups, *, form: str = "+.3f") -> str:
    """A sentence on the groups as a sample of groups."""
    mean = with_interval(across.mean, across.low, across.high, form=form)
    return minus(
        f"Over the {across.n_groups} groups, each counting alike, the {label} is {mean}, with a standard deviation "
        f"between groups of {across.between:.3f}; that of a new group would lie between {across.new_low:{form}} and "
        f"{across.new_high:{form}}."
    )


def few(notes: Sequence[str], what: str) -> Iterator[str]:
    """The first notes as sentences, and how many are left out."""
    yield from (f"{note}." for note in notes[:_FEW_NOTES])
    if len(notes) > _FEW_NOTES:
        yield f"The same holds of {len(notes) - _FEW_NOTES:,} {what} more."


def left_out(n_groups: int, what: str, *, file: str = "") -> str:
    """A sentence on groups that are not shown; empty if all are.

    Examples
    --------
    >>> left_out(5_000, "subjects")
    ' Shown are the 100 of 5,000 subjects with the smallest p; all are in the file beside it.'
    """
    if n_groups <= MOST_SHOWN:
        return ""
    return (
        f" Shown are the {MOST_SHOWN} of {n_groups:,} {what} with the smallest p; all are in "
        f"{file or 'the file beside it'}."
    )


def group_cell(labels: Iterable[str]) -> str:
    """Heading of a group's row.

    Examples
    --------
    >>> group_cell(["high_school", ""])
    'high school, none'
    """
    cells = [label.replace("_", " ") for label in labels]
    return cells[0] if len(cells) == 1 else ", ".join(cell or "none" for cell in cells)


def change_table(table: GroupChanges, names: tuple[str, str], *, name: str, what: str, by: str) -> Table:
    """Before, after and change of every group."""
    n_columns = len(table.by)
    rows = [
        (
            group_cell(row[column] for column in table.frame.columns[:n_columns]),
            f"{row['n_items']:,}",
            with_interval(row["before"], None, None),
            with_interval(row["after"], None, None),
            with_interval(row["change"], row["low"], row["high"], form="+.3f"),
            p_value(row["p_value"]),
            p_value(row["q_value"]),
        )
        for row in clearest_groups(table, MOST_SHOWN).iter_rows(named=True)
    ]
    label = what[:1].upper() + what[1:]
    return Table(
        name=name,
        caption=f"{label} by {by}.{left_out(table.frame.height, 'groups')}",
        columns=(by[:1].upper() + by[1:], "Items", names[0], names[1], "Change [95 % interval]", "p", "q"),
        rows=rows,
    )
