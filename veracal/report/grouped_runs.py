"""Numbers of runs by group of items: what changed, or of each run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from calibration.analysis.grouping import columns_of

from ..groups import PairGroups, RunGroups

# Measures of groups that no option asked for: a figure of one, tables of all.
_DRAWN_UNASKED = ("signed_gap",)


@dataclass(frozen=True, kw_only=True)
class GroupedRuns:
    """Numbers by group of the runs of one kind.

    Attributes
    ----------
    name : str
        Id of the kind's first section, or of a pair among them; empty for runs of predictions.
    kind : str
        Id of the kind's first section.
    title : str
        What the runs are, if a page has several kinds; otherwise empty.
    by : tuple of str
        By what the items are grouped.
    names : tuple of str
        Names of before and after; empty without changes.
    changes : PairGroups or None
        From before to after; None if there are no two.
    measures : dict of str to RunGroups
        Of runs that are not compared, by name.
    drawn : tuple of str or None
        Keys of the measures that are drawn; None for all.
    """

    name: str
    kind: str
    title: str
    by: tuple[str, ...]
    names: tuple[str, ...] = ()
    changes: PairGroups | None = None
    measures: dict[str, RunGroups]
    drawn: tuple[str, ...] | None = None

    @property
    def part(self) -> str:
        """What this part of a page is called."""
        return f"{self.name} by {', '.join(self.by)}"


@dataclass(frozen=True, kw_only=True)
class KindOfRuns:
    """Runs of one kind, and how they are grouped.

    Attributes
    ----------
    name, title : str
        As in `GroupedRuns`.
    kind : str or None
        As in `GroupedRuns`; if None, its name.
    alone : mapping of str to function
        Groups of each run that is not compared by a column, by the run's name.
    compared : tuple of str
        Names of before and after; empty without changes.
    compare : function or None
        Changes of groups from before to after by a column; None if there are no two.
    by_subject : bool
        Whether runs that are not compared are told by subject, also if nobody asked.
    """

    name: str
    title: str
    alone: Mapping[str, Callable[[str], RunGroups]]
    compared: tuple[str, ...] = ()
    compare: Callable[[str], PairGroups] | None = None
    by_subject: bool = False
    kind: str | None = None

    def grouped(self, by: str, *, drawn: tuple[str, ...] | None = None) -> GroupedRuns:
        """The runs by a column.

        Raises
        ------
        ValueError
            For an unknown column.
        """
        return GroupedRuns(
            name=self.name,
            kind=self.name if self.kind is None else self.kind,
            title=self.title,
            by=columns_of(by),
            names=self.compared,
            changes=None if self.compare is None else self.compare(by),
            measures={name: measure(by) for name, measure in self.alone.items()},
            drawn=drawn,
        )


def grouped_runs(
    kinds: Sequence[KindOfRuns], columns: Sequence[str]
) -> tuple[tuple[GroupedRuns, ...], list[tuple[str, str]]]:
    """Runs of every kind by every column, and notes on refused kinds.

    Raises
    ------
    ValueError
        For a column that no kind can be grouped by.
    """
    groups: list[GroupedRuns] = []
    notes: list[tuple[str, str]] = []
    for kind in kinds:
        if kind.by_subject and "subject" not in columns:
            groups += _by_subject(kind)
    for by in columns:
        refused: list[tuple[KindOfRuns, ValueError]] = []
        for kind in kinds:
            try:
                groups.append(kind.grouped(by))
            except ValueError as error:
                refused.append((kind, error))
        if not kinds:
            raise ValueError(f"groups by {by} are of answers that are right or wrong, and these runs hold none")
        if len(refused) == len(kinds):
            raise refused[0][1]
        notes += [(kind.title, f"not shown by {by}: {error}") for kind, error in refused]
    return tuple(groups), notes


def _by_subject(kind: KindOfRuns) -> Iterator[GroupedRuns]:
    try:
        yield kind.grouped("subject", drawn=_DRAWN_UNASKED)
    except ValueError:  # more subjects than a table holds
        return
