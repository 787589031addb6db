"""Confidences of free answers, and pairs of confidence and correctness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from calibration import Pairs
from calibration.files.row_rules import refuse_broken
from calibration.metrics.precision import STORED, known_to
from calibration.number_texts import counted
from calibration.predictions.grades import PARTIAL
from calibration.predictions.pairs import SCHEMA as PAIRS
from calibration.result_tables.preview import preview
from calibration.result_tables.result_table import ResultTable
from calibration.result_tables.shown_result import Shown

from ..grading.judgments import SCHEMA as JUDGMENTS
from ..grading.judgments import Judgments, in_unit_interval

KEY = ("question", "sample")
# Answers below which their calibration is not told by itself.
_FEWEST = 10
_COLUMNS = pl.Schema(
    {
        "question": pl.String(),
        "sample": pl.Int32(),
        "confidence": pl.Float64(),
        "confidence_kind": pl.String(),
    }
)


@dataclass(frozen=True, eq=False, repr=False)
class Confidences(Shown):
    """Confidence of a model in each of its answers, by one method.

    Attributes
    ----------
    frame : polars.DataFrame
        One row an answer: ``question``, ``sample``, ``confidence`` (in [0, 1]; null if the method has none),
        ``confidence_kind`` (the method, the same in every row), then further columns of the method.

    Raises
    ------
    ValueError
        For an empty table, a confidence outside [0, 1], a repeated answer, several kinds.

    Examples
    --------
    >>> rows = {"question": ["sun/0"], "sample": [0], "confidence": [0.9], "confidence_kind": ["stated"]}
    >>> Confidences(pl.DataFrame(rows)).kind
    'stated'
    """

    frame: pl.DataFrame

    def __post_init__(self) -> None:
        if self.frame.is_empty():
            raise ValueError("confidences must hold at least one answer, got none")
        frame = self.frame.with_columns(pl.col(name).cast(kind) for name, kind in _COLUMNS.items())
        object.__setattr__(self, "frame", frame.with_columns(in_unit_interval("confidence")))
        confidence = pl.col("confidence")
        rules = {
            "a confidence must be a probability": ~(confidence.is_null() | confidence.is_between(0, 1)),
            "each answer must occur once": pl.struct(KEY).is_duplicated(),
            "there must be one kind of confidence": pl.col("confidence_kind") != pl.col("confidence_kind").first(),
        }
        refuse_broken(
            self.frame,
            rules,
            lambda row: (
                f"row {row['row']} (question {row['question']}, sample {row['sample']}) has "
                f"{row['confidence']}, of the kind {row['confidence_kind']!r}"
            ),
        )

    @property
    def table(self) -> ResultTable:
        """How many there are, and the first rows."""
        n_known = self.frame.height - self.frame["confidence"].null_count()
        heading = f"Confidence ({self.kind}) of {counted(self.frame.height, 'answer')}, {n_known:,} of them with one"
        return preview(self.frame.select("question", "sample", "confidence"), heading=heading)

    @property
    def kind(self) -> str:
        """The method."""
        return str(self.frame["confidence_kind"][0])


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class ConfidencePairs(Shown):
    """Confidence and correctness of the answers that can be scored.

    All other answers are counted.

    Attributes
    ----------
    confidence : ndarray of float64, shape (n,)
        In [0, 1].
    correct : ndarray of float64, shape (n,)
        1 for an answer graded ``correct``, 0 for ``incorrect``.
    question : ndarray of str, shape (n,)
        Which question was answered; several samples of one are not independent.
    kind : str
        The method that the confidence comes from.
    pairs : Pairs
        The same, as everything that takes a run takes it: samples of a question are one cluster, categories are groups.
    n_abstained, n_ungraded, n_without, n_partial : int
        Answers left out: those that decline to answer, those that the grader could not grade, attempted ones
        without a confidence, and those that are partly right.
    """

    confidence: NDArray[np.float64]
    correct: NDArray[np.float64]
    question: NDArray[np.str_]
    kind: str
    pairs: Pairs
    n_abstained: int
    n_ungraded: int
    n_without: int
    n_partial: int = 0

    @property
    def table(self) -> ResultTable:
        """How many there are, and the first rows."""
        heading = f"Confidence ({self.kind}) of {counted(len(self.confidence), 'right and wrong answer')}"
        return preview(self.frame, heading=heading, notes=[f"Note: {note}." for note in self.notes])

    @property
    def frame(self) -> pl.DataFrame:
        """One row an answer that can be scored."""
        return pl.DataFrame({"question": self.question, "confidence": self.confidence, "correct": self.correct})

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences, without full stop, on the answers left out."""
        counts = {
            "abstained": self.n_abstained,
            "ungraded": self.n_ungraded,
            "without a confidence": self.n_without,
        }
        left_out = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
        notes = [f"answers left out: {left_out}"] if left_out else []
        if self.n_partial:
            notes.append(f"answers left out: {self.n_partial:,} partly right; calibration is of right and wrong ones")
        return tuple(notes)


