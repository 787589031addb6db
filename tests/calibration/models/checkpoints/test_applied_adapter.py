"""An adapter on a checkpoint: whole, part of name and identity, or refused with what to do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from calibration import extract, load_model
from calibration.errors import SettingsDifferError
from calibration.models.weights.model_files import ModelFiles
from calibration.models.weights.weights_hash import weights_hash
from calibration.runs.clashes import refuse_clashes
from factuality import load_grader
from tests import tiny
from tests.fake_hub import fake_hub, hub_used

peft: Any = pytest.importorskip("peft")

# Of transformers, which peft asks in an old way.
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated")
PROMPTS = ["Which is the longest river? Answer:", "Answer:"]
LETTERS = [" A", " B"]
FILES = ("adapter_config.json", "adapter_model.safetensors")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base, an adapter of it, both in one folder, and the merged model."""
    root = tmp_path_factory.mktemp("folders")
    tiny.save(root / "base")
    torch.manual_seed(0)
    config = peft.LoraConfig(
        target_modules=["q_proj", "v_proj"], r=4, lora_alpha=64, init_lora_weights=False, modules_to_save=["lm_head"]
    )
    model = peft.get_peft_model(tiny.network(), config)
    with torch.no_grad():
        model.get_base_model().lm_head.modules_to_save["default"].weight.mul_(1.1)
    model.save_pretrained(root / "adapter")
    shutil.copytree(root / "base", root / "both")
    for name in FILES:
        shutil.copy(root / "adapter" / name, root / "both" / name)
    model.merge_and_unload().save_pretrained(root / "merged")
    tiny.tokenizer().save_pretrained(root / "merged")
    return root


@pytest.fixture
def adapter(folders: Path, tmp_path: Path) -> Path:
    """A copy of the adapter that a test may change."""
    return Path(shutil.copytree(folders / "adapter", tmp_path / "adapter"))


def loaded(folder: Path, adapter: Path | None = None) -> Any:
    return load_model(str(folder), device="cpu", adapter=None if adapter is None else str(adapter))


def letters(model: Any) -> Any:
    return model.next_token_logprobs(PROMPTS, LETTERS)


def test_it_is_the_merged_model_and_not_the_base(folders: Path) -> None:
    model = loaded(folders / "base", folders / "adapter")
    assert letters(model) == pytest.approx(letters(loaded(folders / "merged")), abs=1e-4)
    assert abs(letters(model) - letters(loaded(folders / "base"))).max() > 0.01
    assert model.name == f"{folders / 'base'}+{folders / 'adapter'}"
    assert not any(module.training for module in model.network.modules())


def test_the_identity_is_that_of_one_folder_with_both(folders: Path, adapter: Path) -> None:
    model = loaded(folders / "base", adapter)
    base = loaded(folders / "base").description["weights"]
    shutil.copytree(folders / "base", adapter.parent / "both")
    for name in FILES:
        shutil.copy(adapter / name, adapter.parent / "both" / name)
    assert model.description["weights"] == weights_hash(ModelFiles.of_folder(adapter.parent / "both")) != base
    change(adapter, lambda tensors: tensors[first(tensors)].mul_(2.0))
    assert loaded(folders / "base", adapter).description["weights"] not in (model.description["weights"], base)


def test_the_tokenizer_that_it_was_saved_with_is_taken(folders: Path, adapter: Path) -> None:
    tokenizer = tiny.tokenizer()
    tokenizer.chat_template = "{{ messages[0].content }} I say:"
    tokenizer.save_pretrained(adapter)
    plain, model = loaded(folders / "base", folders / "adapter"), loaded(folders / "base", adapter)
    assert model.chat([{"role": "user", "content": "Hello."}]).text == "Hello. I say:"
    assert np.array_equal(letters(model), letters(plain))
    assert model.description["weights"] != plain.description["weights"]


def first(tensors: dict[str, torch.Tensor]) -> str:
    return min(name for name in tensors if "lora" in name)


def change(adapter: Path, edit: Callable[[dict[str, torch.Tensor]], object]) -> None:
    tensors = load_file(adapter / "adapter_model.safetensors")
    edit(tensors)
    save_file(tensors, adapter / "adapter_model.safetensors", metadata={"format": "pt"})


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda tensors: tensors.pop(min(tensors)), "the adapter does not fit .* it lacks 'base_model.model.lm_head"),
        (lambda tensors: tensors.pop(first(tensors)), r"1 missing \(base_model\.model\..*lora_A"),
        (
            lambda tensors: tensors.update({first(tensors).replace("layers.0", "layers.9"): torch.zeros(4, 32)}),
            r"1 unknown to the network \(base_model\.model\..*layers\.9",
        ),
        (lambda tensors: tensors.update({first(tensors): torch.zeros(3, 3)}), "does not fit the model .*size mismatch"),
        (lambda tensors: tensors[first(tensors)].fill_(torch.nan), r"not finite \(.*lora_A\.default"),
    ],
)
def test_its_tensors_must_fit(edit: Any, message: str, folders: Path, adapter: Path) -> None:
    change(adapter, edit)
    with pytest.raises(ValueError, match=message):
        loaded(folders / "base", adapter)


