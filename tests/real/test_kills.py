"""``kill -9`` at random moments: the finished table is the uninterrupted one."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from multiprocessing import get_context
from pathlib import Path

import pytest

import veracal.demo
from calibration import read_run
from calibration.runs import collection
from calibration.runs.folder import Run
from tests import tiny
from veracal.cli import main

pytestmark = pytest.mark.slow  # two hundred kills

# Parts are written as often as can be, so that a kill may hit any step of writing.
_COMMAND = """
import sys
from calibration.runs import collection
collection._PART_SECONDS = 0.0
from veracal.cli import main
main(sys.argv[1:])
"""
KILLS, ITEMS, BATCH = 200, 400, 2


def _extract(arguments: list[str]) -> None:
    """The command in a process of its own, whose imports are done."""
    silence = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(silence, stream)
    collection._PART_SECONDS = 0.0
    main(["extract", *arguments])


def test_two_hundred_kills(tmp_path: Path) -> None:
    """Each start is a process that is killed like any other; imports, most of its time, are done once, by forking."""
    source = tmp_path / "items.jsonl"
    demo = (Path(veracal.demo.__file__).parent / "items.jsonl").read_text().splitlines(keepends=True)
    source.write_text("".join(demo[:ITEMS]))
    run, undisturbed = tmp_path / "run", tmp_path / "undisturbed"
    arguments = [
        str(Path(veracal.demo.__file__).parent / "base"), "--items", str(source), "--device", "cpu",
        "--batch-size", str(BATCH), "--out",
    ]  # fmt: skip
    subprocess.run([sys.executable, "-c", _COMMAND, "extract", *arguments, str(undisturbed)], check=True)
    whole = read_run(undisturbed)
    assert whole.n_items == ITEMS
    starts = get_context("forkserver")
    starts.set_forkserver_preload(["calibration.models.checkpoints.checkpoint", "veracal.cli", __name__])
    chance = random.Random(0)
    done = []
    for kill in range(KILLS):
        process = starts.Process(target=_extract, args=([*arguments, str(run)],))
        process.start()
        # A batch takes some milliseconds. Kills go with the pace of the work, so that the last come shortly before its
        # end; a start that is ahead of it is killed before it does anything.
        wanted = max(_parts(run), round(0.9 * ITEMS / BATCH * kill / KILLS))
        deadline = time.monotonic() + 60
        while process.is_alive() and _parts(run) < wanted and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(chance.random() * chance.choice([0.002, 0.01, 0.05]))
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        done += _items_done(run)
    assert done == sorted(done)
    assert 40 < len(set(done)) <= len(done) < KILLS, done
    assert done[-1] < ITEMS, done
    subprocess.run([sys.executable, "-c", _COMMAND, "extract", *arguments, str(run)], check=True)
    assert read_run(run).frame.equals(whole.frame)
    assert Run(run).manifest["state"] == "complete"


def _items_done(run: Path) -> list[int]:
    """Number of items in a run, or nothing if it was killed before its first part."""
    return [read_run(run).n_items] if (run / "run.json").exists() and _parts(run) else []


def test_ctrl_c_leaves_a_valid_run(tmp_path: Path) -> None:
    tiny.network(num_hidden_layers=12).save_pretrained(tmp_path / "model")
    tiny.tokenizer().save_pretrained(tmp_path / "model")
    run = tmp_path / "run"
    command = [
        sys.executable, "-c", _COMMAND, "extract", str(tmp_path / "model"), "--items", "demo",
        "--device", "cpu", "--batch-size", "1", "--out", str(run),
    ]  # fmt: skip
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while _parts(run) < 3 and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.strip().splitlines()[-1] == "veracal: interrupted; what was done is kept, the same command continues"
    manifest = Run(run).manifest
    assert manifest["state"] == "running"
    assert manifest["n_done"] == read_run(run).n_items > 0


def _parts(run: Path) -> int:
    return len(list((run / "parts").glob("part-*.parquet")))
