"""Logs of Inspect, read."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ..format import Format
from ..log import Content, Log
from ..mean_verdicts import FIRST_TEXT, MEAN_OF_VERDICTS, accuracy_by_item, mean_answers
from ..options import LogOptions
from ..source import Source
from ..tasks import of_task
from .accuracy import accuracy_remarks, own_accuracy
from .credit import scorer_of
from .document import Document, is_inspect, read_document
from .free_answers import graded_answers
from .items import is_numbered_anew
from .lettered_answers import lettered_answers
from .origin import count_remarks, model_of, origin_of, task_of
from .selection import selected

_TOLERANCE = 1e-6


def _read(sources: Sequence[Source], options: LogOptions) -> list[Log]:
    documents = (read_document(source) for source in sources)
    # The choices of a scorer and an epoch mean nothing to other tasks.
    wanted = of_task(documents, options.task, task_of, paths=[source.path for source in sources])
    return [_log(document, options) for document in wanted]


def _log(document: Document, options: LogOptions) -> Log:
    path = document.source.path
    scorer = scorer_of(document.samples, options.scorer, str(path))
    model = options.model or model_of(document)
    with_options = all(len(sample.choices) > 1 for sample in document.samples)
    epoch = options.epoch or (1 if with_options else "all")
    if with_options and epoch == "all":
        raise ValueError(f"{path}: an item with options counts once: the epoch must be a number or mean, got 'all'")
    selection = selected(document, scorer, epoch=epoch, partial=options.partial)
    content: Content
    items: pl.DataFrame | None = None
    remarks: tuple[str, ...] = ()
    if with_options:
        content, items, remarks = lettered_answers(document, selection, scorer, model)
    else:
        content = graded_answers(document, selection, scorer, repeated=isinstance(epoch, str))
        if epoch == "mean" and content.frame["item"].is_duplicated().any():
            content, remarks = mean_answers(content), (f"{MEAN_OF_VERDICTS}{FIRST_TEXT}",)
    n_items = len({sample.id for sample in selection.samples})
    own = own_accuracy(document.samples, scorer)
    return Log(
        format="inspect",
        task=task_of(document),
        model=model,
        date=str(document.part("eval").get("created") or ""),
        content=content,
        items=items,
        settings={"scorer": scorer.title, **selection.settings},
        origin=origin_of(document, n_items) | ({} if own is None else {"accuracy": own}),
        remarks=(
            *count_remarks(document, n_items),
            *remarks,
            *selection.remarks,
            *(["the dataset was shuffled and has no ids: items are named by their texts"] * is_numbered_anew(document)),
            *accuracy_remarks(document, scorer),
            *_difference(own, content),
        ),
        files=(path,),
    )


def _difference(own: float | None, content: Content) -> list[str]:
    """A remark if the log's own accuracy counts other answers, or otherwise."""
    taken = accuracy_by_item(content)
    if own is None or taken is None or abs(own - taken) <= _TOLERANCE:
        return []
    return [f"accuracy by the log's rule over all its answers is {own:.4f}, as imported {taken:.4f}"]


INSPECT = Format(
    name="inspect",
    what="a log of Inspect (.eval or .json), with eval and samples; the R package vitals writes it too",
    recognises=is_inspect,
    read=_read,
    options=("scorer", "epoch", "partial"),
)
