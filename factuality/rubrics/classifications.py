"""Answers sorted into the classes of a rubric by a judge."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import polars as pl

from calibration.files.file_names import quoted_name
from calibration.files.row_rules import own_columns, refuse_broken
from calibration.models.protocol import Model
from calibration.models.settings import model_identity, model_settings
from calibration.number_texts import counted
from calibration.result_tables.result_table import ResultTable
from calibration.result_tables.shown_result import Shown
from calibration.runs.folder import Run
from calibration.runs.manifests import shown

from ..answers.cut_answers import CutAnswers, why_missing
from ..answers.responses import RESPONSES, Responses
from ..answers.run_results import read_results, refuse_other_answers, settled_responses, write_results
from ..grading.judge_letters import JudgeStyle, read_letters
from .class_rates import ClassRates, class_rates
from .rubric import Rubric

SCHEMA = pl.Schema(
    {
        "model": pl.String(),
        "question": pl.String(),
        "category": pl.String(),
        "sample": pl.Int32(),
        "text": pl.String(),
        "response": pl.String(),
        "class": pl.String(),
        "probability": pl.Float64(),
        "probabilities": pl.List(pl.Float64()),
        "letter_mass": pl.Float64(),
        "flipped": pl.Boolean(),
        "judge": pl.String(),
        "rubric": pl.String(),
        "reason": pl.String(),
        "judge_model": pl.String(),
    }
)
# Columns that files of earlier versions do not have.
_LATER = frozenset({"judge_model"})


@dataclass(frozen=True, eq=False, repr=False)
class Classifications(Shown):
    """Answers of one model, sorted by a judge.

    Attributes
    ----------
    frame : polars.DataFrame
        One row an answer: ``model``, ``question`` (its id), ``category``, ``sample``, ``text`` (the question),
        ``response``, ``class`` (the key of the likeliest class; null if the judge could not be read),
        ``probability`` (of it), ``probabilities`` (of all classes, in the rubric's order), ``letter_mass`` (the judge's
        probability on the letters), ``flipped`` (whether other letters change the class), ``judge``, ``rubric`` (its
        hash), ``reason`` (why there is no class) and ``judge_model`` (identity of the judge
        beside its name, such as the hash of its weights; null in files of earlier versions).
    rubric : Rubric
        The classes.

    Raises
    ------
    ValueError
        For an empty table, a repeated answer, another rubric or an unknown class, naming the question.
    """

    frame: pl.DataFrame
    rubric: Rubric

    def __post_init__(self) -> None:
        given = self.frame.with_columns(pl.lit(None).alias(name) for name in _LATER - {*self.frame.columns})
        frame = own_columns(given, SCHEMA, table="classifications", row="answer")
        object.__setattr__(self, "frame", frame)
        keys = [rubric_class.key for rubric_class in self.rubric.classes]
        rules = {
            f"the class must be one of {', '.join(keys)}": ~pl.col("class").is_in(keys).fill_null(value=True),
            f"the answers must be sorted by the rubric {self.rubric.title!r} as it is now": pl.col("rubric")
            != self.rubric.hash,
            "each answer must occur once": pl.struct("question", "sample").is_duplicated(),
        }
        refuse_broken(frame, rules, lambda row: f"question {row['question']} has the class {row['class']!r}")

    @property
    def table(self) -> ResultTable:
        """Shares of its classes."""
        title = f"{self.frame['model'][0]}, {self.rubric.title}, sorted by {self.frame['judge'][0]}"
        return self.rates().titled_table(f"{title}: {counted(self.n_answers, 'answer')}, 95 % intervals")

    @property
    def n_answers(self) -> int:
        """Number of answers, with those that the judge could not classify."""
        return self.frame.height

    @property
    def model(self) -> str:
        """Name of the model that answered."""
        return str(self.frame["model"][0])

    @property
    def flips(self) -> float:
        """Share of classified answers whose class changes with the letters.

        NaN if no answer is classified.
        """
        share = self.frame.filter(pl.col("class").is_not_null())["flipped"].mean()
        return float(share) if isinstance(share, float) else float("nan")

    def rates(self, *, level: float = 0.95) -> ClassRates:
        """Shares of all answers in each class and without one, with intervals.

        Intervals are Wilson's.

        Raises
        ------
        ValueError
            For several answers to one question, which are no independent trials; for a level outside (0, 1).

        References
        ----------
        Wilson (1927), doi:10.1080/01621459.1927.10502953.
        """
        return class_rates(self.frame, self.rubric, level=level)


def classify(
    responses: Responses | str | Path,
    rubric: Rubric,
    *,
    judge: Model,
    style: JudgeStyle = "auto",
    batch_size: int | None = None,
) -> Classifications:
    """Classify answers by a judge, from the log-probabilities of letters.

    Parameters
    ----------
    responses : Responses or path
        From `ask`; or the run folder that it made, into which the result is then written
        (``rubrics/TITLE@JUDGE.parquet``, both percent-encoded).
    rubric : Rubric
        From `load_rubric`.
    judge : Model
        From `calibration.load_model`.
    style : {"auto", "chat", "completion"}
        The judge's chat template, or the text as it is; ``auto``: its chat template if it has one.
    batch_size : int, optional
        Most prompts that go through the judge at a time; as many as suit its memory if omitted.

    Returns
    -------
    Classifications
        The class of an answer is the likeliest one after each class was under each letter once (see
        `factuality.grading.judge_letters.Readings`); none if the letters hold less than 1 % of the judge's
        probability, the prompt is longer than its context window, or the answer was cut off before it began.

    Examples
    --------
    >>> judge = load_model("HuggingFaceTB/SmolLM2-1.7B-Instruct")  # doctest: +SKIP
    >>> classify("runs/post", load_rubric("refusals.toml"), judge=judge).rates().frame  # doctest: +SKIP
    """
    answers = responses if isinstance(responses, Responses) else settled_responses(responses)
    questions = {question.id: question for question in answers.questions}
    asked = [questions[name] for name in answers.frame["question"]]
    texts = [
        rubric.text(response, question.question)
        for response, question in zip(answers.frame["response"], asked, strict=True)
    ]
    described = [rubric_class.description for rubric_class in rubric.classes]
    readings = read_letters(judge, texts, described, style=style, batch_size=batch_size)
    missing = [why_missing(answer) for answer in answers.frame.iter_rows(named=True)]
    problems = [reason or problem for reason, problem in zip(missing, readings.problems, strict=True)]
    CutAnswers.of(answers.frame).warn(stacklevel=2)
    identity = model_identity(model_settings(judge))
    rows = [
        {
            "model": answer["model"],
            "question": question.id,
            "category": question.category,
            "sample": answer["sample"],
            "text": question.question,
            "response": answer["response"],
            "class": None if problem else rubric.classes[int(shares.argmax())].key,
            "probability": None if problem else float(shares.max()),
            "probabilities": None if problem else shares.tolist(),
            "letter_mass": None if np.isnan(mass) else float(mass),
            "flipped": bool(flipped),
            "judge": judge.name,
            "rubric": rubric.hash,
            "reason": problem,
            "judge_model": identity,
        }
        for answer, question, shares, mass, flipped, problem in zip(
            answers.frame.iter_rows(named=True),
            asked,
            readings.probabilities,
            readings.mass,
            readings.flipped(described),
            problems,
            strict=True,
        )
    ]
    sorted_answers = Classifications(pl.DataFrame(rows, schema=SCHEMA), rubric)
    if not isinstance(responses, Responses):
        write_results(sorted_answers.frame, _file(Path(responses), rubric.title, judge.name))
    return sorted_answers


def write_classes(frame: pl.DataFrame, run: Path, *, title: str, judge: str) -> None:
    """Write classes of the answers of a run, as `classify` does.

    Raises
    ------
    ValueError
        If they are of other answers.
    """
    classes = frame.select(list(SCHEMA)).cast(SCHEMA)
    refuse_other_answers(classes, run)
    write_results(classes, _file(run, title, judge))


def list_classes(run: Path) -> dict[tuple[str, str], Path]:
    """Tables of classes in a run folder, by the rubric's title and the judge."""
    tables = {}
    for file in sorted((run / "rubrics").glob("*.parquet")):
        title, _, judge = file.stem.partition("@")
        tables[unquote(title), unquote(judge)] = file
    return tables


