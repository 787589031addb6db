"""How a CSV file is laid out: delimiter, header, records."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .field_names import Columns, Fields
from .text import read_text

DELIMITERS = (",", ";", "\t", "|")

# A first line by which spreadsheets tell each other the delimiter.
_SEPARATOR_LINE = re.compile(r'\A"?sep=(.)"?\n')


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
