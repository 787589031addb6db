"""Grading: responses and references to judgments."""

from __future__ import annotations

import math
import shlex
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl

from calibration.files.file_names import is_cut, quoted_name
from calibration.models.protocol import Model
from calibration.nearest_names import nearest
from calibration.predictions.further_columns import further_columns
from calibration.runs.folder import Run
from calibration.runs.manifests import RUN_FILE, shown

from ..answers.cut_answers import CutAnswers, why_missing
from ..answers.responses import RESPONSES, Responses
from ..answers.run_results import read_results, refuse_other_answers, settled_responses, write_results
from ..questions.question import Question, unique_questions
from .graders import Grader, grader_identity, needs_answers
from .graders.human import Human
from .graders.loading import is_model, load_grader
from .judgments import SCHEMA, Judgments, Verdict

_BARE = "no right answer is known"


def grade(
    responses: Responses | str | Path,
    questions: Sequence[Question] | None = None,
    *,
    grader: str | Grader | Model = "combined",
) -> Judgments:
    """Grade free-form answers.

    Parameters
    ----------
    responses : Responses or path
        From `ask`; or the run folder that it made, into which the judgments are then written
        (``judgments/GRADER.parquet``, the name percent-encoded).
    questions : sequence of Question, optional
        Other references for the questions that were asked; those that the responses came with if omitted.
    grader : str or Grader or Model
        How answers are compared with references: a name that `factuality.load_grader` knows, the grader, or a model
        that judges.

    Returns
    -------
    Judgments
        One row an answer, in their order. ``confidence`` is the stated confidence if there is one (``confidence_kind``
        ``"stated"``), else the probability of the whole answer under the model (``"sequence"``), behind its thoughts
        if it has any; null for recorded answers. An answer that was cut off in its thoughts, or before its first
        word, is ``ungraded`` by every grader.

    Raises
    ------
    ValueError
        For an unknown grader, questions that lack one that was answered, a folder that holds no answers, questions of
        which no right answer is known, unless the grader needs none (``human:FILE``).

    Examples
    --------
    >>> question = Question("sun/0", "science", "What colour is the Sun?", ("white",), ("yellow",))
    >>> answers = Responses.from_texts({"sun/0": "It is white."}, [question])
    >>> grade(answers, grader="match").frame["grade"].to_list()
    ['correct']
    """
    answers = responses if isinstance(responses, Responses) else settled_responses(responses)
    asked = answered_questions(answers, questions)
    judge = load_grader(grader) if isinstance(grader, str) or is_model(grader) else grader
    if needs_answers(judge):
        refuse_bare(asked, judge.spec)
    verdicts = _verdicts(judge, answers.frame, asked)
    CutAnswers.of(answers.frame).warn(stacklevel=2)
    if isinstance(judge, Human):
        judge.warn_of_other_questions(answers.questions, stacklevel=2)
    identity = grader_identity(judge)
    rows = [
        _row(answer, question, verdict, judge.spec, identity)
        for answer, question, verdict in zip(answers.frame.iter_rows(named=True), asked, verdicts, strict=True)
    ]
    further = further_columns([question.columns for question in asked], besides=SCHEMA)
    judgments = Judgments(pl.DataFrame(rows, schema=SCHEMA).with_columns(further))
    if not isinstance(responses, Responses):
        file = _file(Path(responses), judge.spec)
        _look_at_replaced(file, judgments)
        write_results(judgments.frame, file)
    return judgments


def answered_questions(answers: Responses, questions: Sequence[Question] | None = None) -> list[Question]:
    """The question of each answer, with its references.

    Parameters
    ----------
    answers : Responses
        The answers.
    questions : sequence of Question, optional
        Other references for the questions that were asked; those that the answers came with if omitted.

    Raises
    ------
    ValueError
        For an answer to none of them.
    """
    references = {
        question.id: question for question in unique_questions(answers.questions if questions is None else questions)
    }
    asked = []
    for name in answers.frame["question"]:
        if name not in references:
            raise ValueError(f"no references for question {name!r}, which was answered")
        asked.append(references[name])
    return asked


def refuse_bare(asked: Sequence[Question], grader: str) -> None:
    """Raise if no question has a right answer that a grader could compare with.

    Raises
    ------
    ValueError
        With the name of the grader.
    """
    if asked and not any(question.correct for question in asked):
        raise ValueError(
            f"{grader} compares answers with right ones, and the {len(asked)} questions come without any, such as "
            f"{shown(asked[0].id)}; give them (--questions FILE, questions= in Python), or verdicts of people "
            "(human:FILE)"
        )


