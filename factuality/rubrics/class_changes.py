"""Changes of the shares of a rubric's classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from calibration.metrics.validation import level_in_range
from calibration.number_texts import interval_text, p_value
from calibration.predictions.pairing import paired_rows
from calibration.result_tables.result_table import ResultTable, result_columns
from calibration.uncertainty.change_table import ChangeTable, change_cells
from calibration.uncertainty.q_values import q_values
from calibration.uncertainty.tango import tango_interval

from .class_rates import one_class_each
from .classifications import Classifications


@dataclass(frozen=True, eq=False, repr=False)
class ClassChanges(ChangeTable):
    """Changes of shares of classes between two models.

    Attributes
    ----------
    frame : polars.DataFrame
        The table, one row a class in the rubric's order.

        Columns: ``class``, ``name``, ``good``, ``n``, ``before``, ``after``, ``change`` (after − before), ``low``,
        ``high``, ``p_value`` and ``q_value``.
    level : float
        Coverage of the intervals.
    """

    @property
    def table(self) -> ResultTable:
        """A row a class."""
        interval = f"{100 * self.level:g} % interval"
        title = "Changes of the shares of classes"
        return ResultTable(
            columns=result_columns(("class", "n", "before", "after", "change", interval, "p", "q")),
            rows=tuple(
                (
                    row["name"], str(row["n"]), f"{row['before']:.3f}", f"{row['after']:.3f}", f"{row['change']:+.3f}",
                    interval_text(row["low"], row["high"]), p_value(row["p_value"]), p_value(row["q_value"]),
                )
                for row in self.frame.iter_rows(named=True)
            ),
            heading=(title,),
            caption=f"{title}, after − before, with {interval}s. q: false discovery rate at which a change would be "
            "named (Benjamini and Hochberg).",
        )  # fmt: skip


def class_change(before: Classifications, after: Classifications, *, level: float = 0.95) -> ClassChanges:
    """Changes of the shares of a rubric's classes on the same questions.

    Parameters
    ----------
    before, after : Classifications
        By one judge and rubric, one answer a question; joined on the questions' ids.
    level : float
        Coverage of the intervals.

    Returns
    -------
    ClassChanges
        Shares are of all answers, those without a class among them. Intervals are Tango's, p-values McNemar's,
        q-values those of Benjamini and Hochberg over the classes.

    Raises
    ------
    ValueError
        For another judge or rubric, several answers to one question, questions that only one of them has or whose
        texts differ, naming them.

    References
    ----------
    Tango (1998), doi:10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B. McNemar (1947),
    doi:10.1007/BF02295996. Benjamini and Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    >>> rubric = load_rubric("refusals.toml")  # doctest: +SKIP
    >>> sides = [classify(f"runs/{stage}", rubric, judge=judge) for stage in ("base", "rl")]  # doctest: +SKIP
    >>> class_change(*sides).frame  # doctest: +SKIP
    """
    level_in_range(level)
    left, right = one_class_each(before.frame), one_class_each(after.frame)
    for column in ("judge", "judge_model", "rubric"):
        names = {*left[column].drop_nulls(), *right[column].drop_nulls()}
        if len(names) > 1:
            raise ValueError(f"both must be sorted by one {column.replace('_', ' ')}, got {', '.join(sorted(names))}")
    right = right[paired_rows(left["question"].to_list(), right["question"].to_list(), what="questions")]
    differ = (left["text"] != right["text"]).to_numpy()
    if differ.any():
        name = left["question"][int(np.argmax(differ))]
        raise ValueError(f"two runs must hold the same questions; question {name} has another text in each")
    rows = []
    for rubric_class in before.rubric.classes:
        first, second = (
            (side["class"] == rubric_class.key).fill_null(value=False).to_numpy().astype(np.float64)
            for side in (left, right)
        )
        change, interval = float((second - first).mean()), tango_interval(first, second, level=level)
        rows.append(
            {
                "class": rubric_class.key,
                "name": rubric_class.name,
                "good": rubric_class.good,
                "n": len(first),
                **change_cells(float(first.mean()), float(second.mean()), change, interval),
            }
        )
    table = pl.DataFrame(rows, schema_overrides={"good": pl.Boolean})
    return ClassChanges(table.with_columns(q_value=pl.Series(q_values(table["p_value"]))), level)
