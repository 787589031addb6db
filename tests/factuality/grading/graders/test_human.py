"""Verdicts of people from a table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from factuality import Judgments, Responses, ask, grade, rate_change, read_judgments
from factuality.grading.graders.human import Human
from tests import tiny
from tests.factuality import sets


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_verdicts_by_question_and_sample(tmp_path: Path) -> None:
    path = write(
        tmp_path / "grades.csv",
        "sample,question,grade,note\n1,q0,not attempted,x\n0,q0,Correct,\n,q1,INCORRECT,\n0,q2,,later\n",
    )
    grader = Human.load(path)
    asked = sets.questions(4)
    questions = [asked[0], asked[1], asked[0], asked[2], asked[3], asked[1]]
    verdicts = grader.judge(["said"] * 6, questions)
    assert [verdict.grade for verdict in verdicts] == [
        "correct", "incorrect", "abstained", "ungraded", "ungraded", "ungraded",
    ]  # fmt: skip
    assert verdicts[4].reason == "no row in the table"
    assert grader.spec == f"human:{path}"
    assert grader.judge([], []) == []


def test_a_cell_may_hold_all_that_a_judge_wrote(tmp_path: Path) -> None:
    path = write(
        tmp_path / "grades.csv",
        'question,grade\nq0,correct: no\nq1,"{""correct"": false, ""refused"": true}"\n'
        'q2,"correct: yes\nVerdict: wrong"\n',
    )
    verdicts = Human.load(path).judge(["said"] * 3, sets.questions(3))
    assert [(verdict.grade, verdict.reason) for verdict in verdicts] == [
        ("incorrect", "judged by a person"),
        ("abstained", "judged by a person"),
        ("ungraded", "more than one verdict in 'correct: yes\\nVerdict: wrong'"),
    ]


def test_copies_of_a_spreadsheet_are_the_same_grades(tmp_path: Path) -> None:
    plain = Human.load(write(tmp_path / "grades.csv", "question,grade\nq0,correct\nq1,no\n"))
    other = write(tmp_path / "copy.csv", "\ufeffQuestion;Verdict\r\nq0;correct\r\nq1;no\r\n")
    assert Human.load(other).grades == plain.grades
    (tmp_path / "wide.csv").write_bytes("question,grade\nq0,correct\n".encode("utf-16"))
    with pytest.raises(ValueError, match=r"wide\.csv: must be UTF-8, this is UTF-16"):
        Human.load(tmp_path / "wide.csv")


def test_verdicts_on_other_answers_are_refused(tmp_path: Path) -> None:
    table = 'question,response,grade\nq0,"<think>Hm.</think>It is  WHITE.",correct\nq1,\'-5,correct\nq2,,incorrect\n'
    grader = Human.load(write(tmp_path / "grades.csv", table))
    asked = sets.questions(3)
    verdicts = grader.judge(["It is white", "-5", "Blue."], asked)
    assert [verdict.grade for verdict in verdicts] == ["correct", "correct", "incorrect"]
    message = r"question q1, sample 0 has \"'-5\" in the table, '7' in the run: is it the table of another run\?"
    with pytest.raises(ValueError, match=message):
        grader.judge(["It is white", "7", "Blue."], asked)
    assert grader.judge(["<think>It is", "-5", "Blue."], asked)[0].grade == "ungraded"


def test_it_is_a_grader_of_runs(tmp_path: Path) -> None:
    asked = sets.questions(2)
    path = write(tmp_path / "grades.csv", "question,grade\nq1,true\n")
    found = grade(Responses.from_texts({"q0": "a", "q1": "b"}, asked), grader=Human.load(path)).frame
    assert found["grade"].to_list() == ["ungraded", "correct"]
    assert found["score"].to_list() == [None, 1.0]
    assert not found["tempted"].any()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("question,grade\nq0,corect\n", r"line 2: the grade must be correct, .* or ungraded, got 'corect'"),
        ("question,grade\nq0,no\nq0,yes\n", r"line 3: each answer must occur once, question q0, sample 0 occurs twice"),
        ("question,sure\nq0,yes\n", r"line 1: there must be a field 'grade' \(or verdict, label\); the file has 'ques"),
        ("question,sample,grade\nq0,-1,yes\n", r"line 2: sample must be a number from 0, got '-1'"),
        ("question,grade\n", r"the file holds no grades"),
    ],
)
def test_a_wrong_table_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Human.load(write(tmp_path / "grades.csv", text))


def test_a_table_of_other_questions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such file"):
        Human.load(tmp_path / "grades.csv")
    grader = Human.load(write(tmp_path / "grades.csv", "question,grade\nother,yes\n"))
    with pytest.raises(ValueError, match=r"none of the 1 answers has a row; .* as 'q0'"):
        grader.judge(["a"], sets.questions(1))


def judged(folder: Path, name: str, content: str) -> Judgments:
    asked = sets.questions(2)
    path = write(folder / name, content)
    return grade(Responses.from_texts({"q0": "a", "q1": "b"}, asked), grader=Human.load(path))


def test_a_file_is_known_by_its_content(tmp_path: Path) -> None:
    grades = "question,grade\nq0,true\nq1,false\n"
    first = judged(tmp_path, "grades.csv", grades)
    (identity,) = first.frame["grader_model"].unique()
    assert re.fullmatch(r"file \w{16}", identity)
    copy = judged(tmp_path, "copy.csv", grades)
    assert rate_change(first, copy).frame["change"].drop_nulls().abs().max() == 0
    other = judged(tmp_path, "grades.csv", "question,grade\nq0,true\nq1,true\n")
    assert other.frame["grader"][0] == first.frame["grader"][0]
    with pytest.raises(ValueError, match=rf"grades\.csv was another file for some \(.*{identity}.*\); grade the runs"):
        rate_change(first, other)
    # Judgments of earlier versions tell no file and are known by its path.
    old = Judgments(first.frame.drop("grader_model"))
    assert rate_change(old, other).frame.height
    with pytest.raises(ValueError, match=r"all must be graded by one grader, got human:.*copy\.csv, human:"):
        rate_change(old, copy)


def test_a_file_that_was_changed_replaces_its_judgments_with_a_warning(tmp_path: Path) -> None:
    run = tmp_path / "run"
    ask(tiny.model(), sets.questions(1), max_new_tokens=4, out=run)
    path = write(tmp_path / "grades.csv", "question,grade\nq0,true\n")
    grade(run, grader=f"human:{path}")
    grade(run, grader=f"human:{path}")
    write(path, "question,grade\nq0,false\n")
    with pytest.warns(UserWarning, match=r"grades\.csv is another file than the one that graded these answers before"):
        changed = grade(run, grader=f"human:{path}")
    assert read_judgments(run).frame.equals(changed.frame)


def test_verdicts_on_other_questions_are_told(tmp_path: Path) -> None:
    path = write(tmp_path / "grades.csv", "question,grade\nq0,correct\nq9,incorrect\nq8,correct\n")
    asked = sets.questions(2)
    answers = Responses.from_texts({"q0": "yes", "q1": "no"}, asked)
    with pytest.warns(UserWarning, match=r"2 of 3 verdicts are on questions that were not asked, such as 'q9'"):
        judgments = grade(answers, grader=f"human:{path}")
    assert judgments.frame["grade"].to_list() == ["correct", "ungraded"]
