"""Answers of a log that count, with their verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...predictions.credit import Partial, is_between
from ...predictions.grades import AnswerGrade
from ..credit_remarks import partial_remarks
from ..options import Epoch
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
        The verdict of each, or ``partial``.
    settings : mapping
        Choices that decided it, by name.
    remarks : tuple of str
        What a reader must know of it.
    """

    samples: tuple[Sample, ...]
    grades: tuple[AnswerGrade, ...]
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
    partial : {"half", "incorrect", "ungraded"} or None
        What partial credit becomes; half credit is ungraded if None.

    Raises
    ------
    ValueError
        For an epoch that the log does not have, values that are no verdicts, no verdict at all.
    """
    path = document.source.path
    epochs = sorted({sample.epoch for sample in document.samples})
    if isinstance(epoch, int) and epoch not in epochs:
        raise ValueError(f"{path}: no epoch {epoch}; there are: {', '.join(map(str, epochs))}")
    samples = in_order(
        document, [sample for sample in document.samples if isinstance(epoch, str) or sample.epoch == epoch]
    )
    grades = tuple(scorer.grade(sample, partial) for sample in samples)
    if set(grades) == {"ungraded"}:
        raise ValueError(f"{path}: none of the {len(samples)} answers has a verdict of {scorer.title}")
    given = [scorer.credit(sample) for sample in samples]
    without = [sample for sample, credit in zip(samples, given, strict=True) if credit is None]
    n_failed = sum(sample.failed for sample in without)
    remarks = [*_epoch_remarks(epochs, epoch), *partial_remarks(given, partial)]
    if without:
        by_error = f", {n_failed} of them after an error" if n_failed else ""
        remarks.append(f"{len(without)} of {len(samples)} answers have no verdict of {scorer.title}{by_error}")
    settings: dict[str, Any] = {"partial": partial or "ungraded"} if any(map(is_between, given)) else {}
    if len(epochs) > 1 or epochs != [1]:
        settings["epoch"] = epoch
    return Selection(samples=tuple(samples), grades=grades, settings=settings, remarks=tuple(remarks))


def _epoch_remarks(epochs: Sequence[int], epoch: Epoch) -> list[str]:
    """Which epochs count, if there are several."""
    if len(epochs) == 1:
        return []
    if isinstance(epoch, int):
        return [f"epoch {epoch} of {len(epochs)} is taken (--epoch)"]
    return [f"the mean over {len(epochs)} epochs" if epoch == "mean" else f"all {len(epochs)} epochs, each a sample"]
