"""Changes of scores at confidence targets between two models."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from calibration.metrics.validation import level_in_range
from calibration.number_texts import interval_text, p_value
from calibration.result_tables.result_table import ResultTable, result_columns
from calibration.uncertainty.change_table import ChangeTable, change_cells

from ..outcomes.ratios import difference, target_ratio
from .targets import ConfidenceTargets


@dataclass(frozen=True, eq=False, repr=False)
class ConfidenceTargetChanges(ChangeTable):
    """Changes of scores at confidence targets on the same questions.

    Attributes
    ----------
    frame : polars.DataFrame
        The table, one row a target.

        Columns: ``target``, ``n``, ``before``, ``after``, ``change`` (after − before), ``low``, ``high`` and
        ``p_value``, which is that of the one target.
    level : float
        Coverage of the intervals.
    """

    @property
    def table(self) -> ResultTable:
        """A row a target."""
        interval = f"{100 * self.level:g} % interval"
        title = "Changes of scores at confidence targets"
        return ResultTable(
            columns=result_columns(("target", "n", "before", "after", "change", interval, "p")),
            rows=tuple(
                (
                    f"{row['target']:g}", f"{row['n']:,}", f"{row['before']:+.3f}", f"{row['after']:+.3f}",
                    f"{row['change']:+.3f}", interval_text(row["low"], row["high"]), p_value(row["p_value"]),
                )
                for row in self.frame.iter_rows(named=True)
            ),
            heading=(title,),
            caption=f"{title}, after − before, with {interval}s.",
        )  # fmt: skip


def confidence_target_change(
    before: ConfidenceTargets, after: ConfidenceTargets, *, level: float = 0.95
) -> ConfidenceTargetChanges:
    """Changes of scores at confidence targets, paired by question.

    Parameters
    ----------
    before, after : ConfidenceTargets
        At the same targets, on the same questions; joined on their ids.
    level : float
        Coverage of the intervals.

    Returns
    -------
    ConfidenceTargetChanges
        Both intervals of a target joined with the correlation between the scores of each question, as in `rate_change`
        for F. A question that was not graded in one of them is left out.

    Raises
    ------
    ValueError
        For other targets, two ways to abstain, questions that differ in text, or none in common.

    Examples
    --------
    >>> from factuality import Question, Responses, confidence_target_score, grade
    >>> asked = [Question(str(n), "science", "What colour is the Sun?", ("white",), ("yellow",)) for n in range(4)]
    >>> sides = [Responses.from_texts(dict.fromkeys("0123", text), asked) for text in ("Yellow.", "I don't know.")]
    >>> scores = [
    ...     confidence_target_score(grade(side, grader="match"), targets=(0.75,), by="prompt") for side in sides
    ... ]
    >>> confidence_target_change(*scores).frame["change"].to_list()  # from wrong answers to abstentions
    [3.0]
    """
    level_in_range(level)
    targets = before.frame["target"].to_list()
    if targets != after.frame["target"].to_list() or before.by != after.by:
        raise ValueError(
            f"both must have the same targets and one way to abstain, got {targets} by {before.by} and "
            f"{after.frame['target'].to_list()} by {after.by}"
        )
    both = before.answers.join(after.answers, on="question", how="inner", maintain_order="left", suffix="_after")
    if both.is_empty():
        raise ValueError("the two must have graded questions in common, got none")
    differ = (both["text"] != both["text_after"]).to_numpy()
    if differ.any():
        name = both["question"][int(np.argmax(differ))]
        raise ValueError(f"two runs must hold the same questions; question {name} has another text in each")
    rows = []
    for target in targets:
        kinds = [both[f"{target}{end}"].to_numpy() for end in ("", "_after")]
        ratio = target_ratio(target)
        interval = ratio.change(*kinds, level=level)
        first, second = (ratio.of(side) for side in kinds)
        assert interval is not None  # noqa: S101 (every answer has weight in a mean)
        assert first is not None  # noqa: S101
        assert second is not None  # noqa: S101
        cells = change_cells(first, second, difference(first, second), interval)
        rows.append({"target": target, "n": both.height, **cells})
    return ConfidenceTargetChanges(pl.DataFrame(rows), level)
