"""Changes by a column: a forest plot and a table a measure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import polars as pl

import plots
from calibration import GroupChanges
from calibration.files.digest import digest
from calibration.files.file_names import file_name
from calibration.uncertainty.across_groups import AcrossGroups
from calibration.uncertainty.measure_names import row_label, text_label

from ...groups import PairGroups
from ...number_texts import p_value, with_interval
from ..blocks.download import Download
from ..blocks.figure import Figure, drawn_names
from ..blocks.section import Section
from ..blocks.table import Table
from ..escaping import minus
from ..results import PairResults

# False discovery rate at which a group is named, as in the figure.
_NAMED = 0.05
_UNSAFE = re.compile(r"[^\w-]+", re.ASCII)
# Notes on single groups that are shown.
_FEW_NOTES = 5


def groups(results: PairResults, pair_groups: PairGroups) -> Section:
    """Accuracy and signed gap of every group before and after."""
    names, title = results.runs.names, " and ".join(column.replace("_", " ") for column in pair_groups.by)
    mark = _mark("-".join(pair_groups.by))
    paragraphs: list[str] = []
    for key, table in pair_groups.changes.items():
        paragraphs.append(moved(text_label(key), table.frame))
        if table.across is not None:
            paragraphs.append(as_sample(f"change of the {text_label(key)}", table.across))
    notes = dict.fromkeys(note for table in pair_groups.changes.values() for note in table.notes)
    return Section(
        name=f"groups-{mark}",
        title=f"By {title}",
        paragraphs=(*paragraphs, *few(list(notes), "groups")),
        figures=tuple(
            Figure(
                name=f"groups-{mark}-{key}",
                title=f"Change of the {text_label(key)} by {title}",
                text=f"A forest plot. {moved(text_label(key), table.frame)}",
                caption=f"Change of the {text_label(key)} with its 95 % interval. Filled points: groups named at a "
                "false discovery rate of 5 %. Last row: all items together, the line through it for a new group.",
                draw=partial(plots.by_group, table, labels=drawn_names(names)),
                download=Download(
                    f"groups-{mark}-{key}.csv", f"{row_label(key)} of each group, before and after", table.frame
                ),
            )
            for key, table in pair_groups.changes.items()
        ),
        tables=tuple(
            change_table(table, names, name=f"groups-{mark}-{key}-table", what=text_label(key), by=title)
            for key, table in pair_groups.changes.items()
        ),
    )


def _mark(columns: str) -> str:
    """Columns in names of files and anchors; a digest stands for lost signs."""
    plain = file_name(columns, unsafe=_UNSAFE)
    return plain if plain == columns else f"{plain}-{digest(columns)[:8]}"


def moved(label: str, frame: pl.DataFrame, *, what: str = "groups") -> str:
    """A sentence on how many groups rose and fell."""
    named = frame.filter(pl.col("q_value") < _NAMED)
    rose, fell = (named.filter(change).height for change in (pl.col("change") > 0, pl.col("change") < 0))
    return f"The {label} rose in {rose:,} of {frame.height:,} {what} and fell in {fell:,}, at q < {_NAMED}."


def as_sample(label: str, across: AcrossGroups) -> str:
    """A sentence on the groups as a sample of groups."""
    mean = with_interval(across.mean, across.low, across.high, form="+.3f")
    between = with_interval(across.between, across.between_low, across.between_high)
    return minus(
        f"Over the {across.n_groups} groups, each counting alike, the {label} is {mean}, with a standard deviation "
        f"between groups of {between}; that of a new group would lie between {across.new_low:+.3f} and "
        f"{across.new_high:+.3f}."
    )


def few(notes: Sequence[str], what: str) -> Iterator[str]:
    """The first notes as sentences, and how many are left out."""
    yield from (f"{note}." for note in notes[:_FEW_NOTES])
    if len(notes) > _FEW_NOTES:
        yield f"The same holds of {len(notes) - _FEW_NOTES:,} {what} more."


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
        for row in table.frame.iter_rows(named=True)
    ]
    label = what[:1].upper() + what[1:]
    return Table(
        name=name,
        caption=f"{label} by {by}.",
        columns=(by[:1].upper() + by[1:], "Items", names[0], names[1], "Change [95 % interval]", "p", "q"),
        rows=rows,
    )
