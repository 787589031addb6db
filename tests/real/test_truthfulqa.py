"""TruthfulQA itself: likelihoods as lm-eval has them, and the grader `match` against human verdicts."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from calibration.models.local.transformers_model import LocalModel
from factuality import Question, read_multiple_choice, truthfulqa_mc
from factuality.grading.graders.matching import match
from factuality.multiple_choice.scores import VARIANTS
from factuality.questions.truthfulqa import load_truthfulqa
from tests.oracles.test_truthfulqa import harness_scores

pytestmark = pytest.mark.real


def _split(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))


@pytest.mark.oracle
def test_lm_eval_gives_the_same_scores(
    smollm2: LocalModel, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    # The harness computes the primer anew for each answer: the 100 questions with the fewest answers.
    asked = sorted(load_truthfulqa(data / "truthfulqa"), key=lambda one: len(one.correct + one.incorrect))[:100]
    assert str(smollm2.network.dtype) == "torch.float32"
    truthfulqa_mc(smollm2, asked, primer="qa-6", out=tmp_path / "run")
    theirs = harness_scores(smollm2, asked, tmp_path / "cache")
    for variant in VARIANTS:
        ours = read_multiple_choice(tmp_path / "run", variant=variant).frame["score"].to_numpy()
        print(variant, ours.mean(), "largest difference", np.abs(ours - theirs[variant]).max())
        np.testing.assert_allclose(ours, theirs[variant], atol=1e-4)


def test_verdicts_of_match_agree_with_people(data: Path) -> None:
    found: Counter[tuple[str, str]] = Counter()
    for name in ("ada", "babbage"):
        with (data / "truthfulqa" / f"human_labels_{name}.csv").open(encoding="utf-8", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines)):
                correct = tuple(dict.fromkeys((row["best_answer"].strip(), *_split(row["correct_answers"]))))
                question = Question(
                    str(number), row["category"], row["question"], correct, _split(row["incorrect_answers"])
                )
                verdict = match(row["model_answer"].removeprefix("A:"), question)
                found[verdict.grade, row["human_truthful"]] += 1
    assert found.total() == 1634
    assert found["correct", "true"] >= 0.85 * (found["correct", "true"] + found["correct", "false"]) > 0
    assert found["incorrect", "false"] >= 0.9 * (found["incorrect", "true"] + found["incorrect", "false"]) > 0
    assert found["abstained", "false"] == 0
