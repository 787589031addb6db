"""Judgments and classes beside the answers of a run: of these answers, or refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from calibration.files.atomic import write_parquet
from calibration.runs.locks import LOCK, locked
from factuality import Question, classify, grade, read_classifications, read_judgments
from factuality.answers import run_results
from tests import tiny
from tests.conftest import KEPT
from tests.factuality.rubrics.kept_rubric import RUBRIC

JUDGMENTS, CLASSES = "judgments/match.parquet", "rubrics/Refusals@tiny-llama.parquet"
Read = Callable[[Path], pl.DataFrame]
READERS: dict[str, Read] = {
    JUDGMENTS: lambda run: read_judgments(run, grader="match").frame,
    CLASSES: lambda run: read_classifications(run, RUBRIC, judge="tiny-llama").frame,
}


@pytest.fixture(params=READERS)
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A table in a kept run."""
    name = str(request.param)
    return Path(shutil.copytree(KEPT / ("graded" if name == JUDGMENTS else "rubric"), tmp_path / "run")) / name


def read(file: Path) -> pl.DataFrame:
    run = file.parent.parent
    return READERS[str(file.relative_to(run))](run)


def test_kept_results_are_read(file: Path) -> None:
    assert read(file).height == 24


CHANGES: dict[str, tuple[Callable[[pl.DataFrame], pl.DataFrame], str]] = {
    "model": (
        lambda frame: frame.with_columns(model=pl.lit("base")),
        r"question '.*', sample 0: the model must be that of the run's answer, 'rl', got 'base'",
    ),
    "response": (
        lambda frame: frame.with_columns(response=pl.lit("blue")),
        r"question '.*', sample 0: the response must be that of the run's answer, 'Pazimar', got 'blue'",
    ),
    "question": (
        lambda frame: frame.with_columns(question=pl.lit("x") + pl.col("question")),
        r"question 'x.*', sample 0: the model must be that of the run's answer, None, got 'rl'",
    ),
    "sample": (
        lambda frame: frame.with_columns(sample=pl.lit(1, pl.Int32)),
        r"question '.*', sample 1: the model must be that of the run's answer, None, got 'rl'",
    ),
    "lost": (lambda frame: frame[:20], r"holds 20 of 24 answers"),
    "twice": (lambda frame: pl.concat([frame, frame]), r"each answer must occur once"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_results_of_other_answers_are_refused(name: str, file: Path) -> None:
    """As they would be in a folder into which another run's were copied."""
    change, message = CHANGES[name]
    write_parquet(change(read(file)), file)
    with pytest.raises(ValueError, match=rf"{file.name}: .*{message}"):
        read(file)


def test_results_of_another_grader_or_judge_are_refused(file: Path) -> None:
    column, wanted = ("grader", "match") if "judgments" in file.parts else ("judge", "tiny-llama")
    write_parquet(read(file).with_columns(pl.lit("other").alias(column)), file)
    with pytest.raises(ValueError, match=rf"{file.name}: the {column} must be '{wanted}', got 'other'; "):
        read(file)


def test_results_without_their_checksum_are_refused(file: Path) -> None:
    pl.read_parquet(file).write_parquet(file)
    with pytest.raises(ValueError, match=rf"{file.name}: must carry its checksum, and does not"):
        read(file)


@pytest.mark.parametrize("damage", [lambda raw: raw[: len(raw) // 2], lambda raw: raw[:-3000] + b"x" * 3000])
def test_damaged_results_are_refused_by_name(damage: Callable[[bytes], bytes], file: Path) -> None:
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ValueError, match=rf"{file.name}: not readable (judgments|classifications) \("):
        read(file)


def test_answers_are_not_graded_while_they_come_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_results, "_PATIENCE", 0.0)
    run = Path(shutil.copytree(KEPT / "answers", tmp_path / "run"))
    with locked(run):
        with pytest.raises(ValueError, match="another process is writing to this run; wait for it"):
            grade(run, grader="match")
        with pytest.raises(ValueError, match="another process is writing to this run; wait for it"):
            classify(run, RUBRIC, judge=tiny.model())
    assert grade(run, grader="match").n_answers == 24
    assert sorted(path.name for path in run.iterdir()) == ["judgments", "parts", "questions.parquet", "run.json", LOCK]


def test_a_folder_without_a_run_is_left_as_it_was(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no run here"):
        grade(tmp_path / "absent", grader="match")
    assert not (tmp_path / "absent").exists()


def test_results_are_not_written_through_a_link(tmp_path: Path) -> None:
    run = Path(shutil.copytree(KEPT / "answers", tmp_path / "run"))
    (tmp_path / "mine").mkdir()
    (run / "judgments").symlink_to(tmp_path / "mine")
    with pytest.raises(ValueError, match="judgments: must be a folder of the run's own, got a link; remove it"):
        grade(run, grader="match")
    assert list((tmp_path / "mine").iterdir()) == []


def test_other_references_grade_the_same_answers(tmp_path: Path) -> None:
    """The answers are what must be equal: references may be others."""
    run = Path(shutil.copytree(KEPT / "answers", tmp_path / "run"))
    judged = grade(run, grader="match").frame
    references = [
        Question(row["question"], "all", row["text"], ("none of these",), ("another",))
        for row in judged.iter_rows(named=True)
    ]
    again = grade(run, references, grader="match").frame
    assert read_judgments(run, grader="match").frame.equals(again)
    assert set(again["ideal"]) == {"none of these"}
