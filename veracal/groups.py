"""Numbers by group that commands and the page show: several measures, the worst groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

import calibration
from calibration import GroupChanges, GroupMeasures, Verdicts, WorstGroups
from calibration.predictions.scored_runs import ScoredRun

# Measures that are shown, of runs that have them; those of which the worst group is told.
MEASURES = ("accuracy", "signed_gap", "ece_top")
_MEANS = ("accuracy", "signed_gap")


@dataclass(frozen=True, kw_only=True)
class RunGroups:
    """Measures of one run by group.

    Attributes
    ----------
    measures : dict of str to GroupMeasures
        Accuracy, signed gap and ECE, by key.
    worst : dict of str to WorstGroups
        By accuracy and signed gap, for several groups.
    """

    measures: dict[str, GroupMeasures]
    worst: dict[str, WorstGroups]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and dictionaries for JSON."""
        first = next(iter(self.measures.values()))
        measures = {
            key: {name: value for name, value in table.to_dict().items() if name != "by"}
            for key, table in self.measures.items()
        }
        return {
            "by": list(first.by),
            "measures": measures,
            "worst": {key: worst.to_dict() for key, worst in self.worst.items()},
        }


@dataclass(frozen=True, kw_only=True)
class PairGroups:
    """Changes between two runs by group.

    Attributes
    ----------
    changes : dict of str to GroupChanges
        Of accuracy and signed gap, by key.
    """

    changes: dict[str, GroupChanges]

    @property
    def by(self) -> tuple[str, ...]:
        """By what the items are grouped."""
        return next(iter(self.changes.values())).by

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and dictionaries for JSON."""
        return {
            "by": list(self.by),
            "changes": {
                key: {
                    "groups": [
                        {name: cell for name, cell in row.items() if cell is not None} for row in table.frame.to_dicts()
                    ],
                    **({"across": table.across.to_dict()} if table.across else {}),
                    **({"notes": list(table.notes)} if table.notes else {}),
                }
                for key, table in self.changes.items()
            },
        }


def run_groups(run: ScoredRun, by: str | Sequence[str], *, texts: pl.DataFrame | None = None) -> RunGroups:
    """Measures of one run by group.

    Raises
    ------
    ValueError
        For an unknown column, with those that there are.
    """
    keys = _MEANS[:1] if isinstance(run, Verdicts) else MEASURES
    measures = {key: calibration.by_group(run, by, key, texts=texts) for key in keys}
    several = next(iter(measures.values())).frame.filter(pl.col("n_items") > 1).height > 1
    single = run.units is None and run.weights is None
    worst = [key for key in keys if key in _MEANS and several and single]
    return RunGroups(
        measures=measures, worst={key: calibration.worst_groups(run, by, key, texts=texts) for key in worst}
    )


def pair_groups(
    before: ScoredRun, after: ScoredRun, by: str | Sequence[str], *, texts: pl.DataFrame | None = None
) -> PairGroups:
    """Changes of accuracy and signed gap by group.

    Raises
    ------
    ValueError
        As `run_groups`, and for runs on other items.
    """
    keys = _MEANS[:1] if isinstance(before, Verdicts) else _MEANS
    return PairGroups(
        changes={key: calibration.group_changes(before, after, by, metric=key, texts=texts) for key in keys}
    )
