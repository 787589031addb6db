"""Parquet files of others, read so that damage cannot end the program."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import polars as pl

# The bytes are piped, so that nothing in the path can be taken for an address or a pattern.
_READ = """
import sys
import polars
try:
    polars.read_parquet(sys.stdin.buffer.read()).write_ipc(sys.stdout.buffer)
except BaseException as error:
    sys.exit(next(iter(str(error).splitlines()), type(error).__name__))
"""


def read_foreign(path: Path) -> pl.DataFrame:
    """Read a Parquet file in a process of its own.

    On damaged bytes the reader may abort, which cannot be caught.

    Raises
    ------
    ValueError
        If it cannot be read, with the reason.
    """
    with path.open("rb") as file:
        # -P: a module in the working folder must not take the place of polars.
        done = subprocess.run(  # noqa: S603 (a constant program)
            [sys.executable, "-P", "-c", _READ], stdin=file, capture_output=True, check=False
        )
    if done.returncode:
        errors = done.stderr.decode(errors="replace").strip().splitlines()
        raise ValueError(errors[-1] if done.returncode == 1 and errors else "the reader of Parquet files crashed on it")
    return pl.read_ipc(BytesIO(done.stdout))
