"""Items asked in several orders of their options, and the mean over the orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import logsumexp

from ..items.item import LETTERS
from ..metrics.arrays import FloatArray, IntArray
from .predictions import Predictions


def average_permutations(predictions: Predictions) -> Predictions:
    r"""Mean probability of each option over the orders of options.

    .. math:: \bar p_i(o) = \frac{1}{K_i} \sum_{k=1}^{K_i} p_{ik}(\ell_{ik}(o))

    where :math:`\ell_{ik}(o)` is the letter of option :math:`o` in order :math:`k`, and :math:`p_{ik}`
    the softmax over the letters.

    Parameters
    ----------
    predictions : Predictions
        As ``extract(..., permutations="cyclic")`` gives them: each option of an item once under each of its letters.

    Returns
    -------
    Predictions
        One row an item in its own order of options: letter mass and other-form mass are means too, a letter is
        bounded if its option was in any order, and there is no hash of a prompt.

    Raises
    ------
    ValueError
        If an item was not asked so, by name (see `complete_items`).

    Notes
    -----
    Probabilities are averaged, not their logarithms, as Zheng et al. do: the mean is the model's distribution over the
    options if the order is drawn at random, and its Brier score and log loss are never above the mean of those of
    the single orders. It is less sharp than they are if they disagree.

    References
    ----------
    Zheng et al. (2024), arXiv:2309.03882 (cyclic permutations).

    Examples
    --------
    >>> ahead = Predictions.from_arrays([[2.0, 0.0]], answer=[1], item=["a"])  # A is favoured, whichever option it is
    >>> turned = ahead.frame.with_columns(order=pl.Series([[1, 0]]), answer=pl.lit(0))
    >>> both = Predictions(pl.concat([ahead.frame, turned.cast(ahead.frame.schema)]))
    >>> average_permutations(both).probabilities.tolist()
    [[0.5, 0.5]]
    """
    return sorted_rotations(predictions).averaged()


def single_order(predictions: Predictions, *, first_option: int = 0) -> Predictions:
    """Predictions of one order of options, by the option under A.

    0 is the items' own order.

    Raises
    ------
    ValueError
        If no item was asked so.

    Examples
    --------
    >>> single_order(Predictions.from_arrays([[2.0, 0.0]], answer=[1])).n_items
    1
    """
    frame = predictions.frame.filter(pl.col("order").list.first() == first_option)
    if frame.is_empty():
        raise ValueError(f"no item was asked with its option {first_option} under A")
    return Predictions(frame)


def complete_items(predictions: Predictions) -> Predictions:
    """Items with each option under each letter exactly once.

    An interrupted run may hold others.

    Raises
    ------
    ValueError
        If there is none.

    Examples
    --------
    >>> asked = Predictions.from_arrays([[2.0, 0.0], [0.0, 2.0]], answer=[1, 0], item=["a", "b"])
    >>> orders = asked.frame.with_columns(item=pl.lit("a"), order=pl.Series([[0, 1], [1, 0]]))
    >>> complete_items(Predictions(orders)).n_items
    1
    """
    frame = complete_rows(predictions.frame)
    if frame.is_empty():
        raise ValueError("no item was asked with each of its options under each letter once (permutations='cyclic')")
    return Predictions(frame)


def complete_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows of the items with each option under each letter once."""
    n_options = pl.col("order").list.len().cast(pl.Int64)
    cells = frame.select("item", "order", n_options=n_options, letter=pl.int_ranges(n_options))
    cells = cells.explode("order", "letter", empty_as_null=False)
    n_cells = pl.col("n_options").first() ** 2
    cell = pl.col("letter") * len(LETTERS) + pl.col("order")
    whole = cells.group_by("item").agg(whole=(pl.len() == n_cells) & (cell.n_unique() == n_cells)).filter("whole")
    return frame.join(whole, on="item", how="semi", maintain_order="left")


@dataclass(frozen=True, eq=False)
class Rotations:
    """Rows sorted by item, and by the option under A.

    Attributes
    ----------
    frame : polars.DataFrame
        The rows.
    rows : Predictions
        The same, each row as if it were an item.
    start : ndarray, shape (n_items,)
        First row of each item.
    order : ndarray, shape (n_rows, n_options)
        The option under each letter; beyond an item's own options, the letter's index.
    """

    frame: pl.DataFrame
    rows: Predictions
    start: IntArray
    order: IntArray

    def by_option(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values by option from values by letter, shape (n_rows, n_options)."""
        turned = np.empty_like(values)
        np.put_along_axis(turned, self.order, values, axis=1)
        return turned

    def mean(self, values: FloatArray) -> FloatArray:
        """Mean over the rows of each item (n_items, n_options)."""
        return np.asarray(np.add.reduceat(values, self.start, axis=0) / self.rows.n_options[self.start, None])

    def averaged(self) -> Predictions:
        """See `average_permutations`."""
        frame, rows, start = self.frame, self.rows, self.start
        present, n_options = rows.present[start], rows.n_options[start]
        log_n = np.log(n_options)
        # On the log scale, where a probability below the smallest number is not 0.
        mean = np.logaddexp.reduceat(self.by_option(rows.log_probabilities), start, axis=0) - log_n[:, None]
        # They are stored with the mass that is on the letters, which is 1 where it is not known.
        mass = np.logaddexp.reduceat(logsumexp(rows.logprobs, axis=1), start) - log_n
        bounded = np.zeros(rows.present.shape, dtype=bool)
        bounded[rows.present] = frame["bounded"].explode(empty_as_null=False).to_numpy()
        bounded = np.logical_or.reduceat(self.by_option(bounded), start, axis=0)
        cells = pl.DataFrame(
            {
                "row": np.repeat(np.arange(len(start)), n_options),
                "order": np.broadcast_to(np.arange(present.shape[1]), present.shape)[present],
                "logprobs": (mean + mass[:, None])[present],
                "bounded": bounded[present],
            }
        )
        lists = cells.group_by("row", maintain_order=True).agg("order", "logprobs", "bounded")
        masses = frame.group_by("item", maintain_order=True).agg(pl.col("letter_mass", "other_form_mass").mean())
        own = frame[start].with_columns(answer=pl.col("order").list.get(pl.col("answer")), prompt=pl.lit(""))
        return Predictions(own.with_columns(*lists.drop("row").get_columns(), *masses.drop("item").get_columns()))


def sorted_rotations(predictions: Predictions) -> Rotations:
    """Sort rows by item and by the option under A.

    Items keep the order of their first appearance.

    Raises
    ------
    ValueError
        If an item does not have each option under each letter exactly once, by name.
    """
    frame = predictions.frame
    broken = frame.join(complete_rows(frame), on="item", how="anti", maintain_order="left")
    if not broken.is_empty():
        item = broken["item"][0]
        asked = broken.filter(pl.col("item") == item)
        raise ValueError(
            "each option must be under each letter exactly once (permutations='cyclic'); "
            f"item {item} has {asked.height} rows for {len(asked['order'][0])} options "
            f"({broken['item'].n_unique()} such items in all); complete_items(predictions) leaves them out"
        )
    keys = frame.select("item", "order").with_row_index("row")
    frame = frame[keys.sort(pl.col("row").min().over("item"), pl.col("order").list.first())["row"]]
    rows = Predictions(frame.with_columns(item=pl.int_range(pl.len()).cast(pl.String)))
    order = np.tile(np.arange(rows.present.shape[1]), (frame.height, 1))
    order[rows.present] = frame["order"].explode(empty_as_null=False).to_numpy()
    return Rotations(frame, rows, np.flatnonzero(order[:, 0] == 0), order)
