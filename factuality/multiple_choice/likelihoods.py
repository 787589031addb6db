"""TruthfulQA by likelihood: which answers a model finds more probable, without generating any."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from calibration.models.first_prompts import ShowPrompt, look_at_prompt
from calibration.models.protocol import Model, Prompt
from calibration.models.settings import model_settings
from calibration.runs.clashes import refuse_clashes
from calibration.runs.collection import AskedRun, Progress, resumed
from calibration.runs.dates import dated_as_run
from calibration.runs.folder import Run
from calibration.runs.run_kinds import RunKind

from ..answers.asking_options import STYLES, Style
from ..answers.primers import PRIMERS, Primer, primed_text, primed_turns, solved_pairs
from ..answers.responses import hash_of_questions
from ..questions.question import Question, question_table, questions_from, unique_questions
from .scores import (
    KNOWN,
    VARIANTS,
    MultipleChoice,
    Variant,
    possible_variants,
    refuse_without_binary,
    scored,
)

__all__ = ["MULTIPLE_CHOICE", "VARIANTS", "MultipleChoice", "Variant", "read_multiple_choice", "truthfulqa_mc"]

MULTIPLE_CHOICE = RunKind(
    name="multiple-choice",
    schema=pl.Schema(
        {
            "model": pl.String(),
            "revision": pl.String(),
            "question": pl.String(),
            "correct_logprobs": pl.List(pl.Float64()),
            "incorrect_logprobs": pl.List(pl.Float64()),
            "prompt": pl.String(),
        }
    ),
    key="question",
    texts="questions",
    asked_rules={
        f"there must be a log-probability of every {name} answer of the question": (
            pl.col(f"{name}_logprobs").list.len() == pl.col(f"{name}_asked").list.len()
        )
        for name in ("correct", "incorrect")
    },
)


def truthfulqa_mc(
    model: Model,
    questions: Sequence[Question],
    *,
    variant: Variant = "mc1",
    primer: Primer = "none",
    style: Style = "completion",
    dev: Sequence[Question] = (),
    batch_size: int | None = None,
    out: str | Path | None = None,
    progress: Progress | None = None,
    show_prompt: ShowPrompt | None = None,
) -> MultipleChoice:
    r"""TruthfulQA's multiple choice by likelihood.

    Parameters
    ----------
    model : Model
        From `calibration.load_model`.
    questions : sequence of Question
        Each with at least one incorrect answer.
    variant : {"mc1", "mc2", "binary"}
        Whether the ideal answer is likelier than every incorrect one; or the probability of all correct answers,
        normalised over correct and incorrect ones; or whether the ideal answer is likelier than the best incorrect one.
    primer : {"none", "qa-6", "5-shot"}
        What stands in front: nothing (a true 0-shot); six few-shot examples that other harnesses put there and call
        0-shot (see `factuality.answers.primers`); the first five of `dev` with their ideal answers.
    style : {"completion", "chat"}
        The text ``Q: …\nA:``; or the model's chat template, where few-shot examples are earlier turns and an answer is
        scored as the beginning of the assistant's turn.
    dev : sequence of Question
        Few-shot examples for ``5-shot``; none of them may be asked.
    batch_size, progress, show_prompt
        As in `calibration.extract`.
    out : str or Path, optional
        Run folder. It keeps the log-probability of every answer, so that the other variants cost nothing more; one
        that was interrupted is continued, a run with other settings is refused.

    Returns
    -------
    MultipleChoice
        In the order of `questions`.

    Raises
    ------
    ValueError
        For a question without an incorrect answer (``binary``: without a best one), a prompt longer than the context
        window, an answer that the tokenizer does not know (each by question), fewer than five few-shot examples or one
        that is asked, a missing chat template, other settings in the folder.

    Notes
    -----
    An answer is scored as a space and its text, nothing added: the sum of the natural log-probabilities of its tokens,
    not divided by their number. In the style ``chat`` the template says what stands between its end and the answer,
    which is a space for some, nothing for most. A tie of mc1 or binary is lost: the order of the answers cannot matter.

    ``binary`` is the form of January 2025, the best answer against the best incorrect one, scored as mc1 is: each
    answer by its own likelihood. Its authors made it for models that are shown the answers and name a letter, where
    more than one incorrect answer gives the right one away; they put the two in random order. By likelihood no answer
    is shown and there is no order.

    References
    ----------
    Lin, Hilton and Evans (2022), arXiv:2109.07958. The binary form: https://github.com/sylinrl/TruthfulQA/pull/19;
    Evans, Chua and Lin (2025), "New, improved multiple-choice TruthfulQA",
    https://www.lesswrong.com/posts/Bunfwz6JsNd44kgLT/new-improved-multiple-choice-truthfulqa.

    Examples
    --------
    >>> from calibration import load_model
    >>> from factuality import load_questions
    >>> model = load_model("HuggingFaceTB/SmolLM2-135M")  # doctest: +SKIP
    >>> print(truthfulqa_mc(model, load_questions("questions.jsonl"), primer="qa-6").estimate())  # doctest: +SKIP
    """
    asked, solved = _checked(questions, variant, primer, style, dev)
    model = dated_as_run(model, out)
    prompts = [_prompt(model, question, solved, style) for question in asked]
    look_at_prompt(model, prompts[0], reads="likelihoods", show=show_prompt)
    lead = " " if style == "completion" else _chat_lead(model, asked[0])
    by_key = {(question.id,): prompt for question, prompt in zip(asked, prompts, strict=True)}
    asked_run = AskedRun(
        kind=MULTIPLE_CHOICE,
        prompts=by_key,
        keys=list(by_key),
        settings={
            **model_settings(model, chats=prompts[0].is_chat),
            **_known_settings(asked, style, primer),
            "answer_lead": lead,
        },
        texts=question_table(asked),
        if_too_long=f"{'' if primer == 'none' else 'take a shorter primer, or '}leave the question out",
    )
    with resumed(out, asked_run) as run:
        pieces = model.stream_continuations(
            prompts,
            [[lead + answer for answer in (*question.correct, *question.incorrect)] for question in asked],
            batch_size=batch_size,
            done=run.done,
        )
        rows = ([_row(asked[index], sums.tolist()) for index, sums in zip(*piece, strict=True)] for piece in pieces)
        frame = run.filled(rows, progress=progress)
    return scored(frame, asked, primer, variant)


def read_multiple_choice(run: str | Path, *, variant: Variant = "mc1") -> MultipleChoice:
    """Read a run folder that `truthfulqa_mc` made.

    Parameters
    ----------
    run : str or Path
        The folder. A run that was interrupted gives what it has.
    variant : {"mc1", "mc2", "binary"}
        Any: the folder keeps the log-probability of every answer.

    Raises
    ------
    FileNotFoundError
        Where there is no run.
    ValueError
        Where it holds something else, no answers yet, or cannot be read; for ``binary`` of questions that name no best
        incorrect answer; for another variant than mc1 of a log that holds the answers of mc1 alone.

    Examples
    --------
    >>> result = read_multiple_choice("runs/base-mc", variant="mc2")  # doctest: +SKIP
    """
    folder = Run(Path(run), MULTIPLE_CHOICE)
    settings = folder.manifest["settings"]
    if settings.get("variant", variant) != variant:
        raise ValueError(
            f"{folder.path}: the log holds the answers of {settings['variant']} alone, the variant must be that; "
            f"got {variant!r}"
        )
    return scored(folder.ordered(), read_questions(run), settings.get("primer"), variant)


def run_variants(runs: Sequence[str | Path]) -> tuple[Variant, ...]:
    """Scores that every one of some run folders has.

    A log that holds the answers of mc1 alone gives no mc2.

    Raises
    ------
    FileNotFoundError, ValueError
        As `read_questions`.
    """
    known = possible_variants([question for run in runs for question in read_questions(run)])
    alone = [Run(Path(run), MULTIPLE_CHOICE).manifest["settings"].get("variant") for run in runs]
    return tuple(variant for variant in known if all(name in (None, variant) for name in alone))


def read_questions(run: str | Path) -> tuple[Question, ...]:
    """The questions of a run folder that `truthfulqa_mc` made, answered yet or not.

    Raises
    ------
    FileNotFoundError
        Where there is no run.
    ValueError
        Where it has no questions, or they cannot be read.
    """
    folder = Run(Path(run), MULTIPLE_CHOICE)
    _ = folder.manifest
    texts = folder.items()
    if texts is None:
        raise ValueError(f"{folder.path}: the run has no questions.parquet")
    return questions_from(texts)


def refuse_multiple_choice(
    questions: Sequence[Question],
    *,
    variant: Variant,
    primer: Primer,
    style: Style,
    dev: Sequence[Question],
    out: str | Path,
    spec: str,
    trust_remote_code: bool,
    adapter: str | None = None,
) -> None:
    """Raise for what `truthfulqa_mc` would refuse whatever the model.

    The model that `spec` names is not loaded; its files are compared with those of the run in the folder.

    Raises
    ------
    ValueError
        As `truthfulqa_mc`.
    """
    asked, _ = _checked(questions, variant, primer, style, dev)
    settings = _known_settings(asked, style, primer)
    refuse_clashes(out, settings, kind=MULTIPLE_CHOICE, spec=spec, trust_remote_code=trust_remote_code, adapter=adapter)


def _checked(
    questions: Sequence[Question], variant: Variant, primer: Primer, style: Style, dev: Sequence[Question]
) -> tuple[tuple[Question, ...], tuple[tuple[str, str], ...]]:
    """The questions, and the solved ones in front with their answers."""
    _refuse_unknown(variant, primer, style)
    asked = unique_questions(questions)
    for question in asked:
        if not question.incorrect:
            raise ValueError(f"question {question.id}: multiple choice needs at least one incorrect answer, got none")
    refuse_without_binary(asked, variant)
    return asked, solved_pairs(primer, asked, dev)


def _known_settings(asked: Sequence[Question], style: Style, primer: Primer) -> dict[str, Any]:
    """Settings that are known without the model."""
    return {"style": style, "primer": primer, "n_items": len(asked), "questions": hash_of_questions(asked)}


def _refuse_unknown(variant: str, primer: str, style: str) -> None:
    choices: tuple[tuple[str, str, Sequence[str]], ...] = (
        ("variant", variant, KNOWN),
        ("primer", primer, PRIMERS),
        ("style", style, STYLES),
    )
    for name, value, known in choices:
        if value not in known:
            raise ValueError(f"{name} must be one of {', '.join(known)}, got {value!r}")


def _prompt(model: Model, question: Question, solved: Sequence[tuple[str, str]], style: Style) -> Prompt:
    text = question.question.strip()
    if style == "completion":
        return Prompt(primed_text(text, solved))
    return model.chat(primed_turns(text, solved))


def _chat_lead(model: Model, question: Question) -> str:
    """White space that the template puts between prompt and answer; empty if unknown."""
    turn = [{"role": "user", "content": question.question.strip()}]
    prompt, answer = model.chat(turn).text, "Answer"
    opened = model.chat(turn, prefill=answer).text
    behind = opened.removeprefix(prompt)
    if behind == opened or not behind.endswith(answer):
        return ""
    between = behind.removesuffix(answer)
    return between if not between.strip() else ""


def _row(question: Question, values: list[float]) -> dict[str, Any]:
    n_correct = len(question.correct)
    return {
        "question": question.id,
        "correct_logprobs": values[:n_correct],
        "incorrect_logprobs": values[n_correct:],
    }
