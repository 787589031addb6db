"""Formats of logs, and which of them files are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..nearest_names import nearest
from ..predictions.pairs import Pairs
from ..predictions.predictions import Predictions
from ..predictions.verdicts import Verdicts
from .decision_logs.index import DECISION_INDEX
from .decision_logs.jevbench import JEVBENCH
from .evals_logs.reading import EVALS
from .every_eval_logs.reading import EVERY_EVAL_EVER
from .format import Format
from .graded_answers import GradedAnswers
from .helm_logs.reading import HELM
from .inspect_logs.reading import INSPECT
from .letter_csv import CSV
from .lighteval_logs.reading import LIGHTEVAL
from .lm_eval_logs.reading import LM_EVAL
from .log import CONTENTS, Log
from .options import LogOptions
from .source import Progress, Source, naming
from .stored_run import STORED
from .table import TABLE
from .tasks import of_task, shown_paths

FORMATS: tuple[Format, ...] = (
    CSV,
    INSPECT,
    EVALS,
    HELM,
    LM_EVAL,
    LIGHTEVAL,
    EVERY_EVAL_EVER,
    DECISION_INDEX,
    JEVBENCH,
    STORED,
    TABLE,
)
# Contents of which an option may decide the numbers.
_USED_BY: dict[str, frozenset[type]] = {
    "normalize": frozenset({Predictions}),
    "partial": frozenset({GradedAnswers, Pairs, Verdicts}),
}
_BY_NAME = {known.name: known for known in FORMATS}


def format_names() -> list[str]:
    """What ``--format`` takes."""
    return ["auto", *_BY_NAME]


def read_logs(
    paths: Sequence[Path], *, format: str = "auto", options: LogOptions, progress: Progress | None = None
) -> list[Log]:
    """Read the logs in files and folders.

    Parameters
    ----------
    paths : sequence of Path
        Files, or folders with all files in them.
    format : str
        A name of a format; ``auto`` decides by content.
    options : LogOptions
        What to take where a log leaves a choice.
    progress : callable, optional
        Called with the bytes that were read and those of the file.

    Raises
    ------
    ValueError
        For an unknown format, files of no or several formats, an option that means nothing to the format, a task that
        no log has, and everything that the format's reader refuses.
    FileNotFoundError
        If a path does not exist.
    """
    sources = _sources(paths, progress)
    chosen, taken = _decided(sources) if format == "auto" else (_named(format), sources)
    options.refuse_idle(chosen.name, chosen.options)
    files = tuple(source.path for source in taken)
    with naming(*map(str, files)):
        logs = [log if log.files else replace(log, files=files) for log in chosen.read(taken, options)]
    wanted = list(of_task(logs, options.task, lambda log: log.task, paths=paths))
    _refuse_without_use(wanted, options, paths)
    return wanted


def _refuse_without_use(logs: Sequence[Log], options: LogOptions, paths: Sequence[Path]) -> None:
    """Raise for an option that decides nothing in any of the logs."""
    held = {type(log.content) for log in logs}
    without = [name for name, kinds in _USED_BY.items() if not held & kinds]
    got = " and ".join(CONTENTS[kind] for kind in CONTENTS if kind in held)
    options.refuse_without_use(without, where=shown_paths(paths), got=got)


def _sources(paths: Sequence[Path], progress: Progress | None) -> list[Source]:
    if not paths:
        raise ValueError("at least one log must be given")
    files: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith("."))
            if not inside:
                raise ValueError(f"{path}: the folder is empty")
            files |= dict.fromkeys(inside)
        elif path.is_file():
            files[path] = None
        else:
            raise FileNotFoundError(f"no such file: {path}")
    return [Source(file, progress) for file in files]


def _named(name: str) -> Format:
    if name not in _BY_NAME:
        raise ValueError(
            f"the format must be one of {', '.join(format_names())}, got {name!r}{nearest(name, _BY_NAME)}"
        )
    return _BY_NAME[name]


def _decided(sources: Sequence[Source]) -> tuple[Format, list[Source]]:
    """The format of files, and those that are of it.

    Others in a folder are passed over.
    """
    by_format: dict[str, list[Source]] = {}
    for source in sources:
        names = [known.name for known in FORMATS if not known.last and known.recognises(source)]
        if len(names) > 1:
            raise ValueError(f"{source.path}: may be {' or '.join(names)}; say which with --format (format= in Python)")
        if names:
            by_format.setdefault(names[0], []).append(source)
    if not by_format:
        by_format = {
            known.name: taken
            for known in FORMATS
            if known.last and (taken := [source for source in sources if known.recognises(source)])
        }
    if not by_format:
        for source in sources:
            source.refuse_other_encoding()
        formats = "; ".join(f"{known.name}: {known.what}" for known in FORMATS)
        raise ValueError(
            f"{shown_paths([source.path for source in sources])}: a log of no known format; looked for {formats}"
        )
    if len(by_format) > 1:
        (first, ones), (second, others), *_ = by_format.items()
        raise ValueError(
            f"files of several formats: {ones[0].path} is {first}, {others[0].path} is {second}; say which with "
            "--format (format= in Python)"
        )
    ((name, taken),) = by_format.items()
    return _BY_NAME[name], taken
