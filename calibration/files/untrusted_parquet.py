"""Binary tables of others, read so that damage cannot end the program."""

from __future__ import annotations

import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Literal

import polars as pl

Reader = Literal["read_parquet", "read_ipc", "read_ipc_stream", "read_excel"]

# The bytes are piped, so that nothing in the path can be taken for an address or a pattern.
_READ = """
import io
import sys
import polars
def sheet(file):
    import fastexcel
    raw = file.read()
    book = fastexcel.read_excel(raw)
    filled = [name for name in book.sheet_names if book.load_sheet(name).height]
    if len(filled) > 1:
        raise ValueError("there must be one filled sheet, got " + ", ".join(filled) + "; save the one that is meant")
    options = {"sheet_name": filled[0]} if filled else {}
    return polars.read_excel(io.BytesIO(raw), infer_schema_length=None, raise_if_empty=False, **options)
try:
    file = io.BytesIO(sys.stdin.buffer.read())
    read = sheet if sys.argv[1] == "read_excel" else getattr(polars, sys.argv[1])
    read(file).write_ipc(sys.stdout.buffer)
except BaseException as error:
    sys.exit(next(iter(str(error).splitlines()), type(error).__name__))
"""


_READ_NOTES = """
import io
import json
import sys
import polars
try:
    notes = polars.read_parquet_metadata(io.BytesIO(sys.stdin.buffer.read()))
    sys.stdout.write(json.dumps({name: text for name, text in notes.items() if name != "ARROW:schema"}))
except BaseException as error:
    sys.exit(next(iter(str(error).splitlines()), type(error).__name__))
"""


def read_notes(path: Path) -> dict[str, str]:
    """Entries of the metadata of a Parquet file; none of an unreadable one."""
    with path.open("rb") as file:
        done = subprocess.run(  # noqa: S603 (a constant program)
            [sys.executable, "-P", "-c", _READ_NOTES], stdin=file, capture_output=True, check=False
        )
    return dict(json.loads(done.stdout)) if done.returncode == 0 else {}


def read_foreign(path: Path, *, reader: Reader = "read_parquet") -> pl.DataFrame:
    """Read a binary table in a process of its own.

    On damaged bytes the reader may abort, which cannot be caught.

    Parameters
    ----------
    path : Path
        The file.
    reader : {"read_parquet", "read_ipc", "read_ipc_stream", "read_excel"}
        The function of polars that reads it; of a workbook the only filled sheet.

    Raises
    ------
    ValueError
        If it cannot be read, with the reason.
    """
    with path.open("rb") as file:
        # -P: a module in the working folder must not take the place of polars.
        done = subprocess.run(  # noqa: S603 (a constant program)
            [sys.executable, "-P", "-c", _READ, reader], stdin=file, capture_output=True, check=False
        )
    if done.returncode:
        errors = done.stderr.decode(errors="replace").strip().splitlines()
        raise ValueError(errors[-1] if done.returncode == 1 and errors else "the reader crashed on it")
    return pl.read_ipc(BytesIO(done.stdout))
