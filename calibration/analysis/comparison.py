"""Every measure of two runs on the same items, and its change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..control_characters import escaped_line
from ..decisions.deciding import decide
from ..decisions.decision import Decision
from ..number_texts import counted
from ..predictions.pairing import ItemChoice, are_paired_by_rows
from ..predictions.pairs import Pairs
from ..predictions.predictions import Predictions
from ..predictions.scored_runs import GivenRun, ScoredRun, scored_run
from ..predictions.verdicts import Verdicts
from ..result_tables.named_values import NamedValues
from ..result_tables.result_table import ResultTable
from ..result_tables.shown_result import ShownResult
from ..uncertainty.blank_intervals import blank_notes, label_notes, new_subjects_notes
from ..uncertainty.changes import Change, measure_changes
from ..uncertainty.drawn_units import unit_sampling
from ..uncertainty.measure_names import named_keys, text_label
from ..uncertainty.measure_table import TABLE
from ..uncertainty.overlap import Overlap, selected_items
from ..uncertainty.same_answers import alike_by_chance
from .comparison_table import comparison_table
from .runs_comparison import RunsComparison
from .several_runs import compare_runs
from .summary import Summary, defined_run_measures, summary_of_measures
from .summary_table import sizes_text

# Lists may hold any type and none but it.
SeveralRuns = list[GivenRun] | list[Predictions] | list[Pairs] | list[Verdicts] | Mapping[str, GivenRun]

_ONE_LIST = "several runs are compared in one list, without another argument"


@dataclass(frozen=True)
class Comparison(ShownResult, NamedValues[Change]):
    """Summaries of two runs on the same items, and their changes.

    A change is ``comparison.change["ece_top"]`` or ``comparison.ece_top``. Printed, it is the table of ``veracal
    compare``; in a notebook a table of HTML.

    Attributes
    ----------
    before, after : Summary
        Each run by itself.
    change : dict of str to Change
        ``after − before`` of every measure that both have.
    items : Overlap or None
        What each run held of the items compared; None if both must hold the same.
    by_row : bool
        Whether nothing but numbers that count the rows pairs the items: their ids are these, and no text confirms them.
    """

    holding = ("change",)
    before: Summary
    after: Summary
    change: dict[str, Change]
    items: Overlap | None = None
    by_row: bool = False

    def __repr__(self) -> str:
        names = " and ".join(escaped_line(name) for name in (self.before.model, self.after.model) if name)
        changes = f"{counted(len(self.change), 'change')} on {sizes_text(self.before.values)}"
        return f"<Comparison{f' of {names}' if names else ''}: {changes}; print shows them>"

    @property
    def table(self) -> ResultTable:
        """The table that all formats are written from."""
        names = (self.before.model, self.after.model)
        return comparison_table(self.before, self.after, self.change, self.notes, names=names)

    @property
    def notes(self) -> tuple[str, ...]:
        """How items are paired, which are left out, and why intervals are missing."""
        paired = ("items are paired by numbers that count the rows, their ids in both runs",) * self.by_row
        these = blank_notes((key, value.reason) for key, value in self.change.items())
        labels = label_notes((key, value.label) for key, value in self.change.items())
        return (*paired, *(self.items.notes if self.items else ()), *these, *labels, *self.notes_on_new_subjects)

    @property
    def notes_on_new_subjects(self) -> tuple[str, ...]:
        """Which changes have no interval for new subjects, and why."""
        return new_subjects_notes(self.change)

    def decisions(self, margins: float | Mapping[str, float] = 0.0) -> dict[str, Decision]:
        """What is shown of changes, by key of the measure.

        Parameters
        ----------
        margins : float or mapping of str to float
            How much may be called no change: of every measure, or of some by key or name of a metric (``{"ece": 0.02}``
            is both of its views), of which alone it is then told.

        Raises
        ------
        ValueError
            For a name that no compared measure has.

        Examples
        --------
        >>> from calibration import Predictions
        >>> before = Predictions.from_arrays([[2.0, 0.0], [1.0, 0.0], [0.0, 1.5], [0.5, 0.0]], answer=[0, 1, 1, 0])
        >>> after = Predictions.from_arrays([[4.0, 0.0], [2.0, 0.0], [0.0, 3.0], [1.0, 0.0]], answer=[0, 1, 1, 0])
        >>> print(compare(before, after).decisions({"mean_confidence": 0.05})["mean_confidence"])
        mean confidence is higher by more than 0.05: +0.124 [0.088, 0.160]
        """
        if not isinstance(margins, Mapping):
            return {key: decide(change, margin=margins) for key, change in self.change.items()}
        wanted = {key: margin for name, margin in margins.items() for key in named_keys(name, self.change)}
        return {key: decide(change, margin=wanted[key]) for key, change in self.change.items() if key in wanted}

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and dictionaries for JSON, without values that are None."""
        return {
            "before": self.before.to_dict(),
            "after": self.after.to_dict(),
            "change": {key: value.to_dict() for key, value in self.change.items()},
            **({} if self.items is None else {"items": self.items.to_dict()}),
            **({"paired_by": "row"} if self.by_row else {}),
        }

    @property
    def frame(self) -> pl.DataFrame:
        """One row a measure: before, after, the change and both of its intervals."""
        rows = []
        for key, value in self.change.items():
            wide = value.clustered
            rows.append(
                {
                    "measure": key,
                    "before": self.before.point(key),
                    "after": self.after.point(key),
                    "change": value.value,
                    "low": value.low,
                    "high": value.high,
                    "p_value": value.p_value,
                    "visible": value.visible,
                    "new_subjects_low": wide.low if wide else None,
                    "new_subjects_high": wide.high if wide else None,
                    "new_subjects_p_value": wide.p_value if wide else None,
                }
            )
        schema = {"measure": pl.String} | dict.fromkeys(list(rows[0])[1:], pl.Float64)
        return pl.DataFrame(rows, schema=schema).fill_nan(None)


