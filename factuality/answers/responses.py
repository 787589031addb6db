"""Answers of one model to questions, read from runs and recorded texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from calibration.files.digest import digest
from calibration.number_texts import counted
from calibration.result_tables.preview import N_ROWS, preview
from calibration.result_tables.result_table import ResultTable
from calibration.result_tables.shown_result import Shown
from calibration.runs.folder import Run
from calibration.runs.run_kinds import Rules, RunKind

from ..questions.question import Question, questions_from, unique_questions
from .cut_answers import without_thoughts
from .stated_confidence import split_statement


def _sample_rules(settings: Mapping[str, Any]) -> Rules:
    samples = settings.get("samples", 1)
    return {f"the sample must be from 0 to {samples - 1}": pl.col("sample").is_between(0, samples - 1)}


RESPONSES = RunKind(
    name="responses",
    schema=pl.Schema(
        {
            "model": pl.String(),
            "revision": pl.String(),
            "question": pl.String(),
            "sample": pl.Int32(),
            "response": pl.String(),
            "logprob": pl.Float64(),
            "n_tokens": pl.Int32(),
            "token_logprobs": pl.List(pl.Float32()),
            "finish": pl.String(),
            "prompt": pl.String(),
            "thoughts": pl.String(),
        }
    ),
    key="question",
    texts="questions",
    turn="sample",
    drawn=True,
    later=("thoughts",),
    rules=_sample_rules,
    defaults={"primer": "none", "state_confidence": False, "confidence_target": None, "samples": 1, "temperature": 0.0},
)

# What is known of answers beyond what a run keeps of them.
_COLUMNS = pl.Schema({**RESPONSES.schema, "stated_confidence": pl.Float64()})

_OPTIONAL = ("thoughts", "stated_confidence")


@dataclass(frozen=True, eq=False, repr=False)
class Responses(Shown):
    """Answers of one model to open questions.

    Attributes
    ----------
    frame : polars.DataFrame
        One row an answer: ``model``, ``revision``, ``question`` (its id), ``sample`` (which of the answers to the
        question, from 0), ``response`` (without thoughts, stripped of outer white space), ``logprob`` (natural
        log-probability of the answer with what ended it, behind its thoughts, in the model's raw distribution),
        ``n_tokens``, ``token_logprobs``, ``finish`` (``end``: the model ended it; ``stop``: a stop text; ``length``:
        cut at the allowed number of tokens; ``withheld``: ended by the server's filter, tool or fault), ``prompt``
        (hash of the exact prompt), ``thoughts`` (what the model wrote for itself in front of the answer; null without)
        and ``stated_confidence`` (null if none was asked for or could be read; the response is then without it).
        Unknown values of recorded answers are null.
    questions : tuple of Question
        The questions asked, answered yet or not.

    Raises
    ------
    ValueError
        For an empty table, a repeated answer, or an answer to an unknown question, by its id.

    Examples
    --------
    >>> question = Question("sun/0", "science", "What colour is the Sun?", ("white",), ("yellow",))
    >>> Responses.from_texts({"sun/0": "It is white."}, [question]).frame["response"].to_list()
    ['It is white.']
    """

    frame: pl.DataFrame
    questions: tuple[Question, ...]

    def __post_init__(self) -> None:
        given = self.frame
        given = given.with_columns(pl.lit(None).alias(name) for name in _OPTIONAL if name not in given.columns)
        frame = without_thoughts(given.select(list(_COLUMNS)).cast(_COLUMNS))
        object.__setattr__(self, "frame", frame)
        if frame.is_empty():
            raise ValueError("responses must hold at least one answer, got none")
        known = {question.id for question in self.questions}
        for name in frame["question"]:
            if name not in known:
                raise ValueError(f"an answer's question must be among the questions, {name!r} is not")
        repeated = frame.filter(pl.struct("question", "sample").is_duplicated())
        if not repeated.is_empty():
            raise ValueError(f"each answer must occur once, question {repeated['question'][0]} has one twice")

    @property
    def table(self) -> ResultTable:
        """How many there are, and the first ones."""
        asked = {question.id: question.question for question in self.questions}
        head = self.frame.head(N_ROWS).select("question", "response")
        answers = counted(self.frame.height, "answer")
        return preview(
            head.with_columns(pl.col("question").replace_strict(asked)),
            n_rows=self.frame.height,
            heading=f"{self.frame['model'][0]}, {answers} to {counted(self.frame['question'].n_unique(), 'question')}",
            notes=("grade(responses) tells which are right.",),
        )

    @classmethod
    def from_texts(cls, texts: Mapping[str, str], questions: Sequence[Question], *, model: str = "") -> Responses:
        """Recorded answers, one a question.

        Parameters
        ----------
        texts : mapping of str to str
            Answers by the question's id.
        questions : sequence of Question
            The questions asked.
        model : str
            A name for tables and figures.
        """
        rows = [
            {"model": model, "revision": "", "question": name, "sample": 0, "response": text, "prompt": ""}
            for name, text in texts.items()
        ]
        return cls(pl.DataFrame(rows, schema=RESPONSES.schema), unique_questions(questions))


def read_responses(run: str | Path) -> Responses:
    """Read a run folder that `ask` made.

    Parameters
    ----------
    run : str or Path
        The folder. A run that was interrupted gives what it has.

    Raises
    ------
    FileNotFoundError
        If there is no run.
    ValueError
        If it holds something else, no answers yet, or cannot be read.

    Examples
    --------
    >>> answers = read_responses("runs/post")  # doctest: +SKIP
    """
    folder = Run(Path(run), RESPONSES)
    frame = folder.ordered()
    texts = folder.items()
    if texts is None:
        raise ValueError(f"{folder.path}: the run has no questions.parquet")
    questions = questions_from(texts)
    order = {question.id: position for position, question in enumerate(questions)}
    rows = np.array([order.get(name, -1) for name in frame["question"]])
    frame = frame[np.lexsort((frame["sample"].to_numpy(), rows))]
    stated = folder.manifest["settings"].get("state_confidence", False)
    return Responses(without_statements(frame) if stated else frame, questions)


def hash_of_questions(questions: Sequence[Question]) -> str:
    """Hash of questions with their references, which are kept with the run."""
    return digest("\x1e".join(repr(question) for question in questions))


def without_statements(frame: pl.DataFrame) -> pl.DataFrame:
    """Answers with stated confidence moved from the text to a column."""
    frame = without_thoughts(frame)
    split = [split_statement(text) for text in frame["response"]]
    return frame.with_columns(
        response=pl.Series([answer for answer, _ in split], dtype=pl.String),
        stated_confidence=pl.Series([confidence for _, confidence in split], dtype=pl.Float64),
    )
