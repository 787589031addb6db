"""Adapters of peft in memory: base and adapted model from the same weights, and active afterwards as before."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from transformers import PreTrainedModel

from calibration import extract, from_transformers
from calibration.errors import SettingsDifferError
from calibration.models.protocol import Model
from tests import tiny

from .states import state_of

peft: Any = pytest.importorskip("peft")

# Of transformers, which peft asks in an old way.
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated")
LETTERS = [" A", " B", " C", " D"]
PROMPTS = [f"{'The following are multiple choice questions. ' * 4}Question {n}: why? Answer:" for n in range(6)]


def adapted(network: PreTrainedModel, *, seed: int = 0, **options: Any) -> Any:
    """A network with a LoRA that changes its answers, in the middle of a training."""
    torch.manual_seed(seed)
    settings = {"target_modules": ["q_proj", "v_proj"], "r": 4, "lora_alpha": 64, "lora_dropout": 0.5}
    config = peft.LoraConfig(**{**settings, "init_lora_weights": False, **options})
    return peft.get_peft_model(network, config).train()


def borrowed(network: Any, **options: Any) -> Model:
    return from_transformers(network, tiny.tokenizer(), name="mine", **options)


def letters(network: Any, **options: Any) -> NDArray[np.float32]:
    return borrowed(network, **options).next_token_logprobs(PROMPTS, LETTERS)


def weights(network: Any, **options: Any) -> str:
    return borrowed(network, **options).description["weights"]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"modules_to_save": ["lm_head"]},
        {"use_dora": True},
        {"use_rslora": True},
        {"trainable_token_indices": [3, 4]},
        {"target_modules": "all-linear", "rank_pattern": {"up_proj": 2}},
    ],
)
def test_base_and_adapted_come_from_the_same_weights(options: dict[str, Any]) -> None:
    plain = tiny.network()
    model = adapted(copy.deepcopy(plain), **options)
    before = state_of(model, model.get_base_model())
    base, with_adapter = letters(model, adapter=False), letters(model)
    assert state_of(model, model.get_base_model()) == before
    assert np.array_equal(base, letters(plain))
    merged = letters(copy.deepcopy(model).merge_and_unload())
    assert with_adapter == pytest.approx(merged, abs=2e-4)
    assert abs(with_adapter - base).max() > 0.01


def test_texts_of_the_base_are_those_of_the_base() -> None:
    plain = tiny.network()
    model = adapted(copy.deepcopy(plain))
    before = state_of(model, model.get_base_model())
    texts = [
        list(borrowed(m, adapter=a).generate(PROMPTS, max_new_tokens=8)) for m, a in ((model, False), (plain, True))
    ]
    assert texts[0] == texts[1]
    assert state_of(model, model.get_base_model()) == before


def test_base_and_adapted_are_other_identities_and_the_base_is_that_of_the_plain_model() -> None:
    plain = tiny.network()
    model = adapted(copy.deepcopy(plain), modules_to_save=["lm_head"])
    base, with_adapter = weights(model, adapter=False), weights(model)
    assert base == weights(plain)
    assert with_adapter != base
    with torch.no_grad():
        next(tensor for name, tensor in model.named_parameters() if "lora_A" in name).mul_(2.0)
    assert weights(model, adapter=False) == base
    assert weights(model) not in (base, with_adapter)


def test_the_factor_of_an_adapter_is_part_of_its_identity() -> None:
    plain = tiny.network()
    assert weights(adapted(copy.deepcopy(plain), lora_alpha=8)) != weights(adapted(copy.deepcopy(plain), lora_alpha=64))


def test_a_saved_adapter_is_the_same_identity_when_it_is_loaded(tmp_path: Path) -> None:
    plain = tiny.network()
    model = adapted(copy.deepcopy(plain))
    model.save_pretrained(tmp_path)
    again = peft.PeftModel.from_pretrained(copy.deepcopy(plain), tmp_path)
    assert weights(again) == weights(model)
    assert np.array_equal(letters(again), letters(model))


def test_adapters_are_chosen_by_name() -> None:
    model = adapted(tiny.network())
    alone = letters(model)
    model.add_adapter("other", peft.LoraConfig(target_modules=["k_proj", "v_proj"], r=2, init_lora_weights=False))
    model.set_adapter("other")
    model.base_model.set_adapter("other", inference_mode=True)
    before = state_of(model, model.get_base_model())
    assert np.array_equal(letters(model, adapter="default"), alone)
    assert np.array_equal(letters(model, adapter="other"), letters(model))
    assert not np.array_equal(letters(model), alone)
    assert len({weights(model, adapter=adapter) for adapter in (False, "default", "other")}) == 3
    assert weights(model) == weights(model, adapter="other")
    assert state_of(model, model.get_base_model()) == before


def test_adapters_that_the_caller_switched_off_stay_off() -> None:
    plain = tiny.network()
    model = adapted(copy.deepcopy(plain))
    with_adapter = letters(model)
    model.base_model.disable_adapter_layers()
    before = state_of(model, model.get_base_model())
    assert np.array_equal(letters(model), letters(plain))
    assert weights(model) == weights(plain)
    assert np.array_equal(letters(model, adapter="default"), with_adapter)
    assert state_of(model, model.get_base_model()) == before


def test_where_the_caller_disables_the_adapter_the_base_answers() -> None:
    plain = tiny.network()
    model = adapted(copy.deepcopy(plain))
    asked = borrowed(model)
    with model.disable_adapter():
        before = state_of(model, model.get_base_model())
        assert np.array_equal(asked.next_token_logprobs(PROMPTS, LETTERS), letters(plain))
        assert state_of(model, model.get_base_model()) == before
    assert abs(asked.next_token_logprobs(PROMPTS, LETTERS) - letters(plain)).max() > 0.01


def test_an_interrupt_leaves_the_adapter_active() -> None:
    model = adapted(tiny.network())

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    model.get_base_model().model.layers[1].register_forward_hook(interrupt)
    before = state_of(model, model.get_base_model())
    with pytest.raises(KeyboardInterrupt):
        letters(model, adapter=False)
    assert state_of(model, model.get_base_model()) == before


def test_adapters_that_transformers_added_are_left_out_too() -> None:
    plain = tiny.network()
    network: Any = copy.deepcopy(plain)
    network.add_adapter(peft.LoraConfig(target_modules=["q_proj"], r=2, init_lora_weights=False))
    before = state_of(network, network)
    assert np.array_equal(letters(network, adapter=False), letters(plain))
    assert abs(letters(network) - letters(plain)).max() > 0.01
    assert weights(network, adapter=False) == weights(plain)
    assert state_of(network, network) == before


def test_the_pair_goes_into_two_folders(tmp_path: Path) -> None:
    model = adapted(tiny.network())
    base, post = borrowed(model, adapter=False), borrowed(model)
    extract(base, tiny.items(4), out=tmp_path / "base")
    extract(post, tiny.items(4), out=tmp_path / "post")
    with pytest.raises(SettingsDifferError, match="weights"):
        extract(post, tiny.items(4), out=tmp_path / "base")


def merged() -> Any:
    model = adapted(tiny.network())
    model.merge_adapter()
    return model


def prompted() -> Any:
    return peft.get_peft_model(tiny.network(), peft.PromptTuningConfig(num_virtual_tokens=4, task_type="CAUSAL_LM"))


@pytest.mark.parametrize(
    ("make", "adapter", "message"),
    [
        (tiny.network, False, "mine: adapter=False is for a model with adapters of peft, this one has none"),
        (lambda: adapted(tiny.network()), "defualt", "must be one of default, got 'defualt'.*default"),
        (merged, False, "the adapter 'default' is merged into the weights .* call unmerge_adapter"),
        (prompted, True, r"'default' \(PROMPT_TUNING\) works beside the layers"),
        (lambda: adapted(tiny.network(attention_bias=True), bias="all"), False, "biases of its own were trained"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_what_cannot_be_asked_is_refused(make: Any, adapter: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        borrowed(make(), adapter=adapter)


def test_a_choice_must_be_one() -> None:
    with pytest.raises(TypeError, match="adapter must be True, False or the name of an adapter, got None"):
        borrowed(tiny.network(), adapter=None)


@pytest.mark.filterwarnings("ignore")
def test_the_base_under_virtual_tokens_can_be_asked() -> None:
    assert np.array_equal(letters(prompted(), adapter=False), letters(tiny.network()))


@pytest.mark.filterwarnings("ignore")
def test_a_merged_adapter_is_asked_as_it_is() -> None:
    assert letters(merged()) == pytest.approx(letters(adapted(tiny.network())), abs=2e-4)


def test_an_adapter_merged_later_is_not_taken_out() -> None:
    model = adapted(tiny.network())
    base = borrowed(model, adapter=False)
    model.merge_adapter()
    before = state_of(model, model.get_base_model())
    with pytest.raises(ValueError, match="call unmerge_adapter"):
        base.next_token_logprobs(PROMPTS, LETTERS)
    assert state_of(model, model.get_base_model()) == before
