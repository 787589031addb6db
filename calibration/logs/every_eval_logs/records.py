"""Instance records and aggregate files of Every Eval Ever."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...tables.stored_tables import RUN_NOTE
from ..group_columns import group_columns
from ..option_rows import Cell
from ..source import Source

KIND, ROW, GRADE, LETTERED = "veracal_kind", "veracal_row", "veracal_grade", "veracal_lettered"
"""Keys of a record's metadata under which runs of this package are exported, to be read back as they were."""

CONFIDENCE = "confidence"
"""Key of a record's metadata for the confidence in the answer, in [0, 1]."""

OWN_KEYS = frozenset({KIND, ROW, GRADE, LETTERED, CONFIDENCE})
"""Keys of a record's metadata that are read otherwise."""

_INSTANCE = ("schema_version", "evaluation_id", "sample_id", "evaluation")
_AGGREGATE = ("schema_version", "evaluation_id", "evaluation_results")


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One sample, scored by one metric.

    Attributes
    ----------
    where : str
        File and line, for messages.
    run : str
        Its `evaluation_id`.
    model, task, metric, item : str
        Model, evaluation, result that it counts in (empty if none is named), and id of the sample.
    question, response : str
        Input, and what was answered in the end.
    references, choices : tuple of str
        Right answers as the log writes them, and options if there are any.
    score : float
        Score of the sample.
    correct : bool
        Whether the log calls the answer right.
    failed : bool
        Whether something went wrong, so that there is no verdict.
    metadata : mapping
        Further texts.
    """

    where: str
    run: str
    model: str
    task: str
    metric: str
    item: str
    question: str
    response: str
    references: tuple[str, ...]
    choices: tuple[str, ...]
    score: float
    correct: bool
    failed: bool
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, Cell]:
        """Metadata that can group."""
        return group_columns(self.metadata)

    @property
    def confidence(self) -> float | None:
        """Confidence in the answer, if the record states one."""
        try:
            value = float(self.metadata[CONFIDENCE])
        except (KeyError, ValueError):
            return None
        return value if 0 <= value <= 1 else None


def is_instance(value: Any) -> bool:
    """Whether a JSON value is an instance record."""
    return isinstance(value, dict) and all(name in value for name in _INSTANCE)


def is_aggregate(value: Any) -> bool:
    """Whether a JSON value holds aggregate results."""
    return isinstance(value, dict) and all(name in value for name in _AGGREGATE)


def records_of(source: Source) -> list[Record]:
    """Instance records of a file.

    Raises
    ------
    ValueError
        For a line that is not JSON, or no such record, naming file and line.
    """
    records = []
    for record, value in source.records():
        where = f"{source.path}, {record}"
        if not is_instance(value):
            raise ValueError(f"{where}: must be an instance record of Every Eval Ever (with {', '.join(_INSTANCE)})")
        try:
            records.append(_record(where, value))
        except KeyError as error:
            raise ValueError(f"{where}: must have {error.args[0]!r}, as Every Eval Ever's schema says") from None
        except (TypeError, AttributeError, IndexError) as error:
            raise ValueError(f"{where}: not as Every Eval Ever's schema says ({error})") from None
    if not records:
        raise ValueError(f"{source.path}: holds no instance records")
    return records


def _record(where: str, value: Mapping[str, Any]) -> Record:
    given, evaluation = value["input"], value["evaluation"]
    score, correct = evaluation["score"], evaluation["is_correct"]
    if isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score):
        raise TypeError(f"the score must be a number, got {json.dumps(score)}")
    if not isinstance(correct, bool):
        raise TypeError(f"is_correct must be true or false, got {json.dumps(correct)}")
    return Record(
        where=where,
        run=str(value["evaluation_id"]),
        model=str(value.get("model_id") or ""),
        task=str(value.get("evaluation_name") or ""),
        metric=str(value.get("evaluation_result_id") or ""),
        item=str(value["sample_id"]),
        question=str(given["raw"]),
        response=_response(value),
        references=_texts(given.get("reference")),
        choices=_texts(given.get("choices")),
        score=float(score),
        correct=correct,
        failed=bool(value.get("error")),
        metadata={str(name): str(text) for name, text in (value.get("metadata") or {}).items()},
    )


def _response(value: Mapping[str, Any]) -> str:
    """The last thing that was answered: the output, or what the assistant said last."""
    output = value.get("output")
    if output:
        texts = _texts(output.get("raw"))
        return texts[0] if texts else ""
    spoken = [turn.get("content") for turn in value.get("messages") or () if turn.get("role") == "assistant"]
    return next((str(content) for content in reversed(spoken) if content), "")


def _texts(value: Any) -> tuple[str, ...]:
    """Texts of a list, or of one text, as in earlier versions."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(str(text) for text in value)


@dataclass(frozen=True, kw_only=True)
class Aggregate:
    """What an aggregate file says of a run.

    Attributes
    ----------
    source : Source
        The file.
    """

    source: Source

    @property
    def run(self) -> str:
        """Its `evaluation_id`."""
        return str(self.source.document["evaluation_id"])

    @property
    def date(self) -> str:
        """When the evaluation was run; empty if it is not said."""
        return str(self.source.document.get("evaluation_timestamp") or "")

    @property
    def harness(self) -> str:
        """The library that evaluated, with its version."""
        library = self.source.document.get("eval_library")
        library = library if isinstance(library, dict) else {}
        parts = [library.get(name) for name in ("name", "version")]
        return " ".join(str(part) for part in parts if part not in (None, "unknown"))

    @property
    def note(self) -> Any:
        """What an export keeps of a run beside its rows; None in other files."""
        library = self.source.document.get("eval_library")
        details = library.get("additional_details") if isinstance(library, dict) else None
        return details.get(RUN_NOTE) if isinstance(details, dict) else None

    def result(self, metric: str, task: str) -> Mapping[str, Any]:
        """The result that records of a metric count in, if there is only one."""
        given = self.source.document["evaluation_results"]
        results = [result for result in given if isinstance(result, dict)] if isinstance(given, list) else []
        by_id = [result for result in results if metric and result.get("evaluation_result_id") == metric]
        by_name = [result for result in results if result.get("evaluation_name") == task]
        chosen = by_id or by_name
        return chosen[0] if len(chosen) == 1 else {}


def aggregates_of(sources: Sequence[Source]) -> dict[str, Aggregate]:
    """Aggregate files by the run that they are of."""
    aggregates = [Aggregate(source=source) for source in sources]
    return {aggregate.run: aggregate for aggregate in aggregates}
