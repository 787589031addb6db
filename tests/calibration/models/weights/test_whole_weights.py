"""Weights: every tensor of the network from the files, and every number a number."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import accelerate
import pytest
import torch
from safetensors.torch import load_file, save_file

from calibration import extract, load_model
from calibration.errors import ChangedFileError, NotFiniteError
from calibration.models.encoders.encoder import load_encoder
from calibration.models.local.transformers_model import LocalModel
from calibration.models.weights.whole_weights import file_tensors, network_tensors, refuse_not_finite
from tests import tiny
from tests.tiny_gguf import Tensors, write_gguf

DOWN = "model.layers.1.mlp.down_proj.weight"
Change = Callable[[dict[str, torch.Tensor]], object]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save(tmp_path_factory.mktemp("saved") / "tiny")


def change(folder: Path, how: Change) -> str:
    """Change the tensors of a checkpoint."""
    (file,) = folder.glob("*.safetensors")
    tensors = load_file(file)
    how(tensors)
    save_file(tensors, file, metadata={"format": "pt"})
    return str(folder)


def cut(tensors: dict[str, torch.Tensor]) -> None:
    tensors[DOWN] = tensors[DOWN][..., :40].contiguous()


def spoil(value: float, name: str = DOWN) -> Change:
    def how(tensors: dict[str, torch.Tensor]) -> None:
        tensors[name].view(-1)[5] = value

    return how


@pytest.mark.parametrize(
    ("how", "message"),
    [
        (lambda tensors: tensors.pop(DOWN), rf"; 1 missing \({DOWN}\)\. A copy or a conversion that is not whole\?"),
        (
            lambda tensors: tensors.update({"layers.own": tensors.pop(DOWN)}),
            rf"1 missing \({DOWN}\); 1 unknown to the network \(layers\.own\)\.",
        ),
        (
            lambda tensors: tensors.update({DOWN.replace(".1.", ".3."): tensors[DOWN].clone()}),
            r"; 1 unknown to the network \(model\.layers\.3\.mlp\.down_proj\.weight\)\.",
        ),
        (cut, rf"; 1 of another shape \({DOWN} \(in the file 32×40, in the network 32×64\)\)\."),
        (lambda tensors: [tensors.pop(name) for name in list(tensors)[:9]], r"9 missing \(.*, .* and 4 more\)\."),
    ],
)  # fmt: skip
def test_tensors_that_are_not_the_networks_are_refused(
    how: Change, message: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(
        ValueError, match=rf"model: its files must hold the tensors of the network .*{message}"
    ) as caught:
        load_model(change(folder, how), device="cpu")
    assert "\n" not in str(caught.value)
    assert "LOAD REPORT" not in capfd.readouterr().err


def test_a_shard_without_one_of_its_tensors_is_refused(tmp_path: Path) -> None:
    tiny.network().save_pretrained(tmp_path, max_shard_size="100KB")
    tiny.tokenizer().save_pretrained(tmp_path)
    shard = next(file for file in sorted(tmp_path.glob("model-*.safetensors")) if DOWN in load_file(file))
    tensors = load_file(shard)
    tensors.pop(DOWN)
    save_file(tensors, shard, metadata={"format": "pt"})
    with pytest.raises(ValueError, match=rf"1 missing \({DOWN}\)"):
        load_model(str(tmp_path), device="cpu")


def test_tied_weights_are_not_missing(tmp_path: Path) -> None:
    tiny.network(tie_word_embeddings=True).save_pretrained(tmp_path)
    tiny.tokenizer().save_pretrained(tmp_path)
    assert "lm_head.weight" not in load_file(tmp_path / "model.safetensors")
    model = load_model(str(tmp_path), device="cpu")
    assert isinstance(model, LocalModel)
    names = [name for name, _ in network_tensors(model.network)]
    assert len(names) == len(set(names))
    assert "lm_head.weight" not in names


def test_neither_of_two_tied_weights_is_missing(tmp_path: Path) -> None:
    tiny.network(tie_word_embeddings=True).save_pretrained(tmp_path)
    tiny.tokenizer().save_pretrained(tmp_path)
    with pytest.raises(ValueError, match=r"missing \(lm_head\.weight, model\.embed_tokens\.weight\)"):
        load_model(change(tmp_path, lambda tensors: tensors.pop("model.embed_tokens.weight")), device="cpu")


def test_extras_that_the_architecture_declares_are_counted(folder: Path) -> None:
    extras = {f"model.layers.{layer}.self_attn.rotary_emb.inv_freq": torch.ones(4) for layer in range(3)}
    spec = change(folder, lambda tensors: tensors.update(extras))
    with pytest.warns(
        UserWarning, match=r"model: 3 tensors in its files are left out, as its architecture declares \("
    ):
        load_model(spec, device="cpu")


@pytest.mark.parametrize("device", ["cpu", "map"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_weights_that_are_no_numbers_are_refused(value: float, device: str, folder: Path) -> None:
    message = (
        rf"model: its weights hold numbers that are not finite \({DOWN}, 1 of 2048\): a training that diverged, or"
    )
    with pytest.raises(ValueError, match=message):
        load_model(change(folder, spoil(value)), device=device)


def test_a_dtype_that_is_too_narrow_is_told(folder: Path) -> None:
    spec = change(folder, spoil(1e6))
    assert load_model(spec, device="cpu").description["dtype"] == "float32"
    with pytest.raises(ValueError, match="float16 ends at 65504, does a wider dtype hold them"):
        load_model(spec, device="cpu", dtype="float16")


def test_weights_on_disk_are_looked_at_too(tmp_path: Path) -> None:
    network = tiny.network()
    with torch.no_grad():
        network.get_parameter(DOWN)[3, :2] = float("nan")
    places = {"model.embed_tokens": "cpu", "model.layers.0": "cpu", "model.layers.1": "disk", "model.layers.2": "disk"}
    places |= {"model.norm": "cpu", "model.rotary_emb": "cpu", "lm_head": "cpu"}
    spread = accelerate.dispatch_model(network, places, main_device="cpu", offload_dir=str(tmp_path))
    assert len(list(network_tensors(spread))) == len(list(spread.parameters()))
    with pytest.raises(ValueError, match=rf"spread: its weights .* \({DOWN}, 2 of 2048\)"):
        refuse_not_finite("spread", lambda: network_tensors(spread))


def test_tensors_of_files_are_looked_at(folder: Path) -> None:
    files = list(folder.glob("*.safetensors"))
    refuse_not_finite("whole", lambda: file_tensors(files))
    change(folder, lambda tensors: [spoil(float("nan"), name)(tensors) for name in (DOWN, "model.norm.weight")])
    with pytest.raises(ValueError, match=r", 1 of \d+, and 1 other tensors\)"):
        refuse_not_finite("spoilt", lambda: file_tensors(files))


def test_what_is_written_to_the_files_later_changes_no_loaded_model(folder: Path, tmp_path: Path) -> None:
    loaded = load_model(str(folder), device="cpu")
    assert isinstance(loaded, LocalModel)
    before = loaded.next_token_logprobs(["Answer:"], [" A", " B"])
    tiny.network(seed=1).save_pretrained(tmp_path / "other")
    with (folder / "model.safetensors").open("r+b") as file:  # in place, as `cp` writes
        file.write((tmp_path / "other" / "model.safetensors").read_bytes())
    assert (loaded.next_token_logprobs(["Answer:"], [" A", " B"]) == before).all()
    assert load_model(str(folder), device="cpu").description["weights"] != loaded.description["weights"]


def test_files_that_change_while_they_are_loaded_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def overwritten(network: Any) -> Any:
        (folder / "generation_config.json").write_text("{}")
        return network_tensors(network)

    monkeypatch.setattr("calibration.models.checkpoints.checkpoint.network_tensors", overwritten)
    with pytest.raises(ChangedFileError, match=r"generation_config\.json: changed while the model was loaded; start"):
        load_model(str(folder), device="cpu")


def gguf(path: Path, how: Callable[[Tensors], object]) -> str:
    return str(write_gguf(path / "model.gguf", how))


@pytest.mark.parametrize(
    ("how", "message"),
    [
        (lambda tensors: tensors.pop("blk.0.ffn_up.weight"), r"1 missing \(model\.layers\.0\.mlp\.up_proj\.weight\)\."),
        (
            lambda tensors: tensors.update({"blk.0.own.weight": tensors.pop("blk.0.ffn_up.weight")}),
            r"1 missing \(model\.layers\.0\.mlp\.up_proj\.weight\)",
        ),
        (
            lambda tensors: tensors.update({"blk.1.ffn_up.weight": tensors["blk.0.ffn_up.weight"]}),
            r"1 unknown to the network \(blk\.1\.ffn_up\.weight\)",
        ),
        (
            lambda tensors: tensors.update({"rope_frequencies.weight": tensors["output_norm.weight"][:8]}),
            r"1 unknown to the network \(rope_frequencies\.weight\)",
        ),
        (
            lambda tensors: tensors.update({"blk.0.attn_q.bias": tensors["output_norm.weight"]}),
            r"1 unknown to the network \(blk\.0\.attn_q\.bias\)",
        ),
        (
            lambda tensors: tensors.update({"blk.0.ffn_up.weight": tensors["blk.0.attn_q.weight"]}),
            r"1 of another shape \(model\.layers\.0\.mlp\.up_proj\.weight \(in the file 32×32, in the network 64×32",
        ),
    ],
)  # fmt: skip
def test_tensors_of_gguf_files_that_are_not_the_networks(how: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        load_model(gguf(tmp_path, how), device="cpu")


def test_a_gguf_file_with_nan_is_refused(tmp_path: Path) -> None:
    def how(tensors: Tensors) -> None:
        tensors["blk.0.ffn_up.weight"][0, 0] = float("nan")

    with pytest.raises(ValueError, match=r"not finite \(model\.layers\.0\.mlp\.up_proj\.weight, 1 of 2048\)"):
        load_model(gguf(tmp_path, how), device="cpu")


def test_a_gguf_file_whose_output_is_the_embedding_is_whole(tmp_path: Path) -> None:
    assert load_model(gguf(tmp_path, lambda tensors: tensors.pop("output.weight")), device="cpu").description["weights"]


def test_an_encoder_may_lack_only_what_it_does_not_compute_with(tmp_path: Path) -> None:
    from tests.calibration.models.encoders.test_encoder import save

    save(tmp_path / "encoder")
    expected = load_encoder(str(tmp_path / "encoder")).encode(["the sun"])

    def without_pooler(tensors: dict[str, torch.Tensor]) -> None:
        for name in [name for name in tensors if name.startswith("pooler.")]:
            tensors.pop(name)

    change(tmp_path / "encoder", without_pooler)
    assert (load_encoder(str(tmp_path / "encoder")).encode(["the sun"]) == expected).all()
    with pytest.raises(ValueError, match=r"1 missing \(embeddings\.word_embeddings\.weight\)"):
        load_encoder(change(tmp_path / "encoder", lambda tensors: tensors.pop("embeddings.word_embeddings.weight")))


@pytest.fixture
def diverging() -> LocalModel:
    """A model in memory, whose logits are not finite behind one token."""
    model = tiny.model()
    token = model.tokenizer.encode("one three", add_special_tokens=False)[-1]
    weights: Any = model.network.get_input_embeddings().weight
    with torch.no_grad():
        weights[token] = float("inf")
    return model


def test_logits_that_are_not_finite_name_their_prompt(diverging: LocalModel) -> None:
    prompts = ["one two", "one three"]
    assert diverging.next_token_logprobs(prompts[:1], [" A"]).shape == (1, 1)
    for answers in (
        lambda: list(diverging.stream_logprobs(prompts, [" A", " B"])),
        lambda: list(diverging.stream_continuations(prompts, [[" A"], [" B"]])),
        lambda: list(diverging.generate(prompts, max_new_tokens=3)),
        lambda: list(diverging.generate(prompts, max_new_tokens=3, temperature=1.0, seeds=[1, 2])),
    ):
        with pytest.raises(NotFiniteError, match=r"the model's logits are not finite \(NaN or infinite\)") as caught:
            answers()
        assert caught.value.row == 1


def test_an_item_without_finite_logits_is_named(diverging: LocalModel, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="item history/0: the model's logits are not finite"):
        extract(diverging, tiny.items(1), out=tmp_path / "run")
    assert not list((tmp_path / "run" / "parts").glob("*.parquet"))
