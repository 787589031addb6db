"""Graders: what says of an answer whether it is right, each behind one protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ...questions.question import Question
from ..judgments import Verdict


class Grader(Protocol):
    """What grades answers by the references of their questions.

    One that computes with a network or reads a file may have an attribute ``model_identity``, a text that tells it from
    others of the same name (see `calibration.models.settings.model_identity`; ``file`` and the hash of its content):
    judgments by two of them are not compared.

    One that needs no right answers has an attribute ``needs_answers`` that is false; others are not asked after a
    question without them.
    """

    @property
    def spec(self) -> str:
        """The name that `load_grader` knows it by; it stands in the judgments."""
        ...

    def judge(self, responses: Sequence[str], questions: Sequence[Question]) -> list[Verdict]:
        """Verdicts, one an answer.

        Parameters
        ----------
        responses : sequence of str
            Answers.
        questions : sequence of Question
            What each of them answers, with its references; the same length.
        """
        ...


def needs_answers(grader: Grader) -> bool:
    """Whether a grader compares answers with right ones."""
    return bool(getattr(grader, "needs_answers", True))


def grader_identity(grader: Grader) -> str | None:
    """Identity of a grader's network or file; None for a grader without one."""
    identity = getattr(grader, "model_identity", None)
    return None if identity is None else str(identity)
