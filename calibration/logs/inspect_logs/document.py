"""A log of Inspect: its header and its samples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...files.zip_members import ZipMembers
from ..source import Source
from .sample import Sample, is_moved, sample_of

# The transcript is nine tenths of a sample; all that is read stands in front of it.
_TRANSCRIPT = frozenset({"events", "transcript", "events_data"})
_READ = frozenset({"id", "epoch", "output", "scores"})
_HEADER, _START = "header.json", "_journal/start.json"
# A sample that was written in pieces: a folder with its shell and sequences.
_PIECES = re.compile(r"(samples/.+_epoch_\d+)/(.+)")
_SHELL = "sample.json"
# It stands behind the transcript.
_INVALID = b'"invalidation"'
_DECODER = json.JSONDecoder()
_GAP = re.compile(r"[\s,:]*")


@dataclass(frozen=True, kw_only=True)
class Document:
    """A log of Inspect.

    Attributes
    ----------
    source : Source
        The file.
    header : mapping
        ``eval``, ``plan``, ``results`` and ``status``.
    samples : tuple of Sample
        In the order of the file; of a sample that was written twice the last. Invalidated ones are left out.
    n_invalid : int
        How many were invalidated after the evaluation.
    """

    source: Source
    header: Mapping[str, Any]
    samples: tuple[Sample, ...]
    n_invalid: int = 0

    def part(self, *names: str) -> Mapping[str, Any]:
        """An object inside the header; empty if there is none."""
        value: Any = self.header
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        return value if isinstance(value, dict) else {}


def is_inspect(source: Source) -> bool:
    """Whether a file is a log of Inspect, whole or damaged."""
    if source.is_zip:
        return any(name in source.members for name in (_HEADER, _START)) or source.path.suffix == ".eval"
    if source.path.suffix == ".eval":
        return True
    evaluation = source.first.get("eval") if isinstance(source.first, dict) else None
    return isinstance(evaluation, dict) and {"task", "model"} <= evaluation.keys()


def read_document(source: Source) -> Document:
    """Read a log.

    Raises
    ------
    ValueError
        For a damaged file, a header of another kind, a sample that occurs twice, a log without samples; the message
        names file and record.
    """
    if source.path.suffix == ".eval" and not source.is_zip and not isinstance(source.first, dict):
        raise ValueError(f"{source.path}: a log of Inspect (.eval) must be a ZIP archive, got {source.mark!r}…")
    header, records = _of_archive(ZipMembers(source.path)) if source.is_zip else _of_json(source)
    if not isinstance(header, dict) or not isinstance(header.get("eval"), dict):
        raise ValueError(f"{source.path}: looked for the header of a log of Inspect, with eval, and it has none")
    scorer = _only_scorer(header)
    samples: dict[tuple[int | str, int], Sample] = {}
    for where, record in records:
        sample = sample_of(record, scorer, where)
        twin = samples.get((sample.id, sample.epoch))
        if twin is not None:
            raise ValueError(f"{where}: sample {sample.id}, epoch {sample.epoch} stands in {twin.where} too")
        samples[sample.id, sample.epoch] = sample
    if not samples:
        status = f" (status {header['status']})" if "status" in header else ""
        raise ValueError(f"{source.path}: the log holds no samples{status}: it states results alone, or never began")
    valid = tuple(sample for sample in samples.values() if not sample.invalid)
    if not valid:
        raise ValueError(f"{source.path}: all {len(samples)} samples were invalidated")
    return Document(source=source, header=header, samples=valid, n_invalid=len(samples) - len(valid))


def _of_archive(archive: ZipMembers) -> tuple[Any, Iterator[tuple[str, Any]]]:
    name = next((name for name in (_HEADER, _START) if name in archive), None)
    if name is None:
        raise ValueError(f"{archive.path}: looked for {_HEADER} and {_START} in the archive, and it has neither")
    header = _parsed(archive.content(name), f"{archive.path}, {name}")
    if name == _START and isinstance(header, dict):
        header = {**header, "status": "started"}
    return header, _samples(archive)


def _samples(archive: ZipMembers) -> Iterator[tuple[str, Any]]:
    names = [name for name in archive.names if name.startswith("samples/") and name.endswith(".json")]
    pieces = {name: match for name in names if (match := _PIECES.fullmatch(name))}
    wanted = [name for name in names if name not in pieces or pieces[name][2] == _SHELL]
    for name, raw in archive.contents(wanted):
        where = f"{archive.path}, {name}"
        record = sample_record(raw, where)
        if name in pieces and isinstance(record, dict) and not {"id", "output", "scores"} <= record.keys():
            raise ValueError(
                f"{where}: the sample was written in pieces, and its shell has no answer and scores; write the log "
                "anew with `inspect log convert`"
            )
        yield where, record


def _of_json(source: Source) -> tuple[Any, Iterator[tuple[str, Any]]]:
    header = source.document
    samples = header.get("samples") if isinstance(header, dict) else None
    if samples is not None and not isinstance(samples, list):
        raise ValueError(f"{source.path}: samples must be a list, got {type(samples).__name__}")
    return header, ((f"{source.path}, sample {row}", record) for row, record in enumerate(samples or [], start=1))


def sample_record(raw: bytes, where: str) -> Any:
    """A sample's record, read up to its transcript unless something behind is needed.

    Raises
    ------
    ValueError
        For bytes that are not JSON.
    """
    try:
        record = _in_front(raw.decode())
    except (ValueError, IndexError, RecursionError):
        record = {}
    whole = record.keys() >= _READ and record["scores"] and not is_moved(record)
    return record if whole and _INVALID not in raw else _parsed(raw, where)


def _in_front(text: str) -> dict[str, Any]:
    """Members of a JSON object in front of the transcript."""
    members: dict[str, Any] = {}
    position = text.index("{") + 1
    while text[position := _end_of_gap(text, position)] != "}":
        name, position = _DECODER.raw_decode(text, position)
        if name in _TRANSCRIPT:
            break
        members[name], position = _DECODER.raw_decode(text, _end_of_gap(text, position))
    return members


def _end_of_gap(text: str, position: int) -> int:
    gap = _GAP.match(text, position)
    return gap.end() if gap else position


def _parsed(raw: bytes, where: str) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{where}: not JSON ({error!s:.80})") from None


def _only_scorer(header: Mapping[str, Any]) -> str:
    """Name of the scorer of a log whose samples have one unnamed score."""
    results, evaluation = header.get("results"), header["eval"]
    for holder in (evaluation, results):
        scorer = holder.get("scorer") if isinstance(holder, dict) else None
        name = scorer.get("name") if isinstance(scorer, dict) else scorer
        if isinstance(name, str) and name:
            return name
    return "score"
