"""The rubric by which answers of the kept runs were sorted."""

from __future__ import annotations

from factuality.rubrics.rubric import Rubric, RubricClass

RUBRIC = Rubric(
    "Refusals",
    "Sort the answer.",
    (
        RubricClass("R", "refuses", "It refuses to answer."),
        RubricClass("P", "plain", "It answers plainly."),
        RubricClass("H", "hedged", "It answers with doubts."),
    ),
)
