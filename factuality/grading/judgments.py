"""Judgments: graded answers, the table that everything after grading reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from calibration.files.row_rules import own_columns, refuse_broken
from calibration.logs.graded_answers import OF_ANSWERS, OF_QUESTIONS
from calibration.metrics.validation import EDGE_ROUNDING
from calibration.number_texts import counted
from calibration.predictions.further_columns import with_further_columns
from calibration.predictions.grades import ANSWER_GRADES, Grade, credit_rule
from calibration.result_tables.result_table import ResultTable, result_columns
from calibration.result_tables.shown_result import Shown
from calibration.tables.schema_table import SchemaTable
from calibration.tables.stored_tables import read_stored

from .judgment_columns import judgment_rows

SCHEMA = pl.Schema(
    {
        "model": pl.String(),
        "question": pl.String(),
        "category": pl.String(),
        "adversarial": pl.Boolean(),
        "sample": pl.Int32(),
        "text": pl.String(),
        "response": pl.String(),
        "ideal": pl.String(),
        "grade": pl.String(),
        "tempted": pl.Boolean(),
        "grader": pl.String(),
        "score": pl.Float64(),
        "confidence": pl.Float64(),
        "confidence_kind": pl.String(),
        "reason": pl.String(),
        "grader_model": pl.String(),
        "credit": pl.Float64(),
    }
)
# Columns that a grader may leave empty.
_NULLABLE = frozenset({"score", "confidence", "confidence_kind", "grader_model", "credit"})
# Columns that files of earlier versions do not have.
_LATER = ("grader_model", "credit")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Verdict of a grader on one answer.

    Attributes
    ----------
    grade : {"correct", "incorrect", "abstained", "ungraded"}
        ``ungraded`` is a failure of the grader; it never becomes a score.
    tempted : bool
        Whether the wrong answer repeats a distractor.
    reason : str
        Why, for the reader.
    probability : float, optional
        The grader's probability that the answer is right, from a grader that has one.
    """

    grade: Grade
    tempted: bool = False
    reason: str = ""
    probability: float | None = None

    @property
    def score(self) -> float | None:
        """Probability that the answer is right.

        Without one, 1 for a correct and 0 for an incorrect answer; else None.
        """
        if self.probability is not None:
            return self.probability
        return {"correct": 1.0, "incorrect": 0.0}.get(self.grade)


