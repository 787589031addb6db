"""Faults of the machine while answers are collected: what the reader is told, what is kept, and that it continues."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from calibration import extract, read_run
from calibration.files.atomic import read_parquet, write_bytes, write_parquet
from calibration.models.local.transformers_model import LocalModel
from calibration.runs import collection
from calibration.runs.folder import Run
from calibration.runs.manifests import FORMAT
from calibration.runs.run_writer import RunWriter
from tests import tiny
from veracal.cli import main


@pytest.fixture(scope="module")
def model() -> LocalModel:
    return tiny.model()


@pytest.fixture(autouse=True)
def _every_piece_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection, "_PART_SECONDS", 0.0)


def full_after(monkeypatch: pytest.MonkeyPatch, writes: int, *, number: int = errno.ENOSPC) -> None:
    """A disk that takes so many files."""
    fsync, taken = os.fsync, 0

    def refuse(descriptor: int) -> None:
        nonlocal taken
        taken += 1
        if taken > writes:
            raise OSError(number, os.strerror(number))
        fsync(descriptor)

    monkeypatch.setattr("calibration.files.atomic.os.fsync", refuse)


@pytest.mark.parametrize("writes", [0, 1, 2, 3, 4])
def test_a_full_disk_keeps_the_parts_before(
    writes: int, model: LocalModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts and manifest are the first two writes, then come the parts, and the manifest again."""
    items, run = tiny.items(10), tmp_path / "run"
    whole = extract(model, items, batch_size=2)
    with monkeypatch.context() as patch:
        full_after(patch, writes)
        with pytest.raises(OSError, match="No space left on device") as caught:
            extract(model, items, batch_size=2, out=run)
    file = "run.json" if writes else "items.parquet"  # after a part the manifest is refused too
    kept = "" if writes < 2 else "; what was written before is kept, the same command continues"
    assert caught.match(rf"^\[Errno 28\] No space left on device{kept}: '{run}/{file}'$")
    assert not list(run.rglob("*.tmp"))
    assert len(list(run.glob("parts/*"))) == max(writes - 2, 0)
    half_done = [Run(run)] if writes > 2 else []
    assert [held.manifest["state"] for held in half_done] == ["running"] * len(half_done)
    for rows in map(Run.read_frame, half_done):
        assert rows.equals(whole.frame.filter(pl.col("item").is_in(rows["item"].to_list())))
    assert extract(model, items, batch_size=2, out=run).frame.equals(whole.frame)
    assert Run(run).manifest["state"] == "complete"