def without_weights(adapter: Path) -> None:
    (adapter / "adapter_model.safetensors").rename(adapter / "adapter_model.bin")


def cut(adapter: Path) -> None:
    file = adapter / "adapter_model.safetensors"
    file.write_bytes(file.read_bytes()[:-8])


def without_configuration(adapter: Path) -> None:
    (adapter / "adapter_config.json").rename(adapter / "config.json")


def with_virtual_tokens(adapter: Path) -> None:
    (adapter / "adapter_config.json").write_text(
        json.dumps({"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 4})
    )


def with_more_tokens(adapter: Path) -> None:
    tokenizer = tiny.tokenizer()
    tokenizer.add_tokens([f"<{number}>" for number in range(300)])
    tokenizer.save_pretrained(adapter)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (without_weights, r"whose weights must be there as adapter_model.safetensors; pickles .* Bring it, too$"),
        (cut, r"adapter_model.safetensors: cut: [\d,]+ of [\d,]+ bytes are there"),
        (
            without_configuration,
            "an adapter's folder must hold adapter_config.json, this one does not; it holds a whole model",
        ),
        (with_virtual_tokens, "must change layers of the model, PROMPT_TUNING works beside them"),
        (with_more_tokens, "^(?!.*causal).*is beyond the 512 rows of the model's embedding"),
    ],
)
def test_what_is_no_adapter_is_refused(
    damage: Callable[[Path], None], message: str, folders: Path, adapter: Path
) -> None:
    damage(adapter)
    with pytest.raises(ValueError, match=message):
        loaded(folders / "base", adapter)


def test_an_adapter_that_is_not_there(folders: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such adapter: '/no/where' is neither a folder nor a hub name"):
        loaded(folders / "base", Path("/no/where"))


def test_an_adapter_needs_its_package(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calibration.models.checkpoints.applied_adapter.find_spec", lambda _: None)
    with pytest.raises(ValueError, match=r"needs the package peft: pip install 'veracal\[adapter\]'"):
        loaded(folders / "base", folders / "adapter")


def test_one_adapter_at_a_time(folders: Path) -> None:
    with pytest.raises(ValueError, match=r"holds an adapter already \(adapter_config.json\), .* would be a second one"):
        loaded(folders / "both", folders / "adapter")


@pytest.mark.parametrize("spec", ["openai:m@http://127.0.0.1:9/v1", "vllm:someone/tiny"])
def test_engines_and_servers_take_none(spec: str) -> None:
    with pytest.raises(ValueError, match="the adapter runs/lora is put on a model of transformers: merge it"):
        load_model(spec, adapter="runs/lora")


@pytest.mark.parametrize("grader", ["match", "nli:someone/entailment"])
def test_graders_without_a_language_model_take_none(grader: str) -> None:
    with pytest.raises(ValueError, match=f"adapter would have no effect on the grader {grader}"):
        load_grader(grader, adapter="runs/lora")


def test_a_run_is_continued_with_the_same_adapter_alone(folders: Path, adapter: Path, tmp_path: Path) -> None:
    out, base = tmp_path / "run", str(folders / "base")
    extract(loaded(folders / "base", adapter), tiny.items(4), out=out)
    refuse_clashes(out, {}, spec=base, adapter=str(adapter))
    with pytest.raises(SettingsDifferError, match="model"):
        refuse_clashes(out, {}, spec=base)
    change(adapter, lambda tensors: tensors[first(tensors)].mul_(2.0))
    with pytest.raises(SettingsDifferError, match="weights"):
        refuse_clashes(out, {}, spec=base, adapter=str(adapter))
    with pytest.raises(SettingsDifferError, match="weights"):
        extract(loaded(folders / "base", adapter), tiny.items(4), out=out)


def test_an_adapter_comes_from_the_hub(folders: Path, tmp_path: Path) -> None:
    (tmp_path / "hub" / "someone").mkdir(parents=True)
    for name in ("base", "adapter"):
        shutil.copytree(folders / name, tmp_path / "hub" / "someone" / name)
    configuration = tmp_path / "hub" / "someone" / "adapter" / "adapter_config.json"
    content = json.loads(configuration.read_text())
    configuration.write_text(json.dumps({**content, "base_model_name_or_path": "someone/else"}))
    with (
        fake_hub(tmp_path / "hub") as endpoint,
        hub_used(endpoint, tmp_path / "home"),
        pytest.warns(UserWarning, match="trained on") as told,
    ):
        model = load_model("someone/base", adapter="someone/adapter", device="cpu")
    assert [str(warning.message) for warning in told] == [
        "someone/adapter: the adapter was trained on someone/else, it is put on someone/base"
    ]
    assert model.name == "someone/base+someone/adapter"
    local = loaded(folders / "base", tmp_path / "hub" / "someone" / "adapter")
    assert model.description["weights"] == local.description["weights"]
