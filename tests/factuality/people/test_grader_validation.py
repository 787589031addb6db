"""What a grader says beside what people say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from factuality import Judgments, Question
from factuality.grading.human_labels import HumanLabels
from factuality.people.failures import answer_style
from factuality.people.grader_validation import validate_grader
from factuality.people.paired_verdicts import paired_verdicts
from tests.factuality import sets


def scored(judgments: Judgments, score: list[float | None]) -> Judgments:
    return Judgments(judgments.frame.with_columns(pl.Series("score", score, dtype=pl.Float64)))


def people(judgments: Judgments, label: Sequence[bool | None]) -> HumanLabels:
    frame = judgments.frame.with_columns(pl.Series("label", label, dtype=pl.Boolean))
    questions = tuple(Question(name, "science", "What?", ("this",), ("that",)) for name in frame["question"].unique())
    return HumanLabels(frame, questions)


def judged(counts: dict[tuple[str, bool], int]) -> tuple[Judgments, HumanLabels]:
    grades = [grade for (grade, _), n in counts.items() for _ in range(n)]
    judgments = sets.judgments(grades)
    return judgments, people(judgments, [label for (_, label), n in counts.items() for _ in range(n)])


def test_agreement_worked_by_hand() -> None:
    # 40 right to people, 60 wrong; the grader calls 30 of the former and 20 of the latter right: a textbook's table,
    # kappa = (0.7 − 0.5) / 0.5.
    found = validate_grader(
        *judged({("correct", True): 30, ("incorrect", True): 10, ("correct", False): 20, ("incorrect", False): 40})
    ).estimates
    assert found["accuracy"].value == pytest.approx(0.7)
    assert found["balanced_accuracy"].value == pytest.approx((30 / 40 + 40 / 60) / 2)
    assert found["kappa"].value == pytest.approx(0.4)
    assert found["auroc"].value == pytest.approx(found["balanced_accuracy"].value)  # scores 0 and 1
    # Fleiss, Cohen and Everitt's variance (1969), equation 13, of this table by hand.
    cells, right, wrong = np.array([[0.3, 0.1], [0.2, 0.4]]), np.array([0.4, 0.6]), np.array([0.5, 0.5])
    observed, chance = 0.7, 0.5
    terms = sum(cells[i, i] * ((1 - chance) - (right[i] + wrong[i]) * (1 - observed)) ** 2 for i in range(2)) + (
        1 - observed
    ) ** 2 * sum(cells[i, j] * (wrong[i] + right[j]) ** 2 for i in range(2) for j in range(2) if i != j)
    variance = (terms - (observed * chance - 2 * chance + observed) ** 2) / (100 * (1 - chance) ** 4)
    half = 1.984217 * np.sqrt(variance)  # Student's t, 99 degrees of freedom
    assert (found["kappa"].high - found["kappa"].low) / 2 == pytest.approx(half, rel=0.01)
    assert all(one.low < one.value < one.high and one.level == 0.95 for one in found.values())


def test_abstentions_are_truthful_but_not_correct() -> None:
    judgments = sets.judgments(["abstained", "correct", "incorrect", "ungraded"])
    labels = people(judgments, [True, True, False, False])
    truthful = paired_verdicts(judgments, labels, positive="truthful")
    assert truthful["said"].to_list() == [True, True, False, None]
    assert truthful["score"].to_list() == [1.0, 1.0, 0.0, None]
    correct = paired_verdicts(judgments, labels, positive="correct")
    assert correct["said"].to_list() == [False, True, False, None]
    assert correct["score"].to_list() == [0.0, 1.0, 0.0, None]
    # People's verdicts are read likewise.
    assert paired_verdicts(judgments, judgments, positive="correct")["label"].to_list() == [False, True, False, None]
    assert paired_verdicts(scored(judgments, [0.3, 0.8, 0.2, 0.4]), labels, positive="truthful")["score"].to_list() == [
        0.3, 0.8, 0.2, 0.4,
    ]  # fmt: skip


def test_an_ungraded_answer_agrees_with_nobody_and_takes_no_side() -> None:
    found = validate_grader(
        *judged({("correct", True): 2, ("incorrect", False): 2, ("ungraded", True): 2, ("ungraded", False): 2})
    )
    assert (found.n_answers, found.n_ungraded, found.n_unlabelled) == (8, 4, 0)
    assert found.estimates["accuracy"].value == 0.5
    assert found.estimates["balanced_accuracy"].value == 0.5
    # Observed agreement 1/2, expected (1/2)(1/4) + (1/2)(1/4): people never say "ungraded".
    assert found.estimates["kappa"].value == pytest.approx((0.5 - 0.25) / 0.75)
    assert found.estimates["auroc"].value == pytest.approx((4 * 1 + 8 * 1 + 4 * 0.5) / 16)
    assert found.curve is not None
    assert found.curve.count.sum() == 4


def test_calibration_is_that_of_the_scores() -> None:
    judgments, labels = judged({("correct", True): 5, ("correct", False): 5})
    found = validate_grader(scored(judgments, [0.9] * 10), labels)
    assert found.curve is not None
    assert found.curve.ece == pytest.approx(0.4)
    assert found.estimates["debiased_ce2"].value == pytest.approx(0.16 - 0.25 / 9)
    nothing = validate_grader(*judged({("ungraded", True): 3, ("ungraded", False): 3}))
    assert nothing.curve is None
    assert "debiased_ce2" not in nothing.estimates


def test_answers_to_one_question_are_drawn_together() -> None:
    judgments, labels = judged({("correct", True): 30, ("incorrect", True): 10, ("correct", False): 60})
    number = np.arange(100)
    together = pl.DataFrame({"question": [f"q{n // 10}" for n in number], "sample": number % 10})
    apart = validate_grader(judgments, labels).estimates["accuracy"]
    columns = [pl.Series("question", together["question"]), pl.Series("sample", together["sample"], dtype=pl.Int32)]
    clustered = Judgments(judgments.frame.with_columns(columns))
    found = validate_grader(clustered, people(clustered, labels.frame["label"].to_list())).estimates["accuracy"]
    assert found.value == apart.value
    assert found.high - found.low > 1.5 * (apart.high - apart.low)


def test_perfect_agreement_and_one_kind_of_answer() -> None:
    found = validate_grader(*judged({("correct", True): 10, ("incorrect", False): 10})).estimates
    assert found["kappa"].value == found["auroc"].value == 1
    assert found["kappa"].low == pytest.approx((found["accuracy"].low - 0.5) / 0.5)
    assert (found["kappa"].high, found["kappa"].known) == (1, True)
    assert found["auroc"].low < 1
    only = validate_grader(*judged({("correct", True): 10, ("incorrect", True): 3})).estimates
    assert set(only) == {"accuracy", "kappa", "debiased_ce2"}
    assert only["kappa"].value == 0


def test_where_a_grader_fails() -> None:
    judgments = sets.judgments(
        ["correct"] * 20 + ["incorrect"] * 20 + ["ungraded"], category=["law"] * 20 + ["art"] * 20 + ["law"]
    )
    found = validate_grader(judgments, people(judgments, [False] * 15 + [True] * 6 + [False] * 19 + [True])).failures
    first = found.row(0, named=True)
    assert (first["group"], first["name"], first["n"]) == ("category", "law", 21)
    assert first["accuracy"] == pytest.approx(5 / 21)
    assert (first["passed"], first["failed"], first["ungraded"]) == pytest.approx((15 / 21, 0, 1 / 21))
    assert found.filter(group="style")["name"].to_list() == ["up to 3 words"]
    assert found.filter(group="style")["n"].to_list() == [41]
    assert answer_style("") == "empty"
    assert answer_style("word " * 21) == "over 20 words"


def test_what_cannot_be_compared_is_refused() -> None:
    judgments, labels = judged({("correct", True): 3})
    other = HumanLabels(labels.frame.with_columns(response=pl.lit("Else.")), labels.questions)
    with pytest.raises(
        ValueError, match=r"the same answers; to question q0, sample 0 one is 'That.', the other 'Else.'"
    ):
        validate_grader(judgments, other)
    with pytest.raises(ValueError, match="at least one answer, none of the 3 has their verdict"):
        validate_grader(judgments, people(judgments, [None, None, None]))
    with pytest.raises(ValueError, match="positive must be truthful or correct, got 'right'"):
        validate_grader(judgments, labels, positive="right")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="level must be strictly between 0 and 1"):
        validate_grader(judgments, labels, level=1)