def read_classifications(run: str | Path, rubric: Rubric, *, judge: str) -> Classifications:
    """Read the classes that `classify` wrote into a run folder.

    Parameters
    ----------
    run : str or Path
        The folder.
    rubric : Rubric
        The rubric that the answers were sorted by, unchanged but for names, title and ``good``.
    judge : str
        Name of the judge.

    Raises
    ------
    FileNotFoundError
        If there is no run, or it was not sorted by this rubric and judge.
    ValueError
        If the file cannot be read, it is of other answers or of another judge, answers came in after it was written,
        or the rubric has changed since.

    Examples
    --------
    >>> read_classifications("runs/post", load_rubric("refusals.toml"), judge="SmolLM2")  # doctest: +SKIP
    """
    path = Path(run)
    _ = Run(path, RESPONSES).manifest
    file = _file(path, rubric.title, judge)
    if not file.is_file():
        raise FileNotFoundError(f"{path}: not sorted by {rubric.title!r} with the judge {judge} yet")
    table = read_results(file, what="classifications")
    try:
        classifications = Classifications(table, rubric)
        refuse_other_answers(classifications.frame, path)
        others = set(classifications.frame["judge"]) - {judge}
        if others:
            raise ValueError(f"the judge must be {shown(judge)}, got {shown(min(others))}")
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise ValueError(f"{file}: {error}; classify the run again") from None
    return classifications


def _file(run: Path, title: str, judge: str) -> Path:
    return run / "rubrics" / f"{quoted_name(title, judge)}.parquet"
