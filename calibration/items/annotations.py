"""Experts' annotations: faulty questions and keys, from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ..files.field_names import Fields
from ..files.row_rules import own_columns, refuse_broken
from ..files.rows import read_rows
from .answer_keys import Answers, Key, answer_indices
from .item import LETTERS

OK = "ok"
_FIELDS = Fields(("item", "subject", "index", "error_type", "corrected_answer"), required=("error_type",))
_SCHEMA = pl.Schema({"item": pl.String(), "error_type": pl.String(), "corrected_answer": pl.Int8()})


@dataclass(frozen=True, eq=False)
class Annotations:
    """Faults that experts found in items.

    Attributes
    ----------
    frame : polars.DataFrame
        One row an item: ``item``, ``error_type`` (``ok``, or the name of a fault), ``corrected_answer`` (index of the
        option that the experts give as right, from 0 in the item's own order of options; null if they give none).

    Raises
    ------
    ValueError
        For an empty table, missing columns, no item or error type in a row, an item that occurs twice, an index of no
        option.
    """

    frame: pl.DataFrame

    def __post_init__(self) -> None:
        frame = own_columns(self.frame, _SCHEMA, table="annotations", row="item")
        object.__setattr__(self, "frame", frame)
        rules = {
            "item must be given": pl.col("item").fill_null("") == "",
            "error_type must be given": pl.col("error_type").fill_null("") == "",
            "each item must occur once": pl.col("item").is_duplicated(),
            "corrected_answer must be an index of an option, or null": ~pl.col("corrected_answer").is_between(
                0, len(LETTERS) - 1
            ),
        }
        refuse_broken(frame, rules, lambda row: f"row {row['row']} has {frame.row(row['row'], named=True)}")

    @property
    def n_items(self) -> int:
        """Number of annotated items."""
        return self.frame.height


def load_annotations(path: str | Path, *, answers: Answers | None = None) -> Annotations:
    r"""Load annotations of items from a JSONL, CSV or Parquet file.

    Parameters
    ----------
    path : str or Path
        A file with the fields ``item`` (the id), or ``subject`` and ``index`` (row in the subject's file, from 0);
        ``error_type``, which is ``ok`` for a sound item; and optionally ``corrected_answer`` (empty if there is
        none).
    answers : {"letters", "from-zero", "from-one"}, optional
        How the file writes corrected answers. If omitted it is decided from all of them: letters, or digits from 0
        (one of them is 0).

    Returns
    -------
    Annotations

    Raises
    ------
    ValueError
        For a wrong field, and for an item that occurs twice, naming file and line.
    FileNotFoundError
        If there is no such file.

    Notes
    -----
    Sound items must be listed too: an item that is missing is not annotated, rather than sound. In MMLU-Redux a fault
    is one of question or options (``bad_question_clarity``, ``bad_options_clarity``), of the key
    (``no_correct_answer``, ``multiple_correct_answers``, ``wrong_groundtruth``: another option than the key is right),
    or ``expert``, where the annotators could not decide; the published share of faulty items, 6.5 %, counts all of
    these.

    References
    ----------
    Gema et al. (2024), arXiv:2406.04127 (MMLU-Redux).

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "annotations.csv"
    >>> _ = path.write_text("subject,index,error_type,corrected_answer\nlaw,0,ok,\nlaw,1,wrong_groundtruth,C\n")
    >>> load_annotations(path).frame.rows()
    [('law/0', 'ok', None), ('law/1', 'wrong_groundtruth', 2)]
    """
    path = Path(path)
    if answers == "text":
        raise ValueError("answers must be letters, from-zero or from-one: annotations hold no texts of options")
    rows: list[tuple[str, str]] = []
    lines: dict[str, str] = {}
    keys: dict[int, Key] = {}
    for row in read_rows(path, _FIELDS, what="annotations"):
        try:
            item, error_type = _item(row.values), _error_type(row.values)
            if item in lines:
                raise ValueError(f"each item must occur once, {item} is at {lines[item]} too")
        except ValueError as error:
            raise ValueError(f"{path}, {row.where}: {error}") from None
        answer = row.values.get("corrected_answer")
        if answer is not None and str(answer).strip():
            keys[len(rows)] = Key(answer, f"{row.where}, corrected_answer", len(LETTERS))
        lines[item] = row.where
        rows.append((item, error_type))
    if not rows:
        raise ValueError(f"{path}: the file holds no annotations")
    indices = dict(zip(keys, answer_indices(list(keys.values()), answers, source=str(path)), strict=True))
    table = [(*row, indices.get(number)) for number, row in enumerate(rows)]
    return Annotations(pl.DataFrame(table, schema=_SCHEMA, orient="row"))


def _error_type(row: Mapping[str, Any]) -> str:
    error_type = row["error_type"]
    if not isinstance(error_type, str) or not error_type.strip():
        raise ValueError(f"error_type must be {OK!r} or the name of a fault, got {error_type!r}")
    return error_type.strip()


def _item(row: Mapping[str, Any]) -> str:
    item, subject, index = (row.get(name) for name in ("item", "subject", "index"))
    if item is not None:
        if isinstance(item, bool) or not isinstance(item, (str, int)) or not str(item).strip():
            raise ValueError(f"item must be an id, got {item!r}")
        return str(item)
    if not isinstance(subject, str) or not subject.strip():
        raise ValueError(f"there must be an item, or a subject and an index; got the subject {subject!r}")
    digits = index.strip() if isinstance(index, str) else str(index)
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"index must be a row number from 0, got {index!r}")
    return f"{subject}/{int(digits)}"
