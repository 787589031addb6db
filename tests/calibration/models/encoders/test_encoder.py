"""Encoders: pooled vectors, whatever stands beside a text in its batch, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from calibration.models.encoders.encoder import Encoder, load_encoder
from tests import tiny
from tests.fake_hub import COMMIT, fake_hub, hub_used

TEXTS = ["sun", "the sun is white", "", "white sun the sun is white " * 30, "the"]


def save(folder: Path) -> None:
    """A BERT with random weights and a window of 32 tokens."""
    words = Tokenizer(
        models.WordLevel(
            {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "the": 4, "sun": 5, "is": 6, "white": 7}, unk_token="[UNK]"
        )
    )
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(tokenizer_object=words, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=8, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=32, initializer_range=0.5,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("encoder") / "tiny"
    save(path)
    return path


@pytest.fixture(scope="module")
def encoder(folder: Path) -> Encoder:
    return load_encoder(str(folder))


def test_a_vector_is_the_mean_of_the_hidden_states_brought_to_length_one(folder: Path, encoder: Encoder) -> None:
    network = transformers.AutoModel.from_pretrained(folder).train(mode=False)
    ids = torch.tensor([[2, 4, 5, 6, 7, 3]])  # [CLS] the sun is white [SEP]
    with torch.no_grad():
        mean = network(ids).last_hidden_state[0].numpy().mean(axis=0)
    np.testing.assert_allclose(encoder.encode([TEXTS[1]])[0], mean / np.linalg.norm(mean), atol=1e-6)


def test_what_stands_beside_a_text_does_not_change_its_vector(encoder: Encoder) -> None:
    together = encoder.encode(TEXTS)
    assert together.dtype == np.float32
    assert together.shape == (5, 16)
    np.testing.assert_allclose(together, np.concatenate([encoder.encode([text]) for text in TEXTS]), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(encoder.encode(TEXTS * 40)[-5:], together, atol=1e-6)  # several batches


def test_no_text_has_no_vector(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, 16)


def test_what_is_no_encoder_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"a model's folder must hold config\.json"):
        load_encoder(str(tmp_path / "empty"))
    with pytest.raises(FileNotFoundError, match="neither a folder nor a hub name"):
        load_encoder("/nowhere/at/all")
    transformers.T5Model(
        transformers.T5Config(vocab_size=8, d_model=8, d_kv=4, d_ff=8, num_layers=1, num_heads=2)
    ).save_pretrained(tmp_path / "t5")
    tiny.tokenizer().save_pretrained(tmp_path / "t5")
    with pytest.raises(ValueError, match="must be an encoder alone, got t5"):
        load_encoder(str(tmp_path / "t5"))
    pickled = tmp_path / "pickled"
    pickled.mkdir()
    for file in folder.glob("*.json"):
        (pickled / file.name).write_bytes(file.read_bytes())
    torch.save({}, pickled / "pytorch_model.bin")
    with pytest.raises(ValueError, match="not a sentence encoder that can be loaded"):
        load_encoder(str(pickled))


def test_an_encoder_comes_from_the_hub_with_its_commit(tmp_path: Path) -> None:
    save(tmp_path / "hub" / "someone" / "tiny")
    with fake_hub(tmp_path / "hub") as endpoint, hub_used(endpoint, tmp_path / "home"):
        encoder = load_encoder("someone/tiny")
    assert encoder.revision == COMMIT
    assert encoder.encode(["the sun"]).shape == (1, 16)
