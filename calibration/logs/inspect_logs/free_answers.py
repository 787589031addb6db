"""Free answers with verdicts."""

from __future__ import annotations

import polars as pl

from ...predictions.credit import partial_credit
from ...predictions.further_columns import further_columns
from ..graded_answers import SCHEMA, GradedAnswers
from ..group_columns import group_columns
from .credit import Scorer
from .document import Document
from .items import group_of, item_ids
from .sample import Sample
from .selection import Selection


def graded_answers(document: Document, selection: Selection, scorer: Scorer, *, repeated: bool) -> GradedAnswers:
    """Answers and verdicts of a selection.

    Parameters
    ----------
    document : Document
        The log.
    selection : Selection
        Its answers that count.
    scorer : Scorer
        Whose verdicts they are.
    repeated : bool
        Whether all epochs count, an epoch a sample.
    """
    ids = item_ids(document)
    rows = [
        {
            "item": ids[sample.id],
            "sample": sample.epoch - 1 if repeated else 0,
            "category": group_of(document, sample),
            "question": sample.question.strip(),
            "response": sample.answer.strip(),
            "references": [text.strip() for text in sample.target if text.strip()],
            "grade": grade,
            "confidence": None,
            "reason": _reason(scorer, sample),
            "credit": partial_credit(grade, scorer.credit(sample)),
        }
        for sample, grade in zip(selection.samples, selection.grades, strict=True)
    ]
    further = further_columns([group_columns(sample.metadata) for sample in selection.samples], besides=SCHEMA)
    return GradedAnswers(pl.DataFrame(rows, schema=SCHEMA).with_columns(further), scorer.title)


def _reason(scorer: Scorer, sample: Sample) -> str:
    """Why the verdict was given; scorers that compare texts repeat the answer instead."""
    score = scorer.score(sample)
    return score.explanation if score and score.explanation.strip() != sample.answer.strip() else ""
