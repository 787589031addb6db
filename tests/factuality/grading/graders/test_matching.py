"""The grader `match`: names of references, on either side, within a negation, or none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factuality import Question
from factuality.grading.graders.matching import match

CAPITAL = Question(
    "c/0", "places", "What is the capital?", ("Canberra", "the city of Canberra"), ("Sydney", "Melbourne")
)
WALL = Question(
    "w/0", "places", "Is it visible?", ("It is not visible from space", "No", "I have no comment"),
    ("It is visible from space", "Yes"),
)  # fmt: skip
YORK = Question("y/0", "places", "Where?", ("York", "New York State"), ("New York", "no man's land"))
SENTENCE = Question(
    "s/0", "food", "What happens?", ("The seeds pass through your digestive system",), ("You grow melons",)
)


@pytest.mark.parametrize(
    ("question", "response", "grade", "tempted", "reason"),
    [
        (CAPITAL, "Canberra", "correct", False, "names 'Canberra'"),
        (CAPITAL, "the capital is **CANBERRA**.", "correct", False, "names 'Canberra'"),
        (CAPITAL, "No, it is Canberra", "correct", False, "names 'Canberra'"),
        (CAPITAL, "Not Sydney but Canberra.", "correct", False, "names 'Canberra'"),
        (CAPITAL, "Canberra, not Sydney.", "correct", False, "names 'Canberra'"),
        (CAPITAL, "Canberra rather than Sydney", "correct", False, "names 'Canberra'"),
        (CAPITAL, "Sydney", "incorrect", True, "names 'Sydney'"),
        (CAPITAL, "It's Sydney. It isn't Canberra.", "incorrect", True, "names 'Sydney'"),
        (CAPITAL, "Perth", "incorrect", False, "matches no reference"),
        (CAPITAL, "Canberras", "incorrect", False, "matches no reference"),  # whole words only
        (CAPITAL, "Canberra or Sydney", "ungraded", False, "names both 'Canberra' and 'Sydney'"),
        (CAPITAL, "It is not Canberra", "ungraded", False, "names 'Canberra' only in a negation"),
        (CAPITAL, "Sydney is not it", "ungraded", False, "names 'Sydney' only in a negation"),
        (CAPITAL, "well " * 9, "ungraded", False, "matches no reference, which in free text says nothing"),
        (CAPITAL, "well " * 8, "incorrect", False, "matches no reference"),
        (CAPITAL, "I don't know.", "abstained", False, "declines to answer"),
        (CAPITAL, "", "abstained", False, "empty answer"),
        (CAPITAL, " \n", "abstained", False, "empty answer"),
        (CAPITAL, "...", "abstained", False, "answer without words"),
        (CAPITAL, "I don't know whether it is Sydney", "abstained", False, "declines to answer"),
        (CAPITAL, "I'm not sure, but I think it's Canberra.", "correct", False, "names 'Canberra'"),
        (CAPITAL, "I don't know. Maybe Sydney?", "incorrect", True, "names 'Sydney'"),
        (CAPITAL, "Canberra, but I'm not sure.", "correct", False, "names 'Canberra'"),
        (CAPITAL, "I don't know, perhaps Perth", "incorrect", False, "matches no reference"),
        (CAPITAL, "I don't know who moved it, but it is Canberra.", "correct", False, "names 'Canberra'"),
        (CAPITAL, "Cannot be determined.", "abstained", False, "declines to answer"),
        (CAPITAL, "I have no way of knowing that.", "abstained", False, "declines to answer"),
        (CAPITAL, "I would not say that. It is Canberra.", "correct", False, "names 'Canberra'"),
        (WALL, "No", "correct", False, "names 'No'"),
        (WALL, "No, it isn't.", "correct", False, "names 'No'"),
        (WALL, "It is not visible from space", "correct", False, "names 'It is not visible from space'"),
        (WALL, "It isn't visible from space.", "correct", False, "names 'It is not visible from space'"),
        (WALL, "Yes, it is visible from space.", "incorrect", True, "names 'Yes'"),
        (WALL, "There is no wall", "ungraded", False, "matches no reference, which in free text says nothing"),
        (WALL, "I have no comment.", "correct", False, "names 'I have no comment'"),
        (WALL, "No comment.", "abstained", False, "declines to answer"),  # its `no` is no answer
        (YORK, "New York", "incorrect", True, "names 'New York'"),
        (YORK, "In York.", "correct", False, "names 'York'"),
        (YORK, "New York State", "correct", False, "names 'New York State'"),
        (YORK, "New York and York", "ungraded", False, "names both 'York' and 'New York'"),
        (YORK, "It is no man's land", "incorrect", True, 'names "no man\'s land"'),
        (SENTENCE, "The seeds pass through your digestive system.", "correct", False, None),
        (SENTENCE, "They go through you", "ungraded", False, "matches no reference, which in free text says nothing"),
    ],
)
def test_verdicts(question: Question, response: str, grade: str, tempted: bool, reason: str | None) -> None:
    verdict = match(response, question)
    assert (verdict.grade, verdict.tempted) == (grade, tempted)
    assert reason is None or verdict.reason == reason
    assert verdict.score == {"correct": 1.0, "incorrect": 0.0}.get(grade)


@given(st.text(), st.sampled_from([CAPITAL, WALL, YORK, SENTENCE]))
def test_every_text_gets_a_verdict_with_a_reason(response: str, question: Question) -> None:
    verdict = match(response, question)
    assert verdict.reason
    assert verdict.grade == "incorrect" or not verdict.tempted


@given(st.permutations(["Sydney", "Melbourne", "Perth"]), st.permutations(["Canberra", "ACT", "the bush capital"]))
def test_the_order_of_references_changes_no_grade(wrong: list[str], right: list[str]) -> None:
    question = Question("c/0", "places", "What is the capital?", tuple(right), tuple(wrong))
    grades = [match(text, question).grade for text in ("Perth", "ACT", "ACT or Perth", "Rome", "not the ACT")]
    assert grades == ["incorrect", "correct", "ungraded", "incorrect", "ungraded"]


# The longer one takes seconds where time grows with length, and would not end where it grows with its square.
@pytest.mark.parametrize("count", [6_000, pytest.param(60_000, marks=pytest.mark.slow)])
def test_long_answers_take_no_time_to_speak_of(count: int) -> None:
    assert match("this, and that. " * count, CAPITAL).grade == "ungraded"
