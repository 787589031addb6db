"""Changes of means of shares, paired by question."""

from __future__ import annotations

from calibration.metrics.arrays import FloatArray
from calibration.uncertainty.changes import change_interval
from calibration.uncertainty.independent_answers import is_whole, question_sampling
from calibration.uncertainty.intervals import Interval
from calibration.uncertainty.kinds.share import Share
from calibration.uncertainty.tango import tango_interval


def share_change(before: FloatArray, after: FloatArray, *, level: float) -> Interval | None:
    """Interval of the change of a mean of shares, paired by question.

    Tango's for single answers, otherwise that of a mean with Student's t; None for too few questions.
    """
    if is_whole(before) and is_whole(after):
        return tango_interval(before, after, level=level)
    if len(before) < 2:
        return None
    interval = change_interval(Share(before), Share(after), question_sampling(len(before)), level=level)
    return interval if interval.known else None
