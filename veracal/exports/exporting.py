"""Run folders written as files of other formats."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO

from calibration.nearest_names import nearest

from .changed_columns import export_remarks
from .export_format import ExportFormat, ExportOptions
from .formats import EXPORT_FORMATS
from .run_contents import BARE, RunContent, read_content

_GRADE_FIRST = ", or be graded first: veracal grade RUN"


@dataclass(frozen=True, kw_only=True)
class Export:
    """What an export wrote.

    Attributes
    ----------
    run : RunContent
        The run.
    format : str
        Name of the format.
    files : tuple of Path
        The files; none if it went into an open file.
    remarks : tuple of str
        What the format does not hold of the run, a line each.
    """

    run: RunContent
    format: str
    files: tuple[Path, ...] = ()
    remarks: tuple[str, ...] = ()


def export_run(
    run: str | Path,
    out: str | Path,
    *,
    format: str | None = None,
    grader: str | None = None,
    rubric: str | None = None,
    task: str | None = None,
    dataset: str | None = None,
    dataset_task: str | None = None,
    organization: str | None = None,
    source: str | None = None,
    variant: str | None = None,
    replace: bool = False,
) -> Export:
    r"""Write a run folder as files of another format.

    Parameters
    ----------
    run : str or Path
        The run folder, of any kind that the format can hold.
    out : str or Path
        The file to write, or the folder for a format of several files.
    format : str, optional
        ``csv``, ``jsonl`` or ``parquet``, of which `import_logs` makes the same run again; or another that
        ``veracal export --list`` shows. If omitted, by the suffix of `out`.
    grader : str, optional
        Of graded answers: whose verdicts, if several graders judged them.
    rubric : str, optional
        Of free answers: title of the rubric whose classes are written in place of verdicts.
    task, dataset, dataset_task, organization, source : str, optional
        Of ``every-eval-ever`` and ``eval-results``: name of the evaluation, id of the data set and of its task on the
        hub, who provides the results, a page about them.
    variant : {"mc1", "mc2", "binary"}, optional
        Of ``eval-results`` of TruthfulQA's multiple choice: which score it is.
    replace : bool
        Whether a file that exists is replaced.

    Raises
    ------
    ValueError
        For an unknown format, one that cannot hold what the run holds or takes no such option, and a run that cannot
        be read.
    FileExistsError
        For a file that exists, unless it is to be replaced.
    FileNotFoundError
        If there is no run, or it was not graded so.

    Examples
    --------
    >>> import tempfile
    >>> from veracal import import_logs
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "log.csv").write_text("logit_A,logit_B,answer\n1.5,0.5,A\n")
    >>> _ = import_logs(folder / "log.csv", folder / "run")
    >>> export_run(folder / "run", folder / "run.jsonl").run.n_rows
    1
    """
    target = Path(out)
    chosen = _chosen(format, target)
    options = ExportOptions(
        task=task, dataset=dataset, dataset_task=dataset_task, organization=organization, source=source,
        variant=variant, replace=replace,
    )  # fmt: skip
    options.refuse_idle(chosen.name, chosen.options)
    content = _content(Path(run), chosen, grader, rubric)
    try:
        files = chosen.write(content, target, options)
    except ValueError as error:
        raise error if str(target) in str(error) else ValueError(f"{run}: {error}") from None
    remarks = export_remarks(content, chosen)
    return Export(run=content, format=chosen.name, files=tuple(files), remarks=remarks)


def export_to(
    run: Path, file: IO[bytes], *, format: str, grader: str | None = None, rubric: str | None = None
) -> Export:
    """Write a run into an open file, such as standard output.

    Raises
    ------
    ValueError, FileNotFoundError
        As `export_run`; for a format of several files.
    """
    chosen = _chosen(format, None)
    if chosen.stream is None:
        raise ValueError(f"{chosen.name} cannot be written to standard output: give a path (--out PATH)")
    content = _content(run, chosen, grader, rubric)
    chosen.stream(content, file)
    return Export(run=content, format=chosen.name, remarks=export_remarks(content, chosen))


def _chosen(name: str | None, target: Path | None) -> ExportFormat:
    if name is not None:
        if name not in EXPORT_FORMATS:
            names = ", ".join(EXPORT_FORMATS)
            raise ValueError(f"the format must be one of {names}, got {name!r}{nearest(name, EXPORT_FORMATS)}")
        return EXPORT_FORMATS[name]
    suffix = "" if target is None else target.suffix
    chosen = next((known for known in EXPORT_FORMATS.values() if suffix and known.suffix == suffix), None)
    if chosen is None:
        raise ValueError(f"{target}: no format has this suffix; say which with --format (format= in Python)")
    return chosen


def _content(run: Path, chosen: ExportFormat, grader: str | None, rubric: str | None) -> RunContent:
    """What a run holds, unless the format cannot hold it."""
    content = read_content(run, grader=grader, rubric=rubric)
    if content.kind not in chosen.kinds:
        able = ", ".join(known.name for known in EXPORT_FORMATS.values() if content.kind in known.kinds)
        raise ValueError(
            f"{run}: {chosen.name} cannot hold a run of {content.kind}, only of {' or '.join(chosen.kinds)}; it can be "
            f"written as {able}{_GRADE_FIRST if content.kind == BARE else ''}"
        )
    return content
