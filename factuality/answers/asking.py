"""Asking: questions to prompts to responses, kept part by part."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from calibration.files.digest import digest
from calibration.models.first_prompts import ShowPrompt, longest, look_at_prompt
from calibration.models.prompt_errors import prompts_named
from calibration.models.protocol import Generated, Model, Prompt
from calibration.models.settings import model_settings
from calibration.runs.clashes import refuse_clashes
from calibration.runs.collection import AskedRun, Progress, resumed
from calibration.runs.dates import dated_as_run
from calibration.runs.shards import Shard, members, shard_note

from ..questions.question import Question, question_table, unique_questions
from .asking_options import AskingOptions, Style
from .cut_answers import CutAnswers, answered
from .primers import Primer, primed_text, primed_turns, solved_pairs
from .responses import RESPONSES, Responses, hash_of_questions, without_statements

# Share of empty answers from which a reader is told.
_NOTABLE_SHARE = 0.5


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
        Few-shot examples in front: none; six that are TruthfulQA's own prompt (see `factuality.answers.primers`); the
        first five of `dev` with their ideal answers. As text they stand in the form ``Q: …\nA: …``, and so does then
        the question; in a chat they are earlier turns.
    dev : sequence of Question
        Few-shot examples for ``5-shot``; none of them may be asked.
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
        Of the draws. Prompt, number of the sample and seed decide an answer, whatever else is asked beside
        it or was asked before.
    max_new_tokens : int
        Most tokens of an answer; a longer one is cut.
    stop : sequence of str
        Texts that end an answer, beside the end of the line that ends a completion.
    batch_size, shard, progress, show_prompt
        As in `calibration.extract`.
    out : str or Path, optional
        Run folder. An interrupted run is continued; a run with other settings is refused. Without it nothing
        is written. It keeps answers as the model wrote them, with the confidence that they state. A chat template
        writes the date of the run that is continued, unless the model was loaded with another.

    Returns
    -------
    Responses
        In the order of `questions`, those of the shard, the samples of each in turn.

    Raises
    ------
    ValueError
        For a prompt that with its answer is longer than the context window (by question, nothing is cut), a missing
        chat template, repeated ids, several samples at the temperature 0, fewer than five few-shot examples or one that
        is asked, stated confidence after few-shot examples (which state none), other settings in the folder, more
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
    prompts = {
        (question.id, sample): prompt
        for question in asked
        for prompt in [_prompt(model, question, style, solved, options.requests)]
        for sample in range(samples)
    }
    first_prompt = next(iter(prompts.values()))
    look_at_prompt(model, first_prompt, reads="texts", show=show_prompt)
    shard_questions = {asked[index].id for index in _shard_questions(asked, shard)}
    keys = [key for key in prompts if key[0] in shard_questions]
    asked_run = AskedRun(
        kind=RESPONSES,
        prompts=prompts,
        keys=keys,
        settings={**model_settings(model, chats=first_prompt.is_chat), **_known_settings(asked, options)},
        texts=question_table(asked),
        n_items=len(prompts),
        notes=shard_note(shard, len(keys)),
        if_too_long=_if_too_long(primer),
    )
    with resumed(out, asked_run) as run:
        pieces = model.generate(
            [prompts[key] for key in keys],
            max_new_tokens=max_new_tokens,
            stop=options.ends,
            temperature=temperature,
            seeds=[_seed(seed, prompts[key], key[1]) for key in keys] if temperature else (),
            batch_size=batch_size,
            done=run.done,
        )
        rows = ([_row(*keys[index], answer) for index, answer in zip(*piece, strict=True)] for piece in pieces)
        frame = run.filled(rows, progress=progress)
    responses = Responses(without_statements(frame) if state_confidence else frame, asked)
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
    adapter: str | None = None,
) -> None:
    """Raise for what `ask` would refuse whatever the model.

    The model that `spec` names is not loaded; its files are compared with those of the run in the folder.

    Raises
    ------
    ValueError
        As `ask`.
    """
    asked = unique_questions(questions)
    solved_pairs(options.primer, asked, dev)
    _shard_questions(asked, shard)
    settings = _known_settings(asked, options)
    refuse_clashes(out, settings, kind=RESPONSES, spec=spec, trust_remote_code=trust_remote_code, adapter=adapter)


def refuse_long_questions(
    model: Model,
    questions: Sequence[Question],
    options: AskingOptions,
    *,
    dev: Sequence[Question],
    shard: Shard | None,
    out: str | Path,
) -> None:
    """Raise if the longest prompts are too long for a model without weights.

    Parameters
    ----------
    model : Model
        From `calibration.models.loading.without_weights`.
    questions, options, dev, shard, out
        As in `refuse_asking`.

    Raises
    ------
    ValueError
        As `ask`, of a prompt that with its answer is too long.
    """
    asked = unique_questions(questions)
    solved = solved_pairs(options.primer, asked, dev)
    model = dated_as_run(model, out)
    prompts = {
        asked[index].id: _prompt(model, asked[index], options.style, solved, options.requests)
        for index in sorted(_shard_questions(asked, shard))
    }
    names = longest(prompts)
    with prompts_named([f"question {name}" for name in names], if_too_long=_if_too_long(options.primer)):
        model.generate([prompts[name] for name in names], max_new_tokens=options.max_new_tokens, stop=options.ends)


def _shard_questions(asked: Sequence[Question], shard: Shard | None) -> set[int]:
    """Indexes of the questions of a shard."""
    return set(members([f"{question.category}\n{question.question}" for question in asked], shard, what="questions"))


def _known_settings(asked: Sequence[Question], options: AskingOptions) -> dict[str, Any]:
    """Settings that are known without the model."""
    return {**options.settings, "n_items": len(asked), "questions": hash_of_questions(asked)}


def _prompt(
    model: Model, question: Question, style: Style, solved: Sequence[tuple[str, str]], requests: Sequence[str]
) -> Prompt:
    text = question.question.strip()
    if style == "chat":
        return model.chat(primed_turns("\n\n".join([text, *requests]), solved))
    if solved:
        return Prompt(primed_text(text, solved))
    return Prompt("\n\n".join([*requests, f"Question: {text}\nAnswer:"]))


def _seed(seed: int, prompt: Prompt, sample: int) -> int:
    return int(digest(f"{seed}\x1e{sample}\x1e{prompt.text}"), 16)


def _if_too_long(primer: Primer) -> str:
    """What helps if a prompt is too long."""
    primer_too = "" if primer == "none" else ", a shorter primer"
    return f"ask for fewer tokens (--max-new-tokens){primer_too}, or leave the question out"


def _row(question: str, sample: int, answer: Generated) -> dict[str, Any]:
    # Behind thoughts the answer's own tokens may not be told apart.
    known = bool(answer.logprobs) or not answer.thoughts
    return {
        "question": question,
        "sample": sample,
        "response": answer.text.strip(),
        "logprob": float(np.sum(answer.logprobs, dtype=np.float64)) if known else None,
        "n_tokens": len(answer.logprobs) if known else None,
        "token_logprobs": list(answer.logprobs) if known else None,
        "finish": answer.finish,
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
