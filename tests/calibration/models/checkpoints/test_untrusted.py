"""What comes with a model runs only where it is asked to: no code of its own, no pickles."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from calibration import load_model
from calibration.models.encoders.encoder import load_encoder
from calibration.models.encoders.entailment import load_entailment
from calibration.models.loading_options import Loading
from calibration.models.local.transformers_model import LocalModel, load_local_model
from tests import tiny

LOADERS: dict[str, Callable[[str], Any]] = {
    "causal": lambda spec: load_model(spec, device="cpu"),
    "encoder": load_encoder,
    "entailment": lambda spec: load_entailment(spec, Loading(device="cpu")),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture
def own_code(sound: Path, tmp_path: Path) -> Callable[[str], Path]:
    """A model whose config asks for code beside it, which leaves a file where it runs."""

    def make(model_type: str) -> Path:
        copy = tmp_path / "own-code"
        shutil.copytree(sound, copy)
        config = json.loads((copy / "config.json").read_text())
        names = ("AutoModel", "AutoModelForCausalLM", "AutoModelForSequenceClassification")
        config |= {
            "auto_map": {"AutoConfig": "own.OwnConfig", **dict.fromkeys(names, "own.Own")},
            "model_type": model_type,
        }
        (copy / "config.json").write_text(json.dumps(config))
        settings = json.loads((copy / "tokenizer_config.json").read_text())
        settings["auto_map"] = {"AutoTokenizer": [None, "own.OwnTokenizer"]}
        (copy / "tokenizer_config.json").write_text(json.dumps(settings))
        (copy / "own.py").write_text(
            f"open({str(tmp_path / 'ran')!r}, 'w').close()\n"
            "from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast\n"
            "class OwnConfig(LlamaConfig):\n    model_type = 'own'\n"
            "class Own(LlamaForCausalLM):\n    config_class = OwnConfig\n"
            "class OwnTokenizer(PreTrainedTokenizerFast):\n    pass\n"
        )
        return copy

    return make


@pytest.mark.parametrize("kind", LOADERS)
def test_code_of_a_model_that_needs_it_does_not_run(kind: str, own_code: Callable[[str], Path], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="contains custom code") as caught:
        LOADERS[kind](str(own_code("own")))
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "ran").exists()


def test_code_of_a_model_that_can_do_without_does_not_run(own_code: Callable[[str], Path], tmp_path: Path) -> None:
    folder = own_code("llama")
    found = load_model(str(folder), device="cpu")
    assert isinstance(found, LocalModel)
    assert type(found.network).__module__.startswith("transformers.models.llama")
    assert not (tmp_path / "ran").exists()


def test_code_of_a_model_runs_where_it_is_asked_to(
    own_code: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fixture's code does run: without this the other tests would show nothing."""
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(tmp_path / "modules"))
    found = load_local_model(str(own_code("own")), Loading(device="cpu", trust_remote_code=True))
    assert type(found.network).__name__ == "Own"
    assert (tmp_path / "ran").exists()


class Evil:
    """Runs a command where it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch '{self.file}'",)


@pytest.mark.parametrize("harmless", [True, False])
@pytest.mark.parametrize("kind", LOADERS)
def test_pickled_weights_are_refused_with_what_to_do(kind: str, harmless: bool, sound: Path, tmp_path: Path) -> None:
    """Refused whatever they hold: what a pickle does is not known before it is done."""
    copy = tmp_path / "pickled"
    shutil.copytree(sound, copy)
    (copy / "model.safetensors").unlink()
    weights = tiny.network().state_dict()
    torch.save(weights if harmless else {"a": Evil(tmp_path / "ran"), **weights}, copy / "pytorch_model.bin")
    message = (
        r"pickled: not .* that can be loaded: it must hold its weights as safetensors; pickles such as "
        r"pytorch_model\.bin may run code and are not read\. Convert them where you trust them: .* save_pretrained$"
    )
    with pytest.raises(ValueError, match=message):
        LOADERS[kind](str(copy))
    assert not (tmp_path / "ran").exists()


def test_safetensors_are_taken_where_there_are_pickles_too(sound: Path, tmp_path: Path) -> None:
    copy = tmp_path / "both"
    shutil.copytree(sound, copy)
    torch.save({"a": Evil(tmp_path / "ran")}, copy / "pytorch_model.bin")
    assert load_model(str(copy), device="cpu").next_token_logprobs(["Answer:"], [" A"]).shape == (1, 1)
    assert not (tmp_path / "ran").exists()


def test_memory_that_runs_out_while_a_model_is_loaded(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\nSee the documentation")

    monkeypatch.setattr("calibration.models.local.transformers_model.AutoModelForCausalLM.from_pretrained", full)
    with pytest.raises(MemoryError, match=r"tiny: out of memory while it is loaded; take a smaller --dtype"):
        load_model(str(sound))
