"""Imports: predictions from logs of other tools, without a model."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from ..files.digest import file_digest
from ..files.field_names import Fields
from ..files.rows import CsvTable, read_csv
from ..items.answer_keys import Answers, Key, answer_indices
from ..items.item import LETTERS
from ..predictions.letter_scores import Kind, letter_scores, padded
from ..predictions.letter_table import letter_table
from ..predictions.predictions import Predictions
from ..runs.collection import RunWriter
from ..runs.folder import Run
from ..runs.locks import locked

LogFormat = Literal["csv"]

# Prefixes of the letter in the names of columns.
_PREFIXES: dict[str, tuple[str, ...]] = {
    "logits": ("logit",),
    "probabilities": ("prob", "probability", "p"),
    "log-probabilities": ("logprob", "log_probability"),
}
_FIELDS = Fields(("subject", "index", "id", "answer", "model"), required=("answer",), lettered=_PREFIXES)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
# Differences of logits must stay finite.
_LARGEST = 1e30


def import_log(
    path: str | Path,
    *,
    format: LogFormat = "csv",
    out: str | Path | None = None,
    model: str | None = None,
    answers: Answers | None = None,
) -> Predictions:
    r"""Predictions from a recorded log.

    Parameters
    ----------
    path : str or Path
        The file.
    format : {"csv"}
        *csv*: a header with ``answer``, with columns of scores, and, if there are any, ``subject``, ``index`` and
        ``id``. Scores are ``logit_A``, ``logit_B``, … (any real numbers), ``prob_A``, … (probabilities that sum to 1)
        or ``logprob_A``, … (natural log-probabilities of the letters in one context, which may sum to less). The id is
        ``subject/index``, else ``id``, else the row number from 0. The last letters of a row may be empty if an item
        has fewer options. Names may be in any case, cells may be separated by semicolons, tabs or ``|``, and numbers
        may have decimal commas throughout.
    out : str or Path, optional
        Run folder to write; it appears only when the whole file was read.
    model : str, optional
        A name for tables and figures; the file's name if omitted.
    answers : {"letters", "from-zero", "from-one"}, optional
        How the file writes its answers. If omitted it is decided from all rows: letters, or digits from 0 (one of them
        is 0).

    Returns
    -------
    Predictions
        Log-softmax over the letters, the letter mass unknown; log-probabilities as they are, with their sum as the
        letter mass; one of -1000 or less is unknown and becomes an upper bound.

    Raises
    ------
    ValueError
        For missing columns, rows of several models, a letter beyond the options, answers that may count from 0 or 1,
        scores that are no finite numbers or not of their kind (probabilities under the name of logits), repeated ids,
        an empty subject or file; the message names file and line.
    FileNotFoundError
        If there is no such file.

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
    if answers == "text":
        raise ValueError("answers must be letters, from-zero or from-one: a log holds no texts of options")
    name = model or path.stem
    predictions = _read_csv(path, name, answers)
    if out is not None:
        settings = {"model": name, "source": path.name, "format": format, "file": file_digest(path)}
        if answers is not None:
            settings["answers"] = answers
        with locked(out):
            finished = Run.finished(out, settings)
            if not finished.is_empty() and not finished.equals(predictions.frame):
                raise ValueError(f"{out} holds a damaged import of this file; remove it and import again")
            run = RunWriter.open(out, settings, n_items=predictions.n_items)
            if finished.is_empty():
                run.append(predictions.frame)
            run.update(state="complete")
    return predictions


def _read_csv(path: Path, model: str, answers: Answers | None) -> Predictions:
    cells: list[list[str]] = []
    keys: list[Key] = []
    items: list[str] = []
    subjects: list[str] = []
    lines: dict[str, str] = {}
    models: dict[str, str] = {}
    table = read_csv(path, _FIELDS)
    kind = _kind(table, path)
    for row in table.rows:
        try:
            filled = _filled(row.values[kind])
            item, subject = _identity(row.values, len(items))
            if item in lines:
                raise ValueError(f"ids must be unique: {item} is at {lines[item]} too")
        except ValueError as error:
            raise ValueError(f"{path}, {row.where}: {error}") from None
        lines[item] = row.where
        models.setdefault(str(row.values.get("model", "")).strip(), row.where)
        if len(models) > 1:
            (first, first_line), (second, second_line) = models.items()
            raise ValueError(
                f"{path}: the rows must be of one model, got {first!r} ({first_line}) and {second!r} ({second_line}); "
                "import each from a file of its own"
            )
        cells.append(filled)
        keys.append(Key(row.values["answer"], row.where, len(filled)))
        items.append(item)
        subjects.append(subject)
    if not items:
        raise ValueError(f"{path}: the file holds no rows under its header")
    where = [key.where for key in keys]
    indices = answer_indices(keys, answers, source=str(path))
    values, n_options = padded(kind, _numbers(cells, _PREFIXES[kind][0], [f"{path}, {line}" for line in where]))
    try:
        scores = letter_scores(values, n_options, kind, where=where.__getitem__)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return Predictions(letter_table(scores, np.array(indices), items, subjects, model=model))


def _kind(table: CsvTable, path: Path) -> Kind:
    """Kind of the scores in a file's columns; exactly one is allowed."""
    kinds = [kind for kind in get_args(Kind) if len(table.columns.lettered.get(kind, ())) > 1]
    if len(kinds) != 1:
        raise ValueError(
            f"{path}: the header must have either logit_A, logit_B, … or prob_A, … or logprob_A, …, got "
            f"{', '.join(map(repr, table.header))}"
        )
    kind: Kind = kinds[0]
    return kind


def _filled(cells: Sequence[str]) -> list[str]:
    filled = [cell.strip() for cell in cells if cell.strip()]
    if any(cell.strip() for cell in cells[len(filled) :]) or len(filled) < 2:
        raise ValueError(f"the first two letters must be given, and only the last ones may be empty; got {list(cells)}")
    return filled


def _numbers(cells: Sequence[Sequence[str]], name: str, where: Sequence[str]) -> list[list[float]]:
    """Numbers of a file, with decimal points or decimal commas throughout."""
    commas = not any("." in cell for row in cells for cell in row)
    rows = []
    for row, line in zip(cells, where, strict=True):
        numbers = []
        for letter, cell in zip(LETTERS, row, strict=False):
            text = cell.replace(",", ".") if commas and cell.count(",") == 1 else cell
            try:
                value = float(text)
            except ValueError:
                raise ValueError(f"{line}: {name}_{letter} must be a number, got {cell!r}") from None
            if not math.isfinite(value) or abs(value) > _LARGEST:
                raise ValueError(
                    f"{line}: {name}_{letter} must be a finite number, at most {_LARGEST:g} in size, got {cell!r}"
                )
            if not _NUMBER.fullmatch(text):
                raise ValueError(f"{line}: {name}_{letter} must be a number in plain digits, got {cell!r}")
            numbers.append(value)
        rows.append(numbers)
    return rows


def _identity(row: Mapping[str, str], number: int) -> tuple[str, str]:
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
