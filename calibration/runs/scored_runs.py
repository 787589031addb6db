"""Run folders whose answers are right or wrong, read as what they hold."""

from __future__ import annotations

from pathlib import Path

from ..predictions.pairs import Pairs
from ..predictions.scored_runs import ScoredRun
from ..predictions.verdicts import Verdicts
from .folder import Run
from .run_kinds import PAIRS, PREDICTIONS, VERDICTS


def read_scored_run(path: str | Path) -> ScoredRun:
    r"""Read a run folder of predictions, pairs or verdicts.

    Parameters
    ----------
    path : str or Path
        A folder that ``veracal extract`` or ``veracal import`` made.

    Returns
    -------
    Predictions, Pairs or Verdicts
        In the order of the items; of a run that asked several orders of options, the mean over them.

    Raises
    ------
    FileNotFoundError
        Where there is no run.
    ValueError
        Where it holds something else, no answers yet, or cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from calibration import import_log
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "log.csv").write_text("logit_A,logit_B,answer\n1.5,0.5,A\n")
    >>> _ = import_log(folder / "log.csv", out=folder / "run")
    >>> type(read_scored_run(folder / "run")).__name__
    'Predictions'
    """
    folder = Path(path)
    kind = Run(folder).manifest["kind"]
    if kind not in (PAIRS.name, VERDICTS.name):
        return Run(folder, PREDICTIONS).averaged()
    try:
        if kind == PAIRS.name:
            return Pairs(Run(folder, PAIRS).ordered())
        return Verdicts(Run(folder, VERDICTS).ordered())
    except ValueError as error:
        message = str(error)
        raise ValueError(message if message.startswith(str(folder)) else f"{folder}: {message}") from None
