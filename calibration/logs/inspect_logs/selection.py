"""Answers of a log that count, with their verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...predictions.grades import Grade
from ..credit_grades import refuse_half
from ..options import Epoch, Partial
from .credit import Scorer
from .document import Document
from .items import in_order
from .sample import Sample


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Answers that count.

    Attributes
    ----------
    samples : tuple of Sample
        In the order of the dataset.
    grades : tuple of str
        The verdict of each.
    settings : mapping
        Choices that decided it, by name.
    remarks : tuple of str
        What a reader must know of it.
    """

    samples: tuple[Sample, ...]
    grades: tuple[Grade, ...]
    settings: Mapping[str, Any]
    remarks: tuple[str, ...]


def selected(document: Document, scorer: Scorer, *, epoch: Epoch, partial: Partial | None) -> Selection:
    """Select answers by their epoch, and read their verdicts.

    Parameters
    ----------
    document : Document
        The log.
    scorer : Scorer
        Whose verdicts.
    epoch : int, "mean" or "all"
        Which answers to an item, from 1.
    partial : {"incorrect", "ungraded"} or None
        What half credit becomes; ungraded if None.

    Raises
    ------
    ValueError
        For an epoch that the log does not have, values that are no verdicts, half verdicts, no verdict at all.
    """
    path = document.source.path
    refuse_half(partial, path)
    epochs = sorted({sample.epoch for sample in document.samples})
    if isinstance(epoch, int) and epoch not in epochs:
        raise ValueError(f"{path}: no epoch {epoch}; there are: {', '.join(map(str, epochs))}")
    samples = in_order(
        document, [sample for sample in document.samples if isinstance(epoch, str) or sample.epoch == epoch]
    )
    what = partial or "ungraded"
    grades = tuple(scorer.grade(sample, what) for sample in samples)
    if set(grades) == {"ungraded"}:
        raise ValueError(f"{path}: none of the {len(samples)} answers has a verdict of {scorer.title}")
    n_partial = sum(scorer.is_partial(sample) for sample in samples)
    without = [sample for sample in samples if scorer.credit(sample) is None]
    n_failed = sum(sample.failed for sample in without)
    remarks = []
    if n_partial:
        remarks.append(f"{n_partial} of {len(samples)} answers have half credit and count as {what}")
    if without:
        by_error = f", {n_failed} of them after an error" if n_failed else ""
        remarks.append(f"{len(without)} of {len(samples)} answers have no verdict of {scorer.title}{by_error}")
    settings: dict[str, Any] = {"partial": what} if n_partial else {}
    if len(epochs) > 1 or epochs != [1]:
        settings["epoch"] = epoch
    return Selection(samples=tuple(samples), grades=grades, settings=settings, remarks=tuple(remarks))
