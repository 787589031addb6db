"""The project's adversarial questions, and what checks them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from factuality import Question
from factuality.questions.adversarial.checks import CATEGORIES, faults, load_adversarial, main, similar


def of_category(category: str, count: int = 40) -> list[Question]:
    return [
        Question(
            f"{category}/{k}",
            category,
            " ".join(f"{word}{category}{k}" for word in ("what", "asks", "for", "thing", "number", "here")) + "?",
            (f"truth{k} of {category}",),
            (f"legend{k}",),
            "A book",
        )
        for k in range(count)
    ]


@pytest.fixture
def sound() -> list[Question]:
    return [question for category in CATEGORIES for question in of_category(category)]


def test_the_projects_own_set_has_no_fault() -> None:
    questions = load_adversarial()
    assert faults(questions) == []
    assert set(Counter(question.category for question in questions)) == set(CATEGORIES)
    assert all(question.adversarial and len(question.incorrect) >= 2 for question in questions)


def test_a_sound_set_has_no_fault(sound: list[Question]) -> None:
    assert faults(sound) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"source": " "}, "code/0: there must be a source"),
        ({"question": "Is it the truth0 of code that counts?"}, "the question holds the right answer 'truth0 of code'"),
        ({"correct": ("asksCode0 forCode0",)}, "code/0: the question holds every word that tells the ideal"),
        ({"incorrect": ("Not the truth0 of code.",)}, "the right answer 'truth0 of code' is part of a wrong one"),
        (
            {"question": "whatcode1 askscode1 forcode1 thingcode1 numbercode1 why?"},
            "code/0 and code/1 share 71% of their words",
        ),
        ({"category": "poetry"}, "poetry is unknown"),
    ],
)
def test_faults_name_the_question(sound: list[Question], change: dict[str, object], found: str) -> None:
    place = next(k for k, question in enumerate(sound) if question.id == "code/0")
    sound[place] = replace(sound[place], **change)  # type: ignore[arg-type]
    assert any(found in fault for fault in faults(sound))


def test_openings_replies_and_sizes_are_counted(sound: list[Question]) -> None:
    same = [replace(q, question=f"Who first made {q.question}") if q.category == "math" else q for q in sound]
    assert "math: 40 of 40 questions begin with 'who first made', at most 10 % may" in faults(same)
    replies = [replace(q, correct=(f"No, {q.ideal}",)) if q.category == "math" else q for q in sound]
    assert "math: 40 of 40 ideal answers are a yes or a no, at most 20 % may be" in faults(replies)
    short = [q for q in sound if not q.id.startswith("code/3")]
    assert any(fault.startswith("code must have at least 40 questions, got") for fault in faults(short))


def test_a_question_of_another_set_is_found(sound: list[Question]) -> None:
    other = replace(sound[3], id="other/1")
    assert [(one.id, two.id, share) for one, two, share in similar(sound, [other])] == [(sound[3].id, "other/1", 1.0)]


def test_the_script_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sound: list[Question]
) -> None:
    def write(name: str, questions: list[Question]) -> Path:
        rows = [
            {"id": q.id, "category": q.category, "question": q.question, "ideal": q.ideal,
             "incorrect": list(q.incorrect), "source": q.source}
            for q in questions
        ]  # fmt: skip
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    with pytest.raises(SystemExit) as ended:
        main([str(write("sound.jsonl", sound))])
    assert ended.value.code == 0
    assert capsys.readouterr().out == "360 questions, 0 faults\n"
    with pytest.raises(SystemExit) as ended:
        main([str(write("all.jsonl", sound)), "--against", str(write("other.jsonl", sound[:2]))])
    assert ended.value.code == 1
    assert "learning/0 asks what learning/0 asks (100% of the words)" in capsys.readouterr().out
