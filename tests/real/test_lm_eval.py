"""lm-eval, run by itself on local items: its imported log has the letters that extraction gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calibration import Item, Predictions, extract, load_mmlu
from calibration.items.item import select
from calibration.logs.formats import read_logs
from calibration.logs.options import LogOptions
from calibration.models.local.transformers_model import LocalModel
from calibration.predictions.pairing import paired

pytestmark = [pytest.mark.real, pytest.mark.oracle]

SUBJECTS = ("anatomy", "formal_logic")
HEAD = "The following are multiple choice questions (with answers) about"
BLOCK = "{{question.strip()}}\nA. {{choices[0]}}\nB. {{choices[1]}}\nC. {{choices[2]}}\nD. {{choices[3]}}\nAnswer:"


@pytest.fixture(scope="module")
def items(data: Path) -> list[Item]:
    return select(load_mmlu(data / "mmlu", subjects=SUBJECTS), limit=10)


def write_task(folder: Path, items: list[Item], subject: str) -> str:
    """A task of lm-eval's own kind on items in a file."""
    docs = [
        {"question": item.question, "choices": list(item.options), "answer": item.answer, "subject": subject}
        for item in items
        if item.subject == subject
    ]
    docs_file = folder / f"{subject}.jsonl"
    docs_file.write_text("".join(json.dumps(doc) + "\n" for doc in docs), encoding="utf-8")
    name = f"local_mmlu_{subject}"
    task = {
        "task": name,
        "dataset_path": "json",
        "dataset_kwargs": {
            "data_files": {"test": str(folder / f"{subject}.jsonl")},
            "cache_dir": str(folder / "cache"),
        },
        "test_split": "test",
        "output_type": "multiple_choice",
        "description": f"{HEAD} {subject.replace('_', ' ')}.\n\n",
        "doc_to_text": BLOCK,
        "doc_to_choice": ["A", "B", "C", "D"],
        "doc_to_target": "answer",
        "metric_list": [{"metric": "acc", "aggregation": "mean", "higher_is_better": True}],
    }
    (folder / f"{name}.yaml").write_text(json.dumps(task), encoding="utf-8")
    return name


def run_harness(model: LocalModel, folder: Path, tasks: list[str]) -> Path:
    """The folder of logs that the harness writes."""
    import lm_eval
    from lm_eval.loggers import EvaluationTracker
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager

    harness = HFLM(pretrained=model.network, tokenizer=model.tokenizer, batch_size=4, device="cpu")
    tracker = EvaluationTracker(output_path=str(folder / "logs"))
    manager = TaskManager(include_path=str(folder), include_defaults=False)
    results: Any = lm_eval.simple_evaluate(
        harness, tasks=tasks, task_manager=manager, bootstrap_iters=0, evaluation_tracker=tracker
    )
    samples = results.pop("samples")
    tracker.save_results_aggregated(results=results, samples=samples)
    for task in results["configs"]:
        tracker.save_results_samples(task_name=task, samples=samples[task])
    return folder / "logs"


def test_the_imported_log_has_the_letters_of_extraction(
    smollm2: LocalModel, items: list[Item], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    tasks = [write_task(tmp_path, items, subject) for subject in SUBJECTS]
    (log,) = read_logs([run_harness(smollm2, tmp_path, tasks)], options=LogOptions())
    assert isinstance(log.content, Predictions)
    assert (log.task, log.content.n_items, log.origin["version"]) == ("local_mmlu", 20, "0.4.13")
    extracted = extract(smollm2, items)
    # Ids, texts and right answers are those of extraction.
    imported = paired(extracted, log.content)
    assert set(imported.frame["content"]) == {item.content for item in items}
    assert imported.predicted.tolist() == extracted.predicted.tolist()
    np.testing.assert_allclose(imported.logprobs, extracted.logprobs, atol=1e-4)
    np.testing.assert_allclose(imported.probabilities, extracted.probabilities, atol=1e-4)
    np.testing.assert_allclose(imported.frame["letter_mass"], extracted.frame["letter_mass"], atol=1e-4)
    assert log.origin["accuracy"] == extracted.accuracy
