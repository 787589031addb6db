"""Files of multiple-choice items: JSONL, CSV and Parquet."""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..files.field_names import Fields, missing_fields
from ..files.rows import Row, read_rows
from ..files.text import plain_line_ends
from .answer_keys import Answers, Key, answer_indices
from .item import LETTERS, Item, is_blank

_LETTERED = "options by letter"
# Names of the text that a question is about.
_PASSAGES = frozenset({"article", "passage", "context", "paragraph", "story"})
_PLAIN = (str, int, float, bool, date, time, timedelta, Decimal)
FIELDS = Fields(
    ("id", "subject", "question", "options", "answer"),
    required=("question", "answer"),
    lettered={_LETTERED: ("", "option", "choice")},
)


def load_items(path: str | Path, *, answers: Answers | None = None) -> list[Item]:
    """Load items from a JSONL, CSV or Parquet file.

    Parameters
    ----------
    path : str or Path
        A file with the fields ``question``, ``options`` (a list; in CSV a JSON list, or one column a letter: ``A``,
        ``B``, …), ``answer`` and, if there are any, ``subject`` and ``id``. Without ``id`` the row number, from 0, is
        the id. Names may be in any case, and some usual other names are known (``choices``, ``label``, ``gold``,
        ``answerKey``, …; `calibration.files.field_names.ALIASES`); options may be given with their labels, as ARC has
        them. CSV may have commas, semicolons, tabs or ``|`` between its cells. Every other field that holds one text,
        number, truth value or date stays with the item (`Item.columns`), and can group the items of a run.
    answers : {"letters", "from-zero", "from-one", "text"}, optional
        How the file writes its answers. If omitted it is decided from all rows: letters, digits from 0 (one of them
        is 0), or texts of options. Rows that label their options are answered by label.

    Returns
    -------
    list of Item
        In the order of the file.

    Raises
    ------
    ValueError
        For a missing or wrong field, an empty option, repeated ids, and answers that may mean several options
        (`calibration.items.answer_keys.answer_indices`), naming file and line.
    FileNotFoundError
        If there is no such file.

    Warns
    -----
    UserWarning
        For a field that usually holds a passage which questions are about: it is not part of the prompts.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "items.jsonl"
    >>> _ = path.write_text('{"question": "Is fire cold?", "options": ["yes", "no"], "answer": "B"}')
    >>> load_items(path)
    [Item(id='0', subject='', question='Is fire cold?', options=('yes', 'no'), answer=1)]
    """
    path = Path(path)
    drafts: list[_Draft] = []
    lines: dict[str, str] = {}
    passages: dict[str, None] = {}
    for row in read_rows(path, FIELDS, what="items"):
        passages |= dict.fromkeys(name for name in row.header if name.strip().casefold() in _PASSAGES)
        try:
            draft = _draft(row, len(drafts))
            if draft.id in lines:
                raise ValueError(f"ids must be unique, {draft.id} is at {lines[draft.id]} too")
            draft.item(0)  # faults of the texts come before faults of the keys
        except ValueError as error:
            raise ValueError(f"{path}, {row.where}: {error}") from None
        lines[draft.id] = row.where
        drafts.append(draft)
    if not drafts:
        raise ValueError(f"{path}: the file holds no items")
    if passages:
        warnings.warn(
            f"{path}: {', '.join(map(repr, passages))} is not part of the prompts: a passage that a question needs "
            "must be in the field 'question'",
            stacklevel=2,
        )
    indices = answer_indices([draft.key for draft in drafts], answers, source=str(path))
    return [draft.item(index) for draft, index in zip(drafts, indices, strict=True)]


def list_in_text(field: str, text: str) -> Any:
    """A list in a cell: as JSON, or as Python prints it.

    Raises
    ------
    ValueError
        If it is neither, by the name of its field.

    Examples
    --------
    >>> list_in_text("options", "['yes', 'no']")
    ['yes', 'no']
    """
    try:
        return plain_line_ends(json.loads(text))
    except (ValueError, RecursionError):
        pass
    try:
        value = ast.literal_eval(text.strip())
        # Python joins texts that stand side by side, as NumPy prints them.
        if repr(value) == text.strip():
            return value
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        pass
    raise ValueError(f"the field {field!r} must be a JSON list, got {text[:60]!r}")


