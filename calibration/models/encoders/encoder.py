"""Encoders: sentences to vectors whose cosine tells how alike they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModel

from ..checkpoints.checkpoint import Checkpoint, load_checkpoint
from ..loading_options import Loading

_BATCH = 64
# BERT's last layer for whole texts, which the mean of the hidden states does not go through.
_UNUSED = r"pooler\."


class Encoder(Checkpoint):
    """A network that gives a vector for a text; see `Checkpoint` for its attributes."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of texts: last hidden states, averaged over tokens, of length 1.

        Parameters
        ----------
        texts : sequence of str
            What lies beyond the network's window is left out.

        Returns
        -------
        numpy.ndarray, shape (n, n_dimensions), float32
            Their inner products are cosines. A text without a token has the vector 0.
        """
        vectors = np.zeros((len(texts), self.network.config.hidden_size), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        for first in range(0, len(texts), _BATCH):
            rows = by_length[first : first + _BATCH]
            vectors[rows] = self._pooled([texts[row] for row in rows])
        return vectors

    def _pooled(self, texts: list[str]) -> NDArray[np.float32]:
        batch = self.tokenizer(
            texts, padding=True, truncation=True, max_length=self._window, return_tensors="pt",
            return_token_type_ids=False,
        )  # fmt: skip
        if batch["input_ids"].shape[1] == 0:
            return np.zeros((len(texts), self.network.config.hidden_size), dtype=np.float32)
        with torch.inference_mode():
            hidden = self.network(**batch.to(self.network.device)).last_hidden_state  # (batch, length, hidden)
        mask = batch["attention_mask"][:, :, None].to(hidden.dtype)
        mean = (hidden * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1)
        vectors: NDArray[np.float32] = torch.nn.functional.normalize(mean, dim=1).cpu().numpy()
        return vectors

    @property
    def _window(self) -> int:
        # RoBERTa's and MPNet's tables of positions begin with two that no token takes; their tokenizers know it.
        positions = getattr(self.network.config, "max_position_embeddings", self.tokenizer.model_max_length)
        return int(min(positions, self.tokenizer.model_max_length))


def load_encoder(spec: str) -> Encoder:
    """Load a sentence encoder (BERT, MPNet and the like) on the processor, in float32.

    Parameters
    ----------
    spec : str
        A folder with ``config.json``, tokenizer and safetensors, or a name on the hub (``owner/name``). Code that
        comes with a model does not run.

    Returns
    -------
    Encoder
        With mean pooling over the tokens, as most sentence encoders are trained.

    Raises
    ------
    FileNotFoundError
        Where there is no such folder and the text is no hub name.
    ConnectionError
        Where the hub does not give it.
    ValueError
        Where what is there is no encoder.

    References
    ----------
    Reimers and Gurevych (2019), arXiv:1908.10084 (mean pooling, cosine).

    Examples
    --------
    >>> encoder = load_encoder("folder/all-MiniLM-L6-v2")  # doctest: +SKIP
    >>> encoder.encode(["It is white.", "It is yellow."]).shape  # doctest: +SKIP
    (2, 384)
    """
    checkpoint = load_checkpoint(
        AutoModel, spec, Loading(dtype="float32", device="cpu"), what="encoder",
        fault="not a sentence encoder that can be loaded", unused=_UNUSED,
    )  # fmt: skip
    config = checkpoint.network.config
    if config.is_encoder_decoder:
        raise ValueError(f"{spec}: a sentence encoder must be an encoder alone, got {config.model_type}")
    return Encoder(**vars(checkpoint))
