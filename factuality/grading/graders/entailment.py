"""The grader `nli:MODEL`, by entailment of right and wrong references."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from calibration.metrics.arrays import FloatArray
from calibration.models.loading_options import DEFAULT_LOADING, Loading
from calibration.models.settings import model_identity

from ...questions.question import Question
from ..abstention import answering_part, declines
from ..judgments import Verdict
from .raw_answers import behind_thoughts
from .specs import GraderSpec

DECIDED = 0.1
"""Probability below which nothing that an answer entails or denies decides."""


class EntailmentJudge(Protocol):
    """A model of entailment, as `calibration.models.encoders.entailment.load_entailment` gives it."""

    name: str
    weights: str

    def probabilities(self, premises: Sequence[str], hypotheses: Sequence[str], *, batch_size: int = 16) -> FloatArray:
        """Probabilities of entailment, neutral and contradiction for each pair.

        NaN for a pair that is too long.
        """
        ...


@dataclass(frozen=True, eq=False)
class Entailment:
    r"""The grader ``nli:MODEL``.

    The premise is the question with the answering part of the answer behind it
    (`factuality.grading.abstention.answering_part`), the hypothesis the question with a reference behind it.

    .. math:: p = \frac{f}{f + a}, \quad f = \max_{r \text{ right}} P(\text{entailed}), \quad
        a = \max\bigl(\max_{r \text{ wrong}} P(\text{entailed}), \min_{r \text{ right}} P(\text{contradicted})\bigr)

    Attributes
    ----------
    model : EntailmentModel
        From `calibration.models.encoders.entailment.load_entailment`.
    batch_size : int
        How many pairs go through the model at a time.

    Notes
    -----
    ``correct`` if :math:`p \ge 1/2`, else ``incorrect``, and tempted if a wrong reference is entailed with more
    than the right ones are contradicted. ``abstained`` by `factuality.grading.abstention.declines`, without
    asking. ``ungraded`` if neither :math:`f` nor :math:`a` reaches 0.1, or a pair is longer than the model can read.

    Examples
    --------
    >>> grader = load_entailment_grader(parse_spec("nli:cross-encoder/nli-deberta-v3-small"))  # doctest: +SKIP
    >>> judgments = grade("runs/post", grader=grader)  # doctest: +SKIP
    """

    model: EntailmentJudge
    batch_size: int = 16

    @property
    def spec(self) -> str:
        """``nli:MODEL``."""
        return f"nli:{self.model.name}"

    @property
    def model_identity(self) -> str | None:
        """Identity of the model beside its name: the hash of its weights."""
        return model_identity({"weights": self.model.weights})

    @behind_thoughts
    def judge(self, responses: Sequence[str], questions: Sequence[Question]) -> list[Verdict]:
        """Verdicts, one an answer."""
        premises, hypotheses, counts = [], [], []
        for response, question in zip(responses, questions, strict=True):
            references = () if declines(response) else (*question.correct, *question.incorrect)
            premises += [_statement(question, answering_part(response))] * len(references)
            hypotheses += [_statement(question, reference) for reference in references]
            counts.append(len(references))
        values = self.model.probabilities(premises, hypotheses, batch_size=self.batch_size)
        ends = np.cumsum(counts)
        pieces = zip(np.split(values, ends[:-1]), questions, strict=True) if counts else ()
        return [_verdict(piece, question) for piece, question in pieces]


def load_entailment_grader(spec: GraderSpec, loading: Loading = DEFAULT_LOADING, *, batch_size: int = 16) -> Entailment:
    """Load the grader by its name.

    Parameters
    ----------
    spec : GraderSpec
        ``nli:MODEL`` or ``MODEL``: a folder or a hub name.
    loading : Loading
        Number format, device and revision of the model.
    batch_size : int
        How many pairs go through the model at a time.

    Raises
    ------
    FileNotFoundError, ConnectionError, ValueError
        See `calibration.models.encoders.entailment.load_entailment`.
    """
    from calibration.models.encoders.entailment import load_entailment

    return Entailment(load_entailment(spec.target, loading), batch_size)


def _statement(question: Question, answer: str) -> str:
    return f"{question.question.strip()} {answer.strip()}"


def _verdict(values: FloatArray, question: Question) -> Verdict:
    """Verdict by the probabilities of the right references, then the wrong ones (n_references, 3)."""
    if not len(values):
        return Verdict("abstained", reason="declines to answer")
    if np.isnan(values).any():
        return Verdict("ungraded", reason="with a reference, longer than the model can read")
    n_right = len(question.correct)
    entailed, contradicted = values[:, 0], values[:n_right, 2]
    right, denied = int(entailed[:n_right].argmax()), int(contradicted.argmin())
    for_it, against = float(entailed[right]), float(contradicted[denied])
    reason, tempted = f"contradicts {question.correct[denied]!r}", False
    if question.incorrect:
        wrong = int(entailed[n_right:].argmax())
        if entailed[n_right + wrong] > against:
            against, tempted = float(entailed[n_right + wrong]), True
            reason = f"entails {question.incorrect[wrong]!r}"
    if max(for_it, against) < DECIDED:
        return Verdict("ungraded", reason=f"neither entails nor denies a reference ({max(for_it, against):.2f})")
    probability = for_it / (for_it + against)
    if for_it >= against:
        return Verdict("correct", reason=f"entails {question.correct[right]!r} ({for_it:.2f})", probability=probability)
    return Verdict("incorrect", tempted, f"{reason} ({against:.2f})", probability)
