"""A report that is ended while it writes leaves the old page and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import calibration
import veracal
from veracal import cli
from veracal.end_signals import EndedBySignal, end_signals_raised

# Stands for a slow disk: the process says that it stands at its rename, and waits there.
SLOW = """
import os, sys, time
from pathlib import Path
from veracal import cli
rename = Path.replace
def wait(self, target):
    if not self.name.startswith(".veracal-"):
        return rename(self, target)
    print("at the rename", flush=True)
    time.sleep(600)
Path.replace = wait
cli.main(sys.argv[1:])
"""


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    folders = [tmp_path / "before", tmp_path / "after"]
    for folder, sure in zip(folders, (1, 3), strict=True):
        rows = "".join(f"{sure * (number % 3)},{sure},{'AB'[number % 2]}\n" for number in range(9))
        log = tmp_path / f"{folder.name}.csv"
        log.write_text(f"logit_A,logit_B,answer\n{rows}", encoding="utf-8")
        calibration.import_log(log, out=folder)
        log.unlink()
    return folders


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
@pytest.mark.parametrize(
    ("number", "status", "message", "n_left"),
    [
        (
            signal.SIGTERM,
            128 + signal.SIGTERM,
            "veracal: ended by SIGTERM; nothing was changed, the same command starts anew\n",
            0,
        ),
        # What it was writing cannot be removed by a killed process.
        pytest.param(signal.SIGKILL, -signal.SIGKILL, "", 1, marks=pytest.mark.slow),
    ],
)
def test_a_report_that_is_ended_leaves_the_old_page(
    number: signal.Signals, status: int, message: str, n_left: int, runs: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "page.html").write_text("the old page", encoding="utf-8")
    command = [sys.executable, "-c", SLOW, "report", *map(str, runs), "--html", str(out / "page.html")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "at the rename\n"
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == status
    assert errors.endswith(message)
    assert len(list(out.iterdir())) == 1 + n_left
    assert (out / "page.html").read_text(encoding="utf-8") == "the old page"
    # The next report to this folder removes what is left.
    veracal.write_report(runs, out / "page.html")
    assert [path.name for path in out.iterdir()] == ["page.html"]
    assert (out / "page.html").read_text(encoding="utf-8").endswith("</html>")


def test_a_page_that_cannot_be_written_leaves_the_old_one(
    runs: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.html"
    page.write_text("the old page", encoding="utf-8")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"No space left on device: .*page\.html"):
        veracal.write_report(runs, page)
    assert page.read_text(encoding="utf-8") == "the old page"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["after", "before", "page.html"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_signals_are_raised_and_handed_back() -> None:
    with pytest.raises(EndedBySignal) as ended, end_signals_raised():
        os.kill(os.getpid(), signal.SIGHUP)
    assert ended.value.number == signal.SIGHUP
    assert signal.getsignal(signal.SIGHUP) == signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_an_ignored_signal_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with end_signals_raised():
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


def test_other_threads_leave_signals_alone(capsys: pytest.CaptureFixture[str]) -> None:
    ended: list[object] = []

    def work() -> None:
        try:
            cli.main(["--version"])
        except SystemExit as end:
            ended.append(end.code)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ended == [0]
    assert capsys.readouterr().out.startswith("veracal ")
