"""Three runs of one kind or more, all of them compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from calibration import Change, RunsComparison

MOST_PAIRS_OF = 8
"""So many runs are compared in all pairs unasked."""


@dataclass(frozen=True, kw_only=True)
class SeveralResults:
    """Three runs of one kind or more, all of them compared.

    Attributes
    ----------
    name, title : str
        Id of the section, and what the runs are.
    comparison : RunsComparison
        Every run by itself, and its changes from the reference.
    every_pair : RunsComparison or None
        The same with the changes of all pairs, which groups of runs need; None if the runs are many and nobody asked.
    asked_pairs : bool
        Whether the changes of all pairs are shown too.
    """

    name: str
    title: str
    comparison: RunsComparison
    every_pair: RunsComparison | None
    asked_pairs: bool = False

    @property
    def reference(self) -> str:
        """Name of the run that the others are compared with."""
        return self.comparison.reference

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all runs."""
        return tuple(self.comparison.summaries)

    @property
    def others(self) -> tuple[str, ...]:
        """Names of the runs that are compared with the reference."""
        return tuple(name for name in self.names if name != self.reference)

    def changes(self, name: str) -> dict[str, Change]:
        """Changes from the reference to a run, by key of the measure."""
        return self.comparison.changes[self.reference, name]

    @property
    def groups(self) -> dict[str, dict[str, str]]:
        """Letters of the runs by measure; empty unless all pairs were compared."""
        every = self.every_pair
        return {} if every is None else {key: every.groups(key) for key in every.tested}

    @property
    def frame(self) -> pl.DataFrame:
        """One row a run and measure, with the run's letters."""
        groups = [
            {"run": name, "measure": key, "group": letters}
            for key, of_runs in self.groups.items()
            for name, letters in of_runs.items()
        ]
        known = pl.DataFrame(groups, schema=dict.fromkeys(("run", "measure", "group"), pl.String))
        return self.comparison.frame.join(known, on=["run", "measure"], how="left", maintain_order="left")


def several_results(
    name: str, title: str, compare: Callable[[bool], RunsComparison], *, n_runs: int, all_pairs: bool
) -> SeveralResults:
    """Runs of one kind, compared.

    Parameters
    ----------
    name, title : str
        As in `SeveralResults`.
    compare : function of bool
        Compares the runs: all pairs of them, or the reference with each other.
    n_runs : int
        How many they are.
    all_pairs : bool
        Whether somebody asked for all pairs.
    """
    every = all_pairs or n_runs <= MOST_PAIRS_OF
    whole = compare(every)
    # The tests of a table are those that it shows: its q-values are over the changes from the reference.
    shown = {pair: changes for pair, changes in whole.changes.items() if pair[0] == whole.reference}
    return SeveralResults(
        name=name,
        title=title,
        comparison=replace(whole, changes=shown),
        every_pair=whole if every else None,
        asked_pairs=all_pairs,
    )
