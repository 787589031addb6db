"""Multiple-choice items, and the files that hold them."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Item:
    """A multiple-choice question.

    Attributes
    ----------
    id : str
        What pairs this item between runs: ``subject/index`` on MMLU.
    subject : str
        What it is grouped and clustered by; empty where there is none.
    question : str
        The question, as the file has it.
    options : tuple of str
        2 to 26 options, as the file has them.
    answer : int
        Index of the right option, from 0.

    Raises
    ------
    ValueError
        Where a field breaks these rules; the message names the item.

    Examples
    --------
    >>> item = Item("arithmetic/0", "arithmetic", "What is 2 + 3?", ("4", "5"), 1)
    >>> item.letter
    'B'
    """

    id: str
    subject: str
    question: str
    options: tuple[str, ...]
    answer: int

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("an item's id must not be empty")
        for text in (self.id, self.subject, self.question, *self.options):
            try:
                text.encode()
            except UnicodeEncodeError:
                raise ValueError(f"item {self.id!a}: a text must be valid Unicode, got {text[:40]!a}") from None
        if not self.question.strip():
            raise ValueError(f"item {self.id}: the question is empty")
        if not 2 <= len(self.options) <= len(LETTERS):
            raise ValueError(f"item {self.id}: there must be 2 to 26 options, got {len(self.options)}")
        if not 0 <= self.answer < len(self.options):
            raise ValueError(
                f"item {self.id}: the answer must be one of the {len(self.options)} options, got index {self.answer}"
            )

    @property
    def letter(self) -> str:
        """The letter of the right option."""
        return LETTERS[self.answer]

    @property
    def content(self) -> str:
        """Hash of question and options (16 hexadecimal digits): two items with the same one are the same text."""
        text = "\x1f".join((self.question, *self.options))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def load_items(path: str | Path) -> list[Item]:
    """Load items from a JSONL, CSV or Parquet file.

    Parameters
    ----------
    path : str or Path
        A file with the fields ``question``, ``options`` (a list; in CSV a JSON list, or one column a letter: ``A``,
        ``B``, …), ``answer`` (a letter, or the index of the option from 0) and, where there are such, ``subject`` and
        ``id``. Without ``id`` the row number, from 0, is the id.

    Returns
    -------
    list of Item
        In the order of the file.

    Raises
    ------
    ValueError
        For a wrong field, naming file and row, and for ids that stand twice.
    FileNotFoundError
        Where there is no such file.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "items.jsonl"
    >>> _ = path.write_text('{"question": "Is fire cold?", "options": ["yes", "no"], "answer": "B"}')
    >>> load_items(path)
    [Item(id='0', subject='', question='Is fire cold?', options=('yes', 'no'), answer=1)]
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no such file: {path}")
    readers = {".jsonl": jsonl_rows, ".csv": csv_rows, ".parquet": parquet_rows}
    if path.suffix not in readers:
        raise ValueError(f"{path}: items must be a .jsonl, .csv or .parquet file, got {path.suffix or 'no suffix'}")
    items: list[Item] = []
    places: dict[str, str] = {}
    for number, (where, row) in enumerate(readers[path.suffix](path)):
        try:
            item = _item(row, number)
            if item.id in places:
                raise ValueError(f"ids must be unique, {item.id} stands at {places[item.id]} too")
        except ValueError as error:
            raise ValueError(f"{path}, {where}: {error}") from None
        places[item.id] = where
        items.append(item)
    if not items:
        raise ValueError(f"{path}: the file holds no items")
    return items


def unique_ids(items: Sequence[Item]) -> list[Item]:
    """The same items, after a check that no id stands twice.

    Raises
    ------
    ValueError
        Naming the first repeated id and both places.
    """
    seen: dict[str, int] = {}
    for number, item in enumerate(items):
        if item.id in seen:
            raise ValueError(f"ids must be unique: {item.id} stands at items {seen[item.id]} and {number}")
        seen[item.id] = number
    return list(items)


def select(items: Iterable[Item], *, subjects: Sequence[str] | None = None, limit: int | None = None) -> list[Item]:
    """Keep some subjects, and the first items of each.

    Parameters
    ----------
    items : iterable of Item
        What is chosen from.
    subjects : sequence of str, optional
        Names of subjects; all where absent.
    limit : int, optional
        How many items to keep a subject, from the first.

    Raises
    ------
    ValueError
        For a subject that no item has, or a limit below 1.
    """
    items = list(items)
    if limit is not None and limit < 1:
        raise ValueError(f"the limit must be at least 1, got {limit}")
    known = dict.fromkeys(item.subject for item in items)
    for name in subjects or ():
        if name not in known:
            raise ValueError(f"no item has the subject {name!r}; there are: {', '.join(sorted(known))}")
    taken: dict[str, int] = {}
    kept = []
    for item in items:
        if subjects is not None and item.subject not in subjects:
            continue
        taken[item.subject] = taken.get(item.subject, 0) + 1
        if limit is None or taken[item.subject] <= limit:
            kept.append(item)
    return kept


