"""P(True): the probability that a model gives to its own answer being true."""

from __future__ import annotations

import numpy as np
import polars as pl

from calibration.models.protocol import Model

from ..answers.cut_answers import answered
from ..answers.responses import Responses
from ..grading.judge_letters import JudgeStyle, read_letters
from .confidences import KEY, Confidences

_ASKED = "Question: {question}\nProposed Answer: {answer}\nIs the proposed answer:"
_CLASSES = ("True", "False")


def p_true(
    model: Model, responses: Responses, *, style: JudgeStyle = "auto", batch_size: int | None = None
) -> Confidences:
    r"""P(True): the probability that a model gives to a proposed answer being true.

    The model is asked whether the answer is True or False, as lettered options, and again with both exchanged. With
    :math:`d = \log p(\text{letter of True}) - \log p(\text{letter of False})`,

    .. math:: P(\text{True}) = \sigma\!\left(\frac{d_{\text{True is A}} + d_{\text{True is B}}}{2}\right),

    in which a preference for a letter, as an amount added to its logit, cancels.

    Parameters
    ----------
    model : Model
        From `calibration.load_model`; the one that answered, if the confidence is to be its own.
    responses : Responses
        Answers, from `ask`.
    style : {"auto", "chat", "completion"}
        The model's chat template, or the question as text; ``auto``: its chat template if it has one.
    batch_size : int, optional
        Most prompts that go through the model at a time; as many as suit its memory if omitted. An
        answer takes two.

    Returns
    -------
    Confidences
        Of the kind ``p-true``, in the order of `responses`, with ``letter_mass``, the mean probability of both letters.
        Null if that is below 1 % (the model prefers another text), if a prompt is longer than the
        context window, and for an answer that was cut off before it began.

    Raises
    ------
    ValueError
        For letters that the tokenizer cannot tell apart, ``chat`` without a chat template.

    References
    ----------
    Kadavath et al. (2022), arXiv:2207.05221.

    Examples
    --------
    >>> answers = ask(model, questions, out="runs/base")  # doctest: +SKIP
    >>> pairs = confidence_pairs(with_confidence(grade(answers), p_true(model, answers)))  # doctest: +SKIP
    >>> ece(pairs.confidence, pairs.correct)  # doctest: +SKIP
    """
    questions = {question.id: question.question.strip() for question in responses.questions}
    texts = [
        _ASKED.format(question=questions[name], answer=answer)
        for name, answer in responses.frame.select("question", "response").iter_rows()
    ]
    readings = read_letters(model, texts, _CLASSES, style=style, batch_size=batch_size)
    unread = np.array([bool(problem) for problem in readings.problems]) | ~np.array(answered(responses.frame))
    return Confidences(
        responses.frame.select(KEY).with_columns(
            confidence=pl.Series(np.where(unread, np.nan, readings.probabilities[:, 0])).fill_nan(None),
            confidence_kind=pl.lit("p-true"),
            letter_mass=pl.Series(readings.mass).fill_nan(None),
        )
    )
