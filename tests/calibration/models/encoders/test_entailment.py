"""Entailment models, tiny ones with random weights: labels found by name, pairs alone as in a batch, refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from calibration.models.encoders.entailment import LABELS, EntailmentModel, load_entailment
from calibration.models.loading_options import Loading

from .... import tiny

WORDS = ["<pad>", "<s>", "</s>", "<unk>", "sun", "moon", "is", "white", "yellow", "big", "not", "the"]
PREMISES = ["the sun is white", "the moon is big", "sun", "the moon is not yellow not big not white"]
HYPOTHESES = ["the sun is big", "the moon is not big and it is not white", "the sun", "moon"]


def tokenizer() -> PreTrainedTokenizerFast:
    words = Tokenizer(models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    words.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    return PreTrainedTokenizerFast(tokenizer_object=words, pad_token="<pad>", unk_token="<unk>")


def network(kind: str = "Bert", labels: tuple[str, ...] = LABELS, **changes: Any) -> Any:
    sizes = {
        "vocab_size": len(WORDS), "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2,
        "num_attention_heads": 2, "max_position_embeddings": 32, "pad_token_id": 0, "initializer_range": 0.5,
        "id2label": dict(enumerate(labels)), "label2id": {label: place for place, label in enumerate(labels)},
    }  # fmt: skip
    config = getattr(transformers, f"{kind}Config")(**{**sizes, **changes})
    torch.manual_seed(0)
    return getattr(transformers, f"{kind}ForSequenceClassification")(config).train(mode=False)


def folder(path: Path, kind: str = "Bert", labels: tuple[str, ...] = LABELS, **changes: Any) -> str:
    network(kind, labels, **changes).save_pretrained(path)
    tokenizer().save_pretrained(path)
    return str(path)


@pytest.mark.parametrize("kind", ["Bert", "Roberta", "DistilBert"])
def test_pairs_alone_are_as_in_a_batch_and_as_the_network_itself_has_them(tmp_path: Path, kind: str) -> None:
    changes: dict[str, Any] = {"dim": 16, "n_heads": 2, "n_layers": 2, "hidden_dim": 32} if kind == "DistilBert" else {}
    model = load_entailment(folder(tmp_path, kind, **changes), Loading(dtype="float32", device="cpu"))
    together = model.probabilities(PREMISES, HYPOTHESES)
    assert together.shape == (4, 3)
    np.testing.assert_allclose(together.sum(axis=1), 1)
    assert together.std(axis=0).min() > 1e-3
    np.testing.assert_allclose(model.probabilities(PREMISES, HYPOTHESES, batch_size=2), together, atol=1e-6)
    for row in range(4):
        alone = model.probabilities(PREMISES[row : row + 1], HYPOTHESES[row : row + 1])[0]
        np.testing.assert_allclose(alone, together[row], atol=1e-6)
        with torch.inference_mode():
            logits = model.network(**tokenizer()(PREMISES[row], HYPOTHESES[row], return_tensors="pt")).logits[0]
        np.testing.assert_allclose(torch.softmax(logits, -1).numpy(), together[row], atol=1e-6)


def test_labels_are_found_by_their_names() -> None:
    plain = EntailmentModel("plain", "", network(), tokenizer()).probabilities(PREMISES, HYPOTHESES)
    turned = EntailmentModel("turned", "", network(labels=("CONTRADICTION", "ENTAILMENT", "Neutral")), tokenizer())
    assert turned.columns == (1, 2, 0)
    np.testing.assert_allclose(turned.probabilities(PREMISES, HYPOTHESES), plain[:, [1, 2, 0]])


def test_a_pair_that_is_too_long_has_no_probability() -> None:
    long = "sun " * 40
    for kind, window in (("Bert", 32), ("Roberta", 31)):
        model = EntailmentModel(kind, "", network(kind), tokenizer())
        assert model.context_window == window
        values = model.probabilities(["sun", long, "sun " * (window - 4)], ["moon"] * 3)
        assert np.isnan(values).all(axis=1).tolist() == [False, True, False]
        assert np.isnan(model.probabilities(["sun " * (window - 3)], ["moon"])).all()


def test_nothing_to_read() -> None:
    assert EntailmentModel("m", "", network(), tokenizer()).probabilities([], []).shape == (0, 3)


def test_refusals(tmp_path: Path) -> None:
    for number, labels in enumerate([("LABEL_0", "LABEL_1", "LABEL_2"), ("entailment", "not_entailment")]):
        with pytest.raises(ValueError, match=f"must be entailment, neutral, contradiction; got {', '.join(labels)}"):
            load_entailment(folder(tmp_path / str(number), labels=labels), Loading(device="cpu"))
    language_model = tmp_path / "lm"
    made = tiny.model()
    made.network.config.id2label = dict(enumerate(LABELS))
    made.network.save_pretrained(language_model)
    made.tokenizer.save_pretrained(language_model)
    with pytest.raises(ValueError, match=r"1 missing \(score\.weight\); 1 unknown to the network"):
        load_entailment(str(language_model), Loading(device="cpu"))
    pickled = tmp_path / "pickled"
    folder(pickled)
    (pickled / "model.safetensors").unlink()
    torch.save(network().state_dict(), pickled / "pytorch_model.bin")
    with pytest.raises(ValueError, match=r"not an entailment model that can be loaded: .*safetensors"):
        load_entailment(str(pickled), Loading(device="cpu"))
    with pytest.raises(ValueError, match=r"a model's folder must hold config\.json"):
        load_entailment(str(tmp_path), Loading(device="cpu"))
    with pytest.raises(FileNotFoundError, match="neither a folder nor a hub name"):
        load_entailment("/no/such/folder")
    with pytest.raises(ValueError, match=r"dtype must be auto, .* got 'int3'"):
        load_entailment(str(tmp_path), Loading(dtype="int3"))
    model = EntailmentModel("m", "", network(), tokenizer())
    with pytest.raises(ValueError, match="one hypothesis a premise, got 2 premises, 1 hypotheses"):
        model.probabilities(["sun", "moon"], ["sun"])
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        model.probabilities(["sun"], ["sun"], batch_size=0)
