"""What an export leaves out of a run or changes in it."""

from __future__ import annotations

import polars as pl

from calibration import Pairs, Predictions, Verdicts

from .export_format import ExportFormat
from .run_contents import RunContent


def export_remarks(run: RunContent, known: ExportFormat) -> tuple[str, ...]:
    """Lines on what a format does not hold of a run.

    Parameters
    ----------
    run : RunContent
        The run.
    known : ExportFormat
        The format.
    """
    if not known.holds_rows:
        return ()
    lines = [f"left out: {part}" for part in run.left_out]
    content = run.content
    if isinstance(content, Predictions | Pairs | Verdicts):
        frame = content.frame
        dates = [name for name, kind in frame.schema.items() if kind.is_temporal()]
        if dates and not known.holds_dates:
            lines.append(f"dates and times become texts in {', '.join(dates)}; parquet keeps them")
        infinite = [name for name, kind in frame.schema.items() if kind.is_float() and _is_infinite(frame[name])]
        if infinite and not known.holds_infinite:
            lines.append(
                f"numbers that are infinite or NaN become empty in {', '.join(infinite)}; csv, parquet keep them"
            )
    if run.measured is not content and isinstance(content, Predictions) and content.permuted and not known.suffix:
        lines.append("the mean over the orders of the options; csv, jsonl and parquet hold each order")
    return tuple(lines)


def _is_infinite(column: pl.Series) -> bool:
    return bool((~column.is_finite()).any())
