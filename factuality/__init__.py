"""How often a language model states falsehoods.

Questions become responses (`ask`), a grader makes judgments of them (`grade`), and those become rates with intervals
and changes between two models. Names load on first use: importing this package loads no model library.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .asking import Responses, ask, read_responses
    from .grading import grade, read_judgments
    from .judgments import Judgments
    from .multiple_choice import MultipleChoice, read_multiple_choice, truthfulqa_mc
    from .outcomes import RateChanges, Rates, rate_change, rates
    from .questions import Question, load_questions

_HOME = {
    "Judgments": "judgments",
    "MultipleChoice": "multiple_choice",
    "Question": "questions",
    "RateChanges": "outcomes",
    "Rates": "outcomes",
    "Responses": "asking",
    "ask": "asking",
    "grade": "grading",
    "load_questions": "questions",
    "rate_change": "outcomes",
    "rates": "outcomes",
    "read_judgments": "grading",
    "read_multiple_choice": "multiple_choice",
    "read_responses": "asking",
    "truthfulqa_mc": "multiple_choice",
}

__all__ = [
    "Judgments",
    "MultipleChoice",
    "Question",
    "RateChanges",
    "Rates",
    "Responses",
    "ask",
    "grade",
    "load_questions",
    "rate_change",
    "rates",
    "read_judgments",
    "read_multiple_choice",
    "read_responses",
    "truthfulqa_mc",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'factuality' has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
