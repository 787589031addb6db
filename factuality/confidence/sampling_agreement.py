"""Self-consistency: agreement of sampled answers with the answer given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl

from calibration.models.tokenizing.thoughts import answer_in

from ..answers.cut_answers import answered
from ..answers.responses import Responses
from ..grading.graders import Grader
from ..questions.question import Question
from ..words import split_words
from .confidences import KEY, Confidences

Agreement = Callable[[Question, str, str], bool]
"""Whether the first answer to a question implies the second one; used in both directions."""


def same_words(question: Question, first: str, second: str) -> bool:  # noqa: ARG001 (an `Agreement`)
    """Whether two answers have the same words.

    Thoughts, case, punctuation and articles are left aside.

    An answer that was cut off in its thoughts agrees with none.

    Examples
    --------
    >>> question = Question("sun/0", "science", "What colour is the Sun?", ("white",), ("yellow",))
    >>> same_words(question, "The Sun is white.", "sun is white"), same_words(question, "White", "It is white")
    (True, False)
    """
    answers = (answer_in(first), answer_in(second))
    return None not in answers and split_words(answers[0] or "") == split_words(answers[1] or "")


def agreement_by(grader: Grader) -> Agreement:
    """Agreement by a grader, with the second answer as the only reference.

    Two answers agree if the grader calls the first one correct.

    Parameters
    ----------
    grader : Grader
        Such as `factuality.load_grader` gives.

    Examples
    --------
    >>> from factuality.grading.graders.loading import load_grader
    >>> question = Question("sun/0", "science", "What colour is the Sun?", ("white",), ("yellow",))
    >>> agreement_by(load_grader("match"))(question, "It is white.", "White!")
    True
    """

    def agrees(question: Question, first: str, second: str) -> bool:
        answer = answer_in(second)
        if answer is None:
            return False
        if not split_words(answer):
            return not split_words(answer_in(first) or first)
        reference = replace(question, correct=(answer,), incorrect=(), adversarial=False)
        return grader.judge([first], [reference])[0].grade == "correct"

    return agrees


def agree_both_ways(agree: Agreement, question: Question, first: str, second: str) -> bool:
    """Whether two answers agree in both directions; equal texts always do.

    Examples
    --------
    >>> question = Question("sun/0", "science", "What colour is the Sun?", ("white",), ("yellow",))
    >>> within = lambda question, first, second: second in first
    >>> agree_both_ways(within, question, "white light", "white"), agree_both_ways(within, question, "white", "white")
    (False, True)
    """
    return first == second or (agree(question, first, second) and agree(question, second, first))


def self_consistency(
    samples: Responses, responses: Responses | None = None, *, agree: Agreement = same_words
) -> Confidences:
    """Self-consistency: the share of sampled answers that agree with the answer given.

    Parameters
    ----------
    samples : Responses
        Several answers to each question, drawn at a temperature.
    responses : Responses, optional
        The answers given, such as greedy ones to the same questions. Without them each sample is held against the
        *other* samples of its question.
    agree : callable
        ``agree(question, first, second)``: whether the first answer implies the second one. It must hold both
        ways. By default the same words; `agreement_by` makes one of a grader, and one of entailment fits too.

    Returns
    -------
    Confidences
        Of the kind ``self-consistency``, in the order of the answers given, with ``n_samples``. Samples that were cut
        off before their answer do not count; null for an answer that was, and where no sample has an answer.

    Raises
    ------
    ValueError
        For an answer to a question that was not sampled, or, without `responses`, sampled only once.

    References
    ----------
    Wang et al. (2022), arXiv:2203.11171. Lyu et al. (2024), arXiv:2402.13904 (agreement as confidence).

    Examples
    --------
    >>> question = Question("sun/0", "science", "What colour is the Sun?", ("white",), ("yellow",))
    >>> given = Responses.from_texts({"sun/0": "It's white."}, [question])
    >>> texts = ["It is white.", "it is white", "Yellow.", "It is green."]
    >>> drawn = pl.concat([Responses.from_texts({"sun/0": text}, [question]).frame for text in texts])
    >>> drawn = Responses(drawn.with_columns(sample=pl.int_range(4)), (question,))
    >>> self_consistency(drawn, given).frame["confidence"].to_list()
    [0.5]
    """
    drawn: dict[str, dict[int, str]] = {}
    for name, sample, text in samples.frame.filter(answered(samples.frame)).select(*KEY, "response").iter_rows():
        drawn.setdefault(name, {})[sample] = text
    given = samples if responses is None else responses
    questions = {question.id: question for question in given.questions}
    memo: dict[tuple[str, str, str], bool] = {}

    def agrees(name: str, text: str, other: str) -> bool:
        key = (name, min(text, other), max(text, other))
        if key not in memo:
            memo[key] = agree_both_ways(agree, questions[name], text, other)
        return memo[key]

    n_drawn = dict(samples.frame["question"].value_counts().iter_rows())
    shares: list[float | None] = []
    counts = []
    for (name, sample, text), begun in zip(
        given.frame.select(*KEY, "response").iter_rows(), answered(given.frame), strict=True
    ):
        others = [other for number, other in drawn.get(name, {}).items() if responses is not None or number != sample]
        if n_drawn.get(name, 0) <= (responses is None):
            raise ValueError(
                f"question {name} needs a sampled answer beside the one given, got none; "
                "ask with samples above 1 and a temperature above 0"
            )
        known = begun and bool(others)
        shares.append(sum(agrees(name, text, other) for other in others) / len(others) if known else None)
        counts.append(len(others))
    return Confidences(
        given.frame.select(KEY).with_columns(
            confidence=pl.Series(shares, dtype=pl.Float64),
            confidence_kind=pl.lit("self-consistency"),
            n_samples=pl.Series(counts),
        )
    )
