"""The groups that are most clearly apart, where not all are shown."""

from __future__ import annotations

import polars as pl

from .group_changes import GroupChanges
from .group_measures import GroupMeasures


def clearest_groups(groups: GroupChanges | GroupMeasures, most: int) -> pl.DataFrame:
    """Rows of the groups with the smallest p-values, in the order of the table.

    Parameters
    ----------
    groups : GroupChanges or GroupMeasures
        The groups. Of one run the p-value is that of no difference from all other items, if the table has any.
    most : int
        How many groups are kept; of equal p-values those that are further apart.

    Examples
    --------
    >>> from calibration import Predictions, group_changes
    >>> logits = [[1.0, 0.0], [0.4, 0.0], [0.0, 1.0], [2.0, 0.0], [0.0, 0.7], [0.9, 0.0]]
    >>> subject = ["art"] * 3 + ["law"] * 3
    >>> before = Predictions.from_arrays(logits, [0, 1, 1, 0, 0, 0], subject=subject)
    >>> after = Predictions.from_arrays([[3 * a, 3 * b] for a, b in logits], [0, 1, 1, 0, 0, 0], subject=subject)
    >>> clearest_groups(group_changes(before, after, "subject"), 1)["subject"].to_list()
    ['art']
    """
    frame = groups.frame
    if frame.height <= most:
        return frame
    p_value, distance = "p_value", "change"
    if isinstance(groups, GroupMeasures):
        compared = frame["difference_p_value"].null_count() < frame.height
        p_value, distance = ("difference_p_value", "difference") if compared else ("p_value", "value")
    kept = (
        frame.with_row_index("_row")
        .sort(pl.col(p_value), -pl.col(distance).abs(), nulls_last=True, maintain_order=True)
        .head(most)
    )
    return kept.sort("_row").drop("_row")
