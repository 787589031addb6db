"""Events of a log of OpenAI's evals, by the sample that they belong to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ..source import Source

_EVENT = frozenset({"run_id", "event_id", "sample_id", "type", "data"})
_SPEC = frozenset({"eval_name", "base_eval", "run_config", "completion_fns", "model_name"})
_REPORT = "final_report"
# A report may stand in front of everything else.
_LOOKED_AT = 3


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was recorded of one sample.

    Attributes
    ----------
    id : str
        ``EVAL.SPLIT.ROW``, the same for every model.
    events : tuple of pairs
        Type and data of each event, in the order of their numbers.
    where : str
        File and sample, for messages.
    """

    id: str
    events: tuple[tuple[str, Mapping[str, Any]], ...]
    where: str

    def data(self, kind: str) -> list[Mapping[str, Any]]:
        """Data of the events of a type."""
        return [data for name, data in self.events if name == kind]


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A log of OpenAI's evals.

    Attributes
    ----------
    source : Source
        The file.
    spec : mapping
        What was asked whom.
    report : mapping or None
        The final report; None if the run was broken off.
    samples : tuple of Asked
        In the order in which they were begun.
    """

    source: Source
    spec: Mapping[str, Any]
    report: Mapping[str, Any] | None
    samples: tuple[Asked, ...]

    def part(self, *names: str) -> Mapping[str, Any]:
        """An object inside the spec; empty if there is none."""
        value: Any = self.spec
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        return value if isinstance(value, dict) else {}


def is_evals(source: Source) -> bool:
    """Whether a file is a log of OpenAI's evals."""
    try:
        records = [record for _, record in islice(source.records(), _LOOKED_AT)]
    except (ValueError, OSError):
        records = [source.first]
    return any(isinstance(record, dict) and (_is_spec(record) or record.keys() >= _EVENT) for record in records)


def _is_spec(record: Mapping[str, Any]) -> bool:
    spec = record.get("spec")
    return isinstance(spec, dict) and bool(_SPEC & spec.keys())


def read_recording(source: Source) -> Recording:
    """Read a log.

    Raises
    ------
    ValueError
        For several runs in one file, no spec, no samples, an event of another kind; the message names file and line.
    """
    specs: dict[str, Mapping[str, Any]] = {}
    report: Mapping[str, Any] | None = None
    runs: dict[str, str] = {}
    events: dict[str, list[tuple[int, str, Mapping[str, Any]]]] = defaultdict(list)
    for number, (where, record) in enumerate(source.records()):
        if not isinstance(record, dict):
            raise ValueError(f"{source.path}, {where}: an event must be a JSON object, got {type(record).__name__}")
        if _is_spec(record):
            run = str(record["spec"].get("run_id", ""))
            if specs.setdefault(run, record["spec"]) != record["spec"]:
                raise ValueError(f"{source.path}, {where}: the spec of a run must stand once, run {run!r} has another")
        elif _REPORT in record:
            report = record[_REPORT] if isinstance(record[_REPORT], dict) else {}
        elif isinstance(record.get("sample_id"), str):
            data, order = record.get("data"), record.get("event_id")
            if not isinstance(data, dict):
                raise ValueError(
                    f"{source.path}, {where}: the data of an event must be a JSON object, got {data!r:.40}"
                )
            runs.setdefault(str(record.get("run_id") or ""), where)
            events[record["sample_id"]].append(
                (order if isinstance(order, int) else number, str(record.get("type")), data)
            )
    if not specs:
        raise ValueError(f"{source.path}: looked for a line with spec, which names model and eval, and there is none")
    if len(specs) > 1:
        raise ValueError(f"{source.path}: holds {len(specs)} runs ({', '.join(specs)}); give each a file of its own")
    other = next((run for run in runs if run and run not in specs and "" not in specs), None)
    if other is not None:
        raise ValueError(
            f"{source.path}, {runs[other]}: an event must be of the run {next(iter(specs))}, got one of {other}; give "
            "each run a file of its own"
        )
    if not events:
        raise ValueError(f"{source.path}: the log holds no events of samples, a report at most")
    samples = tuple(
        Asked(
            id=sample,
            events=tuple((kind, data) for _, kind, data in sorted(own, key=lambda event: event[0])),
            where=f"{source.path}, sample {sample}",
        )
        for sample, own in events.items()
    )
    return Recording(source=source, spec=next(iter(specs.values())), report=report, samples=samples)
