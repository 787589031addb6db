"""A run before and after recalibration, as `recalibrate` gives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from ..metrics.arrays import BoolArray, FloatArray
from ..metrics.temperature import Temperature
from ..number_texts import counted
from ..predictions.predictions import Predictions
from ..result_tables.named_values import NamedValues
from ..result_tables.result_table import ResultTable
from ..result_tables.shown_result import ShownResult
from ..uncertainty.changes import Change
from ..uncertainty.estimates import Estimate
from .cross_fitting import FoldKind
from .methods import ConfidenceMap, LetterMap
from .netcal_methods import NetcalMap
from .recalibration_table import recalibration_table


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Recalibration(ShownResult, NamedValues[Change]):
    """A run before and after recalibration, on items that it was not fitted on.

    A change is ``recalibration.change["ece_top"]`` or ``recalibration.ece_top``. Printed, it is the table of ``veracal
    recalibrate``; in a notebook a table of HTML.

    Attributes
    ----------
    method : str
        Which one.
    by : {"items", "subjects"} or None
        What was split into folds; None where it was fitted on another run.
    fitted : Temperature, Correction, VectorScaling, BetaMap, LinearMap, StepMap or NetcalMap
        What is learnt from all items (of the other run, where there is one), with its parameters as attributes and
        ``apply``, for use on new items.
    predictions : Predictions or None
        The recalibrated run; None for a method that gives nothing but the confidence of predicted letters.
    confidence, correct : ndarray, shape (n_items,)
        Recalibrated confidence in the predicted letter, and whether that is right.
    before, after : dict of str to Estimate
        ``ece_top``, ``signed_gap``, ``brier_top`` (squared error of that confidence, 0–1), ``nll_top`` (its log loss
        for being right or wrong, nats), ``accuracy``, ``auroc``; with whole rows also ``ece_choices``, ``brier`` and
        ``nll``, those of all letters.
    floors_before, floors_after : dict of str to float
        Noise floors of the ECEs: 95 % quantiles of what a calibrated model would score.
    change : dict of str to Change
        After − before, paired by item, for these and for new subjects.
    level : float
        Coverage of every interval.
    notes : tuple of str
        What could not be measured, and why.
    """

    holding = ("change",)
    method: str
    by: FoldKind | None
    fitted: LetterMap | ConfidenceMap | NetcalMap
    predictions: Predictions | None
    confidence: FloatArray
    correct: BoolArray
    before: dict[str, Estimate]
    after: dict[str, Estimate]
    floors_before: dict[str, float]
    floors_after: dict[str, float]
    change: dict[str, Change]
    level: float
    notes: tuple[str, ...]

    @property
    def temperature(self) -> float | None:
        """That of all items to fit on; None where none was fitted."""
        return self.fitted.temperature if isinstance(self.fitted, Temperature | NetcalMap) else None

    @property
    def table(self) -> ResultTable:
        """The table that all formats are written from."""
        how = f"cross-fitted by {self.by}" if self.by else "fitted on another run"
        return self.titled_table(f"Recalibration by {self.method}, {how}: {counted(len(self.confidence), 'item')}")

    def titled_table(self, title: str) -> ResultTable:
        """The same table under another title."""
        return recalibration_table(
            self.frame, self.change, self.notes, title=title, temperature=self.temperature, level=self.level
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and dictionaries for JSON, without values that are None.

        Noise floors stand beside their measures, as ``ece_top_null95``; ``temperature`` where one was fitted.
        """
        plain: dict[str, Any] = {
            "method": self.method,
            **({"by": self.by} if self.by else {}),
            "n_items": len(self.confidence),
            **({"temperature": self.temperature} if self.temperature is not None else {}),
        }
        for name, values, floors in (
            ("before", self.before, self.floors_before),
            ("after", self.after, self.floors_after),
        ):
            plain[name] = {key: value.to_dict() for key, value in values.items()}
            plain[name] |= {f"{key}_null95": floor for key, floor in floors.items()}
        plain["change"] = {key: value.to_dict() for key, value in self.change.items()}
        return plain | ({"notes": list(self.notes)} if self.notes else {})

    @property
    def frame(self) -> pl.DataFrame:
        """One row a measure.

        ``measure``; ``before`` and ``after``, each with ``…_low``, ``…_high`` and, for an ECE, ``…_null95``;
        ``change`` with ``change_low``, ``change_high``, ``change_p_value``, and the same for new subjects as
        ``new_subjects_low`` and so on. Null if there is none.
        """
        rows = []
        for key in dict.fromkeys([*self.before, *self.after]):
            row: dict[str, str | float | None] = {"measure": key}
            for name, values, floors in (
                ("before", self.before, self.floors_before),
                ("after", self.after, self.floors_after),
            ):
                estimate = values.get(key)
                row |= {
                    name: estimate.value if estimate else None,
                    f"{name}_low": estimate.low if estimate else None,
                    f"{name}_high": estimate.high if estimate else None,
                    f"{name}_null95": floors.get(key),
                }
            change = self.change.get(key)
            row["change"] = change.value if change else None
            for name, interval in (("change", change), ("new_subjects", change.clustered if change else None)):
                row |= {
                    f"{name}_low": interval.low if interval else None,
                    f"{name}_high": interval.high if interval else None,
                    f"{name}_p_value": interval.p_value if interval else None,
                }
            rows.append(row)
        schema = {"measure": pl.String} | dict.fromkeys(list(rows[0])[1:], pl.Float64)
        return pl.DataFrame(rows, schema=schema).fill_nan(None)
