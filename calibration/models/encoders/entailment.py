"""Entailment models: whether one text follows from another or is denied by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import (
    AutoModelForSequenceClassification,
)

from ...errors import NotFiniteError
from ..arguments import refuse_small_batch
from ..checkpoints.checkpoint import Checkpoint, load_checkpoint
from ..checkpoints.devices import device_named, refuse_unknown_dtype
from ..loading_options import DEFAULT_LOADING, Loading

LABELS = ("entailment", "neutral", "contradiction")


@dataclass(eq=False)
class EntailmentModel(Checkpoint):
    """A sequence classifier of pairs of texts; see `Checkpoint` for its other attributes.

    Attributes
    ----------
    columns : tuple of int
        Which of the network's outputs are `LABELS`.

    Raises
    ------
    ValueError
        For a network whose labels are not entailment, neutral and contradiction.
    """

    columns: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.columns = _columns(self.name, dict(self.network.config.id2label or {}))

    @property
    def context_window(self) -> int | None:
        """Number of tokens of a pair that the model reads; none without a limit."""
        window = getattr(self.network.config, "max_position_embeddings", None) or None
        for name, module in self.network.named_modules():
            # RoBERTa counts positions from behind that of its padding.
            if window and name.endswith("position_embeddings") and getattr(module, "padding_idx", None) is not None:
                window -= module.padding_idx + 1
        limits = [limit for limit in (window, self.tokenizer.model_max_length) if limit]
        return min(limits, default=None)

    def probabilities(
        self, premises: Sequence[str], hypotheses: Sequence[str], *, batch_size: int = 16
    ) -> NDArray[np.float64]:
        """Probability of entailment, neutral and contradiction for each pair.

        Parameters
        ----------
        premises, hypotheses : sequence of str
            Texts, of the same number.
        batch_size : int
            How many pairs go through the model at a time.

        Returns
        -------
        ndarray, shape (n_pairs, 3)
            In the order of `LABELS`; NaN for a pair longer than the context window, of which nothing is cut.
        """
        if len(premises) != len(hypotheses):
            raise ValueError(
                f"there must be one hypothesis a premise, got {len(premises)} premises, {len(hypotheses)} hypotheses"
            )
        refuse_small_batch(batch_size)
        values = np.full((len(premises), len(LABELS)), np.nan)
        if not len(values):
            return values
        lengths = [len(ids) for ids in self.tokenizer(list(premises), list(hypotheses), verbose=False)["input_ids"]]
        window = self.context_window
        # Pairs of one length together, so that little is filled up.
        rows = sorted((row for row, n in enumerate(lengths) if window is None or n <= window), key=lengths.__getitem__)
        for start in range(0, len(rows), batch_size):
            batch = rows[start : start + batch_size]
            pairs = self.tokenizer(
                [premises[row] for row in batch], [hypotheses[row] for row in batch], padding=True, return_tensors="pt"
            )
            with torch.inference_mode():
                logits = self.network(**pairs.to(self.network.device)).logits  # (batch, labels)
            if not logits.isfinite().all():
                row = batch[int((~logits.isfinite().all(dim=1)).nonzero()[0, 0])]
                raise NotFiniteError(row, str(logits.dtype).removeprefix("torch."))
            values[batch] = torch.softmax(logits[:, list(self.columns)].double(), dim=-1).cpu().numpy()
        return values


def load_entailment(spec: str, loading: Loading = DEFAULT_LOADING) -> EntailmentModel:
    """Load an entailment model: safetensors weights, no code of its own.

    Parameters
    ----------
    spec : str
        A hub name, or a folder in the same format.
    loading : Loading
        Number format, device and revision.

    Raises
    ------
    FileNotFoundError
        If a path leads nowhere.
    ConnectionError
        If the hub cannot be reached and the model is not in its cache.
    ValueError
        For an unknown dtype or device, a folder that holds no sequence classifier with safetensors weights, or
        labels other than entailment, neutral and contradiction.
    """
    refuse_unknown_dtype(loading.dtype)
    device_named(loading.device)  # one device: no map
    checkpoint = load_checkpoint(
        AutoModelForSequenceClassification, spec, replace(loading, trust_remote_code=False), what="entailment model",
        fault="not an entailment model that can be loaded",
    )  # fmt: skip
    return EntailmentModel(**vars(checkpoint))


def _columns(name: str, id2label: Mapping[Any, str]) -> tuple[int, ...]:
    columns = {str(label).strip().casefold(): int(column) for column, label in id2label.items()}
    if sorted(columns) != sorted(LABELS) or len(id2label) != len(LABELS):
        given = ", ".join(str(label) for label in id2label.values())
        raise ValueError(f"{name}: the labels of an entailment model must be {', '.join(LABELS)}; got {given}")
    return tuple(columns[label] for label in LABELS)
