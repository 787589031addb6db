"""Free answers of a run folder: graded, in classes, or as they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from calibration.logs.graded_answers import OF_ANSWERS, BareAnswers
from calibration.runs.folder import Run
from factuality import Judgments, read_judgments, read_responses
from factuality.answers.cut_answers import without_thoughts
from factuality.answers.responses import RESPONSES, Responses
from factuality.answers.run_results import read_results, refuse_other_answers
from factuality.grading.grading import list_graders, own_verdicts
from factuality.questions.question import question_table
from factuality.rubrics.classifications import list_classes


@dataclass(frozen=True, kw_only=True)
class FreeAnswers:
    """Free answers of a run.

    Attributes
    ----------
    content : Judgments or BareAnswers
        Graded answers; or answers, with classes of a rubric or without.
    rows : polars.DataFrame
        The answers as the run holds them, in the order of the content.
    texts : polars.DataFrame
        The questions.
    model : str
        Name of the model.
    left_out : tuple of str
        What the folder holds beside the content.
    """

    content: Judgments | BareAnswers
    rows: pl.DataFrame
    texts: pl.DataFrame
    model: str
    left_out: tuple[str, ...]


def free_answers(path: Path, *, grader: str | None, rubric: str | None) -> FreeAnswers:
    """Answers of a run with one grader's verdicts or one rubric's classes.

    Parameters
    ----------
    path : Path
        The folder.
    grader : str or None
        Whose judgments; those that the run was imported with, or the only ones, if neither is named.
    rubric : str or None
        Title of the rubric whose classes are taken instead; the only ones if there are no judgments.

    Raises
    ------
    FileNotFoundError, ValueError
        As `veracal.exports.run_contents.read_content`.
    """
    if grader is not None and rubric is not None:
        raise ValueError(f"{path}: an export holds the verdicts of a grader or the classes of a rubric; name one")
    responses, graders, classes = read_responses(path), list_graders(path), list_classes(path)
    rows = _as_written(path, responses)
    content: Judgments | BareAnswers
    chosen: tuple[str, str] | None = None
    if rubric is not None or (grader is None and not graders and classes):
        chosen = _only_classes(path, list(classes), rubric)
        content = _classified(path, responses, rows, classes[chosen], title=chosen[0])
        graders_left = graders
    elif grader is not None or graders:
        content = read_judgments(path, grader=own_verdicts(path) if grader is None else grader)
        graders_left = [name for name in graders if name != content.frame["grader"][0]]
        rows = content.frame.select("question", "sample").join(
            rows, on=["question", "sample"], how="left", maintain_order="left"
        )
    else:
        content, graders_left = BareAnswers(_answers(responses, rows)), []
    left_out = [f"verdicts of {name} (--grader {name})" for name in graders_left]
    left_out += [
        f"classes of {title} by {judge} (--rubric {title})" for title, judge in classes if (title, judge) != chosen
    ]
    return FreeAnswers(
        content=content, rows=rows, texts=question_table(responses.questions), model=str(responses.frame["model"][0]),
        left_out=tuple(left_out),
    )  # fmt: skip


def _as_written(path: Path, responses: Responses) -> pl.DataFrame:
    """Answers of a run, also with the confidences that their texts state."""
    folder = Run(path, RESPONSES)
    if not folder.manifest["settings"].get("state_confidence"):
        return responses.frame.drop("stated_confidence")
    written = without_thoughts(folder.ordered()).select("question", "sample", written="response")
    rows = responses.frame.drop("stated_confidence")
    return rows.join(written, on=["question", "sample"], how="left", maintain_order="left")


def _answers(responses: Responses, rows: pl.DataFrame) -> pl.DataFrame:
    """Answers with the texts of what was asked."""
    texts = question_table(responses.questions).rename({"correct": "references"})
    known = ["question", "sample", "response", *(name for name in OF_ANSWERS if name in rows.columns)]
    joined = rows.select(known).join(texts, on="question", how="left", maintain_order="left")
    return joined.rename({"question": "item", "text": "question"})


def _only_classes(path: Path, known: list[tuple[str, str]], rubric: str | None) -> tuple[str, str]:
    of_rubric = [pair for pair in known if rubric in (None, pair[0])]
    if not of_rubric:
        titles = ", ".join(title for title, _ in known) or "none"
        raise FileNotFoundError(f"{path}: no classes of a rubric {rubric!r}; there are: {titles}")
    if len(of_rubric) > 1:
        names = ", ".join(f"{title} by {judge}" for title, judge in of_rubric)
        raise ValueError(f"{path}: several tables of classes: {names}; name the rubric (--rubric TITLE)")
    return of_rubric[0]


def _classified(path: Path, responses: Responses, rows: pl.DataFrame, file: Path, *, title: str) -> BareAnswers:
    table = read_results(file, what="classifications")
    try:
        refuse_other_answers(table, path)
    except ValueError as error:
        raise ValueError(f"{file}: {error}; classify the run again") from None
    classes = table.select(
        "question", "sample", "class", "probability", "probabilities", "letter_mass", "flipped", "judge", "rubric",
        pl.lit(title).alias("rubric_title"), "reason",
        *(["judge_model"] if "judge_model" in table.columns else [pl.lit(None, dtype=pl.String).alias("judge_model")]),
    ).rename({"question": "item"})  # fmt: skip
    return BareAnswers(
        _answers(responses, rows).join(classes, on=["item", "sample"], how="left", maintain_order="left")
    )
