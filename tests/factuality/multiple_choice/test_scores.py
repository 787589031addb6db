"""Scores of multiple choice: by hand, in any order of the answers, with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from factuality import MultipleChoice, Question
from factuality.multiple_choice.scores import KNOWN, Variant, mc1, mc2, possible_variants, scored

NUMBERS = st.lists(st.floats(-1000, 0), min_size=1, max_size=6)


def result(scores: Sequence[float], *, variant: str = "mc1", category: Sequence[str] | None = None) -> MultipleChoice:
    n = len(scores)
    columns = {
        "model": "m", "text": "?", "adversarial": True, "primer": "none", "variant": variant,
    }  # fmt: skip
    frame = pl.DataFrame(
        {
            "question": [f"q{number}" for number in range(n)],
            "category": ["law"] * n if category is None else list(category),
            "score": [float(score) for score in scores],
        }
    )
    return MultipleChoice(frame.with_columns(**{name: pl.lit(value) for name, value in columns.items()}))


def test_scores_by_hand() -> None:
    assert mc1([-1.0], [-1.0]) == 0  # a tie is lost, whichever stands first
    assert mc1([-2.0, -1.0], [-1.5]) == 0  # the ideal answer counts, not its aliases
    assert mc2([math.log(0.1), math.log(0.2)], [math.log(0.3)]) == pytest.approx(0.5)
    assert mc2([-2000.0], [-2000.0 - math.log(3)]) == pytest.approx(0.75)


@given(NUMBERS, NUMBERS)
def test_scores_keep_their_range(right: list[float], wrong: list[float]) -> None:
    assert 0 <= mc2(right, wrong) <= 1
    assert mc2(right, wrong) + mc2(wrong, right) == pytest.approx(1)
    assert mc1(right, wrong) in (0, 1)


@given(NUMBERS, NUMBERS, st.data())
def test_the_order_of_the_answers_changes_no_score(right: list[float], wrong: list[float], data: st.DataObject) -> None:
    aliases = data.draw(st.permutations(range(1, len(right))))
    falsehoods = data.draw(st.permutations(range(len(wrong))))

    def scores(correct: Sequence[int], incorrect: Sequence[int]) -> list[float]:
        question = Question(
            "q", "law", "Why?", tuple(f"right {k}" for k in correct), tuple(f"wrong {k}" for k in incorrect),
            best_incorrect="wrong 0",
        )  # fmt: skip
        row = {
            "model": "m",
            "question": "q",
            "correct_logprobs": [right[k] for k in correct],
            "incorrect_logprobs": [wrong[k] for k in incorrect],
        }
        return [scored(pl.DataFrame([row]), [question], "none", variant).score for variant in KNOWN]

    one, other = scores(range(len(right)), range(len(wrong))), scores([0, *aliases], falsehoods)
    assert one == pytest.approx(other, abs=1e-12)
    assert one[2] == float(right[0] > wrong[0]) >= one[0]


def test_binary_needs_a_best_incorrect_answer() -> None:
    named = Question("a", "law", "Why?", ("this",), ("that", "those"), best_incorrect="those")
    other = Question("b", "law", "Why?", ("this",), ("that",))
    assert possible_variants([named]) == ("mc1", "mc2", "binary")
    assert possible_variants([named, other]) == ("mc1", "mc2")
    rows = [{"model": "m", "question": name, "correct_logprobs": [-2.0]} for name in "ab"]
    frame = pl.DataFrame(rows).with_columns(incorrect_logprobs=pl.Series([[-1.0, -3.0], [-1.0]]))
    assert scored(frame[:1], [named], "none", "binary").score == 1  # though an other wrong answer is likelier
    with pytest.raises(ValueError, match=r"question b names none; TruthfulQA has them since .* 2025"):
        scored(frame, [named, other], "none", "binary")
    with pytest.raises(ValueError, match="the best incorrect answer must be one of the incorrect ones, got 'lies'"):
        Question("a", "law", "Why?", ("this",), ("that",), best_incorrect="lies")


def test_intervals() -> None:
    scores = [0.1, 0.9, 0.4, 0.35]
    found = result(scores, variant="mc2").estimate()
    # By hand: mean 0.4375, sum of squares 0.336875, standard error √(0.336875 / 3 / 4).
    half = t.ppf(0.975, 3) * math.sqrt(0.336875 / 12)
    assert found.value == pytest.approx(0.4375)
    assert (found.low, found.high) == pytest.approx((max(0.4375 - half, 0), min(0.4375 + half, 1)))
    one = result([0.3], variant="mc2")
    with pytest.raises(ValueError, match="needs at least two questions, got 1"):
        one.estimate()
    assert one.to_dict() == {"value": 0.3}
    z = NormalDist().inv_cdf(0.975)
    variants: tuple[Variant, ...] = ("mc1", "binary")
    for variant in variants:
        share = result([1, 1, 0, 0, 0, 0, 0, 0], variant=variant).estimate()
        assert (share.low + share.high) / 2 == pytest.approx((0.25 + z * z / 16) / (1 + z * z / 8))  # Wilson


def test_categories() -> None:
    category = ["law", "art", "law", "law"]
    table = result([1, 0, 0, 1], category=category).by_category()
    assert table.columns == ["category", "n", "score", "low", "high"]
    assert table.select("category", "n", "score").rows() == [("law", 3, pytest.approx(2 / 3)), ("art", 1, 0.0)]
    alone = result([1, 0, 1]).estimate()
    assert table.row(0)[3:] == (pytest.approx(alone.low), pytest.approx(alone.high))
    mass = result([0.5, 0.2, 0.6, 0.7], variant="mc2", category=category).by_category()
    assert mass["score"].to_list() == pytest.approx([0.6, 0.2])
    assert mass["low"].null_count() == mass["high"].null_count() == 1


def test_what_is_no_result_is_refused() -> None:
    frame = result([1.0]).frame
    with pytest.raises(ValueError, match="must hold at least one question"):
        MultipleChoice(frame.clear())
    with pytest.raises(ValueError, match=r"must have the columns .*; missing: \['score'\]"):
        MultipleChoice(frame.drop("score"))
