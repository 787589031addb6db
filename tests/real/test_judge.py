"""SmolLM2-135M-Instruct as a judge of human-labelled answers: it runs, and letters cannot change what it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from calibration import auroc
from calibration.models.local.transformers_model import LocalModel
from factuality import Question
from factuality.grading.graders.judge import Judge
from factuality.grading.graders.templates import TEMPLATES
from factuality.grading.human_labels import load_human_labels
from factuality.grading.judge_letters import read_letters

pytestmark = pytest.mark.real


def test_a_small_judge_of_thirty_answers(smollm2: LocalModel, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labels = load_human_labels(data / "truthfulqa" / "human_labels_ada.csv")
    chosen = labels.frame.drop_nulls("label").sample(30, seed=0)
    by_id = {question.id: question for question in labels.questions}
    responses = chosen["response"].to_list()
    questions: list[Question] = [by_id[name] for name in chosen["question"]]
    template, judge = TEMPLATES["agreement"], Judge(smollm2, show_incorrect=False)
    found = judge.readings(responses, questions)
    assert found.mass.min() > 0.01
    right, wrong, _ = found.probabilities.T
    probabilities = right / (right + wrong)
    for verdict, probability in zip(judge.judge(responses[:2], questions[:2]), probabilities, strict=False):
        assert verdict.probability == pytest.approx(probability, abs=1e-4)

    # The same classes in the two other orders that turning them gives.
    described = [one.description for one in template.classes]
    texts = [
        template.text(response, question, show_incorrect=False)
        for response, question in zip(responses[:2], questions[:2], strict=True)
    ]
    for shift in (1, 2):
        again = read_letters(smollm2, texts, described[shift:] + described[:shift])
        np.testing.assert_allclose(again.probabilities, np.roll(found.probabilities[:2], -shift, axis=1), atol=1e-4)
    truth = chosen["label"].cast(pl.Int8).to_numpy()
    with capsys.disabled():
        print(
            f"\nAUROC {auroc(probabilities, truth):.2f} of a 135M judge on 30 answers, flips "
            f"{found.flipped(template.grades).mean():.2f}, probability on the letters {found.mass.mean():.2f}"
        )
