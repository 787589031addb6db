"""What the check computes with: the parcel, and models with random weights of known shapes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, PreTrainedTokenizerBase

from calibration.models.loading import load_model
from calibration.models.local.transformers_model import LocalModel
from calibration.models.protocol import Model

SLICE, FILE = "slice", "parcel.json.gz"
# The demo's last stage, as it lies in the tree.
DEMO = Path(__file__).parents[2] / "veracal" / "demo" / "rl"
LETTERS = [" A", " B", " C", " D"]
# Prompts of which the parcel holds the processor's letters, and of which also its greedy answers.
N_COMPARED, N_GENERATED = 200, 32
NEW_TOKENS = 16


@dataclass(frozen=True)
class Subject:
    """Prompts with one beginning: the solved examples, and what follows them."""

    solved: str
    questions: list[str]


@dataclass(frozen=True)
class Answers:
    """What a processor computed: letters (n_prompts, 4) of the first prompts, and greedy answers to the first ones."""

    letters: list[list[float]]
    texts: list[str] = field(default_factory=list)
    logprobs: list[list[float]] = field(default_factory=list)


@dataclass(frozen=True)
class Parcel:
    """Prompts, and a processor's answers to them.

    Attributes
    ----------
    source : str
        Where the prompts come from.
    machine : str
        The processor that answered.
    subjects : list of Subject
        Five-shot prompts for the slice and the models with random weights, the shortest beginnings first.
    demo : list of str
        Zero-shot prompts for the demo's stage.
    answers : dict
        By model and type, such as ``slice float32``.
    """

    source: str
    machine: str
    subjects: list[Subject]
    demo: list[str]
    answers: dict[str, Answers] = field(default_factory=dict)

    def prompts(self, count: int, *, n_subjects: int | None = None) -> list[str]:
        """So many prompts, evenly from the first subjects (all if omitted), those of a subject side by side."""
        subjects = self.subjects[:n_subjects]
        taken = [0] * len(subjects)
        for _ in range(count):
            left = [index for index, subject in enumerate(subjects) if taken[index] < len(subject.questions)]
            if not left:
                break
            taken[min(left, key=taken.__getitem__)] += 1
        return [
            subject.solved + question
            for number, subject in zip(taken, subjects, strict=True)
            for question in subject.questions[:number]
        ]


def read_parcel(folder: Path) -> Parcel:
    """Read the parcel.

    Raises
    ------
    FileNotFoundError
        If it was not made, or not carried along.
    """
    file = folder / FILE
    if not file.is_file():
        raise FileNotFoundError(f"{file}: no parcel here; `make gpu-parcel` makes it where the project is installed")
    content = json.loads(gzip.decompress(file.read_bytes()))
    return Parcel(
        source=content["source"],
        machine=content["machine"],
        subjects=[Subject(**subject) for subject in content["subjects"]],
        demo=content["demo"],
        answers={name: Answers(**answers) for name, answers in content["answers"].items()},
    )


def local_model(weights: Path, *, dtype: str, device: str) -> LocalModel:
    """A folder's model in this process."""
    model = load_model(str(weights), dtype=dtype, device=device)
    if not isinstance(model, LocalModel):
        raise TypeError(f"{weights}: must be a model in this process, got {type(model).__name__}")
    return model


def computed_answers(model: Model, prompts: Sequence[str], *, generating: bool) -> Answers:
    """Letters behind the first prompts, and greedy answers to the first of them."""
    letters = model.next_token_logprobs(prompts[:N_COMPARED], LETTERS)
    if not generating:
        return Answers(letters.tolist())
    texts = generated(model, prompts[:N_GENERATED])
    return Answers(letters.tolist(), [text for text, _ in texts], [list(logprobs) for _, logprobs in texts])


def generated(model: Model, prompts: Sequence[str]) -> list[tuple[str, tuple[float, ...]]]:
    """Greedy answers: texts, and the log-probabilities of their tokens."""
    answers: dict[int, tuple[str, tuple[float, ...]]] = {}
    for rows, batch in model.generate(prompts, max_new_tokens=NEW_TOKENS):
        answers |= {row: (answer.text, answer.logprobs) for row, answer in zip(rows, batch, strict=True)}
    return [answers[row] for row in range(len(prompts))]


# Architectures as their makers published them; the largest of Gemma is cut to as many layers as make 8 billion weights.
_LLAMA: dict[str, Any] = {"vocab_size": 128256, "head_dim": 64, "num_attention_heads": 32, "num_key_value_heads": 8}
_QWEN: dict[str, Any] = {"vocab_size": 151936, "head_dim": 128, "num_key_value_heads": 8}
_GEMMA: dict[str, Any] = {"vocab_size": 262144, "head_dim": 256}
SHAPES: dict[str, tuple[str, dict[str, Any]]] = {
    "llama 1B": (
        "Llama",
        _LLAMA
        | {"hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16, "tie_word_embeddings": True},
    ),
    "qwen 1B": (
        "Qwen3",
        _QWEN
        | {
            "hidden_size": 2048, "intermediate_size": 6144, "num_hidden_layers": 28, "num_attention_heads": 16,
            "tie_word_embeddings": True,
        },
    ),
    "gemma 1B": (
        "Gemma3Text",
        _GEMMA
        | {
            "hidden_size": 1152, "intermediate_size": 6912, "num_hidden_layers": 26, "num_attention_heads": 4,
            "num_key_value_heads": 1, "sliding_window": 512,
        },
    ),
    "llama 8B": (
        "Llama",
        _LLAMA | {"hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "head_dim": 128},
    ),
    "qwen 8B": (
        "Qwen3",
        _QWEN
        | {"hidden_size": 4096, "intermediate_size": 12288, "num_hidden_layers": 36, "num_attention_heads": 32},
    ),
    "gemma 8B": (
        "Gemma3Text",
        _GEMMA
        | {
            "hidden_size": 3840, "intermediate_size": 15360, "num_hidden_layers": 30, "num_attention_heads": 16,
            "num_key_value_heads": 8, "sliding_window": 1024,
        },
    ),
}  # fmt: skip
# What a processor can do in seconds, at the same proportions.
_TINY = {
    "vocab_size": 8192, "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "head_dim": 16,
    "num_attention_heads": 4, "num_key_value_heads": 2,
}  # fmt: skip


def random_model(shape: str, tokenizer: PreTrainedTokenizerBase, *, dtype: str, device: str, tiny: bool) -> LocalModel:
    """A model of a shape with random weights, made on its device.

    Weights are drawn so that scores of attention and logits have a standard deviation of about one: with smaller ones
    attention would look at all tokens alike, and no fault of it would be seen.
    """
    import transformers

    name, sizes = SHAPES[shape]
    if tiny:
        sizes = sizes | _TINY | ({"sliding_window": 64} if "sliding_window" in sizes else {})
    config = getattr(transformers, f"{name}Config")(
        **sizes,
        max_position_embeddings=8192,
        initializer_range=sizes["hidden_size"] ** -0.5,
        **({"query_pre_attn_scalar": sizes["head_dim"]} if name == "Gemma3Text" else {}),
    )
    torch.manual_seed(0)
    with torch.device(device):
        network = AutoModelForCausalLM.from_config(config, dtype=getattr(torch, dtype))
    network.train(mode=False)
    return LocalModel(shape, "", network.to(device), tokenizer)
