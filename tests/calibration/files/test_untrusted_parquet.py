"""Binary tables are read in a process of their own, one for all of them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from calibration.files import untrusted_parquet
from calibration.files.untrusted_parquet import read_foreign, read_notes

TABLE = pl.DataFrame({"letter": ["A", "B"], "logprob": [-0.5, -1.5]})


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> untrusted_parquet._ReadingProcess:
    """A process for this test alone."""
    reading = untrusted_parquet._ReadingProcess()
    monkeypatch.setattr(untrusted_parquet, "_READING", reading)
    return reading


@pytest.fixture
def path(tmp_path: Path) -> Path:
    TABLE.write_parquet(tmp_path / "table.parquet", metadata={"owner": "nobody"})
    return tmp_path / "table.parquet"


def test_one_process_reads_all(reading: untrusted_parquet._ReadingProcess, path: Path) -> None:
    TABLE.write_ipc(path.with_suffix(".arrow"))
    assert read_foreign(path).equals(TABLE)
    first = reading._process
    assert read_foreign(path.with_suffix(".arrow"), reader="read_ipc").equals(TABLE)
    assert read_notes(path) == {"owner": "nobody"}
    assert first is not None
    assert reading._process is first
    reading.end()
    assert first.returncode is not None


def test_damage_is_told_and_the_next_table_is_read(reading: untrusted_parquet._ReadingProcess, path: Path) -> None:
    damaged = path.with_name("damaged.parquet")
    damaged.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ValueError, match=r"PAR1|magic|footer"):
        read_foreign(damaged)
    assert read_notes(damaged) == {}
    assert read_foreign(path).equals(TABLE)
    reading.end()


@pytest.mark.parametrize("program", ["import os; os._exit(3)", "import os; input(); os._exit(0)", "print('read 99')"])
def test_a_reader_that_ends_is_told_and_started_anew(
    program: str, reading: untrusted_parquet._ReadingProcess, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(untrusted_parquet, "_ANSWER", program)
        with pytest.raises(ValueError, match=r"^the reader crashed on it$"):
            read_foreign(path)
    assert read_foreign(path).equals(TABLE)
    reading.end()


def test_an_interrupted_reading_leaves_no_half_read_table(
    reading: untrusted_parquet._ReadingProcess, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(reading, "_reply", interrupt)
        with pytest.raises(KeyboardInterrupt):
            read_foreign(path)
    assert reading._process is None
    assert read_foreign(path).equals(TABLE)
    reading.end()


def test_a_large_table_leaves_no_process(
    reading: untrusted_parquet._ReadingProcess, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(untrusted_parquet, "_LARGE", 1)
    assert read_foreign(path).equals(TABLE)
    assert reading._process is None
