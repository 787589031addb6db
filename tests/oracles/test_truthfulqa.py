"""TruthfulQA's mc1 and mc2 against lm-eval's own tasks, question by question."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calibration.models.local.transformers_model import LocalModel
from factuality import Question, read_multiple_choice, truthfulqa_mc
from factuality.multiple_choice.scores import VARIANTS
from tests import tiny
from tests.factuality import sets

pytestmark = pytest.mark.oracle


def test_scores_of_a_tiny_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    model, asked = tiny.model(), sets.questions()
    truthfulqa_mc(model, asked, primer="qa-6", out=tmp_path / "run")
    for variant, theirs in harness_scores(model, asked, tmp_path / "cache").items():
        ours = read_multiple_choice(tmp_path / "run", variant="mc1" if variant == "mc1" else "mc2")
        np.testing.assert_allclose(ours.frame["score"].to_numpy(), theirs, atol=1e-4)


def harness_scores(model: LocalModel, questions: Sequence[Question], cache: Path) -> dict[str, list[float]]:
    """What the harness's two tasks, as they are installed but for the data, give each question."""
    import datasets
    import lm_eval
    from lm_eval.api.task import ConfigurableTask
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks._yaml_loader import load_yaml

    docs = datasets.Dataset.from_list([_doc(question) for question in questions])

    folder = Path(lm_eval.__file__).parent / "tasks" / "truthfulqa"
    ours = {"custom_dataset": lambda **_: {"validation": docs}}
    tasks = {
        name: ConfigurableTask(config={**load_yaml(folder / f"truthfulqa_{name}.yaml"), **ours}) for name in VARIANTS
    }
    harness = HFLM(pretrained=model.network, tokenizer=model.tokenizer, batch_size=16, device="cpu")
    scores: dict[str, list[float]] = {}
    for name in reversed(VARIANTS):  # what mc2 asks for holds what mc1 does: the second finds all in the cache
        found: Any = lm_eval.simple_evaluate(harness, tasks=[tasks[name]], bootstrap_iters=0, use_cache=str(cache))
        samples = sorted(found["samples"][f"truthfulqa_{name}"], key=lambda sample: sample["doc_id"])
        assert [sample["doc"] for sample in samples] == docs.to_list()
        scores[name] = [float(sample["acc"]) for sample in samples]
    return scores


def _doc(question: Question) -> dict[str, Any]:
    """A question as the harness's data have it: the best answer against the incorrect ones; correct and incorrect."""
    n_correct, n_incorrect = len(question.correct), len(question.incorrect)
    return {
        # The hub's question has no outer white space.
        "question": question.question.strip(),
        "mc1_targets": {"choices": [question.ideal, *question.incorrect], "labels": [1] + [0] * n_incorrect},
        "mc2_targets": {
            "choices": [*question.correct, *question.incorrect],
            "labels": [1] * n_correct + [0] * n_incorrect,
        },
    }
