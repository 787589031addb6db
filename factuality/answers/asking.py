"""Asking: questions to prompts to responses, kept part by part."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from calibration.models.first_prompts import ShowPrompt, look_at_prompt
from calibration.models.protocol import Generated, Model, PromptTooLongError
from calibration.models.settings import model_settings
from calibration.runs.clashes import refuse_clashes
from calibration.runs.collection import Progress, collect, with_names
from calibration.runs.dates import dated_as_run
from calibration.runs.folder import Kind, Run
from calibration.runs.kinds import Rules
from calibration.runs.locks import locked
from calibration.runs.shards import Shard, members, note_of, progress_of

from ..questions.question import Question, questions_from, texts_of, unique_questions
from .asking_options import AskingOptions, Style
from .cut_answers import CutAnswers, answered, without_thoughts
from .primers import Primer, primed_text, primed_turns, solved_pairs
from .stated_confidence import split_statement


def _sample_rules(settings: Mapping[str, Any]) -> Rules:
    samples = settings.get("samples", 1)
    return {f"the sample must be from 0 to {samples - 1}": pl.col("sample").is_between(0, samples - 1)}


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
            "thoughts": pl.String(),
        }
    ),
    key="question",
    texts="questions",
    turn="sample",
    later=("thoughts",),
    rules=_sample_rules,
    defaults={"primer": "none", "state_confidence": False, "confidence_target": None, "samples": 1, "temperature": 0.0},
)
# What is known of answers beyond what a run keeps of them.
_COLUMNS = pl.Schema({**RESPONSES.schema, "stated_confidence": pl.Float64()})
_OPTIONAL = ("thoughts", "stated_confidence")
# Share of empty answers from which a reader is told.
_NOTABLE_SHARE = 0.5


@dataclass(frozen=True, eq=False)
class Responses:
    """What one model answered to questions.

    Attributes
    ----------
    frame : polars.DataFrame
        One row an answer: ``model``, ``revision``, ``question`` (its id), ``sample`` (which of the answers to the
        question, from 0), ``response`` (without thoughts, stripped of outer white space), ``logprob`` (natural
        log-probability of the answer with what ended it, behind its thoughts, in the model's raw distribution),
        ``n_tokens``, ``token_logprobs``, ``finish`` (``end``: the model ended it; ``stop``: a stop text; ``length``:
        cut at the allowed number of tokens; ``withheld``: ended by the server's filter, tool or fault), ``prompt``
        (hash of the exact prompt), ``thoughts`` (what the model wrote for itself in front of the answer; null without)
        and ``stated_confidence`` (null where none was asked for or could be read; the response is then without it).
        What is not known of recorded answers is null.
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
    primer: Primer = "none",
    dev: Sequence[Question] = (),
    state_confidence: bool = False,
    confidence_target: float | None = None,
    samples: int = 1,
    temperature: float = 0.0,
    seed: int = 0,
    max_new_tokens: int = 64,
    stop: Sequence[str] = (),
    batch_size: int | None = None,
    shard: Shard | None = None,
    out: str | Path | None = None,
    progress: Progress | None = None,
    show_prompt: ShowPrompt | None = None,
) -> Responses:
    r"""Answers of a model to open questions, greedy or drawn at a temperature.

    Parameters
    ----------
    model : Model
        From `calibration.load_model`.
    questions : sequence of Question
        What is asked.
    style : {"completion", "chat"}
        The text ``Question: …\nAnswer:``, answered up to the end of the line; or the question alone as the user's turn
        of the model's chat template.
    primer : {"none", "qa-6", "5-shot"}
        Solved questions in front: none; six that are TruthfulQA's own prompt (see `factuality.answers.primers`); the
        first five of `dev` with their ideal answers. As text they stand in the form ``Q: …\nA: …``, and so does then
        the question; in a chat they are earlier turns.
    dev : sequence of Question
        Solved questions for ``5-shot``; none of them may be asked.
    state_confidence : bool
        Whether the model is told to end its answer with how sure it is. What it states is cut from the response and
        read by `factuality.answers.stated_confidence.stated_confidence`.
    confidence_target : float, optional
        How sure the model is told it must be to answer, and what right and wrong answers then earn, for
        `factuality.confidence_target_score` by prompt.
    samples : int
        How many answers to each question; more than one only at a temperature above 0.
    temperature : float
        0: the likeliest token each time. Above 0 each token is drawn from the softmax of the raw logits divided by it.
    seed : int
        Where the draws come from. Prompt, number of the sample and seed decide an answer, whatever else is asked beside
        it or was asked before.
    max_new_tokens : int
        Where an answer is cut that has not ended.
    stop : sequence of str
        Texts that end an answer, beside the end of the line that ends a completion.
    batch_size : int, optional
        How many answers go through the model at a time at most; as many as suit its memory where absent.
    shard : (int, int), optional
        Ask only a part of the questions, as in `calibration.extract`.
    out : str or Path, optional
        Run folder. One that was interrupted is continued; one made with other settings is refused. Without it nothing
        is written. It keeps answers as the model wrote them, with the confidence that they state. A chat template
        writes the date of the run that is continued, unless the model was loaded with another.
    progress : callable, optional
        Called with the number of answers done and of all.
    show_prompt : callable, optional
        Called with what is known of the first prompt (`calibration.models.PromptView`), before any is asked.

    Returns
    -------
    Responses
        In the order of `questions`, those of the shard, the samples of each in turn.

    Raises
    ------
    ValueError
        For a prompt that with its answer is longer than the context window (by question, nothing is cut), a missing
        chat template, repeated ids, several samples at the temperature 0, fewer than five solved questions or one that
        is asked, stated confidence after solved questions (which state none), other settings in the folder, more
        shards than questions.

    Warns
    -----
    UserWarning
        Where more than half of the answers are empty: the prompt's form does not suit the model. Where answers were cut
        off at `max_new_tokens` in the model's thoughts, or before their first word, with how many.

    Examples
    --------
    >>> from calibration import load_model
    >>> from factuality import load_questions
    >>> model = load_model("HuggingFaceTB/SmolLM2-135M-Instruct")  # doctest: +SKIP
    >>> questions = load_questions("questions.jsonl")  # doctest: +SKIP
    >>> answers = ask(model, questions, style="chat", out="runs/post")  # doctest: +SKIP
    >>> drawn = ask(model, questions, style="chat", samples=10, temperature=1.0, out="runs/drawn")  # doctest: +SKIP
    """
    options = AskingOptions(
        style=style, primer=primer, state_confidence=state_confidence, confidence_target=confidence_target,
        samples=samples, temperature=temperature, seed=seed, max_new_tokens=max_new_tokens, stop=tuple(stop),
    )  # fmt: skip
    asked = unique_questions(questions)
    solved = solved_pairs(primer, asked, dev)
    model = dated_as_run(model, out)
    prompts = [_prompt(model, question, style, solved, options.requests) for question in asked]
    look_at_prompt(model, prompts[0], special_tokens=style == "completion", reads="texts", show=show_prompt)
    settings = {
        **model_settings(model, chats=style == "chat"),
        **_known_settings(asked, options),
        "prompts": hash_of("\x1e".join(prompts)),
    }
    with locked(out):
        wanted = [(row, sample) for row in range(len(asked)) for sample in range(samples)]
        place = {(asked[row].id, sample): number for number, (row, sample) in enumerate(wanted)}
        texts = {(asked[row].id, sample): prompts[row] for row, sample in wanted}
        finished = Run.finished(out, settings, kind=RESPONSES, prompts=texts)
        chosen = _members(asked, shard)
        mine = [(row, sample) for row, sample in wanted if row in chosen]
        there = frozenset(_places(finished, place))
        done = frozenset(number for number, (row, sample) in enumerate(mine) if place[asked[row].id, sample] in there)
        try:
            pieces = model.generate(
                [prompts[row] for row, _ in mine],
                special_tokens=style == "completion",
                max_new_tokens=max_new_tokens,
                stop=options.ends,
                temperature=temperature,
                seeds=[_seed(seed, prompts[row], sample) for row, sample in mine] if temperature else (),
                batch_size=batch_size,
                done=done,
            )
        except PromptTooLongError as error:
            name = asked[mine[error.row][0]].id
            shorter = "" if primer == "none" else ", a shorter primer"
            raise ValueError(
                f"question {name}: {error}; nothing is cut: ask for fewer tokens (--max-new-tokens){shorter}, or leave "
                "the question out"
            ) from None
        # Everything that can be refused was: from here on there is a folder.
        run = None
        if out is not None:
            notes = note_of(shard, len(mine))
            run = Run.open(out, settings, kind=RESPONSES, texts=texts_of(asked), n_items=len(wanted), notes=notes)

        def rows() -> Iterator[list[dict[str, Any]]]:
            for found, answers in with_names(pieces, lambda number: f"question {asked[mine[number][0]].id}"):
                numbers = [mine[number] for number in found]
                yield [
                    _row(model, asked[row], sample, prompts[row], answer)
                    for (row, sample), answer in zip(numbers, answers, strict=True)
                ]

        shown = progress_of(progress, len(mine), len(there) - len(done))
        frame = collect(rows(), run=run, finished=finished, n_items=len(wanted), progress=shown)
    frame = frame[np.argsort(_places(frame, place))]
    frame = frame.filter(pl.col("question").is_in([asked[row].id for row in chosen]))
    responses = Responses(_without_statements(frame) if state_confidence else frame, asked)
    _warn_of_empty_answers(responses, style)
    CutAnswers.of(responses.frame).warn(stacklevel=2)
    return responses


def refuse_asking(
    questions: Sequence[Question],
    options: AskingOptions,
    *,
    dev: Sequence[Question],
    shard: Shard | None,
    out: str | Path,
    spec: str,
    trust_remote_code: bool,
) -> None:
    """Raise for what `ask` would refuse, as far as it is known without the model that `spec` names.

    Raises
    ------
    ValueError
        As `ask`.
    """
    asked = unique_questions(questions)
    solved_pairs(options.primer, asked, dev)
    _members(asked, shard)
    settings = _known_settings(asked, options)
    refuse_clashes(out, settings, kind=RESPONSES, spec=spec, trust_remote_code=trust_remote_code)


def _members(asked: Sequence[Question], shard: Shard | None) -> set[int]:
    """Places of the questions of a shard."""
    return set(members([f"{question.category}\n{question.question}" for question in asked], shard, what="questions"))


def _known_settings(asked: Sequence[Question], options: AskingOptions) -> dict[str, Any]:
    """Settings that are known without the model."""
    return {**options.settings, "n_items": len(asked), "questions": hash_of_questions(asked)}


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
    questions = questions_from(texts)
    place = {question.id: row for row, question in enumerate(questions)}
    rows = np.array([place.get(name, -1) for name in frame["question"]])
    frame = frame[np.lexsort((frame["sample"].to_numpy(), rows))]
    stated = folder.manifest["settings"].get("state_confidence", False)
    return Responses(_without_statements(frame) if stated else frame, questions)


def hash_of_questions(questions: Sequence[Question]) -> str:
    """Hash of everything about questions, references included, since they are kept with the run."""
    return hash_of("\x1e".join(repr(question) for question in questions))


def hash_of(text: str) -> str:
    """16 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _prompt(
    model: Model, question: Question, style: Style, solved: Sequence[tuple[str, str]], requests: Sequence[str]
) -> str:
    text = question.question.strip()
    if style == "chat":
        return model.chat(primed_turns("\n\n".join([text, *requests]), solved))
    if solved:
        return primed_text(text, solved)
    return "\n\n".join([*requests, f"Question: {text}\nAnswer:"])


def _seed(seed: int, prompt: str, sample: int) -> int:
    return int(hash_of(f"{seed}\x1e{sample}\x1e{prompt}"), 16)


def _places(frame: pl.DataFrame, place: Mapping[tuple[str, int], int]) -> list[int]:
    return [place[key] for key in frame.select("question", "sample").iter_rows()]


def _without_statements(frame: pl.DataFrame) -> pl.DataFrame:
    """Answers without the confidence that they state, which gets a column."""
    frame = without_thoughts(frame)
    found = [split_statement(text) for text in frame["response"]]
    return frame.with_columns(
        response=pl.Series([answer for answer, _ in found], dtype=pl.String),
        stated_confidence=pl.Series([confidence for _, confidence in found], dtype=pl.Float64),
    )


def _row(model: Model, question: Question, sample: int, prompt: str, answer: Generated) -> dict[str, Any]:
    # Behind thoughts the answer's own tokens may not be told apart.
    known = bool(answer.logprobs) or not answer.thoughts
    return {
        "model": model.name,
        "revision": model.revision,
        "question": question.id,
        "sample": sample,
        "response": answer.text.strip(),
        "logprob": float(np.sum(answer.logprobs, dtype=np.float64)) if known else None,
        "n_tokens": len(answer.logprobs) if known else None,
        "token_logprobs": list(answer.logprobs) if known else None,
        "finish": answer.finish,
        "prompt": hash_of(prompt),
        "thoughts": answer.thoughts or None,
    }


def _warn_of_empty_answers(responses: Responses, style: Style) -> None:
    empty = responses.frame.filter(pl.col("response") == "", pl.Series(answered(responses.frame))).height
    if empty > _NOTABLE_SHARE * responses.frame.height:
        other = "chat" if style == "completion" else "completion"
        warnings.warn(
            f"{empty} of {responses.frame.height} answers are empty: the model ends before it says anything; "
            f"does the style {other} suit it?",
            stacklevel=3,
        )
