"""The parcel from real weights, and every part of the check on a processor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.gpu_check import parcel
from benchmarks.gpu_check.inputs import SLICE, local_model
from calibration import load_items, load_mmlu
from calibration.extraction.prompts import completion, shots_of
from calibration.models.local.transformers_model import LocalModel
from tests.conftest import ROOT

pytestmark = pytest.mark.real
N_PROMPTS = 120


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parcel")
    parcel.cut_slice(folder / SLICE)
    mmlu = os.environ.get("VERACAL_DATA") and str(Path(os.environ["VERACAL_DATA"]) / "mmlu")
    subjects = (
        parcel.subjects_of_mmlu(mmlu, n_prompts=N_PROMPTS) if mmlu else parcel.made_up_subjects(n_prompts=N_PROMPTS)
    )
    demo = [completion(item) for item in load_items(ROOT / "veracal" / "demo" / "items.jsonl")[:20]]
    parcel.write(folder, source="a test", subjects=subjects, demo=demo)
    return folder


def test_the_slice_is_the_beginning_of_the_model(folder: Path, smollm2: LocalModel) -> None:
    cut = local_model(folder / SLICE, dtype="bfloat16", device="cpu")
    assert (cut.network.config.num_hidden_layers, cut.network.config.vocab_size) == (2, 8192)
    assert 22 < sum(path.stat().st_size for path in folder.rglob("*")) / 2**20 < 25
    whole = dict(smollm2.network.named_parameters())
    for name, weights in cut.network.named_parameters():
        expected = whole[name].detach().bfloat16()
        assert weights.detach().equal(expected[:8192] if "embed" in name else expected), name
    text = "The following are multiple choice questions about law.\n\nWhich is it?\nA. one\nB. 23\nAnswer: B"
    tokens = cut.tokenizer(text)["input_ids"]
    assert cut.tokenizer.decode(tokens) == text
    # Where no later token is wanted, the cut tokenizer does what the whole one does.
    frequent = " that they have"
    assert max(smollm2.tokenizer(frequent)["input_ids"]) < 8192
    assert cut.tokenizer(frequent)["input_ids"] == smollm2.tokenizer(frequent)["input_ids"]


def test_every_part_passes_on_a_processor(folder: Path, tmp_path: Path) -> None:
    arguments = ["--tiny", "--parcel", str(folder), "--out", str(tmp_path)]
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.gpu_check", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    lines = {
        part: json.loads((tmp_path / f"{part}.json").read_text())["lines"] for part in ("letters", "speed", "memory")
    }
    assert {line["status"] for line in lines["letters"]} <= {"ok", "measured", "skipped"}
    assert {line["model"] for line in lines["letters"]} == {"demo", "slice", "llama 1B", "qwen 1B", "gemma 1B"}
    assert {line["model"] for line in lines["speed"]} == {"slice", "llama 1B"}
    assert {line["status"] for line in lines["memory"]} == {"ok"}
    assert (tmp_path / "table.md").read_text().count("\n| ") == sum(map(len, lines.values())) + 2


def test_prompts_of_mmlu_are_the_five_shot_ones(data: Path) -> None:
    mmlu = str(data / "mmlu")
    subjects = parcel.subjects_of_mmlu(mmlu, n_prompts=300)
    assert (len(subjects), sum(len(subject.questions) for subject in subjects)) == (57, 300)
    dev = {"anatomy": [item for item in load_mmlu(mmlu, split="dev") if item.subject == "anatomy"]}
    items = load_mmlu(mmlu, subjects=["anatomy"])[:6]
    prompts = [completion(item, shots_of(items, dev, 5)["anatomy"]) for item in items]
    anatomy = next(subject for subject in subjects if "about anatomy" in subject.solved)
    assert [anatomy.solved + question for question in anatomy.questions] == prompts
