"""Adapters: whole and part of the model's identity, or refused with what to do."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from calibration import load_model
from calibration.models.local.transformers_model import LocalModel
from tests import fake_vllm, tiny

PROMPTS = ["Which is the longest river? Answer:", "Answer:"]
LETTERS = [" A", " B"]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save(tmp_path_factory.mktemp("saved") / "tiny")


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """A model with the configuration of an adapter beside it, and no weights of one."""
    path = Path(shutil.copytree(saved, tmp_path / "model"))
    (path / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "someone/base"}))
    return path


@pytest.fixture
def with_peft(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calibration.models.weights.adapters.find_spec", lambda _: True)


def refusal(model: str | Path) -> str:
    with pytest.raises(ValueError, match="adapter") as caught:
        load_model(str(model), device="cpu")
    return str(caught.value)


def test_an_adapter_needs_its_package(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calibration.models.weights.adapters.find_spec", lambda _: None)
    assert refusal(folder) == (
        f"{folder}: holds an adapter (adapter_config.json), which needs the package peft: pip install peft; or merge "
        "it into the weights (peft's merge_and_unload, then save_pretrained) and name that folder"
    )


@pytest.mark.usefixtures("with_peft")
def test_weights_of_an_adapter_must_be_safetensors(folder: Path) -> None:
    (folder / "adapter_model.bin").write_bytes(b"pickled")
    message = refusal(folder)
    assert (
        "whose weights must be there as adapter_model.safetensors; pickles such as adapter_model.bin may run" in message
    )
    assert message.endswith("Bring it, too, or remove the adapter's files to ask the model without it")


@pytest.mark.parametrize(
    ("base", "named"), [("someone/base", "of 'someone/base'"), (None, "(its configuration does not say which)")]
)
def test_an_adapter_alone_is_refused_with_its_model(base: str | None, named: str, folder: Path) -> None:
    (folder / "config.json").unlink()
    (folder / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": base}))
    message = refusal(folder)
    assert message.startswith(f"{folder}: holds an adapter alone (adapter_config.json), not the model {named} that it")
    assert "merge_and_unload" in message
    assert "copy adapter_config.json and adapter_model.safetensors into a copy of that model's folder" in message


@pytest.mark.usefixtures("with_peft")
def test_vllm_takes_no_adapter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vllm", fake_vllm)
    monkeypatch.setattr("calibration.models.vllm.engines.find_spec", lambda _: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(
        ValueError, match=r"holds an adapter .*, which is not read here and would be left out; merge it"
    ):
        load_model(f"vllm:{folder}")


Tensors = dict[str, torch.Tensor]


def adapted(saved: Path, path: Path, change: Callable[[Tensors], object] = lambda _: None) -> Path:
    """A copy of the model with an adapter beside it, whose tensors a function changes; and it merged, at ``merged``."""
    if find_spec("peft") is None:
        pytest.skip("peft is not installed")
    peft: Any = pytest.importorskip("peft")
    from transformers import LlamaForCausalLM

    torch.manual_seed(0)
    config = peft.LoraConfig(target_modules=["q_proj", "v_proj"], r=4, lora_alpha=64, init_lora_weights=False)
    model = peft.get_peft_model(LlamaForCausalLM.from_pretrained(saved), config)
    model.save_pretrained(path / "adapter")
    both = Path(shutil.copytree(saved, path / "both"))
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        shutil.copy(path / "adapter" / name, both / name)
    tensors = load_file(both / "adapter_model.safetensors")
    change(tensors)
    save_file(tensors, both / "adapter_model.safetensors", metadata={"format": "pt"})
    model.merge_and_unload().save_pretrained(path / "merged")
    tiny.tokenizer().save_pretrained(path / "merged")
    return both


def first(tensors: Tensors) -> str:
    return min(tensors)


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning")
class TestWithPeft:
    """What transformers does with an adapter where the package is there."""

    def test_a_model_with_an_adapter_is_the_merged_one(self, saved: Path, tmp_path: Path) -> None:
        model = load_model(str(adapted(saved, tmp_path)), device="cpu")
        assert isinstance(model, LocalModel)
        logprobs = model.next_token_logprobs(PROMPTS, LETTERS)
        merged = load_model(str(tmp_path / "merged"), device="cpu").next_token_logprobs(PROMPTS, LETTERS)
        plain = load_model(str(saved), device="cpu").next_token_logprobs(PROMPTS, LETTERS)
        assert logprobs == pytest.approx(merged, abs=1e-4)
        assert abs(logprobs - plain).max() > 0.01

    def test_its_weights_are_part_of_the_identity(self, saved: Path, tmp_path: Path) -> None:
        hashes = set()
        for scale in (1.0, 2.0):
            (tmp_path / str(scale)).mkdir()
            both = adapted(saved, tmp_path / str(scale), lambda t, scale=scale: t[first(t)].mul_(scale))  # type: ignore[misc]
            hashes.add(load_model(str(both), device="cpu").description["weights"])
        hashes.add(load_model(str(saved), device="cpu").description["weights"])
        assert len(hashes) == 3

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (
                lambda t: t.pop(first(t)),
                r"1 missing \(model\.layers\.0\.self_attn\.q_proj\.lora_A\.default\.weight\)\.",
            ),
            (
                lambda t: t.update({first(t).replace("layers.0", "layers.9"): t[first(t)].clone()}),
                r"1 unknown to the network \(model\.layers\.9\.self_attn\.q_proj\.lora_A\.default\.weight\)",
            ),
            (
                lambda t: t.update({first(t): torch.zeros(3, 3)}),
                r"of another shape .*\(in the file 3×3, in the network 4×",
            ),
            (
                lambda t: t[first(t)].fill_(torch.nan),
                r"not finite \(model\.layers\.0\.self_attn\.q_proj\.lora_A\.default",
            ),
        ],
    )
    def test_its_tensors_must_fit(
        self, change: Any, message: str, saved: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        folder = adapted(saved, tmp_path, change)
        with pytest.raises(ValueError, match=message):
            load_model(str(folder), device="cpu")
        assert "LOAD REPORT" not in "".join(capfd.readouterr())
