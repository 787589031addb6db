"""Small sets of questions, and judgments made from counts."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from factuality import Judgments, Question
from factuality.grading.judgments import SCHEMA


def questions(count: int = 12, *, categories: Sequence[str] = ("rivers", "law")) -> list[Question]:
    """Questions of different lengths, every fourth of them calm."""
    return [
        Question(
            f"q{number}",
            categories[number % len(categories)],
            f"Question {number}: " + "what, and why? " * (1 + number % 5),
            (f"one {number}", f"the one number {number}"),
            ("two", "three three", "four")[: 1 + number % 3],
            "a book",
            number % 4 != 3,
        )
        for number in range(count)
    ]


def judgments(
    grades: Sequence[str],
    *,
    tempted: Sequence[bool] | None = None,
    category: Sequence[str] | None = None,
    adversarial: Sequence[bool] | None = None,
    grader: str = "match",
    grader_model: str | None = None,
    credit: Sequence[float | None] | None = None,
) -> Judgments:
    """One answer a question, with the grades that are given; wrong answers are tempting ones unless told."""
    n = len(grades)
    return Judgments(
        pl.DataFrame(
            {
                "model": ["m"] * n,
                "question": [f"q{number}" for number in range(n)],
                "category": ["science"] * n if category is None else list(category),
                "adversarial": [True] * n if adversarial is None else list(adversarial),
                "sample": [0] * n,
                "text": ["What?"] * n,
                "response": ["That."] * n,
                "ideal": ["this"] * n,
                "grade": list(grades),
                "tempted": [grade == "incorrect" for grade in grades] if tempted is None else list(tempted),
                "grader": [grader] * n,
                "score": [None] * n,
                "confidence": [None] * n,
                "confidence_kind": [None] * n,
                "reason": [""] * n,
                "grader_model": [grader_model] * n,
                "credit": [None] * n if credit is None else list(credit),
            },
            schema=SCHEMA,
        )
    )