def letter_index(answer: object, n_options: int) -> int:
    """Index of an answer given as a letter or as an index from 0.

    Raises
    ------
    ValueError
        Where it is neither, or beyond the options.
    """
    last = LETTERS[n_options - 1]
    if isinstance(answer, str):
        text = answer.strip()
        if len(text) == 1 and text in LETTERS[:n_options]:
            return LETTERS.index(text)
        if text.isascii() and text.isdigit() and int(text) < n_options:
            return int(text)
    elif isinstance(answer, int) and not isinstance(answer, bool) and 0 <= answer < n_options:
        return answer
    raise ValueError(
        f"the answer must be a letter from A to {last} or an index from 0 to {n_options - 1}, got {answer!r}"
    )


def _item(row: Mapping[str, Any], number: int) -> Item:
    question = row.get("question")
    if not isinstance(question, str):
        raise ValueError(f"the field 'question' must be a text, got {question!r}")
    options = _options(row)
    if not 2 <= len(options) <= len(LETTERS):
        raise ValueError(f"there must be 2 to 26 options, got {len(options)}")
    name, subject = row.get("id"), row.get("subject")
    for field, value, kinds in (("id", name, (str, int)), ("subject", subject, (str,))):
        if value is not None and (not isinstance(value, kinds) or isinstance(value, bool)):
            raise ValueError(f"the field {field!r} must be a text, got {value!r}")
    return Item(
        id=str(number if name is None else name),
        subject="" if subject is None else subject,
        question=question,
        options=options,
        answer=letter_index(row.get("answer"), len(options)),
    )


def _options(row: Mapping[str, Any]) -> tuple[str, ...]:
    options = row.get("options")
    if options is None:
        # One column a letter; a row with fewer options leaves the last columns empty.
        columns = [row.get(letter) for letter in LETTERS]
        filled = [place for place, text in enumerate(columns) if text not in (None, "")]
        if filled != list(range(len(filled))):
            raise ValueError("only the last of the columns A, B, … may be empty")
        options = columns[: len(filled)] or None
    elif isinstance(options, str):
        try:
            options = json.loads(options)
        except (ValueError, RecursionError):
            raise ValueError(f"the field 'options' must be a JSON list, got {options[:60]!r}") from None
    if not isinstance(options, list) or not all(isinstance(option, str) for option in options):
        raise ValueError("there must be a field 'options' with a list of texts, or columns A, B, …")
    return tuple(options)


def jsonl_rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Objects of a JSONL file, each with the place where it stands.

    Raises
    ------
    ValueError
        For a line that is not a JSON object, naming file and line.
    """
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(_decoded(lines, path), start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise ValueError(f"{path}, line {number}: not JSON ({error})") from None
            if not isinstance(row, dict):
                raise ValueError(f"{path}, line {number}: must be a JSON object, got {type(row).__name__}")
            yield f"line {number}", row


def csv_rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each row of a CSV file with a header, and where it stands."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(_decoded(lines, path), strict=True)
        try:
            header = reader.fieldnames or []
            if len(set(header)) < len(header):
                raise ValueError(f"{path}: the columns of the header must differ, got {', '.join(header)}")
            for row in reader:
                if None in row or None in row.values():
                    raise ValueError(
                        f"{path}, line {reader.line_num}: every row must have the "
                        f"{len(reader.fieldnames or ())} columns of the header"
                    )
                yield (
                    f"line {reader.line_num}",
                    {name: text for name, text in row.items() if text != "" or name != "id"},
                )
        except csv.Error as error:
            raise ValueError(f"{path}, line {reader.line_num}: {error}") from None


def parquet_rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each row of a Parquet file, and where it stands."""
    from .foreign_tables import read_foreign

    try:
        frame = read_foreign(path)
    except ValueError as error:
        raise ValueError(f"{path}: not a readable Parquet file ({error})") from None
    for number, row in enumerate(frame.iter_rows(named=True)):
        yield f"row {number}", row


def _decoded(lines: Iterable[str], path: Path) -> Iterator[str]:
    try:
        yield from lines
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: must be UTF-8, byte {error.start} is not") from None
