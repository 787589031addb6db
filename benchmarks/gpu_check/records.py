"""Lines of the check: kept in a file as they come, and tabled at the end."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

# Characters of an error that are kept.
_REASON = 300

Status = Literal["ok", "FAILED", "skipped", "measured"]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the check.

    Attributes
    ----------
    model, dtype : str
        What was computed with.
    check : str
        What was looked at.
    status : {"ok", "FAILED", "skipped", "measured"}
        *measured*: a figure that has no limit.
    value, limit : float, optional
        The figure, and what it must not exceed.
    unit : str
        Of both.
    note : str
        Why a line was skipped, or what else to know.
    """

    model: str
    dtype: str
    check: str
    status: Status
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    note: str = ""


@dataclass(eq=False)
class Records:
    """Lines of one part, written to its file after each.

    Attributes
    ----------
    part : str
        Its name, and that of its file.
    folder : Path
        Where the file is written.
    machine : str
        The machine in words.
    """

    part: str
    folder: Path
    machine: str
    lines: list[Line] = field(default_factory=list)
    _start: float = field(default_factory=time.perf_counter, init=False)

    def add(
        self,
        model: str,
        dtype: str,
        check: str,
        *,
        value: float,
        limit: float | None = None,
        unit: str = "nats",
        note: str = "",
    ) -> None:
        """Keep a figure; it is ok up to its limit."""
        status: Status = "measured"
        if limit is not None:
            status = "ok" if value <= limit else "FAILED"  # NaN fails
        self._keep(
            Line(model=model, dtype=dtype, check=check, status=status, value=value, limit=limit, unit=unit, note=note)
        )

    def skip(self, model: str, dtype: str, check: str, reason: str) -> None:
        """Keep what could not be looked at, and why."""
        self._keep(Line(model=model, dtype=dtype, check=check, status="skipped", note=reason))

    @contextmanager
    def attempt(self, model: str, dtype: str, check: str) -> Iterator[None]:
        """Keep an error as a failed check, and go on behind the block."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 (whatever a new machine brings)
            reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
            self._keep(Line(model=model, dtype=dtype, check=check, status="FAILED", note=reason[:_REASON]))

    @property
    def failed(self) -> bool:
        """Whether a line failed."""
        return any(line.status == "FAILED" for line in self.lines)

    def _keep(self, line: Line) -> None:
        self.lines.append(line)
        print(_text(line), flush=True)
        content: dict[str, Any] = {
            "part": self.part,
            "machine": self.machine,
            "seconds": round(time.perf_counter() - self._start, 1),
            "lines": [asdict(line) for line in self.lines],
        }
        file = self.folder / f"{self.part}.json"
        written = file.with_suffix(".tmp")
        written.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        written.replace(file)


def table(records: Sequence[Records]) -> str:
    """All lines as a Markdown table."""
    head = ["part", "model", "type", "check", "value", "limit", "", "note"]
    rows = [
        [
            part.part, line.model, line.dtype, line.check, _figure(line.value, line.unit), _figure(line.limit, ""),
            line.status, line.note,
        ]
        for part in records
        for line in part.lines
    ]  # fmt: skip
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = [_row(head, widths), _row(["-" * width for width in widths], widths), *(_row(row, widths) for row in rows)]
    return "\n".join([records[0].machine, "", *lines])


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"


def _figure(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:.3g} {unit}".strip()


def _text(line: Line) -> str:
    figure = _figure(line.value, line.unit)
    limit = "" if line.limit is None else f" (at most {line.limit:.3g})"
    return f"{line.status}: {line.model} {line.dtype}, {line.check}: {figure}{limit} {line.note}".rstrip(": ")