@dataclass(frozen=True, eq=False, repr=False)
class Judgments(Shown, SchemaTable):
    """Graded answers of one model.

    Attributes
    ----------
    frame : polars.DataFrame
        One row an answer: ``model``, ``question`` (its id), ``category``, ``adversarial``, ``sample`` (which of the
        answers to the same question, from 0), ``text`` (the question), ``response``, ``ideal``, ``grade`` (``correct``,
        ``incorrect``, ``abstained``, ``ungraded``; ``partial`` from a log), ``tempted`` (the wrong answer given repeats
        a distractor), ``grader``, ``score`` (the grader's probability that it is right; of a grader that has none 1
        right, 0 wrong, else null), ``confidence`` and ``confidence_kind`` (null if there is none), ``reason``,
        ``grader_model`` (identity of the network or the file that graded, such as the hash of its weights or content;
        null for graders without one, and in files of earlier versions) and ``credit`` (of a partial answer, between 0
        and 1: how much of it counts as right; otherwise null). Further columns, such as a language, stand behind
        these; they can group.

    Raises
    ------
    ValueError
        For an empty table, missing columns or values, further ones that hold lists or objects, unknown grades, answers
        that occur twice, a tempted answer that is not incorrect, credit of other than partial answers; the message
        names the question.

    Examples
    --------
    >>> from factuality import Question, Responses, grade
    >>> question = Question("sun/0", "science", "What colour is the Sun?", ("white",), ("yellow",))
    >>> judgments = grade(Responses.from_texts({"sun/0": "It is yellow."}, [question]), grader="match")
    >>> judgments.n_answers, judgments.frame["grade"].to_list(), judgments.frame["tempted"].to_list()
    (1, ['incorrect'], [True])
    """

    schema: ClassVar[pl.Schema] = SCHEMA

    def __post_init__(self) -> None:
        own = own_columns(self.frame, SCHEMA, table="judgments", row="answer", later=_LATER)
        frame = own.with_columns(in_unit_interval("confidence"))
        object.__setattr__(self, "frame", with_further_columns(frame, self.frame))
        tempted_else = pl.col("tempted") & (pl.col("grade") != "incorrect")
        confidence = pl.col("confidence")
        rules = {
            "every column but score and confidence must be given": pl.any_horizontal(
                pl.col(name).is_null() for name in SCHEMA if name not in _NULLABLE
            ),
            f"the grade must be one of {', '.join(ANSWER_GRADES)}": ~pl.col("grade").is_in(ANSWER_GRADES),
            "only an incorrect answer can repeat a distractor": tempted_else,
            "a confidence must be a probability": ~(confidence.is_null() | confidence.is_between(0, 1)),
            "each answer must occur once": pl.struct("question", "sample").is_duplicated(),
            **credit_rule(),
        }
        refuse_broken(
            frame,
            rules,
            lambda row: (
                f"row {row['row']} (question {row['question']}, sample {row['sample']}) has the grade "
                f"{row['grade']!r}, tempted {row['tempted']}, confidence {row['confidence']}"
            ),
        )

    @classmethod
    def from_frame(
        cls,
        data: object,
        *,
        question: str | None = None,
        response: str | None = None,
        verdict: str | None = None,
        confidence: str | None = None,
        item: str | None = None,
        category: str | None = None,
        scale: float | None = None,
        model: str | None = None,
        grader: str = "table",
    ) -> Judgments:
        """Judgments from a data frame, a dict of arrays or a file.

        Parameters
        ----------
        data : frame, mapping or path
            As in `calibration.Pairs.from_frame`.
        question, response, verdict, confidence, item, category : str, optional
            Names of columns. If omitted they are recognised: ``question`` or ``prompt``; ``response``, ``answer``,
            ``output`` or ``prediction``; ``correct``, ``verdict``, ``label`` or ``is_correct`` (0 and 1, or words as
            `factuality.grading.verdict_words.verdict_of` reads them); ``confidence``; ``item`` or ``id`` (a hash of the
            question without one); ``category`` or ``subject``; ``ideal`` or ``reference``; ``reason``. All others stay
            as further columns, which can group the answers (`factuality.rates_by_group`).
        scale : float, optional
            What confidences are divided by: 100 for per cent.
        model : str, optional
            A name for tables and figures; if omitted, that of a column ``model``.
        grader : str
            Who gave the verdicts.

        Raises
        ------
        ValueError
            As `Judgments`, and as `calibration.Pairs.from_frame`.
        TypeError
            For what is no table.

        Examples
        --------
        >>> table = {"question": ["Where is Paris?"], "answer": ["In France."], "verdict": ["It is **correct**."]}
        >>> Judgments.from_frame(table).frame["grade"].to_list()
        ['correct']
        """
        chosen = {
            "question": question, "response": response, "correct": verdict, "confidence": confidence, "row_id": item,
            "group": category,
        }  # fmt: skip
        stored = read_stored(data, SCHEMA, later=_LATER)
        if stored is not None:
            return cls(without_references(stored))
        return cls(without_references(judgment_rows(data, chosen, scale=scale, model=model, grader=grader)))

    @property
    def table(self) -> ResultTable:
        """How many answers have each grade."""
        counts = dict(self.frame["grade"].value_counts().iter_rows())
        tempted = int(self.frame["tempted"].sum())
        rows: list[tuple[str, int]] = [(name, counts[name]) for name in ANSWER_GRADES if name in counts]
        if tempted:
            after = next(index for index, (name, _) in enumerate(rows) if name == "incorrect")
            rows.insert(after + 1, ("  tempted: repeats a distractor", tempted))
        questions = counted(self.frame["question"].n_unique(), "question")
        heading = (
            f"{self.model}, graded by {self.frame['grader'][0]}: {counted(self.n_answers, 'answer')} to {questions}"
        )
        return ResultTable(
            columns=result_columns(("", "answers", "share")),
            rows=tuple((name, f"{count:,}", f"{count / self.n_answers:.3f}") for name, count in rows),
            heading=(heading,),
            notes=("rates(judgments) gives shares with intervals, by category.",),
            caption=f"{heading}.",
        )

    @property
    def n_answers(self) -> int:
        """Number of answers, with those that the grader could not grade."""
        return self.frame.height


def without_references(frame: pl.DataFrame) -> pl.DataFrame:
    """A stored table without columns of questions and answers, which no judgment needs."""
    known = {"references", *OF_QUESTIONS, *OF_ANSWERS} - {*SCHEMA}
    return frame.drop(name for name, kind in frame.schema.items() if name in known or kind.is_nested())


def in_unit_interval(name: str) -> pl.Expr:
    """A column with rounding errors outside [0, 1] set to its edges.

    The counterpart of `validation.unit_interval` for columns.
    """
    column = pl.col(name)
    near = column.is_between(-EDGE_ROUNDING, 1 + EDGE_ROUNDING)
    return pl.when(near).then(column.clip(0, 1)).otherwise(column).alias(name)