def test_a_run_that_lost_its_last_part_is_not_complete(
    model: LocalModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Room comes back right after the last part was refused, so that the manifest can be written."""
    items, run = tiny.items(4), tmp_path / "run"
    append, calls = RunWriter.append, 0

    def refuse_the_last(self: RunWriter, frame: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise OSError(errno.ENOSPC, "No space left on device", "part")
        append(self, frame)

    with monkeypatch.context() as patch:
        patch.setattr(RunWriter, "append", refuse_the_last)
        with pytest.raises(OSError, match="No space left"):
            extract(model, items, batch_size=2, out=run)
    manifest = Run(run).manifest
    assert (manifest["state"], manifest["n_done"]) == ("running", 2)


def test_an_interrupt_while_a_part_is_written_writes_nothing_twice(
    model: LocalModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items, run = tiny.items(6), tmp_path / "run"
    append = RunWriter.append

    def interrupted(self: RunWriter, frame: Any) -> None:
        append(self, frame)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(RunWriter, "append", interrupted)
        with pytest.raises(KeyboardInterrupt):
            extract(model, items, batch_size=2, out=run)
    assert read_run(run).n_items == 2
    assert extract(model, items, batch_size=2, out=run).frame.equals(extract(model, items, batch_size=2).frame)


def test_an_old_file_stays_where_a_new_one_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "run.json"
    write_bytes(b"old", file)
    full_after(monkeypatch, 0, number=errno.EDQUOT)
    with pytest.raises(OSError, match=rf"quota exceeded: '{file}'"):
        write_bytes(b"new", file)
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


MEMORY = {
    "cuda": torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\nGPU 0 has 1 MiB free."),
    "mps": RuntimeError("MPS backend out of memory (MPS allocated: 9.0 GB)"),
    "processor": RuntimeError(
        "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"
    ),
    "windows": RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes."),
    "library": RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate(handle)"),
    "python": MemoryError(),
}


@pytest.mark.parametrize("where", MEMORY)
def test_memory_that_runs_out_keeps_what_was_done(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    items, run, model = tiny.items(12), tmp_path / "run", tiny.model()
    whole = extract(model, items)
    stream = LocalModel.stream_logprobs

    def full(self: LocalModel, *arguments: Any, **options: Any) -> Iterator[Any]:
        pieces = stream(self, *arguments, **options)

        def until() -> Iterator[Any]:
            yield next(pieces)
            yield next(pieces)
            raise MEMORY[where]

        return until()

    source = tmp_path / "items.jsonl"
    fields = ("id", "subject", "question", "options", "answer")
    source.write_text("".join(json.dumps({name: getattr(item, name) for name in fields}) + "\n" for item in items))
    monkeypatch.setattr("calibration.load_model", lambda *_, **__: model)
    monkeypatch.setattr("veracal.commands.options.without_weights", lambda *_: None)
    command = ["extract", "tiny-llama", "--items", str(source), "--out", str(run), "--batch-size"]
    with monkeypatch.context() as patch:
        patch.setattr(LocalModel, "stream_logprobs", full)
        with pytest.raises(SystemExit) as status:
            main([*command, "4"])
    assert status.value.code == 1
    said = capsys.readouterr().err.strip().splitlines()[-1]
    n_kept = read_run(run).n_items
    assert 0 < n_kept < 12
    assert said == (
        f"veracal: out of memory after {n_kept} of 12: what was done is kept, continue with less at a time "
        "(--batch-size)"
    )
    with pytest.raises(SystemExit) as status:
        main([*command, "1"])
    assert status.value.code == 0
    continued = read_run(run)
    assert continued.item.tolist() == whole.item.tolist()
    np.testing.assert_allclose(continued.logprobs, whole.logprobs, atol=1e-5)


def test_other_errors_are_not_called_memory(model: LocalModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Iterator[Any]:
        yield from ()
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(LocalModel, "stream_logprobs", broken)
    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        extract(model, tiny.items(2), out=tmp_path / "run")


def test_memory_that_runs_out_anywhere_else_is_one_line_with_advice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.\nTried to allocate 2.00 GiB.")

    monkeypatch.setattr("calibration.load_model", full)
    monkeypatch.setattr("veracal.commands.options.without_weights", lambda *_: None)
    with pytest.raises(SystemExit):
        main(["extract", "MODEL", "--items", "demo", "--out", str(tmp_path / "run")])
    assert capsys.readouterr().err.splitlines()[-1] == (
        "veracal: out of memory (CUDA out of memory. Tried to allocate 2.00 GiB.): try less at a time (--batch-size), "
        "a smaller --dtype or another --device"
    )


def test_a_run_of_a_newer_version_is_not_continued(model: LocalModel, tmp_path: Path) -> None:
    items, run = tiny.items(4), tmp_path / "run"
    extract(model, items, out=run)
    manifest = run / "run.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "format": FORMAT + 1}))
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    with pytest.raises(ValueError, match=rf"run\.json: format {FORMAT + 1} is newer than this version reads"):
        extract(model, items, out=run)
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("place", [0, 4, 100, -1, -6, -30, -400])
@pytest.mark.parametrize("name", ["parts/part-000000.parquet", "items.parquet"])
def test_a_damaged_file_of_a_run_is_refused_by_name(name: str, place: int, model: LocalModel, tmp_path: Path) -> None:
    """One bit anywhere: of the data, the checksum, or the footer."""
    run = tmp_path / "run"
    extract(model, tiny.items(4), out=run)
    content = bytearray((run / name).read_bytes())
    content[place] ^= 1
    (run / name).write_bytes(content)
    with pytest.raises(ValueError, match=rf"{name}: not .*readable .*\(damaged since it was written: its checksum"):
        read_run(run)


def test_a_table_without_a_checksum_is_read_all_the_same(model: LocalModel, tmp_path: Path) -> None:
    """Of another tool."""
    frame = extract(model, tiny.items(4)).frame
    frame.write_parquet(tmp_path / "plain.parquet")
    write_parquet(frame, tmp_path / "sealed.parquet")
    for name in ("plain", "sealed"):
        assert read_parquet(tmp_path / f"{name}.parquet").equals(frame)
