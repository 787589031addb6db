"""Several runs by themselves, and what changed between them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

import polars as pl

from ..control_characters import escaped_line
from ..number_texts import counted
from ..result_tables.plain_text import as_text
from ..result_tables.result_table import ResultTable
from ..result_tables.shown_result import ShownResult
from ..uncertainty.changes import Change
from ..uncertainty.measure_names import run_label
from ..uncertainty.q_values import q_values, shown_together
from .letter_display import letter_display
from .runs_table import runs_table
from .summary import Summary
from .summary_table import sizes_text

Pair = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class RunsComparison(ShownResult):
    """Summaries of several runs on the same items, and changes between them.

    Printed, it is the table of ``veracal compare``; in a notebook a table of HTML.

    Attributes
    ----------
    summaries : dict of str to Summary
        Each run by itself, by its name, in the order given.
    reference : str
        Name of the run that the others are compared with.
    changes : dict of pair of str to dict of str to Change
        ``second − first`` of every measure that both runs of a pair have, by the names of the pair: the reference and
        each other run, or all pairs in their order.
    level : float
        Coverage of the intervals.
    n_common : int or None
        Number of items that all runs hold, if only these are compared.
    what : {"items", "questions"}
        What the runs asked.
    labels : dict of str to str
        Names of measures that `calibration` does not have, by their keys.
    remarks : tuple of str
        Further notes, on all runs.
    """

    summaries: dict[str, Summary]
    reference: str
    changes: dict[Pair, dict[str, Change]]
    level: float
    n_common: int | None = None
    what: Literal["items", "questions"] = "items"
    labels: dict[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def label(self, measure: str) -> str:
        """Name of a measure in a table, by its key."""
        whole = any("ece_choices" in summary for summary in self.summaries.values())
        return self.labels[measure] if measure in self.labels else run_label(measure, whole=whole).strip()

    def __repr__(self) -> str:
        names = ", ".join(map(escaped_line, self.summaries))
        return f"<RunsComparison of {names}: {counted(len(self.measures), 'measure')}; print shows them>"

    def __str__(self) -> str:
        return as_text(self.narrow_table)

    @property
    def table(self) -> ResultTable:
        """The table that all formats but plain text are written from."""
        return self._table(floors=True)

    @property
    def narrow_table(self) -> ResultTable:
        """The table without noise floors, for 80 columns."""
        return self._table(floors=False)

    def _table(self, *, floors: bool) -> ResultTable:
        groups = {key: self.groups(key) for key in self.tested} if self._has_all_pairs else {}
        sizes = sizes_text(self.summaries[self.reference].values).replace("items", self.what)
        labels = {key: self.label(key) for key in self.measures}
        return runs_table(
            self.frame, self.notes, labels=labels, groups=groups, level=self.level, sizes=sizes,
            reference=self.reference, floors=floors,
        )  # fmt: skip

    @property
    def measures(self) -> tuple[str, ...]:
        """Keys of the measures that have a change, in the order of the tables."""
        return tuple(dict.fromkeys(key for changes in self.changes.values() for key in changes))

    @property
    def tested(self) -> tuple[str, ...]:
        """Keys of the measures whose changes have p-values."""
        return tuple(dict.fromkeys(key for (*_, key), p_value in self._p_values.items() if p_value is not None))

    def change(self, name: str, measure: str) -> Change | None:
        """Change of a measure from the reference to a run, if it has one."""
        return self.changes.get((self.reference, name), {}).get(measure)

    @property
    def q_values(self) -> dict[tuple[str, str, str], float | None]:
        """Smallest false discovery rates at which changes would be named.

        By the names of a pair and the key of the measure, over all changes of the table that are tested: pairs and
        measures (`calibration.uncertainty.q_values`).
        """
        tests = self._p_values
        return dict(zip(tests, q_values(tests.values()), strict=True))

    @property
    def _p_values(self) -> dict[tuple[str, str, str], float | None]:
        return {
            (*pair, key): None if math.isnan(change.p_value) else change.p_value
            for pair, changes in self.changes.items()
            for key, change in changes.items()
        }

    @property
    def _has_all_pairs(self) -> bool:
        return len(self.changes) == len(self.summaries) * (len(self.summaries) - 1) // 2

    def groups(self, measure: str) -> dict[str, str]:
        """Compact letter display of the runs in a measure.

        Runs without a common letter are shown to differ. All pairs are tested, together at `level` (Holm). A common
        letter is no proof that two runs are alike.

        Raises
        ------
        ValueError
            Unless all pairs were compared, and for a measure that is not tested.

        References
        ----------
        Piepho (2004), doi:10.1198/1061860043515.

        Examples
        --------
        >>> from calibration import Pairs, compare_runs
        >>> right = [index % 10 < 8 for index in range(100)]
        >>> wrong = [index % 10 < 3 for index in range(100)]
        >>> runs = {"a": Pairs.from_arrays([0.7] * 100, right), "b": Pairs.from_arrays([0.7] * 100, wrong)}
        >>> compare_runs(runs, all_pairs=True).groups("accuracy")
        {'a': 'a', 'b': 'b'}
        """
        names = list(self.summaries)
        if not self._has_all_pairs:
            raise ValueError("groups need all pairs of runs: compare them with all_pairs=True")
        if measure not in self.tested:
            raise ValueError(f"no change of {measure!r} is tested; tested are {', '.join(self.tested)}")
        tests = {pair: changes[measure].p_value for pair, changes in self.changes.items() if measure in changes}
        return letter_display(names, shown_together(tests, level=self.level))

    @property
    def frame(self) -> pl.DataFrame:
        """One row a run and measure: value, limits, noise floor, change from the reference."""
        rows = []
        rates = self.q_values
        for name, summary in self.summaries.items():
            for key in self.measures:
                if key not in summary:
                    continue
                value = summary[key]
                change = self.change(name, key)
                rows.append(
                    {
                        "run": name,
                        "measure": key,
                        "value": summary.point(key),
                        "low": getattr(value, "low", None),
                        "high": getattr(value, "high", None),
                        "noise_floor": summary.point(f"{key}_null95") if f"{key}_null95" in summary else None,
                        "change": change.value if change else None,
                        "change_low": change.low if change else None,
                        "change_high": change.high if change else None,
                        "p_value": change.p_value if change else None,
                        "q_value": rates.get((self.reference, name, key)),
                    }
                )
        numbers = ("value", "low", "high", "noise_floor", "change", "change_low", "change_high", "p_value", "q_value")
        schema = {"run": pl.String, "measure": pl.String} | dict.fromkeys(numbers, pl.Float64)
        return pl.DataFrame(rows, schema=schema).fill_nan(None)

    @property
    def notes(self) -> tuple[str, ...]:
        """What changes are from, the number of tests, and what is left out."""
        n_tests = sum(p_value is not None for p_value in self.q_values.values())
        of_runs: dict[str, list[str]] = {}
        for name, summary in self.summaries.items():
            for note in summary.notes:
                of_runs.setdefault(note, []).append(name)
        pairs = "all pairs" if self._has_all_pairs else "runs"
        common = (
            ()
            if self.n_common is None
            else (f"only the {self.n_common:,} {self.what} that all runs hold are compared",)
        )
        return (
            *common,
            f"changes are from {self.reference}; q is the false discovery rate over the {n_tests} tests of {pairs} "
            "and measures (Benjamini and Hochberg)",
            *self.remarks,
            *(f"{', '.join(names)}: {note}" for note, names in of_runs.items()),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and dictionaries for JSON, without values that are None."""
        rates = {test: {"q_value": rate} for test, rate in self.q_values.items() if rate is not None}
        changes = [
            {
                "before": first,
                "after": second,
                "change": {
                    key: change.to_dict() | rates.get((first, second, key), {}) for key, change in measures.items()
                },
            }
            for (first, second), measures in self.changes.items()
        ]
        return {
            "reference": self.reference,
            "runs": {name: summary.to_dict() for name, summary in self.summaries.items()},
            "changes": changes,
            **({"notes": list(self.remarks)} if self.remarks else {}),
            **({} if self.n_common is None else {"n_common": self.n_common}),
        }
