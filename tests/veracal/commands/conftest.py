"""Models, items and questions that tests of the commands share; no test changes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import tiny
from tests.factuality import sets


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def mmlu(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("mmlu")
    for split, count, verb in (("dev", 2, "was"), ("test", 6, "is")):
        (root / split).mkdir()
        for subject in ("history", "law"):
            rows = [
                f"What {verb} {subject} {number}?,one,two,three,four,{'ABCD'[number % 4]}\n" for number in range(count)
            ]
            (root / split / f"{subject}_{split}.csv").write_text("".join(rows))
    return root


@pytest.fixture(scope="session")
def questions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("questions") / "questions.jsonl"
    rows = [
        {
            "id": question.id,
            "category": question.category,
            "question": question.question,
            "ideal": question.ideal,
            "aliases": question.correct[1:],
            "incorrect": question.incorrect,
            "adversarial": question.adversarial,
        }
        for question in sets.questions()
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="session")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dev") / "dev.jsonl"
    rows = [
        {
            "id": f"d{number}",
            "category": "dev",
            "question": f"Why {number}?",
            "ideal": f"so {number}",
            "incorrect": ["no"],
        }
        for number in range(5)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path
