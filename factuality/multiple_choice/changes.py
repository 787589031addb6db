"""Changes of TruthfulQA's multiple-choice scores between two models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from scipy.special import stdtrit

from calibration.metrics.arrays import FloatArray
from calibration.metrics.validation import level_in_range
from calibration.predictions.pairing import COMMON, paired_rows
from calibration.result_tables.result_table import ResultTable
from calibration.uncertainty.change_table import INTERVAL_COLUMNS, ChangeTable, change_cells
from calibration.uncertainty.intervals import Interval
from calibration.uncertainty.q_values import q_values
from calibration.uncertainty.standard_errors import two_sided
from calibration.uncertainty.tango import tango_interval

from ..outcomes.rate_tables import changes_tables
from .scores import MultipleChoice, Variant

_ALL = "all"


@dataclass(frozen=True, eq=False, repr=False)
class MultipleChoiceChanges(ChangeTable):
    """Changes of TruthfulQA's multiple-choice scores on the same questions.

    Attributes
    ----------
    frame : polars.DataFrame
        The table, one row a category in the order of the questions, then ``all``.

        Columns: ``category``, ``n``, ``before``, ``after``, ``change`` (after − before), ``low``, ``high``, ``p_value``
        (null for mc2 of a single question) and ``q_value`` (null in the last row, which is no part of the family that
        is corrected for).
    variant : {"mc1", "mc2", "binary"}
        The score.
    level : float
        Coverage of the intervals.
    """

    variant: Variant

    @property
    def table(self) -> ResultTable:
        """A row a category, then all."""
        named = self.frame.select(pl.lit(self.variant).alias("variant"), pl.all())
        return changes_tables(named, {}, key="variant", level=self.level)[0]


def multiple_choice_change(
    before: MultipleChoice, after: MultipleChoice, *, level: float = 0.95
) -> MultipleChoiceChanges:
    """Changes of a multiple-choice score, by category and over all questions.

    Parameters
    ----------
    before, after : MultipleChoice
        Of one variant, on the same questions; joined on their ids.
    level : float
        Coverage of the intervals.

    Returns
    -------
    MultipleChoiceChanges
        For mc1 and binary intervals are Tango's and p-values McNemar's; for mc2 both are Student's t of the paired
        differences. Q-values are those of Benjamini and Hochberg over the categories.

    Raises
    ------
    ValueError
        For two variants, questions that only one of them has, or that differ in text or category, naming them.

    References
    ----------
    Tango (1998), doi:10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B. McNemar (1947),
    doi:10.1007/BF02295996. Benjamini and Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    >>> columns = {"text": "?", "category": "Sun", "adversarial": True, "primer": "none", "variant": "mc1"}
    >>> asked = pl.DataFrame({"model": "tiny", "question": ["0", "1", "2"], **columns})
    >>> before, after = (MultipleChoice(asked.with_columns(score=pl.Series(won))) for won in ([1, 0, 0], [1, 1, 1]))
    >>> changes = multiple_choice_change(before, after).frame
    >>> changes["category"].to_list(), changes["change"].round(3).to_list()
    (['Sun', 'all'], [0.667, 0.667])
    """
    level_in_range(level)
    left, scores = _paired_scores(before, after)
    category = left["category"].to_numpy()
    rows: list[dict[str, Any]] = []
    for name in [*left["category"].unique(maintain_order=True), None]:
        members = np.full(len(category), fill_value=True) if name is None else category == name
        rows.append(
            {
                "category": _ALL if name is None else name,
                **_change(scores[0][members], scores[1][members], before.variant, level),
            }
        )
    for row, q_value in zip(rows, [*q_values(row["p_value"] for row in rows[:-1]), None], strict=True):
        row["q_value"] = q_value
    floats = dict.fromkeys(INTERVAL_COLUMNS, pl.Float64)
    return MultipleChoiceChanges(pl.DataFrame(rows, schema_overrides=floats), level, before.variant)


def total_score_change(
    before: MultipleChoice, after: MultipleChoice, *, level: float = 0.95
) -> dict[str, float | None]:
    """The row ``all`` of `multiple_choice_change`.

    Raises
    ------
    ValueError
        As `multiple_choice_change`.
    """
    _, scores = _paired_scores(before, after)
    return _change(*scores, before.variant, level_in_range(level))


def _paired_scores(before: MultipleChoice, after: MultipleChoice) -> tuple[pl.DataFrame, tuple[FloatArray, FloatArray]]:
    """The questions of two runs and the scores of both, in one order."""
    if before.variant != after.variant:
        raise ValueError(f"both must be of one variant, got {before.variant} and {after.variant}")
    left = before.frame
    ids = left["question"].to_list(), after.frame["question"].to_list()
    right = after.frame[paired_rows(*ids, what="questions", hint=COMMON)]
    for column in ("text", "category"):
        differ = (left[column] != right[column]).to_numpy()
        if differ.any():
            name = left["question"][int(np.argmax(differ))]
            raise ValueError(f"two runs must hold the same questions; question {name} has another {column} in each")
    return left, (left["score"].to_numpy().astype(np.float64), right["score"].to_numpy().astype(np.float64))


def _change(before: FloatArray, after: FloatArray, variant: Variant, level: float) -> dict[str, float | None]:
    value, n = float((after - before).mean()), len(before)
    interval = tango_interval(before, after, level=level) if variant != "mc2" else _paired_t(after - before, level)
    return {"n": n, **change_cells(float(before.mean()), float(after.mean()), value, interval)}


def _paired_t(moved: FloatArray, level: float) -> Interval | None:
    """Student's t of paired differences; None for a single one."""
    value, n = float(moved.mean()), len(moved)
    if n < 2:
        return None
    error = float(moved.std(ddof=1)) / np.sqrt(n)
    half = stdtrit(n - 1, (1 + level) / 2) * error
    return Interval(value - half, value + half, two_sided(value, error, n - 1))
