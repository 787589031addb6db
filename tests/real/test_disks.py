"""Disks as they are: one that is really full, and a folder that really cannot be written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import veracal.demo
from calibration import read_run
from calibration.runs.folder import Run
from calibration.runs.run_writer import RunWriter

pytestmark = pytest.mark.slow  # a file system is mounted and filled

# A part after every batch.
_COMMAND = """
import sys
from calibration.runs import collection
collection._PART_SECONDS = 0.0
from veracal.cli import main
main(sys.argv[1:])
"""
_NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]
ITEMS = 200


@pytest.fixture
def extract(tmp_path: Path) -> list[str]:
    """The command, without the folder."""
    if (
        shutil.which("unshare") is None
        or subprocess.run(
            [*_NAMESPACE, "mount", "-t", "tmpfs", "none", str(tmp_path)], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("a file system cannot be mounted here")
    demo = Path(veracal.demo.__file__).parent
    source = tmp_path / "items.jsonl"
    source.write_text("".join((demo / "items.jsonl").read_text().splitlines(keepends=True)[:ITEMS]))
    return [
        sys.executable, "-c", _COMMAND, "extract", str(demo / "base"), "--items", str(source), "--device", "cpu",
        "--batch-size", "4", "--out",
    ]  # fmt: skip


def mounted(script: str, *words: str) -> subprocess.CompletedProcess[str]:
    """A shell script that may mount, for itself alone."""
    return subprocess.run(
        [*_NAMESPACE, "sh", "-euc", script, "sh", *words],
        capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "500"},
    )  # fmt: skip


def test_a_full_disk(extract: list[str], tmp_path: Path) -> None:
    """A disk of 256 kB: what was written is whole, and goes on elsewhere."""
    disk, kept, undisturbed = tmp_path / "disk", tmp_path / "kept", tmp_path / "undisturbed"
    disk.mkdir()
    run = disk / "run"
    found = mounted(
        'mount -t tmpfs -o size=256k none "$1"; kept="$2"; run="$3"; shift 3; '
        '"$@" "$run" && exit 99; status=$?; cp -r "$run" "$kept"; exit $status',
        str(disk), str(kept), str(run), *extract,
    )  # fmt: skip
    assert found.returncode == 1, found.stderr
    assert (
        found.stderr.strip()
        .splitlines()[-1]
        .startswith(
            "veracal: [Errno 28] No space left on device; what was written before is kept, the same command continues: "
            f"'{run}/"
        )
    )
    assert "Traceback" not in found.stderr
    n_kept = read_run(kept).n_items
    assert 0 < n_kept < ITEMS
    assert Run(kept).manifest["state"] == "running"
    assert not list(kept.rglob("*.tmp"))
    subprocess.run([*extract, str(kept)], check=True, capture_output=True)
    subprocess.run([*extract, str(undisturbed)], check=True, capture_output=True)
    assert read_run(kept).frame.equals(read_run(undisturbed).frame)
    assert Run(kept).manifest["state"] == "complete"


def test_a_folder_that_cannot_be_written(extract: list[str], tmp_path: Path) -> None:
    """It can be read all the same; a new run and one to continue say what is wrong before the model is asked."""
    folder = tmp_path / "folder"
    subprocess.run([*extract, str(folder / "run")], check=True, capture_output=True)
    for part in sorted((folder / "run" / "parts").iterdir())[2:]:
        part.unlink()
    RunWriter(folder / "run").update(state="running")  # as it stands in a run that was interrupted there
    before = read_run(folder / "run").frame
    read_only = 'mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"; shift; exec "$@"'
    for name, file in (("run", "run/run.lock"), ("new", "new")):
        found = mounted(read_only, str(folder), *extract, str(folder / name))
        assert found.returncode == 1, found.stderr
        assert found.stderr.strip().splitlines()[-1] == (
            f"veracal: [Errno 30] Read-only file system: '{folder / file}'"
        )
        assert "Traceback" not in found.stderr
    summary = mounted(
        read_only, str(folder), sys.executable, "-m", "veracal", "summarize", str(folder / "run"), "--json"
    )
    assert summary.returncode == 0, summary.stderr
    assert read_run(folder / "run").frame.equals(before)
    assert not (folder / "new").exists()


def test_two_processes_on_one_run(extract: list[str], tmp_path: Path) -> None:
    """The second is refused while the first writes, and the first ends as if there had been none."""
    run = tmp_path / "run"
    subprocess.run([*extract, str(run)], check=True, capture_output=True)
    for part in sorted((run / "parts").iterdir())[1:]:
        part.unlink()
    held = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys\nfrom calibration.runs.locks import locked\n"
            "with locked(sys.argv[1]):\n    print('held', flush=True)\n    sys.stdin.read()\n",
            str(run),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert held.stdout is not None
    assert held.stdout.readline() == "held\n"
    second = subprocess.run([*extract, str(run)], capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert " ".join(second.stderr.split()).endswith(
        f"veracal: {run}: another process is writing to this run; wait for it, or choose another folder"
    )
    held.kill()
    held.communicate()
    subprocess.run([*extract, str(run)], check=True, capture_output=True)
    assert read_run(run).n_items == ITEMS
    assert Run(run).manifest["state"] == "complete"
