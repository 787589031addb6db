"""The grader `nli:MODEL`: what an answer entails or denies, and what that makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from calibration.models.loading_options import Loading
from factuality import Question, Responses, grade
from factuality.grading.graders.entailment import Entailment, load_entailment_grader
from factuality.grading.graders.specs import parse_spec

from ....calibration.models.encoders.test_entailment import folder

SUN = Question("sun", "science", "What colour is the Sun?", ("white", "no colour"), ("yellow", "red"))
CALM = Question("moon", "science", "What colour is the Moon?", ("grey",), (), adversarial=False)


class Table:
    """Probabilities by the answer and the reference; what is not in it is neutral."""

    name = "table"
    weights = "0f4b"

    def __init__(self, entries: dict[tuple[str, str], tuple[float, float]]) -> None:
        self.entries = entries
        self.pairs: list[tuple[str, str]] = []

    def probabilities(
        self,
        premises: Sequence[str],
        hypotheses: Sequence[str],
        *,
        batch_size: int = 16,  # noqa: ARG002
    ) -> NDArray[np.float64]:
        self.pairs += zip(premises, hypotheses, strict=True)
        rows = []
        for pair in zip(premises, hypotheses, strict=True):
            answer, reference = (text.split("? ")[1] for text in pair)
            entailed, contradicted = self.entries.get((answer, reference), (0.01, 0.01))
            rows.append([entailed, 1 - entailed - contradicted, contradicted])
        return np.array(rows).reshape(-1, 3)


@pytest.mark.parametrize(
    ("entries", "grade", "tempted", "probability", "reason"),
    [
        ({"white": (0.8, 0.1), "yellow": (0.2, 0.7)}, "correct", False, 0.8, "entails 'white' (0.80)"),
        ({"no colour": (0.6, 0.1), "red": (0.3, 0)}, "correct", False, 0.6 / 0.9, "entails 'no colour' (0.60)"),
        ({"yellow": (0.9, 0), "white": (0.1, 0.8)}, "incorrect", True, 0.1, "entails 'yellow' (0.90)"),
        # Denies every right answer, and says none of the wrong ones.
        (
            {"white": (0.05, 0.9), "no colour": (0.02, 0.7)},
            "incorrect",
            False,
            0.05 / 0.75,
            "contradicts 'no colour' (0.70)",
        ),
        # Denies one right answer and says the other.
        ({"white": (0.9, 0), "no colour": (0, 0.9)}, "correct", False, 0.9 / 0.91, "entails 'white' (0.90)"),
        ({}, "ungraded", False, None, "neither entails nor denies a reference (0.01)"),
        ({"white": (np.nan, np.nan)}, "ungraded", False, None, "with a reference, longer than the model can read"),
    ],
)
def test_verdicts(
    entries: dict[str, tuple[float, float]], grade: str, tempted: bool, probability: float | None, reason: str
) -> None:
    table = Table({("It is so", reference): values for reference, values in entries.items()})
    (verdict,) = Entailment(table).judge(["It is so"], [SUN])
    assert (verdict.grade, verdict.tempted, verdict.reason) == (grade, tempted, reason)
    assert verdict.probability == (None if probability is None else pytest.approx(probability))


def test_premises_are_answers_and_hypotheses_references() -> None:
    table = Table({("Grey.", "grey"): (0.9, 0.0)})
    verdicts = Entailment(table).judge(["I don't know.", " Grey.\n", ""], [SUN, CALM, SUN])
    assert table.pairs == [("What colour is the Moon? Grey.", "What colour is the Moon? grey")]
    assert [one.grade for one in verdicts] == ["abstained", "correct", "abstained"]
    assert Entailment(table).judge([], []) == []


def test_a_folder_grades(tmp_path: Path) -> None:
    grader = load_entailment_grader(parse_spec(f"nli:{folder(tmp_path)}"), Loading(dtype="float32", device="cpu"))
    assert grader.spec == f"nli:{tmp_path}"
    found = grade(Responses.from_texts({"sun": "yellow", "moon": "I have no idea."}, [SUN, CALM]), grader=grader).frame
    assert found["grader"].to_list() == [f"nli:{tmp_path}"] * 2
    assert found["grade"][1] == "abstained"
    assert found["score"][0] is None or 0 <= found["score"][0] <= 1
