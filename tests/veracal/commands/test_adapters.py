"""`--adapter`: the pair of an adapted model from its base and its adapter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from calibration import read_run
from factuality.grading.grading import read_judgments
from tests import tiny
from tests.veracal.command_line import refusal, run

peft: Any = pytest.importorskip("peft")
# Of transformers, which peft asks in an old way; answers of a model with random weights are what they are.
pytestmark = [
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated"),
    pytest.mark.filterwarnings("ignore:.*answers"),
]


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adapters") / "lora"
    torch.manual_seed(0)
    config = peft.LoraConfig(target_modules=["q_proj"], r=4, lora_alpha=64, init_lora_weights=False)
    peft.get_peft_model(tiny.network(), config).save_pretrained(folder)
    return folder


def test_base_and_adapted_are_two_runs(
    model: Path, adapter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["extract", model, "--items", "demo", "--limit", 4, "--json"]
    assert run(*command, "--out", tmp_path / "base") == 0
    base = json.loads(capsys.readouterr().out)
    assert run(*command, "--adapter", adapter, "--out", tmp_path / "post") == 0
    post = json.loads(capsys.readouterr().out)
    assert (post["model"], base["model"]) == (f"{model}+{adapter}", str(model))
    assert post["weights"] != base["weights"]
    letters = [read_run(tmp_path / name).probabilities for name in ("base", "post")]
    assert abs(letters[0] - letters[1]).max() > 1e-3
    assert run("compare", tmp_path / "base", tmp_path / "post") == 0
    assert run(*command, "--adapter", adapter, "--out", tmp_path / "post") == 0  # a finished run is not asked again
    capsys.readouterr()
    status, line = refusal(capsys, *command, "--out", tmp_path / "post")
    assert status == 1
    assert f"model: '{model}+{adapter}' there, '{model}' now" in line


def test_questions_are_asked_scored_and_judged_with_it(
    model: Path, adapter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_adapter = [model, "--adapter", adapter, "--questions", "demo", "--limit", 1]
    assert run("ask", *with_adapter, "--max-new-tokens", 4, "--out", tmp_path / "answers") == 0
    assert run("truthfulqa", *with_adapter, "--primer", "none", "--out", tmp_path / "mc") == 0
    assert run("grade", tmp_path / "answers", "--grader", f"model:{model}", "--adapter", adapter) == 0
    assert read_judgments(tmp_path / "answers").frame["grader"][0] == f"model:{model}+{adapter}"

    capsys.readouterr()
    status, line = refusal(capsys, "grade", tmp_path / "answers", "--grader", "match", "--adapter", adapter)
    assert status == 1
    assert "adapter would have no effect on the grader match" in line
