"""Names of fields: what is recognised, and what is said of the rest."""

from __future__ import annotations

import pytest

from calibration.files.field_names import Fields

FIELDS = Fields(("question", "answer", "subject"), required=("question", "answer"), lettered={"texts": ("", "option")})


@pytest.mark.parametrize(
    ("header", "named", "lettered"),
    [
        (["QUESTION", "answerKey"], {"question": "QUESTION", "answer": "answerKey"}, {}),
        (["Ground Truth", " Question "], {"question": " Question ", "answer": "Ground Truth"}, {}),
        (["prompt", "gold", "Subject"], {"question": "prompt", "answer": "gold", "subject": "Subject"}, {}),
        (["question", "label", "A", "B"], {"question": "question", "answer": "label"}, {"texts": ("A", "B")}),
        (["question", "label", "b", "a", "n"], {"question": "question", "answer": "label"}, {"texts": ("a", "b")}),
        (["question", "label", "optionA", "option b"], {"question": "question", "answer": "label"},
         {"texts": ("optionA", "option b")}),
        (["question", "label", "A", "b", "C", "d"], {"question": "question", "answer": "label"},
         {"texts": ("A", "b", "C", "d")}),
        (["question", "label", "a", "", "other"], {"question": "question", "answer": "label"}, {}),
    ],
)  # fmt: skip
def test_what_is_recognised(header: list[str], named: dict[str, str], lettered: dict[str, tuple[str, ...]]) -> None:
    columns = FIELDS.match(header)
    assert (columns.named, columns.lettered) == (named, lettered)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (["question;answer"], "the fields 'question' .*, 'answer' .*; the file has 'question;answer'"),
        (["Qeustion", "answer"], "a field 'question' .*; the file has 'Qeustion', 'answer'; the nearest: 'Qeustion'"),
        (["question", "answer", "Label"], "'answer' and 'Label' both mean 'answer': rename or remove"),
        (["question", "Question", "answer"], "'question' and 'Question' both mean 'question'"),
        (["question", "answer", "A", "B", "D"], r"without a gap, C is missing before 'D'"),
        (["question", "answer", "A", "B", "a"], "'A' and 'a' mean the same letter: remove the one that is not meant"),
        (["question", "answer", "A", "B", "option A", "option B"], "'A' and 'option A' both mean the option A"),
    ],
)
def test_what_is_not(header: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FIELDS.match(header)


def test_a_name_without_a_value_gives_way() -> None:
    columns = FIELDS.match(["question", "answer", "label"], null=["answer"])
    assert columns.named["answer"] == "label"
    assert FIELDS.match(["question", "answer"], null=["answer"]).named["answer"] == "answer"
