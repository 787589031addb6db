"""Rows of JSONL, CSV and Parquet files, with the line that each begins at."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from .field_names import Columns, Fields
from .text import plain_line_ends, read_text

DELIMITERS = (",", ";", "\t", "|")
# A first line by which spreadsheets tell each other the delimiter.
_SEPARATOR_LINE = re.compile(r'\A"?sep=(.)"?\n')
_SPREADSHEETS = (".xlsx", ".xls", ".xlsb", ".ods", ".numbers")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file.

    Attributes
    ----------
    where : str
        Its position, as ``line 2``.
    values : dict
        Its values by field, and those of lettered columns as a list by family.
    header : tuple of str
        Every name that it has in the file.
    further_values : dict
        Its values by the names of columns that hold no known field.
    """

    where: str
    values: dict[str, Any]
    header: tuple[str, ...]
    further_values: dict[str, Any] = field(default_factory=dict)


def read_rows(path: Path, fields: Fields, *, what: str) -> Iterator[Row]:
    """Rows of a file by its suffix: .jsonl, .csv (.tsv), or .parquet.

    Parameters
    ----------
    path : Path
        The file.
    fields : Fields
        The fields to read.
    what : str
        Content of the file, for messages.

    Yields
    ------
    Row
        In the order of the file.

    Raises
    ------
    ValueError
        For another suffix and everything that the readers refuse, naming the file.
    FileNotFoundError
        If the file does not exist.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no such file: {path}")
    suffix = path.suffix.lower()
    if suffix not in _READERS:
        hint = '; save the sheet as "CSV UTF-8"' if suffix in _SPREADSHEETS else ""
        raise ValueError(
            f"{path}: {what} must be a .jsonl, .csv or .parquet file, got {path.suffix or 'no suffix'}{hint}"
        )
    return _READERS[suffix](path, fields)


def jsonl_rows(path: Path, fields: Fields) -> Iterator[Row]:
    """Objects of a JSONL file.

    A field that is null is absent if another of its names is given.

    Raises
    ------
    ValueError
        For a line that is not a JSON object or lacks a required field, naming file and line.
    """
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        where = f"line {number}"
        try:
            values = json.loads(line, object_pairs_hook=without_repeats)
        except (json.JSONDecodeError, RecursionError) as error:
            raise ValueError(f"{path}, {where}: not JSON ({error})") from None
        except ValueError as error:
            raise ValueError(f"{path}, {where}: {error}") from None
        if not isinstance(values, dict):
            raise ValueError(f"{path}, {where}: must be a JSON object, got {type(values).__name__}")
        null = frozenset(name for name, value in values.items() if value is None)
        try:
            columns = _columns(fields, tuple(values), null)
        except ValueError as error:
            raise ValueError(f"{path}, {where}: {error}") from None
        values = plain_line_ends(values)
        yield Row(where, columns.row(values), tuple(values), columns.further_values(values))


def csv_rows(path: Path, fields: Fields) -> Iterator[Row]:
    """Rows of a CSV file with a header, by the best-fitting delimiter.

    That is the delimiter by which the header shows most of the fields.

    Blanks around names are left out, and blanks behind delimiters if the header has them. Rows of empty cells are
    passed over.

    Raises
    ------
    ValueError
        For a header without a required field, repeated names, rows with more or fewer cells, wrong quotes,
        naming file and line.
    """
    layout = csv_layout(path, fields)
    columns = layout.columns(path, fields)
    for line, cells in layout.records(path):
        values = dict(zip(layout.header, cells, strict=True))
        yield Row(f"line {line}", columns.row(values), layout.header, columns.further_values(values))


def parquet_rows(path: Path, fields: Fields) -> Iterator[Row]:
    """Rows of a Parquet file.

    A column without a value is absent if another of its names is given.
    """
    from .untrusted_parquet import read_foreign

    try:
        frame = read_foreign(path)
    except ValueError as error:
        raise ValueError(f"{path}: not a readable Parquet file ({error})") from None
    header = tuple(frame.columns)
    null = [name for name in header if frame[name].null_count() == frame.height]
    try:
        columns = fields.match(header, null=null)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    for number, row in enumerate(frame.iter_rows(named=True)):
        values = plain_line_ends(row)
        yield Row(f"row {number}", columns.row(values), header, columns.further_values(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvLayout:
    """How a CSV file with a header is laid out.

    Attributes
    ----------
    text : str
        The file from its header on.
    delimiter : str
        What stands between cells.
    skip_blanks : bool
        Whether blanks behind delimiters belong to no cell.
    first_line : int
        Line that the text begins at.
    header_line : int
        Line of the header.
    header : tuple of str
        Names as written in the file, without blanks around them.
    """

    text: str
    delimiter: str
    skip_blanks: bool
    first_line: int
    header_line: int
    header: tuple[str, ...]

    def columns(self, path: Path, fields: Fields) -> Columns:
        """Columns of the header that hold known fields.

        Raises
        ------
        ValueError
            As `Fields.match`, naming file and line.
        """
        try:
            return fields.match(self.header)
        except ValueError as error:
            raise ValueError(f"{path}, line {self.header_line}: {error}") from None

    def records(self, path: Path) -> Iterator[tuple[int, list[str]]]:
        """Records under the header, each with its first line's number.

        Raises
        ------
        ValueError
            For wrong quotes and other numbers of cells than the header has, naming file and line.
        """
        records = csv_records(path, self.text, self.delimiter, first_line=self.first_line, skip_blanks=self.skip_blanks)
        next(records, None)
        for line, cells in records:
            if len(cells) != len(self.header):
                raise ValueError(
                    f"{path}, line {line}: every row must have the {len(self.header)} columns of the header, got "
                    f"{len(cells)}"
                )
            yield line, cells


def csv_layout(path: Path, fields: Fields) -> CsvLayout:
    """Layout of a CSV file, whatever its header; `fields` tell the delimiter.

    Raises
    ------
    ValueError
        For repeated names and wrong quotes, naming file and line.
    """
    text = read_text(path)
    separator = _SEPARATOR_LINE.match(text)
    first_line = 1
    if separator:
        text, first_line = text[separator.end() :], 2
    delimiter = separator[1] if separator else _best_delimiter(path, text, fields)
    line, names = next(csv_records(path, text, delimiter, first_line=first_line), (1, []))
    header = tuple(name.strip() for name in names)
    repeated = [name for number, name in enumerate(header) if name and name in header[:number]]
    if repeated:
        raise ValueError(f"{path}: the columns of the header must differ, {repeated[0]!r} occurs twice")
    return CsvLayout(
        text=text,
        delimiter=delimiter,
        skip_blanks=len(names) > 1 and all(name[:1] == " " for name in names[1:] if name),
        first_line=first_line,
        header_line=line,
        header=header,
    )


def csv_records(
    path: Path, text: str, delimiter: str, *, first_line: int = 1, skip_blanks: bool = False
) -> Iterator[tuple[int, list[str]]]:
    """Non-empty records of a CSV text, each with its first line's number.

    Raises
    ------
    ValueError
        For wrong quotes, naming file and line.
    """
    # Not splitlines: only \n ends a line here.
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True, skipinitialspace=skip_blanks)
    while True:
        line = first_line + reader.line_num
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            hint = " (a quote is opened here and not closed)" if "unexpected end" in str(error) else ""
            raise ValueError(f"{path}, line {line}: {error}{hint}") from None
        if any(cell.strip() for cell in record):
            yield line, record


def _best_delimiter(path: Path, text: str, fields: Fields) -> str:
    """The delimiter by which the first record shows most fields.

    Among equals the one with most columns, then the comma.
    """
    scores: dict[str, tuple[int, int]] = {}
    for delimiter in DELIMITERS:
        try:
            _, names = next(csv_records(path, text, delimiter), (0, []))
            scores[delimiter] = fields.n_recognised(names), len(names)
        except ValueError:  # quotes that another delimiter explains
            continue
    return max(scores, key=scores.__getitem__, default=DELIMITERS[0])


@lru_cache(maxsize=1024)
def _columns(fields: Fields, header: tuple[str, ...], null: frozenset[str]) -> Columns:
    return fields.match(header, null=null)


def without_repeats(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object from its pairs, refused if a name is repeated.

    Raises
    ------
    ValueError
        For a repeated name.
    """
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        repeated = next(name for number, name in enumerate(names) if name in names[:number])
        raise ValueError(f"the field {repeated!r} occurs twice in an object")
    return dict(pairs)


_READERS: dict[str, Callable[[Path, Fields], Iterator[Row]]] = {
    ".jsonl": jsonl_rows,
    ".ndjson": jsonl_rows,
    ".csv": csv_rows,
    ".tsv": csv_rows,
    ".parquet": parquet_rows,
}
