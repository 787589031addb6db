"""The lock that lets one process at a time write to a run folder."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from ..files.atomic import remove_leftovers

LOCK = "run.lock"
# How often the folder is made again if another process, which failed, removes it at the same time.
_ATTEMPTS = 20


@contextmanager
def locked(out: str | Path | None, *, patience: float = 0.0) -> Iterator[None]:
    """Lock a run folder for this process until everything is written.

    The folder is made if there is none. If it holds no run at the end, what was made here is removed again. The system
    releases the lock when the process ends in whatever way.

    Parameters
    ----------
    out : str or Path, optional
        The run folder; if omitted, nothing is locked.
    patience : float
        Seconds to wait for another process.

    Raises
    ------
    ValueError
        If another process writes to the folder; if it is no folder; if its lock is a link.
    OSError
        If the folder cannot be written.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp()) / "run"
    >>> with locked(folder):
    ...     sorted(path.name for path in folder.iterdir())
    ['run.lock']
    >>> folder.exists()  # no run was begun
    False
    """
    if out is None:
        yield
        return
    folder = Path(out)
    lock, new_folders, new_lock = _acquired(folder, patience)
    try:
        remove_leftovers(folder)
        remove_leftovers(folder / "parts")
        yield
    finally:
        if new_lock and not (folder / "run.json").exists():
            # While it is locked: a process that opened it already notices that it is gone, and makes another.
            (folder / LOCK).unlink(missing_ok=True)
        lock.release()
        _remove(new_folders)


def _acquired(folder: Path, patience: float) -> tuple[FileLock, list[Path], bool]:
    """Lock, folders that were made for it, and whether its file is new."""
    file = folder / LOCK
    lock = FileLock(file, timeout=patience)
    new_folders: list[Path] = []
    for attempt in range(_ATTEMPTS):
        try:
            _make(folder, new_folders)
            new_lock = not file.exists()
            lock.acquire()
        except Timeout:
            _remove(new_folders)
            raise ValueError(
                f"{folder}: another process is writing to this run; wait for it, or choose another folder"
            ) from None
        except OSError as error:
            if isinstance(error, FileNotFoundError) and attempt < _ATTEMPTS - 1:
                continue
            _remove(new_folders)
            if error.errno in {errno.ELOOP, errno.EISDIR} or file.is_symlink():
                raise ValueError(
                    f"{file}: must be a file of the run's own, got a link or a folder; remove it and try again"
                ) from None
            raise
        else:
            break
    return lock, new_folders, new_lock


def _make(folder: Path, new_folders: list[Path]) -> None:
    """Make a folder and its parents; new ones are appended, the outermost first."""
    for path in reversed((folder, *folder.parents)):
        if not path.exists():
            with suppress(FileExistsError):  # a link that leads nowhere, or another process made it meanwhile
                path.mkdir()
                new_folders.append(path)
    if folder.is_symlink() and not folder.exists():
        raise ValueError(f"{folder}: must be a new or empty folder, or a run to continue; it is a link to nothing")
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder}: must be a new or empty folder, or a run to continue; it is no folder")


def _remove(new_folders: list[Path]) -> None:
    """Remove new folders from the innermost; one that holds something is kept."""
    for path in reversed(new_folders):
        with suppress(OSError):
            path.rmdir()