def read_judgments(run: str | Path, *, grader: str | None = None) -> Judgments:
    """Read the judgments that `grade` wrote into a run folder.

    Parameters
    ----------
    run : str or Path
        The folder.
    grader : str, optional
        Whose judgments; if omitted, the only ones in the folder.

    Raises
    ------
    FileNotFoundError
        If there is no run, or it was not graded by this grader.
    ValueError
        If several graders judged the answers and none is named, the file cannot be read, it is of other answers or of
        another grader, or answers came in after it was written.

    Examples
    --------
    >>> judgments = read_judgments("runs/post")  # doctest: +SKIP
    """
    path = Path(run)
    _ = Run(path, RESPONSES).manifest
    grader = _only_grader(path) if grader is None else grader
    file = _file(path, grader)
    if not file.is_file():
        known = list_graders(path)
        graded_by = f" (only by {', '.join(known)}{nearest(grader, known)})" if known else ""
        raise FileNotFoundError(
            f"{path}: not graded by {grader} yet{graded_by}; use: veracal grade {path} --grader {grader}"
        )
    table = read_results(file, what="judgments")
    try:
        judgments = Judgments(table)
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise ValueError(f"{file}: not readable judgments ({str(error).splitlines()[0]})") from None
    try:
        refuse_other_answers(judgments.frame, path)
        others = set(judgments.frame["grader"]) - {grader}
        if others:
            raise ValueError(f"the grader must be {shown(grader)}, got {shown(min(others))}")
    except ValueError as error:
        raise ValueError(f"{file}: {error}; grade the run again: veracal grade {path} --grader {grader}") from None
    return judgments


def list_graders(run: Path) -> list[str]:
    """List the graders that judged the answers of a run."""
    return sorted(map(_grader_of, (run / "judgments").glob("*.parquet")))


def own_verdicts(run: str | Path) -> str | None:
    """The grader whose verdicts an imported log came with; None of any other run."""
    path = Path(run)
    if not (path / RUN_FILE).is_file():
        return None
    grader = Run(path).manifest.get("settings", {}).get("grader")
    return grader if isinstance(grader, str) and _file(path, grader).is_file() else None


def _only_grader(run: Path) -> str:
    graders = list_graders(run)
    if not graders:
        raise FileNotFoundError(f"{run}: not graded yet; use: veracal grade {run}")
    if len(graders) > 1:
        raise ValueError(
            f"{run}: judged by {', '.join(graders)}; name one of these graders (--grader {shlex.quote(graders[0])})"
        )
    return graders[0]


def _grader_of(file: Path) -> str:
    """The grader of a file, by its rows if its name was cut."""
    return str(read_results(file, what="judgments")["grader"][0]) if is_cut(file.stem) else unquote(file.stem)


def _file(run: Path, grader: str) -> Path:
    # A grader's name may hold what no file name may, as in `model:folder/judge`.
    return run / "judgments" / f"{quoted_name(grader)}.parquet"


def _look_at_replaced(file: Path, judgments: Judgments) -> None:
    """Warn if replaced judgments were those of another model of that name.

    Raises
    ------
    ValueError
        If they are another grader's, whose name the file system takes for this one's.
    """
    if not file.is_file():
        return
    try:
        before = Judgments(read_results(file, what="judgments")).frame
    except (pl.exceptions.PolarsError, ValueError):  # damaged: it is replaced
        return
    grader, model = judgments.frame.row(0, named=True)["grader"], judgments.frame["grader_model"][0]
    if before["grader"][0] != grader:
        raise ValueError(
            f"{file}: holds the judgments of {shown(before['grader'][0])}, whose name this file system does not tell "
            f"from {shown(grader)}; remove it, or grade a copy of the run"
        )
    models = before["grader_model"].drop_nulls()
    if len(models) and model is not None and models[0] != model:
        warnings.warn(
            f"{grader} is another {'file' if model.startswith('file ') else 'model'} than the one that graded these "
            f"answers before ({models[0]}, now {model}); its judgments are replaced",
            stacklevel=3,
        )


def _verdicts(judge: Grader, frame: pl.DataFrame, asked: Sequence[Question]) -> list[Verdict]:
    """Verdicts on answers; missing answers are ungraded by every grader."""
    responses = frame["response"].to_list()
    gradable = [row for row, question in enumerate(asked) if question.correct or not needs_answers(judge)]
    judged = judge.judge([responses[row] for row in gradable], [asked[row] for row in gradable])
    verdicts = [Verdict("ungraded", reason=_BARE)] * len(asked)
    for row, verdict in zip(gradable, judged, strict=True):
        verdicts[row] = verdict
    missing = [why_missing(answer) for answer in frame.iter_rows(named=True)]
    return [
        Verdict("ungraded", reason=reason) if reason else verdict
        for verdict, reason in zip(verdicts, missing, strict=True)
    ]


def _row(
    answer: dict[str, Any], question: Question, verdict: Verdict, grader: str, identity: str | None
) -> dict[str, Any]:
    confidence, kind = _confidence(answer)
    return {
        "model": answer["model"],
        "question": question.id,
        "category": question.category,
        "adversarial": question.adversarial,
        "sample": answer["sample"],
        "text": question.question,
        "response": answer["response"],
        "ideal": question.ideal,
        "grade": verdict.grade,
        "tempted": verdict.tempted,
        "grader": grader,
        "score": verdict.score,
        "confidence": confidence,
        "confidence_kind": kind,
        "reason": verdict.reason,
        "grader_model": identity,
    }


def _confidence(answer: dict[str, Any]) -> tuple[float | None, str | None]:
    """Stated confidence, else the probability of the answer."""
    if answer["stated_confidence"] is not None:
        return answer["stated_confidence"], "stated"
    if answer["logprob"] is None:
        return None, None
    return min(math.exp(answer["logprob"]), 1.0), "sequence"
