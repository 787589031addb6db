"""Raw answers: the part of a model's text that graders read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Concatenate, TypeVar

from calibration.models.tokenizing.thoughts import answer_in

from ...answers.cut_answers import CUT_OFF
from ...questions.question import Question
from ..judgments import Verdict

G = TypeVar("G")
Judging = Callable[Concatenate[G, Sequence[str], Sequence[Question], ...], list[Verdict]]
"""The method ``judge`` of a grader."""


def behind_thoughts(judge: Judging[G]) -> Callable[[G, Sequence[str], Sequence[Question]], list[Verdict]]:
    """The method ``judge`` of a grader, applied to answers behind their thoughts.

    An answer that was cut off in its thoughts is ``ungraded``. The grader gets it as an empty text, so that it sees all
    answers in their order.

    Examples
    --------
    >>> class Loud:
    ...     @behind_thoughts
    ...     def judge(self, responses, questions):
    ...         return [Verdict("correct", reason=text.upper()) for text in responses]
    >>> question = Question("sun/0", "science", "What colour is the Sun?", ("white",), ("yellow",))
    >>> verdicts = Loud().judge(["<think>Hm.</think> White.", "<think>Yellow"], [question] * 2)
    >>> [(verdict.grade, verdict.reason) for verdict in verdicts]
    [('correct', 'WHITE.'), ('ungraded', 'cut off')]
    """

    @wraps(judge)
    def judged(self: G, responses: Sequence[str], questions: Sequence[Question]) -> list[Verdict]:
        answers = [answer_in(response) for response in responses]
        verdicts = judge(self, [answer or "" for answer in answers], questions)
        return [
            Verdict("ungraded", reason=CUT_OFF) if answer is None else verdict
            for answer, verdict in zip(answers, verdicts, strict=True)
        ]

    return judged
