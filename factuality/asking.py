"""Asking: questions to prompts to responses, kept part by part."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import polars as pl

from calibration.models import Generated, Model, PromptTooLongError
from calibration.runs import Kind, Progress, Run, collect

from .questions import Question, questions_from, texts_of, unique_questions

Style = Literal["completion", "chat"]
STYLES: tuple[Style, ...] = get_args(Style)

RESPONSES = Kind(
    "responses",
    pl.Schema(
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
        }
    ),
    key="question",
    texts="questions",
)
# Share of empty answers from which a reader is told.
_NOTABLE_SHARE = 0.5


@dataclass(frozen=True, eq=False)
class Responses:
    """What one model answered to questions.

    Attributes
    ----------
    frame : polars.DataFrame
        One row an answer: ``model``, ``revision``, ``question`` (its id), ``sample`` (which of the answers to the
        question, from 0), ``response`` (stripped of outer white space), ``logprob`` (natural log-probability of the
        answer with what ended it, in the model's raw distribution), ``n_tokens``, ``token_logprobs``, ``finish``
        (``end``: the model ended it; ``stop``: a stop text; ``length``: cut at the allowed number of tokens) and
        ``prompt`` (hash of the exact prompt). What is not known of recorded answers is null.
    questions : tuple of Question
        What was asked, answered yet or not.

    Raises
    ------
    ValueError
        For an empty table, an answer that stands twice or to a question that is not there, by its id.

    Examples
    --------
    >>> question = Question("sun/0", "science", "What colour is the Sun?", ("white",), ("yellow",))
    >>> Responses.from_texts({"sun/0": "It is white."}, [question]).frame["response"].to_list()
    ['It is white.']
    """

    frame: pl.DataFrame
    questions: tuple[Question, ...]

    def __post_init__(self) -> None:
        frame = self.frame.select(list(RESPONSES.schema)).cast(RESPONSES.schema)
        object.__setattr__(self, "frame", frame)
        if frame.is_empty():
            raise ValueError("responses must hold at least one answer, got none")
        known = {question.id for question in self.questions}
        for name in frame["question"]:
            if name not in known:
                raise ValueError(f"an answer's question must be among the questions, {name!r} is not")
        repeated = frame.filter(pl.struct("question", "sample").is_duplicated())
        if not repeated.is_empty():
            raise ValueError(f"each answer must stand once, question {repeated['question'][0]} has one twice")

    @classmethod
    def from_texts(cls, texts: Mapping[str, str], questions: Sequence[Question], *, model: str = "") -> Responses:
        """Recorded answers, one a question.

        Parameters
        ----------
        texts : mapping of str to str
            Answers by the question's id.
        questions : sequence of Question
            What was asked.
        model : str
            A name for tables and figures.
        """
        rows = [
            {"model": model, "revision": "", "question": name, "sample": 0, "response": text, "prompt": ""}
            for name, text in texts.items()
        ]
        return cls(pl.DataFrame(rows, schema=RESPONSES.schema), unique_questions(questions))


def ask(
    model: Model,
    questions: Sequence[Question],
    *,
    style: Style = "completion",
    max_new_tokens: int = 64,
    batch_size: int = 16,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Responses:
    r"""Answers of a model to open questions, greedy: the likeliest token each time.

    Parameters
    ----------
    model : Model
        From `calibration.load_model`.
    questions : sequence of Question
        What is asked.
    style : {"completion", "chat"}
        The text ``Question: …\nAnswer:``, answered up to the end of the line; or the question alone as the user's turn
        of the model's chat template.
    max_new_tokens : int
        Where an answer is cut that has not ended.
    batch_size : int
        How many questions go through the model at a time.
    out : str or Path, optional
        Run folder. One that was interrupted is continued; one made with other settings is refused. Without it nothing
        is written.
    progress : callable, optional
        Called with the number of questions done and of all.

    Returns
    -------
    Responses
        In the order of `questions`.

    Raises
    ------
    ValueError
        For a prompt that with its answer is longer than the context window (by question, nothing is cut), a missing
        chat template, repeated ids, other settings in the folder.

    Warns
    -----
    UserWarning
        Where more than half of the answers are empty: the prompt's form does not suit the model.

    Examples
    --------
    >>> from calibration import load_model
    >>> from factuality import load_questions
    >>> model = load_model("HuggingFaceTB/SmolLM2-135M-Instruct")  # doctest: +SKIP
    >>> answers = ask(model, load_questions("questions.jsonl"), style="chat", out="runs/post")  # doctest: +SKIP
    """
    if style not in STYLES:
        raise ValueError(f"style must be one of {', '.join(STYLES)}, got {style!r}")
    asked = unique_questions(questions)
    prompts = [_prompt(model, question, style) for question in asked]
    stop = ("\n",) if style == "completion" else ()
    settings = {
        **model_settings(model),
        "style": style,
        "decoding": "greedy",
        "max_new_tokens": max_new_tokens,
        "stop": list(stop),
        "n_items": len(asked),
        "questions": hash_of_questions(asked),
        "prompts": hash_of("\x1e".join(prompts)),
    }
    finished = pl.DataFrame(schema=RESPONSES.schema) if out is None else Run.finished(out, settings, kind=RESPONSES)
    place = {question.id: row for row, question in enumerate(asked)}
    try:
        pieces = model.generate(
            prompts,
            special_tokens=style == "completion",
            max_new_tokens=max_new_tokens,
            stop=stop,
            batch_size=batch_size,
            done=frozenset(place[name] for name in finished["question"]),
        )
    except PromptTooLongError as error:
        raise ValueError(f"question {asked[error.row].id}: {error}; nothing is cut, leave it out") from None
    # Everything that can be refused was: from here on there is a folder.
    run = None if out is None else Run.open(out, settings, kind=RESPONSES, texts=texts_of(asked))
    rows = (
        [_row(model, asked[row], prompts[row], answer) for row, answer in zip(found, answers, strict=True)]
        for found, answers in pieces
    )
    frame = collect(rows, run=run, finished=finished, n_items=len(asked), progress=progress)
    responses = Responses(frame[np.argsort([place[name] for name in frame["question"]])], asked)
    _warn_of_empty_answers(responses, style)
    return responses


def read_responses(run: str | Path) -> Responses:
    """Read a run folder that `ask` made.

    Parameters
    ----------
    run : str or Path
        The folder. A run that was interrupted gives what it has.

    Raises
    ------
    FileNotFoundError
        Where there is no run.
    ValueError
        Where it holds something else, no answers yet, or cannot be read.

    Examples
    --------
    >>> answers = read_responses("runs/post")  # doctest: +SKIP
    """
    folder = Run(Path(run), RESPONSES)
    frame = folder.ordered()
    texts = folder.items()
    if texts is None:
        raise ValueError(f"{folder.path}: the run has no questions.parquet")
    return Responses(frame, questions_from(texts))


def model_settings(model: Model) -> dict[str, Any]:
    """What a manifest says of the model."""
    return {
        "model": model.name,
        "revision": model.revision,
        "dtype": model.description.get("dtype", ""),
        "tokenizer": model.description.get("tokenizer", ""),
    }


def hash_of_questions(questions: Sequence[Question]) -> str:
    """Hash of everything about questions, references included, since they are kept with the run."""
    return hash_of("\x1e".join(repr(question) for question in questions))


def hash_of(text: str) -> str:
    """16 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _prompt(model: Model, question: Question, style: Style) -> str:
    text = question.question.strip()
    if style == "completion":
        return f"Question: {text}\nAnswer:"
    return model.chat([{"role": "user", "content": text}])


def _row(model: Model, question: Question, prompt: str, answer: Generated) -> dict[str, Any]:
    return {
        "model": model.name,
        "revision": model.revision,
        "question": question.id,
        "sample": 0,
        "response": answer.text.strip(),
        "logprob": float(np.sum(answer.logprobs, dtype=np.float64)),
        "n_tokens": len(answer.logprobs),
        "token_logprobs": list(answer.logprobs),
        "finish": answer.finish,
        "prompt": hash_of(prompt),
    }


def _warn_of_empty_answers(responses: Responses, style: Style) -> None:
    empty = responses.frame.filter(pl.col("response") == "").height
    if empty > _NOTABLE_SHARE * responses.frame.height:
        other = "chat" if style == "completion" else "completion"
        warnings.warn(
            f"{empty} of {responses.frame.height} answers are empty: the model ends before it says anything; "
            f"does the style {other} suit it?",
            stacklevel=3,
        )
