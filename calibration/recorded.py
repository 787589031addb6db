"""Recorded letters: logs of other tools, without a model."""

from __future__ import annotations

import csv
import hashlib
import math
import re
from pathlib import Path
from typing import Any, Literal, get_args

from .items import LETTERS, letter_index
from .predictions import Predictions
from .run_locks import locked
from .runs import Run

LogFormat = Literal["csv"]

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
# Differences of logits must stay finite.
_LARGEST = 1e30
_LOGIT = re.compile(r"logit_([A-Z])")


def import_log(
    path: str | Path,
    *,
    format: LogFormat = "csv",
    out: str | Path | None = None,
    model: str | None = None,
) -> Predictions:
    r"""Predictions from a recorded log.

    Parameters
    ----------
    path : str or Path
        The file.
    format : {"csv"}
        *csv*: a header with ``logit_A``, ``logit_B``, … (logits or log-probabilities), ``answer`` (letter, or index
        from 0) and, where there are such, ``subject``, ``index`` and ``id``. The id is ``subject/index``, else
        ``id``, else the row number from 0. The last letters of a row may be empty where an item has fewer options.
    out : str or Path, optional
        Run folder to write; it appears only when the whole file was read.
    model : str, optional
        A name for tables and figures; the file's name where absent.

    Returns
    -------
    Predictions
        Log-softmax over the letters; the letter mass is unknown.

    Raises
    ------
    ValueError
        For missing columns, a letter beyond the options, a logit that is no finite number, repeated ids, an empty
        subject or file; the message names file and line.
    FileNotFoundError
        Where there is no such file.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "log.csv"
    >>> _ = path.write_text("subject,index,logit_A,logit_B,answer\nhistory,0,1.5,0.5,A\n")
    >>> import_log(path).item.tolist()
    ['history/0']
    """
    path = Path(path)
    if format not in get_args(LogFormat):
        raise ValueError(f"the format must be one of {', '.join(get_args(LogFormat))}, got {format!r}")
    if not path.is_file():
        raise FileNotFoundError(f"no such file: {path}")
    name = model or path.stem
    predictions = _read_csv(path, name)
    if out is not None:
        settings = {"model": name, "source": path.name, "format": format, "file": _file_hash(path)}
        with locked(out):
            there = Run.finished(out, settings)
            if not there.is_empty() and not there.equals(predictions.frame):
                raise ValueError(f"{out} holds a damaged import of this file; remove it and import again")
            run = Run.open(out, settings, n_items=predictions.n_items)
            if there.is_empty():
                run.append(predictions.frame)
            run.update(state="complete")
    return predictions


def _read_csv(path: Path, model: str) -> Predictions:
    logits: list[list[float]] = []
    answers: list[int] = []
    items: list[str] = []
    subjects: list[str] = []
    seen: dict[str, int] = {}
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines, strict=True)
        try:
            columns = _logit_columns(reader.fieldnames or [])
            for row in reader:
                if None in row or None in row.values():
                    raise ValueError(f"every row must have the {len(reader.fieldnames or ())} columns of the header")
                values = _logits(row, columns)
                item, subject = _identity(row, len(items))
                if item in seen:
                    raise ValueError(f"ids must be unique: {item} stands at line {seen[item]} too")
                seen[item] = reader.line_num
                logits.append(values)
                answers.append(letter_index(row["answer"], len(values)))
                items.append(item)
                subjects.append(subject)
        except UnicodeDecodeError as error:
            raise ValueError(f"{path}: must be UTF-8, byte {error.start} is not") from None
        except (ValueError, csv.Error) as error:
            raise ValueError(f"{path}, line {max(reader.line_num, 1)}: {error}") from None
    if not items:
        raise ValueError(f"{path}: the file holds no rows under its header")
    return Predictions.from_lists(logits, answers, item=items, subject=subjects, model=model)


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def _logit_columns(header: Any) -> list[str]:
    columns = [name for name in header if _LOGIT.fullmatch(name)]
    wanted = [f"logit_{letter}" for letter in LETTERS[: len(columns)]]
    if len(columns) < 2 or sorted(columns) != wanted or "answer" not in header:
        raise ValueError(
            f"the header must have logit_A, logit_B, … without a gap, and answer; got {', '.join(header) or 'nothing'}"
        )
    if len(set(header)) < len(header):
        raise ValueError(f"the columns of the header must differ, got {', '.join(header)}")
    return wanted


def _logits(row: dict[str, str], columns: list[str]) -> list[float]:
    filled = [name for name in columns if row[name].strip()]
    if filled != columns[: len(filled)] or len(filled) < 2:
        raise ValueError(
            f"at least logit_A and logit_B must be given, and only the last letters may be empty; got {row}"
        )
    values = []
    for name in filled:
        try:
            value = float(row[name])
        except ValueError:
            raise ValueError(f"{name} must be a number, got {row[name]!r}") from None
        if not math.isfinite(value) or abs(value) > _LARGEST:
            raise ValueError(f"{name} must be a finite number, at most {_LARGEST:g} in size, got {row[name]!r}")
        if not _NUMBER.fullmatch(row[name].strip()):
            raise ValueError(f"{name} must be a number in plain digits, got {row[name]!r}")
        values.append(value)
    return values


def _identity(row: dict[str, str], number: int) -> tuple[str, str]:
    subject = row.get("subject", "")
    if "subject" in row and not subject.strip():
        raise ValueError("the subject is empty")
    if "subject" in row and "index" in row:
        index = row["index"].strip()
        if not (index.isascii() and index.isdigit()):
            raise ValueError(f"index must be a row number from 0, got {row['index']!r}")
        return f"{subject}/{int(index)}", subject
    if "id" in row:
        if not row["id"].strip():
            raise ValueError("the id is empty")
        return row["id"], subject
    return str(number), subject
