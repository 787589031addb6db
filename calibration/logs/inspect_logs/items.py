"""Ids and groups of a log's samples."""

from __future__ import annotations

from collections.abc import Sequence

from ...items.item import content_hash
from .document import Document
from .origin import task_of
from .sample import Sample

_GROUPS = ("subject", "category")


def item_ids(document: Document) -> dict[int | str, str]:
    """Ids by those of the log, the same for other models.

    A dataset that was shuffled and has no ids is numbered anew in each log; its items are then named by their texts.

    Raises
    ------
    ValueError
        If a number and a text are the same id.
    """
    first: dict[int | str, Sample] = {}
    for sample in document.samples:
        first.setdefault(sample.id, sample)
    if not is_numbered_anew(document):
        plain = {key: str(key) for key in first}
        if len(set(plain.values())) < len(plain):
            twice = next(key for key in first if isinstance(key, str) and plain[key] in map(str, first.keys() - {key}))
            raise ValueError(f"{document.source.path}: ids must differ, {twice} is the id of two samples")
        return plain
    ids: dict[int | str, str] = {}
    times: dict[str, int] = {}
    for key, sample in first.items():
        text = content_hash(sample.question, sorted(sample.choices))
        times[text] = times.get(text, 0) + 1
        ids[key] = text if times[text] == 1 else f"{text}-{times[text]}"
    return ids


def is_numbered_anew(document: Document) -> bool:
    """Whether ids are numbers of rows in a shuffled dataset."""
    shuffled = document.part("eval", "dataset").get("shuffled") is True
    return shuffled and all(isinstance(sample.id, int) for sample in document.samples)


def in_order(document: Document, samples: Sequence[Sample]) -> list[Sample]:
    """Samples in the order of the dataset."""
    ids = document.part("eval", "dataset").get("sample_ids")
    known = [str(key) for key in ids] if isinstance(ids, list) else []
    ranks: dict[str, int] = {}
    for key in (*known, *(str(sample.id) for sample in samples)):
        ranks.setdefault(key, len(ranks))
    return sorted(samples, key=lambda sample: (ranks[str(sample.id)], sample.epoch))


def group_of(document: Document, sample: Sample) -> str:
    """Subject or category of a sample; otherwise the task."""
    values = (sample.metadata.get(name) for name in _GROUPS)
    return next((value for value in values if isinstance(value, str) and value.strip()), task_of(document))
