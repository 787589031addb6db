"""Parts of a task, such as its subjects, as one run."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ...predictions.predictions import Predictions
from ..option_rows import OptionKind, item_table, predictions_of
from .choices import Choices


def joined_options(parts: Sequence[Choices], *, source: str, model: str) -> tuple[Predictions, pl.DataFrame | None]:
    """Options of all parts as predictions, and the texts of their items.

    Letters of one context must be such in every part; otherwise all are log-likelihoods.

    Raises
    ------
    ValueError
        As `calibration.logs.option_rows.predictions_of`.
    """
    table = pl.concat([part.table for part in parts], how="diagonal_relaxed")
    in_one_context = all(part.kind == "log-probabilities" for part in parts)
    kind: OptionKind = "log-probabilities" if in_one_context else "log-likelihoods"
    return predictions_of(table, kind, source=source, model=model), item_table(table)


def pooled_accuracy(parts: Sequence[tuple[float | None, int]]) -> float | None:
    """Accuracy over the items of all parts; None if a part has none.

    Examples
    --------
    >>> pooled_accuracy([(1.0, 1), (0.5, 3)]), pooled_accuracy([(1.0, 1), (None, 3)])
    (0.625, None)
    """
    known = [(accuracy, n_items) for accuracy, n_items in parts if accuracy is not None]
    if len(known) < len(parts):
        return None
    return sum(accuracy * n_items for accuracy, n_items in known) / sum(n_items for _, n_items in known)
