"""Folders of cases: scripts that put veracal into situations in which it once failed, run from copies."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS = 600  # a case takes seconds to three minutes on two busy cores


def cases_folder() -> Path | None:
    """The folder that holds a folder per case: `VERACAL_CASES` if set, otherwise shared/cases beside the checkout.

    Raises
    ------
    ValueError
        If `VERACAL_CASES` names no folder.
    """
    named = os.environ.get("VERACAL_CASES")
    folder = Path(named) if named else ROOT.parent / "shared" / "cases"
    if folder.is_dir():
        return folder.resolve()
    if named:
        raise ValueError(f"VERACAL_CASES must name the folder of the cases, got {named}")
    return None


def case_names(folder: Path) -> list[str]:
    """The names of the folders that hold a case.

    Raises
    ------
    ValueError
        If there are none.
    """
    names = sorted(path.parent.name for path in folder.glob("*/run.sh"))
    if not names:
        raise ValueError(f"{folder}: must hold folders with a run.sh, a case each; there are none")
    return names


def printed(case: Path, scratch: Path) -> str:
    """What a case's script prints, run in a copy of its folder with this environment's commands first on PATH.

    Raises
    ------
    TimeoutError
        If the script has not ended after `SECONDS`; with what it had printed by then.
    """
    copy = scratch / case.name
    shutil.copytree(case, copy)
    for path in (copy, *copy.rglob("*")):
        path.chmod(path.stat().st_mode | 0o200)
    log = scratch / "printed.txt"
    commands = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    with log.open("wb") as output:
        script = subprocess.Popen(
            ["sh", "./run.sh"],
            cwd=copy,
            env={**os.environ, "PATH": commands},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            script.wait(SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(script.pid, signal.SIGKILL)
            script.wait()
            so_far = log.read_text(encoding="utf-8", errors="replace")
            raise TimeoutError(f"{case.name}: run.sh must end within {SECONDS} s; it had printed:\n{so_far}") from None
    return log.read_text(encoding="utf-8", errors="replace")


def exits(text: str) -> list[int]:
    """The exit statuses that a script printed, in order."""
    return [int(status) for status in re.findall(r"\bexit (\d+)", text)]


def lines(text: str, start: str) -> list[str]:
    """The lines that begin with a text."""
    return [line for line in text.splitlines() if line.startswith(start)]
