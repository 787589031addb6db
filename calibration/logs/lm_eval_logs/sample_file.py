"""A file of lm-eval's samples: its task, date, model and results."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..bare_names import without_folders
from ..source import Source
from .harness_results import DATE, NO_RESULTS, HarnessResults
from .record import Record, read_record

_SAMPLES = re.compile(r"(?:^|[_-])samples_(?P<task>.+)$")
_WRITTEN_OUT = "_write_out_info"


@dataclass(frozen=True)
class SampleFile:
    """A file of samples, and the results of its run.

    Attributes
    ----------
    source : Source
        The file.
    results : HarnessResults
        Of the run that it is of; without a path if there are none.
    task : str
        Name of the task.
    """

    source: Source
    results: HarnessResults
    task: str

    @property
    def date(self) -> str:
        """When the run ended, as its files are named."""
        named = DATE.search(self.source.name)
        return named[0] if named else self.results.date

    @property
    def model(self) -> str:
        """Name of the model; empty if neither results nor the folder tell it."""
        if self.results.model:
            return self.results.model
        folder = self.source.path.resolve().parent.name
        if self.source.name.startswith("samples_") and "__" in folder:
            return without_folders(folder.replace("__", "/"))
        return ""

    @cached_property
    def path(self) -> str:
        """The file, for messages."""
        return str(self.source.path)

    def records(self) -> Iterator[Record]:
        """Records of the file, one after another.

        Raises
        ------
        ValueError
            For one that is none, naming file and record.
        """
        for where, value in self.source.records():
            try:
                record = read_record(value, where)
            except ValueError as error:
                raise ValueError(f"{self.path}, {where}: {error}") from None
            yield record


def sample_file(source: Source, candidates: Sequence[HarnessResults]) -> SampleFile:
    """A file of samples with its task and the results of its run.

    Those of its date are; otherwise the only ones that know its task, by the name of the file or by the hash of its
    records.
    """
    named, date = task_in_name(source.name), DATE.search(source.name)
    if date:
        candidates = [results for results in candidates if results.named_date in ("", date[0])]
    knowing = [results for results in candidates if named in results.tasks]
    if len(knowing) == 1:
        return SampleFile(source, knowing[0], named)
    if not knowing:
        hashed = _by_hash(source, candidates)
        if hashed is not None:
            return hashed
        inside = [
            (results, task)
            for results in candidates
            for task in results.tasks
            if re.search(rf"(?<![a-z0-9]){re.escape(task)}(?![a-z0-9])", source.path.stem)
        ]
        longest = max((len(task) for _, task in inside), default=0)
        inside = [(results, task) for results, task in inside if len(task) == longest]
        if len(inside) == 1:
            return SampleFile(source, *inside[0])
    return SampleFile(source, NO_RESULTS, named)


def task_in_name(name: str) -> str:
    """Task in the name of a samples file; otherwise the whole name.

    Examples
    --------
    >>> task_in_name("samples_mmlu_anatomy_2025-05-31T13-51-32.759677.jsonl"), task_in_name("wsc_write_out_info.json")
    ('mmlu_anatomy', 'wsc')
    """
    stem = re.sub(r"\.(jsonl|json)(\.gz)?$", "", name)
    date = DATE.search(stem)
    if date:
        stem = stem[: date.start()].rstrip("_-") + stem[date.end() :]
    match = _SAMPLES.search(stem)
    return match["task"] if match else stem.removesuffix(_WRITTEN_OUT)


def task_by_hash(file: SampleFile) -> str:
    """The task whose hash is that of the records; otherwise empty."""
    hashed = _by_hash(file.source, [file.results])
    return "" if hashed is None else hashed.task


def _by_hash(source: Source, candidates: Sequence[HarnessResults]) -> SampleFile | None:
    """The results and the task whose hash is that of the file's records."""
    wanted = {str(digest): (results, task) for results in candidates for task, digest in results.task_hashes.items()}
    if not wanted:
        return None
    whole = hashlib.sha256()
    for record in SampleFile(source, NO_RESULTS, "").records():
        whole.update(record.hashes.encode())
    results, task = wanted.get(whole.hexdigest(), (None, ""))
    return None if results is None else SampleFile(source, results, task)