@dataclass(frozen=True, slots=True)
class _Draft:
    """An item whose key is not yet an index."""

    id: str
    subject: str
    question: str
    key: Key
    columns: Mapping[str, Any]

    def item(self, answer: int) -> Item:
        return Item(self.id, self.subject, self.question, self.key.options, answer, self.columns)


def _draft(row: Row, number: int) -> _Draft:
    question: Any = row.values["question"]
    listed: Any = row.values.get("options")
    if isinstance(question, dict) and listed is None:
        # ARC as it is published: the stem and the choices in one object.
        question, listed = question.get("stem"), question.get("choices")
    if not isinstance(question, str):
        raise ValueError(f"the field 'question' must be a text, got {question!r}")
    options, labels = _lettered(row, listed) if listed is None or _LETTERED in row.values else _listed(listed)
    if not 2 <= len(options) <= len(LETTERS):
        raise ValueError(f"there must be 2 to 26 options, got {len(options)}")
    answer = row.values["answer"]
    key = Key(answer, row.where, len(options), options, labels)
    name, subject = row.values.get("id"), row.values.get("subject")
    for field, value, kinds in (("id", name, (str, int)), ("subject", subject, (str,))):
        if value is not None and (not isinstance(value, kinds) or isinstance(value, bool)):
            raise ValueError(f"the field {field!r} must be a text, got {value!r}")
    identity = str(number if name in (None, "") else name)
    return _Draft(identity, subject or "", question, key, plain_values(row.further_values))


def plain_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Texts, numbers, truth values, dates and times among values.

    Empty texts are left out.

    Examples
    --------
    >>> plain_values({"language": "de", "tags": ["a"], "note": ""})
    {'language': 'de'}
    """
    plain = {name: value for name, value in values.items() if isinstance(value, _PLAIN) and value != ""}
    # A file may hold halves of characters, which no table can.
    return {
        name.encode(errors="replace").decode(): value.encode(errors="replace").decode()
        if isinstance(value, str)
        else value
        for name, value in plain.items()
    }


def _lettered(row: Row, listed: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Options in columns A, B, …; trailing empty cells are no options."""
    if _LETTERED not in row.values and "options" in row.values:
        raise ValueError("the field 'options' must be a list of texts, got null")
    if _LETTERED not in row.values:
        raise ValueError(f"{missing_fields(['options'], row.header)}, or columns A, B, …")
    if listed is not None:
        raise ValueError("options must be given once, got the field 'options' and columns A, B, …")
    cells = row.values[_LETTERED]
    for letter, cell in zip(LETTERS, cells, strict=False):
        if cell is not None and not isinstance(cell, str):
            raise ValueError(f"option {letter} must be a text, got {cell!r}")
    filled = [index for index, cell in enumerate(cells) if cell is not None and not is_blank(cell)]
    if filled != list(range(len(filled))):
        letter = next(letter for index, letter in enumerate(LETTERS) if index not in filled)
        raise ValueError(f"only the last of the columns A, B, … may be empty, option {letter} is empty")
    return tuple(cells[: len(filled)]), ()


def _listed(options: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Options in a list, and their labels if it has such."""
    if isinstance(options, str):
        options = list_in_text("options", options)
    labels: Any = ()
    if isinstance(options, dict) and {"text", "label"} <= set(options):
        options, labels = options["text"], options["label"]
    elif (
        isinstance(options, list)
        and options
        and all(isinstance(option, dict) and {"text", "label"} <= set(option) for option in options)
    ):
        options, labels = ([option[name] for option in options] for name in ("text", "label"))
    for name, texts in (("option", options), ("label of option", labels)):
        if not isinstance(texts, (list, tuple)):
            raise ValueError(f"there must be a field 'options' with a list of texts, got {texts!r}")
        for number, text in enumerate(texts, start=1):
            if text is None:
                raise ValueError(f"{name} {number} is empty, got null")
            if not isinstance(text, str):
                raise ValueError(f"there must be a list of texts, {name} {number} is {text!r}")
    labels = tuple(label.strip() for label in labels)
    if labels and (len(labels) != len(options) or len(set(labels)) < len(labels)):
        raise ValueError(f"each option must have a label of its own, got {list(labels)} for {len(options)} options")
    return tuple(options), labels