@overload
def compare(
    before: GivenRun, after: GivenRun, *, items: ItemChoice = "same", level: float = 0.95, seed: int = 0
) -> Comparison: ...


@overload
def compare(
    before: SeveralRuns | tuple[ScoredRun, ...],
    after: None = None,
    *,
    items: ItemChoice = "same",
    level: float = 0.95,
    seed: int = 0,
) -> RunsComparison: ...


def compare(
    before: Any,
    after: GivenRun | None = None,
    *,
    items: ItemChoice = "same",
    level: float = 0.95,
    seed: int = 0,
) -> Comparison | RunsComparison:
    """Every measure of two runs on the same items, and its change.

    Parameters
    ----------
    before, after : Predictions, Pairs, Verdicts, or pair of arrays
        Two runs of one kind on the same items, joined on their ids; ``(confidence, correct)`` in place of a run. Or a
        list (tuple) of runs, or a mapping of them by name, without another argument (`compare_runs` has more choices).
    items : {"same", "common"}
        Whether both must hold the same items, or those that both hold are compared. What the others could change is
        then bounded in the result's `items`.
    level : float
        Coverage of the intervals.
    seed : int
        Same seed, same digits.

    Returns
    -------
    Comparison, or RunsComparison of a list or mapping

    Raises
    ------
    ValueError
        For items that only one run has, or whose text or answer differs, naming them; for runs of two kinds.
    TypeError
        For one run alone.

    Examples
    --------
    >>> from calibration import Predictions
    >>> before = Predictions.from_arrays([[2.0, 0.0], [1.0, 0.0], [0.0, 1.5], [0.5, 0.0]], answer=[0, 1, 1, 0])
    >>> after = Predictions.from_arrays([[4.0, 0.0], [2.0, 0.0], [0.0, 3.0], [1.0, 0.0]], answer=[0, 1, 1, 0])
    >>> print(compare(before, after).change["mean_confidence"])
    +0.124 [0.088, 0.160]
    """
    if isinstance(before, tuple) and any(isinstance(run, ScoredRun) for run in before):
        if after is not None:
            raise TypeError(_ONE_LIST)
        return compare_runs([scored_run(run) for run in before], items=items, level=level, seed=seed)
    if isinstance(before, list | Mapping):
        if after is not None:
            raise TypeError(_ONE_LIST)
        return compare_runs(before, items=items, level=level, seed=seed)
    if after is None:
        raise TypeError("two runs are compared, or a list of several; got one")
    first_run, second_run, overlap = selected_items(scored_run(before), scored_run(after), items)
    first, first_notes = defined_run_measures(first_run)
    second, second_notes = defined_run_measures(second_run)
    if not _sorted_alike(first_run.subject, second_run.subject):
        dropped = [row.key for row in TABLE if row.by_subject and second.pop(row.key, None) is not None]
        reason = "the first run sorts these items into other subjects"
        second_notes += [f"{text_label(key)} is left out: {reason}" for key in dropped]
    return Comparison(
        summary_of_measures(first_run, first, first_notes, level, seed),
        summary_of_measures(second_run, second, second_notes, level, seed),
        measure_changes(
            first,
            second,
            first_run.subject,
            these=unit_sampling(first_run),
            weight=first_run.weights,
            level=level,
            seed=seed,
            claims=True,
            alike=alike_by_chance(first_run, second_run),
        ),
        overlap,
        are_paired_by_rows(first_run, second_run),
    )


def _sorted_alike(before: NDArray[np.str_], after: NDArray[np.str_]) -> bool:
    """Whether two runs group the same items, under any subject names."""
    pairs = pl.DataFrame({"before": before, "after": after})
    return pairs.n_unique() == pairs["before"].n_unique() == pairs["after"].n_unique()
