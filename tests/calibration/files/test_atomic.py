"""Files that are written whole or not at all: temporary names, links, what ended processes leave."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import polars as pl
import pytest

from calibration.files.atomic import read_parquet, remove_leftovers, write_bytes, write_parquet

# Stops between writing and renaming, says so, and waits to be ended.
_STOPS = """
import os, pathlib, sys, time
from calibration.files.atomic import write_bytes
def wait(*paths):
    print("written", flush=True)
    time.sleep(60)
os.replace = wait
write_bytes(b"half", pathlib.Path(sys.argv[1]))
"""


def writer(path: Path) -> subprocess.Popen[str]:
    """A process that has written its temporary file and not renamed it yet."""
    process = subprocess.Popen([sys.executable, "-c", _STOPS, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    return process


def end(process: subprocess.Popen[str], number: signal.Signals) -> None:
    process.send_signal(number)
    process.communicate()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_whole_with_the_usual_permissions(tmp_path: Path) -> None:
    file, usual = tmp_path / "page.html", tmp_path / "usual"
    usual.touch()
    for content in (b"first", b"second"):
        write_bytes(content, file)
        assert file.read_bytes() == content
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IMODE(usual.stat().st_mode)
    assert names(tmp_path) == ["page.html", "usual"]


@pytest.mark.parametrize("name", ["run.tmp", "run.json", ".run.json.tmp"])
def test_links_are_not_followed(name: str, tmp_path: Path) -> None:
    mine, folder = tmp_path / "mine.txt", tmp_path / "run"
    mine.write_text("precious")
    folder.mkdir()
    (folder / name).symlink_to(mine)
    write_bytes(b"{}", folder / "run.json")
    assert mine.read_text() == "precious"
    assert (folder / "run.json").read_bytes() == b"{}"
    assert not (folder / "run.json").is_symlink()


def test_a_name_as_long_as_may_be_is_written(tmp_path: Path) -> None:
    write_bytes(b"x", tmp_path / ("n" * 255))
    assert names(tmp_path) == ["n" * 255]


def test_an_interrupt_leaves_the_old_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(descriptor: int) -> None:
        raise KeyboardInterrupt

    write_bytes(b"old", tmp_path / "page.html")
    monkeypatch.setattr("calibration.files.atomic.os.fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(b"new", tmp_path / "page.html")
    assert names(tmp_path) == ["page.html"]
    assert (tmp_path / "page.html").read_bytes() == b"old"


def test_what_a_killed_process_left_is_removed_by_the_next_one(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    write_bytes(b"old", file)
    end(writer(file), signal.SIGKILL)
    assert file.read_bytes() == b"old"
    assert len(names(tmp_path)) == 2
    write_bytes(b"new", file)
    assert (names(tmp_path), file.read_bytes()) == (["page.html"], b"new")


def test_what_a_living_process_writes_stays(tmp_path: Path) -> None:
    process = writer(tmp_path / "page.html")
    try:
        remove_leftovers(tmp_path)
        write_bytes(b"other", tmp_path / "other.html")
        assert len(names(tmp_path)) == 2
    finally:
        end(process, signal.SIGTERM)
    remove_leftovers(tmp_path)
    assert names(tmp_path) == ["other.html"]


def test_leftovers_are_known_by_their_names(tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.touch()
    (tmp_path / "work.tmp").touch()
    (tmp_path / ".veracal-0.tmp").symlink_to(mine)
    os.mkfifo(tmp_path / ".veracal-1.tmp")
    remove_leftovers(tmp_path)
    assert names(tmp_path) == [".veracal-0.tmp", "mine.txt", "work.tmp"]
    remove_leftovers(tmp_path / "absent")


def test_writers_of_one_file_do_not_disturb_each_other(tmp_path: Path) -> None:
    file, errors = tmp_path / "page.html", []

    def write(content: bytes) -> None:
        try:
            for _ in range(30):
                write_bytes(content, file)
        except OSError as error:
            errors.append(error)

    contents = [bytes([letter]) * 5000 for letter in b"abcd"]
    threads = [threading.Thread(target=write, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert file.read_bytes() in contents
    assert names(tmp_path) == ["page.html"]


def test_a_table_says_that_it_was_damaged(tmp_path: Path) -> None:
    table, file = pl.DataFrame({"item": ["a", "b"]}), tmp_path / "part.parquet"
    write_parquet(table, file)
    assert read_parquet(file).equals(table)
    raw = bytearray(file.read_bytes())
    raw[raw.index(b"a")] ^= 1
    file.write_bytes(raw)
    with pytest.raises(ValueError, match="damaged since it was written"):
        read_parquet(file)
