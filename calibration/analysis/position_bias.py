"""Position bias: dependence of answers on the position of an option."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from ..items.item import LETTERS
from ..metrics.arrays import BoolArray, FloatArray, IntArray
from ..metrics.validation import level_in_range
from ..number_texts import counted, row_with_interval
from ..predictions.predictions import Predictions
from ..predictions.rotations import sorted_rotations
from ..result_tables.result_table import ResultTable, result_columns
from ..result_tables.shown_result import ShownResult
from ..uncertainty.estimates import Estimate, share_estimate
from ..uncertainty.standard_errors import critical, standard_error


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class PositionBias(ShownResult):
    """Dependence of a model's answers on the position of options.

    Printed, it is the table of ``veracal summarize``; in a notebook a table of HTML.

    Attributes
    ----------
    letters : polars.DataFrame
        One row a letter: ``letter``; ``n_items`` that have it; ``expected`` (the mean of 1 / number of options over
        those items: what both shares would be if the place did not matter); ``mean_probability`` of the letter and
        ``predicted`` (share of predictions, ties split), over all orders, each with ``…_low`` and ``…_high``, null
        where a single item has the letter.
    orders : polars.DataFrame
        One row an order: ``first_option`` (index of the option that stood under A; 0 is the items' own order),
        ``n_items``, ``accuracy`` in this order (first of tied letters), ``accuracy_low``, ``accuracy_high``.
    accuracy : Estimate
        Of the mean over the orders (see `average_permutations`).
    flip_rate : Estimate
        Share of items whose answer changes with the order: no option is a likeliest one in every order.
    n_items : int
        How many items.
    level : float
        Coverage of every interval.
    """

    letters: pl.DataFrame
    orders: pl.DataFrame
    accuracy: Estimate
    flip_rate: Estimate
    n_items: int
    level: float

    @property
    def table(self) -> ResultTable:
        """Each letter over all orders, and how answers change with the order."""
        by_rotation = ", ".join(f"{value:.3f}" for value in self.orders["accuracy"])
        title = "Position bias: each letter over all rotations; as expected where the place of an option means nothing"
        return ResultTable(
            columns=result_columns(("", "expected", "mean probability", "predicted")),
            rows=tuple(
                (
                    row["letter"],
                    f"{row['expected']:.3f}",
                    *(row_with_interval(row, key) for key in ("mean_probability", "predicted")),
                )
                for row in self.letters.iter_rows(named=True)
            ),
            heading=(f"{title}.",),
            notes=(
                f"The answer changes with the order for {self.flip_rate} of the items. "
                f"Accuracy by rotation: {by_rotation}; of their mean: {self.accuracy}.",
            ),
            caption=f"{title}, with {100 * self.level:g} % intervals, of {counted(self.n_items, 'item')}.",
        )

    @property
    def frame(self) -> pl.DataFrame:
        """One row a letter, as in `letters`."""
        return self.letters

    def to_dict(self) -> dict[str, Any]:
        """As plain numbers and dictionaries, for JSON.

        ``flip_rate``, ``accuracy`` (of the mean), a list of ``letters`` and one of ``orders``.

        Each share is an object of ``value``, ``low``, ``high`` and ``level``.
        """
        shares = (("letters", ("mean_probability", "predicted")), ("orders", ("accuracy",)))
        tables = {
            name: [_nested(row, keys, self.level) for row in getattr(self, name).iter_rows(named=True)]
            for name, keys in shares
        }
        return {"flip_rate": self.flip_rate.to_dict(), "accuracy": self.accuracy.to_dict(), **tables}


def position_bias(predictions: Predictions, *, level: float = 0.95) -> PositionBias:
    """Dependence of answers on the place of the options.

    Parameters
    ----------
    predictions : Predictions
        As ``extract(..., permutations="cyclic")`` gives them: each option of an item once under each of its letters.
    level : float
        Coverage of the intervals.

    Returns
    -------
    PositionBias

    Raises
    ------
    ValueError
        Where an item was not asked so, by name (see `complete_items`).

    Notes
    -----
    Since every option stands under every letter once, a model to which the place means nothing gives each letter of an
    item of n options the mean probability 1/n and 1/n of its predictions, whatever it knows. Intervals of both are
    normal, from the spread between items of what their means over the orders have beyond 1/n; those of accuracies and
    of the flip rate are Wilson's. Whether a model favours the letter itself or the place in the list is not told apart.

    References
    ----------
    Zheng et al. (2024), arXiv:2309.03882. Pezeshkpour and Hruschka (2023), arXiv:2308.11483.

    Examples
    --------
    >>> ahead = Predictions.from_arrays([[2.0, 0.0], [0.0, 3.0]], answer=[1, 1])  # A whatever it is; the second option
    >>> turned = Predictions.from_arrays([[2.0, 0.0], [3.0, 0.0]], answer=[0, 0]).frame.with_columns(
    ...     order=pl.Series([[1, 0], [1, 0]], dtype=pl.List(pl.Int8))
    ... )
    >>> bias = position_bias(Predictions(pl.concat([ahead.frame, turned])))
    >>> bias.flip_rate.value, bias.letters["predicted"].to_list(), bias.orders["accuracy"].to_list()
    (0.5, [0.75, 0.25], [0.5, 1.0])
    """
    level_in_range(level)
    rotations = sorted_rotations(predictions)
    rows, start = rotations.rows, rotations.start
    always = np.logical_and.reduceat(rotations.by_option(rows.best), start, axis=0)  # (n_items, n_options)
    return PositionBias(
        letters=_letters(
            rows.n_options[start],
            {
                "mean_probability": rotations.mean(rows.probabilities),
                "predicted": rotations.mean(rows.best / rows.tied[:, None]),
            },
            level,
        ),
        orders=pl.DataFrame(
            [
                _order_row(option, rows.correct[rotations.order[:, 0] == option], level)
                for option in range(rows.probabilities.shape[1])
            ]
        ),
        accuracy=_share(rotations.averaged().correct, level),
        flip_rate=_share(np.logical_not(always.any(axis=1)), level),
        n_items=len(start),
        level=level,
    )


def _letters(n_options: IntArray, shares: Mapping[str, FloatArray], level: float) -> pl.DataFrame:
    rows = []
    for index in range(int(n_options.max())):
        has = n_options > index
        expected = 1 / n_options[has]
        row: dict[str, str | int | float | None] = {
            "letter": LETTERS[index],
            "n_items": len(expected),
            "expected": float(expected.mean()),
        }
        for name, values in shares.items():
            part = values[has, index]
            value, half = float(part.mean()), None
            if len(part) > 1:
                excess = part - expected
                half = critical(level, None) * standard_error(excess - excess.mean())
            row |= {
                name: value,
                f"{name}_low": None if half is None else max(value - half, 0.0),
                f"{name}_high": None if half is None else min(value + half, 1.0),
            }
        rows.append(row)
    names = list(rows[0])
    schema = {"letter": pl.String, "n_items": pl.Int64} | dict.fromkeys(names[2:], pl.Float64)
    return pl.DataFrame(rows, schema=schema)


def _order_row(first_option: int, correct: BoolArray, level: float) -> dict[str, int | float]:
    accuracy = _share(correct, level)
    bounds = {"accuracy_low": accuracy.low, "accuracy_high": accuracy.high}
    return {"first_option": first_option, "n_items": len(correct), "accuracy": accuracy.value, **bounds}


def _share(holds: BoolArray, level: float) -> Estimate:
    return share_estimate(float(holds.mean()), len(holds), level=level)


def _nested(row: Mapping[str, Any], keys: tuple[str, ...], level: float) -> dict[str, Any]:
    """A row of a table, each share an object with its interval."""
    plain = {name: value for name, value in row.items() if not name.startswith(keys)}
    for key in keys:
        plain[key] = {"value": row[key]}
        if row[f"{key}_low"] is not None:
            plain[key] |= {"low": row[f"{key}_low"], "high": row[f"{key}_high"], "level": level}
    return plain
