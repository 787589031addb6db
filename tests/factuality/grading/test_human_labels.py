"""Answers that people have judged: what is read of them, and what is refused with file and line."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from factuality import Question
from factuality.grading.human_labels import HumanLabels, load_human_labels

HEADER = "category,question,model,model_answer,human_truthful,best_answer,correct_answers,incorrect_answers"
ROWS = (
    'Law,"Is it legal, really?",ada,A: Yes.,false,No,No; It is not;,Yes; It is',
    "Law,Who?,ada,_____ A: Nobody; I think.,true,Nobody,Nobody,",
    'Law,"Is it legal, really?",ada,"Not A: at all",TRUE,No,No; Never,Yes',
    "Myths,Why?,ada,A:,unclear,No reason,No reason; None at all,Magic",
)


def write(path: Path, *rows: str, header: str = HEADER) -> Path:
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def test_what_is_read(tmp_path: Path) -> None:
    labels = load_human_labels(write(tmp_path / "labels.csv", *ROWS))
    frame = labels.frame
    assert frame["response"].to_list() == ["Yes.", "Nobody; I think.", "Not A: at all", ""]
    assert frame["label"].to_list() == [False, True, True, None]
    assert frame["sample"].to_list() == [0, 0, 1, 0]
    assert frame["model"].unique().to_list() == ["ada"]
    assert (labels.n_answers, labels.n_unclear) == (4, 1)
    first, second, third = labels.questions
    assert (first.question, first.category) == ("Is it legal, really?", "Law")
    assert first.correct == ("No", "It is not", "Never")  # those of both of its rows
    assert first.incorrect == ("Yes", "It is")
    assert (second.incorrect, second.adversarial, third.adversarial) == ((), False, True)
    decided = labels.decided()
    assert decided.frame["label"].to_list() == [False, True, True]
    assert decided.questions == (first, second)


def test_labels_are_read_as_verdicts(tmp_path: Path) -> None:
    texts = ("TRUE", "no", "truthful: no", "is_correct = True", "Unclear")
    rows = [f"Law,Who {row}?,ada,A: He.,{text},He,He,She" for row, text in enumerate(texts)]
    labels = load_human_labels(write(tmp_path / "labels.csv", *rows))
    assert labels.frame["label"].to_list() == [True, False, False, True, None]


def test_copies_of_a_spreadsheet_are_the_same_labels(tmp_path: Path) -> None:
    path = write(tmp_path / "labels.csv", 'Law,"Is it\nlegal?",ada,A: Yes.,false,No,No; Never,Yes', ROWS[1])
    expected = load_human_labels(path)
    copy = tmp_path / "copy.csv"
    copy.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_human_labels(copy).frame.equals(expected.frame)
    assert load_human_labels(copy).questions == expected.questions
    header = HEADER.replace(",", ";").title().replace("_", " ")
    semicolons = write(
        tmp_path / "semicolons.csv", 'Law;Who?;ada;Nobody;true;Nobody;"Nobody; No one";"He; She"', header=header
    )
    assert load_human_labels(semicolons).questions[0].incorrect == ("He", "She")


def test_a_question_has_the_same_id_in_every_file(tmp_path: Path) -> None:
    one = load_human_labels(write(tmp_path / "one.csv", *ROWS))
    other = load_human_labels(write(tmp_path / "other.csv", "x,note," + ROWS[1], header="left,right," + HEADER))
    assert other.frame["question"][0] == one.frame["question"][1]


def test_answers_as_responses(tmp_path: Path) -> None:
    labels = load_human_labels(write(tmp_path / "labels.csv", *ROWS))
    responses = labels.responses()
    assert responses.questions == labels.questions
    for column in ("question", "sample", "response", "model"):
        assert responses.frame[column].to_list() == labels.frame[column].to_list()
    assert responses.frame["logprob"].null_count() == 4


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("Law,Who?,ada,A: He.,maybe,He,He,She", "line 2: human_truthful must be true, false or unclear, got 'maybe'"),
        ("Law,Who?,ada,A: He.,true,,,She", "line 2: question .*: .* must hold at least one word, got ''"),
        ("Law,,ada,A: He.,true,He,He,She", "line 2: question .*: the question is empty"),
        ("Law,Who?,ada,A: He.,true,He", "line 2: every row must have the 8 columns"),
    ],
)
def test_a_wrong_row_is_refused(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_human_labels(write(tmp_path / "labels.csv", row))


def test_a_wrong_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such file"):
        load_human_labels(tmp_path / "labels.csv")
    with pytest.raises(ValueError, match="the file holds no answers"):
        load_human_labels(write(tmp_path / "labels.csv"))
    with pytest.raises(
        ValueError,
        match=r"there must be the fields 'human_truthful' \(or truthful, label\), 'best_answer', .*; the file has 'c",
    ):
        load_human_labels(
            write(tmp_path / "labels.csv", "a,b,c,d,e,f", header=",".join(HEADER.split(",")[:4]) + ",x,y")
        )


def test_a_table_must_hold_together() -> None:
    question = Question("a", "law", "Who?", ("He",), ("She",))
    row = {
        "question": ["a"], "sample": [0], "category": ["law"], "text": ["Who?"], "model": ["m"], "response": ["He"],
        "label": [None],
    }  # fmt: skip
    with pytest.raises(ValueError, match="there must be at least one clear label, all 1 are unclear"):
        HumanLabels(pl.DataFrame(row), (question,)).decided()
    with pytest.raises(ValueError, match="'b' is not"):
        HumanLabels(pl.DataFrame(row | {"question": ["b"]}), (question,))
