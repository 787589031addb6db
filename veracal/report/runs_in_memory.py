"""Runs in memory as the run folders that a report reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import polars as pl

from calibration import Pairs, Predictions, Verdicts
from calibration.files.digest import digest
from calibration.logs.run_folders import write_rows
from calibration.runs.run_kinds import PAIRS, PREDICTIONS, VERDICTS, RunKind
from factuality import Judgments, MultipleChoice, Responses
from factuality.answers.responses import RESPONSES
from factuality.answers.run_results import write_results
from factuality.grading.judgments import SCHEMA
from factuality.multiple_choice.likelihoods import MULTIPLE_CHOICE
from factuality.questions.question import BareQuestion, Question, question_table
from factuality.words import split_words

from .run_names import FoundRun

RunInMemory = Predictions | Pairs | Verdicts | Judgments | MultipleChoice

_KINDS: dict[type, RunKind] = {Predictions: PREDICTIONS, Pairs: PAIRS, Verdicts: VERDICTS}
_MEMORY = {"source": "memory", "format": "memory"}


def run_folders(runs: Sequence[str | Path | RunInMemory], folder: Path) -> list[Path | FoundRun]:
    """Run folders, those of runs in memory written into a folder.

    Scores by likelihood stay in memory.

    Raises
    ------
    TypeError
        For a run that is neither a path nor predictions, pairs, verdicts, judgments or scores by likelihood.
    """
    return [
        Path(run) if isinstance(run, str | Path) else _given(run, folder / f"run-{number}")
        for number, run in enumerate(runs, start=1)
    ]


def _given(run: RunInMemory, path: Path) -> Path | FoundRun:
    if isinstance(run, MultipleChoice):
        return _scores(run, path)
    if isinstance(run, Judgments):
        return _answers(run, path)
    kind = _KINDS.get(type(run))
    if kind is None:
        raise TypeError(
            "a report is made of run folders, Predictions, Pairs, Verdicts, Judgments and MultipleChoice, got "
            f"{type(run).__name__}"
        )
    model = run.model or path.name
    settings = {"model": model, **_MEMORY, "file": digest(run.frame.write_json())}
    write_rows(run.frame.with_columns(model=pl.lit(model)), path, settings, kind=kind)
    return path


def _scores(run: MultipleChoice, path: Path) -> FoundRun:
    """Scores by likelihood, which no folder holds without the likelihoods."""
    first = run.frame.row(0, named=True)
    settings = {"model": first["model"] or path.name, **_MEMORY, "primer": first["primer"]}
    manifest = {"kind": MULTIPLE_CHOICE.name, "settings": settings, "n_items": run.n_questions, "packages": {}}
    return FoundRun(path, manifest, run)


def _answers(run: Judgments, path: Path) -> Path:
    """A folder with graded answers, and their judgments beside them."""
    model = run.model or path.name
    frame = run.frame.with_columns(model=pl.lit(model))
    questions = {row["question"]: _question(row) for row in frame.iter_rows(named=True)}
    unknown = [name for name in RESPONSES.schema if name not in frame.columns]
    given = frame.with_columns(pl.lit(None, dtype=RESPONSES.schema[name]).alias(name) for name in unknown)
    given = given.with_columns(revision=pl.lit(""), prompt=pl.lit(""))
    # As answers are read: without thoughts and outer blanks.
    responses = Responses(given.select(list(RESPONSES.schema)), tuple(questions.values()))
    grader = str(frame["grader"][0])
    settings = {"model": model, **_MEMORY, "file": digest(frame.select(list(SCHEMA)).write_json()), "grader": grader}
    write_rows(
        responses.frame.select(list(RESPONSES.schema)),
        path,
        settings,
        kind=RESPONSES,
        texts=question_table(responses.questions),
    )
    judged = frame.with_columns(responses.frame["response"])
    write_results(judged, path / "judgments" / f"{quote(grader, safe='')}.parquet")
    return path


def _question(row: dict[str, str]) -> Question:
    """The question of an answer, with its ideal answer if that holds a word."""
    kind = Question if split_words(row["ideal"]) else BareQuestion
    correct = (row["ideal"],) if kind is Question else ()
    return kind(row["question"], row["category"], row["text"] or row["question"], correct, (), adversarial=False)