def with_confidence(judgments: Judgments, confidences: Confidences) -> Judgments:
    """The judgments with the confidences of another method.

    Parameters
    ----------
    judgments : Judgments
        Graded answers.
    confidences : Confidences
        Of the same answers, by question and sample; further ones are left out.

    Raises
    ------
    ValueError
        For an answer that has no row among the confidences, by its question.

    Examples
    --------
    >>> from factuality import Question, Responses, grade
    >>> question = Question("sun/0", "science", "What colour is the Sun?", ("white",), ("yellow",))
    >>> judgments = grade(Responses.from_texts({"sun/0": "It is white."}, [question]), grader="match")
    >>> rows = {"question": ["sun/0"], "sample": [0], "confidence": [0.9], "confidence_kind": ["stated"]}
    >>> with_confidence(judgments, Confidences(pl.DataFrame(rows))).frame["confidence"].to_list()
    [0.9]
    """
    replacements = confidences.frame.select(list(_COLUMNS))
    missing = judgments.frame.join(replacements, on=KEY, how="anti", maintain_order="left")
    if not missing.is_empty():
        row = missing.row(0, named=True)
        raise ValueError(
            f"there must be a confidence for each answer, also where it is null; question {row['question']}, sample "
            f"{row['sample']} has none ({missing.height} such answers in all)"
        )
    bare = judgments.frame.drop("confidence", "confidence_kind")
    return Judgments(bare.join(replacements, on=KEY, how="left", maintain_order="left"))


def confidence_pairs(judgments: Judgments) -> ConfidencePairs:
    """Confidence and correctness of free answers, as `calibration.ece` takes them.

    Parameters
    ----------
    judgments : Judgments
        Graded answers with confidences of one kind.

    Returns
    -------
    ConfidencePairs
        What `calibration.estimate`, `calibration.summarize` and all that takes a run take: of the answers graded
        ``correct`` or ``incorrect`` that have a confidence, in their order; all others counted.

    Raises
    ------
    ValueError
        For confidences of several kinds; if no answer can be scored.

    Examples
    --------
    >>> from calibration import ece, estimate
    >>> from factuality import Question, Responses, grade
    >>> questions = [Question(f"sun/{n}", "science", "What colour is the Sun?", ("white",), ("yellow",)) for n in "012"]
    >>> texts = {"sun/0": "It is white.", "sun/1": "Yellow.", "sun/2": "I don't know."}
    >>> judgments = grade(Responses.from_texts(texts, questions), grader="match")
    >>> rows = pl.DataFrame({"question": list(texts), "sample": [0] * 3, "confidence": [0.9, 0.6, None]})
    >>> stated = Confidences(rows.with_columns(confidence_kind=pl.lit("stated")))
    >>> pairs = confidence_pairs(with_confidence(judgments, stated))
    >>> pairs.confidence.tolist(), pairs.correct.tolist(), pairs.n_abstained
    ([0.9, 0.6], [1.0, 0.0], 1)
    >>> round(ece(pairs.confidence, pairs.correct), 2)
    0.35
    >>> print(estimate(pairs, "accuracy"))
    0.500 [0.095, 0.905]
    """
    frame = judgments.frame
    attempted = frame.filter(pl.col("grade").is_in(["correct", "incorrect"]))
    scored = attempted.filter(pl.col("confidence").is_not_null())
    counts = {grade: frame.filter(pl.col("grade") == grade).height for grade in ("abstained", "ungraded", PARTIAL)}
    if scored.is_empty():
        partly = f"{counts[PARTIAL]} are partly right, " if counts[PARTIAL] else ""
        raise ValueError(
            f"at least one answer must be graded correct or incorrect and have a confidence; of {frame.height}, "
            f"{partly}{counts['abstained']} abstained, {counts['ungraded']} are ungraded and "
            f"{attempted.height} have none"
        )
    kinds = scored["confidence_kind"].unique(maintain_order=True).to_list()
    if len(kinds) > 1:
        raise ValueError(f"the confidences must be of one kind, got {' and '.join(map(repr, kinds))}")
    return ConfidencePairs(
        confidence=known_to(scored["confidence"].to_numpy(), STORED),
        correct=(scored["grade"] == "correct").cast(pl.Float64).to_numpy(),
        question=scored["question"].to_numpy(),
        kind=str(kinds[0]),
        pairs=_pairs(scored),
        n_abstained=counts["abstained"],
        n_ungraded=counts["ungraded"],
        n_without=attempted.height - scored.height,
        n_partial=counts[PARTIAL],
    )


def scored_confidences(judgments: Judgments) -> ConfidencePairs | None:
    """`confidence_pairs` of answers; None for too few, or several kinds of confidence."""
    kinds = judgments.frame.filter(pl.col("grade").is_in(["correct", "incorrect"]), pl.col("confidence").is_not_null())
    if kinds.height < _FEWEST or kinds["confidence_kind"].n_unique() > 1:
        return None
    return confidence_pairs(judgments)


def _pairs(scored: pl.DataFrame) -> Pairs:
    """Pairs of answers that can be scored, with the further columns of the judgments."""
    further = [name for name in scored.columns if name.casefold() not in {*JUDGMENTS, *PAIRS}]
    several = scored["question"].is_duplicated().any()
    sampled = pl.concat_str("question", pl.lit("#"), "sample") if several else pl.col("question")
    return Pairs(
        scored.select(
            "model",
            "confidence",
            *further,
            revision=pl.lit(""),
            item=sampled,
            subject="category",
            cluster="question",
            correct=pl.col("grade") == "correct",
            weight=pl.lit(1.0),
        )
    )
