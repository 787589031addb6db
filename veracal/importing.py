"""Logs of other tools, written into run folders."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import Unpack

from calibration import Pairs, Predictions, Verdicts
from calibration.files.file_names import distinct_names
from calibration.logs.answer_likelihoods import AnswerLikelihoods
from calibration.logs.formats import read_logs
from calibration.logs.graded_answers import BareAnswers, GradedAnswers
from calibration.logs.log import Log
from calibration.logs.options import GivenOptions, LogOptions
from calibration.logs.run_folders import write_log
from factuality import Judgments, MultipleChoice, Responses
from factuality.logs.answer_likelihoods import write_likelihoods
from factuality.logs.graded_answers import write_answers, write_bare_answers

Result = Predictions | Pairs | Verdicts | Judgments | Responses | MultipleChoice


@dataclass(frozen=True, kw_only=True)
class ImportedRun:
    """A log that became a run folder.

    Attributes
    ----------
    path : Path
        The folder.
    log : Log
        What was read: format, task, model, remarks.
    result : Predictions, Pairs, Verdicts, Judgments, Responses or MultipleChoice
        What it holds.
    """

    path: Path
    log: Log
    result: Result

    @property
    def n_items(self) -> int:
        """Number of items, questions or answers."""
        content = self.result
        if isinstance(content, Judgments):
            return content.n_answers
        if isinstance(content, Responses):
            return content.frame.height
        return content.n_questions if isinstance(content, MultipleChoice) else content.n_items


def import_logs(
    sources: str | Path | Sequence[str | Path],
    out: str | Path,
    *,
    format: str = "auto",
    progress: Callable[[int, int], None] | None = None,
    **options: Unpack[GivenOptions],
) -> list[ImportedRun]:
    r"""Make run folders of logs of other tools.

    Parameters
    ----------
    sources : path or sequence of paths
        Files, or folders with all files in them.
    out : str or Path
        The run folder; if there are several tasks, models or dates, the folder that a run folder for each lies in.
    format : str
        ``auto``, which decides by content; or a name that ``veracal import --list`` shows.
    progress : callable, optional
        Called with the bytes that were read and those of the file.
    **options
        What to take where a log leaves a choice, as in `calibration.import_log`.

    Returns
    -------
    list of ImportedRun
        A run a task, model and date.

    Raises
    ------
    ValueError
        As `calibration.import_log`.
    FileNotFoundError
        If a path does not exist.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "log.csv").write_text("logit_A,logit_B,answer\n1.5,0.5,A\n")
    >>> [run.n_items for run in import_logs(folder / "log.csv", folder / "run")]
    [1]
    """
    paths = [Path(path) for path in ([sources] if isinstance(sources, str | Path) else sources)]
    logs = read_logs(paths, format=format, options=LogOptions(**options), progress=progress)
    folders = [Path(out)] if len(logs) == 1 else [Path(out) / name for name in folder_names(logs)]
    return [
        ImportedRun(path=folder, log=log, result=_written(log, folder))
        for log, folder in zip(logs, folders, strict=True)
    ]


def _written(log: Log, out: Path) -> Result:
    content = log.content
    if isinstance(content, GradedAnswers):
        return write_answers(log, content, out)
    if isinstance(content, BareAnswers):
        return write_bare_answers(log, content, out)
    if isinstance(content, AnswerLikelihoods):
        return write_likelihoods(log, content, out)
    write_log(log, out)
    return content


def folder_names(logs: Sequence[Log]) -> Iterator[str]:
    """A name a log: task, then model and date if they differ.

    Raises
    ------
    ValueError
        For logs that nothing tells apart.
    """
    several = {name: len({getattr(log, name) for log in logs}) > 1 for name in ("model", "date")}
    named: dict[tuple[str, ...], Log] = {}
    for log in logs:
        parts = (log.task or log.format, *(getattr(log, name) for name, differs in several.items() if differs))
        if named.setdefault(parts, log) is not log:
            raise ValueError(
                f"two logs are of task {log.task!r}, model {log.model!r} and date {log.date!r}; import each alone"
            )
    yield from distinct_names(list(named), otherwise=logs[0].format)
