"""Files that a model computes with; `weights_hash` is their identity."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import ChangedFileError
from .file_hashes import FileState

CONFIG = "config.json"
ADAPTER_CONFIG = "adapter_config.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"
# What transformers reads beside the weights: how the network is built, how it writes, its tokenizer and chat templates.
_CONFIGURATION = ("config*.json", "generation_config.json", "quantize_config.json")
_TOKENIZER = (
    "tokenizer*.json", "special_tokens_map.json", "added_tokens.json", "normalizer.json", "vocab*", "merges.txt",
    "*.model", "tokenizer.model*", "*.tiktoken", "*.bpe", "tekken.json", "chat_template.*",
    "additional_chat_templates/*.jinja",
)  # fmt: skip
_CODE = ("*.py", "custom_generate/*.py")
# How torch's distributed checkpoints name theirs.
_DISTRIBUTED = ("shard-*-model-*-of-*.safetensors",)


@dataclass(frozen=True)
class ModelFiles:
    """Files of one model, by name.

    Attributes
    ----------
    folder : Path
        Where they lie: a folder, or a snapshot in the hub's cache.
    names : tuple of str
        Paths inside it, sorted.
    anonymous : str
        The one whose name says nothing: a GGUF file can be renamed.
    """

    folder: Path
    names: tuple[str, ...]
    anonymous: str = ""

    @classmethod
    def of_folder(cls, folder: Path, *, code: bool = False, others: Sequence[str] = ()) -> ModelFiles:
        """Files of a folder as `save_pretrained` writes it.

        Parameters
        ----------
        folder : Path
            It holds ``config.json``.
        code : bool
            Whether code that comes with the model runs.
        others : sequence of str
            Names of other files that are read if they are there.
        """
        patterns = (
            *_CONFIGURATION,
            *_TOKENIZER,
            ADAPTER_CONFIG,
            ADAPTER_WEIGHTS,
            *_DISTRIBUTED,
            *(_CODE if code else ()),
        )
        return cls(folder, _present(folder, [*_matches(folder, patterns), *weight_files(folder), *others]))

    @classmethod
    def of_adapter(cls, folder: Path) -> ModelFiles:
        """An adapter's configuration and weights, and the tokenizer that it was saved with."""
        tokenizer = _matches(folder, _TOKENIZER) if (folder / "tokenizer_config.json").is_file() else []
        return cls(folder, _present(folder, [ADAPTER_CONFIG, ADAPTER_WEIGHTS, *tokenizer]))

    @classmethod
    def of_gguf(cls, file: Path) -> ModelFiles:
        """A GGUF file, and the tokenizer's files beside it.

        transformers takes these instead of what the file holds.
        """
        return cls(file.parent, _present(file.parent, [file.name, *_matches(file.parent, _TOKENIZER)]), file.name)

    @property
    def states(self) -> tuple[FileState, ...]:
        """The present state of each file."""
        return tuple(FileState.of(self.folder / name) for name in self.names)

    @property
    def safetensors(self) -> list[Path]:
        """Files that hold tensors, but for an adapter's."""
        return [
            self.folder / name for name in self.names if name.endswith(".safetensors") and name != ADAPTER_WEIGHTS
        ]  # fmt: skip


def refuse_changes(before: Sequence[FileState], after: Sequence[FileState]) -> None:
    """Refuse files that were written to between two looks at them.

    Raises
    ------
    ChangedFileError
        Naming the first.
    """
    states = {state.path: state for state in after}
    for state in before:
        if states.get(state.path) != state:
            raise ChangedFileError(f"{state.path}: changed while the model was loaded; start again when it is whole")


def weight_files(folder: Path) -> list[str]:
    """Names of a folder's safetensors files, with the index of shards.

    Examples
    --------
    >>> import tempfile
    >>> weight_files(Path(tempfile.mkdtemp()))
    ['model.safetensors']
    """
    named = read_object(folder / CONFIG).get("transformers_weights")
    if isinstance(named, str):
        first = named
    elif (folder / "model.safetensors").is_file() or not (folder / "model.safetensors.index.json").is_file():
        first = "model.safetensors"
    else:
        first = "model.safetensors.index.json"
    return [first, *(index_shards(folder / first) if first.endswith(".index.json") else ())]


def index_shards(index: Path) -> list[str]:
    """Names of the files that an index of shards lists, sorted."""
    files = read_object(index).get("weight_map")
    return sorted({name for name in files.values() if isinstance(name, str)}) if isinstance(files, dict) else []


def read_object(file: Path) -> dict[str, Any]:
    """The object in a JSON file; an empty one if there is none."""
    try:
        content = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _matches(folder: Path, patterns: Sequence[str]) -> list[str]:
    return [path.relative_to(folder).as_posix() for pattern in patterns for path in folder.glob(pattern)]


def _present(folder: Path, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if (folder / name).is_file()}))
