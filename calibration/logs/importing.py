"""Imports: logs of other tools, without a model."""

from __future__ import annotations

from pathlib import Path

from typing_extensions import Unpack

from ..predictions.predictions import Predictions
from .formats import read_logs
from .log import CONTENTS
from .options import GivenOptions, LogOptions
from .run_folders import write_log


def import_log(
    path: str | Path,
    *,
    format: str = "auto",
    out: str | Path | None = None,
    **options: Unpack[GivenOptions],
) -> Predictions:
    r"""Predictions from a log of another tool.

    Parameters
    ----------
    path : str or Path
        A file, or a folder with all files of one log.
    format : str
        ``auto``, which decides by content; or a name that ``veracal import --list`` shows. *csv*: a header with
        ``answer``, with columns of scores, and, if there are any, ``subject``, ``index`` and ``id``. Scores are
        ``logit_A``, ``logit_B``, … (any real numbers), ``prob_A``, … (probabilities that sum to 1) or ``logprob_A``, …
        (natural log-probabilities of the letters in one context, which may sum to less). The id is ``subject/index``,
        else ``id``, else the row number from 0. The last letters of a row may be empty if an item has fewer options.
        Names may be in any case, cells may be separated by semicolons, tabs or ``|``, and numbers may have decimal
        commas throughout. Digits as answers are the numbers of columns ``option_1``, … if there are any, and a column
        ``correct`` must be what the scores say.
    out : str or Path, optional
        Run folder to write; it appears only when the whole log was read.
    **options
        What to take where a log leaves a choice, as in `calibration.logs.options.LogOptions`: ``task``, ``model``,
        ``normalize``, ``filter``, ``scorer``, ``metric``, ``split``, ``epoch``, ``partial``, ``answers``, ``scale``.

    Returns
    -------
    Predictions
        Log-softmax over the letters, the letter mass unknown; log-probabilities as they are, with their sum as the
        letter mass; one of -1000 or less is unknown and becomes an upper bound.

    Raises
    ------
    ValueError
        For missing columns, rows of several models, a letter beyond the options, answers that may count from 0 or 1,
        scores that are no finite numbers or not of their kind (probabilities under the name of logits), repeated ids,
        an empty subject or file, a choice that is left
        open, a log without a score of every option, which `veracal.import_logs` reads; the message names file and line.
    FileNotFoundError
        If there is no such file.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "log.csv"
    >>> _ = path.write_text("subject,index,logit_A,logit_B,answer\nhistory,0,1.5,0.5,A\n")
    >>> import_log(path).item.tolist()
    ['history/0']
    """
    logs = read_logs([Path(path)], format=format, options=LogOptions(**options))
    if len(logs) > 1:
        names = ", ".join(" ".join(filter(None, (log.task, log.model, log.date))) for log in logs)
        raise ValueError(f"{path}: holds several logs: {names}; name one with task=, or take veracal.import_logs")
    log = logs[0]
    if not isinstance(log.content, Predictions):
        raise ValueError(
            f"{path}: holds {CONTENTS[type(log.content)]}, and no score of every option; veracal.import_logs reads it"
        )
    if out is not None:
        write_log(log, Path(out))
    return log.content
