"""The application: command line and report, on top of `calibration`, `factuality` and `plots`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

__all__ = ["write_report"]


def write_report(runs: Sequence[str | Path], path: str | Path, *, labels: tuple[str, str] | None = None) -> None:
    r"""Write the report of a pair of runs as one self-contained HTML page.

    Parameters
    ----------
    runs : sequence of two paths
        Run folders, before and after.
    path : str or Path
        The page; its folder is made where it is missing.
    labels : pair of str, optional
        What to call the runs; the models' names where absent.

    Raises
    ------
    ValueError
        For another number of runs, or runs on other items.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from calibration import import_log
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> rows = "".join(f"{number % 3},1,{'AB'[number % 2]}\n" for number in range(30))
    >>> _ = (folder / "log.csv").write_text("logit_A,logit_B,answer\n" + rows)
    >>> _ = import_log(folder / "log.csv", out=folder / "run")
    >>> write_report([folder / "run", folder / "run"], folder / "page.html", labels=("before", "after"))
    >>> (folder / "page.html").read_text()[:15]
    '<!doctype html>'
    """
    from .report import write_page

    write_page(runs, path, labels=labels)
